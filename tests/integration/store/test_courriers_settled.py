"""Letters marked as wanting nothing any more: never one that an operator should still see."""

import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from tests.support.bench import Bench
from transmission.domain.lifecycle import Event, State
from transmission.domain.messages import ANSWERS, LETTERS
from transmission.domain.transmission import SERVICE, StoredFile, Transmission
from transmission.ports import Arrived, NewCourrier, Opening
from transmission.services.sweep import sweep
from transmission.store.queries import open_letters
from transmission.store.tables import courrier, transmission
from transmission.store.unit_of_work import PostgresUnitOfWork

FILE = StoredFile("ab" * 32, 12)
TRIGGER = "ALTER TABLE transmission {} TRIGGER transmission_reopens_courrier"
OVER = {State.REJECTED, State.CANCELLED}
_ranks = itertools.count()


def opened(unit: PostgresUnitOfWork, sent: Transmission, message: str) -> int:
    """A letter about an act."""
    at = sent.state_since
    retour_id = unit.add_retour(Arrived(sent.collectivite_id, FILE, f"inbox:{next(_ranks)}", at))
    assert retour_id is not None
    letter = unit.add_courrier(
        NewCourrier(
            sent.acte_id, sent.collectivite_id, message, date(2023, 3, 6), "", str(retour_id),
            retour_id, None, at,
        )
    )  # fmt: skip
    assert letter is not None
    return letter


def answered(unit: PostgresUnitOfWork, sent: Transmission, letter: int, code: str) -> Transmission:
    at = sent.state_since
    opening = Opening(sent.acte_id, sent.collectivite_id, code, sent.id_acte, courrier_id=letter)
    return unit.open_transmission(opening, SERVICE, at, at)


def force(connection: Connection, transmission_id: int, state: State) -> None:
    """A state, however it was reached."""
    changed = update(transmission).where(transmission.c.id == transmission_id)
    connection.execute(changed.values(state=state.code))


def shown(connection: Connection) -> list[int]:
    return [line.courrier_id for line in open_letters(connection, None, 1000)]


def marked(connection: Connection) -> list[int]:
    found = select(courrier.c.id).where(courrier.c.settled).order_by(courrier.c.id)
    return list(connection.execute(found).scalars())


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as opened_connection:
        yield opened_connection


def delivered(bench: Bench) -> tuple[int, Transmission]:
    """A simple letter whose answer was handed over, which an anomaly may still refuse."""
    sent = bench.acknowledged()
    with bench.tools.register() as unit:
        assert isinstance(unit, PostgresUnitOfWork)
        letter = opened(unit, sent, "2-1")
        answer = answered(unit, sent, letter, "2-2")
        force(unit._connection, answer.id, State.DELIVERED)
        unit.commit()
    return letter, bench.now_of(answer.id)


def refuse(bench: Bench, answer: Transmission) -> None:
    with bench.tools.register() as unit:
        unit.move(answer, Event.ANOMALIE_RECEIVED, SERVICE, bench.clock.now())
        unit.commit()


# --- what is marked ----------------------------------------------------------------------------


def test_a_sweep_marks_the_letters_that_want_nothing_and_no_other(
    bench: Bench, connection: Connection
) -> None:
    sent, withdrawn = bench.acknowledged(), bench.acknowledged()
    unit = PostgresUnitOfWork(connection)
    waiting, refused, given_, underway, told, about_withdrawn = (
        opened(unit, *each)
        for each in (
            (sent, "4-1"), (sent, "3-1"), (sent, "3-1"), (sent, "4-1"), (sent, "5-1"),
            (withdrawn, "4-1"),
        )
    )  # fmt: skip
    force(connection, answered(unit, sent, refused, "3-4").id, State.REJECTED)
    force(connection, answered(unit, sent, given_, "3-3").id, State.ACKNOWLEDGED)
    answered(unit, sent, underway, "4-4")
    force(connection, withdrawn.id, State.CANCELLED)
    connection.commit()
    before = shown(connection)
    connection.commit()
    sweep(bench.tools)
    assert marked(connection) == [given_, underway, told, about_withdrawn]
    assert shown(connection) == before == [waiting, refused]


def test_a_receipt_answers_nothing(bench: Bench, connection: Connection) -> None:
    sent, unit = bench.acknowledged(), PostgresUnitOfWork(connection)
    letter = opened(unit, sent, "3-1")
    force(connection, answered(unit, sent, letter, "3-2").id, State.DELIVERED)
    assert unit.settle_courriers(9) == 0
    assert shown(connection) == [letter]


def test_no_more_are_marked_at_once_than_asked_and_the_oldest_first(
    bench: Bench, connection: Connection
) -> None:
    sent, unit = bench.acknowledged(), PostgresUnitOfWork(connection)
    letters = [opened(unit, sent, "5-1") for _ in range(5)]
    assert [unit.settle_courriers(2) for _ in range(4)] == [2, 2, 1, 0]
    assert marked(connection) == letters


# --- what takes the mark away ------------------------------------------------------------------


def test_a_letter_whose_answer_is_refused_after_all_is_shown_at_once(
    bench: Bench, connection: Connection
) -> None:
    letter, answer = delivered(bench)
    sweep(bench.tools)
    assert (marked(connection), shown(connection)) == ([letter], [])
    connection.commit()
    refuse(bench, answer)
    assert (marked(connection), shown(connection)) == ([], [letter])


@pytest.mark.parametrize("over", [State.REJECTED, State.CANCELLED])
def test_a_letter_whose_answer_ends_without_standing_is_shown_at_once(
    bench: Bench, connection: Connection, over: State
) -> None:
    sent, unit = bench.acknowledged(), PostgresUnitOfWork(connection)
    letter = opened(unit, sent, "4-1")
    answer = answered(unit, sent, letter, "4-4")
    assert unit.settle_courriers(9) == 1
    force(connection, answer.id, over)
    assert (marked(connection), shown(connection)) == ([], [letter])
    answered(unit, sent, letter, "4-3")
    assert (unit.settle_courriers(9), shown(connection)) == (1, [])


def test_a_refusal_during_a_sweep_waits_for_it_and_has_the_last_word(
    bench: Bench, connection: Connection
) -> None:
    letter, answer = delivered(bench)
    unit = PostgresUnitOfWork(connection)
    with ThreadPoolExecutor(1) as pool:
        assert unit.settle_courriers(9) == 1
        refusing = pool.submit(refuse, bench, answer)
        with pytest.raises(TimeoutError):
            refusing.result(timeout=0.2)
        connection.commit()
        refusing.result()
    assert (marked(connection), shown(connection)) == ([], [letter])


def test_a_sweep_during_a_refusal_leaves_the_letter_alone(
    bench: Bench, connection: Connection
) -> None:
    letter, answer = delivered(bench)
    with bench.tools.register() as unit:
        unit.move(answer, Event.ANOMALIE_RECEIVED, SERVICE, bench.clock.now())
        assert PostgresUnitOfWork(connection).settle_courriers(9) == 0
        connection.commit()
        unit.commit()
    assert shown(connection) == [letter]


def test_a_letter_judged_answered_then_held_is_judged_again(
    bench: Bench, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter, answer = delivered(bench)
    unit, usual = PostgresUnitOfWork(connection), connection.execute

    def refused_after_the_first(*args: object) -> object:
        found = usual(*args)  # type: ignore[call-overload]
        monkeypatch.undo()
        # Not through the trigger, which would wait for the row: only the second look sees it.
        with bench.engine.begin() as other:
            other.exec_driver_sql(TRIGGER.format("DISABLE"))
            force(other, answer.id, State.REJECTED)
            other.exec_driver_sql(TRIGGER.format("ENABLE"))
        return found

    monkeypatch.setattr(connection, "execute", refused_after_the_first)
    assert unit.settle_courriers(9) == 0
    assert shown(connection) == [letter]


# --- whatever happens --------------------------------------------------------------------------

MOVES = (State.REJECTED, State.CANCELLED, State.DELIVERED, State.ACKNOWLEDGED, State.HELD)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("letter"), st.integers(0, 1), st.sampled_from(LETTERS)),
        st.tuples(st.just("answer"), st.integers(0, 3), st.integers(0, 1)),
        st.tuples(st.just("move"), st.integers(0, 3), st.sampled_from(MOVES)),
        st.tuples(st.just("settle"), st.integers(1, 9), st.none()),
        st.tuples(st.sampled_from(["act", "settle"]), st.integers(0, 1), st.none()),
    ),
    min_size=10,
    max_size=30,
)


@settings(
    max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(steps=STEPS)
def test_the_list_shows_what_it_would_without_any_mark(
    acts: Sequence[Transmission], connection: Connection, steps: list[tuple[str, int, object]]
) -> None:
    unit = PostgresUnitOfWork(connection)
    letters: list[tuple[int, str, Transmission]] = []
    answers: list[tuple[int, int]] = []
    states: dict[int, State] = {}
    cancelled: set[int] = set()
    try:
        for verb, rank, what in steps:
            if verb == "letter":
                letters.append((opened(unit, acts[rank], str(what)), str(what), acts[rank]))
            elif verb == "answer" and letters:
                letter, message, sent = letters[rank % len(letters)]
                codes = ANSWERS[message]
                if codes and (
                    made := _tried(unit, sent, letter, codes[int(str(what)) % len(codes)])
                ):
                    answers.append((made.id, letter))
                    states[made.id] = made.state
            elif verb == "move" and answers:
                assert isinstance(what, State)
                answer_id, _ = answers[rank % len(answers)]
                if _moved(connection, answer_id, what):
                    states[answer_id] = what
            elif verb == "act":
                force(connection, acts[rank].id, State.CANCELLED)
                cancelled.add(acts[rank].id)
            elif verb == "settle":
                unit.settle_courriers(rank)
            stands = {letter for answer_id, letter in answers if states[answer_id] not in OVER}
            assert shown(connection) == [
                letter
                for letter, message, sent in letters
                if ANSWERS[message] and letter not in stands and sent.id not in cancelled
            ]
    finally:
        connection.rollback()


@pytest.fixture
def acts(bench: Bench) -> Sequence[Transmission]:
    return [bench.acknowledged(), bench.acknowledged()]


def _tried(
    unit: PostgresUnitOfWork, sent: Transmission, letter: int, code: str
) -> Transmission | None:
    """An answer; None when another is under way."""
    connection = unit._connection
    row = {
        "acte_id": sent.acte_id, "collectivite_id": sent.collectivite_id, "message": code,
        "courrier_id": letter, "state": "accepted", "state_since": sent.state_since,
        "id_acte": str(sent.id_acte),
    }  # fmt: skip
    try:
        with connection.begin_nested():
            made = insert(transmission).values(row).returning(transmission.c.id)
            return unit.transmission(connection.execute(made).scalar_one())
    except IntegrityError:
        return None


def _moved(connection: Connection, transmission_id: int, state: State) -> bool:
    try:
        with connection.begin_nested():
            force(connection, transmission_id, state)
    except IntegrityError:
        return False
    return True
