"""Transmissions in the register: read, locked, moved by compare-and-set."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    Connection,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.sql.dml import Insert, Update

from transmission.domain.errors import NotFoundError
from transmission.domain.lifecycle import Event, Transition
from transmission.domain.lifecycle import transition as arrow
from transmission.domain.messages import ACTE
from transmission.domain.transmission import Author, Transmission
from transmission.ports import Attempt, Ending, StaleError, Step
from transmission.store.rows import dump_parcel, load_transmission
from transmission.store.statements import Reading, Statement, given
from transmission.store.tables import attempt, journal, transmission

_ONE = Reading(select(transmission).where(transmission.c.id == bindparam("wanted")))
_LOCKED = Statement(
    select(transmission)
    .where(transmission.c.id == bindparam("wanted"))
    .with_for_update(skip_locked=True)
)
_LOCKED_IN_TURN = Statement(
    select(transmission).where(transmission.c.id == bindparam("wanted")).with_for_update()
)


_LATEST = Reading(
    select(transmission)
    .where(transmission.c.acte_id == bindparam("acte"), transmission.c.message == ACTE)
    .order_by(transmission.c.id.desc())
    .limit(1)
)
_UNDER_ID_ACTE = Reading(
    select(transmission)
    .where(
        transmission.c.collectivite_id == bindparam("authority"),
        func.upper(transmission.c.id_acte) == bindparam("id_acte"),
        transmission.c.message == ACTE,
    )
    .order_by(transmission.c.id.desc())
)
_IN_ENVELOPPE = Reading(
    select(transmission)
    .where(
        transmission.c.collectivite_id == bindparam("authority"),
        transmission.c.enveloppe == bindparam("enveloppe"),
    )
    .order_by(transmission.c.id.desc())
)


class Transmissions:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def transmission(self, transmission_id: int) -> Transmission:
        row = _ONE.first(self._connection, {"wanted": transmission_id})
        if row is None:
            raise NotFoundError(f"Aucune transmission n° {transmission_id} n'est enregistrée.")
        return load_transmission(row)

    def current_transmission(self, acte_id: int) -> Transmission:
        row = _LATEST.first(self._connection, {"acte": acte_id})
        if row is None:
            raise NotFoundError(f"Aucun acte n° {acte_id} n'est enregistré.")
        return load_transmission(row)

    def lock_transmission(self, transmission_id: int, *, wait: bool = False) -> Transmission | None:
        statement = _LOCKED_IN_TURN if wait else _LOCKED
        row = statement.first(self._connection, {"wanted": transmission_id})
        return None if row is None else load_transmission(row)

    def match_transmission(self, authority_id: int, id_acte: str) -> Sequence[Transmission]:
        wanted = {"authority": authority_id, "id_acte": id_acte.upper()}
        return [load_transmission(row) for row in _UNDER_ID_ACTE.rows(self._connection, wanted)]

    def match_enveloppe(self, authority_id: int, enveloppe: str) -> Sequence[Transmission]:
        wanted = {"authority": authority_id, "enveloppe": enveloppe}
        return [load_transmission(row) for row in _IN_ENVELOPPE.rows(self._connection, wanted)]

    def move(
        self,
        moved: Transmission,
        event: Event,
        author: Author,
        at: datetime,
        step: Step = Step(),  # noqa: B008 - frozen
        details: dict[str, Any] | None = None,
    ) -> Transmission:
        values = _move(moved, arrow(moved.state, event), author, at, step, details)
        return self._required(moved, _moving(_changed(values)), values)

    def start_attempt(
        self,
        started: Transmission,
        intent: Attempt,
        author: Author,
        step: Step,
        details: dict[str, Any] | None = None,
    ) -> Transmission:
        parcel = started.parcel
        assert parcel is not None  # noqa: S101 - lifecycle: prepared has a parcel
        taken = arrow(started.state, Event.SUBMISSION_STARTED)
        values = _move(started, taken, author, intent.started_at, step, details) | {
            "begun_number": intent.number,
            "begun_connector": intent.connector,
            "begun_archive_name": parcel.archive_name,
            "begun_archive_sha256": parcel.archive.sha256,
            "begun_started_at": intent.started_at,
        }
        return self._required(started, _starting(_changed(values)), values)

    def end_attempt(
        self,
        ended: Transmission,
        ending: Ending,
        event: Event,
        author: Author,
        step: Step,
        details: dict[str, Any] | None = None,
    ) -> Transmission | None:
        taken = arrow(ended.state, event)
        values = _move(ended, taken, author, ending.at, step, details) | {
            "ended_finished_at": ending.at,
            "ended_outcome": ending.outcome,
            "ended_detail": ending.detail,
            "ended_request": ending.request,
            "ended_response_sha256": ending.response.sha256 if ending.response else None,
            "ended_response_size": ending.response.size if ending.response else None,
        }
        row = _ending(_changed(values)).first(self._connection, values)
        return None if row is None else load_transmission(row)

    def note(
        self,
        noted: Transmission,
        what: str,
        author: Author,
        at: datetime,
        details: dict[str, Any] | None = None,
    ) -> None:
        self._connection.execute(
            insert(journal).values(_journal_row(noted, what, author, at, details))
        )

    def postpone(self, postponed: Transmission, step: Step) -> None:
        self._connection.execute(
            update(transmission)
            .where(transmission.c.id == postponed.id, transmission.c.state == postponed.state.code)
            .values(
                claims=0,
                next_attempt_at=step.next_attempt_at,
                waiting_for=step.waiting_for,
                **_columns(step),
            )
        )

    def _required(
        self, moved: Transmission, statement: Statement, values: dict[str, Any]
    ) -> Transmission:
        row = statement.first(self._connection, values)
        if row is None:
            raise StaleError(
                f"La transmission {moved.id} a changé entre-temps ; cette écriture est abandonnée."
            )
        return load_transmission(row)


def _move(
    moved: Transmission,
    taken: Transition,
    author: Author,
    at: datetime,
    step: Step,
    details: dict[str, Any] | None,
) -> dict[str, Any]:
    """Values of a move: what is set, what the journal says, what must still be so."""
    changes = _columns(step) | {
        "state": taken.target.code,
        "state_since": at,
        "claims": 0,
        "next_attempt_at": step.next_attempt_at,
        "waiting_for": step.waiting_for,
    }
    row = _journal_row(moved, taken.event.code, author, at, details) | {
        "source": taken.source.code,
        "target": taken.target.code,
    }
    return (
        {f"set_{name}": value for name, value in changes.items()}
        | {f"row_{name}": value for name, value in row.items()}
        | {"moved": moved.id, "known": taken.source.code, "fence": moved.attempts}
    )


def _changed(values: dict[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(name[4:] for name in values if name.startswith("set_")))


def _journal_row(
    about: Transmission,
    event: str,
    author: Author,
    at: datetime,
    details: dict[str, Any] | None,
) -> dict[str, Any]:
    return {
        "collectivite_id": about.collectivite_id,
        "acte_id": about.acte_id,
        "transmission_id": about.id,
        "at": at,
        "event": event,
        "author": author.name,
        "reason": author.reason,
        "details": details or {},
    }


@cache
def _moving(columns: tuple[str, ...]) -> Statement:
    """The move of these columns and its journal row, in one statement, built once.

    No state without its row, no row without its state.
    """
    return _moved_with(columns)


@cache
def _starting(columns: tuple[str, ...]) -> Statement:
    """The same, with the attempt that begins: none without the other."""
    names = ("number", "connector", "archive_name", "archive_sha256", "started_at")
    values = [given(attempt.c[name], f"begun_{name}") for name in names]
    moving = _moving_row(columns)
    begun = insert(attempt).from_select(
        ["transmission_id", *names], select(moving.c.id, *values).select_from(moving)
    )
    return _moved_with(columns, begun)


@cache
def _ending(columns: tuple[str, ...]) -> Statement:
    """The same, with the attempt that ends: it ends even when the move cannot be made."""
    names = ("finished_at", "outcome", "detail", "request", "response_sha256", "response_size")
    ended = (
        update(attempt)
        .where(
            attempt.c.transmission_id == bindparam("moved"),
            attempt.c.number == bindparam("fence"),
        )
        .values({name: bindparam(f"ended_{name}", type_=attempt.c[name].type) for name in names})
    )
    return _moved_with(columns, ended)


def _moved_with(columns: tuple[str, ...], *others: Insert | Update) -> Statement:
    moving = _moving_row(columns)
    named = [given(journal.c[name], f"row_{name}") for name in _JOURNAL]
    written = insert(journal).from_select(list(_JOURNAL), select(*named).select_from(moving))
    statement = select(moving).add_cte(written.cte("written"))
    for rank, other in enumerate(others):
        statement = statement.add_cte(other.cte(f"other_{rank}"))
    return Statement(statement)


@cache
def _moving_row(columns: tuple[str, ...]) -> CTE:
    changes = {name: bindparam(f"set_{name}", type_=transmission.c[name].type) for name in columns}
    return (
        update(transmission)
        .where(
            transmission.c.id == bindparam("moved"),
            transmission.c.state == bindparam("known"),
            transmission.c.attempts == bindparam("fence"),
        )
        .values(changes)
        .returning(transmission)
        .cte("moving")
    )


_JOURNAL = (
    "collectivite_id",
    "acte_id",
    "transmission_id",
    "at",
    "event",
    "source",
    "target",
    "author",
    "reason",
    "details",
)


def _columns(step: Step) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "reference": step.reference,
        "polls": step.polls,
        "attempts": step.attempts,
        "failures": step.failures,
        "date_reception": step.date_reception,
        "retour_id": step.retour_id,
    }
    if step.parcel is not None:
        columns["parcel"] = dump_parcel(step.parcel)
        columns["enveloppe"] = str(step.parcel.enveloppe)
        columns["archive_name"] = step.parcel.archive_name
    return {name: value for name, value in columns.items() if value is not None}
