"""Signatures of PDFs are judged apart, and whatever happens there is an answer."""

import io
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.signed_pdfs import DAY, SIGNED, Town, blank
from transmission.domain.pdf_signatures import PdfSignatures, SignatureAnswer
from transmission.sandbox.adapters import ApartSignatures
from transmission.sandbox.pool import Sandbox, TooHeavyError
from transmission.signature.signed_pdf import read_signatures

NOW = SIGNED + DAY


class _Dead(Sandbox):
    def run(self, *_: Any) -> Any:
        raise TooHeavyError("le lire l'a tué")


class _Answering(Sandbox):
    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def run(self, *_: Any) -> Any:
        return self._answer


def test_the_answer_is_that_of_this_process(tmp_path: Path) -> None:
    town, roots = Town(), tmp_path / "racines.pem"
    roots.write_bytes(town.root.public_bytes(Encoding.PEM))
    signed = town.sign(blank())
    for content in (signed, blank(), b"%PDF", signed.replace(b"100 100 l", b"100 109 l")):
        expected = read_signatures(io.BytesIO(content), [town.root], NOW)
        assert ApartSignatures(roots).read(io.BytesIO(content), NOW) == expected
    without = ApartSignatures(None).read(io.BytesIO(signed), NOW)
    assert without.answer is SignatureAnswer.UNKNOWN


def test_a_pdf_that_kills_its_reader_has_an_answer() -> None:
    found = ApartSignatures(None, _Dead()).read(io.BytesIO(b"%PDF"), NOW)
    assert found == PdfSignatures(unread="le lire l'a tué")


@pytest.mark.parametrize("answer", [None, {}, {"signatures": 3, "unread": None}, []])
def test_a_reader_that_answers_anything_has_an_answer(answer: Any) -> None:
    found = ApartSignatures(None, _Answering(answer)).read(io.BytesIO(b"%PDF"), NOW)
    assert found.answer is SignatureAnswer.UNKNOWN


def test_roots_that_are_gone_are_told(tmp_path: Path) -> None:
    found = ApartSignatures(tmp_path / "rien.pem").read(io.BytesIO(b"%PDF"), NOW)
    assert "les racines de confiance manquent" in str(found.unread)
    (tmp_path / "autre.pem").write_text("rien de tel")
    found = ApartSignatures(tmp_path / "autre.pem").read(io.BytesIO(b"%PDF"), NOW)
    assert found == PdfSignatures(unread="aucune racine de confiance n'est lisible")
