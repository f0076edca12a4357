"""The certificate of executory character: one page, every fact on it, and readable."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transmission.pdf.certificat import OverfullCertificateError, write_certificate
from transmission.pdf.errors import PdfError, UnprintableTextError
from transmission.ports.certificat import CertificateFacts, Formality, Reception, Signatory

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
FACTS = CertificateFacts(
    collectivite="Commune de Saint-Exemple",
    siren="123456782",
    nature="Délibération",
    numero="D20260009710",
    objet="Subvention de 1 000 € à l’école élémentaire",
    date_decision=date(2026, 3, 2),
    reception=Reception(
        "042-123456782-20260302-D20260009710-DE", date(2026, 3, 12), DIGEST, "TdT d'essai"
    ),
    publicity=(Formality("Mise en ligne", date(2026, 3, 16)),),
    address="https://www.saint-exemple.example/actes/D20260009710.pdf",
    executoire=date(2026, 3, 16),
    rule="EX-1",
    titre="Caractère exécutoire : publicité et, s'il y a lieu, réception",
    basis="CGCT, art. L. 2131-1, L. 3131-1, L. 4141-1",
    explanation="Acte mis en ligne le 16 mars 2026 et reçu en préfecture le 12 mars 2026.",
    reservations=(),
    certification_basis="CGCT, art. L. 2131-1 I, al. 2, L. 4141-1 I",
    signatory=Signatory("Le maire"),
    date_delivrance=date(2026, 3, 20),
)
LONG = replace(
    FACTS,
    collectivite="Syndicat intercommunal à vocation multiple d’aménagement, d’assainissement et de "
    "gestion des équipements de la haute vallée de l’Exemple et de ses affluents",
    objet=("Approbation de la convention d’objectifs avec l’association " * 10)[:500],
    address="https://www.saint-exemple.example/" + "publications/" * 12 + "a1b2c3" * 20 + ".pdf",
    publicity=(
        Formality("Affichage en urgence", date(2026, 3, 11)),
        Formality("Publication sur le Géoportail de l'urbanisme", date(2026, 3, 16)),
    ),
    reservations=tuple(
        f"Réserve n° {rank} : le texte de la règle a été lu dans une version antérieure à celle en "
        "vigueur, et une personne doit le vérifier."
        for rank in range(8)
    ),
    signatory=Signatory("La vice-présidente, par délégation du président " * 3, "Nom " * 20),
)


def _certificate(facts: CertificateFacts = FACTS) -> bytes:
    target = io.BytesIO()
    write_certificate(facts, target)
    return target.getvalue()


@pytest.fixture
def words_of(text_of: Callable[..., str]) -> Callable[[bytes], str]:
    """All the words of the only page, one space between two."""

    def read(content: bytes) -> str:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            assert len(pdf.pages) == 1
        return " ".join(text_of(content).split())

    return read


Words = Callable[[bytes], str]


def test_every_fact_is_on_the_page(words_of: Words) -> None:
    words = words_of(_certificate(replace(FACTS, signatory=Signatory("Le maire", "Nom Exemple"))))
    for told in (
        "Commune de Saint-Exemple",
        "SIREN 123 456 782",
        "Certificat de caractère exécutoire",
        "certifié exécutoire depuis le 16 mars 2026",
        "Nature Délibération",
        "Numéro D20260009710",
        "Objet Subvention de 1 000 € à l’école élémentaire",
        "Date de la décision 2 mars 2026",
        "Identifiant unique 042-123456782-20260302-D20260009710-DE",
        "Reçu en préfecture le 12 mars 2026",
        "Transmis par TdT d'essai",
        DIGEST,
        "Mise en ligne 16 mars 2026",
        "https://www.saint-exemple.example/actes/D20260009710.pdf",
        "EX-1 – Caractère exécutoire",
        FACTS.basis,
        FACTS.explanation,
        "sous sa responsabilité (CGCT, art. L. 2131-1 I, al. 2, L. 4141-1 I)",
        "n'est pas une condition du caractère exécutoire",
        "Fait le 20 mars 2026 Le maire Nom Exemple Signature",
    ):
        assert told in words
    assert "Réserves" not in words


def test_what_does_not_exist_is_not_invented(words_of: Words) -> None:
    words = words_of(_certificate(replace(FACTS, reception=None, address=None)))
    assert "Sans objet : cet acte a force sans être transmis." in words
    assert "SHA-256" not in words
    assert "accusé de réception" not in words
    assert "Adresse" not in words
    tacit = words_of(_certificate(replace(FACTS, publicity=())))
    assert "Sans objet : cet acte a force sans publicité." in tacit
    assert "https" not in tacit


def test_reservations_are_printed_each(words_of: Words) -> None:
    words = words_of(_certificate(LONG))
    assert "Réserves et points à vérifier – Réserve n° 0" in words
    assert all(f"– Réserve n° {rank} :" in words for rank in range(8))


def test_long_texts_still_fit_on_one_page_whole(words_of: Words) -> None:
    words = words_of(_certificate(LONG))
    assert " ".join(LONG.objet.split()) in words
    assert LONG.address is not None
    assert LONG.address in words.replace(" ", "")
    assert LONG.collectivite in words
    assert DIGEST in words


def test_nothing_is_drawn_outside_the_margins(
    picture_of: Callable[..., Any], dark_box: Callable[[Any], tuple[int, int, int, int]]
) -> None:
    for facts in (FACTS, LONG):
        left, top, right, bottom = dark_box(picture_of(_certificate(facts), 0, 1))
        assert left >= 55
        assert top >= 50
        assert right <= 541
        assert bottom <= 842 - 57 - 80


def test_a_page_that_nobody_could_read_is_not_printed() -> None:
    with pytest.raises(OverfullCertificateError, match="D20260009710 ne tient pas") as refused:
        _certificate(replace(LONG, address="https://example.org/" + "x" * 20_000))
    assert isinstance(refused.value, PdfError)


@pytest.mark.parametrize("field", ["collectivite", "objet", "explanation"])
def test_what_cannot_be_printed_faithfully_is_refused(field: str) -> None:
    with pytest.raises(UnprintableTextError, match="« Acte 中 »"):
        _certificate(replace(FACTS, **{field: "Acte 中"}))


def test_what_looks_like_markup_is_printed_as_it_is(words_of: Words) -> None:
    objet = "Travaux <b>rue & place</b> &lt; <img src='x'/>"
    assert objet in words_of(_certificate(replace(FACTS, objet=objet)))


def test_the_fonts_are_embedded() -> None:
    with pikepdf.open(io.BytesIO(_certificate())) as pdf:
        fonts = [each for each in pdf.objects if _is(each, "/Font")]
        descriptors = [each for each in pdf.objects if _is(each, "/FontDescriptor")]
        assert {str(font.Subtype) for font in fonts} == {"/TrueType"}
        assert len(descriptors) == len(fonts) == 2
        assert all("/FontFile2" in each for each in descriptors)


def _is(candidate: Any, kind: str) -> bool:
    return isinstance(candidate, pikepdf.Dictionary) and candidate.get("/Type") == kind


def test_the_same_facts_give_the_same_bytes() -> None:
    assert _certificate() == _certificate()
    assert _certificate(replace(FACTS, numero="D20260009711")) != _certificate()


def test_the_file_says_what_it_is_and_no_time_of_its_own() -> None:
    with pikepdf.open(io.BytesIO(_certificate())) as pdf:
        assert dict(pdf.docinfo).keys() == {"/Title", "/Author", "/Subject"}
        assert str(pdf.docinfo.Title) == "Certificat de caractère exécutoire : acte D20260009710"
        assert str(pdf.docinfo.Author) == FACTS.collectivite
        metadata = pdf.Root.Metadata.read_bytes().decode()
        assert "Certificat de caractère exécutoire : acte D20260009710" in metadata
        assert "fr-FR" in metadata
        assert not re.search(r"20\d\d-\d\d-\d\dT", metadata)


LATIN = st.characters(codec="cp1252", exclude_categories=["Cc"], exclude_characters="ˆ˜\u00ad")


@settings(max_examples=40)
@given(st.text(LATIN, min_size=1, max_size=500), st.text(LATIN, min_size=1, max_size=120))
def test_any_object_that_can_be_transmitted_fits_on_the_page(objet: str, function: str) -> None:
    facts = replace(FACTS, objet=objet, signatory=Signatory(function))
    with pikepdf.open(io.BytesIO(_certificate(facts))) as pdf:
        assert len(pdf.pages) == 1
