"""An act taken off line: never before its two months are over, unless somebody says why."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from tests.support.bench import Bench
from tests.support.scene import pdf
from transmission.domain.errors import NotFoundError, RefusedError
from transmission.domain.transmission import Author
from transmission.services.publish import publish
from transmission.services.unpublish import UNPUBLISHED, unpublish
from transmission.store.tables import acte, journal
from transmission.store.tables_legal import legal_stale, published_copy

SECRETARY = Author("secrétaire de séance")
MOTIVE = Author("secrétaire de séance", "des noms y figurent")
DAY = date(2023, 3, 10)


def on_line(bench: Bench) -> int:
    acte_id = bench.acknowledged(contents=(pdf(),)).acte_id
    publish(bench.tools, acte_id, DAY, None, SECRETARY, on_register=True)
    return acte_id


def last(bench: Bench) -> Any:
    with bench.engine.connect() as connection:
        return connection.execute(select(published_copy)).one()


def journaled(bench: Bench) -> Any:
    with bench.engine.connect() as connection:
        return connection.execute(
            select(journal).where(journal.c.event == UNPUBLISHED)
        ).one_or_none()


@pytest.mark.parametrize("day", [10, 9])
def test_within_the_two_months_it_is_refused_and_told_until_when(bench: Bench, day: int) -> None:
    acte_id = on_line(bench)
    bench.clock.instant = datetime(2023, 5, day, 8, tzinfo=UTC)
    with pytest.raises(RefusedError) as refused:
        unpublish(bench.tools, acte_id, MOTIVE)
    (problem,) = refused.value.problems
    assert problem.rule == "PU-4"
    assert "10/05/2023 inclus" in problem.message
    assert last(bench).withdrawn_at is None
    assert journaled(bench) is None


def test_a_reason_allows_it_and_is_recorded_with_the_interruption(bench: Bench) -> None:
    acte_id = on_line(bench)
    with bench.engine.begin() as connection:
        connection.execute(delete(legal_stale))
    (warning,) = unpublish(bench.tools, acte_id, MOTIVE, early=True)
    assert "interrompue avant le 10/05/2023" in warning
    row, event = last(bench), journaled(bench)
    assert (row.withdrawn_at, row.withdrawn_reason) == (bench.clock.now(), MOTIVE.reason)
    assert (event.author, event.reason) == (MOTIVE.name, MOTIVE.reason)
    assert event.details["interrompue"] == "oui"
    assert event.details["sha256"] == row.sha256
    with bench.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(legal_stale)).scalar_one() > 0
        assert connection.execute(select(acte.c.adresse_publication)).scalar_one() is None


def test_after_the_two_months_it_is_done_and_the_law_recalled(bench: Bench) -> None:
    acte_id = on_line(bench)
    bench.clock.instant = datetime(2023, 5, 11, 8, tzinfo=UTC)
    (warning,) = unpublish(bench.tools, acte_id, MOTIVE)
    assert "en permanence" in warning
    assert journaled(bench).details["interrompue"] is None


def test_every_reason_to_refuse_is_told_at_once(bench: Bench) -> None:
    with pytest.raises(RefusedError) as refused:
        unpublish(bench.tools, on_line(bench), SECRETARY)
    assert [problem.field for problem in refused.value.problems] == ["retirer", "motif"]


def test_what_is_not_on_line_cannot_be_withdrawn(bench: Bench) -> None:
    acte_id = on_line(bench)
    unpublish(bench.tools, acte_id, MOTIVE, early=True)
    with pytest.raises(RefusedError, match="Rien n'est en ligne"):
        unpublish(bench.tools, acte_id, MOTIVE, early=True)
    with pytest.raises(NotFoundError):
        unpublish(bench.tools, 999, MOTIVE)


def test_the_date_of_mise_en_ligne_is_not_undone(bench: Bench) -> None:
    acte_id = on_line(bench)
    unpublish(bench.tools, acte_id, MOTIVE, early=True)
    with bench.tools.register() as unit:
        assert unit.publication(acte_id) == DAY
