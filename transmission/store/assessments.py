"""Which acts the clock is to read again, and what it read: kept whole, replaced, never lost."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Date,
    Integer,
    Text,
    bindparam,
    column,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from transmission.clock import civil_day
from transmission.domain.legal.cases import LegalCase
from transmission.domain.legal.dates import LegalDate
from transmission.ports.legal import KeptDate, KeptReading, NewReading
from transmission.store.legal import IDS
from transmission.store.queries.legal import legal_cases
from transmission.store.statements import Reading, Statement
from transmission.store.tables import acte, collectivite
from transmission.store.tables_legal import legal_date, legal_reading, legal_stale

_OWNER = bindparam("authority", type_=BigInteger)
_MOST = bindparam("most", type_=Integer)
_RULES = bindparam("version", type_=Integer)


class Assessments:
    """Part of the unit of work; see ``transmission.ports.LegalRegister`` for the promises."""

    _connection: Connection

    def legal_cases(self, acte_ids: Sequence[int]) -> Sequence[LegalCase]:
        return legal_cases(self._connection, acte_ids)

    def mark_stale(self, acte_id: int) -> None:
        _MARK.run(self._connection, {"wanted": acte_id})

    def mark_all_stale(self, authority_id: int) -> None:
        _MARK_ALL.run(self._connection, {"authority": authority_id})

    def authorities_to_assess(self, now: datetime, rules: int) -> Sequence[int]:
        return [
            row.id
            for row in _WAITING.rows(self._connection, {})
            if row.is_stale
            or (row.next_day is not None and row.next_day <= civil_day(now, row.time_zone))
            or (row.oldest_rules is not None and row.oldest_rules < rules)
        ]

    def begin_assessment(self, authority_id: int) -> int | None:
        row = _BEGIN.one(self._connection, {"authority": authority_id})
        return (row.newest or 0) if row.taken else None

    def claim_stale(self, authority_id: int, newest: int, limit: int) -> Sequence[int]:
        wanted = {"authority": authority_id, "newest": newest, "most": limit}
        return sorted({row.acte_id for row in _CLAIM.rows(self._connection, wanted)})

    def due_readings(
        self, authority_id: int, today: date, rules: int, after: int, limit: int
    ) -> Sequence[int]:
        wanted = {
            "authority": authority_id,
            "today": today,
            "version": rules,
            "after": after,
            "most": limit,
        }
        return [row.acte_id for row in _DUE.rows(self._connection, wanted)]

    def readings_of(self, acte_ids: Sequence[int]) -> Mapping[int, KeptReading]:
        rows = _CURRENT.rows(self._connection, {"ids": list(acte_ids)})
        return {row.acte_id: _kept(row) for row in rows}

    def save_readings(self, readings: Sequence[NewReading]) -> None:
        if not readings:
            return
        given = {"given": [_dump(each) for each in readings], "read_at": readings[0].at}
        _SUPERSEDE.run(self._connection, {"given": given["given"]})
        added = [row.acte_id for row in _KEEP.rows(self._connection, dict(given))]
        _AGAIN.run(self._connection, {"given": given["given"]})
        self._show([each for each in readings if each.acte_id in set(added)])

    def _show(self, readings: Sequence[NewReading]) -> None:
        if not readings:
            return
        _HIDE.run(self._connection, {"ids": [each.acte_id for each in readings]})
        shown = [
            {"acte_id": each.acte_id, "collectivite_id": each.collectivite_id} | _date(known)
            for each in readings
            for known in each.dates
            if known.day is not None
        ]
        _SHOW.run(self._connection, {"shown": shown})


def _dump(reading: NewReading) -> dict[str, Any]:
    return {
        "acte_id": reading.acte_id,
        "collectivite_id": reading.collectivite_id,
        "inputs": reading.inputs,
        "rules": reading.rules,
        "states": dict(reading.states),
        "dates": [_date(each) for each in reading.dates],
        "next_day": reading.next_day and reading.next_day.isoformat(),
    }


def _date(known: LegalDate) -> dict[str, Any]:
    other = known.alternative
    told = {
        "name": known.name,
        "kind": known.kind.code,
        "rule": known.rule,
        "day": known.day and known.day.isoformat(),
        "provisional": known.provisional,
        "alternative": other and other.day.isoformat(),
        "unknown": known.unknown,
    }
    return {name: value for name, value in told.items() if value is not None}


def _kept(row: Any) -> KeptReading:
    return KeptReading(
        row.id,
        row.acte_id,
        row.at,
        row.inputs,
        row.rules,
        tuple(KeptDate(each["name"], _day(each.get("day")), each["rule"]) for each in row.dates),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _waiting() -> Reading:
    def of_theirs(value: Any) -> Any:
        return (
            select(value)
            .where(legal_reading.c.collectivite_id == collectivite.c.id, legal_reading.c.current)
            .scalar_subquery()
        )

    return Reading(
        select(
            collectivite.c.id,
            collectivite.c.settings["time_zone"].astext.label("time_zone"),
            exists().where(legal_stale.c.collectivite_id == collectivite.c.id).label("is_stale"),
            of_theirs(func.min(legal_reading.c.next_day)).label("next_day"),
            of_theirs(func.min(legal_reading.c.rules)).label("oldest_rules"),
        ).order_by(collectivite.c.id)
    )


def _claiming() -> Statement:
    oldest = (
        select(legal_stale.c.id)
        .where(
            legal_stale.c.collectivite_id == _OWNER,
            legal_stale.c.id <= bindparam("newest", type_=BigInteger),
        )
        .order_by(legal_stale.c.id)
        .limit(_MOST)
        .with_for_update(skip_locked=True)
        # Or some plans would take it again for each row, and claim more than its limit.
        .cte("oldest")
    )
    return Statement(
        delete(legal_stale)
        .where(legal_stale.c.id.in_(select(oldest.c.id)))
        .returning(legal_stale.c.acte_id)
    )


def _records(name: str, /, **columns: Any) -> Any:
    """Rows of a JSON array, as a table."""
    return (
        func.jsonb_to_recordset(bindparam(name, type_=JSONB))
        .table_valued(*(column(each, kind) for each, kind in columns.items()))
        .render_derived(name=f"{name}_rows", with_types=True)
    )


_GIVEN = _records(
    "given",
    acte_id=BigInteger(),
    collectivite_id=BigInteger(),
    inputs=Text(),
    rules=Integer(),
    states=JSONB(),
    dates=JSONB(),
    next_day=Date(),
)
_SAYS = ("inputs", "states", "dates")
_MOVES = ("rules", "next_day")
_TOLD = tuple_(*(legal_reading.c[name] for name in _MOVES))
_IS_SAME = tuple_(*(legal_reading.c[name] for name in _SAYS)) == tuple_(
    *(_GIVEN.c[name] for name in _SAYS)
)
_ITS_CURRENT = (legal_reading.c.acte_id == _GIVEN.c.acte_id, legal_reading.c.current)

_MARK = Statement(
    insert(legal_stale).from_select(
        ["collectivite_id", "acte_id"],
        select(acte.c.collectivite_id, acte.c.id).where(
            acte.c.id == bindparam("wanted", type_=BigInteger)
        ),
    )
)
_MARK_ALL = Statement(
    insert(legal_stale).from_select(
        ["collectivite_id", "acte_id"],
        select(acte.c.collectivite_id, acte.c.id).where(acte.c.collectivite_id == _OWNER),
    )
)
_WAITING = _waiting()
# Held until the end of the transaction: two readers of one act would each keep a reading of it.
_BEGIN = Statement(
    select(
        func.pg_try_advisory_xact_lock(func.hashtextextended("legal_reading", _OWNER)).label(
            "taken"
        ),
        select(func.max(legal_stale.c.id))
        .where(legal_stale.c.collectivite_id == _OWNER)
        .scalar_subquery()
        .label("newest"),
    )
)
_CLAIM = _claiming()
_DUE = Statement(
    select(legal_reading.c.acte_id)
    .where(
        legal_reading.c.current,
        legal_reading.c.collectivite_id == _OWNER,
        legal_reading.c.acte_id > bindparam("after", type_=BigInteger),
        or_(
            legal_reading.c.next_day <= bindparam("today", type_=Date),
            legal_reading.c.rules < _RULES,
        ),
    )
    .order_by(legal_reading.c.acte_id)
    .limit(_MOST)
)
_CURRENT = Reading(
    select(
        legal_reading.c.id,
        legal_reading.c.acte_id,
        legal_reading.c.at,
        legal_reading.c.inputs,
        legal_reading.c.rules,
        legal_reading.c.dates,
    ).where(legal_reading.c.acte_id == func.any(IDS), legal_reading.c.current)
)
_SUPERSEDE = Statement(update(legal_reading).where(*_ITS_CURRENT, ~_IS_SAME).values(current=False))
_KEEP = Statement(
    insert(legal_reading)
    .from_select(
        ["acte_id", "collectivite_id", "at", *_SAYS, *_MOVES],
        select(
            _GIVEN.c.acte_id,
            _GIVEN.c.collectivite_id,
            bindparam("read_at", type_=legal_reading.c.at.type),
            *(_GIVEN.c[name] for name in (*_SAYS, *_MOVES)),
        ).where(~exists().where(*_ITS_CURRENT)),
    )
    .returning(legal_reading.c.acte_id)
)
_AGAIN = Statement(
    update(legal_reading)
    .where(*_ITS_CURRENT, _TOLD.is_distinct_from(tuple_(*(_GIVEN.c[name] for name in _MOVES))))
    .values({name: _GIVEN.c[name] for name in _MOVES})
)
_HIDE = Statement(delete(legal_date).where(legal_date.c.acte_id == func.any(IDS)))
_DATES = {each.name: each.type for each in legal_date.c}
_SHOWN = _records("shown", **_DATES)
_SHOW = Statement(
    insert(legal_date).from_select(list(_DATES), select(*(_SHOWN.c[name] for name in _DATES)))
)
