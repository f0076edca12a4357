"""Sending, under every fault of the wire: at most one legal transmission, nothing lost."""

import pytest

from tests.support.scene import Scene
from transmission.domain.errors import RefusedError, TransitionError
from transmission.domain.lifecycle import State
from transmission.domain.transmission import Author
from transmission.services.release import abandon, release
from transmission.services.submit import submit

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
    scene.run()
    transmission = scene.transmission(taken.acte_id)
    assert transmission.state is State.PREPARED
    assert transmission.failures == 1
    assert transmission.waiting_for is not None
    assert "joignable" in transmission.waiting_for


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
        submit(scene.tools, transmission.id)
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
            submit(scene.tools, transmission.id)
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
        submit(scene.tools, scene.transmission(taken.acte_id).id)
    assert scene.transmission(taken.acte_id).state is State.PREPARED
    assert scene.times_received(ID_ACTE) == 0


def _tdt(scene: Scene):  # type: ignore[no-untyped-def]
    with scene.tools.register() as unit:
        return unit.authority(scene.authority_id).collectivite.tdt
