"""Who takes care of what waits for a person."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "work_item_owner",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("given_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_back_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="work_item_owner_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="work_item_owner_pkey"),
    )
    op.create_index(
        "work_item_owner_key",
        "work_item_owner",
        ["kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text("given_back_at IS NULL"),
    )
    op.create_index(
        "work_item_owner_subject_idx",
        "work_item_owner",
        ["kind", "subject_id", "id"],
        unique=False,
    )
    op.create_table(
        "work_item_set_aside",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collectivite_id"],
            ["collectivite.id"],
            name="work_item_set_aside_collectivite_id_fkey",
        ),
        sa.PrimaryKeyConstraint("kind", "subject_id", name="work_item_set_aside_pkey"),
    )
    op.create_index(
        "transmission_desk_idx",
        "transmission",
        ["state", "state_since", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('in_doubt', 'held', 'rejected')"),
    )


def downgrade() -> None:
    op.drop_index("transmission_desk_idx", table_name="transmission")
    op.drop_table("work_item_set_aside")
    op.drop_table("work_item_owner")
