"""Programs that asked to be told of events, and every attempt to tell them. Nothing is deleted.

What is told is in ``notice``; a secret is here under seal alone.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from transmission.store.tables import INSTANT, metadata

webhook = Table(
    "webhook",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    # Empty: all of them, those to come too.
    Column("types", ARRAY(Text), nullable=False),
    Column("state", Text, nullable=False),
    Column("state_since", INSTANT, nullable=False),
    Column("state_reason", Text),
    Column("secret", LargeBinary, nullable=False),
    Column("secret_since", INSTANT, nullable=False),
    Column("former_secret", LargeBinary),
    Column("overlap_until", INSTANT),
    # Number of its last event; last lines of both logs that it was told of.
    Column("sequence", BigInteger, nullable=False, server_default="0"),
    Column("journal_place", BigInteger, nullable=False),
    Column("finding_place", BigInteger, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("created_by", Text, nullable=False),
    # Until then one process alone calls it; until then nobody does.
    Column("held_until", INSTANT),
    Column("rests_until", INSTANT),
    Column("served_at", INSTANT),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", INSTANT),
    Column("last_success_at", INSTANT),
    Index(
        "webhook_name_key",
        "collectivite_id",
        "name",
        unique=True,
        postgresql_where=text("state <> 'ended'"),
    ),
    Index("webhook_owner_idx", "collectivite_id", "id"),
)

# One call: begun before the network is touched; without an end, its process died meanwhile.
notice_attempt = Table(
    "notice_attempt",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("notice_id", BigInteger, ForeignKey("notice.id"), nullable=False),
    Column("webhook_id", BigInteger, ForeignKey("webhook.id"), nullable=False),
    Column("started_at", INSTANT, nullable=False),
    Column("finished_at", INSTANT),
    Column("status", SmallInteger),
    Column("answer", Text),
    Column("failure", Text),
    Index("notice_attempt_notice_idx", "notice_id", "id"),
    Index("notice_attempt_webhook_idx", "webhook_id", "id"),
)

# Findings as they open and close, in order: what the journal is for acts. Written by a trigger, of
# the authorities which have a subscription, or whose people are told by e-mail.
finding_change = Table(
    "finding_change",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), nullable=False),
    Column("finding_id", BigInteger, ForeignKey("finding.id"), nullable=False),
    Column("opened", Boolean, nullable=False),
    Column("at", INSTANT, nullable=False),
    Index("finding_change_owner_idx", "collectivite_id", "id"),
)
