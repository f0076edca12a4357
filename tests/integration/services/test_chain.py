"""One act through the whole chain, on a real register and over real TLS."""

from datetime import date

from tests.support.scene import Scene
from transmission.domain.lifecycle import State
from transmission.services.stamp import received

ID_ACTE = "042-123456782-20230302-D2023_001-DE"


def test_an_act_handed_over_is_acknowledged_with_the_date_of_the_ar(scene: Scene) -> None:
    scene.manage("reception-date", mode="fixed", date="2023-03-09")
    taken = scene.accept()
    scene.run()
    scene.later(30)
    transmission = scene.transmission(taken.acte_id)
    assert transmission.state is State.ACKNOWLEDGED
    assert transmission.date_reception == date(2023, 3, 9)
    assert str(transmission.id_acte) == ID_ACTE
    assert scene.times_received(ID_ACTE) == 1


def test_the_journal_tells_the_story_in_order(scene: Scene) -> None:
    taken = scene.accept()
    scene.run()
    scene.later(30)
    assert scene.events(taken.acte_id) == [
        "accepted",
        "prepared",
        "submission_started",
        "submission_accepted",
        "ar_received",
    ]


def test_the_archive_received_is_the_archive_that_was_sealed(scene: Scene) -> None:
    taken = scene.accept()
    scene.run()
    parcel = scene.transmission(taken.acte_id).parcel
    assert parcel is not None
    assert parcel.archive_name == "SLO-EACT--123456782--20230310-1.tar.gz"
    archives = scene.received()["archives"]
    assert list(archives) == [parcel.archive.sha256]


def test_the_ar_is_kept_byte_for_byte(scene: Scene) -> None:
    taken = scene.accept()
    scene.run()
    scene.later(30)
    kept = scene.tools.documents.read(received(scene.tools, taken.acte_id))
    assert kept.startswith(b"<?xml")
    assert b'actes:DateReception="' in kept
    told = scene.received()["acts"][ID_ACTE]["transactions"][0]
    assert told["status"] == 4


def test_the_echo_of_the_ar_is_compared_with_what_was_sent(scene: Scene) -> None:
    scene.accept()
    scene.run()
    scene.later(30)
    (kept,) = scene.retours()
    assert kept.status == "applied"
    assert kept.differences == []


def test_a_machine_whose_clock_is_a_year_ahead_still_records_the_date_of_the_ar(
    scene: Scene,
) -> None:
    scene.manage("reception-date", mode="fixed", date="2023-03-10")
    taken = scene.accept()
    scene.run("prepare")
    scene.clock.advance(365 * 86_400)
    scene.run()
    scene.later(30)
    transmission = scene.transmission(taken.acte_id)
    assert transmission.date_reception == date(2023, 3, 10)


def test_a_machine_whose_clock_is_a_year_late_still_records_the_date_of_the_ar(
    scene: Scene,
) -> None:
    scene.manage("reception-date", mode="fixed", date="2024-03-10")
    taken = scene.accept()
    scene.run()
    scene.later(30)
    assert scene.transmission(taken.acte_id).date_reception == date(2024, 3, 10)
    (kept,) = scene.retours()
    assert any("postérieure" in note for note in kept.notes)


def test_the_envelope_numbers_of_a_day_follow_each_other(scene: Scene) -> None:
    acts = [scene.accept(f"D2023_00{rank}") for rank in (1, 2, 3)]
    scene.run("prepare")
    numbers = []
    for taken in acts:
        parcel = scene.transmission(taken.acte_id).parcel
        assert parcel is not None
        numbers.append(parcel.enveloppe.numero)
    assert numbers == [1, 2, 3]
