"""From a stored act to what travels: names, order, and streams over the stored bytes."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.acte import Matiere
from transmission.domain.collectivite import Collectivite, TdtAccount
from transmission.domain.identifiers import (
    Departement,
    NatureActe,
    NomEnveloppe,
    NomFichier,
    NumeroInterne,
    Siren,
)
from transmission.domain.transmission import AdoptedActe, Piece, SealedParcel, StoredFile
from transmission.services.sending import as_message, as_parcel, document_name, message_name

SIREN = Siren("123456782")
STEM = "042-123456782-20230302-D2023_001-DE-1-1"
COLLECTIVITE = Collectivite(
    SIREN,
    Departement("042"),
    2,
    "31",
    "Commune de Saint-Exemple",
    ("retours@example.org",),
    TdtAccount("s2low", "TdT", "https://tdt.example", "c.pem", "k.pem", None, "ca.pem"),
)


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


def test_the_message_bears_the_act_as_it_was_adopted_and_its_signatures_in_order() -> None:
    message = as_message(COLLECTIVITE, ACTE, SEALED.signatures)
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
        as_message(COLLECTIVITE, ACTE, ("PEM 1",))


def test_the_business_xml_bears_the_act_and_sequence_zero() -> None:
    assert str(message_name(ACTE.id_acte("042", SIREN))) == f"{STEM}_0.xml"


@given(st.integers(1, 9999), st.sampled_from(["pdf", "jpg", "png", "xml"]))
def test_the_name_of_a_document_is_read_back_by_the_protocol(ordre: int, extension: str) -> None:
    piece = _piece(ordre, extension)
    parsed = NomFichier.parse(document_name(ACTE.id_acte("042", SIREN), piece))
    assert (parsed.sequence, parsed.extension, parsed.typologie) == (ordre, extension, "99_DE")


def test_a_parcel_gives_the_sealed_archive_and_each_document_in_its_order() -> None:
    tools: Any = Tools()
    parcel = as_parcel(tools, COLLECTIVITE, ACTE, SEALED)
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
    documents = as_parcel(tools, COLLECTIVITE, ACTE, SEALED).documents
    contents = [item.open().read() for item in (*documents, documents[0])]
    assert contents == [b"digest-1", b"digest-2", b"digest-3", b"digest-4", b"digest-1"]


def test_an_act_alone_has_no_annex() -> None:
    alone = replace(ACTE, pieces=ACTE.pieces[:1])
    assert as_message(COLLECTIVITE, alone, (None,)).annexes == ()
