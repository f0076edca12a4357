"""What went to the public archives, and whose files the service no longer keeps."""

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

from transmission.store.tables import INSTANT, metadata

# ``package_sha256`` is None until the package is written to its end.
archive_transfer = Table(
    "archive_transfer",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), nullable=False),
    Column("identifier", Text, nullable=False, unique=True),
    Column("at", INSTANT, nullable=False),
    Column("author", Text, nullable=False),
    Column("package_sha256", Text),
    Column("package_size", BigInteger),
    Column("answered_at", INSTANT),
    Column("answered_by", Text),
    Column("reply_sha256", Text),
    Column("reply_size", BigInteger),
    Column("reply_code", Text),
    Column("accepted", Boolean),
    Index("archive_transfer_owner_idx", "collectivite_id", "id"),
)

archive_transfer_acte = Table(
    "archive_transfer_acte",
    metadata,
    Column("transfer_id", BigInteger, ForeignKey("archive_transfer.id"), primary_key=True),
    Column("acte_id", BigInteger, ForeignKey("acte.id"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("sha512", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Index("archive_transfer_acte_acte_idx", "acte_id"),
)

# An act whose files left; ``certificate_sha256`` is that of what says so.
disposal = Table(
    "disposal",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), nullable=False),
    Column("acte_id", BigInteger, ForeignKey("acte.id"), nullable=False, unique=True),
    Column("at", INSTANT, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("transfer_id", BigInteger, ForeignKey("archive_transfer.id")),
    Column("visa_sha256", Text),
    Column("visa_size", BigInteger),
    Column("certificate_sha256", Text, nullable=False),
    Column("certificate_size", BigInteger, nullable=False),
)

# A content to be removed: « waiting », where a newcomer of the same bytes takes it back by a
# trigger; « removing », from when nobody may rely on it; « removed ».
disposed_content = Table(
    "disposed_content",
    metadata,
    Column("disposal_id", BigInteger, ForeignKey("disposal.id"), primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("due_at", INSTANT, nullable=False),
    Column("removed_at", INSTANT),
    Index("disposed_content_sha256_idx", "sha256"),
    Index(
        "disposed_content_due_idx",
        "due_at",
        postgresql_where=text("state IN ('waiting', 'removing')"),
    ),
)
