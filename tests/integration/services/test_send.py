"""The lane of an authority: small batches, the urgent first, nobody kept waiting, nothing twice."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from tests.support.bench import Bench
from transmission.domain.identifiers import NatureActe
from transmission.domain.lifecycle import State
from transmission.domain.outcomes import Accepted
from transmission.domain.transmission import Transmission
from transmission.ports import Parcel
from transmission.services import send as sending
from transmission.services.prepare import prepare, prepare_together
from transmission.services.send import BATCH, TURN, URGENT_DAYS, send
from transmission.services.submit import submit
from transmission.services.sweep import MAX_FAILURES, sweep
from transmission.store.outbox import Lanes, relay_batch
from transmission.store.tables import transmission
from workers.queues import LANES

LOST_BELL = 60
TODAY = date(2023, 3, 10)
LIMIT_DAYS = 15


class Stopped(BaseException):
    """The process dies."""


@pytest.fixture
def acts(bench: Bench) -> Callable[..., list[Transmission]]:
    """Acts that were just taken in charge."""

    def made(number: int, **changes: Any) -> list[Transmission]:
        accepted = [bench.acte(**changes) for _ in range(number)]
        with bench.engine.begin() as connection:
            due = update(transmission).values(next_attempt_at=bench.clock.now())
            ids = [each.id for each in accepted]
            connection.execute(due.where(transmission.c.id.in_(ids)))
        return [bench.now_of(each.id) for each in accepted]

    return made


Acts = Callable[..., list[Transmission]]


def _states(bench: Bench, acts: list[Transmission]) -> list[State]:
    return [bench.now_of(each.id).state for each in acts]


def _lane(bench: Bench) -> tuple[str, int]:
    return ("send", bench.authority_id)


def _sent(bench: Bench) -> list[str]:
    return [str(parcel.stem) for parcel in bench.parcels()]


def _stems(acts: list[Transmission]) -> list[str]:
    return [each.id_acte.stem(each.message) for each in acts]


def _fails_for(monkeypatch: pytest.MonkeyPatch, half: str, poison: int, fault: Exception) -> None:
    real: Any = {"prepare": prepare, "submit": submit}[half]

    def failing(tools: Any, transmission: Transmission, *content: Any) -> Any:
        if transmission.id == poison:
            raise fault
        return real(tools, transmission, *content)

    def failing_together(tools: Any, accepted: list[Transmission]) -> Any:
        if poison in [each.id for each in accepted]:
            raise fault
        return prepare_together(tools, accepted)

    monkeypatch.setattr(sending, half, failing)
    if half == "prepare":
        monkeypatch.setattr(sending, "prepare_together", failing_together)


# --- a batch ---


def test_a_turn_prepares_and_sends_what_is_due_oldest_first(bench: Bench, acts: Acts) -> None:
    first = acts(2)
    bench.clock.advance(1)
    second = acts(1)
    send(bench.tools, bench.authority_id)
    assert _states(bench, first + second) == [State.SUBMITTED] * 3
    assert _sent(bench) == _stems(first + second)
    assert bench.events(first[0].id) == [
        "accepted", "prepared", "submission_started", "submission_accepted",
    ]  # fmt: skip
    assert bench.bells() == []


def test_what_is_already_prepared_is_sent_as_it_was_sealed(bench: Bench) -> None:
    made = bench.prepared()
    bench.clock.advance(LOST_BELL)
    send(bench.tools, bench.authority_id)
    after = bench.now_of(made.id)
    assert (after.state, after.parcel) == (State.SUBMITTED, made.parcel)


@pytest.mark.parametrize("waiting", [BATCH - 1, BATCH, BATCH + 1])
def test_a_turn_takes_a_batch_and_rings_again_when_it_was_full(
    bench: Bench, acts: Acts, waiting: int
) -> None:
    made = acts(waiting)
    send(bench.tools, bench.authority_id)
    assert _states(bench, made).count(State.SUBMITTED) == min(waiting, BATCH)
    assert bench.bells() == ([_lane(bench)] if waiting >= BATCH else [])
    bench.run("send")
    assert _states(bench, made) == [State.SUBMITTED] * waiting


def test_the_bell_for_what_follows_is_rung_before_the_first_is_sent(
    bench: Bench, acts: Acts
) -> None:
    acts(BATCH + 1)
    rung: list[list[tuple[str, int]]] = []

    def answer(_: Parcel) -> Accepted:
        rung.append(bench.bells())
        return Accepted(str(len(rung)))

    bench.tdt.on_submit = answer
    send(bench.tools, bench.authority_id)
    assert rung[0] == [_lane(bench)]


def test_what_is_not_due_or_of_another_authority_is_left_alone(bench: Bench, acts: Acts) -> None:
    (other,), later = acts(1, authority_id=bench.second_id), bench.acte()
    send(bench.tools, bench.authority_id)
    assert _states(bench, [other, later]) == [State.ACCEPTED] * 2
    assert bench.tdt.asked == []


# --- the urgent first ---


def _signed(limit: date) -> dict[str, Any]:
    return {"nature": NatureActe.INDIVIDUEL, "decided": limit - timedelta(days=LIMIT_DAYS)}


@pytest.mark.parametrize(
    ("days_left", "first"), [(-1, True), (0, True), (URGENT_DAYS, True), (URGENT_DAYS + 1, False)]
)
def test_an_act_near_its_legal_limit_passes_before_those_that_wait_longer(
    bench: Bench, acts: Acts, days_left: int, *, first: bool
) -> None:
    usual = acts(2)
    bench.clock.advance(1)
    near = acts(1, **_signed(TODAY + timedelta(days=days_left)))
    send(bench.tools, bench.authority_id)
    assert _sent(bench) == _stems(near + usual if first else usual + near)


def test_on_a_friday_what_is_due_on_monday_passes_first_and_does_not_wait_for_a_turn(
    bench: Bench, acts: Acts
) -> None:
    assert TODAY.strftime("%A") == "Friday"
    acts(2 * BATCH)
    bench.clock.advance(1)
    (monday,) = acts(1, **_signed(TODAY + timedelta(days=3)))
    send(bench.tools, bench.authority_id)
    assert _sent(bench)[0] == _stems([monday])[0]
    assert bench.tdt.times("submit") == BATCH


def test_the_day_of_an_authority_is_that_of_its_place(bench: Bench, acts: Acts) -> None:
    # 23:30 UTC on the 9th: the 10th in Paris already.
    bench.clock.advance(-9.5 * 3600)
    usual = acts(1)
    bench.clock.advance(1)
    near = acts(1, **_signed(TODAY + timedelta(days=URGENT_DAYS)))
    send(bench.tools, bench.authority_id)
    assert _sent(bench) == _stems(near + usual)


# --- a fault ---


@pytest.mark.parametrize("half", ["prepare", "submit"])
def test_an_act_that_always_fails_delays_nobody_and_ends_before_a_person(
    bench: Bench, acts: Acts, monkeypatch: pytest.MonkeyPatch, half: str
) -> None:
    made = acts(5)
    poison = made[2]
    _fails_for(monkeypatch, half, poison.id, ZeroDivisionError("bug"))
    with pytest.raises(ExceptionGroup, match="could not be sent"):
        send(bench.tools, bench.authority_id)
    others = [each for each in made if each is not poison]
    assert _states(bench, others) == [State.SUBMITTED] * 4
    assert bench.now_of(poison.id).failures == 1
    for _ in range(MAX_FAILURES - 1):
        assert bench.now_of(poison.id).state in (State.ACCEPTED, State.PREPARED)
        bench.clock.advance(LOST_BELL)
        more = acts(1)
        with pytest.raises(ExceptionGroup):
            send(bench.tools, bench.authority_id)
        assert _states(bench, more) == [State.SUBMITTED]
    held = bench.now_of(poison.id)
    assert (held.state, held.next_attempt_at) == (State.HELD, None)
    assert held.waiting_for == f"Échecs répétés de « {half} » : ZeroDivisionError : bug"
    assert poison.id_acte.stem(poison.message) not in _sent(bench)


def test_a_fault_while_one_leaves_becomes_a_doubt_and_the_others_leave(
    bench: Bench, acts: Acts
) -> None:
    made = acts(3)

    def answer(parcel: Parcel) -> Any:
        return ZeroDivisionError("bug") if parcel.stem == _stems(made)[1] else Accepted(parcel.stem)

    bench.tdt.on_submit = answer
    with pytest.raises(ExceptionGroup):
        send(bench.tools, bench.authority_id)
    assert _states(bench, made) == [State.SUBMITTED, State.SUBMITTING, State.SUBMITTED]
    bench.clock.advance(LOST_BELL)
    sweep(bench.tools)
    assert bench.now_of(made[1].id).state is State.IN_DOUBT


# --- a long turn ---


def test_a_turn_that_lasts_leaves_the_rest_at_once_to_the_next(bench: Bench, acts: Acts) -> None:
    made = acts(4)
    references = iter("abcd")

    def slowly(_: Parcel) -> Accepted:
        bench.clock.advance(TURN.total_seconds() / 2 + 1)
        return Accepted(next(references))

    bench.tdt.on_submit = slowly
    send(bench.tools, bench.authority_id)
    assert _states(bench, made) == [*[State.SUBMITTED] * 2, *[State.PREPARED] * 2]
    left = [bench.now_of(each.id) for each in made[2:]]
    assert {each.next_attempt_at for each in left} == {bench.clock.now()}
    assert {each.failures for each in left} == {0}
    assert bench.bells() == [_lane(bench)]
    send(bench.tools, bench.authority_id)
    assert _states(bench, made) == [State.SUBMITTED] * 4


def test_what_was_claimed_by_a_turn_that_sleeps_is_sent_by_another_and_not_twice(
    bench: Bench, acts: Acts
) -> None:
    made = acts(2)
    usual = bench.tdt.on_submit

    def sleeps(parcel: Parcel) -> Any:
        bench.tdt.on_submit = usual
        bench.clock.advance(LOST_BELL)
        send(bench.tools, bench.authority_id)
        return usual(parcel)

    bench.tdt.on_submit = sleeps
    send(bench.tools, bench.authority_id)
    assert sorted(_sent(bench)) == sorted(_stems(made))
    assert {bench.now_of(each.id).attempts for each in made} == {1}


# --- several workers, a crash ---


def test_many_workers_on_one_lane_send_each_act_once(bench: Bench, acts: Acts) -> None:
    made = acts(20)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(2):
            list(pool.map(lambda _: send(bench.tools, bench.authority_id), range(4)))
    # A row that one looked at while another took it may have been left for its lost bell.
    bench.clock.advance(LOST_BELL)
    send(bench.tools, bench.authority_id)
    assert _states(bench, made) == [State.SUBMITTED] * 20
    assert sorted(_sent(bench)) == sorted(_stems(made))
    assert {bench.now_of(each.id).attempts for each in made} == {1}


@pytest.mark.parametrize(
    ("half", "left"), [("prepare_together", State.ACCEPTED), ("submit", State.PREPARED)]
)
def test_a_crash_on_the_way_is_resumed_after_the_delay_of_a_lost_bell(
    bench: Bench, acts: Acts, monkeypatch: pytest.MonkeyPatch, half: str, left: State
) -> None:
    made = acts(2)

    def dies(*_: Any) -> None:
        raise Stopped

    with monkeypatch.context() as patched:
        patched.setattr(sending, half, dies)
        with pytest.raises(Stopped):
            send(bench.tools, bench.authority_id)
    bench.silence()
    assert _states(bench, made) == [left] * 2
    bench.clock.advance(LOST_BELL - 1)
    sweep(bench.tools)
    assert bench.bells() == []
    bench.clock.advance(1)
    sweep(bench.tools)
    assert bench.bells() == [_lane(bench)]
    bench.run("send")
    assert _states(bench, made) == [State.SUBMITTED] * 2
    assert bench.tdt.times("submit") == 2


# --- fairness ---


class Broker:
    """A queue of messages, served in order."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.queue: deque[int] = deque()

    def relay(self) -> None:
        now = self.bench.clock.now()
        lanes = Lanes(LANES, now, now - timedelta(seconds=LOST_BELL))
        relay_batch(self.bench.engine, lambda _, subject: self.queue.append(subject), lanes)

    def turn(self) -> None:
        self.relay()
        send(self.bench.tools, self.queue.popleft())
        self.relay()


def _rings(bench: Bench, authority_id: int, times: int) -> None:
    with bench.tools.register() as unit:
        for _ in range(times):
            unit.ring("send", authority_id)
        unit.commit()


@pytest.mark.parametrize("already_at_work", [False, True])
def test_an_authority_with_three_acts_does_not_wait_behind_one_with_five_hundred(
    bench: Bench, acts: Acts, *, already_at_work: bool
) -> None:
    acts(500)
    _rings(bench, bench.authority_id, 500)
    broker = Broker(bench)
    if already_at_work:
        broker.turn()
    few = acts(3, authority_id=bench.second_id)
    _rings(bench, bench.second_id, 3)
    broker.turn()
    assert len(broker.queue) == 2, "one message for each lane, however many bells"
    broker.turn()
    assert _states(bench, few) == [State.SUBMITTED] * 3
