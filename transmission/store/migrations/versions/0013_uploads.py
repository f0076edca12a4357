"""Files that come in several requests, and what was answered under a key."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("nom", sa.Text(), nullable=False),
        sa.Column("described", sa.Text(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="upload_collectivite_id_fkey"
        ),
        sa.ForeignKeyConstraint(["token_id"], ["token.id"], name="upload_token_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="upload_pkey"),
    )
    op.create_index("upload_token_idx", "upload", ["token_id"], unique=False)
    op.create_index("upload_expiry_idx", "upload", ["expires_at"], unique=False)
    op.create_table(
        "upload_block",
        sa.Column("upload_id", sa.BigInteger(), nullable=False),
        sa.Column("first_byte", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name="upload_block_upload_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("upload_id", "first_byte", name="upload_block_pkey"),
    )
    # Mostly PDF files: compressing them again costs time and saves nothing.
    op.execute("ALTER TABLE upload_block ALTER COLUMN content SET STORAGE EXTERNAL")
    op.create_table(
        "api_call",
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("answer", JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="api_call_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("collectivite_id", "key", name="api_call_pkey"),
    )
    op.create_index("api_call_at_idx", "api_call", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("api_call")
    op.drop_table("upload_block")
    op.drop_table("upload")
