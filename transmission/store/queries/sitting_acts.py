"""The acts of a sitting: those that its list names, found in the register or not, and the others
of that day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    false,
    func,
    select,
    true,
    tuple_,
)

from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.portee import Soumission
from transmission.domain.lifecycle import State
from transmission.domain.messages import ACTE
from transmission.domain.transmission import StoredFile
from transmission.store.queries.listed import found_of_line
from transmission.store.queries.sittings import is_replaced
from transmission.store.queries.standing import within
from transmission.store.rows import nature_of
from transmission.store.tables import acte, collectivite, transmission
from transmission.store.tables_legal import legal_date, legal_reading, seance, seance_acte

PAGE = 25
UNLISTED = 500
"""Acts of the day, named by no list, beyond which no more are shown."""

_ADOPTED = (NatureActe.DELIBERATION.code, NatureActe.BUDGET.code)
_NOT_TRANSMITTED = (Soumission.NON.code, Soumission.SANS_OBJET.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class SittingSum:
    """A sitting and its list: how many acts it names, how many of them the register has, left, were
    received, are on line. ``exempt`` are those that need not leave; ``at`` is aware UTC."""

    id: int
    siren: str
    collectivite: str
    date_seance: date
    time_zone: str
    at: datetime
    author: str
    expected: int
    known: int
    sent: int
    received: int
    published: int
    exempt: int

    @property
    def missing(self) -> int:
        """Acts of the list that the register does not have."""
        return self.expected - self.known

    @property
    def unsent(self) -> int:
        """Acts that the register has, that must leave and did not."""
        return self.known - self.sent - self.exempt

    @property
    def is_complete(self) -> bool:
        """Whether all that had to leave was received."""
        return not self.missing and self.received >= self.expected - self.exempt


@dataclass(frozen=True, slots=True, kw_only=True)
class SittingLine:
    """An act of a sitting; ``acte_id`` is None when the list names it and the register lacks it.

    ``state`` is that of its latest sending; ``must_leave`` is False for an act that the law does
    not have transmitted.
    """

    numero: str
    objet: str | None
    nature: NatureActe | None
    acte_id: int | None = None
    state: State | None = None
    sent: bool = False
    must_leave: bool = True
    date_decision: date | None = None
    date_reception: date | None = None
    date_mise_en_ligne: date | None = None
    date_liste: date | None = None


@dataclass(frozen=True, slots=True)
class KeptList:
    """The list that counts for a day, as it was imported."""

    id: int
    nom_fichier: str
    file: StoredFile
    at: datetime
    author: str


@dataclass(frozen=True, slots=True)
class SittingPage:
    """Some sittings, the newest first, and where the next page begins (a day, a number)."""

    sums: tuple[SittingSum, ...]
    following: tuple[date, int] | None


def sitting_sums(
    connection: Connection,
    sirens: Collection[str] | None,
    after: tuple[date, int] | None = None,
    limit: int = PAGE,
) -> SittingPage:
    """The sittings of which a list was imported, of some authorities or of every one."""
    key = (seance.c.date_seance, seance.c.id)
    newest = (
        select(seance)
        .where(~is_replaced(seance), *within(seance, sirens))
        .order_by(*(each.desc() for each in key))
        .limit(limit + 1)
    )
    if after is not None:
        newest = newest.where(tuple_(*key) < after)
    rows = connection.execute(_summed(newest.subquery())).all()
    sums = tuple(SittingSum(**row._mapping) for row in rows[:limit])
    last = sums[-1] if len(rows) > limit else None
    return SittingPage(sums, (last.date_seance, last.id) if last else None)


def kept_list(connection: Connection, siren: str, day: date) -> KeptList | None:
    """The list that counts for a day of an authority, None without any."""
    statement = select(seance).where(
        seance.c.date_seance == day, *within(seance, [siren]), ~is_replaced(seance)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    return KeptList(row.id, row.nom_fichier, StoredFile(row.sha256, row.size), row.at, row.author)


def listed_lines(connection: Connection, seance_id: int) -> Sequence[SittingLine]:
    """The acts that a list names, in its order."""
    found, sent, read = found_of_line(), _latest(), _current()
    tables = (
        seance_acte.outerjoin(found, true())
        .outerjoin(acte, acte.c.id == found.c.id)
        .outerjoin(sent, true())
        .outerjoin(legal_reading, read)
    )
    statement = (
        select(
            seance_acte.c.numero_interne.label("numero"),
            func.coalesce(acte.c.objet, seance_acte.c.objet).label("objet"),
            func.coalesce(acte.c.nature, seance_acte.c.nature).label("nature"),
            func.coalesce(found.c.sent, false()).label("sent"),
            *_facts(sent),
        )
        .select_from(tables)
        .where(seance_acte.c.seance_id == seance_id)
        .order_by(seance_acte.c.id)
    )
    return [_line(row) for row in connection.execute(statement)]


def unlisted_lines(
    connection: Connection, siren: str, day: date, listed: Collection[int] = ()
) -> Sequence[SittingLine]:
    """The deliberations and budgets of a day that no line of its list was found to be.

    At most ``UNLISTED``.
    """
    sent, read = _latest(), _current()
    statement = (
        select(
            acte.c.numero_interne.label("numero"),
            acte.c.objet,
            acte.c.nature,
            sent.c.has_left.label("sent"),
            *_facts(sent),
        )
        .select_from(acte.outerjoin(sent, true()).outerjoin(legal_reading, read))
        .where(
            *within(acte, [siren]),
            acte.c.nature.in_(_ADOPTED),
            acte.c.date_decision == day,
            acte.c.id.not_in(list(listed)),
        )
        .order_by(acte.c.numero_interne, acte.c.id)
        .limit(UNLISTED)
    )
    return [_line(row) for row in connection.execute(statement)]


def _summed(newest: Any) -> Select[Any]:
    found, sent, read = found_of_line(), _latest(), _current()
    exempt = legal_reading.c.states["soumission"].astext.in_(_NOT_TRANSMITTED)
    left = func.coalesce(found.c.sent, false())
    tables = (
        newest.join(collectivite, collectivite.c.id == newest.c.collectivite_id)
        .outerjoin(seance_acte, seance_acte.c.seance_id == newest.c.id)
        .outerjoin(found, true())
        .outerjoin(acte, acte.c.id == found.c.id)
        .outerjoin(sent, true())
        .outerjoin(legal_reading, read)
    )
    settings = collectivite.c.settings
    return (
        select(
            newest.c.id,
            newest.c.date_seance,
            newest.c.at,
            newest.c.author,
            collectivite.c.siren,
            settings["nom"].astext.label("collectivite"),
            settings["time_zone"].astext.label("time_zone"),
            func.count(seance_acte.c.id).label("expected"),
            func.count(acte.c.id).label("known"),
            func.count().filter(left).label("sent"),
            func.count(sent.c.date_reception).label("received"),
            func.count(acte.c.date_mise_en_ligne).label("published"),
            func.count().filter(and_(exempt, ~left)).label("exempt"),
        )
        .select_from(tables)
        .group_by(
            newest.c.id, newest.c.date_seance, newest.c.at, newest.c.author, collectivite.c.id
        )
        .order_by(newest.c.date_seance.desc(), newest.c.id.desc())
    )


def _latest() -> Any:
    """The newest sending of the act itself."""
    return (
        select(
            transmission.c.state,
            transmission.c.date_reception,
            (
                transmission.c.reference.is_not(None) | transmission.c.date_reception.is_not(None)
            ).label("has_left"),
        )
        .where(transmission.c.acte_id == acte.c.id, transmission.c.message == ACTE)
        .order_by(transmission.c.id.desc())
        .limit(1)
        .correlate(acte)
        .lateral("latest")
    )


def _current() -> ColumnElement[bool]:
    return and_(legal_reading.c.acte_id == acte.c.id, legal_reading.c.current)


def _facts(sent: Any) -> Sequence[ColumnElement[Any]]:
    listing = (
        select(legal_date.c.day)
        .where(
            legal_date.c.acte_id == acte.c.id,
            legal_date.c.name == DateName.LISTE_DELIBERATIONS.code,
        )
        .correlate(acte)
        .scalar_subquery()
    )
    return (
        acte.c.id.label("acte_id"),
        acte.c.date_decision,
        acte.c.date_mise_en_ligne,
        sent.c.state,
        sent.c.date_reception,
        legal_reading.c.states["soumission"].astext.label("soumission"),
        listing.label("date_liste"),
    )


def _line(row: Row[Any]) -> SittingLine:
    return SittingLine(
        numero=row.numero,
        objet=row.objet,
        nature=None if row.nature is None else nature_of(row.nature),
        acte_id=row.acte_id,
        state=None if row.state is None else State.of(row.state),
        sent=bool(row.sent),
        must_leave=row.soumission not in _NOT_TRANSMITTED,
        date_decision=row.date_decision,
        date_reception=row.date_reception,
        date_mise_en_ligne=row.date_mise_en_ligne,
        date_liste=row.date_liste,
    )
