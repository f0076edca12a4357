"""Documents in the database, for whoever sets it so."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_block",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "rank", name="document_block_pkey"),
    )
    # Acts are PDF files and archives: compressing them again costs time and saves nothing.
    op.execute("ALTER TABLE document_block ALTER COLUMN content SET STORAGE EXTERNAL")


def downgrade() -> None:
    # The documents are the evidence of what was sent: they are copied elsewhere first.
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM document_block) THEN
                RAISE EXCEPTION 'documents are kept here: there is no way back';
            END IF;
        END $$
        """
    )
    op.drop_table("document_block")
