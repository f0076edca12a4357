"""The bytes of S²LOW, read and written."""

import html
import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.acte import Matiere
from transmission.tdt.s2low import wire
from transmission.tdt.s2low.errors import STATUTS, UndecidedError, statut_in_french

AR = (
    b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<actes:ARActe xmlns:actes="x" '
    b'actes:DateReception="2026-03-13">\n <actes:Objet>\xe9t\xe9</actes:Objet>\n</actes:ARActe>'
)
latin_texts = st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]))
references = st.integers(min_value=1, max_value=2**31 - 1).map(str)


# --- creation ----------------------------------------------------------------------------------


def test_the_fields_of_a_creation_are_those_of_the_interface(parcel: Any) -> None:
    assert wire.create_fields(parcel.message, ["99_DE", "21_RP", "99_AU"]) == (
        ("api", b"1"),
        ("nature_code", b"1"),
        ("number", b"D2026_07"),
        ("decision_date", b"2026-03-12"),
        ("subject", b"Vote du tarif de la m\xe9diath\xe8que : 3 EUR l'entr\xe9e"),
        ("classif1", b"7"),
        ("classif2", b"1"),
        ("document_papier", b"0"),
        ("en_attente", b"0"),
        ("type_acte", b"99_DE"),
        ("type_pj[]", b"21_RP"),
        ("type_pj[]", b"99_AU"),
    )


def test_paper_and_deep_subjects_are_told(parcel: Any) -> None:
    acte = replace(parcel.message, document_papier=True, matiere=Matiere((1, 2, 3, 4, 5)))
    fields = dict(wire.create_fields(acte, ["99_DE"]))
    assert fields["document_papier"] == b"1"
    assert [fields[f"classif{level}"] for level in range(1, 6)] == [b"1", b"2", b"3", b"4", b"5"]
    assert "type_pj[]" not in fields


@given(latin_texts)
def test_the_object_is_sent_in_latin_1(parcel_acte: Any, objet: str) -> None:
    fields = dict(wire.create_fields(replace(parcel_acte, objet=objet), ["99_DE"]))
    assert fields["subject"].decode("iso-8859-1") == objet


@pytest.fixture(scope="module")
def parcel_acte() -> Any:
    from datetime import date

    from transmission.domain.acte import Acte, FichierSigne
    from transmission.domain.identifiers import IdActe, NatureActe

    id_acte = IdActe("042", "123456782", date(2026, 3, 12), "D1", NatureActe.AUTRE)
    return Acte(id_acte, Matiere((7, 1)), "x", date(2025, 1, 15), FichierSigne("a.pdf"))


# --- text --------------------------------------------------------------------------------------


@given(st.text())
def test_utf_8_answers_are_read(text: str) -> None:
    assert wire.decoded(text.encode()) == text


@given(st.binary())
def test_any_bytes_are_read(body: bytes) -> None:
    wire.decoded(body)


def test_latin_1_answers_are_read() -> None:
    assert wire.decoded(b"refus\xe9") == "refusé"


# --- OK and KO ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"KO\nNum\xe9ro d&#039;acte d\xe9j\xe0 utilis\xe9\n", "Numéro d'acte déjà utilisé"),
        (b"KO\nA\nB\n", "A ; B"),
        (b"KO\nUn certificat &lt;br/&gt; RGS\n", "Un certificat ; RGS"),
        ("KO\nNuméro invalide".encode(), "Numéro invalide"),
        ("KO : Accès refusé".encode(), "Accès refusé"),
        (b"KO", ""),
        (b"KO\r\nA\r\n", "A"),
    ],
)
def test_a_refusal_is_read_in_every_dialect(body: bytes, text: str) -> None:
    assert wire.refusal(body) == wire.Refusal(text)
    assert wire.created_reference(body) == wire.Refusal(text)
    assert wire.submitted_reference(body) == wire.Refusal(text)
    assert wire.parsed_statut(body) == wire.Refusal(text)


@pytest.mark.parametrize("body", [b"", b"OK", b"KOALA", b" KO\n", b"<html>KO</html>"])
def test_what_does_not_begin_by_ko_is_no_refusal(body: bytes) -> None:
    assert wire.refusal(body) is None


@given(latin_texts)
def test_an_escaped_refusal_is_given_back_as_written(text: str) -> None:
    said = wire.refusal(b"KO\n" + html.escape(text).encode("iso-8859-1") + b"\n")
    assert said is not None
    assert "&" in text or "&amp;" not in said.text


@given(references)
def test_a_creation_gives_its_reference_in_either_dialect(reference: str) -> None:
    raw = reference.encode()
    assert wire.created_reference(b"OK\n" + raw + b"\n\n") == reference
    assert wire.created_reference(b"OK\n" + raw) == reference
    assert wire.created_reference(b"OK\r\n" + raw + b"\r\n") == reference
    one_line = f"OK : id généré : {reference}\n"
    assert wire.created_reference(one_line.encode()) == reference
    assert wire.created_reference(one_line.encode("iso-8859-1")) == reference


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"OK\n",
        b"OK\n\n4711",
        b"OK\nabc\n",
        b"OK\n-1\n",
        b"OK\n1\n4711\n\n",
        b"OK 4711",
        b"<!DOCTYPE html><html></html>",
        b"<br />\n<b>Warning</b>\nOK\n4711\n",
        b"\xef\xbb\xbfOK\n4711\n\n",
        b"OK\n47 11\n",
    ],
)
def test_any_other_answer_to_a_creation_decides_nothing(body: bytes) -> None:
    with pytest.raises(UndecidedError):
        wire.created_reference(body)


@given(references)
def test_an_envelope_gives_its_one_transaction(reference: str) -> None:
    assert wire.submitted_reference(f"OK\n1\n{reference}\n\n".encode()) == reference


@pytest.mark.parametrize(
    "body",
    [b"", b"OK\n4711\n\n", b"OK\n0\n\n", b"OK\n2\n1\n2\n\n", b"OK\n1\nx\n", b"OK\n1\n1\n2\n"],
)
def test_an_envelope_with_another_count_decides_nothing(body: bytes) -> None:
    with pytest.raises(UndecidedError):
        wire.submitted_reference(body)


@given(st.binary())
def test_no_bytes_make_a_parser_fail_otherwise(body: bytes) -> None:
    for parse in (
        wire.created_reference,
        wire.submitted_reference,
        wire.parsed_statut,
        wire.parsed_list,
    ):
        with suppress(UndecidedError):
            parse(body)


def test_an_unexpected_answer_is_quoted_short() -> None:
    with pytest.raises(UndecidedError) as caught:
        wire.created_reference(b"<html>\n" + b"x" * 10_000)
    assert len(str(caught.value)) < 200


# --- get_status --------------------------------------------------------------------------------


@given(st.integers(min_value=-9, max_value=99), st.binary())
def test_what_follows_a_status_is_kept_to_the_byte(code: int, remainder: bytes) -> None:
    statut = wire.parsed_statut(b"OK\n%d\n" % code + remainder)
    assert statut == wire.Statut(code, remainder)


@pytest.mark.parametrize("body", [b"OK\n3\n", b"OK\n3", b"OK\r\n3\r\n"])
def test_a_status_without_anything_is_read(body: bytes) -> None:
    assert wire.parsed_statut(body) == wire.Statut(3, b"")


@pytest.mark.parametrize(
    "body", [b"", b"OK\n", b"OK\nquatre\n", b"3\n", b"<html>\n1\n", b"OK\n1e3\n"]
)
def test_what_is_no_status_decides_nothing(body: bytes) -> None:
    with pytest.raises(UndecidedError):
        wire.parsed_statut(body)


PRINTABLE = st.characters(max_codepoint=255, exclude_characters="<>", exclude_categories=["Cc"])


@given(st.text(PRINTABLE, max_size=80))
def test_an_xml_is_parted_from_the_text_glued_to_it(text: str) -> None:
    xml, words = wire.split_anomalie(AR + text.encode("iso-8859-1"))
    assert xml == AR
    assert wire.decoded(text.encode("iso-8859-1")).strip() == words


def test_controls_never_leave_the_words_of_a_refusal() -> None:
    assert wire.refusal(b"KO\nnum\x00ro\x1b refus\x7f") == wire.Refusal("numro refus")


@pytest.mark.parametrize(
    ("remainder", "xml"),
    [
        (b"<a:R xmlns:a='x' d='1>0'/>texte", b"<a:R xmlns:a='x' d='1>0'/>"),
        (b"<a><a:b/></a>texte", b"<a><a:b/></a>"),
        (b"<a><ab></ab></a >texte", b"<a><ab></ab></a >"),
        (b"<!-- </a> --><a></a>texte", b"<!-- </a> --><a></a>"),
        (
            b"\xef\xbb\xbf<?xml version='1.0'?>\n<a>1</a>texte",
            b"\xef\xbb\xbf<?xml version='1.0'?>\n<a>1</a>",
        ),
        (b"\n<a>1</a>texte", b"\n<a>1</a>"),
    ],
)
def test_the_end_of_the_root_is_found(remainder: bytes, xml: bytes) -> None:
    assert wire.split_anomalie(remainder) == (xml, "texte")


def test_an_xml_without_end_is_given_whole() -> None:
    assert wire.split_anomalie(AR[:-5]) == (AR[:-5], "")


@pytest.mark.parametrize(
    ("remainder", "text"),
    [
        (b"", ""),
        (b"fichier infect\xe9", "fichier infecté"),
        (b"Enveloppe invalide :\n- type <b>\n", "Enveloppe invalide : ; - type <b>"),
    ],
)
def test_a_text_alone_has_no_xml(remainder: bytes, text: str) -> None:
    assert wire.split_anomalie(remainder) == (None, text)


@given(st.binary())
def test_splitting_never_loses_a_byte_of_xml(remainder: bytes) -> None:
    xml, _ = wire.split_anomalie(remainder)
    assert xml is None or remainder.startswith(xml)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (AR, True),
        (b"<actes:RetourClassification/>\r\n", True),
        (b"", False),
        (b"KO\nrien\n", False),
        (b"<!DOCTYPE html><html></html>", False),
        (b"<HTML><body>", False),
    ],
)
def test_an_xml_file_is_told_from_a_web_page(body: bytes, expected: bool) -> None:
    assert wire.is_xml(body) is expected


# --- lists -------------------------------------------------------------------------------------


@pytest.mark.parametrize("leaf", [str, lambda value: value])
def test_a_list_is_read_with_numbers_or_texts(leaf: Any) -> None:
    item = {"id": leaf(4711), "number": "D1", "date": "2026-03-12", "type": leaf(1), "subject": ""}
    body = json.dumps({"status_id": leaf(3), "transactions": [item]}).encode()
    assert wire.parsed_list(body) == (wire.ListedActe("4711", "D1", "2026-03-12", "1"),)


@pytest.mark.parametrize(
    "body",
    [b"", b"KO\nx", b"[]", b"{}", b"3", b'{"transactions":[3]}', b'{"transactions":[{"id":1}]}'],
)
def test_what_is_no_list_decides_nothing(body: bytes) -> None:
    with pytest.raises(UndecidedError):
        wire.parsed_list(body)


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(-9, 99), references), max_size=5))
def test_lines_about_an_act_are_read_with_negative_statuses(
    lines: list[tuple[int, int, str]],
) -> None:
    body = "".join(f"{kind}-{code}-{reference}\n" for kind, code, reference in lines).encode()
    expected = tuple(wire.Related(str(kind), code, reference) for kind, code, reference in lines)
    assert wire.parsed_related(body) == expected


@pytest.mark.parametrize(
    "body",
    [b"3-8-47", b"3-8\n", b"33-8-1\n", b"3-8-x\n", b"3--1\n", b"\n", b"3-8-1\nKO\n", b"KO\nx"],
)
def test_a_line_that_is_not_whole_decides_nothing(body: bytes) -> None:
    with pytest.raises(UndecidedError):
        wire.parsed_related(body)


@given(st.binary())
def test_no_bytes_make_a_parser_of_letters_fail_otherwise(body: bytes) -> None:
    for parse in (wire.parsed_related, wire.parsed_unread, wire.require_marked):
        with suppress(UndecidedError):
            parse(body)


def test_a_list_nested_beyond_reason_decides_nothing() -> None:
    with pytest.raises(UndecidedError):
        wire.parsed_unread(b"[" * 200_000)


# --- statuses ----------------------------------------------------------------------------------


def test_every_status_of_the_platform_but_the_error_has_its_words() -> None:
    assert set(STATUTS) == set(range(23))


@pytest.mark.parametrize(
    ("code", "words"), [(3, "statut 3 : transmis"), (99, "statut 99 : inconnu de ce connecteur")]
)
def test_any_number_has_words(code: int, words: str) -> None:
    assert statut_in_french(code) == words
