"""What the legal clock needs of some acts, read together: a handful of statements for them all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Text, bindparam, case, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from transmission.domain.acte import Matiere
from transmission.domain.collectivite import Collectivite
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.declaration import NOTHING, Declaration
from transmission.domain.legal.entered import Recorded
from transmission.domain.lifecycle import State
from transmission.domain.messages import ACTE, ANNULATION, ANSWERS
from transmission.store.legal import IDS, newest_facts, recorded_events
from transmission.store.rows import load_collectivite, nature_of
from transmission.store.statements import Reading
from transmission.store.tables import acte, attempt, collectivite, courrier, retour, transmission

_TOLD = (ACTE, ANNULATION, *(answer for answers in ANSWERS.values() for answer in answers))
_NOT_SENT = ("Refused", "Unavailable")


@dataclass(frozen=True, slots=True)
class Sent:
    """A sending about an act, cut down to what the law looks at.

    ``sent_at`` is the first time that the TdT took it or may have; ``refused_at`` when the State's
    refusal came. Both are aware UTC instants.
    """

    id: int
    message: str
    courrier_id: int | None
    state: State
    date_reception: date | None
    sent_at: datetime | None
    refused_at: datetime | None


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of the préfecture; ``received_at`` is when it was taken in (aware UTC)."""

    id: int
    message: str
    date_courrier: date
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalStory:
    """An act as the register tells it to the law; everything is oldest first."""

    acte_id: int
    collectivite_id: int
    collectivite: Collectivite
    numero_interne: str
    nature: NatureActe
    matiere: Matiere
    date_decision: date
    date_mise_en_ligne: date | None = None
    sendings: tuple[Sent, ...] = ()
    letters: tuple[Letter, ...] = ()
    recorded: tuple[Recorded, ...] = ()
    declaration: Declaration = NOTHING


def stories_for(connection: Connection, acte_ids: Sequence[int]) -> Sequence[LegalStory]:
    """The stories of some acts, by number; one that is unknown is left out."""
    ids = {"ids": list(acte_ids)}
    actes = _ACTES.rows(connection, ids)
    owners = _owners(connection, {row.collectivite_id for row in actes})
    sendings = _by_acte(_SENDINGS.rows(connection, ids), _sent)
    letters = _by_acte(_LETTERS.rows(connection, ids), _letter)
    recorded, facts = recorded_events(connection, acte_ids), newest_facts(connection, acte_ids)
    return [
        LegalStory(
            acte_id=row.id,
            collectivite_id=row.collectivite_id,
            collectivite=owners[row.collectivite_id],
            numero_interne=row.numero_interne,
            nature=nature_of(row.nature),
            matiere=Matiere.parse(row.matiere),
            date_decision=row.date_decision,
            date_mise_en_ligne=row.date_mise_en_ligne,
            sendings=tuple(sendings.get(row.id, ())),
            letters=tuple(letters.get(row.id, ())),
            recorded=tuple(recorded.get(row.id, ())),
            declaration=facts.get(row.id, NOTHING),
        )
        for row in actes
    ]


def _owners(connection: Connection, ids: Iterable[int]) -> Mapping[int, Collectivite]:
    rows = _OWNERS.rows(connection, {"ids": list(ids)})
    return {row.id: load_collectivite(row.siren, row.settings) for row in rows}


def _by_acte(rows: Iterable[Any], load: Any) -> Mapping[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.acte_id].append(load(row))
    return found


def _sent(row: Any) -> Sent:
    return Sent(
        row.id,
        row.message,
        row.courrier_id,
        State.of(row.state),
        row.date_reception,
        row.sent_at,
        row.refused_at,
    )


def _letter(row: Any) -> Letter:
    return Letter(row.id, row.message, row.date_courrier, row.received_at)


def _given(name: str, texts: Sequence[str]) -> BindParameter[Any]:
    # One array: a list of parameters would be another statement.
    return bindparam(name, list(texts), type_=ARRAY(Text))


def first_sent() -> ColumnElement[Any]:
    """When the TdT took a transmission, or else when an attempt began that may have reached it."""
    begun = func.min(attempt.c.started_at)
    taken = begun.filter(attempt.c.outcome == "Accepted")
    maybe = begun.filter(
        func.coalesce(attempt.c.outcome, "") != func.all(_given("not_sent", _NOT_SENT))
    )
    return (
        select(func.coalesce(taken, maybe))
        .where(attempt.c.transmission_id == transmission.c.id)
        .scalar_subquery()
    )


def _refused() -> ColumnElement[Any]:
    came = (
        select(retour.c.received_at).where(retour.c.id == transmission.c.retour_id)
    ).scalar_subquery()
    return case((transmission.c.state == State.REJECTED.code, came))


_ACTES = Reading(
    select(
        acte.c.id,
        acte.c.collectivite_id,
        acte.c.numero_interne,
        acte.c.nature,
        acte.c.matiere,
        acte.c.date_decision,
        acte.c.date_mise_en_ligne,
    )
    .where(acte.c.id == func.any(IDS))
    .order_by(acte.c.id)
)
_OWNERS = Reading(
    select(collectivite.c.id, collectivite.c.siren, collectivite.c.settings).where(
        collectivite.c.id == func.any(IDS)
    )
)
_SENDINGS = Reading(
    select(
        transmission.c.id,
        transmission.c.acte_id,
        transmission.c.message,
        transmission.c.courrier_id,
        transmission.c.state,
        transmission.c.date_reception,
        first_sent().label("sent_at"),
        _refused().label("refused_at"),
    )
    .where(
        transmission.c.acte_id == func.any(IDS),
        transmission.c.message == func.any(_given("told", _TOLD)),
    )
    .order_by(transmission.c.id)
)
_LETTERS = Reading(
    select(
        courrier.c.id,
        courrier.c.acte_id,
        courrier.c.message,
        courrier.c.date_courrier,
        courrier.c.received_at,
    )
    .where(courrier.c.acte_id == func.any(IDS))
    .order_by(courrier.c.id)
)
