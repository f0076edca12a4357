"""What waits in the register, for whom, and the bells that ask for it to be done."""

from collections.abc import Sequence, Set
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Connection,
    Date,
    DateTime,
    Integer,
    ScalarSelect,
    Select,
    Text,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.lifecycle import State
from transmission.domain.transmission import Transmission
from transmission.store.rows import load_transmission
from transmission.store.statements import Statement
from transmission.store.tables import outbox, rung, transmission

_UNSENT = (State.ACCEPTED.code, State.PREPARED.code)

_NOW = bindparam("now", type_=DateTime(timezone=True))
_IDS = bindparam("ids", type_=ARRAY(BigInteger))


class Lanes:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def ring(self, task: str, subject: int) -> None:
        _RING.run(self._connection, {"task": task, "subject": subject})

    def answer(self, task: str, subject: int) -> None:
        # Written before it is deleted: the message may be here before the relay has committed that
        # it rang, and a row which is not yet visible would outlive this answer.
        lane = {"lane": task, "served": subject}
        _ANSWERED.run(self._connection, lane)
        _SILENT.run(self._connection, lane)

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
        statement = _due(tuple(state_codes), everybody=authority_id is None)
        wanted = {"now": now, "most": limit}
        if authority_id is not None:
            wanted["authority"] = authority_id
        return [load_transmission(row) for row in statement.rows(self._connection, wanted)]

    def claim(
        self, authority_id: int, now: datetime, until: datetime, limit: int, urgent_by: date
    ) -> Sequence[Transmission]:
        wanted = {
            "authority": authority_id,
            "now": now,
            "most": limit,
            "urgent_by": urgent_by,
            "until": until,
        }
        rows = _CLAIM.rows(self._connection, wanted)
        rows = sorted(rows, key=lambda row: (row.later, row.due, row.id))
        return [load_transmission(row) for row in rows]

    def plan_looks(self, planned: Sequence[Transmission], at: Sequence[datetime]) -> None:
        if planned:
            ids = [each.id for each in planned]
            _PLAN_LOOKS.run(self._connection, {"ids": ids, "dues": list(at)})

    def explain(self, told: Sequence[tuple[Transmission, str]]) -> None:
        news = [(each, text) for each, text in told if text != each.waiting_for]
        if news:
            values = {
                "ids": [each.id for each, _ in news],
                "states": [each.state.code for each, _ in news],
                "texts": [text for _, text in news],
            }
            _EXPLAIN.run(self._connection, values)

    def due_at(self, transmission_ids: Sequence[int], at: datetime) -> None:
        _DUE_AT.run(self._connection, {"ids": list(transmission_ids), "now": at})

    def authorities_with_due(self, state_codes: Sequence[str], now: datetime) -> Sequence[int]:
        rows = _authorities(tuple(state_codes)).rows(self._connection, {"now": now})
        return [row.collectivite_id for row in rows]


def _is_in(states: tuple[str, ...]) -> Any:
    # Spelled out in the text: a partial index never serves states that come as values.
    return transmission.c.state.in_([literal_column(f"'{state}'") for state in states])


@cache
def _due(states: tuple[str, ...], *, everybody: bool) -> Statement:
    statement = (
        select(transmission)
        .where(_is_in(states), transmission.c.next_attempt_at <= _NOW)
        .order_by(transmission.c.next_attempt_at, transmission.c.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
    )
    if not everybody:
        statement = statement.where(transmission.c.collectivite_id == bindparam("authority"))
    return Statement(statement)


@cache
def _authorities(states: tuple[str, ...]) -> Statement:
    return Statement(
        select(transmission.c.collectivite_id)
        .where(_is_in(states), transmission.c.next_attempt_at <= _NOW)
        .distinct()
    )


def _claimable(*conditions: Any) -> Select[Any]:
    return (
        select(transmission.c.id, transmission.c.next_attempt_at)
        .where(
            transmission.c.collectivite_id == bindparam("authority", type_=BigInteger),
            _is_in(_UNSENT),
            transmission.c.next_attempt_at <= _NOW,
            *conditions,
        )
        .order_by(transmission.c.next_attempt_at, transmission.c.id)
        .with_for_update(skip_locked=True)
    )


def _claiming() -> Statement:
    """The urgent first, then the oldest, all put off in one statement.

    What was claimed before and never heard of again may have ended its process: it comes when
    nothing else is due, and alone, so that it ends nobody else's work.
    """
    most = bindparam("most", type_=Integer)
    limit = bindparam("urgent_by", type_=Date)
    fresh = transmission.c.claims == 0
    urgent = _claimable(fresh, transmission.c.date_limite <= limit).limit(most).cte("urgent")
    left = most - _count(urgent)
    others = _claimable(fresh, transmission.c.id.not_in(select(urgent.c.id))).limit(left)
    others_of = others.cte("others")
    one = case((_count(urgent) + _count(others_of) == 0, func.least(most, 1)), else_=0)
    suspect = _claimable(transmission.c.claims > 0).limit(one).cte("suspect")
    picked = union_all(
        select(urgent.c.id, urgent.c.next_attempt_at.label("due"), (~true()).label("later")),
        select(others_of.c.id, others_of.c.next_attempt_at, true()),
        select(suspect.c.id, suspect.c.next_attempt_at, true()),
    ).cte("picked")
    return Statement(
        update(transmission)
        .where(transmission.c.id == picked.c.id)
        .values(
            next_attempt_at=bindparam("until", type_=DateTime(timezone=True)),
            claims=transmission.c.claims + 1,
        )
        .returning(*transmission.c, picked.c.due, picked.c.later)
    )


def _count(found: CTE) -> ScalarSelect[int]:
    return select(func.count()).select_from(found).scalar_subquery()


def _planning() -> Statement:
    dues = bindparam("dues", type_=ARRAY(DateTime(timezone=True)))
    planned = func.unnest(_IDS, dues).table_valued("id", "due").render_derived("planned")
    return Statement(
        update(transmission)
        .where(transmission.c.id == planned.c.id)
        .values(polls=transmission.c.polls + 1, next_attempt_at=planned.c.due)
    )


def _explaining() -> Statement:
    states, texts = (bindparam(name, type_=ARRAY(Text)) for name in ("states", "texts"))
    told = (
        func.unnest(_IDS, states, texts).table_valued("id", "state", "text").render_derived("told")
    )
    return Statement(
        update(transmission)
        .where(transmission.c.id == told.c.id, transmission.c.state == told.c.state)
        .values(waiting_for=told.c.text)
    )


_CLAIM = _claiming()
_PLAN_LOOKS = _planning()
_EXPLAIN = _explaining()
_DUE_AT = Statement(
    update(transmission)
    .where(transmission.c.id == func.any(_IDS), _is_in(_UNSENT))
    .values(next_attempt_at=_NOW, claims=0)
)
_RING = Statement(insert(outbox).values(task=bindparam("task"), subject=bindparam("subject")))
_ANSWERED = Statement(
    upsert(rung)
    .values(task=bindparam("lane"), subject=bindparam("served"), at=func.now())
    .on_conflict_do_update(index_elements=["task", "subject"], set_={"at": func.now()})
)
_SILENT = Statement(
    delete(rung).where(rung.c.task == bindparam("lane"), rung.c.subject == bindparam("served"))
)
