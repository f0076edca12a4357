from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.collectivite import Collectivite, TdtAccount
from transmission.domain.identifiers import Departement, Siren
from transmission.pdf.extraction import NumeroTemplateError, apply_numero_template
from transmission.pdf.numero_template import from_printed

years = st.integers(1900, 2099)
sequences = st.integers(0, 99_999)


def test_the_printed_number_of_the_founding_document_gives_the_declared_one() -> None:
    assert apply_numero_template("D{year}{seq:05d}10", "2023.00097") == "D20230009710"


@given(years, sequences, st.sampled_from("._-/ "))
def test_year_and_sequence_are_read_around_any_separator(
    year: int, sequence: int, separator: str
) -> None:
    printed = f"{year}{separator}{sequence}"
    assert apply_numero_template("D{year}{seq:05d}10", printed) == f"D{year}{sequence:05d}10"


@pytest.mark.parametrize(
    ("template", "printed", "declared"),
    [
        ("{number}", "20150915_001", "20150915_001"),
        ("{year}_{month:02d}_{seq:03d}", "20150915_001", "2015_09_001"),
        ("{year}{month:02d}{seq:03d}", "2024-03-012", "202403012"),
        ("{year}_{seq}", "DEL 2024-045", "2024_45"),
        ("{year}_{seq}", "AR_2024_12", "2024_12"),
        ("{year}{seq:03d}", "12/2023", "2023012"),
        ("FIXE", "2024-1", "FIXE"),
    ],
)
def test_the_usual_shapes_of_printed_numbers(template: str, printed: str, declared: str) -> None:
    assert apply_numero_template(template, printed) == declared


@pytest.mark.parametrize(
    ("template", "printed", "said"),
    [
        ("{year}{seq:03d}", "2024-12345", "ne tient pas dans les 3 chiffres"),
        ("{year}{seq:05d}", "97", "ne contient pas de quoi remplir {year}"),
        ("{month:02d}", "2024-12", "ne contient pas de quoi remplir {month}"),
        ("{year}", "2024-1-2-3", "ne contient pas"),
        ("{year", "2024-1", "mal formé"),
    ],
)
def test_a_number_that_does_not_fit_is_refused_in_french(
    template: str, printed: str, said: str
) -> None:
    with pytest.raises(NumeroTemplateError, match=said):
        apply_numero_template(template, printed)


@pytest.mark.parametrize(
    "template",
    [
        "{year.real}",
        "{year.__class__.__mro__}",
        "{number[0]}",
        "{0}",
        "{}",
        "{seq!r}",
        "{secret}",
        "{seq:999999999999d}",
        "{seq:0999999d}",
        "{seq:{year}d}",
        "{seq:>5}",
        "{seq:5d}",
        "{seq:x}",
        "{seq:,}",
        "{number:10}",
        "{number!s}",
    ],
)
def test_a_hostile_or_mistyped_template_is_refused(template: str) -> None:
    with pytest.raises(NumeroTemplateError):
        apply_numero_template(template, "2024-12")


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_template_gives_a_short_text_or_our_error(template: str, printed: str) -> None:
    try:
        declared = apply_numero_template(template, printed)
    except NumeroTemplateError:
        return
    assert len(declared) <= len(template) + template.count("{") * (len(printed) + 10)


def test_a_printed_number_is_read_by_the_template_of_its_authority_if_it_fits() -> None:
    account = TdtAccount("s2low", "TdT", "https://tdt.example", "c", "k", None, "ca")
    plain = Collectivite(
        Siren("123456782"), Departement("042"), 2, "31", "Saint-Exemple", (), account
    )
    owner = replace(plain, numero_template="D{year}{seq:05d}10")
    assert from_printed("2023-971", owner) == "D20230097110"
    assert from_printed("sans numéro", owner) is None
    assert from_printed("2023-971", plain) is None
