"""Transmissions in the register: moved by compare-and-set, locked, numbered, found when due."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from tests.support.bench import Bench
from transmission.domain.errors import NotFoundError, TransitionError
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Author
from transmission.embedded.processes import wait_until
from transmission.ports import Attempt, Ending, StaleError, Step
from transmission.store.tables import attempt, journal

DAY = date(2023, 3, 10)


def test_a_move_changes_the_row_and_its_journal_together(bench: Bench) -> None:
    made, now = bench.acte(), bench.clock.now()
    author = Author("opératrice", "essai")
    with bench.tools.register() as unit:
        moved = unit.move(
            made, Event.PREPARATION_FAILED, author, now, Step(waiting_for="une clé"), {"code": 7}
        )
        unit.commit()
    assert bench.now_of(made.id) == moved
    assert (moved.state, moved.state_since, moved.waiting_for) == (State.HELD, now, "une clé")
    assert moved.next_attempt_at is None
    with bench.engine.connect() as connection:
        row = connection.execute(select(journal).order_by(journal.c.id.desc()).limit(1)).one()
    assert (row.event, row.source, row.target) == ("preparation_failed", "accepted", "held")
    assert (row.author, row.reason, row.details) == ("opératrice", "essai", {"code": 7})
    assert (row.transmission_id, row.acte_id, row.at) == (made.id, made.acte_id, now)


def test_an_event_without_an_arrow_changes_nothing_and_says_why(bench: Bench) -> None:
    made = bench.acte()
    with (
        bench.tools.register() as unit,
        pytest.raises(TransitionError, match="n'a pas encore quitté"),
    ):
        unit.move(made, Event.AR_RECEIVED, SERVICE, bench.clock.now())
    assert bench.now_of(made.id) == made
    assert bench.events(made.id) == ["accepted"]


def test_who_read_a_row_before_it_moved_writes_nothing(bench: Bench) -> None:
    read = bench.acte()
    with bench.tools.register() as unit:
        unit.move(read, Event.HELD, SERVICE, bench.clock.now())
        unit.commit()
    with bench.tools.register() as unit, pytest.raises(StaleError, match=f"{read.id} a changé"):
        unit.move(read, Event.PREPARED, SERVICE, bench.clock.now())
    assert bench.events(read.id) == ["accepted", "held"]


def test_a_writer_of_a_former_attempt_is_fenced_out_although_the_state_is_the_same(
    bench: Bench,
) -> None:
    first = bench.in_doubt()
    now = bench.clock.now()
    with bench.tools.register() as unit:
        again = unit.move(first, Event.ABSENT_AT_TDT, SERVICE, now)
        again = unit.move(again, Event.SUBMISSION_STARTED, SERVICE, now, Step(attempts=2))
        unit.move(again, Event.SUBMISSION_UNCERTAIN, SERVICE, now)
        unit.commit()
    second = bench.now_of(first.id)
    assert (first.state, second.state) == (State.IN_DOUBT, State.IN_DOUBT)
    with bench.tools.register() as unit, pytest.raises(StaleError):
        unit.move(first, Event.ABSENT_AT_TDT, SERVICE, now)
    assert bench.now_of(first.id) == second


def test_of_many_writers_at_once_one_wins_and_the_journal_says_so_once(bench: Bench) -> None:
    read = bench.acte()

    def write(_: int) -> bool:
        with bench.tools.register() as unit:
            try:
                unit.move(read, Event.HELD, SERVICE, bench.clock.now())
            except (StaleError, TransitionError):
                return False
            unit.commit()
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, range(8))) == 1
    assert bench.events(read.id) == ["accepted", "held"]


def test_postponing_keeps_the_state_and_touches_no_row_that_has_moved(bench: Bench) -> None:
    read, later = bench.acte(), bench.clock.now() + timedelta(hours=1)
    with bench.tools.register() as unit:
        unit.postpone(read, Step(next_attempt_at=later, waiting_for="demain", failures=3))
        unit.commit()
    waiting = bench.now_of(read.id)
    assert (waiting.state, waiting.next_attempt_at) == (State.ACCEPTED, later)
    assert (waiting.waiting_for, waiting.failures) == ("demain", 3)
    with bench.tools.register() as unit:
        moved = unit.move(waiting, Event.HELD, SERVICE, bench.clock.now())
        unit.postpone(waiting, Step(next_attempt_at=later))
        unit.commit()
    assert bench.now_of(read.id) == moved


def test_none_leaves_a_column_as_it_was_but_clears_the_wait(bench: Bench) -> None:
    sent = bench.sent()
    with bench.tools.register() as unit:
        unit.postpone(sent, Step(polls=4))
        unit.commit()
    after = bench.now_of(sent.id)
    assert (after.reference, after.parcel, after.attempts) == (
        sent.reference, sent.parcel, sent.attempts,
    )  # fmt: skip
    assert (after.polls, after.next_attempt_at, after.waiting_for) == (4, None, None)


def test_a_row_in_other_hands_is_skipped_or_waited_for_as_asked(bench: Bench) -> None:
    made = bench.acte()
    with bench.tools.register() as holder, ThreadPoolExecutor(1) as pool:
        assert holder.lock_transmission(made.id) == made
        with bench.tools.register() as other:
            assert other.lock_transmission(made.id) is None

        def waiting() -> State:
            with bench.tools.register() as unit:
                locked = unit.lock_transmission(made.id, wait=True)
                assert locked is not None
                return locked.state

        waited = pool.submit(waiting)
        assert wait_until(lambda: _someone_waits(bench.engine) or waited.done(), 30)
        assert not waited.done()
        holder.move(made, Event.HELD, SERVICE, bench.clock.now())
        holder.commit()
        assert waited.result(timeout=30) is State.HELD


def test_an_unknown_transmission_locks_as_none_and_reads_as_not_found(bench: Bench) -> None:
    with bench.tools.register() as unit:
        assert unit.lock_transmission(999) is None
        with pytest.raises(NotFoundError, match="999"):
            unit.transmission(999)


def test_an_attempt_is_written_before_the_call_and_completed_after(bench: Bench) -> None:
    sent = bench.sent()
    with bench.engine.connect() as connection:
        row = connection.execute(select(attempt)).one()
    assert sent.parcel is not None
    assert (row.number, row.connector, row.outcome) == (1, "s2low", "Accepted")
    assert (row.archive_name, row.archive_sha256) == (
        sent.parcel.archive_name, sent.parcel.archive.sha256,
    )  # fmt: skip
    assert row.started_at <= row.finished_at
    assert bench.tools.documents.read(
        replace(sent.parcel.archive, sha256=row.response_sha256, size=row.response_size)
    ).endswith(b"OK")


def test_an_attempt_ends_even_when_its_transmission_has_moved_on(bench: Bench) -> None:
    started = replace(bench.in_doubt(), state=State.SUBMITTING)
    ending = Ending(bench.clock.now(), "Accepted", "référence 12", "POST", None)
    with bench.tools.register() as unit:
        moved = unit.end_attempt(
            started, ending, Event.SUBMISSION_ACCEPTED, SERVICE, Step(reference="12")
        )
        unit.commit()
    assert moved is None
    assert bench.now_of(started.id).state is State.IN_DOUBT
    with bench.engine.connect() as connection:
        row = connection.execute(select(attempt)).one()
    assert (row.outcome, row.detail, row.finished_at) == ("Accepted", "référence 12", ending.at)


def test_no_attempt_begins_for_a_transmission_that_has_moved_on(bench: Bench) -> None:
    made = bench.prepared()
    with bench.tools.register() as unit:
        unit.move(made, Event.HELD, SERVICE, bench.clock.now())
        unit.commit()
    intent = Attempt(1, "s2low", bench.clock.now())
    with bench.tools.register() as unit, pytest.raises(StaleError):
        unit.start_attempt(made, intent, SERVICE, Step(attempts=1))
    with bench.engine.connect() as connection:
        assert connection.execute(select(attempt)).all() == []


def test_an_identifier_is_matched_whatever_its_case_newest_first_within_its_authority(
    bench: Bench,
) -> None:
    mine, other = bench.sent(), bench.sent(authority_id=bench.second_id)
    assert mine.id_acte is not None
    wanted = str(mine.id_acte)
    with bench.tools.register() as unit:
        assert [t.id for t in unit.match_transmission(bench.authority_id, wanted.lower())] == [
            mine.id
        ]
        assert unit.match_transmission(bench.second_id, wanted) == []
        assert unit.match_transmission(bench.authority_id, wanted[:-1]) == []
        assert mine.parcel is not None
        found = unit.match_enveloppe(bench.authority_id, str(mine.parcel.enveloppe))
        assert [t.id for t in found] == [mine.id]
        assert unit.match_enveloppe(bench.authority_id, "EACT--") == []
    assert other.id != mine.id


def test_an_act_has_at_most_one_living_transmission(engine: Engine, bench: Bench) -> None:
    made = bench.acte()
    copy = text(
        "INSERT INTO transmission (acte_id, collectivite_id, state, state_since, id_acte) "
        "SELECT acte_id, collectivite_id, 'accepted', state_since, id_acte FROM transmission"
    )
    with engine.connect() as connection, pytest.raises(IntegrityError, match="living"):
        connection.execute(copy)
    with bench.tools.register() as unit:
        held = unit.move(made, Event.HELD, SERVICE, bench.clock.now())
        unit.move(held, Event.ABANDONED, SERVICE, bench.clock.now())
        unit.commit()
    with engine.begin() as connection:
        connection.execute(copy)
    with bench.tools.register() as unit:
        assert unit.current_transmission(made.acte_id).id != made.id


def _someone_waits(engine: Engine) -> bool:
    with engine.connect() as connection:
        return (
            connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one()
            > 0
        )
