"""The day of the mise en ligne, given by a person (CGCT L. 2131-1)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from tests.support.bench import Bench
from transmission.domain.errors import NotFoundError, RefusedError
from transmission.domain.transmission import Author
from transmission.services.publish import publish
from transmission.store.tables import journal

SECRETARY = Author("secrétaire de séance")


def _published(bench: Bench, acte_id: int) -> date | None:
    with bench.tools.register() as unit:
        return unit.publication(acte_id)


def _dates_in_journal(bench: Bench) -> list[str]:
    with bench.engine.connect() as connection:
        statement = select(journal.c.details).where(journal.c.event == "published")
        rows = connection.execute(statement.order_by(journal.c.id)).scalars()
        return [details["date_mise_en_ligne"] for details in rows]


@pytest.mark.parametrize("day", [date(2023, 3, 2), date(2023, 3, 7), date(2023, 3, 10)])
def test_any_day_from_the_decision_to_today_is_recorded(bench: Bench, day: date) -> None:
    acte_id = bench.acte().acte_id
    publish(bench.tools, acte_id, day, "https://example.org/1", SECRETARY)
    assert _published(bench, acte_id) == day


@pytest.mark.parametrize("day", [date(2023, 3, 1), date(2023, 3, 11)])
def test_a_day_before_the_decision_or_after_today_is_refused_with_both(
    bench: Bench, day: date
) -> None:
    acte_id = bench.acte().acte_id
    with pytest.raises(RefusedError) as refused:
        publish(bench.tools, acte_id, day, None, SECRETARY)
    (problem,) = refused.value.problems
    assert (problem.field, problem.rule) == ("date", "date_mise_en_ligne")
    assert "02/03/2023" in problem.message
    assert "10/03/2023" in problem.remedy
    assert _published(bench, acte_id) is None
    assert _dates_in_journal(bench) == []


def test_today_is_the_authoritys_own(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    bench.clock.instant = datetime(2023, 3, 10, 23, 30, tzinfo=UTC)
    bench.changed(lambda c: replace(c, time_zone="America/Cayenne"))
    with pytest.raises(RefusedError):
        publish(bench.tools, acte_id, date(2023, 3, 11), None, SECRETARY)
    bench.changed(lambda c: replace(c, time_zone="Europe/Paris"))
    publish(bench.tools, acte_id, date(2023, 3, 11), None, SECRETARY)
    assert _published(bench, acte_id) == date(2023, 3, 11)


def test_a_corrected_day_replaces_the_first_and_the_journal_keeps_both(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    for day in (date(2023, 3, 9), date(2023, 3, 8)):
        publish(bench.tools, acte_id, day, None, SECRETARY)
    assert _published(bench, acte_id) == date(2023, 3, 8)
    assert _dates_in_journal(bench) == ["2023-03-09", "2023-03-08"]


def test_an_unknown_act_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        publish(bench.tools, 999, date(2023, 3, 9), None, SECRETARY)
