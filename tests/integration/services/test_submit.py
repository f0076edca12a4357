"""Sending, under every fault of the wire: at most one legal transmission, nothing lost."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.bench import COLLECTIVITE, TDT, Bench
from tests.support.scene import Scene
from transmission.domain.errors import RefusedError, TransitionError
from transmission.domain.lifecycle import State
from transmission.domain.outcomes import Absent, Accepted, InDoubt, Refused
from transmission.domain.transmission import Author
from transmission.ports import Circuit, Exchange, TdtConfigurationError
from transmission.services import submit as submitting
from transmission.services.reconcile import reconcile
from transmission.services.release import abandon, release
from transmission.services.submit import conclude, submit
from transmission.services.sweep import sweep
from transmission.store.tables import attempt

ID_ACTE = "042-123456782-20230302-D2023_001-DE"
ACCEPTED_THEN_LOST = ("cut_after_accept", "cut_mid_answer", "error_500")
NEVER_ACCEPTED = ("cut_before_body", "cut_mid_body", "cut_before_accept", "error_500_before")
DEPOSIT = ["actes_transac_submit.php"]


@pytest.mark.parametrize("fault", ACCEPTED_THEN_LOST)
def test_an_answer_lost_after_acceptance_is_resolved_without_a_second_sending(
    scene: Scene, fault: str
) -> None:
    scene.manage("faults", fault=fault, paths=DEPOSIT)
    taken = scene.accept()
    scene.run()
    assert scene.transmission(taken.acte_id).state is State.IN_DOUBT
    scene.later(31)
    assert scene.transmission(taken.acte_id).state in (State.SUBMITTED, State.ACKNOWLEDGED)
    scene.later(60)
    assert scene.transmission(taken.acte_id).state is State.ACKNOWLEDGED
    assert scene.transmission(taken.acte_id).attempts == 1
    assert scene.times_received(ID_ACTE) == 1


@pytest.mark.parametrize("fault", NEVER_ACCEPTED)
def test_a_sending_cut_before_acceptance_is_made_again_once_the_tdt_has_said_it_has_nothing(
    scene: Scene, fault: str
) -> None:
    scene.manage("faults", fault=fault, paths=DEPOSIT)
    taken = scene.accept()
    scene.run()
    assert scene.transmission(taken.acte_id).state is State.IN_DOUBT
    scene.later(31)
    scene.later(60)
    transmission = scene.transmission(taken.acte_id)
    assert transmission.state is State.ACKNOWLEDGED
    assert transmission.attempts == 2
    assert scene.times_received(ID_ACTE) == 1


def test_an_uncertain_sending_rests_before_the_tdt_is_asked(scene: Scene) -> None:
    scene.manage("faults", fault="cut_after_accept", paths=DEPOSIT)
    taken = scene.accept()
    scene.run()
    scene.later(10)
    assert scene.transmission(taken.acte_id).state is State.IN_DOUBT


def test_a_tdt_that_is_away_gets_the_act_when_it_is_back(scene: Scene) -> None:
    taken = scene.accept()
    scene.run("prepare")
    scene.mock.stop()
    scene.later(60)
    transmission = scene.transmission(taken.acte_id)
    assert transmission.state is State.PREPARED
    assert transmission.failures == 0, "its TdT is away: nothing is held against the act"
    assert transmission.waiting_for is not None
    assert "joignable" in transmission.waiting_for
    assert transmission.attempts == 1
    scene.later(30)
    assert scene.transmission(taken.acte_id).attempts == 2


def test_a_refusal_of_the_tdt_waits_for_a_person_with_its_text(scene: Scene) -> None:
    scene.manage("scenario", scenario="refused", number="D2023_001")
    taken = scene.accept()
    scene.run()
    transmission = scene.transmission(taken.acte_id)
    assert transmission.state is State.HELD
    assert transmission.waiting_for is not None
    assert transmission.waiting_for.startswith("Refus du TdT")
    assert scene.times_received(ID_ACTE) == 0


def test_a_held_act_goes_on_when_a_named_person_says_why(scene: Scene) -> None:
    scene.manage("scenario", scenario="refused", next=True, times=1)
    taken = scene.accept()
    scene.run()
    release(scene.tools, taken.acte_id, Author("opératrice", "le TdT a confirmé par téléphone"))
    scene.run()
    scene.later(30)
    assert scene.transmission(taken.acte_id).state is State.ACKNOWLEDGED
    assert scene.times_received(ID_ACTE) == 1


def test_a_held_act_is_not_released_without_a_reason(scene: Scene) -> None:
    scene.manage("scenario", scenario="refused", next=True, times=1)
    taken = scene.accept()
    scene.run()
    with pytest.raises(RefusedError, match="motif"):
        release(scene.tools, taken.acte_id, Author("opératrice", "  "))
    assert scene.transmission(taken.acte_id).state is State.HELD


def test_an_act_that_is_not_held_cannot_be_released_nor_abandoned(scene: Scene) -> None:
    taken = scene.accept()
    for decide in (release, abandon):
        with pytest.raises(TransitionError, match="n'attend pas d'opérateur"):
            decide(scene.tools, taken.acte_id, Author("opératrice", "essai"))


def test_an_abandoned_act_is_never_sent(scene: Scene) -> None:
    scene.manage("scenario", scenario="refused", next=True, times=1)
    taken = scene.accept()
    scene.run()
    abandon(scene.tools, taken.acte_id, Author("opératrice", "acte retiré"))
    scene.later(600)
    assert scene.transmission(taken.acte_id).state is State.REJECTED
    assert scene.times_received(ID_ACTE) == 0


def test_a_bell_rung_many_times_sends_once(scene: Scene) -> None:
    taken = scene.accept()
    scene.run("prepare")
    transmission = scene.transmission(taken.acte_id)
    for _ in range(5):
        submit(scene.tools, transmission)
    assert scene.transmission(taken.acte_id).attempts == 1
    assert scene.times_received(ID_ACTE) == 1


def test_a_crash_during_the_sending_is_found_by_its_age_and_asked_about(scene: Scene) -> None:
    taken = scene.accept()
    scene.run("prepare")
    transmission = scene.transmission(taken.acte_id)
    real = scene.tools.tdts.connector

    class Dying(BaseException):
        pass

    def dying(*_: object) -> None:
        raise Dying

    connector = real(_tdt(scene))
    original = connector.submit
    connector.submit = dying  # type: ignore[assignment, method-assign]
    try:
        with pytest.raises(Dying):
            submit(scene.tools, transmission)
    finally:
        connector.submit = original  # type: ignore[method-assign]
    assert scene.transmission(taken.acte_id).state is State.SUBMITTING
    scene.later(61)
    assert scene.transmission(taken.acte_id).state is State.IN_DOUBT
    scene.later(31)
    scene.later(60)
    assert scene.transmission(taken.acte_id).state is State.ACKNOWLEDGED
    assert scene.times_received(ID_ACTE) == 1


def test_an_archive_altered_after_sealing_never_leaves(scene: Scene) -> None:
    taken = scene.accept()
    scene.run("prepare")
    parcel = scene.transmission(taken.acte_id).parcel
    assert parcel is not None
    path = scene.tools.documents.path(parcel.archive)
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(Exception, match="empreinte"):
        submit(scene.tools, scene.transmission(taken.acte_id))
    assert scene.transmission(taken.acte_id).state is State.PREPARED
    assert scene.times_received(ID_ACTE) == 0


def _tdt(scene: Scene):  # type: ignore[no-untyped-def]
    with scene.tools.register() as unit:
        return unit.authority(scene.authority_id).collectivite.tdt


def _attempts(bench: Bench) -> list[tuple[int, str | None]]:
    with bench.engine.connect() as connection:
        rows = connection.execute(select(attempt).order_by(attempt.c.number))
        return [(row.number, row.outcome) for row in rows]


def test_the_intent_is_written_and_no_transaction_is_open_while_the_parcel_leaves(
    bench: Bench,
) -> None:
    made = bench.prepared()
    seen: list[Any] = []

    def look(_: Any) -> Accepted:
        with bench.tools.register() as unit:
            seen.append(unit.lock_transmission(made.id))
        seen.append(_attempts(bench))
        return Accepted("12")

    bench.tdt.on_submit = look
    submit(bench.tools, bench.now_of(made.id))
    during, attempts = seen
    assert (during.state, during.attempts) == (State.SUBMITTING, 1)
    assert attempts == [(1, None)]
    assert _attempts(bench) == [(1, "Accepted")]


def test_what_cannot_be_made_into_a_parcel_is_never_marked_as_leaving(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bench.prepared()

    def broken(*_: Any) -> None:
        raise KeyError("a bug of ours")

    monkeypatch.setattr(submitting, "as_parcel", broken)
    with pytest.raises(KeyError):
        submit(bench.tools, bench.now_of(made.id))
    assert bench.now_of(made.id) == made
    assert _attempts(bench) == []


def test_an_account_that_cannot_be_used_sends_nothing_and_says_why(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bench.prepared()

    def broken(*_: Any) -> None:
        raise TdtConfigurationError("Le certificat a disparu.")

    monkeypatch.setattr(bench.tdt, "connector", broken)
    submit(bench.tools, bench.now_of(made.id))
    after = bench.now_of(made.id)
    assert (after.state, after.attempts, after.failures) == (State.PREPARED, 0, 0)
    assert after.next_attempt_at == bench.clock.now() + timedelta(seconds=30)
    assert "Le certificat a disparu." in str(after.waiting_for)
    assert _attempts(bench) == []


def test_what_its_tdt_keeps_waiting_was_not_claimed_in_vain(bench: Bench) -> None:
    made, now = bench.prepared(), bench.clock.now()
    with bench.tools.register() as unit:
        unit.due_at([made.id], now)
        (claimed,) = unit.claim(bench.authority_id, now, now + timedelta(hours=1), 9, now.date())
        unit.set_circuit(TDT.base_url, Circuit(3, 0, now, now + timedelta(seconds=30), "coupure"))
        unit.commit()
    submit(bench.tools, claimed)
    assert bench.tdt.times("submit") == 0
    assert (claimed.claims, bench.now_of(made.id)) == (1, replace(claimed, claims=0))


def test_an_outcome_that_comes_after_the_doubt_still_counts(bench: Bench) -> None:
    made = bench.prepared()

    def doubted_meanwhile(_: Any) -> Accepted:
        bench.clock.advance(60)
        sweep(bench.tools)
        assert bench.now_of(made.id).state is State.IN_DOUBT
        return Accepted("12")

    bench.tdt.on_submit = doubted_meanwhile
    submit(bench.tools, bench.now_of(made.id))
    after = bench.now_of(made.id)
    assert (after.state, after.reference) == (State.SUBMITTED, "12")


def test_an_outcome_of_a_former_attempt_completes_it_and_moves_nothing(bench: Bench) -> None:
    first = bench.in_doubt()
    bench.clock.advance(30)
    bench.tdt.on_find = Absent()
    reconcile(bench.tools, first.id)
    bench.tdt.on_submit = InDoubt("nouvelle coupure")
    submit(bench.tools, bench.now_of(first.id))
    second = bench.now_of(first.id)
    conclude(bench.tools, COLLECTIVITE, first, Exchange(Refused("trop tard"), "POST"))
    assert bench.now_of(first.id) == second
    assert _attempts(bench) == [(1, "Refused"), (2, "InDoubt")]


def test_an_outcome_that_comes_after_the_tdt_was_found_to_have_it_is_only_noted(
    bench: Bench,
) -> None:
    sent = bench.sent()
    started = replace(sent, state=State.SUBMITTING)
    late = Exchange(Refused("numéro déjà utilisé"), "POST")
    conclude(bench.tools, COLLECTIVITE, started, late)
    assert bench.now_of(sent.id) == sent
    assert bench.events(sent.id)[-1] == "late_outcome"
