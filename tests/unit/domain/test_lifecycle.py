"""The state machine, cell by cell."""

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.errors import TransitionError
from transmission.domain.lifecycle import (
    FINAL,
    TABLE,
    Event,
    Refusal,
    State,
    diagram,
    sources,
    transition,
)

PROOFS_OF_SENDING = (State.SUBMITTING, State.IN_DOUBT, State.SUBMITTED, State.PREPARED, State.HELD)
CELLS = list(product(Event, State))


@pytest.mark.parametrize(("event", "state"), CELLS)
def test_every_cell_is_an_arrow_or_a_named_refusal(event: Event, state: State) -> None:
    assert isinstance(TABLE[event][state], State | Refusal)


@pytest.mark.parametrize(("event", "state"), CELLS)
def test_a_transition_follows_the_table_or_raises_the_refusals_sentence(
    event: Event, state: State
) -> None:
    cell = TABLE[event][state]
    if isinstance(cell, State):
        assert transition(state, event).target is cell
    else:
        with pytest.raises(TransitionError, match=re.escape(cell.value)):
            transition(state, event)


def test_only_a_prepared_transmission_is_sent() -> None:
    assert sources(Event.SUBMISSION_STARTED) == {State.PREPARED}


def test_an_uncertain_sending_is_sent_again_only_after_the_tdt_said_that_it_has_nothing() -> None:
    ways_back = {
        event
        for event, row in TABLE.items()
        if row[State.IN_DOUBT] in (State.PREPARED, State.ACCEPTED, State.SUBMITTING)
    }
    assert ways_back == {Event.ABSENT_AT_TDT}


@pytest.mark.parametrize("state", PROOFS_OF_SENDING)
def test_an_ar_proves_the_sending_whatever_was_believed(state: State) -> None:
    assert transition(state, Event.AR_RECEIVED).target is State.ACKNOWLEDGED


def test_an_ar_after_an_anomaly_asks_for_a_person() -> None:
    assert transition(State.REJECTED, Event.AR_RECEIVED).target is State.HELD


def test_an_anomaly_never_undoes_an_ar() -> None:
    with pytest.raises(TransitionError, match="accusé de réception"):
        transition(State.ACKNOWLEDGED, Event.ANOMALIE_RECEIVED)


def test_a_retour_for_an_act_that_never_left_is_refused() -> None:
    with pytest.raises(TransitionError, match="pas encore quitté"):
        transition(State.ACCEPTED, Event.AR_RECEIVED)


def test_an_act_that_may_have_left_cannot_be_withdrawn() -> None:
    assert sources(Event.WITHDRAWN) == {State.ACCEPTED, State.PREPARED}


def test_only_a_person_takes_a_transmission_out_of_held_unless_the_state_speaks() -> None:
    exits = {event for event, row in TABLE.items() if isinstance(row[State.HELD], State)}
    people = {
        Event.RELEASED_TO_PREPARE,
        Event.RELEASED_TO_SUBMIT,
        Event.AR_UPHELD,
        Event.ABANDONED,
    }
    assert exits == people | {Event.AR_RECEIVED, Event.ANOMALIE_RECEIVED}


@given(st.lists(st.sampled_from(Event), max_size=40))
def test_no_history_sends_an_acknowledged_act_again(history: list[Event]) -> None:
    state, acknowledged = State.ACCEPTED, False
    for event in history:
        try:
            taken = transition(state, event)
        except TransitionError:
            continue
        assert not (acknowledged and event is Event.SUBMISSION_STARTED)
        state = taken.target
        acknowledged = acknowledged or (event is Event.AR_RECEIVED and state is State.ACKNOWLEDGED)


def test_every_state_can_be_reached_and_every_other_than_final_can_be_left() -> None:
    arrows = {(s, c) for row in TABLE.values() for s, c in row.items() if isinstance(c, State)}
    assert {target for _, target in arrows} | {State.ACCEPTED} == set(State)
    assert {source for source, _ in arrows} >= set(State) - FINAL


def test_the_stored_code_of_a_state_leads_back_to_it() -> None:
    assert [State.of(state.code) for state in State] == list(State)
    with pytest.raises(ValueError, match="unknown"):
        State.of("sent")


def test_the_diagram_draws_every_arrow_once() -> None:
    drawn = re.findall(r"^    (\w+) --> (\w+): ", diagram(), re.MULTILINE)
    arrows = [(s, c) for row in TABLE.values() for s, c in row.items() if isinstance(c, State)]
    assert len(drawn) == len(arrows)


def test_the_documented_diagram_is_the_one_the_code_prints(request: pytest.FixtureRequest) -> None:
    page = (request.config.rootpath / "docs/lifecycle.md").read_text(encoding="utf-8")
    assert diagram() in page
