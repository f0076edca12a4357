from dataclasses import dataclass

import pytest
from lxml import etree

from transmission.actes.forms import (
    Attribute,
    Child,
    Children,
    Draft,
    Form,
    Presence,
    Reading,
    Text,
    UnreadableRetourError,
)
from transmission.actes.schema import ACTES, INSEE
from transmission.actes.words import NATURAL, SIREN, TEXT
from transmission.domain.errors import Problem


@dataclass
class Made:
    siren: str | None
    nom: str | None
    libelle: str
    nombres: tuple[int, ...]


TOO_MANY = Problem("nombres", "trop", "il y en a trop.", "Retirez-en.")
FORM = Form(
    Made,
    Attribute("Emetteur/IDCL/@insee:SIREN", "siren", SIREN, Presence.ESSENTIAL),
    Child("Emetteur/Nom", "nom", Text(TEXT)),
    Child("Libelle", "libelle", Text(TEXT), Presence.OPTIONAL, ""),
    Children("Liste/Nombre", "nombres", Text(NATURAL)),
    rules=lambda made: (
        [Problem("nombres", "trop", "il y en a trop.", "Retirez-en.")]
        if len(made.nombres) > 2
        else []
    ),
)


def _written(made: Made) -> tuple[str, list[str]]:
    root, draft = etree.Element("r", nsmap={None: ACTES, "i": INSEE}), Draft()
    FORM.write(root, made, draft)
    return etree.tostring(root, encoding="unicode"), [str(problem) for problem in draft.problems]


def _read(body: str) -> tuple[Made, list[str]]:
    reading = Reading("Racine", [])
    root = etree.fromstring(f'<r xmlns="{ACTES}" xmlns:i="{INSEE}">{body}</r>')
    return FORM.read(root, reading), reading.notes


def test_parts_that_share_a_path_share_its_elements() -> None:
    text, problems = _written(Made("123456782", "a", "", (1, 2)))
    assert problems == []
    assert text == (
        f'<r xmlns="{ACTES}" xmlns:i="{INSEE}"><Emetteur><IDCL i:SIREN="123456782"/><Nom>a</Nom>'
        "</Emetteur><Liste><Nombre>1</Nombre><Nombre>2</Nombre></Liste></r>"
    )


def test_what_was_written_is_read() -> None:
    made = Made("123456782", "a", "b", (1, 2))
    text, _ = _written(made)
    reading = Reading("Racine", [])
    assert FORM.read(etree.fromstring(text), reading) == made
    assert reading.notes == []


def test_all_that_is_missing_or_wrong_is_said_at_once() -> None:
    _, problems = _written(Made(None, "", "\x00", (1, -2, 3)))
    assert [problem.partition(" : ")[0] for problem in problems] == [
        "siren",
        "nom",
        "libelle",
        "nombres[2]",
        "nombres",
    ]


def test_an_empty_list_is_missing() -> None:
    _, (problem,) = _written(Made("123456782", "a", "", ()))
    assert problem.startswith("nombres : rien n'est donné")


def test_what_is_absent_is_none_and_noted_unless_it_is_optional() -> None:
    made, notes = _read('<Emetteur><IDCL i:SIREN="1"/></Emetteur>')
    assert made == Made("1", None, "", ())
    assert notes == ["Nom est absent.", "Nombre est absent."]


def test_what_is_essential_must_be_there() -> None:
    with pytest.raises(UnreadableRetourError, match=r"^Racine : il manque SIREN\. Le fichier"):
        _read("<Emetteur/>")


def test_an_attribute_without_its_namespace_is_not_seen() -> None:
    with pytest.raises(UnreadableRetourError):
        _read('<Emetteur><IDCL SIREN="1"/></Emetteur>')


def test_items_that_say_nothing_are_left_aside_and_noted() -> None:
    body = "<Liste><Nombre>1</Nombre><Nombre/><Nombre>x</Nombre><Nombre>2</Nombre></Liste>"
    made, notes = _read(f'<Emetteur><IDCL i:SIREN="1"/><Nom>a</Nom></Emetteur>{body}')
    assert made.nombres == (1, 2)
    assert notes == [
        "Nombre : « x » n'est pas un nombre.",
        "Nombre : élément sans contenu utile, ignoré (2 fois).",
    ]


def test_only_the_first_of_two_elements_is_read() -> None:
    made, _ = _read('<Emetteur><IDCL i:SIREN="1"/><Nom>a<x>b</x></Nom><Nom>c</Nom></Emetteur>')
    assert made.nom == "ab"
