"""What was found of the signatures that deposited PDFs bear."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from transmission.store.tables import INSTANT, metadata

signed_piece = Table(
    "signed_piece",
    metadata,
    Column("transmission_id", BigInteger, ForeignKey("transmission.id"), primary_key=True),
    Column("ordre", Integer, primary_key=True, autoincrement=False),
    Column("sha256", Text, nullable=False),
    Column("read_at", INSTANT, nullable=False),
    # The worst of the signatures, which the checks look for.
    Column("answer", Text, nullable=False),
    Column("found", JSONB, nullable=False),
)
