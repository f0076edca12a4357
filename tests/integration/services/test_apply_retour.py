"""Retours: attached to exactly one act, or in quarantine with the reason."""

from datetime import date

import pytest

from tests.support.scene import Scene
from transmission.domain.lifecycle import State
from transmission.domain.transmission import Author
from transmission.ports import Arrived
from transmission.services.apply_retour import apply_retour
from transmission.services.release import release

ID_ACTE = "042-123456782-20230302-D2023_001-DE"


def _sent(scene: Scene) -> int:
    scene.manage("scenario", scenario="silence", number="D2023_001")
    taken = scene.accept()
    scene.run()
    assert scene.transmission(taken.acte_id).state is State.SUBMITTED
    return taken.acte_id


def _retour(scene: Scene, acte_id: int | None, raw: bytes, source: str = "essai") -> None:
    file = scene.tools.documents.put_bytes(raw)
    with scene.tools.register() as unit:
        asked = unit.current_transmission(acte_id).id if acte_id else None
        arrived = Arrived(scene.authority_id, file, source, scene.clock.now(), asked)
        retour_id = unit.add_retour(arrived)
        unit.commit()
    if retour_id is not None:
        apply_retour(scene.tools, retour_id)


def ar(reception: str = "2023-03-09", **changes: str) -> bytes:
    """An AR as the State writes it, for the act of the scene."""
    fields = {
        "siren": "123456782",
        "numero": "D2023_001",
        "date": "2023-03-02",
        "compact": "20230302",
        "objet": "Subvention de 1 000 &#8364; &#224; l&#8217;&#233;cole",
        "nombre": "1",
        **changes,
    }
    template = """<?xml version="1.0" encoding="ISO-8859-1"?>
<actes:ARActe xmlns:actes="http://www.interieur.gouv.fr/ACTES#v1.1-20040216"
 actes:IDActe="042-{siren}-{compact}-{numero}-DE" actes:DateReception="{reception}">
<actes:ActeRecu actes:Date="{date}" actes:NumeroInterne="{numero}" actes:CodeNatureActe="1">
<actes:CodeMatiere1 actes:CodeMatiere="7"/><actes:CodeMatiere2 actes:CodeMatiere="5"/>
<actes:Objet>{objet}</actes:Objet>
<actes:ClassificationDateVersion>2025-01-15</actes:ClassificationDateVersion>
<actes:Document><actes:NomFichier>99_DE-042-{siren}-{compact}-{numero}-DE-1-1_1.pdf\
</actes:NomFichier></actes:Document>
<actes:Annexes actes:Nombre="{nombre}"><actes:Annexe><actes:NomFichier>\
99_DE-042-{siren}-{compact}-{numero}-DE-1-1_2.pdf</actes:NomFichier></actes:Annexe></actes:Annexes>
<actes:DocumentPapier>0</actes:DocumentPapier></actes:ActeRecu>
<actes:ClassificationDateVersionEnCours>2025-01-15</actes:ClassificationDateVersionEnCours>
</actes:ARActe>"""
    return template.format(reception=reception, **fields).encode("latin-1")


def test_an_ar_is_attached_to_the_act_that_it_names(scene: Scene) -> None:
    acte_id = _sent(scene)
    _retour(scene, acte_id, ar())
    transmission = scene.transmission(acte_id)
    assert transmission.state is State.ACKNOWLEDGED
    assert transmission.date_reception == date(2023, 3, 9)
    (kept,) = scene.retours()
    assert (kept.status, kept.kind, kept.differences) == ("applied", "1-2", [])


def test_the_same_bytes_collected_twice_are_one_retour(scene: Scene) -> None:
    acte_id = _sent(scene)
    _retour(scene, acte_id, ar())
    _retour(scene, acte_id, ar())
    assert len(scene.retours()) == 1


def test_another_copy_of_the_ar_with_the_same_date_changes_nothing(scene: Scene) -> None:
    acte_id = _sent(scene)
    _retour(scene, acte_id, ar())
    _retour(scene, acte_id, ar() + b"\n")
    assert [kept.status for kept in scene.retours()] == ["applied", "duplicate"]
    assert scene.events(acte_id).count("ar_received") == 1


def test_a_second_ar_with_another_date_is_quarantined_and_the_first_date_stays(
    scene: Scene,
) -> None:
    acte_id = _sent(scene)
    _retour(scene, acte_id, ar("2023-03-09"))
    _retour(scene, acte_id, ar("2023-03-13"))
    assert scene.transmission(acte_id).date_reception == date(2023, 3, 9)
    last = scene.retours()[-1]
    assert last.status == "quarantined"
    assert "13/03/2023" in last.reason
    assert (last.kind, last.date_reception) == ("1-2", date(2023, 3, 13))


@pytest.mark.parametrize(
    "changes",
    [
        {"numero": "D2023_002"},
        {"siren": "123456790"},
        {"date": "2022-03-02", "compact": "20220302"},
    ],
)
def test_an_ar_that_names_another_act_is_quarantined_never_given_to_the_nearest(
    scene: Scene, changes: dict[str, str]
) -> None:
    acte_id = _sent(scene)
    _retour(scene, None, ar(**changes))
    assert scene.transmission(acte_id).state is State.SUBMITTED
    (kept,) = scene.retours()
    assert kept.status == "quarantined"
    assert kept.transmission_id is None


def test_an_ar_collected_under_the_reference_of_another_act_is_quarantined(scene: Scene) -> None:
    acte_id = _sent(scene)
    _retour(scene, acte_id, ar(numero="D2023_999"))
    assert scene.transmission(acte_id).state is State.SUBMITTED
    (kept,) = scene.retours()
    assert kept.status == "quarantined"
    assert "D2023_999" in kept.reason


def test_an_ar_for_an_act_that_never_left_is_quarantined(scene: Scene) -> None:
    taken = scene.accept()
    _retour(scene, None, ar())
    assert scene.transmission(taken.acte_id).state is State.ACCEPTED
    assert scene.retours()[-1].status == "quarantined"


def test_an_echo_that_differs_is_recorded_and_the_ar_still_counts(scene: Scene) -> None:
    acte_id = _sent(scene)
    _retour(scene, acte_id, ar(objet="Autre objet", nombre="3"))
    assert scene.transmission(acte_id).state is State.ACKNOWLEDGED
    (kept,) = scene.retours()
    assert [difference["champ"] for difference in kept.differences] == ["nombre_annexes", "objet"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not xml",
        b"<html><body>Erreur</body></html>",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        ar("2023-02-30"),
        ar().replace(b"actes:DateReception", b"actes:Autre"),
        ar()[:400],
    ],
)
def test_any_unreadable_bytes_are_kept_and_quarantined(scene: Scene, raw: bytes) -> None:
    acte_id = _sent(scene)
    _retour(scene, acte_id, raw)
    assert scene.transmission(acte_id).state is State.SUBMITTED
    (kept,) = scene.retours()
    assert kept.status == "quarantined"
    assert kept.reason
    assert kept.size == len(raw)


def test_an_anomaly_of_the_act_rejects_it_with_its_text(scene: Scene) -> None:
    scene.manage(
        "scenario", scenario="anomalie_acte", number="D2023_001", nature="007", detail="illisible"
    )
    taken = scene.accept()
    scene.run()
    scene.later(30)
    transmission = scene.transmission(taken.acte_id)
    assert transmission.state is State.REJECTED
    assert transmission.date_reception is None
    assert transmission.waiting_for is not None
    assert "007" in transmission.waiting_for


def test_an_anomaly_of_the_envelope_rejects_the_act_that_it_carried(scene: Scene) -> None:
    scene.manage("scenario", scenario="anomalie_enveloppe", number="D2023_001")
    taken = scene.accept()
    scene.run()
    scene.later(30)
    assert scene.transmission(taken.acte_id).state is State.REJECTED
    assert scene.retours()[-1].kind == "anomalie d'enveloppe"


def test_an_error_of_the_tdt_itself_rejects_the_act_with_its_words(scene: Scene) -> None:
    scene.manage("scenario", scenario="tdt_error", number="D2023_001")
    taken = scene.accept()
    scene.run()
    scene.later(30)
    transmission = scene.transmission(taken.acte_id)
    assert transmission.state is State.REJECTED
    assert transmission.waiting_for is not None
    assert transmission.waiting_for.startswith("Refusée par le TdT")


def test_an_ar_after_an_anomaly_asks_for_a_person_and_both_are_kept(scene: Scene) -> None:
    scene.manage("scenario", scenario="anomalie_acte", number="D2023_001", nature="005")
    taken = scene.accept()
    scene.run()
    scene.later(30)
    _retour(scene, taken.acte_id, ar())
    assert scene.transmission(taken.acte_id).state is State.HELD
    assert len(scene.retours()) == 2
    release(scene.tools, taken.acte_id, Author("opératrice", "la préfecture confirme l'AR"))
    scene.later(120)
    assert scene.transmission(taken.acte_id).state is State.ACKNOWLEDGED
    assert scene.transmission(taken.acte_id).date_reception == date(2023, 3, 9)
    assert scene.times_received(ID_ACTE) == 1


def test_silence_leaves_the_act_sent_and_asked_about_less_and_less_often(scene: Scene) -> None:
    acte_id = _sent(scene)
    for _ in range(4):
        scene.later(60)
    transmission = scene.transmission(acte_id)
    assert transmission.state is State.SUBMITTED
    assert transmission.polls >= 3
    assert transmission.next_attempt_at is not None
    assert (transmission.next_attempt_at - scene.clock.now()).total_seconds() == 40


def test_an_ar_proves_a_sending_that_was_in_doubt(scene: Scene) -> None:
    scene.manage("faults", fault="cut_after_accept", paths=["actes_transac_submit.php"])
    taken = scene.accept()
    scene.run()
    assert scene.transmission(taken.acte_id).state is State.IN_DOUBT
    _retour(scene, None, ar())
    assert scene.transmission(taken.acte_id).state is State.ACKNOWLEDGED
    scene.later(600)
    assert scene.times_received(ID_ACTE) == 1


def test_an_anomaly_for_an_outdated_classification_brings_the_new_one(scene: Scene) -> None:
    scene.manage("classification", date="2026-02-01", known_to_platform=True)
    taken = scene.accept()
    scene.run()
    scene.later(30)
    assert scene.transmission(taken.acte_id).state is State.REJECTED
    with scene.tools.register() as unit:
        held = unit.classification_file(scene.authority_id)
    assert held is not None
    assert held[0] == date(2026, 2, 1)
