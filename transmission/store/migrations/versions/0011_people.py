"""People: accounts, roles, sessions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _people()
    _roles()
    _sessions()
    _links()
    _attempts()
    _events()


def downgrade() -> None:
    for table in (
        "person_event",
        "login_attempt",
        "person_link",
        "session",
        "person_role",
        "person",
    ):
        op.drop_table(table)


def _people() -> None:
    op.create_table(
        "person",
        _id(),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        _instant("password_at", nullable=True),
        sa.Column("oidc_issuer", sa.Text(), nullable=True),
        sa.Column("oidc_subject", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), server_default="fr", nullable=False),
        _instant("created_at"),
        sa.Column("created_by", sa.Text(), nullable=False),
        _instant("disabled_at", nullable=True),
        sa.Column("disabled_by", sa.Text(), nullable=True),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("login = lower(login)", name="person_login_check"),
        sa.CheckConstraint(
            "(oidc_issuer IS NULL) = (oidc_subject IS NULL)", name="person_oidc_check"
        ),
        sa.PrimaryKeyConstraint("id", name="person_pkey"),
        sa.UniqueConstraint("login", name="person_login_key"),
        sa.UniqueConstraint(
            "oidc_issuer", "oidc_subject", name="person_oidc_issuer_oidc_subject_key"
        ),
    )


def _roles() -> None:
    op.create_table(
        "person_role",
        _id(),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=True),
        _instant("granted_at"),
        sa.Column("granted_by", sa.Text(), nullable=False),
        _instant("revoked_at", nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        _of_person("person_role"),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="person_role_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="person_role_pkey"),
    )
    op.create_index(
        "person_role_key",
        "person_role",
        ["person_id", "role", "collectivite_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL AND collectivite_id IS NOT NULL"),
    )
    op.create_index(
        "person_role_everywhere_key",
        "person_role",
        ["person_id", "role"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL AND collectivite_id IS NULL"),
    )


def _sessions() -> None:
    op.create_table(
        "session",
        _id(),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("browser", sa.Text(), nullable=True),
        _instant("created_at"),
        _instant("last_seen_at"),
        _instant("expires_at"),
        _instant("ended_at", nullable=True),
        _of_person("session"),
        sa.PrimaryKeyConstraint("id", name="session_pkey"),
        sa.UniqueConstraint("digest", name="session_digest_key"),
    )
    op.create_index("session_person_idx", "session", ["person_id", "id"], unique=False)


def _links() -> None:
    op.create_table(
        "person_link",
        _id(),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        _instant("created_at"),
        sa.Column("created_by", sa.Text(), nullable=False),
        _instant("expires_at"),
        _instant("used_at", nullable=True),
        _of_person("person_link"),
        sa.PrimaryKeyConstraint("id", name="person_link_pkey"),
        sa.UniqueConstraint("digest", name="person_link_digest_key"),
    )
    op.create_index("person_link_person_idx", "person_link", ["person_id", "id"], unique=False)


def _attempts() -> None:
    op.create_table(
        "login_attempt",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _instant("failed_at"),
        _instant("allowed_at"),
        sa.PrimaryKeyConstraint("key", name="login_attempt_pkey"),
    )
    op.create_index("login_attempt_failed_idx", "login_attempt", ["failed_at"], unique=False)


def _events() -> None:
    op.create_table(
        "person_event",
        _id(),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("collectivite_id", sa.BigInteger(), nullable=True),
        _instant("at"),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("details", JSONB(), server_default="{}", nullable=False),
        _of_person("person_event"),
        sa.ForeignKeyConstraint(
            ["collectivite_id"], ["collectivite.id"], name="person_event_collectivite_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="person_event_pkey"),
    )
    op.create_index("person_event_person_idx", "person_event", ["person_id", "id"], unique=False)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=f"{table}_person_id_fkey")
