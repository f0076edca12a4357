"""From a stored act to what travels: names, order, and streams over the stored bytes."""

from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.bench import COLLECTIVITE
from transmission.domain.acte import Acte, FichierSigne, Matiere
from transmission.domain.courriers import Annulation, DemandePieceComplementaire, LettreObservations
from transmission.domain.identifiers import (
    IdActe,
    NatureActe,
    NomEnveloppe,
    NomFichier,
    NumeroInterne,
    Siren,
)
from transmission.domain.lifecycle import State
from transmission.domain.messages import kind_of
from transmission.domain.transmission import (
    AdoptedActe,
    Piece,
    SealedParcel,
    StoredFile,
    Transmission,
)
from transmission.ports import Bearings
from transmission.services.sending import Content, UnansweredLetterError, as_parcel

SIREN = Siren("123456782")
STEM = "042-123456782-20230302-D2023_001-DE-1-1"


def _piece(ordre: int, extension: str = "pdf", code: str = "99_DE") -> Piece:
    return Piece(ordre, f"pièce {ordre}", code, extension, StoredFile(f"digest-{ordre}", ordre))


ACTE = AdoptedActe(
    collectivite_id=1,
    numero_interne=NumeroInterne("D2023_001"),
    date_decision=date(2023, 3, 2),
    nature=NatureActe.DELIBERATION,
    matiere=Matiere((7, 5)),
    objet="Subvention",
    date_classification=date(2023, 1, 2),
    document_papier=True,
    pieces=(_piece(1), _piece(2, "jpg", "22_PN"), _piece(3, "xml"), _piece(4, "png")),
    fingerprint="00",
)
SEALED = SealedParcel(
    NomEnveloppe("EACT", SIREN, "", date(2023, 3, 10), 1),
    "SLO-EACT--123456782--20230310-1.tar.gz",
    StoredFile("archive", 99),
    StoredFile("message", 9),
    None,
    ("PEM 1", None, "PEM 3", None),
)


ID = IdActe("042", SIREN, date(2023, 3, 2), "D2023_001", NatureActe.DELIBERATION)
BEARINGS = Bearings("47", None, frozenset({"47"}))
LETTER = IdActe.parse("042-123456782-20230302-D2023_001-DE"), date(2023, 4, 3)
DEMANDE = DemandePieceComplementaire(*LETTER, "Le plan", FichierSigne("a.pdf"))
OBSERVATIONS = LettreObservations(*LETTER, "Vice de forme", FichierSigne("a.pdf"))


def content(message: str = "1-1", letter: object = None, **changes: Any) -> Content:
    """What a transmission of that message is made of."""
    since = datetime(2023, 3, 10, 9, tzinfo=UTC)
    sent = Transmission(
        1, 2, 3, message, 4 if letter else None, State.PREPARED, since, 0, 0, 0, 0, None, None,
        None, None, ID, date(2023, 1, 2) if message == "1-1" else None, None, None,
    )  # fmt: skip
    return Content(COLLECTIVITE, replace(sent, **changes), ACTE, ACTE.pieces, letter)


class Shelf:
    """Documents whose content is the name of their digest."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open(self, file: StoredFile) -> BinaryIO:
        self.opened.append(file.sha256)
        return BytesIO(file.sha256.encode())


class Tools:
    """As much of a toolbox as a parcel takes."""

    def __init__(self) -> None:
        self.documents = Shelf()

    def bearings(self, about: Transmission) -> Bearings:
        return BEARINGS


def test_the_message_bears_the_act_as_it_was_adopted_and_its_signatures_in_order() -> None:
    message = content().message(SEALED.signatures)
    assert isinstance(message, Acte)
    assert str(message.id_acte) == "042-123456782-20230302-D2023_001-DE"
    assert (message.objet, str(message.matiere)) == ("Subvention", "7.5")
    assert (message.date_classification, message.document_papier) == (date(2023, 1, 2), True)
    assert message.document.nom_fichier == f"99_DE-{STEM}_1.pdf"
    assert [annexe.nom_fichier for annexe in message.annexes] == [
        f"22_PN-{STEM}_2.jpg",
        f"99_DE-{STEM}_3.xml",
        f"99_DE-{STEM}_4.png",
    ]
    assert [f.signature for f in (message.document, *message.annexes)] == [
        "PEM 1", None, "PEM 3", None,
    ]  # fmt: skip


def test_a_signature_too_few_is_never_shifted_to_the_next_file() -> None:
    with pytest.raises(ValueError, match="shorter"):
        content().message(("PEM 1",))


def test_the_business_xml_bears_the_act_and_sequence_zero() -> None:
    assert str(content().name) == f"{STEM}_0.xml"


@given(st.integers(1, 9999), st.sampled_from(["pdf", "jpg", "png", "xml"]))
def test_the_name_of_a_document_is_read_back_by_the_protocol(ordre: int, extension: str) -> None:
    piece = _piece(ordre, extension)
    parsed = NomFichier.parse(content().document_name(piece))
    assert (parsed.sequence, parsed.extension, parsed.typologie) == (ordre, extension, "99_DE")


def test_a_parcel_gives_the_sealed_archive_and_each_document_in_its_order() -> None:
    tools: Any = Tools()
    parcel = as_parcel(tools, tools, content(), SEALED)
    assert tools.documents.opened == []
    assert (parcel.stem, parcel.archive_name) == (STEM, SEALED.archive_name)
    assert (parcel.archive_sha256, parcel.archive_size) == ("archive", 99)
    assert parcel.open_archive().read() == b"archive"
    told = [
        (item.nom_fichier, item.code_type_pj, item.mime, item.size, item.signature)
        for item in parcel.documents
    ]
    assert told == [
        (f"99_DE-{STEM}_1.pdf", "99_DE", "application/pdf", 1, "PEM 1"),
        (f"22_PN-{STEM}_2.jpg", "22_PN", "image/jpeg", 2, None),
        (f"99_DE-{STEM}_3.xml", "99_DE", "text/xml", 3, "PEM 3"),
        (f"99_DE-{STEM}_4.png", "99_DE", "image/png", 4, None),
    ]


def test_every_document_opens_on_its_own_bytes_as_often_as_asked() -> None:
    tools: Any = Tools()
    documents = as_parcel(tools, tools, content(), SEALED).documents
    contents = [item.open().read() for item in (*documents, documents[0])]
    assert contents == [b"digest-1", b"digest-2", b"digest-3", b"digest-4", b"digest-1"]


def test_an_act_alone_has_no_annex() -> None:
    alone = replace(content(), pieces=ACTE.pieces[:1]).message((None,))
    assert isinstance(alone, Acte)
    assert alone.annexes == ()


def test_the_act_says_the_classification_and_the_number_that_this_sending_has() -> None:
    renumbered = replace(ID, numero_interne="D2023_001_2")
    sent = content(id_acte=renumbered, date_classification=date(2023, 6, 1))
    message = sent.message(SEALED.signatures)
    assert isinstance(message, Acte)
    assert (message.id_acte, message.date_classification) == (renumbered, date(2023, 6, 1))
    assert str(sent.name) == f"{STEM.replace('D2023_001', 'D2023_001_2')}_0.xml"


def test_a_cancellation_names_its_act_alone() -> None:
    sent = replace(content("6-1"), pieces=())
    assert sent.message(()) == Annulation(ID)
    assert str(sent.name).endswith("-DE-6-1_0.xml")


@pytest.mark.parametrize(
    ("code", "letter"),
    [
        ("3-2", DEMANDE),
        ("3-3", DEMANDE),
        ("3-4", DEMANDE),
        ("4-2", OBSERVATIONS),
        ("4-3", OBSERVATIONS),
        ("4-4", OBSERVATIONS),
    ],
)
def test_an_answer_repeats_the_date_of_its_letter(code: str, letter: Any) -> None:
    message: Any = content(code, letter).message(SEALED.signatures)
    assert kind_of(message).code == code
    assert (message.id_acte, message.date_courrier_pref) == LETTER


def test_an_answer_that_its_letter_does_not_call_for_is_not_made() -> None:
    with pytest.raises(UnansweredLetterError, match="3-4"):
        content("3-4", OBSERVATIONS).message(SEALED.signatures)


def test_the_parcel_says_what_the_tdt_calls_the_act() -> None:
    tools: Any = Tools()
    assert as_parcel(tools, tools, content("6-1"), SEALED).bearings == BEARINGS
    # An act speaks of nothing that the TdT has: the register is not asked.
    assert as_parcel(tools, tools, content(), SEALED).bearings == Bearings()
