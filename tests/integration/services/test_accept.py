"""Acceptance: everything checked, then everything stored, or nothing at all."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.support.scene import AUTHOR, SIREN, Scene, collectivite, pdf
from transmission.actes.archive import sealed_entries
from transmission.actes.retours import read_retour
from transmission.domain.errors import ConflictError, NotFoundError, RefusedError
from transmission.domain.retours import AccuseReception
from transmission.domain.transmission import StoredFile
from transmission.services.accept import accept, check
from transmission.services.enroll import enroll
from transmission.store.tables import acte, outbox, transmission

EICAR_LIKE = b"MZ\x90\x00 not a document"


def _rules(scene: Scene, **changes: Any) -> set[tuple[str, str]]:
    with pytest.raises(RefusedError) as refused:
        scene.accept(**changes)
    return {(problem.field, problem.rule) for problem in refused.value.problems}


def _rows(scene: Scene) -> int:
    with scene.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(acte)).scalar_one()


def _documents(scene: Scene) -> set[str]:
    root = scene.folder.parent / "documents"
    return {path.name for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"numero": "2023-001"}, ("numero", "numero_forme")),
        ({"numero": "d2023_001"}, ("numero", "numero_forme")),
        ({"numero": "_D1"}, ("numero", "numero_forme")),
        ({"numero": "D" * 16}, ("numero", "numero_forme")),
        ({"numero": ""}, ("numero", "numero_forme")),
        ({"date": "2023-02-30"}, ("date", "date_calendrier")),
        ({"date": "2023-03-11"}, ("date", "date_calendrier")),
        ({"date": "hier"}, ("date", "date_calendrier")),
        ({"nature": "ZZ"}, ("nature", "nature_connue")),
        ({"matiere": "7"}, ("matiere", "matiere_forme")),
        ({"matiere": "7.99"}, ("matiere", "matiere_classification")),
        ({"objet": "  "}, ("objet", "objet_vide")),
        ({"objet": "x" * 501}, ("objet", "objet_longueur")),
        ({"objet": "Fête 🎉"}, ("objet", "objet_caracteres")),
        ({"objet": "nul \x00"}, ("objet", "objet_caracteres")),
        ({"objet": "droite \u202e gauche"}, ("objet", "objet_caracteres")),
        ({"contents": (b"",)}, ("document", "fichier_vide")),
        ({"contents": (EICAR_LIKE,)}, ("document", "fichier_type")),
        ({"contents": (b"<html><body>acte</body></html>",)}, ("document", "fichier_type")),
        ({"contents": (pdf()[:300],)}, ("document", "pdf_lisible")),
        ({"contents": (pdf(), b"")}, ("annexes[1]", "fichier_vide")),
        ({"contents": (pdf(),), "typologies": ("99_AI",)}, ("document", "typologie")),
        ({"contents": ()}, ("document", "document_absent")),
    ],
)
def test_each_fault_is_refused_by_its_rule_and_nothing_is_stored(
    scene: Scene, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    before = _documents(scene)
    assert expected in _rules(scene, **changes)
    assert _rows(scene) == 0
    assert _documents(scene) == before


def test_all_the_problems_of_a_deposit_are_told_at_once(scene: Scene) -> None:
    rules = _rules(
        scene,
        numero="2023-001",
        date="2999-01-01",
        nature="ZZ",
        matiere="7",
        objet="",
        contents=(b"", EICAR_LIKE),
    )
    assert {field for field, _ in rules} == {
        "numero", "date", "nature", "matiere", "objet", "document", "annexes[1]",
    }  # fmt: skip


def test_every_problem_says_how_to_mend_it_in_a_sentence(scene: Scene) -> None:
    with pytest.raises(RefusedError) as refused:
        scene.accept(numero="2023-02-001", matiere="7.99", objet="x" * 600)
    told = str(refused.value)
    assert "2023_02_001" in told
    assert "7.5" in told
    assert "Retirez-en au moins 101" in told
    assert all(problem.remedy for problem in refused.value.problems)


def test_an_object_of_the_tdts_limit_is_taken_and_one_more_is_not(scene: Scene) -> None:
    assert scene.accept(objet="x" * 499).acte.objet == "x" * 499
    assert ("objet", "objet_longueur") in _rules(scene, numero="D2", objet="x" * 500)


def test_a_word_processors_characters_travel_and_come_back_the_same(scene: Scene) -> None:
    taken = scene.accept(objet="L’œuvre – « 1 000 € »…")
    scene.run()
    scene.later(30)
    assert taken.acte.objet == "L’œuvre – « 1 000 € »…"
    (kept,) = scene.retours()
    assert kept.differences == []


def test_line_breaks_of_an_object_become_spaces_and_it_is_said(scene: Scene) -> None:
    taken = scene.accept(objet="Budget\nprimitif")
    assert taken.acte.objet == "Budget primitif"
    assert any("retours à la ligne" in note for note in taken.notes)


def test_the_same_deposit_twice_is_one_act(scene: Scene) -> None:
    first, second = scene.accept(), scene.accept()
    assert (first.repeated, second.repeated) == (False, True)
    assert first.acte_id == second.acte_id
    assert _rows(scene) == 1


def test_the_same_key_with_another_body_is_refused_and_says_what_differs(scene: Scene) -> None:
    scene.accept(key="séance-1")
    with pytest.raises(ConflictError, match="objet"):
        scene.accept("D2023_002", key="séance-1", objet="Autre objet")
    assert _rows(scene) == 1


def test_the_same_legal_key_with_other_files_is_refused(scene: Scene) -> None:
    scene.accept()
    with pytest.raises(ConflictError, match="fichiers"):
        scene.accept(contents=(pdf("Autre"),))
    assert _rows(scene) == 1


def test_a_number_that_served_another_day_is_refused_since_the_tdt_would(scene: Scene) -> None:
    scene.accept()
    assert ("numero", "numero_deja_utilise") in _rules(scene, date="2023-03-01")


def test_two_callers_at_once_get_one_act(scene: Scene) -> None:
    deposit = scene.deposit()
    barrier = Barrier(8)
    taken: list[int] = []

    def call() -> None:
        barrier.wait()
        taken.append(accept(scene.tools, SIREN, deposit, AUTHOR).acte_id)

    _together(call, 8)
    assert len(taken) == 8
    assert len(set(taken)) == 1
    assert _rows(scene) == 1


def test_the_promise_and_its_bell_are_one_commit(scene: Scene) -> None:
    scene.accept()
    with scene.engine.connect() as connection:
        row = connection.execute(select(transmission.c.state, transmission.c.next_attempt_at)).one()
        bells = connection.execute(select(outbox.c.task, outbox.c.subject)).all()
    assert (row.state, row.next_attempt_at) == ("accepted", scene.clock.now())
    assert ("send", scene.authority_id) in [tuple(bell) for bell in bells]


def test_two_authorities_use_the_same_number_on_the_same_day(scene: Scene) -> None:
    scene.manage(
        "authorities",
        siren="123456790",
        departement="042",
        arrondissement="1",
        nature="31",
        name="Commune de Modèle",
    )
    enroll(scene.tools, collectivite(scene.mock, "123456790"))
    scene.run()
    first = scene.accept()
    second = scene.accept(siren="123456790")
    scene.run()
    scene.later(30)
    identifiers = {str(scene.transmission(a.acte_id).id_acte) for a in (first, second)}
    assert identifiers == {
        "042-123456782-20230302-D2023_001-DE",
        "042-123456790-20230302-D2023_001-DE",
    }
    assert all(scene.transmission(a.acte_id).date_reception for a in (first, second))


def test_an_unknown_authority_is_told_how_to_be_added(scene: Scene) -> None:
    with pytest.raises(NotFoundError, match="authority add"):
        scene.accept(siren="123456790")


def test_a_dry_run_says_yes_and_stores_nothing(scene: Scene) -> None:
    before = _documents(scene)
    checked = check(scene.tools, SIREN, scene.deposit())
    assert checked.numero_interne == "D2023_001"
    assert _rows(scene) == 0
    assert _documents(scene) == before


def test_twelve_annexes_keep_their_order_to_the_wire_and_back(scene: Scene) -> None:
    contents = tuple(pdf(f"Pièce {rank}") for rank in range(13))
    expected = [sha256(content).hexdigest() for content in contents]
    taken = scene.accept(contents=contents)
    scene.run()
    scene.later(30)
    assert [piece.file.sha256 for piece in taken.acte.pieces] == expected
    with scene.tools.register() as unit:
        assert [piece.file.sha256 for piece in unit.acte(taken.acte_id).pieces] == expected
    parcel = scene.transmission(taken.acte_id).parcel
    assert parcel is not None
    archived = sealed_entries(BytesIO(scene.tools.documents.read(parcel.archive)))
    assert [entry.sha256 for entry in archived[2:]] == expected
    (deposit,) = scene.received()["receptions"]
    assert [document["sha256"] for document in deposit["documents"]] == expected
    (kept,) = scene.retours()
    echoed = read_retour(scene.tools.documents.read(StoredFile(kept.sha256, kept.size))).retour
    assert isinstance(echoed, AccuseReception)
    assert echoed.acte_recu.document is not None
    echoes = [echoed.acte_recu.document, *echoed.acte_recu.annexes]
    assert [echo.nom_fichier for echo in echoes] == [entry.name for entry in archived[2:]]


def _together(call: Callable[[], None], number: int) -> None:
    threads = [Thread(target=call) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
