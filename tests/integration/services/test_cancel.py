"""Taking an act back: before it left, or by a cancellation that the State alone makes true."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.bench import RECEPTION, Bench
from tests.support.prefecture import Prefecture, annulation_received, enveloppe_refused
from tests.support.scene import Scene
from transmission.domain.courriers import Annulation
from transmission.domain.errors import ConflictError, NotFoundError, RefusedError, TransitionError
from transmission.domain.lifecycle import Event, State
from transmission.domain.outcomes import Absent, Accepted, Found, InDoubt, Refused
from transmission.domain.transmission import SERVICE, Author, Transmission
from transmission.ports import Collected, Situation
from transmission.services.cancel import cancel
from transmission.services.collect import collect
from transmission.services.reconcile import reconcile
from transmission.services.release import abandon, release
from transmission.store.tables import journal

OPERATOR = Author("directrice", "acte rapporté par le conseil")
CANCELLED_ON = date(2023, 3, 14)
ID_ACTE = "042-123456782-20230302-D2023_001-DE"


def _asked(bench: Bench, acte: Transmission) -> Transmission:
    """The latest cancellation of an act, where it stands."""
    return bench.about(acte.acte_id, "6-1")[-1]


def _requested(bench: Bench) -> tuple[Transmission, Transmission]:
    """An act whose cancellation the TdT has taken, and this cancellation."""
    acte = bench.acknowledged()
    cancel(bench.tools, acte.acte_id, OPERATOR)
    bench.run("prepare", "submit")
    asked = _asked(bench, acte)
    assert asked.state is State.SUBMITTED
    return acte, asked


def _moved(bench: Bench, made: Transmission, *events: Event) -> Transmission:
    with bench.tools.register() as unit:
        for event in events:
            made = unit.move(unit.transmission(made.id), event, SERVICE, bench.clock.now())
        unit.commit()
    return made


def _cancelling(bench: Bench) -> Transmission:
    return _moved(bench, bench.acknowledged(), Event.CANCEL_REQUESTED)


def _submitting(bench: Bench) -> Transmission:
    return _moved(bench, bench.prepared(), Event.SUBMISSION_STARTED)


def _rejected(bench: Bench) -> Transmission:
    return _moved(bench, bench.sent(), Event.ANOMALIE_RECEIVED)


def _cancelled(bench: Bench) -> Transmission:
    return _moved(bench, bench.acte(), Event.WITHDRAWN)


def _held(bench: Bench) -> Transmission:
    return _moved(bench, bench.acte(), Event.HELD)


# --- before it left ----------------------------------------------------------------------------


@pytest.mark.parametrize("reach", [Bench.acte, Bench.prepared])
def test_an_act_that_has_not_left_is_withdrawn_and_never_leaves(
    bench: Bench, reach: Callable[[Bench], Transmission]
) -> None:
    made = reach(bench)
    withdrawn = cancel(bench.tools, made.acte_id, OPERATOR)
    assert (withdrawn.state, withdrawn.attempts) == (State.CANCELLED, 0)
    assert withdrawn.waiting_for == "Retirée avant tout envoi : acte rapporté par le conseil"
    assert withdrawn.next_attempt_at is None
    bench.run("prepare", "submit")
    assert bench.tdt.times("submit") == 0
    assert bench.now_of(made.id) == withdrawn
    assert bench.about(made.acte_id, "6-1") == []


def test_an_act_that_does_not_exist_is_told(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match="Aucun acte n° 999"):
        cancel(bench.tools, 999, OPERATOR)


# --- the request -------------------------------------------------------------------------------


def test_a_received_act_is_cancelled_by_a_message_of_its_own(bench: Bench) -> None:
    acte = bench.acknowledged()
    moved = cancel(bench.tools, acte.acte_id, OPERATOR)
    assert (moved.state, moved.date_reception) == (State.CANCELLING, RECEPTION)
    assert moved.waiting_for == "l'accusé d'annulation de la préfecture"
    bench.run("prepare", "submit")
    parcel = bench.parcels()[-1]
    assert parcel.message == Annulation(acte.id_acte)
    assert (parcel.documents, parcel.bearings.acte) == ((), acte.reference)
    assert parcel.stem == f"{acte.id_acte}-6-1"


@pytest.mark.parametrize(
    "reach",
    [_submitting, Bench.in_doubt, Bench.sent, _rejected, _cancelling, _cancelled, _held],
)
def test_only_an_act_whose_ar_is_received_can_be_cancelled(
    bench: Bench, reach: Callable[[Bench], Transmission]
) -> None:
    made = reach(bench)
    with pytest.raises(TransitionError) as refused:
        cancel(bench.tools, made.acte_id, OPERATOR)
    assert str(refused.value).endswith(".")
    assert bench.now_of(made.id) == made
    assert bench.about(made.acte_id, "6-1") == []


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_cancellation_without_a_reason_is_refused(bench: Bench, reason: Any) -> None:
    acte = bench.acknowledged()
    with pytest.raises(RefusedError, match="motif"):
        cancel(bench.tools, acte.acte_id, Author("directrice", reason))
    assert bench.now_of(acte.id) == acte


def test_the_journal_names_who_asked_and_why_on_the_act_and_on_the_message(bench: Bench) -> None:
    acte = bench.acknowledged()
    cancel(bench.tools, acte.acte_id, OPERATOR)
    with bench.engine.connect() as connection:
        statement = select(journal).where(journal.c.author == "directrice").order_by(journal.c.id)
        rows = connection.execute(statement).all()
    assert [(row.event, row.reason) for row in rows] == [
        ("cancel_requested", "acte rapporté par le conseil"),
        ("accepted", "acte rapporté par le conseil"),
    ]


def test_a_second_cancellation_is_refused_while_one_is_pending(bench: Bench) -> None:
    acte, asked = _requested(bench)
    with pytest.raises((TransitionError, ConflictError)):
        cancel(bench.tools, acte.acte_id, OPERATOR)
    assert [each.id for each in bench.about(acte.acte_id, "6-1")] == [asked.id]


# --- what becomes of it ------------------------------------------------------------------------


def test_the_act_is_cancelled_by_the_answer_of_the_state_alone(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte, asked = _requested(bench)
    assert bench.now_of(acte.id).state is State.CANCELLING
    prefecture.answers(asked, annulation_received(acte.id_acte, CANCELLED_ON))
    assert bench.now_of(acte.id).state is State.CANCELLED
    assert bench.now_of(acte.id).date_reception == RECEPTION
    assert bench.now_of(asked.id).date_reception == CANCELLED_ON


def _by_anomaly(bench: Bench, prefecture: Prefecture, asked: Transmission) -> None:
    prefecture.sends(enveloppe_refused(bench.now_of(asked.id)))


def _by_the_tdt(bench: Bench, prefecture: Prefecture, asked: Transmission) -> None:
    del prefecture, asked
    bench.clock.advance(60)
    bench.tdt.on_collect = Collected(Situation.REFUSED_BY_TDT, b"OK\n-1\nnon", None, "non")
    collect(bench.tools, bench.authority_id)


def _by_an_operator(bench: Bench, prefecture: Prefecture, asked: Transmission) -> None:
    del prefecture
    _moved(bench, asked, Event.HELD)
    abandon(bench.tools, asked.acte_id, OPERATOR)


@pytest.mark.parametrize("fails", [_by_anomaly, _by_the_tdt, _by_an_operator])
def test_a_cancellation_that_fails_gives_the_act_back_its_ar_and_may_be_asked_again(
    bench: Bench,
    prefecture: Prefecture,
    fails: Callable[[Bench, Prefecture, Transmission], None],
) -> None:
    acte, asked = _requested(bench)
    fails(bench, prefecture, asked)
    assert bench.now_of(asked.id).state is State.REJECTED
    given_back = bench.now_of(acte.id)
    assert (given_back.state, given_back.date_reception) == (State.ACKNOWLEDGED, RECEPTION)
    assert given_back.waiting_for is None
    assert bench.events(acte.id)[-1] == "cancel_refused"
    cancel(bench.tools, acte.acte_id, OPERATOR)
    bench.run("prepare", "submit")
    again = _asked(bench, acte)
    assert again.id != asked.id
    prefecture.answers(again, annulation_received(acte.id_acte, CANCELLED_ON))
    assert bench.now_of(acte.id).state is State.CANCELLED


def test_the_anomaly_of_the_act_s_own_envelope_does_not_touch_its_cancellation(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte, asked = _requested(bench)
    prefecture.sends(enveloppe_refused(acte))
    assert bench.now_of(acte.id).state is State.CANCELLING
    assert bench.now_of(asked.id).state is State.SUBMITTED
    assert bench.retours()[-1].status == "quarantined"


def test_a_cancellation_that_the_tdt_does_not_take_waits_for_a_person(bench: Bench) -> None:
    acte = bench.acknowledged()
    usual, bench.tdt.on_submit = bench.tdt.on_submit, Refused("droits insuffisants")
    cancel(bench.tools, acte.acte_id, OPERATOR)
    bench.run("prepare", "submit")
    held = _asked(bench, acte)
    assert held.state is State.HELD
    assert "droits insuffisants" in str(held.waiting_for)
    assert bench.now_of(acte.id).state is State.CANCELLING
    bench.tdt.on_submit = usual
    released = release(bench.tools, acte.acte_id, OPERATOR)
    assert released.id == held.id
    bench.run("submit")
    assert _asked(bench, acte).state is State.SUBMITTED


@pytest.mark.parametrize("taken", [True, False])
def test_a_cancellation_in_doubt_is_looked_for_and_never_doubled(
    bench: Bench, *, taken: bool
) -> None:
    acte = bench.acknowledged()
    bench.tdt.on_submit = InDoubt("coupure")
    cancel(bench.tools, acte.acte_id, OPERATOR)
    bench.run("prepare", "submit")
    bench.clock.advance(31)
    bench.tdt.on_find, bench.tdt.on_submit = Found("990") if taken else Absent(), Accepted("991")
    before = bench.tdt.times("submit")
    reconcile(bench.tools, _asked(bench, acte).id)
    bench.run("submit")
    assert _asked(bench, acte).reference == ("990" if taken else "991")
    assert bench.tdt.times("submit") - before == (0 if taken else 1)


def test_a_cancellation_goes_through_a_real_platform(scene: Scene) -> None:
    taken = scene.accept()
    scene.run()
    scene.later(30)
    received = scene.transmission(taken.acte_id)
    scene.manage("reception-date", mode="fixed", date="2023-03-20")
    cancel(scene.tools, taken.acte_id, OPERATOR)
    scene.run()
    for _ in range(4):
        scene.later(60)
    cancelled = scene.transmission(taken.acte_id)
    assert (cancelled.state, cancelled.date_reception) == (
        State.CANCELLED, received.date_reception
    )  # fmt: skip
    with scene.tools.register() as unit:
        (asked,) = unit.transmissions_about(taken.acte_id, "6-1")
    assert asked.date_reception == date(2023, 3, 20)
    (acte,) = scene.received()["acts"][ID_ACTE]["transactions"]
    assert [each["code"] for each in acte["related"]] == ["6-1"]
