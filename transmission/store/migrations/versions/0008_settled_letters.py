"""Letters that want nothing any more are marked, so that the others are found without them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_REOPEN = """
CREATE FUNCTION reopen_courrier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE courrier SET settled = false WHERE id = NEW.courrier_id;
    RETURN NULL;
END $$
"""
# In the transaction of whoever refuses an answer, of the version before too. Its update takes the
# row even when it changes nothing: the sweep that is about to mark it comes after, or before.
_REOPENED = """
CREATE TRIGGER transmission_reopens_courrier AFTER UPDATE OF state ON transmission
FOR EACH ROW WHEN (NEW.courrier_id IS NOT NULL AND NEW.state IN ('rejected', 'cancelled'))
EXECUTE FUNCTION reopen_courrier()
"""


def upgrade() -> None:
    # Those already answered are marked by the sweeps that follow.
    op.add_column(
        "courrier", sa.Column("settled", sa.Boolean(), nullable=False, server_default="false")
    )
    op.create_index(
        "courrier_unsettled_idx", "courrier", ["id"], postgresql_where=sa.text("NOT settled")
    )
    op.execute(_REOPEN)
    op.execute(_REOPENED)


def downgrade() -> None:
    op.execute("DROP TRIGGER transmission_reopens_courrier ON transmission")
    op.execute("DROP FUNCTION reopen_courrier()")
    op.drop_index("courrier_unsettled_idx", "courrier")
    op.drop_column("courrier", "settled")
