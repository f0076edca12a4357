"""The list of a sitting: what is read of it, and everything for which it is refused."""

import csv
from datetime import date
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.errors import RefusedError
from transmission.domain.identifiers import NatureActe
from transmission.domain.sitting_list import (
    MAX_ACTES,
    MAX_BYTES,
    OBJET_MAX,
    TOLD_MAX,
    SittingActe,
    read_list,
)


def acte(
    numero: str, nature: NatureActe | None = None, objet: str | None = None
) -> tuple[str, NatureActe | None, str | None]:
    return numero, nature, objet


def read(text: str) -> list[tuple[str, NatureActe | None, str | None]]:
    return [(each.numero, each.nature, each.objet) for each in read_list(text.encode()).actes]


def refused(text: str | bytes) -> list[str]:
    with pytest.raises(RefusedError) as error:
        read_list(text if isinstance(text, bytes) else text.encode())
    return [f"{each.field} {each.rule}" for each in error.value.problems]


def test_a_list_is_read_line_by_line() -> None:
    assert read("numero;nature;objet\n2026_007;DE;École\n2026_008;;\n") == [
        acte("2026_007", NatureActe.DELIBERATION, "École"),
        acte("2026_008"),
    ]


@pytest.mark.parametrize(
    ("written", "nature"),
    [
        ("DE", NatureActe.DELIBERATION),
        ("délibération", NatureActe.DELIBERATION),
        ("DELIBERATIONS", NatureActe.DELIBERATION),
        ("1", NatureActe.DELIBERATION),
        ("Arrêté réglementaire", NatureActe.REGLEMENTAIRE),
        ("Arrêté individuel", NatureActe.INDIVIDUEL),
        ("Convention", NatureActe.CONTRAT),
        ("au", NatureActe.AUTRE),
    ],
)
def test_a_nature_is_read_as_people_write_it(written: str, nature: NatureActe) -> None:
    assert read(f"numero;nature\n1;{written}") == [acte("1", nature)]


@pytest.mark.parametrize(
    ("written", "numero"),
    [("d2026_007", "D2026_007"), ("2026-02-007", "2026_02_007"), ("2026 / 7", "2026_7")],
)
def test_a_number_with_other_separators_is_read_and_told(written: str, numero: str) -> None:
    listed = read_list(f"numero\n{written}".encode())
    assert [each.numero for each in listed.actes] == [numero]
    told = (
        ()
        if written.upper() == numero
        else (f"numéros lus autrement : « {written} » est lu {numero}",)
    )
    assert listed.notes == told


def test_the_numbers_that_an_authority_prints_are_its_own() -> None:
    listed = read_list(
        b"numero\n2026.00097\n2026_1\n",
        lambda printed: "D20260009710" if printed == "2026.00097" else None,
    )
    assert [each.numero for each in listed.actes] == ["D20260009710", "2026_1"]
    assert listed.notes == ("numéros lus autrement : « 2026.00097 » est lu D20260009710",)


@pytest.mark.parametrize(
    "written", ["=1+1", "=HYPERLINK(A1)", "+7", "@A", "2,02E+05", "_", "A" * 16, "é1", "1\t2é"]
)
def test_what_is_no_number_is_refused(written: str) -> None:
    assert refused(f'numero;objet\n"{written}";x') == ["ligne 2 numero"]


def test_a_formula_of_an_object_is_a_text() -> None:
    assert read("numero;objet\n1;\"=cmd|'/c calc'!A0\"") == [acte("1", None, "=cmd|'/c calc'!A0")]


def test_every_fault_is_told_at_once_with_its_line() -> None:
    text = 'numero;nature;objet\n1;DE;"sur\ndeux lignes"\n;DE;x\n1;DE;y\n2;XX;z\n3;DE;a;b\n'
    assert refused(text) == [
        "ligne 4 numero",
        "ligne 5 numero",
        "ligne 6 nature",
        "ligne 7 ligne",
    ]


def test_two_faults_of_one_line_are_both_told() -> None:
    assert refused("numero;nature\n=1;XX") == ["ligne 2 numero", "ligne 2 nature"]


def test_a_number_given_twice_is_told_with_the_line_of_the_first() -> None:
    with pytest.raises(RefusedError, match=r"2026_1 est déjà donné \(ligne 2\)"):
        read_list(b"numero\n2026-1\n\n2026_1")


def test_an_object_is_one_printable_line_and_no_longer_than_a_page() -> None:
    assert read('numero;objet\n1;"a\r\n  b\x07"') == [acte("1", None, "a b\ufffd")]
    assert read(f"numero;objet\n1;{'a' * OBJET_MAX}")[0][2] == "a" * OBJET_MAX
    assert refused(f"numero;objet\n1;{'a' * (OBJET_MAX + 1)}") == ["ligne 2 objet"]


def test_a_file_too_large_for_a_list_is_refused() -> None:
    assert refused(b"a" * (MAX_BYTES + 1)) == ["fichier trop_grand"]
    assert read_list(b"numero\n" + b"\n" * (MAX_BYTES - 7)).actes == ()


def test_a_list_of_too_many_acts_is_refused_at_the_first_too_many() -> None:
    lines = "\n".join(map(str, range(MAX_ACTES + 100_000)))
    assert refused(f"numero\n{lines}") == [f"ligne {MAX_ACTES + 2} trop"]
    whole = "\n".join(map(str, range(MAX_ACTES)))
    assert len(read(f"numero\n{whole}")) == MAX_ACTES


def test_faults_beyond_what_a_person_reads_are_counted() -> None:
    with pytest.raises(RefusedError) as error:
        read_list(b"numero\n" + b"=\n" * (TOLD_MAX + 3))
    assert len(error.value.problems) == TOLD_MAX + 1
    assert "Il y a 3 autres fautes" in str(error.value)


def test_numbers_read_otherwise_beyond_what_a_person_reads_are_counted() -> None:
    lines = "\n".join(f"2026-{rank}" for rank in range(TOLD_MAX + 3))
    (note,) = read_list(f"numero\n{lines}".encode()).notes
    assert note.endswith("et 3 autres")


def test_the_date_of_a_json_is_that_of_the_sitting() -> None:
    listed = read_list(b'{"date_seance": "2026-03-02", "actes": [{"numero": 12}]}')
    assert listed.date_seance == date(2026, 3, 2)
    assert [each.numero for each in listed.actes] == ["12"]


def test_a_wrong_date_and_a_wrong_act_are_told_together() -> None:
    text = '{"date_seance": "mars", "actes": [{"numero": "="}]}'
    assert refused(text) == ["fichier date_seance", "acte n° 1 numero"]


@given(st.binary(max_size=300))
def test_whatever_the_bytes_they_are_read_or_refused(content: bytes) -> None:
    for before in (b"", b"numero;objet\n", b"[", b'{"actes":'):
        try:
            listed = read_list(before + content)
        except RefusedError:
            continue
        assert all(isinstance(each, SittingActe) for each in listed.actes)


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[A-Z0-9]{1,15}", fullmatch=True),
            st.sampled_from([None, *NatureActe]),
            st.text(st.characters(codec="cp1252", categories=["L", "N", "P"]), max_size=40),
        ),
        unique_by=lambda line: line[0],
        max_size=20,
    ),
    st.sampled_from(";,"),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
)
def test_a_list_that_was_written_is_read_back(
    lines: list[tuple[str, NatureActe | None, str]], delimiter: str, encoding: str
) -> None:
    target = StringIO()
    writer = csv.writer(target, delimiter=delimiter)
    writer.writerow(["Numéro", "NATURE", "Objet"])
    writer.writerows([numero, nature.abrege if nature else "", o] for numero, nature, o in lines)
    content = target.getvalue().encode(encoding)
    found = read_list(content).actes
    assert [(each.numero, each.nature) for each in found] == [line[:2] for line in lines]
    if encoding != "cp1252":
        assert [each.objet or "" for each in found] == [line[2] for line in lines]
