"""Who read which file; what was scanned."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scan",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("verdict IN ('sain', 'infecte')", name="scan_verdict_check"),
        sa.PrimaryKeyConstraint("sha256", "base", name="scan_pkey"),
    )
    op.create_table(
        "file_access",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="file_access_collectivite_id_fkey"
        ),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name="file_access_acte_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="file_access_pkey"),
    )
    op.create_index("file_access_acte_idx", "file_access", ["acte_id", "id"], unique=False)
    op.execute(
        "CREATE TRIGGER file_access_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON file_access "
        "FOR EACH STATEMENT EXECUTE FUNCTION is_append_only()"
    )


def downgrade() -> None:
    op.drop_table("file_access")
    op.drop_table("scan")
