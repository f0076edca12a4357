"""Programs that asked to be told of events."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_TELL = """
CREATE FUNCTION tell_finding_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO finding_change (collectivite_id, finding_id, opened, at)
    SELECT NEW.collectivite_id, NEW.id, NEW.closed_at IS NULL,
        COALESCE(NEW.closed_at, NEW.opened_at)
    WHERE EXISTS (
        SELECT FROM webhook WHERE collectivite_id = NEW.collectivite_id AND state <> 'ended'
    );
    RETURN NULL;
END $$
"""
_TELL_OPENED = """
CREATE TRIGGER finding_opened AFTER INSERT ON finding
FOR EACH ROW EXECUTE FUNCTION tell_finding_change()
"""
_TELL_CLOSED = """
CREATE TRIGGER finding_closed AFTER UPDATE OF closed_at ON finding
FOR EACH ROW WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL)
EXECUTE FUNCTION tell_finding_change()
"""


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("types", ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_since", _INSTANT, nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("secret_since", _INSTANT, nullable=False),
        sa.Column("former_secret", sa.LargeBinary(), nullable=True),
        sa.Column("overlap_until", _INSTANT, nullable=True),
        sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("journal_place", sa.BigInteger(), nullable=False),
        sa.Column("finding_place", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("held_until", _INSTANT, nullable=True),
        sa.Column("rests_until", _INSTANT, nullable=True),
        sa.Column("served_at", _INSTANT, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", _INSTANT, nullable=True),
        sa.Column("last_success_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="webhook_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="webhook_pkey"),
    )
    op.create_index(
        "webhook_name_key",
        "webhook",
        ["collectivite_id", "name"],
        unique=True,
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_index("webhook_owner_idx", "webhook", ["collectivite_id", "id"], unique=False)
    _extend_notice()
    _create_attempts()
    _create_finding_changes()
    op.create_index("journal_owner_idx", "journal", ["collectivite_id", "id"], unique=False)


def _extend_notice() -> None:
    op.add_column("notice", sa.Column("webhook_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("notice_webhook_id_fkey", "notice", "webhook", ["webhook_id"], ["id"])
    op.create_index(
        "notice_webhook_due_idx",
        "notice",
        ["webhook_id", "id"],
        unique=False,
        postgresql_where=sa.text("webhook_id IS NOT NULL AND next_attempt_at IS NOT NULL"),
    )
    op.create_index(
        "notice_webhook_idx",
        "notice",
        ["webhook_id", "id"],
        unique=False,
        postgresql_where=sa.text("webhook_id IS NOT NULL"),
    )


def _create_attempts() -> None:
    op.create_table(
        "notice_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name="notice_attempt_notice_id_fkey"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name="notice_attempt_webhook_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="notice_attempt_pkey"),
    )
    op.create_index(
        "notice_attempt_notice_idx", "notice_attempt", ["notice_id", "id"], unique=False
    )
    op.create_index(
        "notice_attempt_webhook_idx", "notice_attempt", ["webhook_id", "id"], unique=False
    )


def _create_finding_changes() -> None:
    op.create_table(
        "finding_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=False),
        sa.Column("finding_id", sa.BigInteger(), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="finding_change_collectivite_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name="finding_change_finding_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="finding_change_pkey"),
    )
    op.create_index(
        "finding_change_owner_idx", "finding_change", ["collectivite_id", "id"], unique=False
    )
    for statement in (_TELL, _TELL_OPENED, _TELL_CLOSED):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("journal_owner_idx", table_name="journal")
    op.execute("DROP TRIGGER finding_closed ON finding")
    op.execute("DROP TRIGGER finding_opened ON finding")
    op.execute("DROP FUNCTION tell_finding_change()")
    op.drop_table("finding_change")
    op.drop_table("notice_attempt")
    # What a version before could only refuse, for it knows no such programs.
    op.execute("DELETE FROM notice WHERE webhook_id IS NOT NULL")
    op.drop_index("notice_webhook_idx", table_name="notice")
    op.drop_index("notice_webhook_due_idx", table_name="notice")
    op.drop_constraint("notice_webhook_id_fkey", "notice", type_="foreignkey")
    op.drop_column("notice", "webhook_id")
    op.drop_table("webhook")
