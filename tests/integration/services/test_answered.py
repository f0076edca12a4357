"""Answers of several acts: kept at once, applied at once, and nobody pays for another."""

from typing import Any

import pytest
from sqlalchemy import event

from tests.support.bench import RECEPTION, Bench
from tests.support.prefecture import acte_received
from transmission.domain.lifecycle import State
from transmission.domain.transmission import Transmission
from transmission.ports import UnitOfWork
from transmission.services import apply_retour as applying
from transmission.services.answered import Answer, take

STRANGER = b'<?xml version="1.0"?><retour/>'


def _ar(made: Transmission) -> Answer:
    return Answer(made, acte_received(made.id_acte, RECEPTION).raw)


def _states(bench: Bench, *made: Transmission) -> list[State]:
    return [bench.now_of(each.id).state for each in made]


def test_answers_are_kept_in_one_commit_and_applied_in_another(bench: Bench) -> None:
    sent = [bench.sent() for _ in range(3)]
    commits: list[object] = []

    def count(connection: object) -> None:
        commits.append(connection)

    event.listen(bench.engine, "commit", count)
    assert take(bench.tools, [_ar(made) for made in sent]) == []
    event.remove(bench.engine, "commit", count)
    assert _states(bench, *sent) == [State.ACKNOWLEDGED] * 3
    assert len(commits) == 2
    assert [bench.events(made.id)[-1] for made in sent] == ["ar_received"] * 3


def test_no_answer_is_nothing_to_do(bench: Bench) -> None:
    assert take(bench.tools, []) == []
    assert bench.retours() == []


def test_one_that_goes_to_the_desk_takes_nothing_from_the_others(bench: Bench) -> None:
    first, second, third = (bench.sent() for _ in range(3))
    assert take(bench.tools, [_ar(first), Answer(second, STRANGER), _ar(third)]) == []
    assert _states(bench, first, second, third) == [
        State.ACKNOWLEDGED, State.SUBMITTED, State.ACKNOWLEDGED,
    ]  # fmt: skip
    assert sorted(kept.status for kept in bench.retours()) == ["applied", "applied", "quarantined"]


def test_one_whose_reading_fails_takes_nothing_from_the_others_and_stays_to_be_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = bench.sent(), bench.sent()
    usual = applying.read_retour

    def fails_for_the_first(raw: bytes) -> Any:
        if str(first.id_acte).encode() in raw:
            raise ZeroDivisionError("bug")
        return usual(raw)

    monkeypatch.setattr(applying, "read_retour", fails_for_the_first)
    (fault,) = take(bench.tools, [_ar(first), _ar(second)])
    assert isinstance(fault, ZeroDivisionError)
    assert _states(bench, first, second) == [State.SUBMITTED, State.ACKNOWLEDGED]
    assert bench.events(first.id)[-1] == "task_failed"
    assert [kept.status for kept in bench.retours()] == ["stored", "applied"]


def test_one_that_cannot_be_kept_takes_nothing_from_the_others(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = bench.sent(), bench.sent()
    with bench.tools.register() as unit:
        real: type[UnitOfWork] = type(unit)
    usual = real.add_retour

    def refuses_the_first(unit: Any, arrived: Any) -> int | None:
        if arrived.transmission_id == first.id:
            raise ZeroDivisionError("bug")
        return usual(unit, arrived)

    monkeypatch.setattr(real, "add_retour", refuses_the_first)
    (fault,) = take(bench.tools, [_ar(first), _ar(second)])
    assert isinstance(fault, ZeroDivisionError)
    assert _states(bench, first, second) == [State.SUBMITTED, State.ACKNOWLEDGED]
    assert [kept.transmission_id for kept in bench.retours()] == [second.id]


def test_bytes_that_were_kept_before_are_not_applied_again(bench: Bench) -> None:
    made = bench.sent()
    take(bench.tools, [_ar(made)])
    told = bench.events(made.id)
    other = bench.sent()
    take(bench.tools, [_ar(made), _ar(other)])
    assert bench.events(made.id) == told
    assert _states(bench, other) == [State.ACKNOWLEDGED]
