"""The rows of a list, whatever wrote the file."""

import pytest

from transmission.domain.errors import RefusedError
from transmission.domain.sitting_rows import Row, read_rows


def rows(content: bytes) -> list[Row]:
    return list(read_rows(content).rows)


def refused(content: bytes) -> str:
    with pytest.raises(RefusedError) as error:
        read_rows(content)
    (problem,) = error.value.problems
    return problem.rule


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_csv_is_read_in_either_encoding_with_either_separator(
    encoding: str, delimiter: str, end: str
) -> None:
    lines = ["Numéro;NATURE;Objet", "1;DE;École", "2;;"]
    content = end.join(lines).replace(";", delimiter).encode(encoding)
    assert rows(content) == [Row("ligne 2", "1", "DE", "École"), Row("ligne 3", "2")]


@pytest.mark.parametrize(
    "title", ["numero", "NUMÉRO", "N°", "Nº", "n", "Numéro de l'acte", "numero_interne", " Numéro "]
)
def test_the_column_of_the_number_has_several_names(title: str) -> None:
    assert rows(f"{title};objet\n1;x".encode()) == [Row("ligne 2", "1", "", "x")]


def test_columns_may_come_in_any_order_and_others_are_left_aside() -> None:
    found = read_rows("Objet;Vote;Numéro\nécole;unanimité;7".encode())
    assert list(found.rows) == [Row("ligne 2", "7", "", "école")]
    assert found.notes == ("laissé de côté : « Vote »",)


def test_the_other_separator_may_be_in_a_text() -> None:
    assert rows(b"numero;objet\n1;a, b") == [Row("ligne 2", "1", "", "a, b")]
    assert rows(b"numero,objet\n1,a; b") == [Row("ligne 2", "1", "", "a; b")]


def test_a_quoted_text_may_hold_anything_and_lines_are_those_of_the_file() -> None:
    content = b'numero;objet\n1;"a ""b""\n;c"\n\n ; \n2;d'
    assert rows(content) == [Row("ligne 2", "1", "", 'a "b"\n;c'), Row("ligne 6", "2", "", "d")]


@pytest.mark.parametrize("line", [b'2;"a', b'2;"a"b', b'2;"' + b"a" * 140_000 + b'"'])
def test_wrong_quotes_end_the_reading_at_their_line(line: bytes) -> None:
    first, last = rows(b"numero;objet\n1;x\n" + line + b"\n3;y")
    assert first == Row("ligne 2", "1", "", "x")
    assert last.where == "ligne 3"
    assert "guillemets" in (last.fault or "")


def test_a_line_with_more_cells_than_titles_is_a_fault_unless_they_are_empty() -> None:
    assert rows(b"numero;objet\n1;a;;") == [Row("ligne 2", "1", "", "a")]
    (row,) = rows(b"numero;objet\n1;a;b")
    assert row.fault == "Il y a 3 colonnes pour 2 titres : mettez les textes entre guillemets."


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "vide"),
        (b" \r\n ", "vide"),
        (b"\xef\xbb\xbf", "vide"),
        (b"1;DE;x\n", "colonnes"),
        (b"\nnumero\n1", "colonnes"),
        (b"numero;Num\xe9ro\n1;2", "colonnes"),
        (b'"numero', "colonnes"),
        (b"numero\n1\0", "octets_nuls"),
        ("numero\n1".encode("utf-16"), "encodage"),
        (b"numero\n\x81", "encodage"),
        (b"%PDF-1.4\n\x81\x8d", "encodage"),
        (b"[1", "json"),
        (b'{"actes": 3}', "json"),
        (b"{}", "json"),
        (b"[" * 100_000, "json"),
        (b"[" + b"9" * 5000 + b"]", "json"),
    ],
)
def test_a_file_that_is_no_list_is_refused(content: bytes, rule: str) -> None:
    assert refused(content) == rule


def test_a_null_byte_is_told_with_its_line() -> None:
    with pytest.raises(RefusedError, match="ligne 3"):
        read_rows(b"numero\n1\n2\0\n")


def test_the_objects_of_a_json_are_read_whatever_their_other_names() -> None:
    content = '[{"Numéro": "1", "vote": [], "objet": null}, {"numero": 2, "nature": "DE"}]'
    assert rows(content.encode()) == [Row("acte n° 1", "1"), Row("acte n° 2", "2", "DE")]


@pytest.mark.parametrize(
    "written", ["3", "null", '{"numero": true}', '{"numero": [1]}', '{"objet": 1.5}']
)
def test_what_is_no_act_of_a_json_is_a_fault(written: str) -> None:
    (row,) = rows(f"[{written}]".encode())
    assert row.where == "acte n° 1"
    assert row.fault


def test_a_million_lines_are_read_one_by_one() -> None:
    found = iter(read_rows(b"numero\n" + b"1\n" * 1_000_000).rows)
    assert next(found) == Row("ligne 2", "1")
