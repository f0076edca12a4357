"""How often a transmission was taken in a row, and nothing came of it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "transmission", sa.Column("claims", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    op.drop_column("transmission", "claims")
