"""What the clock needs of many acts, in a handful of statements, from real rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from tests.support.bench import COLLECTIVITE, RECEPTION, Bench
from transmission.domain.collectivite import LegalOptions
from transmission.domain.legal.declaration import Declaration
from transmission.domain.legal.entered import Entry
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.settings import STRICT
from transmission.domain.lifecycle import Event
from transmission.domain.transmission import SERVICE, Author, StoredFile
from transmission.ports import Arrived, NewCourrier, Step
from transmission.store.queries.legal import legal_case, legal_cases, reading_of
from transmission.store.queries.legal_story import stories_for
from transmission.store.statements import Statement

CLERK = Author("secrétariat")
TODAY = date(2023, 3, 10)


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Statements that are run."""
    run: list[str] = []
    usual = Statement._executed

    def executed(statement: Statement, *arguments: Any) -> Any:
        run.append(statement._compiled[0])
        return usual(statement, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Statement, "_executed", executed)
        yield run


def rejected(bench: Bench, *, by_the_state: bool) -> int:
    made = bench.sent()
    with bench.tools.register() as unit:
        came = datetime(2023, 3, 9, 23, 30, tzinfo=UTC)
        retour_id = unit.add_retour(
            Arrived(bench.authority_id, StoredFile("ab", 1), "essai", came, made.id)
        )
        step = Step(retour_id=retour_id if by_the_state else None)
        unit.move(made, Event.ANOMALIE_RECEIVED, SERVICE, bench.clock.now(), step)
        unit.commit()
    return made.acte_id


def test_many_acts_are_read_in_as_many_statements_as_one(
    bench: Bench, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [bench.acknowledged().acte_id for _ in range(12)]
    numbers.append(bench.acknowledged(authority_id=bench.second_id).acte_id)
    with engine.connect() as connection:
        with counted(monkeypatch) as one:
            legal_cases(connection, numbers[:1])
        with counted(monkeypatch) as many:
            cases = legal_cases(connection, numbers)
    assert len(many) == len(one) <= 6
    assert [case.acte_id for case in cases] == numbers
    assert cases[-1].collectivite_id == bench.second_id


def test_each_act_has_what_is_its_own(bench: Bench, engine: Engine) -> None:
    first, second = bench.acknowledged().acte_id, bench.acknowledged().acte_id
    posted = LegalEvent.at(EventKind.DEFERE, date(2023, 3, 10))
    now = bench.clock.now()
    with bench.tools.register() as unit:
        unit.add_legal_event(first, Entry(event=posted), CLERK, now)
        unit.add_legal_facts(second, Declaration(tacite=True), CLERK, now)
        unit.add_legal_facts(second, Declaration(tacite=False), CLERK, now)
        unit.set_publication(second, RECEPTION, None, CLERK, now)
        retour_id = unit.add_retour(Arrived(1, StoredFile("ab", 1), "essai", now))
        assert retour_id is not None
        unit.add_courrier(
            NewCourrier(first, 1, "3-1", date(2023, 3, 8), "…", "f", retour_id, None, now)
        )
        unit.commit()
    with engine.connect() as connection:
        one, other = stories_for(connection, [second, first, 999])
    assert (one.acte_id, other.acte_id) == (first, second)
    assert [each.entry.event for each in one.recorded] == [posted]
    assert (other.recorded, one.declaration) == ((), Declaration())
    assert other.declaration == Declaration(tacite=False)
    assert (one.date_mise_en_ligne, other.date_mise_en_ligne) == (None, RECEPTION)
    assert [letter.message for letter in one.letters] == ["3-1"]
    assert other.letters == ()
    assert [sent.date_reception for sent in one.sendings] == [RECEPTION]


def test_an_act_was_sent_when_the_tdt_took_it(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acknowledged().acte_id
    with engine.begin() as connection:
        first = "INSERT INTO attempt (transmission_id, number, connector, archive_name, "
        values = "archive_sha256, started_at, outcome) VALUES (1, :n, 's2low', 'x', 'y', :at, :o)"
        for number, at, outcome in (
            (7, datetime(2023, 3, 3, tzinfo=UTC), "Unavailable"),
            (8, datetime(2023, 3, 4, tzinfo=UTC), "InDoubt"),
        ):
            connection.execute(text(first + values), {"n": number, "at": at, "o": outcome})
        (story,) = stories_for(connection, [acte_id])
        assert story.sendings[0].sent_at == bench.clock.instant
        connection.execute(text("UPDATE attempt SET outcome = 'Duplicate' WHERE number = 1"))
        (story,) = stories_for(connection, [acte_id])
        assert story.sendings[0].sent_at == datetime(2023, 3, 4, tzinfo=UTC)


def test_an_act_that_was_never_sent_has_no_sending_day(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acte().acte_id
    with engine.connect() as connection:
        (story,) = stories_for(connection, [acte_id])
    assert (story.sendings[0].sent_at, story.sendings[0].refused_at) == (None, None)


def test_a_refusal_of_the_state_came_on_its_day(bench: Bench, engine: Engine) -> None:
    acte_id = rejected(bench, by_the_state=True)
    with engine.connect() as connection:
        case = legal_case(connection, acte_id)
    assert case is not None
    assert case.events == (LegalEvent.at(EventKind.ANOMALIE, date(2023, 3, 10)),)


def test_an_answer_of_the_state_that_refuses_nothing_is_no_refusal(
    bench: Bench, engine: Engine
) -> None:
    acte_id = rejected(bench, by_the_state=True)
    with engine.begin() as connection:
        connection.execute(text("UPDATE transmission SET state = 'acknowledged'"))
        (story,) = stories_for(connection, [acte_id])
    assert story.sendings[0].refused_at is None


def test_a_sending_that_nobody_refused_told_nothing(bench: Bench, engine: Engine) -> None:
    acte_id = rejected(bench, by_the_state=False)
    with engine.connect() as connection:
        case = legal_case(connection, acte_id)
    assert case is not None
    assert case.events == ()


def test_an_act_is_read_as_its_authority_reads_the_law(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acknowledged().acte_id
    bench.changed(lambda owner: replace(owner, droit=LegalOptions(profile="strict")))
    with engine.connect() as connection:
        case = legal_case(connection, acte_id)
    assert case is not None
    assert (case.settings, case.time_zone) == (STRICT, COLLECTIVITE.time_zone)


def test_an_act_is_read_on_a_day_and_as_if(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acknowledged().acte_id
    asked = LegalEvent.at(EventKind.DEMANDE_PIECES, date(2023, 3, 10))
    with engine.connect() as connection:
        read = reading_of(connection, acte_id, TODAY)
        supposed = reading_of(connection, acte_id, TODAY, [asked])
        assert reading_of(connection, 999, TODAY) is None
    assert read is not None
    assert supposed is not None
    assert read.day(DateName.DEFERE) == date(2023, 5, 10)
    assert supposed.day(DateName.DEFERE) != date(2023, 5, 10)
