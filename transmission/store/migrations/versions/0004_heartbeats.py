"""Signs of finished work, and since when each bell waits."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("name", name="heartbeat_pkey"),
    )
    # By default, so that a process of the version before may still ring.
    op.add_column(
        "outbox", sa.Column("rung_at", _INSTANT, nullable=False, server_default=sa.func.now())
    )


def downgrade() -> None:
    op.drop_column("outbox", "rung_at")
    op.drop_table("heartbeat")
