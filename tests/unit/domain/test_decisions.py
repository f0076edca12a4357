"""What may be decided of a sending, where, and why not elsewhere."""

from dataclasses import dataclass
from datetime import date

import pytest

from transmission.domain.decisions import (
    Decision,
    is_open,
    is_unsent,
    may_go_again,
    open_decisions,
    refusal,
)
from transmission.domain.lifecycle import State
from transmission.domain.people import Right

R, A, S, C = Decision.RELEASE, Decision.ABANDON, Decision.RESEND, Decision.CANCEL


@dataclass(frozen=True)
class Sent:
    state: State
    message: str = "1-1"
    date_reception: date | None = None


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.ACCEPTED, (C,)),
        (State.PREPARED, (C,)),
        (State.SUBMITTING, ()),
        (State.IN_DOUBT, ()),
        (State.SUBMITTED, ()),
        (State.ACKNOWLEDGED, (C,)),
        (State.REJECTED, (S,)),
        (State.CANCELLING, ()),
        (State.CANCELLED, (S,)),
        (State.HELD, (R, A)),
        (State.DELIVERED, ()),
    ],
)
def test_each_state_of_an_act_is_open_to_its_decisions(
    state: State, expected: tuple[Decision, ...]
) -> None:
    assert open_decisions(Sent(state)) == expected


@pytest.mark.parametrize("message", ["3-4", "4-2", "6-1"])
def test_only_an_act_is_sent_again_or_cancelled(message: str) -> None:
    for state in State:
        expected = (R, A) if state is State.HELD else ()
        assert open_decisions(Sent(state, message)) == expected


def test_an_act_that_the_state_had_never_goes_again() -> None:
    assert may_go_again(Sent(State.CANCELLED))
    assert not may_go_again(Sent(State.CANCELLED, date_reception=date(2026, 11, 20)))
    # Abandoned although its AR came: it may be sent again under a number that the TdT allows.
    assert may_go_again(Sent(State.REJECTED, date_reception=date(2026, 11, 20)))


def test_only_what_has_not_left_is_withdrawn() -> None:
    assert [state for state in State if is_unsent(Sent(state))] == [
        State.ACCEPTED,
        State.PREPARED,
    ]


def test_a_closed_decision_says_why() -> None:
    for decision in Decision:
        for state in State:
            for message in ("1-1", "6-1"):
                sent = Sent(state, message)
                if not is_open(decision, sent):
                    told = refusal(decision, sent)
                    assert told.endswith(".")
                    assert state.label in told or message != "1-1"


def test_a_code_names_its_decision() -> None:
    assert [Decision.of(each.code) for each in Decision] == list(Decision)
    with pytest.raises(ValueError, match="unknown decision"):
        Decision.of("détruire")


def test_whoever_unblocks_is_not_whoever_follows() -> None:
    assert {R.right, A.right} == {Right.UNBLOCK}
    assert {S.right, C.right} == {Right.FOLLOW}
