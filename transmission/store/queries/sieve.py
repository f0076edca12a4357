"""What a program asks of a list of acts, said as conditions, and what an index knows of it.

Any filters go together. Where one of them names few acts, an index finds these and the others are
asked of them alone; where none does, a page goes down a stretch of the list and no further.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, union_all

from transmission.domain.identifiers import NatureActe
from transmission.domain.lifecycle import FINAL, State
from transmission.store.courriers import is_unsettled, wants_answer
from transmission.store.queries.search import MOST, under_number, worded
from transmission.store.queries.sittings import is_replaced
from transmission.store.queries.standing import IS_ACTE, in_states, owned, waiting_of
from transmission.store.tables import acte, attempt, courrier, transmission
from transmission.store.tables_legal import seance, seance_acte


@dataclass(frozen=True, slots=True, kw_only=True)
class Sift:
    """What to keep; None, or nothing, is for all.

    ``numero`` is one that the act was adopted or sent under, ``objet`` words of it, ``id_acte`` an
    identifier that it was sent under, ``matiere`` a subject or the beginning of some. Civil dates
    are both included: ``decided_from`` and ``decided_to`` of the decision, ``received_from`` and
    ``received_to`` of the receipt. ``since`` and ``until`` (left out) are the instants of the
    handing over. ``sitting`` is a date whose list names the act, ``tdt`` the connector that it was
    sent by, ``open_letter`` whether a letter about it waits for an answer.
    """

    numero: str | None = None
    objet: str | None = None
    id_acte: str | None = None
    natures: tuple[NatureActe, ...] = ()
    matiere: str | None = None
    states: tuple[State, ...] = ()
    decided_from: date | None = None
    decided_to: date | None = None
    received_from: date | None = None
    received_to: date | None = None
    since: datetime | None = None
    until: datetime | None = None
    sitting: date | None = None
    tdt: str | None = None
    open_letter: bool | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """The authority whose acts are listed."""

    id: int
    siren: str


def conditions(sift: Sift, owner: Owner) -> list[ColumnElement[bool]]:
    """What an act, and its latest sending, must be."""
    found = [*_of_acte(sift, owner), *_of_sending(sift)]
    if sift.objet is not None:
        found += worded(sift.objet, ()).down
    if sift.numero is not None:
        found.append(acte.c.id.in_(under_number(sift.numero, owner.siren)))
    if sift.id_acte is not None:
        found.append(acte.c.id.in_(_identified(sift.id_acte, owner)))
    if sift.sitting is not None:
        found.append(and_(*_of_sitting(sift.sitting, owner)))
    if sift.open_letter is not None:
        waits = _open_letters(owner).where(courrier.c.acte_id == acte.c.id).correlate(acte).exists()
        found.append(waits if sift.open_letter else ~waits)
    return found


def few(connection: Connection, sift: Sift, owner: Owner) -> tuple[int, ...] | None:
    """All the acts that may fit, when an index knows that they are few; None otherwise."""
    for ids in _known(sift, owner):
        found = connection.execute(ids.limit(MOST + 1)).scalars().all()
        if len(found) <= MOST:
            return tuple(set(found))
    if sift.objet is not None:
        return worded(sift.objet, owned(acte, owner.siren)).by_index(connection)
    return None


def _known(sift: Sift, owner: Owner) -> Iterator[Any]:
    """Acts by what indexes know, the surest first; each finds more acts than fit, never fewer."""
    if sift.numero is not None:
        yield under_number(sift.numero, owner.siren)
    if sift.id_acte is not None:
        yield _identified(sift.id_acte, owner)
    if sift.open_letter:
        yield _open_letters(owner)
    if sift.sitting is not None:
        yield select(acte.c.id).where(*_of_sitting(sift.sitting, owner))
    if sift.decided_from is not None or sift.decided_to is not None:
        # Every nature, so that the index of the legal key is gone through a range of each.
        natures = [nature.code for nature in sift.natures or NatureActe]
        yield select(acte.c.id).where(
            acte.c.collectivite_id == owner.id,
            acte.c.nature.in_(natures),
            *_between(acte.c.date_decision, sift.decided_from, sift.decided_to),
        )
    if sift.states:
        yield _in_states(sift.states, owner)


def _of_acte(sift: Sift, owner: Owner) -> Iterator[ColumnElement[bool]]:
    yield acte.c.collectivite_id == owner.id
    if sift.natures:
        yield acte.c.nature.in_([nature.code for nature in sift.natures])
    if sift.matiere is not None:
        below = acte.c.matiere.like(f"{sift.matiere}.%")
        yield or_(acte.c.matiere == sift.matiere, below)
    yield from _between(acte.c.date_decision, sift.decided_from, sift.decided_to)
    if sift.since is not None:
        yield acte.c.accepted_at >= sift.since
    if sift.until is not None:
        yield acte.c.accepted_at < sift.until


def _of_sending(sift: Sift) -> Iterator[ColumnElement[bool]]:
    if sift.states:
        yield transmission.c.state.in_([state.code for state in sift.states])
    yield from _between(transmission.c.date_reception, sift.received_from, sift.received_to)
    if sift.tdt is not None:
        tried = select(attempt.c.id).where(
            attempt.c.transmission_id == transmission.c.id, attempt.c.connector == sift.tdt
        )
        yield tried.correlate(transmission).exists()


def _between(column: Any, first: date | None, last: date | None) -> Iterator[ColumnElement[bool]]:
    if first is not None:
        yield column >= first
    if last is not None:
        yield column <= last


def _identified(id_acte: str, owner: Owner) -> Select[int]:
    return select(transmission.c.acte_id).where(
        transmission.c.collectivite_id == owner.id,
        func.upper(transmission.c.id_acte) == id_acte.upper(),
    )


def _open_letters(owner: Owner) -> Select[int]:
    return select(courrier.c.acte_id).where(
        is_unsettled(), courrier.c.collectivite_id == owner.id, wants_answer()
    )


def _of_sitting(day: date, owner: Owner) -> Iterator[ColumnElement[bool]]:
    """A number serves again another year."""
    named = (
        select(seance_acte.c.numero_interne)
        .join(seance, seance.c.id == seance_acte.c.seance_id)
        .where(
            seance.c.collectivite_id == owner.id,
            seance.c.date_seance == day,
            ~is_replaced(seance),
        )
    )
    yield acte.c.collectivite_id == owner.id
    yield acte.c.numero_interne.in_(named)
    yield acte.c.date_decision.between(date(day.year, 1, 1), date(day.year, 12, 31))


def _in_states(states: tuple[State, ...], owner: Owner) -> Any:
    waiting = [state for state in states if state not in FINAL]
    ended = [state for state in states if state in FINAL]
    parts = []
    if waiting:
        parts.append(
            select(transmission.c.acte_id).where(
                IS_ACTE, in_states(waiting), *waiting_of(owner.siren)
            )
        )
    if ended:
        parts.append(
            select(transmission.c.acte_id).where(
                IS_ACTE, in_states(ended), transmission.c.collectivite_id == owner.id
            )
        )
    return parts[0] if len(parts) == 1 else union_all(*parts)
