"""A budget in XML, from its deposit to the acknowledgement of the State."""

import hashlib

import pytest

from tests.support.scene import Scene, pdf
from transmission.domain.errors import RefusedError
from transmission.domain.lifecycle import State

NAMESPACE = 'xmlns="http://www.minefi.gouv.fr/cp/demat/docbudgetaire"'
CANONICAL = f"<DocumentBudgetaire {NAMESPACE}><Budget></Budget></DocumentBudgetaire>".encode()
SEAL = (
    f'<Scellement md5="{hashlib.md5(CANONICAL).hexdigest()}" '
    f'sha1="{hashlib.sha1(CANONICAL).hexdigest()}"/>'
)
BUDGET = {"nature": "BF", "matiere": "7.1", "objet": "Budget primitif 2023"}


def _budget(seal: str, body: str = "<Budget/>") -> bytes:
    content = f"<DocumentBudgetaire {NAMESPACE}>{seal}{body}</DocumentBudgetaire>"
    return f'<?xml version="1.0" encoding="UTF-8"?>{content}'.encode()


def test_a_sealed_budget_travels_as_xml_and_is_acknowledged(scene: Scene) -> None:
    taken = scene.accept(contents=(_budget(SEAL), pdf("Rapport")), **BUDGET)
    assert taken.notes == ()
    scene.run()
    scene.later(30)
    transmission = scene.transmission(taken.acte_id)
    assert transmission.state is State.ACKNOWLEDGED
    (deposit,) = scene.received()["receptions"]
    assert [document["name"][-8:] for document in deposit["documents"]] == ["-1_1.xml", "-1_2.pdf"]
    assert deposit["documents"][0]["sha256"] == hashlib.sha256(_budget(SEAL)).hexdigest()


def test_an_altered_budget_is_taken_and_it_is_said(scene: Scene) -> None:
    taken = scene.accept(contents=(_budget(SEAL, "<Budget>1</Budget>"),), **BUDGET)
    assert [note[:7] for note in taken.notes] == ["Sceau :"]
    scene.run()
    scene.later(30)
    assert scene.transmission(taken.acte_id).state is State.ACKNOWLEDGED


@pytest.mark.parametrize(
    ("contents", "changes", "expected"),
    [
        ((_budget(""),), {}, ("document", "budget_scelle")),
        ((_budget(SEAL)[:-5],), {}, ("document", "budget_lisible")),
        ((_budget(SEAL),), {"matiere": "7.5"}, ("document", "fichier_type_admis")),
        ((_budget(SEAL),), {"nature": "DE"}, ("document", "fichier_type_admis")),
        ((_budget(SEAL), _budget(SEAL)), {}, ("annexes[1]", "fichier_type_admis")),
    ],
)
def test_a_budget_that_would_be_refused_is_not_taken(
    scene: Scene,
    contents: tuple[bytes, ...],
    changes: dict[str, str],
    expected: tuple[str, str],
) -> None:
    with pytest.raises(RefusedError) as refused:
        scene.accept(contents=contents, **{**BUDGET, **changes})
    assert expected in {(problem.field, problem.rule) for problem in refused.value.problems}
