"""Time stamps asked for and obtained."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "time_stamp",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", _INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("token_sha256", sa.Text(), nullable=True),
        sa.Column("token_size", sa.BigInteger(), nullable=True),
        sa.Column("at", _INSTANT, nullable=True),
        sa.Column("obtained_at", _INSTANT, nullable=True),
        sa.Column("tsa", sa.Text(), nullable=True),
        sa.Column("oddity", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="time_stamp_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="time_stamp_pkey"),
        sa.UniqueConstraint(
            "kind", "subject_id", "sha256", name="time_stamp_kind_subject_id_sha256_key"
        ),
    )
    op.create_index(
        "time_stamp_due_idx",
        "time_stamp",
        ["attempts", "next_attempt_at", "id"],
        unique=False,
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("time_stamp")
