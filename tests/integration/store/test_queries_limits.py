"""The dates of current readings, as reminders and calendars take them."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from tests.support.bench import Bench
from tests.support.limits import give, read
from tests.support.scene import START
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.dates import DateKind
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.rappels import Limit
from transmission.domain.legal.reading import ActeState
from transmission.domain.legal.recours import ThirdPartyState
from transmission.store.queries import limits
from transmission.store.queries.limits import ReadLimit, Span, limits_between
from transmission.store.tables_legal import legal_date, legal_reading

DAY = date(2023, 5, 12)


def _found(bench: Bench) -> list[ReadLimit]:
    with bench.engine.connect() as connection:
        first, last = DAY - timedelta(days=30), DAY + timedelta(days=400)
        return list(limits_between(connection, Span(bench.authority_id, first, last)))


def _acte(bench: Bench, **states: str) -> int:
    acte_id = bench.acte(decided=date(2023, 3, 2)).acte_id
    read(bench.engine, bench.authority_id, acte_id, **states)
    return acte_id


def test_a_limit_is_read_whole(bench: Bench) -> None:
    acte_id = _acte(bench)
    later = START + timedelta(hours=1)
    number = read(
        bench.engine, bench.authority_id, acte_id, later, controle=ControlState.EN_COURS.code
    )
    give(
        bench.engine, bench.authority_id, acte_id, DAY, DateName.DEFERE,
        kind="last_day", rule="DF-1", provisional=False,
    )  # fmt: skip
    limit = Limit(
        acte_id=acte_id,
        numero="D2023_001",
        nature=NatureActe.DELIBERATION,
        objet="Subvention à l’école",
        date_decision=date(2023, 3, 2),
        name=DateName.DEFERE,
        day=DAY,
        kind=DateKind.LAST_DAY,
        rule="DF-1",
        provisional=False,
        acte=ActeState.EXECUTOIRE,
        control=ControlState.EN_COURS,
        third=ThirdPartyState.OUVERT,
    )
    assert _found(bench) == [ReadLimit(limit, number, later)]


def test_limits_come_by_day_then_by_act_across_pages(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PAGE", 2)
    names = (DateName.DEFERE, DateName.TIERS, DateName.RETRAIT)
    actes = [_acte(bench) for _ in range(3)]
    for rank, name in enumerate(names):
        for acte_id in actes:
            give(bench.engine, bench.authority_id, acte_id, DAY + timedelta(days=rank // 2), name)
    asked: list[str] = []
    event.listen(bench.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    found = [(each.limit.day, each.limit.acte_id, each.limit.name.code) for each in _found(bench)]
    assert len(found) == 9
    assert found == sorted(found)
    assert len(asked) == 5
    assert not any("OFFSET" in statement.upper() for statement in asked)


def test_what_is_asked_for_no_further_is_read_no_further(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PAGE", 1)
    for _ in range(3):
        give(bench.engine, bench.authority_id, _acte(bench), DAY)
    asked: list[str] = []
    event.listen(bench.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with bench.engine.connect() as connection:
        next(limits_between(connection, Span(bench.authority_id, DAY, DAY)))
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("table", "change"),
    [
        (legal_date, {"name": "date_de_demain"}),
        (legal_date, {"kind": "other"}),
        (legal_reading, {"states": {"acte": "x", "controle": "y", "tiers": "z"}}),
        (legal_reading, {"states": {}}),
    ],
)
def test_what_a_newer_version_names_is_left_out(
    bench: Bench, table: Any, change: dict[str, Any]
) -> None:
    known, other = _acte(bench), _acte(bench)
    for acte_id in (known, other):
        give(bench.engine, bench.authority_id, acte_id, DAY)
    with bench.engine.begin() as connection:
        connection.execute(update(table).where(table.c.acte_id == other).values(change))
    assert [each.limit.acte_id for each in _found(bench)] == [known]
