"""Where the round that rereads everything stands, and the differences that it found.

Nothing here refers to a row of the register: what is told may be about a row that is gone.
"""

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from transmission.store.tables import INSTANT, metadata

# Rounds in order; the last one may be under way. ``place`` is the last number reread of the stage.
audit_round = Table(
    "audit_round",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("started_at", INSTANT, nullable=False),
    Column("finished_at", INSTANT),
    Column("stage", Text, nullable=False),
    Column("place", BigInteger, nullable=False, server_default="0"),
    # Acts there were to reread when it began, and acts reread.
    Column("actes", BigInteger, nullable=False),
    Column("reread", BigInteger, nullable=False, server_default="0"),
    Column("unread", BigInteger, nullable=False, server_default="0"),
    Column("last_unread", Text),
    # Until then one process alone carries it on.
    Column("held_until", INSTANT),
)

audit_difference = Table(
    "audit_difference",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("stage", Text, nullable=False),
    Column("subject", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("place", JSONB, nullable=False),
    # Of the kind and the place: the same difference is one row for as long as it lasts.
    Column("key", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("found", Text, nullable=False),
    Column("first_seen_at", INSTANT, nullable=False),
    Column("last_seen_at", INSTANT, nullable=False),
    Column("closed_at", INSTANT),
    Index(
        "audit_difference_open_key",
        "key",
        unique=True,
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index(
        "audit_difference_open_idx",
        "stage",
        "subject",
        postgresql_where=text("closed_at IS NULL"),
    ),
)
