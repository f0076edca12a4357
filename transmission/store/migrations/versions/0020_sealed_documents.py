"""What was found of the signatures that deposited PDFs bear.

Sealed copies need no column: they stand in the parcel of their transmission.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signed_piece",
        sa.Column("transmission_id", sa.BigInteger(), nullable=False),
        sa.Column("ordre", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("found", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transmission_id"], ["transmission.id"], name="signed_piece_transmission_id_fkey"
        ),
        sa.PrimaryKeyConstraint("transmission_id", "ordre", name="signed_piece_pkey"),
    )


def downgrade() -> None:
    op.drop_table("signed_piece")
