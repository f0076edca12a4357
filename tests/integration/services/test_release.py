"""What a named person decides about an act that waits for one."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.bench import Bench
from transmission.domain.errors import ConflictError, NotFoundError, RefusedError, TransitionError
from transmission.domain.lifecycle import Event, State
from transmission.domain.outcomes import Refused
from transmission.domain.transmission import SERVICE, Author, Transmission
from transmission.ports import Opening, Step
from transmission.services.release import abandon, release
from transmission.services.submit import submit
from transmission.services.sweep import record_failure
from transmission.store.tables import journal

OPERATOR = Author("opératrice", "vérifié par téléphone")
DECISIONS: list[Callable[..., Transmission]] = [release, abandon]


def _held(bench: Bench, made: Transmission) -> Transmission:
    with bench.tools.register() as unit:
        held = unit.move(made, Event.HELD, SERVICE, bench.clock.now(), Step(failures=4))
        unit.commit()
    bench.silence()
    return held


def test_an_act_held_before_its_envelope_goes_back_to_preparation(bench: Bench) -> None:
    held = _held(bench, bench.acte())
    moved = release(bench.tools, held.acte_id, OPERATOR)
    assert (moved.state, moved.failures) == (State.ACCEPTED, 0)
    assert moved.waiting_for == "la préparation de l'enveloppe"
    assert moved.next_attempt_at == bench.clock.now()
    assert bench.bells() == [("send", bench.authority_id)]


def test_an_act_held_with_its_envelope_goes_back_to_sending_with_the_same_bytes(
    bench: Bench,
) -> None:
    made = bench.prepared()
    record_failure(bench.tools, made.id, "submit", "disque plein")
    usual, bench.tdt.on_submit = bench.tdt.on_submit, Refused("compte fermé")
    submit(bench.tools, bench.now_of(made.id))
    bench.silence()
    moved = release(bench.tools, made.acte_id, OPERATOR)
    assert (moved.state, moved.parcel, moved.failures) == (State.PREPARED, made.parcel, 0)
    assert bench.bells() == [("send", bench.authority_id)]
    bench.tdt.on_submit = usual
    submit(bench.tools, bench.now_of(made.id))
    assert bench.now_of(made.id).state is State.SUBMITTED


def test_an_act_that_has_an_ar_is_upheld_and_never_sent_again(bench: Bench) -> None:
    sent, now = bench.sent(), bench.clock.now()
    with bench.tools.register() as unit:
        rejected = unit.move(sent, Event.ANOMALIE_RECEIVED, SERVICE, now)
        step = Step(date_reception=date(2023, 3, 9))
        unit.move(rejected, Event.AR_RECEIVED, SERVICE, now, step)
        unit.commit()
    bench.silence()
    moved = release(bench.tools, sent.acte_id, OPERATOR)
    assert (moved.state, moved.date_reception) == (State.ACKNOWLEDGED, date(2023, 3, 9))
    assert moved.next_attempt_at is None
    assert bench.bells() == []


def test_an_abandoned_act_is_over_with_its_reason(bench: Bench) -> None:
    held = _held(bench, bench.acte())
    ended = abandon(bench.tools, held.acte_id, OPERATOR)
    assert (ended.state, ended.next_attempt_at) == (State.REJECTED, None)
    assert ended.waiting_for == "Abandonnée : vérifié par téléphone"
    assert bench.bells() == []


@pytest.mark.parametrize("decide", DECISIONS)
def test_the_journal_names_who_decided_and_why(
    bench: Bench, decide: Callable[..., Transmission]
) -> None:
    held = _held(bench, bench.acte())
    decide(bench.tools, held.acte_id, OPERATOR)
    with bench.engine.connect() as connection:
        last = connection.execute(select(journal).order_by(journal.c.id.desc()).limit(1)).one()
    assert (last.author, last.reason) == ("opératrice", "vérifié par téléphone")
    assert last.source == "held"


@pytest.mark.parametrize("decide", DECISIONS)
@pytest.mark.parametrize("reason", [None, "", " \t"])
def test_a_decision_without_a_reason_is_refused_and_changes_nothing(
    bench: Bench, decide: Callable[..., Transmission], reason: Any
) -> None:
    held = _held(bench, bench.acte())
    with pytest.raises(RefusedError, match="motif"):
        decide(bench.tools, held.acte_id, Author("opératrice", reason))
    assert bench.now_of(held.id) == held


@pytest.mark.parametrize("decide", DECISIONS)
@pytest.mark.parametrize("reach", [Bench.acte, Bench.prepared, Bench.sent, Bench.in_doubt])
def test_an_act_that_waits_for_nobody_is_not_decided_upon(
    bench: Bench, decide: Callable[..., Transmission], reach: Callable[[Bench], Transmission]
) -> None:
    made = reach(bench)
    with pytest.raises(TransitionError, match="n'attend pas d'opérateur"):
        decide(bench.tools, made.acte_id, OPERATOR)
    assert bench.now_of(made.id) == made


def test_two_operators_at_once_decide_once(bench: Bench) -> None:
    held = _held(bench, bench.acte())
    release(bench.tools, held.acte_id, OPERATOR)
    with pytest.raises(TransitionError):
        abandon(bench.tools, held.acte_id, OPERATOR)
    assert bench.now_of(held.id).state is State.ACCEPTED
    assert bench.bells() == [("send", bench.authority_id)]


# --- several messages about one act ------------------------------------------------------------


def _held_about(bench: Bench, acte: Transmission, message: str) -> Transmission:
    now = bench.clock.now()
    opening = Opening(acte.acte_id, acte.collectivite_id, message, acte.id_acte)
    with bench.tools.register() as unit:
        opened = unit.open_transmission(opening, OPERATOR, now, now)
        unit.commit()
    return _held(bench, opened)


@pytest.mark.parametrize(("decide", "end"), [(release, State.ACCEPTED), (abandon, State.REJECTED)])
def test_a_message_held_while_its_act_is_fine_is_the_one_decided_upon(
    bench: Bench, decide: Callable[..., Transmission], end: State
) -> None:
    acte = bench.acknowledged()
    held = _held_about(bench, acte, "4-4")
    assert decide(bench.tools, acte.acte_id, OPERATOR).id == held.id
    assert bench.now_of(held.id).state is end
    assert bench.now_of(acte.id) == acte


@pytest.mark.parametrize("decide", DECISIONS)
def test_of_several_held_messages_the_one_meant_must_be_named(
    bench: Bench, decide: Callable[..., Transmission]
) -> None:
    acte = bench.acknowledged()
    answer, receipt = (_held_about(bench, acte, message) for message in ("4-4", "4-2"))
    with pytest.raises(ConflictError, match="Dites lequel") as refused:
        decide(bench.tools, acte.acte_id, OPERATOR)
    assert "4-4 (réponse à une lettre d'observations)" in str(refused.value)
    assert decide(bench.tools, acte.acte_id, OPERATOR, "4-4").id == answer.id
    assert bench.now_of(receipt.id).state is State.HELD


@pytest.mark.parametrize("decide", DECISIONS)
def test_a_message_of_another_kind_is_not_decided_upon(
    bench: Bench, decide: Callable[..., Transmission]
) -> None:
    acte = bench.sent()
    answer = _held_about(bench, acte, "4-4")
    held = _held(bench, bench.now_of(acte.id))
    with pytest.raises(NotFoundError, match="Aucun message 6-1"):
        decide(bench.tools, acte.acte_id, OPERATOR, "6-1")
    decide(bench.tools, acte.acte_id, OPERATOR, "4-4")
    with pytest.raises(TransitionError):
        decide(bench.tools, acte.acte_id, OPERATOR, "4-4")
    assert bench.now_of(held.id) == held
    assert bench.now_of(answer.id).state is not State.HELD


@pytest.mark.parametrize("decide", DECISIONS)
def test_of_several_held_messages_of_one_kind_the_number_names_the_one(
    bench: Bench, decide: Callable[..., Transmission]
) -> None:
    acte = bench.acknowledged()
    first = _held_about(bench, acte, "3-4")
    second = _held_about(bench, acte, "4-4")
    assert decide(bench.tools, acte.acte_id, OPERATOR, transmission_id=second.id).id == second.id
    assert bench.now_of(first.id).state is State.HELD
    other = bench.acte()
    with pytest.raises(NotFoundError):
        decide(bench.tools, other.acte_id, OPERATOR, transmission_id=first.id)
