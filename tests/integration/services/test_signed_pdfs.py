"""Signatures that deposited PDFs bear: judged when the act is prepared, and required if asked."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from tests.support.bench import Bench
from tests.support.scene import pdf
from tests.support.signed_pdfs import Town, blank
from transmission.domain.collectivite import SigningKey
from transmission.domain.lifecycle import State
from transmission.domain.pdf_signatures import ReadSignatures, SignatureAnswer
from transmission.domain.transmission import StoredFile, Transmission
from transmission.sandbox.adapters import ApartSignatures
from transmission.services.prepare import prepare
from transmission.services.signed_pdfs import SignatureWatch
from transmission.store.tables import journal

VALID, INVALID, UNKNOWN = SignatureAnswer.VALID, SignatureAnswer.INVALID, SignatureAnswer.UNKNOWN


@pytest.fixture(scope="module")
def town() -> Town:
    return Town()


@pytest.fixture(scope="module")
def signed(town: Town) -> bytes:
    return town.sign(blank())


@pytest.fixture
def trusting(bench: Bench, town: Town, tmp_path: Path) -> Bench:
    """A bench that trusts the root of the mayor."""
    roots = tmp_path / "racines.pem"
    roots.write_bytes(town.root.public_bytes(Encoding.PEM))
    bench.tools = replace(bench.tools, signatures=ApartSignatures(roots))
    return bench


def _found(bench: Bench, about: Transmission) -> tuple[ReadSignatures, ...]:
    with bench.tools.register() as unit:
        return unit.signatures_read([about.id]).get(about.id, ())


def test_what_a_signed_act_says_is_kept_piece_by_piece(trusting: Bench, signed: bytes) -> None:
    altered = signed.replace(b"100 100 l", b"100 109 l")
    made = trusting.prepared(contents=(signed, pdf("Plan"), altered))
    first, second = _found(trusting, made)
    assert (first.ordre, first.found.answer) == (1, VALID)
    assert (second.ordre, second.found.answer) == (3, INVALID)
    assert first.read_at == trusting.clock.now()
    with trusting.engine.connect() as connection:
        details = connection.execute(
            select(journal.c.details).where(
                journal.c.transmission_id == made.id, journal.c.event == "prepared"
            )
        ).scalar_one()
    assert details["signatures_pdf"] == {"1": "valide", "3": "invalide"}


def test_an_unsigned_act_is_never_read_for_signatures(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def read(self, *_: Any) -> Any:
            raise AssertionError("it was read")

    bench.tools = replace(bench.tools, signatures=Refusing())
    assert _found(bench, bench.prepared(contents=(pdf(), pdf("Plan")))) == ()


@pytest.mark.parametrize(("answer", "spoil"), [(UNKNOWN, False), (INVALID, True)])
def test_nothing_is_blocked_by_a_signature_that_is_not_valid_unless_asked(
    bench: Bench, signed: bytes, answer: SignatureAnswer, *, spoil: bool
) -> None:
    content = signed.replace(b"100 100 l", b"100 109 l") if spoil else signed
    made = bench.sent(contents=(content,))
    (found,) = _found(bench, made)
    assert found.found.answer is answer
    assert (("review", bench.authority_id) in bench.bells()) is spoil


def test_our_own_seal_is_not_taken_for_a_signature_received(
    trusting: Bench, signed: bytes, signing_key: SigningKey
) -> None:
    trusting.changed(lambda c: replace(c, signing_key=signing_key, seals_pdf="b"))
    made = trusting.prepared(contents=(pdf(), signed))
    (found,) = _found(trusting, made)
    assert (found.ordre, len(found.found.signatures)) == (2, 1)
    assert made.parcel is not None
    assert [each is not None and each.level for each in made.parcel.documents] == ["B-B", "B-B"]


def _requires(bench: Bench) -> None:
    bench.changed(lambda c: replace(c, signature_exigee=True))


def test_an_authority_that_asks_for_signatures_sends_an_act_that_is_validly_signed(
    trusting: Bench, signed: bytes
) -> None:
    _requires(trusting)
    trusting.sent(contents=(signed, pdf("Plan")))


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (lambda _: (pdf(),), "ne porte aucune signature"),
        (lambda good: (good.replace(b"100 100 l", b"100 109 l"),), "invalide"),
        (lambda good: (pdf(), good), "ne porte aucune signature"),
    ],
)
def test_an_act_that_is_not_validly_signed_waits_for_a_person(
    trusting: Bench, signed: bytes, contents: Callable[[bytes], tuple[bytes, ...]], words: str
) -> None:
    _requires(trusting)
    made = trusting.acte(contents=contents(signed))
    prepare(trusting.tools, made)
    held = trusting.now_of(made.id)
    assert held.state is State.HELD
    assert words in str(held.waiting_for)


def test_a_signature_of_which_nobody_can_say_holds_the_act_and_is_shown(
    bench: Bench, signed: bytes
) -> None:
    _requires(bench)
    made = bench.acte(contents=(signed,))
    prepare(bench.tools, made)
    held = bench.now_of(made.id)
    assert held.state is State.HELD
    assert "on ne sait pas" in str(held.waiting_for)
    (found,) = _found(bench, held)
    assert found.found.answer is UNKNOWN


def test_preparing_again_replaces_what_was_found(
    trusting: Bench, signed: bytes, town: Town
) -> None:
    made = trusting.prepared(contents=(signed,))
    with trusting.tools.register() as unit:
        unit.keep_signatures(made.id, ())
        assert unit.signatures_read([made.id]) == {}


@pytest.mark.parametrize("size", [1, 3, 64, 4096])
def test_the_mark_is_seen_wherever_the_blocks_are_cut(
    bench: Bench, signed: bytes, size: int
) -> None:
    made = bench.acte(contents=(signed,))
    with bench.tools.register() as unit:
        pieces = unit.acte(made.acte_id).pieces
    watch = SignatureWatch(bench.tools, pieces, [pieces[0].file])
    with watch.open(pieces[0].file) as stream:
        again = io.BytesIO()
        while block := stream.read(size):
            again.write(block)
    assert again.getvalue() == signed
    assert watch.signed == {pieces[0].file.sha256}


@pytest.mark.parametrize("size", [7, 1 << 20])
def test_a_mark_in_what_follows_the_received_bytes_is_not_theirs(
    bench: Bench, signed: bytes, size: int
) -> None:
    made = bench.acte(contents=(signed,))
    with bench.tools.register() as unit:
        (piece,) = unit.acte(made.acte_id).pieces
    short = replace(piece, file=StoredFile("0" * 64, signed.index(b"/ByteRange") + 5))
    watch = SignatureWatch(bench.tools, [short], [piece.file])
    with watch.open(piece.file) as stream:
        while stream.read(size):
            pass
    assert watch.signed == set()
