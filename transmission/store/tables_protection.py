"""What was looked at by an antivirus, and who read which file."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Table, Text

from transmission.store.tables import INSTANT, metadata

# A look at a content, by what the antivirus knew then: the same base says the same again.
scan = Table(
    "scan",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("base", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    CheckConstraint("verdict IN ('sain', 'infecte')", name="scan_verdict_check"),
)

# Only ever added to.
file_access = Table(
    "file_access",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), nullable=False),
    Column("acte_id", BigInteger, ForeignKey("acte.id")),
    Column("channel", Text, nullable=False),
    Column("reader", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("sha256", Text),
    Column("at", INSTANT, nullable=False),
    Index("file_access_acte_idx", "acte_id", "id"),
)
