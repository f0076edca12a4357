"""The tables of the legal clock: what people say of an act, what was read, what was found.

Civil dates come from an act, an AR, a letter or a person, never from a clock; instants end in
``_at``. Nothing here is deleted but ``legal_stale`` and ``legal_date``, which are made again.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from transmission.store.tables import INSTANT
from transmission.store.tables import metadata as metadata


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _ref(name: str, target: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, ForeignKey(target), nullable=nullable)


def _acte() -> tuple[Column[int], Column[int]]:
    return (_ref("collectivite_id", "collectivite.id"), _ref("acte_id", "acte.id"))


# What happened to an act and no message told: entered by a person, taken back by another row. One
# about a letter or a sending says what that message is in law: it adds no event, it changes one.
legal_event = Table(
    "legal_event",
    metadata,
    _id(),
    *_acte(),
    Column("kind", Text, nullable=False),
    Column("date_recu", Date, nullable=False),
    Column("date_envoi", Date, nullable=False),
    Column("complete", Boolean, nullable=False, server_default="true"),
    Column("mode", Text),
    Column("remedies", Boolean),
    Column("preuve", Text),
    _ref("transmission_id", "transmission.id", nullable=True),
    _ref("courrier_id", "courrier.id", nullable=True),
    Column("retracts_id", BigInteger, ForeignKey("legal_event.id"), unique=True),
    Column("at", INSTANT, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text),
    Index("legal_event_acte_idx", "acte_id", "id"),
)

# What a person declared of an act; the newest row counts, the others tell who said what before.
legal_facts = Table(
    "legal_facts",
    metadata,
    _id(),
    *_acte(),
    Column("facts", JSONB, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text),
    Index("legal_facts_acte_idx", "acte_id", "id"),
)

# Each reading of an act that said something new: ``inputs`` is the digest of all that was read,
# ``rules`` the version of the rules. Another day from the same inputs is a difference to report,
# never a silent change.
legal_reading = Table(
    "legal_reading",
    metadata,
    _id(),
    *_acte(),
    Column("at", INSTANT, nullable=False),
    Column("inputs", Text, nullable=False),
    Column("rules", Integer, nullable=False),
    Column("states", JSONB, nullable=False),
    Column("dates", JSONB, nullable=False),
    # First day on which the mere passing of time changes something, None when none does.
    Column("next_day", Date),
    Column("current", Boolean, nullable=False, server_default="true"),
    Index("legal_reading_current_key", "acte_id", unique=True, postgresql_where=text("current")),
    Index(
        "legal_reading_next_idx",
        "collectivite_id",
        "next_day",
        "acte_id",
        postgresql_where=text("current"),
    ),
    Index(
        "legal_reading_rules_idx",
        "collectivite_id",
        "rules",
        "acte_id",
        postgresql_where=text("current"),
    ),
    Index("legal_reading_acte_idx", "acte_id", "id"),
)

# The dates of the current reading, for lists, reminders and calendars, which compute nothing.
legal_date = Table(
    "legal_date",
    metadata,
    Column("acte_id", BigInteger, ForeignKey("acte.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    _ref("collectivite_id", "collectivite.id"),
    Column("day", Date, nullable=False),
    Column("kind", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Index("legal_date_day_idx", "collectivite_id", "day", "acte_id"),
)

# Acts to read again. Never updated: a row that comes while its act is read outlives that reading.
# A trigger on the journal adds to them; like bells, they refer to nothing, which costs less.
legal_stale = Table(
    "legal_stale",
    metadata,
    _id(),
    Column("collectivite_id", BigInteger, nullable=False),
    Column("acte_id", BigInteger, nullable=False),
    Index("legal_stale_owner_idx", "collectivite_id", "id"),
)

finding = Table(
    "finding",
    metadata,
    _id(),
    _ref("collectivite_id", "collectivite.id"),
    _ref("acte_id", "acte.id", nullable=True),
    Column("code", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("rule", Text),
    Column("article", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("opened_at", INSTANT, nullable=False),
    Column("acknowledged_at", INSTANT),
    Column("acknowledged_by", Text),
    Column("acknowledged_reason", Text),
    Column("closed_at", INSTANT),
    Column("closed_reason", Text),
    Index(
        "finding_open_key",
        "collectivite_id",
        "code",
        "key",
        unique=True,
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index(
        "finding_open_idx",
        "collectivite_id",
        "id",
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("finding_acte_idx", "acte_id", "id"),
)

# A list of the acts of a meeting, as imported: ``sha256`` is that of the file kept. The newest of a
# date counts.
seance = Table(
    "seance",
    metadata,
    _id(),
    _ref("collectivite_id", "collectivite.id"),
    Column("date_seance", Date, nullable=False),
    Column("nom_fichier", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("author", Text, nullable=False),
    Index("seance_date_idx", "collectivite_id", "date_seance", "id"),
)

seance_acte = Table(
    "seance_acte",
    metadata,
    _id(),
    _ref("seance_id", "seance.id"),
    _ref("collectivite_id", "collectivite.id"),
    Column("date_seance", Date, nullable=False),
    Column("numero_interne", Text, nullable=False),
    Column("nature", SmallInteger),
    Column("objet", Text),
    UniqueConstraint("seance_id", "numero_interne"),
    Index("seance_acte_numero_idx", "collectivite_id", "numero_interne"),
)

# What the public may read of an act: the bytes published, never edited, only replaced by a row of
# a later publication. ``sha256`` is None while an outside address has not answered for the first
# time.
published_copy = Table(
    "published_copy",
    metadata,
    _id(),
    *_acte(),
    Column("date_mise_en_ligne", Date, nullable=False),
    Column("date_minimum", Date, nullable=False),
    Column("address", Text),
    Column("sha256", Text),
    Column("size", BigInteger),
    Column("nom_fichier", Text),
    Column("at", INSTANT, nullable=False),
    Column("author", Text, nullable=False),
    Column("next_check_at", INSTANT),
    Column("withdrawn_at", INSTANT),
    Column("withdrawn_reason", Text),
    Index(
        "published_copy_current_key",
        "acte_id",
        unique=True,
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
    Index(
        "published_copy_list_idx",
        "collectivite_id",
        "date_mise_en_ligne",
        "id",
        postgresql_where=text("withdrawn_at IS NULL AND nom_fichier IS NOT NULL"),
    ),
    Index(
        "published_copy_owner_idx",
        "collectivite_id",
        "id",
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
    Index("published_copy_acte_idx", "acte_id", "id"),
    Index(
        "published_copy_due_idx",
        "next_check_at",
        "id",
        postgresql_where=text("withdrawn_at IS NULL AND next_check_at IS NOT NULL"),
    ),
)

# Each look at what is published, with its proof.
publication_check = Table(
    "publication_check",
    metadata,
    _id(),
    _ref("published_copy_id", "published_copy.id"),
    Column("at", INSTANT, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("sha256", Text),
    Column("size", BigInteger),
    Column("detail", Text),
    Column("proof", JSONB, nullable=False, server_default="{}"),
    Index("publication_check_copy_idx", "published_copy_id", "id"),
)

# What is to be told to people or programs outside; ``key`` says what it is about, told once.
notice = Table(
    "notice",
    metadata,
    _id(),
    _ref("collectivite_id", "collectivite.id"),
    _ref("acte_id", "acte.id", nullable=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", INSTANT),
    Column("delivered_at", INSTANT),
    Column("failure", Text),
    # Of a subscription, which has its own round.
    _ref("webhook_id", "webhook.id", nullable=True),
    UniqueConstraint("collectivite_id", "channel", "target", "key"),
    Index(
        "notice_due_idx",
        "next_attempt_at",
        "id",
        postgresql_where=text("next_attempt_at IS NOT NULL"),
    ),
    Index(
        "notice_webhook_due_idx",
        "webhook_id",
        "id",
        postgresql_where=text("webhook_id IS NOT NULL AND next_attempt_at IS NOT NULL"),
    ),
    Index(
        "notice_webhook_idx", "webhook_id", "id", postgresql_where=text("webhook_id IS NOT NULL")
    ),
    Index(
        "notice_failed_idx",
        "id",
        postgresql_where=text(
            "next_attempt_at IS NULL AND delivered_at IS NULL AND failure IS NOT NULL"
        ),
    ),
)
