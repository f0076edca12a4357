"""The chain of the journal and its anchors (docs/evidence.md): nothing here is ever changed.

But for ``chain``, a single row: up to which number of the journal everything is linked.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
)

from transmission.store.tables import INSTANT, metadata

chain = Table(
    "chain",
    metadata,
    Column("single", Boolean, primary_key=True, server_default="true"),
    Column("linked_to", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("single", name="chain_single_check"),
)

journal_link = Table(
    "journal_link",
    metadata,
    Column("id", BigInteger, ForeignKey("journal.id"), primary_key=True, autoincrement=False),
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("link", LargeBinary, nullable=False),
    UniqueConstraint("collectivite_id", "place"),
    CheckConstraint("place > 0 AND length(link) = 32", name="journal_link_check"),
)

anchor = Table(
    "anchor",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False, unique=True),
    Column("at", INSTANT, nullable=False),
    Column("header", LargeBinary, nullable=False),
)

anchor_part = Table(
    "anchor_part",
    metadata,
    Column("anchor", Integer, ForeignKey("anchor.number"), primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    UniqueConstraint("collectivite_id", "first"),
)
