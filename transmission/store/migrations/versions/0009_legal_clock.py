"""The legal clock: what people say of acts, what is read and found, what is published and told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MARK = """
CREATE FUNCTION mark_acte_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO legal_stale (collectivite_id, acte_id) VALUES (NEW.collectivite_id, NEW.acte_id);
    RETURN NULL;
END $$
"""
# By a trigger: what the version before writes is read again too.
_MARKED = """
CREATE TRIGGER journal_marks_acte AFTER INSERT ON journal
FOR EACH ROW WHEN (NEW.acte_id IS NOT NULL AND NEW.event IN (
    'accepted', 'ar_received', 'ar_upheld', 'anomalie_received', 'ar_annulation_received',
    'published', 'courrier_received', 'delivered', 'withdrawn', 'abandoned', 'retour_attached',
    'event_recorded', 'event_retracted', 'facts_declared'
))
EXECUTE FUNCTION mark_acte_stale()
"""
_TABLES = (
    "legal_event",
    "legal_facts",
    "legal_reading",
    "legal_date",
    "legal_stale",
    "finding",
    "seance_acte",
    "seance",
    "publication_check",
    "published_copy",
    "notice",
)


def upgrade() -> None:
    op.create_table(
        "legal_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("date_recu", sa.Date(), nullable=False),
        sa.Column("date_envoi", sa.Date(), nullable=False),
        sa.Column("complete", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("remedies", sa.Boolean(), nullable=True),
        sa.Column("preuve", sa.Text(), nullable=True),
        sa.Column("transmission_id", sa.BigInteger(), nullable=True),
        sa.Column("courrier_id", sa.BigInteger(), nullable=True),
        sa.Column("retracts_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name="legal_event_acte_id_fkey"),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="legal_event_collectivite_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["transmission_id"], ["transmission.id"], name="legal_event_transmission_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["courrier_id"], ["courrier.id"], name="legal_event_courrier_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["retracts_id"], ["legal_event.id"], name="legal_event_retracts_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="legal_event_pkey"),
        sa.UniqueConstraint("retracts_id", name="legal_event_retracts_id_key"),
    )
    op.create_index("legal_event_acte_idx", "legal_event", ["acte_id", "id"], unique=False)
    op.create_table(
        "legal_facts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name="legal_facts_acte_id_fkey"),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="legal_facts_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="legal_facts_pkey"),
    )
    op.create_index("legal_facts_acte_idx", "legal_facts", ["acte_id", "id"], unique=False)
    op.create_table(
        "legal_reading",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("states", JSONB(), nullable=False),
        sa.Column("dates", JSONB(), nullable=False),
        sa.Column("next_day", sa.Date(), nullable=True),
        sa.Column("current", sa.Boolean(), server_default="true", nullable=False),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name="legal_reading_acte_id_fkey"),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="legal_reading_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="legal_reading_pkey"),
    )
    op.create_index("legal_reading_acte_idx", "legal_reading", ["acte_id", "id"], unique=False)
    op.create_index(
        "legal_reading_current_key",
        "legal_reading",
        ["acte_id"],
        unique=True,
        postgresql_where=sa.text("current"),
    )
    op.create_index(
        "legal_reading_next_idx",
        "legal_reading",
        ["collectivite_id", "next_day", "acte_id"],
        unique=False,
        postgresql_where=sa.text("current"),
    )
    op.create_index(
        "legal_reading_rules_idx",
        "legal_reading",
        ["collectivite_id", "rules", "acte_id"],
        unique=False,
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "legal_date",
        sa.Column("acte_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name="legal_date_acte_id_fkey"),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="legal_date_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("acte_id", "name", name="legal_date_pkey"),
    )
    op.create_index(
        "legal_date_day_idx", "legal_date", ["collectivite_id", "day", "acte_id"], unique=False
    )
    op.create_table(
        "legal_stale",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="legal_stale_pkey"),
    )
    op.create_index("legal_stale_owner_idx", "legal_stale", ["collectivite_id", "id"], unique=False)
    op.create_table(
        "finding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("acknowledged_reason", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name="finding_acte_id_fkey"),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="finding_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="finding_pkey"),
    )
    op.create_index("finding_acte_idx", "finding", ["acte_id", "id"], unique=False)
    op.create_index(
        "finding_open_idx",
        "finding",
        ["collectivite_id", "id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "finding_open_key",
        "finding",
        ["collectivite_id", "code", "key"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "seance",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("date_seance", sa.Date(), nullable=False),
        sa.Column("nom_fichier", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="seance_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="seance_pkey"),
    )
    op.create_index("seance_date_idx", "seance", ["collectivite_id", "date_seance", "id"])
    op.create_table(
        "seance_acte",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("seance_id", sa.BigInteger(), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("date_seance", sa.Date(), nullable=False),
        sa.Column("numero_interne", sa.Text(), nullable=False),
        sa.Column("nature", sa.SmallInteger(), nullable=True),
        sa.Column("objet", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="seance_acte_collectivite_id_fkey"
        ),
        sa.ForeignKeyConstraint(["seance_id"], ["seance.id"], name="seance_acte_seance_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="seance_acte_pkey"),
        sa.UniqueConstraint(
            "seance_id", "numero_interne", name="seance_acte_seance_id_numero_interne_key"
        ),
    )
    op.create_index(
        "seance_acte_numero_idx", "seance_acte", ["collectivite_id", "numero_interne"], unique=False
    )
    op.create_table(
        "published_copy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=False),
        sa.Column("date_mise_en_ligne", sa.Date(), nullable=False),
        sa.Column("date_minimum", sa.Date(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("nom_fichier", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name="published_copy_acte_id_fkey"),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="published_copy_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="published_copy_pkey"),
    )
    op.create_index(
        "published_copy_current_key",
        "published_copy",
        ["acte_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index(
        "published_copy_due_idx",
        "published_copy",
        ["next_check_at", "id"],
        unique=False,
        postgresql_where=sa.text("withdrawn_at IS NULL AND next_check_at IS NOT NULL"),
    )
    op.create_index(
        "published_copy_list_idx",
        "published_copy",
        ["collectivite_id", "date_mise_en_ligne", "id"],
        unique=False,
        postgresql_where=sa.text("withdrawn_at IS NULL AND nom_fichier IS NOT NULL"),
    )
    op.create_index(
        "published_copy_owner_idx",
        "published_copy",
        ["collectivite_id", "id"],
        unique=False,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index("published_copy_acte_idx", "published_copy", ["acte_id", "id"], unique=False)
    op.create_table(
        "publication_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("published_copy_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("proof", JSONB(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["published_copy_id"],
            ["published_copy.id"],
            name="publication_check_published_copy_id_fkey",
        ),
        sa.PrimaryKeyConstraint("id", name="publication_check_pkey"),
    )
    op.create_index(
        "publication_check_copy_idx", "publication_check", ["published_copy_id", "id"], unique=False
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("acte_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["acte_id"], ["acte.id"], name="notice_acte_id_fkey"),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="notice_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="notice_pkey"),
        sa.UniqueConstraint(
            "collectivite_id",
            "channel",
            "target",
            "key",
            name="notice_collectivite_id_channel_target_key_key",
        ),
    )
    op.create_index(
        "notice_due_idx",
        "notice",
        ["next_attempt_at", "id"],
        unique=False,
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.create_index(
        "notice_failed_idx",
        "notice",
        ["id"],
        unique=False,
        postgresql_where=sa.text(
            "next_attempt_at IS NULL AND delivered_at IS NULL AND failure IS NOT NULL"
        ),
    )
    op.execute(_MARK)
    op.execute(_MARKED)
    op.execute(
        "INSERT INTO legal_stale (collectivite_id, acte_id) SELECT collectivite_id, id FROM acte"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER journal_marks_acte ON journal")
    op.execute("DROP FUNCTION mark_acte_stale()")
    for name in _TABLES:
        op.drop_table(name)
