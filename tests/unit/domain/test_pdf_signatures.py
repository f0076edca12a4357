from datetime import UTC, datetime

import pytest

from transmission.domain.pdf_signatures import (
    PdfSignature,
    PdfSignatures,
    SignatureAnswer,
    TimeSource,
    dump_signatures,
    load_signatures,
)

VALID, INVALID, UNKNOWN = SignatureAnswer.VALID, SignatureAnswer.INVALID, SignatureAnswer.UNKNOWN


@pytest.mark.parametrize(
    ("answers", "unread", "expected"),
    [
        ((), None, None),
        ((VALID,), None, VALID),
        ((VALID, VALID), None, VALID),
        ((VALID, UNKNOWN), None, UNKNOWN),
        ((VALID, UNKNOWN, INVALID), None, INVALID),
        ((), "illisible", UNKNOWN),
        ((VALID,), "illisible", UNKNOWN),
        ((INVALID,), "illisible", INVALID),
    ],
)
def test_the_worst_signature_is_the_answer_and_none_makes_up_for_another(
    answers: tuple[SignatureAnswer, ...], unread: str | None, expected: SignatureAnswer | None
) -> None:
    assert PdfSignatures(tuple(map(PdfSignature, answers)), unread).answer is expected


def test_each_signature_is_told_in_one_line_and_what_was_not_read_last() -> None:
    signature = PdfSignature(INVALID, "CN=Maire", why=("altérée", "et expirée"))
    assert PdfSignatures((signature, PdfSignature(UNKNOWN)), "la suite manque").reasons == (
        "CN=Maire : invalide ; altérée ; et expirée",
        "signataire illisible : on ne sait pas",
        "la suite manque",
    )


def test_json_and_back() -> None:
    whole = PdfSignature(
        answer=VALID,
        signer="CN=Maire",
        issuer="CN=Racine",
        signed_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
        time_source=TimeSource.STAMP,
        coverage="tout",
        changes="aucun",
        algorithms="RSA",
        why=("a", "b"),
    )
    for found in (PdfSignatures((whole, PdfSignature(UNKNOWN))), PdfSignatures(unread="non")):
        assert load_signatures(dump_signatures(found)) == found
