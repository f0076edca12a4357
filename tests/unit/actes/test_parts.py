from typing import Any

import pytest
from lxml import etree

from transmission.actes.forms import Draft, Reading
from transmission.actes.parts import CodesMatiere, DocumentPapier, Emetteur, Fichier
from transmission.actes.schema import ACTES
from transmission.domain.acte import FichierSigne
from transmission.domain.identifiers import IDSGAR, IDPref, IDSousPref


def _written(part: Any, value: object) -> tuple[str, list[str]]:
    root, draft = etree.Element("r", nsmap={None: ACTES, "a": ACTES}), Draft()
    part.write(root, value, draft)
    body = "".join(etree.tostring(child, encoding="unicode") for child in root)
    declared = f' xmlns="{ACTES}" xmlns:a="{ACTES}"'
    return body.replace(declared, ""), [str(problem) for problem in draft.problems]


def _read(part: Any, body: str) -> tuple[Any, list[str]]:
    reading = Reading("Racine", [])
    root = etree.fromstring(f'<r xmlns="{ACTES}" xmlns:a="{ACTES}">{body}</r>')
    return part.read(root, reading), reading.notes


@pytest.mark.parametrize(
    "levels", [(8, 3), (8, 3, 2, 1, 10), (8, 3, None, 1), (8, 3, None, None, 4)]
)
def test_the_levels_of_a_subject_are_written_and_read_with_their_gaps(
    levels: tuple[int | None, ...],
) -> None:
    body, problems = _written(CodesMatiere(), levels)
    assert problems == []
    assert body.count("<CodeMatiere") == len([level for level in levels if level is not None])
    read, notes = _read(CodesMatiere(), body)
    assert read == levels
    assert bool(notes) is (None in levels)


@pytest.mark.parametrize(
    "levels", [(), (8,), (8, None), (None, 3), (8, 3, 2, 1, 1, 1), (8, -3), (8, None, 1)]
)
def test_a_subject_without_two_levels_is_refused(levels: tuple[int | None, ...]) -> None:
    assert _written(CodesMatiere(), levels)[1] != []


@pytest.mark.parametrize(("value", "written"), [(True, "O"), (False, "N")])
def test_the_paper_document_is_written_as_a_letter(value: bool, written: str) -> None:
    body, _ = _written(DocumentPapier(), value)
    assert body == f"<DocumentPapier>{written}</DocumentPapier>"
    assert _read(DocumentPapier(), body) == (value, [])


@pytest.mark.parametrize("service", [IDSGAR("075"), IDPref("042"), IDSousPref("02A", 4)])
def test_a_service_of_the_state_is_written_and_read(service: object) -> None:
    body, problems = _written(Emetteur(), service)
    assert problems == []
    assert type(service).__name__ in body
    assert _read(Emetteur(), body) == (service, [])


@pytest.mark.parametrize("service", [None, IDPref("|4|"), IDSousPref("042", 12)])
def test_a_service_that_the_schema_would_refuse_is_not_written(service: object) -> None:
    assert _written(Emetteur(), service)[1] != []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<Emetteur/>",
        "<Emetteur><IDPref/></Emetteur>",
        '<Emetteur><IDCL a:Departement="042"/></Emetteur>',
        '<Emetteur><IDSousPref a:Departement="042"/></Emetteur>',
        '<Emetteur><IDSousPref a:Departement="042" a:Arrondissement="x"/></Emetteur>',
    ],
)
def test_a_service_that_cannot_be_read_is_none_and_noted(body: str) -> None:
    service, notes = _read(Emetteur(), body)
    assert service is None
    assert notes == ["Emetteur : aucun service de l'État n'est lisible."]


def test_a_service_is_found_after_what_stands_before_it() -> None:
    body = '<Emetteur><Referent/><IDPref a:Departement="042"/></Emetteur>'
    assert _read(Emetteur(), body) == (IDPref("042"), [])


@pytest.mark.parametrize("fichier", [FichierSigne("a.pdf"), FichierSigne("a.pdf", " MII\n")])
def test_a_reference_to_a_file_is_written_and_read(fichier: FichierSigne) -> None:
    body, problems = _written(Fichier(), fichier)
    assert problems == []
    assert _read(Fichier(), body) == (fichier, [])


def test_an_empty_signature_is_no_signature() -> None:
    body, problems = _written(Fichier(), FichierSigne("a.pdf", ""))
    assert (body, problems) == ("<NomFichier>a.pdf</NomFichier>", [])
    assert _read(Fichier(), f"{body}<Signature/>") == (FichierSigne("a.pdf"), [])


def test_a_file_without_a_name_says_nothing() -> None:
    assert _read(Fichier(), "<NomFichier> </NomFichier><Signature>x</Signature>") == (None, [])
