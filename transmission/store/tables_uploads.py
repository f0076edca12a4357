"""What programs send in several requests, and what they were answered under a key."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from transmission.store.tables import INSTANT, metadata

# A file that comes in pieces; ``sha256`` is that of the document that it became once it served.
upload = Table(
    "upload",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), nullable=False),
    Column("token_id", BigInteger, ForeignKey("token.id"), nullable=False),
    Column("nom", Text, nullable=False),
    Column("described", Text, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False, server_default="0"),
    Column("created_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("sha256", Text),
    Index("upload_token_idx", "token_id"),
    Index("upload_expiry_idx", "expires_at"),
)

# Its bytes until then, each row from where the one before ends.
upload_block = Table(
    "upload_block",
    metadata,
    Column("upload_id", BigInteger, ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True),
    Column("first_byte", BigInteger, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)

# A request that acts, by the key that its program gave; ``status`` is None until it is answered.
api_call = Table(
    "api_call",
    metadata,
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    # SHA-256 of what was asked.
    Column("asked", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("status", SmallInteger),
    Column("answer", JSONB),
    Index("api_call_at_idx", "at"),
)
