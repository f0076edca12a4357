"""The summary of a dossier: read as a person reads it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO

import pikepdf
import pypdfium2
import pytest

from tests.support.horloge import DELIBERATION, clock
from transmission.domain.dossier import (
    Dossier,
    DossierActe,
    DossierAttempt,
    DossierReception,
    DossierTransmission,
    Hole,
    HoleKind,
    Member,
    Role,
)
from transmission.pdf.summariser import PdfSummariser
from transmission.ports.dossiers import Happened, StampedMember, SummaryFacts

AT = datetime(2026, 3, 12, 9, tzinfo=UTC)
AR = "retours/01-accuse-de-reception-de-l-acte.xml"
NAME = "042-123456782-20260302-D2026_001-DE.asice"
ACTE = DossierActe(
    siren="123456782", collectivite="Commune de Saint-Exemple", numero_interne="D2026_001",
    nature=1, nature_label="Délibération", matiere="7.5", objet="Subvention à l’école",
    date_decision=date(2026, 3, 2), id_acte=NAME.removesuffix(".asice"), accepted_at=AT,
    accepted_by="service des assemblées",
)  # fmt: skip
SENT = DossierTransmission(
    rank=1, message="1-1", label="transmission de l'acte", id_acte=ACTE.id_acte,
    state="acknowledged", state_label="Accusé de réception reçu", state_since=AT, enveloppe="e",
    archive_name="SLO-EACT--123456782--20260312-1.tar.gz", reference="4711",
    date_reception=date(2026, 3, 12),
    attempts=(DossierAttempt(1, "s2low", AT, AT, "Accepted", None, "ab" * 32),),
)  # fmt: skip
MEMBERS = (
    Member("recu/01-acte.pdf", 1234, "c" * 64, Role.RECEIVED_FILE, {"piece": 1}),
    Member("envoi/1/sceau.p7s", 700, "d" * 64, Role.SEAL, {"transmission": 1}),
    Member("envoi/1/signature-01.p7s", 700, "e" * 64, Role.SIGNATURE, {"transmission": 1}),
    Member(AR, 1344, "f" * 64, Role.RETOUR, {"kind": "1-2"}),
)
FACTS = SummaryFacts(
    dossier=Dossier(
        made_at=AT, made_by="service", sealed_by="service", acte=ACTE, transmissions=(SENT,),
        reception=DossierReception(date(2026, 3, 12), 1, AR), members=MEMBERS,
        holes=(Hole(HoleKind.NOT_ANCHORED, "Lignes chaînées et pas encore ancrées : 3 sur 12."),),
    ),
    file_name=NAME,
    time_zone="Europe/Paris",
    events=(Happened(AT, 1, "Prise en charge", "service des assemblées", "séance du 2 mars"),),
    stamps=(StampedMember(AR, AT, "CN=Horodatage d'essai"),),
    reading=clock(DELIBERATION, "AR 2026-03-12, PU 2026-03-16", today="2026-04-20"),
)  # fmt: skip


def _printed(facts: SummaryFacts) -> bytes:
    target = BytesIO()
    PdfSummariser().summarise(facts, target)
    return target.getvalue()


@pytest.fixture(scope="module")
def words() -> Callable[[SummaryFacts], str]:
    def read(facts: SummaryFacts) -> str:
        document = pypdfium2.PdfDocument(_printed(facts))
        try:
            pages = [page.get_textpage().get_text_range() for page in document]
        finally:
            document.close()
        return " ".join(" ".join(pages).split())

    return read


def test_what_a_judge_looks_for_is_written(words: Callable[[SummaryFacts], str]) -> None:
    text = words(FACTS)
    for said in (
        "Dossier de preuve",
        "Commune de Saint-Exemple",
        "Subvention à l’école",
        "Reçu en préfecture le 12 mars 2026",
        f"Lu dans {AR}",
        "La date est celle que porte l'accusé de réception ; aucune horloge ne la donne.",
        "Envoi 1 : transmission de l'acte",
        "1 document signé, archive scellée",
        "Le service de télétransmission, par sa propre clé",
        "– Lignes chaînées et pas encore ancrées : 3 sur 12.",
        "12/03/2026 à 10:00:00 Envoi 1 : Prise en charge (service des assemblées).",
        "Motif : séance du 2 mars",
        "Dernier jour du déféré : 13 mai 2026",
        "CN=Horodatage d'essai",
        "Accusé de réception de l'acte retours/01",
        f"transmission verify {NAME}",
    ):
        assert said in text, said


def test_every_member_is_there_with_its_digest(words: Callable[[SummaryFacts], str]) -> None:
    text = words(FACTS).replace(" ", "")
    for member in MEMBERS:
        assert member.name.replace(" ", "") in text
        assert member.sha256 in text


def test_no_day_of_receipt_is_written_before_the_ar(
    words: Callable[[SummaryFacts], str],
) -> None:
    facts = replace(FACTS, dossier=replace(FACTS.dossier, reception=None))
    assert "Reçu en préfecture le Pas de date de réception à ce jour." in words(facts)


def test_a_character_that_the_font_lacks_is_told_and_prevents_nothing(
    words: Callable[[SummaryFacts], str],
) -> None:
    acte = replace(ACTE, objet="Jumelage avec 東京")
    facts = replace(FACTS, dossier=replace(FACTS.dossier, acte=acte))
    assert "Jumelage avec [U+6771][U+4EAC]" in words(facts)


def test_marks_in_a_text_are_printed_and_not_obeyed(words: Callable[[SummaryFacts], str]) -> None:
    acte = replace(ACTE, objet="<b>A & B</b> <img src='file:///etc/passwd'/>")
    facts = replace(FACTS, dossier=replace(FACTS.dossier, acte=acte))
    assert "<b>A & B</b> <img src='file:///etc/passwd'/>" in words(facts)


def test_the_same_facts_give_the_same_bytes() -> None:
    assert _printed(FACTS) == _printed(FACTS)


def test_all_of_a_long_summary_is_read_in_order_on_several_pages() -> None:
    many = tuple(replace(MEMBERS[0], name=f"recu/{rank:03d}-acte.pdf") for rank in range(150))
    facts = replace(FACTS, dossier=replace(FACTS.dossier, members=many))
    with pikepdf.open(BytesIO(_printed(facts))) as pdf:
        assert len(pdf.pages) > 3
        numbers = pdf.Root.StructTreeRoot.ParentTree.Nums
        assert [int(numbers[rank]) for rank in range(0, len(numbers), 2)] == [
            *range(len(pdf.pages))
        ]
        assert [int(page.obj.StructParents) for page in pdf.pages] == [*range(len(pdf.pages))]
        assert str(pdf.Root.Lang) == "fr-FR"
        for rank, page in enumerate(pdf.pages):
            marks = [
                operands[1].MCID
                for operands, operator in pikepdf.parse_content_stream(page)
                if str(operator) == "BDC" and "/MCID" in operands[1]
            ]
            assert len(marks) == len(numbers[2 * rank + 1])


def test_nothing_is_drawn_outside_of_the_page() -> None:
    acte = replace(ACTE, objet="mot " * 9000, collectivite="Syndicat " + "x" * 300)
    facts = replace(FACTS, dossier=replace(FACTS.dossier, acte=acte))
    document = pypdfium2.PdfDocument(_printed(facts))
    try:
        for page in document:
            width, height = page.get_size()
            for found in page.get_objects():
                left, bottom, right, top = found.get_bounds()
                assert left >= 0
                assert bottom >= 0
                assert right <= width
                assert top <= height
    finally:
        document.close()
