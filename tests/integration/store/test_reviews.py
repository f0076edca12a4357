"""What the checks of many acts look at: one at a time for an authority, and only what is open."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.support.bench import Bench
from tests.support.limits import give, read
from tests.support.scene import START
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.noms import DateName

DAY = date(2023, 5, 12)
SPAN = (DAY - timedelta(days=10), DAY + timedelta(days=10))


def test_an_authority_is_reviewed_by_one_at_a_time(bench: Bench) -> None:
    with bench.tools.register() as unit, bench.tools.register() as other:
        unit.hold_review(bench.authority_id)
        other.hold_review(bench.second_id)
        other._connection.execute(text("SET LOCAL lock_timeout = '50ms'"))  # type: ignore[attr-defined]
        with pytest.raises(OperationalError, match="lock timeout"):
            other.hold_review(bench.authority_id)
    with bench.tools.register() as unit:
        unit.hold_review(bench.authority_id)


def test_the_last_acts_tell_when_they_were_handed_over(bench: Bench) -> None:
    bench.acte()
    bench.clock.instant += timedelta(days=3)
    bench.acte()
    with bench.tools.register() as unit:
        found = unit.handed_over_at(bench.authority_id)
        assert list(found) == [START + timedelta(days=3), START]
        assert list(unit.handed_over_at(bench.second_id)) == []


def test_the_first_limit_of_some_names_that_is_still_open_is_told(bench: Bench) -> None:
    waiting, received = bench.acte().acte_id, bench.acte().acte_id
    read(bench.engine, bench.authority_id, waiting, controle=ControlState.NON_DEMARRE.code)
    read(bench.engine, bench.authority_id, received, controle=ControlState.EN_COURS.code)
    common = {"kind": "due", "rule": "DT-1", "provisional": False}
    owner = bench.authority_id
    give(bench.engine, owner, received, DAY, DateName.TRANSMISSION, **common)
    give(bench.engine, owner, waiting, DAY, DateName.RETRAIT, **common)
    later = DAY + timedelta(days=2)
    give(bench.engine, owner, waiting, later, DateName.TRANSMISSION, **common)
    names = {DateName.TRANSMISSION}
    with bench.tools.register() as unit:
        found = unit.first_limit(owner, names, *SPAN)
        assert found is not None
        assert (found.acte_id, found.day) == (waiting, later)
        assert unit.first_limit(owner, names, DAY, DAY) is None
        assert unit.first_limit(bench.second_id, names, *SPAN) is None
