"""Rounds of the audit and the differences found: part of the unit of work."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from json import dumps
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from transmission.domain.audits import Difference, Kind, Page, Place, Stage
from transmission.ports.audits import KnownDifference, Round
from transmission.store.tables_audits import audit_difference, audit_round

_OPEN = audit_difference.c.closed_at.is_(None)


class Audits:
    """Part of the unit of work; see ``transmission.ports.audits`` for the promises."""

    _connection: Connection

    def last_round(self) -> Round | None:
        return self._round(select(audit_round))

    def last_complete_round(self) -> Round | None:
        return self._round(select(audit_round).where(audit_round.c.finished_at.is_not(None)))

    def begin_round(self, number: int, actes: int, now: datetime) -> bool:
        added = insert(audit_round).values(
            number=number, started_at=now, stage=next(iter(Stage)).value, actes=actes
        )
        once = added.on_conflict_do_nothing().returning(audit_round.c.number)
        return self._connection.execute(once).one_or_none() is not None

    def hold_round(self, number: int, now: datetime, until: datetime) -> Round | None:
        held = (
            update(audit_round)
            .where(
                audit_round.c.number == number,
                audit_round.c.finished_at.is_(None),
                or_(audit_round.c.held_until.is_(None), audit_round.c.held_until <= now),
            )
            .values(held_until=until)
            .returning(audit_round)
        )
        row = self._connection.execute(held).one_or_none()
        return None if row is None else _round(row)

    def keep_page(
        self, held: Round, stage: Stage, upper: int | None, page: Page, now: datetime
    ) -> None:
        found = {_key(each): _dump(each, stage) for each in page.differences}
        subjects = audit_difference.c.subject > held.place
        if upper is not None:
            subjects &= audit_difference.c.subject <= upper
        self._connection.execute(
            update(audit_difference)
            .where(_OPEN, audit_difference.c.stage == stage.value, subjects)
            .where(audit_difference.c.key.not_in(list(found)))
            .values(closed_at=now)
        )
        if found:
            self._open(found, now)

    def move_round(self, moved: Round) -> bool:
        values = asdict(moved) | {"stage": moved.stage.value}
        del values["number"], values["started_at"], values["held_until"]
        written = update(audit_round).where(_is_held(moved)).values(values)
        return self._connection.execute(written).rowcount == 1

    def release_round(self, held: Round) -> None:
        freed = update(audit_round).where(_is_held(held)).values(held_until=None)
        self._connection.execute(freed)

    def open_differences(self, most: int) -> Sequence[KnownDifference]:
        statement = select(audit_difference).where(_OPEN).order_by(audit_difference.c.id)
        return [_known(row) for row in self._connection.execute(statement.limit(most))]

    def count_differences(self) -> int:
        statement = select(func.count()).select_from(audit_difference).where(_OPEN)
        return int(self._connection.execute(statement).scalar_one())

    def _round(self, statement: Any) -> Round | None:
        last = statement.order_by(audit_round.c.number.desc()).limit(1)
        row = self._connection.execute(last).one_or_none()
        return None if row is None else _round(row)

    def _open(self, found: dict[str, dict[str, Any]], now: datetime) -> None:
        values = [
            row | {"key": key, "first_seen_at": now, "last_seen_at": now}
            for key, row in sorted(found.items())
        ]
        opened = insert(audit_difference).values(values)
        names = ("expected", "found", "last_seen_at", "stage", "subject")
        self._connection.execute(
            opened.on_conflict_do_update(
                index_elements=["key"],
                index_where=_OPEN,
                set_={name: opened.excluded[name] for name in names},
            )
        )


def _is_held(held: Round) -> ColumnElement[bool]:
    """The round, while nobody else has held it since."""
    return (audit_round.c.number == held.number) & (audit_round.c.held_until == held.held_until)


def _key(difference: Difference) -> str:
    content = dumps([difference.kind.code, asdict(difference.place)], sort_keys=True)
    return sha256(content.encode()).hexdigest()


def _dump(difference: Difference, stage: Stage) -> dict[str, Any]:
    return {
        "stage": stage.value,
        "subject": difference.subject,
        "kind": difference.kind.code,
        "place": asdict(difference.place),
        "expected": difference.expected,
        "found": difference.found,
    }


def _round(row: Row[Any]) -> Round:
    return Round(**row._asdict() | {"stage": Stage(row.stage)})


def _known(row: Row[Any]) -> KnownDifference:
    place = Place(**row.place)
    found = Difference(Kind.of(row.kind), place, row.expected, row.found, row.subject)
    return KnownDifference(found, Stage(row.stage), row.first_seen_at, row.last_seen_at)
