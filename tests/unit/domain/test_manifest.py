"""A manifest is read as people write it, and what it names stays in its folder."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.batch_files import ANNEXES_MAX, NamedFile, name_fault
from transmission.domain.errors import RefusedError
from transmission.domain.manifest import Line, Manifest, read_manifest
from transmission.domain.sitting_list import MAX_BYTES

HEADER = "numero;date;nature;matiere;objet;document;annexes\n"
LINE = "D2023_001;2023-03-02;DE;7.5;Subvention;acte.pdf;"


def read(text: str) -> Manifest:
    return read_manifest(text.encode())


def rules(line: Line) -> list[str]:
    return [f"{problem.field} {problem.rule}" for problem in line.problems]


def test_a_line_is_an_act_with_its_files() -> None:
    (line,) = read(HEADER + LINE + "plan.pdf | devis 2:3.pdf:99_AU").lines
    assert line.problems == ()
    assert (line.where, line.document) == ("ligne 2", NamedFile("acte.pdf"))
    assert line.annexes == (NamedFile("plan.pdf"), NamedFile("devis 2:3.pdf", "99_AU"))
    form = line.form
    assert (form.numero, form.date, form.nature) == ("D2023_001", "2023-03-02", "DE")
    assert (form.matiere, form.objet, form.document_papier) == ("7.5", "Subvention", False)


def test_what_a_spreadsheet_in_french_writes_is_understood() -> None:
    text = (
        "N°;Date de la décision;Nature;Matière;Objet;Fichier;Typologie;Papier;Séance\n"
        "D1;02/03/2023;Délibération;7,5;École;acte.pdf;99_DE;Oui;02/03/2023\n"
    )
    manifest = read_manifest(text.encode("cp1252"))
    (line,) = manifest.lines
    assert manifest.date_seance == date(2023, 3, 2)
    assert (line.form.date, line.form.nature, line.form.matiere) == ("2023-03-02", "DE", "7.5")
    assert line.form.document_papier
    assert line.document == NamedFile("acte.pdf", "99_DE")


def test_a_json_says_the_same() -> None:
    acte = {
        "numero": "D1",
        "date": "2023-03-02",
        "nature": "DE",
        "matiere": "7.5",
        "objet": "École",
        "document": "a.pdf",
        "annexes": ["b.pdf", {"fichier": "c.pdf", "typologie": "99_AU"}],
        "papier": True,
    }
    manifest = read(json.dumps({"date_seance": "2023-03-02", "actes": [acte]}))
    (line,) = manifest.lines
    assert manifest.date_seance == date(2023, 3, 2)
    assert line.annexes == (NamedFile("b.pdf"), NamedFile("c.pdf", "99_AU"))
    assert line.form.document_papier
    assert line.problems == ()


@pytest.mark.parametrize("annexes", [[1], [{"fichier": 1}], [{"nom": "a"}], {"x": 1}, 3])
def test_an_annexe_that_is_none_is_told(annexes: object) -> None:
    acte = {"numero": "D1", "document": "a.pdf", "annexes": annexes}
    (line,) = read(json.dumps([acte])).lines
    assert "annexes[1] annexe_forme" in rules(line)


def test_every_problem_is_told_at_once_with_its_line() -> None:
    first, second, third = read(
        "numero;objet;document;annexes;papier;typologie\n"
        ";;;;non;\n"
        "D2;x;../acte.pdf;/etc/passwd|plan.pdf;peut-être;99\n"
        "D3;trop;de;colonnes;non;;et plus\n"
    ).lines
    assert rules(first) == [
        "numero numero_absent",
        "date date_absent",
        "nature nature_absent",
        "matiere matiere_absent",
        "objet objet_absent",
        "document fichier_absent",
    ]
    assert {
        "papier papier",
        "typologie typologie",
        "document nom_de_fichier",
        "annexes[1] nom_de_fichier",
    } <= set(rules(second))
    assert second.document is None
    assert second.annexes == (NamedFile("plan.pdf"),)
    assert (third.where, rules(third)) == ("ligne 4", ["ligne ligne"])


def test_lines_of_one_number_or_of_one_document_are_all_refused() -> None:
    manifest = read(
        HEADER
        + LINE
        + "\n"
        + LINE.replace("acte", "autre")
        + "\n"
        + LINE.replace("D2023_001", "D2")
        + "\n"
        + "D3;2023-03-02;DE;7.5;Seul;seul.pdf;"
    )
    assert [rules(line) for line in manifest.lines] == [
        ["numero numero_double", "document document_double"],
        ["numero numero_double"],
        ["document document_double"],
        [],
    ]
    assert "ligne 3" in manifest.lines[0].problems[0].message


def test_two_dates_of_a_sitting_are_told_and_none_is_taken() -> None:
    manifest = read("numero;document;seance\nD1;a.pdf;2023-03-02\nD2;b.pdf;03/03/2023\n")
    assert manifest.date_seance is None
    assert [problem.rule for problem in manifest.problems] == ["date_seance"]


def test_the_numbers_that_an_authority_prints_are_its_own() -> None:
    manifest = read_manifest(b"numero;document\n2023.97;a.pdf\n", lambda _: "D20230009710")
    assert manifest.lines[0].form.numero == "D20230009710"


def test_more_annexes_than_any_tdt_takes_are_refused() -> None:
    acte = {"numero": "D1", "document": "a.pdf", "annexes": ["b.pdf"] * (ANNEXES_MAX + 1)}
    (line,) = read(json.dumps([acte])).lines
    assert "annexes nombre_annexes" in rules(line)
    assert line.annexes == ()


@pytest.mark.parametrize("content", [b"", b"objet\nx", b"\0", b"{}", b"x" * (MAX_BYTES + 1)])
def test_a_file_of_which_nothing_can_be_told_is_refused(content: bytes) -> None:
    with pytest.raises(RefusedError):
        read_manifest(content)


def test_a_manifest_without_act_says_so() -> None:
    assert [problem.rule for problem in read(HEADER).problems] == ["aucun_acte"]


@given(
    st.binary(max_size=400)
    | st.text(max_size=400).map(lambda t: (HEADER + t).encode(errors="replace"))
)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        manifest = read_manifest(content)
    except RefusedError:
        return
    for line in manifest.lines:
        for named in (line.document, *line.annexes):
            assert named is None or name_fault(named.nom) is None
