"""Who may call: the tokens of programs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("scopes", ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bears_name", sa.Boolean(), server_default="true", nullable=False),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="token_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="token_pkey"),
        sa.UniqueConstraint("digest", name="token_digest_key"),
    )
    op.create_index(
        "token_name_key",
        "token",
        ["collectivite_id", "name"],
        unique=True,
        postgresql_where=sa.text("bears_name"),
    )
    op.create_index("token_owner_idx", "token", ["collectivite_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("token")
