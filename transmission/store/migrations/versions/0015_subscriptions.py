"""What each person asked to be told, and how."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_TELL = """
CREATE OR REPLACE FUNCTION tell_finding_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO finding_change (collectivite_id, finding_id, opened, at)
    SELECT NEW.collectivite_id, NEW.id, NEW.closed_at IS NULL,
        COALESCE(NEW.closed_at, NEW.opened_at)
    WHERE EXISTS (
        SELECT FROM webhook WHERE collectivite_id = NEW.collectivite_id AND state <> 'ended'
    ){or_people};
    RETURN NULL;
END $$
"""
_OR_PEOPLE = """ OR EXISTS (
        SELECT FROM mail_place WHERE collectivite_id = NEW.collectivite_id
    )"""


def upgrade() -> None:
    op.create_table(
        "person_wish",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pace", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="person_wish_person_id_fkey"),
        sa.PrimaryKeyConstraint("person_id", "kind", name="person_wish_pkey"),
    )
    op.create_table(
        "mail_place",
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("journal_place", sa.BigInteger(), nullable=False),
        sa.Column("finding_place", sa.BigInteger(), nullable=False),
        sa.Column("date_quotidien", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="mail_place_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("collectivite_id", name="mail_place_pkey"),
    )
    op.create_table(
        "mail_mention",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("todo", sa.Text(), nullable=False),
        sa.Column("persons", ARRAY(sa.BigInteger()), nullable=False),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="mail_mention_collectivite_id_fkey"
        ),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name="mail_mention_acte_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="mail_mention_pkey"),
        sa.UniqueConstraint("collectivite_id", "key", name="mail_mention_collectivite_id_key_key"),
    )
    op.execute(_TELL.format(or_people=_OR_PEOPLE))


def downgrade() -> None:
    op.execute(_TELL.format(or_people=""))
    op.drop_table("mail_mention")
    op.drop_table("mail_place")
    op.drop_table("person_wish")
