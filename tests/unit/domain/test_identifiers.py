from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.errors import IdentifierError
from transmission.domain.identifiers import (
    IDSGAR,
    Departement,
    IdActe,
    IDPref,
    IDSousPref,
    NatureActe,
    NomEnveloppe,
    NomFichier,
    NumeroInterne,
    ServiceEtat,
    Siren,
    compact_date,
    incoming_enveloppe,
    is_plain_name,
    outgoing_enveloppe,
    parse_compact_date,
    parse_service,
    proposed_numero,
)
from transmission.domain.messages import MESSAGES, Direction

SIREN = Siren("123456782")
ID = IdActe("042", SIREN, date(2023, 3, 2), "D2023_001", NatureActe.DELIBERATION)

SENT = [kind.code for kind in MESSAGES if kind.direction is Direction.OUTGOING]
ALL_CODES = [kind.code for kind in MESSAGES if kind.code]
WITHOUT_ACT = ["7-1", "7-2", "7-3"]
ABOUT_AN_ACT = [code for code in ALL_CODES if code not in WITHOUT_ACT]

METROPOLE = [f"{number:03d}" for number in range(1, 96) if number != 20]
OUTRE_MER = ["971", "972", "973", "974", "975", "976", "987", "988"]

strict_numbers = st.from_regex(r"[A-Z0-9](?:[A-Z0-9_]{0,13}[A-Z0-9])?", fullmatch=True)
wild_numbers = st.from_regex(r"[A-Za-z0-9_-]{1,15}", fullmatch=True)
departements = st.sampled_from([*METROPOLE, "02A", "02B", *OUTRE_MER, "999"])
identifiers = st.builds(
    IdActe,
    departements,
    st.just("123456782"),
    st.dates(),
    wild_numbers,
    st.sampled_from(NatureActe),
)


def _days() -> Iterator[date]:
    day, last = date(2000, 1, 1), date(2100, 12, 31)
    while day <= last:
        yield day
        day += timedelta(days=1)


# Every day of a century: the year of the week and the year of the calendar differ around 1 January.


def test_every_day_of_a_century_comes_back_from_an_act_identifier() -> None:
    for day in _days():
        id_acte = replace(ID, date_decision=day)
        text = f"042-123456782-{day.year}{day.month:02}{day.day:02}-D2023_001-DE"
        assert str(id_acte) == text
        assert IdActe.parse(text) == id_acte


def test_every_day_of_a_century_is_written_in_the_name_of_every_message() -> None:
    for day in _days():
        id_acte = replace(ID, date_decision=day)
        stem = f"042-123456782-{day.year}{day.month:02}{day.day:02}-D2023_001-DE"
        for code in ABOUT_AN_ACT:
            assert str(NomFichier.for_message(id_acte, code)) == f"{stem}-{code}_0.xml"


@pytest.mark.parametrize("code", ABOUT_AN_ACT)
def test_the_days_around_every_new_year_come_back_from_the_names_of_a_message(code: str) -> None:
    typologie = "99_DE" if code in SENT else None
    for day in _days():
        if (day.month, day.day) < (1, 5) or (day.month, day.day) > (12, 27):
            message = NomFichier.for_message(replace(ID, date_decision=day), code)
            document = message.document(typologie, 1, "pdf")
            assert NomFichier.parse(str(message)) == message
            assert NomFichier.parse(str(document)) == document
            assert str(document).startswith("99_DE-042-" if typologie else "042-")


def test_every_day_of_a_century_comes_back_from_a_file_name() -> None:
    for day, code in zip(_days(), cycle(ABOUT_AN_ACT)):
        name = NomFichier.for_message(replace(ID, date_decision=day), code)
        assert NomFichier.parse(str(name)) == name


@pytest.mark.parametrize(
    ("make", "stem"),
    [
        (lambda day: outgoing_enveloppe("EACT", SIREN, day, 12), "EACT--123456782--{}-12"),
        (
            lambda day: incoming_enveloppe("EACT", IDSousPref("042", 2), SIREN, day, 90125),
            "EACT--SPREF0422-123456782-{}-90125",
        ),
        (
            lambda day: outgoing_enveloppe("EACT", SIREN, day, 12).anomaly(),
            "ANO_EACT--123456782--{}-12",
        ),
    ],
    ids=["sent", "received", "refused"],
)
def test_every_day_of_a_century_comes_back_from_an_envelope_name(
    make: Callable[[date], NomEnveloppe], stem: str
) -> None:
    for day in _days():
        name = make(day)
        assert str(name) == stem.format(f"{day.year}{day.month:02}{day.day:02}")
        assert NomEnveloppe.parse(name.xml) == name
        assert NomEnveloppe.parse(name.archive("SLO")) == name


@given(st.dates())
def test_any_date_is_written_on_eight_digits_and_read_back(day: date) -> None:
    assert len(compact_date(day)) == 8
    assert parse_compact_date(compact_date(day)) == day


@pytest.mark.parametrize("text", ["20230229", "20231301", "20230000", "00000101"])
def test_an_impossible_day_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError, match="n'est pas une date du calendrier"):
        parse_compact_date(text)
    with pytest.raises(IdentifierError):
        IdActe.parse(f"042-123456782-{text}-A-DE")


# Natures


@pytest.mark.parametrize(
    ("text", "nature"),
    [
        ("1", NatureActe.DELIBERATION),
        (2, NatureActe.REGLEMENTAIRE),
        ("03", NatureActe.INDIVIDUEL),
        ("cc", NatureActe.CONTRAT),
        (" Bf ", NatureActe.BUDGET),
        ("0006", NatureActe.AUTRE),
    ],
)
def test_a_nature_is_read_from_its_code_or_its_abbreviation(
    text: str | int, nature: NatureActe
) -> None:
    assert NatureActe.parse(text) is nature


@pytest.mark.parametrize("text", ["", "0", "7", "-1", "1.0", "D", "DEL", "١", "²", "9" * 5000])
def test_what_is_no_nature_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError, match="DE \\(Délibération\\)"):
        NatureActe.parse(text)


def test_natures_have_the_abbreviations_and_typologies_of_the_protocol() -> None:
    found = [(n.code, n.abrege, n.typologie_par_defaut) for n in NatureActe]
    assert found == [
        (1, "DE", "99_DE"),
        (2, "AR", "99_AR"),
        (3, "AI", "99_AI"),
        (4, "CC", "99_DC"),
        (5, "BF", "99_BU"),
        (6, "AU", "99_AU"),
    ]


# Départements and SIREN


def test_all_the_departements_of_the_reference_table_are_accepted() -> None:
    for code in [*METROPOLE, "02A", "02B", *OUTRE_MER, "999"]:
        assert Departement(code) == code
    assert len(METROPOLE) == 94


@pytest.mark.parametrize(
    "code", ["", "42", "020", "000", "096", "02C", "02a", "|42", "970", "979", "989", "0422", "٠٤٢"]
)
def test_what_is_no_departement_is_refused(code: str) -> None:
    with pytest.raises(IdentifierError, match="département"):
        Departement(code)


def test_a_siren_is_nine_digits_with_a_right_key() -> None:
    assert Siren("123 456 782") == "123456782"
    assert Siren("732829320") == "732829320"


@pytest.mark.parametrize("text", ["", "12345678", "1234567820", "12345678A", "１２３４５６７８２"])
def test_what_has_not_nine_digits_is_no_siren(text: str) -> None:
    with pytest.raises(IdentifierError, match="neuf chiffres"):
        Siren(text)


@given(st.integers(0, 99_999_999))
def test_exactly_one_last_digit_makes_a_siren(head: int) -> None:
    accepted = 0
    for digit in range(10):
        try:
            Siren(f"{head:08d}{digit}")
        except IdentifierError:
            continue
        accepted += 1
    assert accepted == 1


@given(st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_seen(position: int, shift: int) -> None:
    digits = [int(digit) for digit in SIREN]
    digits[position] = (digits[position] + shift) % 10
    with pytest.raises(IdentifierError, match="clé de contrôle"):
        Siren("".join(map(str, digits)))


# Numbers of acts


@given(strict_numbers)
def test_a_strict_number_is_kept_as_it_is(text: str) -> None:
    assert NumeroInterne(text) == text
    assert proposed_numero(NumeroInterne(text)) is not None


@pytest.mark.parametrize("text", ["", "_A", "A_", "a1", "2023-01", "A B", "É", "1234567890123456"])
def test_a_number_that_would_be_refused_is_not_emitted(text: str) -> None:
    with pytest.raises(IdentifierError, match="numéro d'acte"):
        NumeroInterne(text)


@pytest.mark.parametrize(
    ("typed", "proposed"),
    [
        ("2023-02-001", "2023_02_001"),
        ("d 12/b", "D_12_B"),
        ("_A1_", "A1"),
        ("N°12", "N_12"),
        ("2023 - - 1", "2023_1"),
        ("1234567890123456", None),
        ("---", None),
        ("", None),
    ],
)
def test_the_nearest_number_is_proposed(typed: str, proposed: str | None) -> None:
    assert proposed_numero(typed) == proposed


@given(st.text(max_size=20))
def test_a_proposal_is_always_a_strict_number(typed: str) -> None:
    proposed = proposed_numero(typed)
    assert proposed is None or NumeroInterne(proposed) == proposed


# Identifiers of acts


@given(identifiers)
def test_an_identifier_read_back_is_the_same_even_with_dashes(id_acte: IdActe) -> None:
    assert IdActe.parse(str(id_acte)) == id_acte


@given(strict_numbers)
def test_the_case_of_the_number_does_not_make_another_act(number: str) -> None:
    sent, echoed = replace(ID, numero_interne=number), replace(ID, numero_interne=number.lower())
    assert sent.same_act(echoed)
    assert not sent.same_act(replace(sent, date_decision=date(2023, 3, 3)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "042-123456782-20230302-D2023_001",
        "42-123456782-20230302-D2023_001-DE",
        "042-12345678-20230302-D2023_001-DE",
        "042-123456782-230302-D2023_001-DE",
        "042-123456782-20230302--DE",
        "042-123456782-20230302-1234567890123456-DE",
        "042-123456782-20230302-D2023_001-XX",
        "042-123456782-20230302-D2023_001-de",
        "042-١٢٣٤٥٦٧٨٢-20230302-A-DE",
        "042-123456782-20230302-A/B-DE",
        "99_DE-042-123456782-20230302-A-DE",
    ],
)
def test_what_is_no_identifier_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError):
        IdActe.parse(text)


@given(identifiers.filter(lambda id_acte: "-" not in id_acte.numero_interne))
def test_an_identifier_that_the_schema_takes_is_emitted_as_it_is(id_acte: IdActe) -> None:
    assert id_acte.emitted() == str(id_acte)


@pytest.mark.parametrize(
    "id_acte",
    [
        replace(ID, departement="|4|"),
        replace(ID, departement="020"),
        replace(ID, siren="123456789"),
        replace(ID, siren="12345678"),
        replace(ID, numero_interne=""),
        replace(ID, numero_interne="2023-1"),
        replace(ID, numero_interne="1234567890123456"),
    ],
)
def test_an_identifier_that_the_state_would_refuse_is_not_emitted(id_acte: IdActe) -> None:
    with pytest.raises(IdentifierError):
        id_acte.emitted()


def test_the_stem_and_the_printed_form_come_from_the_identifier() -> None:
    id_acte = replace(ID, numero_interne="D20230009710")
    assert id_acte.stem() == "042-123456782-20230302-D20230009710-DE-1-1"
    assert id_acte.stem("6-1").endswith("-DE-6-1")
    assert id_acte.printed("99_DE") == "99_DE-042-123456782-20230302-D20230009710"


# Names of files


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "042-123456782-20230302-D2023_001-DE-1-1_0.xml",
            NomFichier.for_message(ID),
        ),
        (
            "99_DE-042-123456782-20230302-D2023_001-DE-1-1_1.pdf",
            NomFichier.for_message(ID).document("99_DE", 1, "pdf"),
        ),
        (
            "042-123456782----7-1_0.xml",
            NomFichier.for_classification("042", "123456782"),
        ),
        (
            "042-123456782----1-3_1.xml",
            NomFichier(None, "042", "123456782", None, None, None, "1-3", 1, "xml"),
        ),
        (
            "99_AR-013-123456782-20220106-AR-2022-02-AR-1-1_1.PDF",
            NomFichier(
                "99_AR",
                "013",
                "123456782",
                date(2022, 1, 6),
                "AR-2022-02",
                NatureActe.REGLEMENTAIRE,
                "1-1",
                1,
                "pdf",
            ),
        ),
        (
            "02A-123456782-20180522-684-AI-1-2_5279.xml",
            NomFichier(
                None,
                "02A",
                "123456782",
                date(2018, 5, 22),
                "684",
                NatureActe.INDIVIDUEL,
                "1-2",
                5279,
                "xml",
            ),
        ),
    ],
)
def test_names_seen_in_the_wild_are_read(name: str, expected: NomFichier) -> None:
    assert NomFichier.parse(name) == expected


@given(
    identifiers,
    st.sampled_from(ABOUT_AN_ACT),
    st.integers(0, 99999),
    st.none() | st.sampled_from(["99_DE", "21_RP", "CO_DE"]),
    st.sampled_from(["xml", "pdf", "jpg", "png"]),
)
def test_a_file_name_read_back_is_the_same_even_with_dashes(
    id_acte: IdActe, message: str, sequence: int, typologie: str | None, extension: str
) -> None:
    name = replace(
        NomFichier.for_message(id_acte, message),
        typologie=typologie,
        sequence=sequence,
        extension=extension,
    )
    assert NomFichier.parse(str(name)) == name


@pytest.mark.parametrize("code", [*WITHOUT_ACT, "1-3"])
@pytest.mark.parametrize("sequence", [0, 1, 5279])
def test_a_name_without_an_act_has_four_dashes(code: str, sequence: int) -> None:
    name = NomFichier.for_classification("02A", "123456782", code, sequence)
    assert str(name) == f"02A-123456782----{code}_{sequence}.xml"
    assert NomFichier.parse(str(name)) == name
    assert (name.date, name.numero_interne, name.nature) == (None, None, None)


@pytest.mark.parametrize("code", ["", "1-4", "2-3", "5-2", "6-3", "7-4", "8-1", "11", "1-11"])
def test_a_message_that_does_not_exist_gets_no_name(code: str) -> None:
    with pytest.raises(IdentifierError, match="n'est pas le code d'un message"):
        NomFichier.for_message(ID, code)
    with pytest.raises(IdentifierError, match="n'est pas le code d'un message"):
        NomFichier.for_classification("042", "123456782", code)


def test_a_message_about_an_act_and_one_about_none_are_not_named_alike() -> None:
    for code in WITHOUT_ACT:
        with pytest.raises(IdentifierError):
            NomFichier.for_message(ID, code)
    for code in set(ABOUT_AN_ACT) - {"1-3"}:
        with pytest.raises(IdentifierError):
            NomFichier.for_classification("042", "123456782", code)


def test_the_state_numbers_its_files_as_it_likes() -> None:
    letter = NomFichier.for_message(ID, "2-1", 17)
    assert str(letter) == "042-123456782-20230302-D2023_001-DE-2-1_17.xml"
    document = letter.document(None, 16, "pdf")
    assert str(document) == "042-123456782-20230302-D2023_001-DE-2-1_16.pdf"
    assert NomFichier.parse(str(document)) == document


@pytest.mark.parametrize(("sequence", "extension"), [(-1, "pdf"), (1, ""), (1, "p/f"), (1, "a.b")])
def test_a_document_is_not_named_with_a_wrong_end(sequence: int, extension: str) -> None:
    with pytest.raises(IdentifierError, match="ne peut pas finir un nom"):
        NomFichier.for_message(ID).document("99_DE", sequence, extension)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "rapport.pdf",
        "999-1234----7-2_7.xml",
        "044-123456782-20181001-4365-DE_0.xml",
        "042-123456782-20230302-A-DE-8-1_0.xml",
        "042-123456782-20230302-A-DE-1-1_0",
        "042-123456782-20230302-A-DE-1-1_x.xml",
        "042-123456782-20230302-A-ZZ-1-1_0.xml",
        "042-123456782-20230231-A-DE-1-1_0.xml",
        "042-123456782-20230302-../../etc-DE-1-1_0.xml",
        "042-123456782-20230302-a\\b-DE-1-1_0.xml",
        "042-123456782-20230302-a\nb-DE-1-1_0.xml",
        "99_DE1-042-123456782-20230302-A-DE-1-1_0.xml",
        f"042-123456782----7-2_{'1' * 5000}.xml",
        "042-123456782----7-2_1.xml\n",
    ],
)
def test_what_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(IdentifierError):
        NomFichier.parse(name)


@pytest.mark.parametrize("typologie", ["", "99_D", "99_DEL", "99-DE", "99_de", "../_a"])
def test_a_document_is_not_named_with_a_wrong_typology(typologie: str) -> None:
    with pytest.raises(IdentifierError, match="typologie"):
        NomFichier.for_message(ID).document(typologie, 1, "pdf")


# Names of envelopes


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "EACT--123456782--20230303-1.xml",
            NomEnveloppe("EACT", "123456782", "", date(2023, 3, 3), 1),
        ),
        (
            "SIC-EACT--123456782--20180115-1.tar.gz",
            NomEnveloppe("EACT", "123456782", "", date(2018, 1, 15), 1),
        ),
        (
            "abc-TACT--123456782--20180115-1.tar.gz",
            NomEnveloppe("TACT", "123456782", "", date(2018, 1, 15), 1),
        ),
        (
            "EACT--SPREF0441-123456782-20181012-90125.xml",
            NomEnveloppe("EACT", "SPREF0441", "123456782", date(2018, 10, 12), 90125),
        ),
        (
            "ANO_EACT--123456782--20180925-1.xml",
            NomEnveloppe("EACT", "123456782", "", date(2018, 9, 25), 1, anomalie=True),
        ),
    ],
)
def test_names_of_envelopes_seen_in_the_wild_are_read(name: str, expected: NomEnveloppe) -> None:
    assert NomEnveloppe.parse(name) == expected


def test_an_anomaly_names_the_envelope_that_was_refused() -> None:
    refused = outgoing_enveloppe("EACT", SIREN, date(2023, 3, 3), 1)
    anomaly = NomEnveloppe.parse(f"ANO_{refused.xml}")
    assert anomaly.refused() == refused
    assert anomaly.xml == f"ANO_{refused.xml}"
    assert refused.anomaly() == anomaly


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("PREF042", IDPref("042")),
        ("SGAR075", IDSGAR("075")),
        ("SPREF02A4", IDSousPref("02A", 4)),
        ("SPREF0441", IDSousPref("044", 1)),
    ],
)
def test_a_service_of_the_state_is_read_from_the_name_of_an_envelope(
    text: str, service: ServiceEtat
) -> None:
    assert parse_service(text) == service
    assert str(service) == text
    name = NomEnveloppe.parse(f"EACT--{text}-123456782-20181012-9.xml")
    assert parse_service(name.emetteur) == service


@pytest.mark.parametrize(
    "text",
    ["", "123456782", "PREF", "PREF0422", "SPREF042", "SGAR0421", "pref042", "PREF42", "XPREF042"],
)
def test_what_is_no_service_of_the_state_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError, match="service de l'État"):
        parse_service(text)


def test_an_anomaly_may_be_named_after_the_service_that_refuses() -> None:
    name = NomEnveloppe.parse("ANO_EACT--SPREF0441-123456782-20181012-9.XML")
    assert name.anomalie
    assert parse_service(name.refused().emetteur) == IDSousPref("044", 1)


@given(st.dates(), st.integers(1, 9999))
def test_an_envelope_name_read_back_is_the_same(day: date, numero: int) -> None:
    name = outgoing_enveloppe("EACT", SIREN, day, numero)
    assert NomEnveloppe.parse(str(name)) == name
    assert NomEnveloppe.parse(name.archive("SLO")) == name


@pytest.mark.parametrize("numero", [0, -1, 10_000])
def test_the_envelopes_of_a_day_are_numbered_1_to_9999(numero: int) -> None:
    with pytest.raises(IdentifierError, match="03/03/2023 est épuisé"):
        outgoing_enveloppe("EACT", SIREN, date(2023, 3, 3), numero)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "EACT-123456782-20230303-1.xml",
        "eact--123456782--20230303-1.xml",
        "EACT--123456782--20230230-1.xml",
        "EACT--123456782--20230303-.xml",
        "EACT-../..-123456782--20230303-1.xml",
        "EACT--a\nb--20230303-1.xml",
        "SLO-EACT--123456782--20230303-1.zip",
        f"EACT--123456782--20230303-{'1' * 5000}.xml",
    ],
)
def test_what_is_no_envelope_name_is_refused(name: str) -> None:
    with pytest.raises(IdentifierError):
        NomEnveloppe.parse(name)


# Names in an archive


@given(identifiers, st.sampled_from(ABOUT_AN_ACT), st.integers(0, 9999))
def test_every_name_that_we_form_may_be_put_in_an_archive(
    id_acte: IdActe, code: str, sequence: int
) -> None:
    message = NomFichier.for_message(id_acte, code, sequence)
    assert is_plain_name(str(message))
    assert is_plain_name(str(message.document("99_DE", sequence, "pdf")))


@pytest.mark.parametrize("name", ["", ".", "..", "-a", "a/b", "a\\b", "a b", "é", "a\n", "a" * 101])
def test_a_name_that_is_not_plain_is_seen(name: str) -> None:
    assert not is_plain_name(name)


@given(st.text(max_size=60) | st.from_regex(r"[0-9A-Z_]{3,5}-[0-9-]{9,30}_[0-9]\.[a-z]{3}"))
def test_no_text_raises_anything_else(text: str) -> None:
    for parse in (IdActe.parse, NomFichier.parse, NomEnveloppe.parse, NatureActe.parse):
        try:
            parse(text)
        except IdentifierError:
            continue
