"""What went to the public archives, and whose files the service no longer keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)

# Whoever keeps again the bytes of a content that waits takes it back. One that is being removed, or
# was within the last hour, may have been put before it went: nothing may rely on it yet.
_RELY = """
CREATE FUNCTION rely_on_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE disposed_content SET state = 'kept'
    WHERE sha256 = NEW.sha256 AND state = 'waiting';
    IF EXISTS (
        SELECT FROM disposed_content WHERE sha256 = NEW.sha256
        AND (state = 'removing' OR removed_at > clock_timestamp() - interval '1 hour')
    ) THEN
        RAISE EXCEPTION 'content % is being disposed of', NEW.sha256 USING ERRCODE = '55006';
    END IF;
    RETURN NEW;
END $$
"""
_NAMING = ("piece", "answer_piece", "retour_piece", "retour", "published_copy")


def upgrade() -> None:
    _transfers()
    _disposals()
    op.execute(_RELY)
    for table in _NAMING:
        op.execute(
            f"CREATE TRIGGER {table}_relies BEFORE INSERT ON {table} "
            "FOR EACH ROW WHEN (NEW.sha256 IS NOT NULL) EXECUTE FUNCTION rely_on_content()"
        )


def _transfers() -> None:
    op.create_table(
        "archive_transfer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("package_sha256", sa.Text()),
        sa.Column("package_size", sa.BigInteger()),
        sa.Column("answered_at", _INSTANT),
        sa.Column("answered_by", sa.Text()),
        sa.Column("reply_sha256", sa.Text()),
        sa.Column("reply_size", sa.BigInteger()),
        sa.Column("reply_code", sa.Text()),
        sa.Column("accepted", sa.Boolean()),
        sa.ForeignKeyConstraint(
            ["collectivite_id"],
            ["collectivite.id"],
            name=op.f("archive_transfer_collectivite_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("archive_transfer_pkey")),
        sa.UniqueConstraint("identifier", name=op.f("archive_transfer_identifier_key")),
    )
    op.create_index("archive_transfer_owner_idx", "archive_transfer", ["collectivite_id", "id"])
    op.create_table(
        "archive_transfer_acte",
        sa.Column("transfer_id", sa.BigInteger(), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha512", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["archive_transfer.id"],
            name=op.f("archive_transfer_acte_transfer_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["acte_id"], ["acte.id"], name=op.f("archive_transfer_acte_acte_id_fkey")
        ),
        sa.PrimaryKeyConstraint("transfer_id", "acte_id", name=op.f("archive_transfer_acte_pkey")),
    )
    op.create_index("archive_transfer_acte_acte_idx", "archive_transfer_acte", ["acte_id"])


def _disposals() -> None:
    op.create_table(
        "disposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.BigInteger()),
        sa.Column("visa_sha256", sa.Text()),
        sa.Column("visa_size", sa.BigInteger()),
        sa.Column("certificate_sha256", sa.Text(), nullable=False),
        sa.Column("certificate_size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name=op.f("disposal_collectivite_id_fkey")
        ),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name=op.f("disposal_acte_id_fkey")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["archive_transfer.id"], name=op.f("disposal_transfer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("disposal_pkey")),
        sa.UniqueConstraint("acte_id", name=op.f("disposal_acte_id_key")),
    )
    op.create_table(
        "disposed_content",
        sa.Column("disposal_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("removed_at", _INSTANT),
        sa.ForeignKeyConstraint(
            ["disposal_id"], ["disposal.id"], name=op.f("disposed_content_disposal_id_fkey")
        ),
        sa.PrimaryKeyConstraint("disposal_id", "sha256", name=op.f("disposed_content_pkey")),
    )
    op.create_index("disposed_content_sha256_idx", "disposed_content", ["sha256"])
    op.create_index(
        "disposed_content_due_idx",
        "disposed_content",
        ["due_at"],
        postgresql_where=sa.text("state IN ('waiting', 'removing')"),
    )


def downgrade() -> None:
    for table in _NAMING:
        op.execute(f"DROP TRIGGER {table}_relies ON {table}")
    op.execute("DROP FUNCTION rely_on_content()")
    for table in ("disposed_content", "disposal", "archive_transfer_acte", "archive_transfer"):
        op.drop_table(table)
