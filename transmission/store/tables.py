"""The register's tables. PostgreSQL remembers; everything else can be lost.

Instants are ``timestamptz``; civil dates are ``date`` and come from an act or a retour, never
from a clock.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

WAITING = (
    "state IN ('accepted', 'prepared', 'submitting', 'in_doubt', 'submitted', 'cancelling', 'held')"
)
"""What waits: indexes about it alone weigh what waits, whatever has ended."""

ENDED = "message = '1-1' AND state IN ('acknowledged', 'rejected', 'cancelled', 'delivered')"

WORDS = (
    "translate(lower(replace(replace(replace("
    r"regexp_replace(normalize(objet || ' ' || numero_interne, NFKD), '[\u0300-\u036f]', '', 'g')"
    ", 'œ', 'oe'), 'Œ', 'oe'), '’', '''')), 'ÆÐØÞĐĦŁŊŦ', 'æðøþđħłŋŧ')"
)
"""What is searched of an act: its object and number, without accents nor capitals."""

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

INSTANT = DateTime(timezone=True)


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _ref(name: str, target: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, ForeignKey(target), nullable=nullable)


def _piece() -> list[Column[Any]]:
    return [
        Column("ordre", SmallInteger, nullable=False),
        Column("nom_original", Text, nullable=False),
        Column("code_type_pj", Text, nullable=False),
        Column("extension", Text, nullable=False),
        Column("sha256", Text, nullable=False),
        Column("size", BigInteger, nullable=False),
    ]


collectivite = Table(
    "collectivite",
    metadata,
    _id(),
    Column("siren", Text, nullable=False, unique=True),
    Column("settings", JSONB, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("classification_asked_at", INSTANT),
)

classification = Table(
    "classification",
    metadata,
    _id(),
    _ref("collectivite_id", "collectivite.id"),
    Column("date_classification", Date, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received_at", INSTANT, nullable=False),
    UniqueConstraint("collectivite_id", "date_classification"),
)

acte = Table(
    "acte",
    metadata,
    _id(),
    _ref("collectivite_id", "collectivite.id"),
    Column("numero_interne", Text, nullable=False),
    Column("date_decision", Date, nullable=False),
    Column("nature", SmallInteger, nullable=False),
    Column("matiere", Text, nullable=False),
    Column("objet", Text, nullable=False),
    Column("date_classification", Date, nullable=False),
    Column("document_papier", Boolean, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("accepted_at", INSTANT, nullable=False),
    Column("accepted_by", Text, nullable=False),
    Column("date_mise_en_ligne", Date),
    Column("adresse_publication", Text),
    Column("words", Text, Computed(WORDS, persisted=True)),
    UniqueConstraint("collectivite_id", "nature", "date_decision", "numero_interne"),
    # By the number first: it is looked for in all authorities too, and by its beginning.
    Index(
        "acte_numero_idx",
        "numero_interne",
        "collectivite_id",
        postgresql_ops={"numero_interne": "text_pattern_ops"},
    ),
    Index("acte_owner_idx", "collectivite_id", "id"),
    # A short list of what is not yet in its place: each act pays less, each search little more.
    Index(
        "acte_words_idx",
        "words",
        postgresql_using="gin",
        postgresql_ops={"words": "gin_trgm_ops"},
        postgresql_with={"gin_pending_list_limit": 256},
    ),
)

piece = Table(
    "piece",
    metadata,
    _id(),
    _ref("acte_id", "acte.id"),
    *_piece(),
    UniqueConstraint("acte_id", "ordre"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    _ref("acte_id", "acte.id"),
    Column("fingerprint", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
)

enveloppe_counter = Table(
    "enveloppe_counter",
    metadata,
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)

transmission = Table(
    "transmission",
    metadata,
    _id(),
    _ref("acte_id", "acte.id"),
    _ref("collectivite_id", "collectivite.id"),
    Column("message", Text, nullable=False, server_default="1-1"),
    Column("courrier_id", BigInteger, ForeignKey("courrier.id", use_alter=True)),
    Column("date_classification", Date),
    Column("fingerprint", Text),
    Column("state", Text, nullable=False),
    Column("state_since", INSTANT, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("polls", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("claims", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", INSTANT),
    Column("date_limite", Date),
    Column("waiting_for", Text),
    Column("id_acte", Text, nullable=False),
    Column("enveloppe", Text),
    Column("archive_name", Text, unique=True),
    Column("parcel", JSONB),
    Column("reference", Text),
    Column("date_reception", Date),
    Column("retour_id", BigInteger),
    # At most one living transmission of an act: a second needs the first to be over.
    Index(
        "transmission_living_key",
        "acte_id",
        unique=True,
        postgresql_where=text("message = '1-1' AND state NOT IN ('rejected', 'cancelled')"),
    ),
    # At most one cancellation under way, one receipt of a letter, one answer under way.
    Index(
        "transmission_annulation_key",
        "acte_id",
        unique=True,
        postgresql_where=text(
            "message = '6-1' AND state NOT IN ('rejected', 'cancelled', 'acknowledged')"
        ),
    ),
    Index(
        "transmission_receipt_key",
        "courrier_id",
        unique=True,
        postgresql_where=text(
            "message IN ('3-2', '4-2') AND state NOT IN ('rejected', 'cancelled')"
        ),
    ),
    Index(
        "transmission_answer_key",
        "courrier_id",
        unique=True,
        postgresql_where=text(
            "message IN ('2-2', '3-3', '3-4', '4-3', '4-4') "
            "AND state NOT IN ('rejected', 'cancelled', 'acknowledged')"
        ),
    ),
    Index(
        "transmission_due_idx",
        "state",
        "next_attempt_at",
        "id",
        postgresql_where=text(
            "state IN ('accepted', 'prepared', 'submitting', 'in_doubt', 'submitted', 'cancelling')"
        ),
    ),
    Index("transmission_waiting_idx", "state_since", "id", postgresql_where=text(WAITING)),
    Index("transmission_ended_idx", "state", "id", postgresql_where=text(ENDED)),
    Index(
        "transmission_owner_ended_idx",
        "collectivite_id",
        "state",
        "id",
        postgresql_where=text(ENDED),
    ),
    Index(
        "transmission_look_idx",
        "collectivite_id",
        "next_attempt_at",
        "id",
        postgresql_where=text("state = 'submitted'"),
    ),
    Index(
        "transmission_lane_idx",
        "collectivite_id",
        "next_attempt_at",
        "id",
        postgresql_where=text("state IN ('accepted', 'prepared')"),
    ),
    Index(
        "transmission_urgent_idx",
        "collectivite_id",
        "date_limite",
        "id",
        postgresql_where=text("state IN ('accepted', 'prepared')"),
    ),
    Index("transmission_acte_idx", "acte_id"),
    Index(
        "transmission_courrier_idx",
        "courrier_id",
        postgresql_where=text("courrier_id IS NOT NULL"),
    ),
    Index("transmission_enveloppe_idx", "collectivite_id", "enveloppe"),
)
Index(
    "transmission_id_acte_idx",
    transmission.c.collectivite_id,
    func.upper(transmission.c.id_acte),
)
# The number that an act was sent under, which may not be the one that it was adopted under.
Index(
    "transmission_numero_idx",
    func.split_part(transmission.c.id_acte, "-", 4),
    transmission.c.collectivite_id,
)

attempt = Table(
    "attempt",
    metadata,
    _id(),
    _ref("transmission_id", "transmission.id"),
    Column("number", Integer, nullable=False),
    Column("connector", Text, nullable=False),
    Column("archive_name", Text, nullable=False),
    Column("archive_sha256", Text, nullable=False),
    Column("started_at", INSTANT, nullable=False),
    Column("finished_at", INSTANT),
    Column("outcome", Text),
    Column("detail", Text),
    Column("request", Text),
    Column("response_sha256", Text),
    Column("response_size", BigInteger),
    UniqueConstraint("transmission_id", "number"),
)

retour = Table(
    "retour",
    metadata,
    _id(),
    _ref("collectivite_id", "collectivite.id"),
    _ref("transmission_id", "transmission.id", nullable=True),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("received_at", INSTANT, nullable=False),
    Column("status", Text, nullable=False),
    Column("kind", Text),
    Column("date_reception", Date),
    Column("reason", Text),
    Column("notes", JSONB, nullable=False, server_default="[]"),
    Column("differences", JSONB, nullable=False, server_default="[]"),
    _ref("acte_id", "acte.id", nullable=True),
    Column("container", Boolean, nullable=False, server_default="false"),
    _ref("parent_id", "retour.id", nullable=True),
    Column("nom_fichier", Text),
    Column("reference", Text),
    # The same bytes for the same reference are one retour, however often they are collected.
    UniqueConstraint("collectivite_id", "source", "sha256"),
    Index("retour_stored_idx", "id", postgresql_where=text("status = 'stored'")),
    Index("retour_quarantined_idx", "id", postgresql_where=text("status = 'quarantined'")),
    Index("retour_transmission_idx", "transmission_id"),
    Index("retour_acte_idx", "acte_id"),
)

retour_piece = Table(
    "retour_piece",
    metadata,
    _id(),
    _ref("retour_id", "retour.id"),
    Column("ordre", SmallInteger, nullable=False),
    Column("nom_fichier", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    UniqueConstraint("retour_id", "ordre"),
)

courrier = Table(
    "courrier",
    metadata,
    _id(),
    _ref("collectivite_id", "collectivite.id"),
    _ref("acte_id", "acte.id"),
    Column("message", Text, nullable=False),
    Column("date_courrier", Date, nullable=False),
    Column("texte", Text, nullable=False),
    # Of the message and its documents: a letter read twice opens one thread.
    Column("fingerprint", Text, nullable=False),
    Column("reference", Text),
    Column("received_at", INSTANT, nullable=False),
    _ref("retour_id", "retour.id"),
    # It wants no answer any more. Set some time after; taken away, by a trigger, with the answer.
    Column("settled", Boolean, nullable=False, server_default="false"),
    UniqueConstraint("acte_id", "message", "fingerprint"),
    Index("courrier_retour_idx", "retour_id"),
    Index("courrier_unsettled_idx", "id", postgresql_where=text("NOT settled")),
)

answer_piece = Table(
    "answer_piece",
    metadata,
    _id(),
    _ref("transmission_id", "transmission.id"),
    *_piece(),
    UniqueConstraint("transmission_id", "ordre"),
)

window_slot = Table(
    "window_slot",
    metadata,
    Column("collectivite_id", BigInteger, ForeignKey("collectivite.id"), primary_key=True),
    Column("starts_at", INSTANT, primary_key=True),
    Column("spent", BigInteger, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    _id(),
    _ref("collectivite_id", "collectivite.id"),
    # None for what came and is not yet known to concern an act.
    _ref("acte_id", "acte.id", nullable=True),
    _ref("transmission_id", "transmission.id", nullable=True),
    Column("at", INSTANT, nullable=False),
    Column("event", Text, nullable=False),
    Column("source", Text),
    Column("target", Text),
    Column("author", Text, nullable=False),
    Column("reason", Text),
    Column("details", JSONB, nullable=False, server_default="{}"),
    Index("journal_acte_idx", "acte_id", "id"),
    Index("journal_owner_idx", "collectivite_id", "id"),
)

# A bell that was published for a lane and that no task has answered yet.
rung = Table(
    "rung",
    metadata,
    Column("task", Text, primary_key=True),
    Column("subject", BigInteger, primary_key=True),
    Column("at", INSTANT, nullable=False),
)

# What all authorities together know of a TdT's health.
circuit = Table(
    "circuit",
    metadata,
    Column("tdt", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("successes", Integer, nullable=False),
    Column("since", INSTANT, nullable=False),
    Column("open_until", INSTANT),
    Column("reason", Text),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("task", Text, nullable=False),
    Column("subject", BigInteger, nullable=False),
    Column("rung_at", INSTANT, nullable=False, server_default=func.now()),
)

periodic_run = Table(
    "periodic_run",
    metadata,
    Column("name", Text, primary_key=True),
    Column("period", BigInteger, nullable=False),
    Column("started_at", INSTANT, nullable=False),
)

# Each kind of work, and when some of it was last finished.
heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
)

# Content of the documents, when the settings keep them here: rank 0, 1, 2… of at most 1 MiB.
document_block = Table(
    "document_block",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
