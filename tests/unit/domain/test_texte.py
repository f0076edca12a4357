import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.texte import (
    folded_to_latin_1,
    normalise,
    printable,
    without_accents_case_or_space,
)

WINDOWS_1252 = bytes(code for code in range(0x80, 0xA0) if code not in b"\x81\x8d\x8f\x90\x9d")


def test_plain_french_passes_without_a_note() -> None:
    text = "Délibération n° 12 : l’œuvre à 3 € – « oui » & <non>"
    result = normalise(text)
    assert (result.text, result.notes, result.refused) == (text, (), ())


def test_the_characters_of_windows_can_all_travel() -> None:
    assert normalise(f"a{WINDOWS_1252.decode('cp1252')}b").refused == ()


@pytest.mark.parametrize(
    ("typed", "written", "note"),
    [
        ("e\u0301te\u0301", "été", "accents recomposés"),
        ("a  b\t\nc", "a b c", "espaces et retours à la ligne réduits à une espace simple"),
        ("  a ", "a", "espaces et retours à la ligne réduits à une espace simple"),
        ("a\u202fb\u2009c", "a b c", "espaces et retours à la ligne réduits à une espace simple"),
        ("a\u2011b\u2212c", "a-b-c", "tirets spéciaux remplacés par des tirets simples"),
    ],
)
def test_a_change_is_made_in_the_open(typed: str, written: str, note: str) -> None:
    result = normalise(typed)
    assert (result.text, result.notes, result.refused) == (written, (note,), ())


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("fête 🎉🎉", ("U+1F389 PARTY POPPER",)),
        ("a\x00b\x01", ("U+0000 caractère de contrôle", "U+0001 caractère de contrôle")),
        ("a\x92b", ("U+0092 caractère de contrôle",)),
        ("a\u202eb", ("U+202E RIGHT-TO-LEFT OVERRIDE",)),
        ("日", ("U+65E5 CJK UNIFIED IDEOGRAPH-65E5",)),
        ("\udc80", ("U+DC80 caractère de contrôle",)),
    ],
)
def test_what_cannot_travel_is_named_once(typed: str, named: tuple[str, ...]) -> None:
    assert normalise(typed).refused == named


@given(st.text())
def test_normalising_twice_changes_nothing_more(typed: str) -> None:
    once = normalise(typed)
    again = normalise(once.text)
    assert (again.text, again.notes, again.refused) == (once.text, (), once.refused)


@given(st.text())
def test_what_is_not_refused_can_be_written_in_windows_1252(typed: str) -> None:
    result = normalise(typed)
    if not result.refused:
        result.text.encode("cp1252")
        folded_to_latin_1(result.text).encode("iso-8859-1")


@pytest.mark.parametrize(
    ("text", "folded"),
    [("l’œuvre", "l'oeuvre"), ("3 €", "3 EUR"), ("a…", "a..."), ("« é »", "« é »"), ("Ÿ", "Y")],
)
def test_text_is_folded_for_interfaces_which_know_only_latin_1(text: str, folded: str) -> None:
    assert folded_to_latin_1(text) == folded


@pytest.mark.parametrize(
    ("sent", "echoed"),
    [
        ("Rénovation de l’œuvre", "RENOVATION  DE L'OEUVRE"),
        ("été", "e\u0301te\u0301"),
        ("a – b", "a b"),
        ("Prix : 3 €", "prix 3 eur"),
    ],
)
def test_texts_mangled_on_the_way_compare_equal(sent: str, echoed: str) -> None:
    assert without_accents_case_or_space(sent) == without_accents_case_or_space(echoed)


def test_texts_that_differ_by_a_letter_or_a_digit_do_not_compare_equal() -> None:
    forms = {without_accents_case_or_space(text) for text in ("voie 1", "voie 2", "voix 1")}
    assert len(forms) == 3


@given(st.text())
def test_the_form_to_compare_has_only_letters_and_digits(text: str) -> None:
    form = without_accents_case_or_space(text)
    assert all(character.isalnum() for character in form)
    assert form == without_accents_case_or_space(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("délib n° 7.pdf", "délib n° 7.pdf"),
        ("a\nb\u00a0c\u202fd", "a b c d"),
        ("\0\x1b\u202e\udce9😀", "����😀"),
    ],
)
def test_a_name_is_shown_on_one_line_without_marks_that_deceive(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_whatever_is_printable_can_be_stored_and_stays_so(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert shown.isprintable()
    assert printable(shown) == shown
    shown.encode("utf-8")
