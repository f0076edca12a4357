"""Time stamps asked for, and obtained. What was obtained is never replaced."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from transmission.store.tables import INSTANT, metadata

time_stamp = Table(
    "time_stamp",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id")),
    Column("sha256", Text, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # None once it is obtained.
    Column("next_attempt_at", INSTANT),
    Column("reason", Text),
    Column("token_sha256", Text),
    Column("token_size", BigInteger),
    Column("at", INSTANT),
    Column("obtained_at", INSTANT),
    Column("tsa", Text),
    Column("oddity", Text),
    UniqueConstraint("kind", "subject_id", "sha256"),
    Index(
        "time_stamp_due_idx",
        "attempts",
        "next_attempt_at",
        "id",
        postgresql_where=text("next_attempt_at IS NOT NULL"),
    ),
)
