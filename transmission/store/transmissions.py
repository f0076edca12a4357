"""Transmissions in the register: locked, moved by compare-and-set, numbered."""

from collections.abc import Sequence, Set
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    cast,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.errors import NotFoundError
from transmission.domain.lifecycle import Event, State
from transmission.domain.lifecycle import transition as arrow
from transmission.domain.messages import ACTE
from transmission.domain.transmission import Author, StoredFile, Transmission
from transmission.ports import Attempt, StaleError, Step
from transmission.store.rows import dump_parcel, load_transmission
from transmission.store.tables import attempt, enveloppe_counter, journal, outbox, transmission

_UNSENT = (State.ACCEPTED.code, State.PREPARED.code)


class Transmissions:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def transmission(self, transmission_id: int) -> Transmission:
        row = self._connection.execute(
            select(transmission).where(transmission.c.id == transmission_id)
        ).one_or_none()
        if row is None:
            raise NotFoundError(f"Aucune transmission n° {transmission_id} n'est enregistrée.")
        return load_transmission(row)

    def current_transmission(self, acte_id: int) -> Transmission:
        row = self._connection.execute(
            select(transmission)
            .where(transmission.c.acte_id == acte_id, transmission.c.message == ACTE)
            .order_by(transmission.c.id.desc())
            .limit(1)
        ).one_or_none()
        if row is None:
            raise NotFoundError(f"Aucun acte n° {acte_id} n'est enregistré.")
        return load_transmission(row)

    def lock_transmission(self, transmission_id: int, *, wait: bool = False) -> Transmission | None:
        row = self._connection.execute(
            select(transmission)
            .where(transmission.c.id == transmission_id)
            .with_for_update(skip_locked=not wait)
        ).one_or_none()
        return None if row is None else load_transmission(row)

    def match_transmission(self, authority_id: int, id_acte: str) -> Sequence[Transmission]:
        same = func.upper(transmission.c.id_acte) == id_acte.upper()
        return self._matching(authority_id, same, transmission.c.message == ACTE)

    def match_enveloppe(self, authority_id: int, enveloppe: str) -> Sequence[Transmission]:
        return self._matching(authority_id, transmission.c.enveloppe == enveloppe)

    def move(
        self,
        moved: Transmission,
        event: Event,
        author: Author,
        at: datetime,
        step: Step = Step(),  # noqa: B008 - frozen
        details: dict[str, Any] | None = None,
    ) -> Transmission:
        taken = arrow(moved.state, event)
        columns = _columns(step)
        values = {
            **columns,
            "state": taken.target.code,
            "state_since": at,
            "next_attempt_at": step.next_attempt_at,
            "waiting_for": step.waiting_for,
        }
        written = _journal_row(
            moved, event.code, author, at, details, taken.source.code, taken.target.code
        )
        row = self._connection.execute(
            _moving(tuple(sorted(values))),
            {f"set_{name}": value for name, value in values.items()}
            | {f"row_{name}": value for name, value in written.items()}
            | {"moved": moved.id, "known": taken.source.code, "fence": moved.attempts},
        ).one_or_none()
        if row is None:
            raise StaleError(
                f"La transmission {moved.id} a changé entre-temps ; cette écriture est abandonnée."
            )
        return load_transmission(row)

    def note(
        self,
        noted: Transmission,
        what: str,
        author: Author,
        at: datetime,
        details: dict[str, Any] | None = None,
    ) -> None:
        self._append(noted, what, author, at, details)

    def postpone(self, postponed: Transmission, step: Step) -> None:
        self._connection.execute(
            update(transmission)
            .where(transmission.c.id == postponed.id, transmission.c.state == postponed.state.code)
            .values(
                next_attempt_at=step.next_attempt_at,
                waiting_for=step.waiting_for,
                **_columns(step),
            )
        )

    def plan_looks(self, planned: Sequence[Transmission], at: Sequence[datetime]) -> None:
        if not planned:
            return
        statement = (
            update(transmission)
            .where(transmission.c.id == bindparam("row"))
            .values(polls=bindparam("looks"), next_attempt_at=bindparam("due"))
        )
        rows = [
            {"row": each.id, "looks": each.polls + 1, "due": due}
            for each, due in zip(planned, at, strict=True)
        ]
        self._connection.execute(statement, rows)

    def explain(self, told: Sequence[tuple[Transmission, str]]) -> None:
        news = [(each, text) for each, text in told if text != each.waiting_for]
        if not news:
            return
        statement = (
            update(transmission)
            .where(
                transmission.c.id == bindparam("row"), transmission.c.state == bindparam("known")
            )
            .values(waiting_for=bindparam("text"))
        )
        rows = [{"row": each.id, "known": each.state.code, "text": text} for each, text in news]
        self._connection.execute(statement, rows)

    def next_enveloppe_number(self, authority_id: int, day: date) -> int:
        statement = (
            upsert(enveloppe_counter)
            .values(collectivite_id=authority_id, day=day, last=1)
            .on_conflict_do_update(
                index_elements=["collectivite_id", "day"],
                set_={"last": enveloppe_counter.c.last + 1},
            )
            .returning(enveloppe_counter.c.last)
        )
        return int(self._connection.execute(statement).scalar_one())

    def start_attempt(self, started: Transmission, intent: Attempt) -> None:
        parcel = started.parcel
        assert parcel is not None  # noqa: S101 - lifecycle: prepared has a parcel
        self._connection.execute(
            insert(attempt).values(
                transmission_id=started.id,
                number=intent.number,
                connector=intent.connector,
                archive_name=parcel.archive_name,
                archive_sha256=parcel.archive.sha256,
                started_at=intent.started_at,
            )
        )

    def finish_attempt(
        self,
        transmission_id: int,
        number: int,
        at: datetime,
        outcome: str,
        detail: str,
        request: str,
        response: StoredFile | None,
    ) -> None:
        self._connection.execute(
            update(attempt)
            .where(attempt.c.transmission_id == transmission_id, attempt.c.number == number)
            .values(
                finished_at=at,
                outcome=outcome,
                detail=detail,
                request=request,
                response_sha256=response.sha256 if response else None,
                response_size=response.size if response else None,
            )
        )

    def ring(self, task: str, subject: int) -> None:
        self._connection.execute(insert(outbox).values(task=task, subject=subject))

    def waiting_bells(self) -> Set[tuple[str, int]]:
        rows = self._connection.execute(select(outbox.c.task, outbox.c.subject))
        return {(row.task, row.subject) for row in rows}

    def due(
        self,
        state_codes: Sequence[str],
        now: datetime,
        limit: int,
        authority_id: int | None = None,
    ) -> Sequence[Transmission]:
        statement = (
            select(transmission)
            .where(
                transmission.c.state.in_(list(state_codes)),
                transmission.c.next_attempt_at <= now,
            )
            .order_by(transmission.c.next_attempt_at, transmission.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        if authority_id is not None:
            statement = statement.where(transmission.c.collectivite_id == authority_id)
        return [load_transmission(row) for row in self._connection.execute(statement)]

    def claim(
        self, authority_id: int, now: datetime, until: datetime, limit: int, urgent_by: date
    ) -> Sequence[Transmission]:
        mine = (
            transmission.c.collectivite_id == authority_id,
            transmission.c.state.in_(_UNSENT),
            transmission.c.next_attempt_at <= now,
        )
        urgent = self._claimable(limit, *mine, transmission.c.date_limite <= urgent_by)
        left = limit - len(urgent)
        others = self._claimable(left, *mine, transmission.c.id.not_in(urgent)) if left else []
        order = {found: rank for rank, found in enumerate([*urgent, *others])}
        if not order:
            return []
        rows = self._connection.execute(
            update(transmission)
            .where(transmission.c.id.in_(order))
            .values(next_attempt_at=until)
            .returning(transmission)
        )
        return sorted((load_transmission(row) for row in rows), key=lambda each: order[each.id])

    def due_at(self, transmission_ids: Sequence[int], at: datetime) -> None:
        self._connection.execute(
            update(transmission)
            .where(transmission.c.id.in_(transmission_ids), transmission.c.state.in_(_UNSENT))
            .values(next_attempt_at=at)
        )

    def _claimable(self, limit: int, *conditions: ColumnElement[bool]) -> Sequence[int]:
        statement = (
            select(transmission.c.id)
            .where(*conditions)
            .order_by(transmission.c.next_attempt_at, transmission.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return self._connection.execute(statement).scalars().all()

    def authorities_with_due(self, state_codes: Sequence[str], now: datetime) -> Sequence[int]:
        statement = (
            select(transmission.c.collectivite_id)
            .where(
                transmission.c.state.in_(list(state_codes)), transmission.c.next_attempt_at <= now
            )
            .distinct()
        )
        return list(self._connection.execute(statement).scalars())

    def _matching(self, authority_id: int, *conditions: ColumnElement[bool]) -> list[Transmission]:
        statement = (
            select(transmission)
            .where(transmission.c.collectivite_id == authority_id, *conditions)
            .order_by(transmission.c.id.desc())
        )
        return [load_transmission(row) for row in self._connection.execute(statement)]

    def _append(
        self,
        about: Transmission,
        event: str,
        author: Author,
        at: datetime,
        details: dict[str, Any] | None,
    ) -> None:
        values = _journal_row(about, event, author, at, details)
        self._connection.execute(insert(journal).values(values))


def _journal_row(
    about: Transmission,
    event: str,
    author: Author,
    at: datetime,
    details: dict[str, Any] | None,
    source: str | None = None,
    target: str | None = None,
) -> dict[str, Any]:
    return {
        "collectivite_id": about.collectivite_id,
        "acte_id": about.acte_id,
        "transmission_id": about.id,
        "at": at,
        "event": event,
        "source": source,
        "target": target,
        "author": author.name,
        "reason": author.reason,
        "details": details or {},
    }


@cache
def _moving(columns: tuple[str, ...]) -> Select[Any]:
    """The move of these columns and its journal row, in one statement, built once.

    No state without its row, no row without its state.
    """
    changes = {name: bindparam(f"set_{name}", type_=transmission.c[name].type) for name in columns}
    moving = (
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
    rows = {name: bindparam(f"row_{name}", type_=journal.c[name].type) for name in _JOURNAL}
    named = [cast(value, journal.c[name].type).label(name) for name, value in rows.items()]
    written = (
        insert(journal).from_select(list(rows), select(*named).select_from(moving)).cte("written")
    )
    return select(moving).add_cte(written)


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
