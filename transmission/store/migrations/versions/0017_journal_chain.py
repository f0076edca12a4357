"""The chain of the journal, and its anchors."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_GROWING = ("journal_link", "anchor", "anchor_part")


def upgrade() -> None:
    _links()
    _anchors()
    op.execute(
        """
        CREATE FUNCTION is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
        END $$
        """
    )
    for table in _GROWING:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION is_append_only()"
        )


def _links() -> None:
    op.create_table(
        "chain",
        sa.Column("single", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("linked_to", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("single", name="chain_single_check"),
        sa.PrimaryKeyConstraint("single", name=op.f("chain_pkey")),
    )
    op.execute("INSERT INTO chain DEFAULT VALUES")
    op.create_table(
        "journal_link",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("place > 0 AND length(link) = 32", name="journal_link_check"),
        sa.ForeignKeyConstraint(["id"], ["journal.id"], name=op.f("journal_link_id_fkey")),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name=op.f("journal_link_collectivite_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("journal_link_pkey")),
        sa.UniqueConstraint(
            "collectivite_id", "place", name=op.f("journal_link_collectivite_id_place_key")
        ),
    )


def _anchors() -> None:
    op.create_table(
        "anchor",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("anchor_pkey")),
        sa.UniqueConstraint("day", name=op.f("anchor_day_key")),
    )
    op.create_table(
        "anchor_part",
        sa.Column("anchor", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["anchor"], ["anchor.number"], name=op.f("anchor_part_anchor_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name=op.f("anchor_part_collectivite_id_fkey")
        ),
        sa.PrimaryKeyConstraint("anchor", "rank", name=op.f("anchor_part_pkey")),
        sa.UniqueConstraint(
            "collectivite_id", "first", name=op.f("anchor_part_collectivite_id_first_key")
        ),
    )


def downgrade() -> None:
    op.drop_table("anchor_part")
    op.drop_table("anchor")
    op.drop_table("journal_link")
    op.drop_table("chain")
    op.execute("DROP FUNCTION is_append_only()")
