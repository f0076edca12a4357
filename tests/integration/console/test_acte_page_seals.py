"""What the page of an act says of the signatures received and of the seals put on its PDFs."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from transmission.bootstrap import wire
from transmission.domain.pdf_signatures import (
    PdfSignature,
    PdfSignatures,
    ReadSignatures,
    SignatureAnswer,
    TimeSource,
)
from transmission.domain.transmission import SealedDocument, StoredFile
from transmission.settings import load_settings
from transmission.store.rows import dump_parcel, load_parcel
from transmission.store.tables import transmission
from transmission.store.unit_of_work import Register

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def giving(shelf: Any, tmp_path: Path) -> Any:
    """The shelf with its services, which write down who is given a file."""
    settings = load_settings(home=tmp_path, documents_dir=tmp_path / "documents")
    shelf.tools = wire(settings, shelf.engine, shelf.clock)
    return shelf


def _seal(shelf: Any, sent: int, *documents: SealedDocument | None) -> None:
    with shelf.engine.begin() as connection:
        row = connection.execute(transmission.select().where(transmission.c.id == sent)).one()
        parcel = load_parcel(row)
        assert parcel is not None
        sealed = dump_parcel(replace(parcel, documents=documents))
        connection.execute(
            update(transmission).where(transmission.c.id == sent).values(parcel=sealed)
        )


def _found(shelf: Any, sent: int, found: PdfSignatures) -> None:
    with Register(shelf.engine)() as unit:
        unit.keep_signatures(sent, [ReadSignatures(1, "a" * 64, AT, found)])
        unit.commit()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (SignatureAnswer.VALID, "Valide"),
        (SignatureAnswer.INVALID, "Invalide"),
        (SignatureAnswer.UNKNOWN, "On ne sait pas"),
    ],
)
def test_each_signature_received_is_told_with_its_answer_and_reasons(
    shelf: Any, site: Any, answer: SignatureAnswer, said: str
) -> None:
    _, acte_id, sent = shelf.acknowledged(**shelf.parcel())
    signature = PdfSignature(
        answer=answer,
        signer="CN=Maire <b>",
        signed_at=AT,
        time_source=TimeSource.CLAIM,
        coverage="tout le document",
        why=("une raison",),
    )
    _found(shelf, sent, PdfSignatures((signature,)))
    body = site.page(f"/actes/{acte_id}")
    (section,) = body.xpath("//section[@aria-labelledby='signatures-recues']")
    facts = {
        site.words_of(entry.cssselect("dt")[0]): site.words_of(entry.cssselect("dd")[0])
        for entry in section.cssselect(".fiche > div")
    }
    assert facts["Réponse"] == said
    assert facts["Signataire"] == "CN=Maire <b>"
    assert facts["Signé le"].endswith("(déclarée par le signataire)")
    assert site.words_of(section.cssselect("li")[0]) == "une raison"


def test_signatures_that_could_not_be_read_are_told(shelf: Any, site: Any) -> None:
    _, acte_id, sent = shelf.acknowledged(**shelf.parcel())
    _found(shelf, sent, PdfSignatures(unread="ce PDF est chiffré"))
    assert "On ne sait pas : ce PDF est chiffré." in site.words_of(site.page(f"/actes/{acte_id}"))


def test_a_sealed_copy_can_be_taken_beside_what_was_received(giving: Any, site: Any) -> None:
    _, acte_id, sent = giving.acknowledged(**giving.parcel())
    copy = giving.documents.put_bytes(b"%PDF scelle")
    _seal(giving, sent, SealedDocument(copy, "B-B", "sans horodatage : l'autorité ne répond pas"))
    body = site.page(f"/actes/{acte_id}")
    (link,) = body.cssselect(f"#scelle-{sent}-1")
    assert link.get("href").endswith(copy.sha256)
    assert site.get(link.get("href")).content == b"%PDF scelle"
    assert "Acte scellé : sans horodatage : l'autorité ne répond pas." in site.words_of(body)


def test_a_pdf_sent_without_its_seal_says_why(shelf: Any, site: Any) -> None:
    _, acte_id, sent = shelf.acknowledged(**shelf.parcel())
    _seal(shelf, sent, SealedDocument(None, None, "ce PDF est chiffré"))
    words = site.words_of(site.page(f"/actes/{acte_id}"))
    assert "Acte envoyé tel que reçu, sans sceau : ce PDF est chiffré." in words


def test_a_sealed_copy_of_another_act_is_not_given(giving: Any, site: Any) -> None:
    owner, acte_id, sent = giving.acknowledged(**giving.parcel())
    other, _ = giving.acte(owner, "D20260009711", **giving.parcel(2))
    copy: StoredFile = giving.documents.put_bytes(b"%PDF scelle")
    _seal(giving, sent, SealedDocument(copy, "B-T", None))
    assert site.get(f"/fichiers/{acte_id}/{copy.sha256}").status_code == 200
    assert site.get(f"/fichiers/{other}/{copy.sha256}").status_code == 404
