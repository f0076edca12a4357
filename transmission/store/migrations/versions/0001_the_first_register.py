"""The first register."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "collectivite",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("siren", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("collectivite_pkey")),
        sa.UniqueConstraint("siren", name=op.f("collectivite_siren_key")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pkey")),
    )
    op.create_table(
        "periodic_run",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("periodic_run_pkey")),
    )
    op.create_table(
        "acte",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("numero_interne", sa.Text(), nullable=False),
        sa.Column("date_decision", sa.Date(), nullable=False),
        sa.Column("nature", sa.SmallInteger(), nullable=False),
        sa.Column("matiere", sa.Text(), nullable=False),
        sa.Column("objet", sa.Text(), nullable=False),
        sa.Column("date_classification", sa.Date(), nullable=False),
        sa.Column("document_papier", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=False),
        sa.Column("date_mise_en_ligne", sa.Date(), nullable=True),
        sa.Column("adresse_publication", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name=op.f("acte_collectivite_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("acte_pkey")),
        sa.UniqueConstraint(
            "collectivite_id",
            "nature",
            "date_decision",
            "numero_interne",
            name=op.f("acte_collectivite_id_nature_date_decision_numero_interne_key"),
        ),
    )
    op.create_index("acte_numero_idx", "acte", ["collectivite_id", "numero_interne"], unique=False)
    op.create_table(
        "classification",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("date_classification", sa.Date(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["collectivite_id"],
            ["collectivite.id"],
            name=op.f("classification_collectivite_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("classification_pkey")),
        sa.UniqueConstraint(
            "collectivite_id",
            "date_classification",
            name=op.f("classification_collectivite_id_date_classification_key"),
        ),
    )
    op.create_table(
        "enveloppe_counter",
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collectivite_id"],
            ["collectivite.id"],
            name=op.f("enveloppe_counter_collectivite_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("collectivite_id", "day", name=op.f("enveloppe_counter_pkey")),
    )
    op.create_table(
        "idempotency",
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name=op.f("idempotency_acte_id_fkey")),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name=op.f("idempotency_collectivite_id_fkey")
        ),
        sa.PrimaryKeyConstraint("collectivite_id", "key", name=op.f("idempotency_pkey")),
    )
    op.create_table(
        "piece",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=False),
        sa.Column("ordre", sa.SmallInteger(), nullable=False),
        sa.Column("nom_original", sa.Text(), nullable=False),
        sa.Column("code_type_pj", sa.Text(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name=op.f("piece_acte_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("piece_pkey")),
        sa.UniqueConstraint("acte_id", "ordre", name=op.f("piece_acte_id_ordre_key")),
    )
    op.create_table(
        "transmission",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("polls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_for", sa.Text(), nullable=True),
        sa.Column("id_acte", sa.Text(), nullable=False),
        sa.Column("enveloppe", sa.Text(), nullable=True),
        sa.Column("archive_name", sa.Text(), nullable=True),
        sa.Column("parcel", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("date_reception", sa.Date(), nullable=True),
        sa.Column("retour_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name=op.f("transmission_acte_id_fkey")),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name=op.f("transmission_collectivite_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("transmission_pkey")),
        sa.UniqueConstraint("archive_name", name=op.f("transmission_archive_name_key")),
    )
    op.create_index("transmission_acte_idx", "transmission", ["acte_id"], unique=False)
    op.create_index(
        "transmission_due_idx",
        "transmission",
        ["state", "next_attempt_at", "id"],
        unique=False,
        postgresql_where=sa.text(
            "state IN ('accepted', 'prepared', 'submitting', 'in_doubt', 'submitted', 'cancelling')"
        ),
    )
    op.create_index(
        "transmission_enveloppe_idx", "transmission", ["collectivite_id", "enveloppe"], unique=False
    )
    op.create_index(
        "transmission_id_acte_idx",
        "transmission",
        ["collectivite_id", sa.literal_column("upper(id_acte)")],
        unique=False,
    )
    op.create_index(
        "transmission_living_key",
        "transmission",
        ["acte_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('rejected', 'cancelled')"),
    )
    op.create_index(
        "transmission_state_idx", "transmission", ["collectivite_id", "state", "id"], unique=False
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("transmission_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("archive_name", sa.Text(), nullable=False),
        sa.Column("archive_sha256", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("response_sha256", sa.Text(), nullable=True),
        sa.Column("response_size", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["transmission_id"], ["transmission.id"], name=op.f("attempt_transmission_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("attempt_pkey")),
        sa.UniqueConstraint(
            "transmission_id", "number", name=op.f("attempt_transmission_id_number_key")
        ),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=False),
        sa.Column("transmission_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name=op.f("journal_acte_id_fkey")),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name=op.f("journal_collectivite_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["transmission_id"], ["transmission.id"], name=op.f("journal_transmission_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("journal_pkey")),
    )
    # The journal only grows: neither a bug nor a hand rewrites what happened.
    op.execute(
        """
        CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the journal is append-only';
        END $$;
        CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
            FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
        """
    )
    op.create_index("journal_acte_idx", "journal", ["acte_id", "id"], unique=False)
    op.create_table(
        "retour",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("transmission_id", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("date_reception", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "notes", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column(
            "differences",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name=op.f("retour_collectivite_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["transmission_id"], ["transmission.id"], name=op.f("retour_transmission_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("retour_pkey")),
        sa.UniqueConstraint(
            "collectivite_id",
            "source",
            "sha256",
            name=op.f("retour_collectivite_id_source_sha256_key"),
        ),
    )
    op.create_index(
        "retour_quarantined_idx",
        "retour",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status = 'quarantined'"),
    )
    op.create_index(
        "retour_stored_idx",
        "retour",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status = 'stored'"),
    )
    op.create_index("retour_transmission_idx", "retour", ["transmission_id"], unique=False)


def downgrade() -> None:
    op.execute("DROP TRIGGER journal_append_only ON journal")
    op.execute("DROP FUNCTION journal_is_append_only()")
    op.drop_index("retour_transmission_idx", table_name="retour")
    op.drop_index(
        "retour_stored_idx", table_name="retour", postgresql_where=sa.text("status = 'stored'")
    )
    op.drop_index(
        "retour_quarantined_idx",
        table_name="retour",
        postgresql_where=sa.text("status = 'quarantined'"),
    )
    op.drop_table("retour")
    op.drop_index("journal_acte_idx", table_name="journal")
    op.drop_table("journal")
    op.drop_table("attempt")
    op.drop_index("transmission_state_idx", table_name="transmission")
    op.drop_index(
        "transmission_living_key",
        table_name="transmission",
        postgresql_where=sa.text("state NOT IN ('rejected', 'cancelled')"),
    )
    op.drop_index("transmission_id_acte_idx", table_name="transmission")
    op.drop_index("transmission_enveloppe_idx", table_name="transmission")
    op.drop_index(
        "transmission_due_idx",
        table_name="transmission",
        postgresql_where=sa.text(
            "state IN ('accepted', 'prepared', 'submitting', 'in_doubt', 'submitted', 'cancelling')"
        ),
    )
    op.drop_index("transmission_acte_idx", table_name="transmission")
    op.drop_table("transmission")
    op.drop_table("piece")
    op.drop_table("idempotency")
    op.drop_table("enveloppe_counter")
    op.drop_table("classification")
    op.drop_index("acte_numero_idx", table_name="acte")
    op.drop_table("acte")
    op.drop_table("periodic_run")
    op.drop_table("outbox")
    op.drop_table("collectivite")
