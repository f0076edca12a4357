"""Letters of the préfecture, answers, cancellations, mails; one more table for each."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def _file() -> list[sa.Column[object]]:
    return [
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
    ]


def upgrade() -> None:
    op.add_column("collectivite", sa.Column("classification_asked_at", _INSTANT))
    op.alter_column("journal", "acte_id", nullable=True)
    _retours()
    _courriers()
    _transmissions()
    op.create_table(
        "answer_piece",
        _id(),
        sa.Column("transmission_id", sa.BigInteger(), nullable=False),
        sa.Column("ordre", sa.SmallInteger(), nullable=False),
        sa.Column("nom_original", sa.Text(), nullable=False),
        sa.Column("code_type_pj", sa.Text(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=False),
        *_file(),
        sa.PrimaryKeyConstraint("id", name="answer_piece_pkey"),
        sa.ForeignKeyConstraint(
            ["transmission_id"], ["transmission.id"], name="answer_piece_transmission_id_fkey"
        ),
        sa.UniqueConstraint(
            "transmission_id", "ordre", name="answer_piece_transmission_id_ordre_key"
        ),
    )
    op.create_table(
        "window_slot",
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("collectivite_id", "starts_at", name="window_slot_pkey"),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="window_slot_collectivite_id_fkey"
        ),
    )


def _retours() -> None:
    op.add_column(
        "retour", sa.Column("container", sa.Boolean(), nullable=False, server_default="false")
    )
    op.add_column("retour", sa.Column("acte_id", sa.BigInteger()))
    op.add_column("retour", sa.Column("parent_id", sa.BigInteger()))
    op.add_column("retour", sa.Column("nom_fichier", sa.Text()))
    op.add_column("retour", sa.Column("reference", sa.Text()))
    op.create_foreign_key("retour_parent_id_fkey", "retour", "retour", ["parent_id"], ["id"])
    op.create_foreign_key("retour_acte_id_fkey", "retour", "acte", ["acte_id"], ["id"])
    op.create_index("retour_acte_idx", "retour", ["acte_id"])
    op.execute(
        "UPDATE retour SET acte_id = transmission.acte_id FROM transmission "
        "WHERE transmission.id = transmission_id"
    )
    op.create_table(
        "retour_piece",
        _id(),
        sa.Column("retour_id", sa.BigInteger(), nullable=False),
        sa.Column("ordre", sa.SmallInteger(), nullable=False),
        sa.Column("nom_fichier", sa.Text(), nullable=False),
        *_file(),
        sa.PrimaryKeyConstraint("id", name="retour_piece_pkey"),
        sa.ForeignKeyConstraint(["retour_id"], ["retour.id"], name="retour_piece_retour_id_fkey"),
        sa.UniqueConstraint("retour_id", "ordre", name="retour_piece_retour_id_ordre_key"),
    )


def _courriers() -> None:
    op.create_table(
        "courrier",
        _id(),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("date_courrier", sa.Date(), nullable=False),
        sa.Column("texte", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("retour_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="courrier_pkey"),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="courrier_collectivite_id_fkey"
        ),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name="courrier_acte_id_fkey"),
        sa.ForeignKeyConstraint(["retour_id"], ["retour.id"], name="courrier_retour_id_fkey"),
        sa.UniqueConstraint(
            "acte_id", "message", "fingerprint", name="courrier_acte_id_message_fingerprint_key"
        ),
    )
    op.create_index("courrier_retour_idx", "courrier", ["retour_id"])


def _transmissions() -> None:
    op.add_column(
        "transmission", sa.Column("message", sa.Text(), nullable=False, server_default="1-1")
    )
    op.add_column("transmission", sa.Column("courrier_id", sa.BigInteger()))
    op.create_foreign_key(
        "transmission_courrier_id_fkey", "transmission", "courrier", ["courrier_id"], ["id"]
    )
    op.add_column("transmission", sa.Column("date_classification", sa.Date()))
    op.add_column("transmission", sa.Column("fingerprint", sa.Text()))
    op.execute(
        "UPDATE transmission SET date_classification = acte.date_classification "
        "FROM acte WHERE acte.id = acte_id"
    )
    op.create_index(
        "transmission_numero_idx",
        "transmission",
        ["collectivite_id", sa.text("split_part(id_acte, '-', 4)")],
    )
    op.create_index(
        "transmission_courrier_idx",
        "transmission",
        ["courrier_id"],
        postgresql_where=sa.text("courrier_id IS NOT NULL"),
    )
    op.drop_index("transmission_living_key", "transmission")
    over = "state NOT IN ('rejected', 'cancelled')"
    settled = "state NOT IN ('rejected', 'cancelled', 'acknowledged')"
    _unique("transmission_living_key", "acte_id", f"message = '1-1' AND {over}")
    _unique("transmission_annulation_key", "acte_id", f"message = '6-1' AND {settled}")
    _unique("transmission_receipt_key", "courrier_id", f"message IN ('3-2', '4-2') AND {over}")
    answers = "message IN ('2-2', '3-3', '3-4', '4-3', '4-4')"
    _unique("transmission_answer_key", "courrier_id", f"{answers} AND {settled}")


def _unique(name: str, column: str, where: str) -> None:
    op.create_index(name, "transmission", [column], unique=True, postgresql_where=sa.text(where))


def downgrade() -> None:
    # Without their column, answers and cancellations would pass for acts.
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM transmission WHERE message <> '1-1')
                OR EXISTS (SELECT FROM courrier)
                OR EXISTS (SELECT FROM journal WHERE acte_id IS NULL) THEN
                RAISE EXCEPTION 'letters and answers are kept: there is no way back';
            END IF;
        END $$
        """
    )
    op.alter_column("journal", "acte_id", nullable=False)
    op.drop_table("window_slot")
    op.drop_table("answer_piece")
    for name in ("annulation_key", "receipt_key", "answer_key", "living_key", "numero_idx"):
        op.drop_index(f"transmission_{name}", "transmission")
    _unique("transmission_living_key", "acte_id", "state NOT IN ('rejected', 'cancelled')")
    for column in ("message", "courrier_id", "date_classification", "fingerprint"):
        op.drop_column("transmission", column)
    op.drop_table("courrier")
    op.drop_table("retour_piece")
    for column in ("container", "acte_id", "parent_id", "nom_fichier", "reference"):
        op.drop_column("retour", column)
    op.drop_column("collectivite", "classification_asked_at")
