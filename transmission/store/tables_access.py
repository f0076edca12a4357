"""Who may call: the tokens of programs. No secret is here, only its digest; no row is deleted."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from transmission.store.tables import INSTANT, metadata

token = Table(
    "token",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), nullable=False),
    Column("name", Text, nullable=False),
    # SHA-256 of the secret, in lower-case hexadecimal.
    Column("digest", Text, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", INSTANT),
    Column("revoked_at", INSTANT),
    Column("revoked_by", Text),
    Column("revoked_reason", Text),
    Column("last_used_at", INSTANT),
    # Until it is revoked or, once expired, another one takes its name.
    Column("bears_name", Boolean, nullable=False, server_default="true"),
    Index(
        "token_name_key",
        "collectivite_id",
        "name",
        unique=True,
        postgresql_where=text("bears_name"),
    ),
    Index("token_owner_idx", "collectivite_id", "id"),
)
