"""Who may come to the console: digests, no secret; people are disabled, never deleted."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from transmission.store.tables import INSTANT, metadata

person = Table(
    "person",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    # In lower case, so that it is unique whatever the capitals.
    Column("login", Text, nullable=False, unique=True),
    # A function or a person, as the journal names them.
    Column("name", Text, nullable=False),
    Column("email", Text),
    # Argon2id with its parameters, None for whoever comes by OpenID Connect alone.
    Column("password_hash", Text),
    Column("password_at", INSTANT),
    Column("oidc_issuer", Text),
    Column("oidc_subject", Text),
    Column("language", Text, nullable=False, server_default="fr"),
    Column("created_at", INSTANT, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("disabled_at", INSTANT),
    Column("disabled_by", Text),
    Column("disabled_reason", Text),
    UniqueConstraint("oidc_issuer", "oidc_subject"),
    CheckConstraint("login = lower(login)", name="person_login_check"),
    CheckConstraint("(oidc_issuer IS NULL) = (oidc_subject IS NULL)", name="person_oidc_check"),
)

person_role = Table(
    "person_role",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", BigInteger, ForeignKey("person.id"), nullable=False),
    Column("role", Text, nullable=False),
    # None is every authority, those to come included.
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id")),
    Column("granted_at", INSTANT, nullable=False),
    Column("granted_by", Text, nullable=False),
    Column("revoked_at", INSTANT),
    Column("revoked_by", Text),
    Index(
        "person_role_key",
        "person_id",
        "role",
        "collectivite_id",
        unique=True,
        postgresql_where=text("revoked_at IS NULL AND collectivite_id IS NOT NULL"),
    ),
    Index(
        "person_role_everywhere_key",
        "person_id",
        "role",
        unique=True,
        postgresql_where=text("revoked_at IS NULL AND collectivite_id IS NULL"),
    ),
)

session = Table(
    "session",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    # SHA-256 of the secret in the cookie, in lower-case hexadecimal.
    Column("digest", Text, nullable=False, unique=True),
    Column("person_id", BigInteger, ForeignKey("person.id"), nullable=False),
    # « password », « link » or « oidc »: how they came in.
    Column("way", Text, nullable=False),
    Column("address", Text),
    Column("browser", Text),
    Column("created_at", INSTANT, nullable=False),
    Column("last_seen_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    Index("session_person_idx", "person_id", "id"),
)

# An address that serves once: to choose a password, or to come in.
person_link = Table(
    "person_link",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("person_id", BigInteger, ForeignKey("person.id"), nullable=False),
    # « choose » a password or « enter ».
    Column("purpose", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    # Used, or replaced by another one.
    Column("used_at", INSTANT),
    Index("person_link_person_idx", "person_id", "id"),
)

# What slows down whoever guesses; forgotten once it no longer slows anybody.
login_attempt = Table(
    "login_attempt",
    metadata,
    # « login: » or « address: », and the SHA-256 of it: no login that does not exist is kept.
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failed_at", INSTANT, nullable=False),
    Column("allowed_at", INSTANT, nullable=False),
    Index("login_attempt_failed_idx", "failed_at"),
)

# What the journal is to acts: every change of an account, and every coming.
person_event = Table(
    "person_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", BigInteger, ForeignKey("person.id"), nullable=False),
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id")),
    Column("at", INSTANT, nullable=False),
    Column("event", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text),
    Column("details", JSONB, nullable=False, server_default="{}"),
    Index("person_event_person_idx", "person_id", "id"),
)
