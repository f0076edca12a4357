"""Sealed copies: what is signed, archived and sent is the sealed copy; what came stays."""

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography import x509
from sqlalchemy import select

from tests.support.bench import Bench
from tests.support.scene import Scene, collectivite, pdf
from tests.support.tsa import OpensslTsa, served
from transmission.bootstrap import time_stamper_of
from transmission.domain.collectivite import SigningKey
from transmission.domain.lifecycle import State
from transmission.domain.pdf_signatures import SignatureAnswer, TimeSource
from transmission.domain.transmission import SealedDocument, Transmission
from transmission.ports.time_stamps import NotStamped
from transmission.services.enroll import replace as change
from transmission.services.prepare import SealedBytesError, prepare
from transmission.services.submit import submit
from transmission.settings import load_settings
from transmission.signature.signed_pdf import read_signatures
from transmission.store.tables import journal, transmission

STEM = "042-123456782-20230302-D2023_001-DE-1-1"


def _seals(bench: Bench, key: SigningKey, level: str = "b", *, signs: bool = True) -> None:
    bench.changed(lambda c: replace(c, signing_key=key, seals_pdf=level, signs_documents=signs))


def _members(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        return {member.name: (tar.extractfile(member) or io.BytesIO()).read() for member in tar}


def _document(made: Transmission, rank: int = 0) -> SealedDocument:
    assert made.parcel is not None
    document = made.parcel.documents[rank]
    assert document is not None
    return document


def _own_roots(key: SigningKey) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(Path(str(key.key_file)).read_bytes())


def test_the_state_receives_the_sealed_copy_and_its_signature_is_over_those_bytes(
    scene: Scene, signing_key: SigningKey, verified: Any
) -> None:
    change(
        scene.tools,
        collectivite(scene.mock, signing_key=signing_key, signs_documents=True, seals_pdf="b"),
    )
    received = (pdf("Délibération"), pdf("Plan"))
    taken = scene.accept(contents=received)
    scene.run("prepare", "submit")
    (transaction,) = scene.mock.platform.registry.acts(STEM.removesuffix("-1-1"))
    assert transaction.envelope.archive is not None
    files = _members(transaction.envelope.archive.read_bytes())
    sent = [files[f"99_DE-{STEM}_{rank}.pdf"] for rank in (1, 2)]
    assert all(ours.startswith(theirs) for ours, theirs in zip(sent, received, strict=True))
    assert [len(ours) > len(theirs) for ours, theirs in zip(sent, received, strict=True)] == [
        True,
        True,
    ]
    with scene.tools.register() as unit:
        made, acte = unit.current_transmission(taken.acte_id), unit.acte(taken.acte_id)
    assert made.parcel is not None
    for piece, ours, theirs, pem, document in zip(
        acte.pieces, sent, received, made.parcel.signatures, made.parcel.documents, strict=True
    ):
        assert document is not None
        assert document.file is not None
        assert document.level == "B-B"
        assert document.file.sha256 == hashlib.sha256(ours).hexdigest()
        assert scene.tools.documents.read(piece.file) == theirs
        assert pem is not None
        assert verified(pem.encode(), ours)
        (seal,) = read_signatures(
            io.BytesIO(ours), _own_roots(signing_key), scene.clock.now()
        ).signatures
        assert seal.answer is SignatureAnswer.VALID


def test_field_by_field_too_the_bytes_sent_are_the_bytes_signed(
    bench: Bench, signing_key: SigningKey
) -> None:
    _seals(bench, signing_key)
    made = bench.sent(contents=(pdf(), pdf("Plan")))
    (parcel,) = bench.parcels()
    assert made.parcel is not None
    for document, kept in zip(parcel.documents, made.parcel.documents, strict=True):
        assert kept is not None
        assert kept.file is not None
        with document.open() as stream:
            content = stream.read()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (
            document.size,
            kept.file.sha256,
        )


def test_a_sealed_copy_that_someone_alters_before_the_archive_never_leaves(
    bench: Bench, signing_key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    _seals(bench, signing_key)
    documents = bench.tools.documents
    place = documents._place  # type: ignore[attr-defined]
    usual = place.put

    def spoiled(source: Any) -> Any:
        kept = usual(source)
        path = documents.path(kept)
        path.chmod(0o600)
        content = path.read_bytes()
        path.write_bytes(content[:-9] + b"saboteur\n")
        return kept

    made = bench.acte(contents=(pdf(),))
    monkeypatch.setattr(place, "put", spoiled)
    prepare(bench.tools, made)
    held = bench.now_of(made.id)
    assert held.state is State.HELD
    assert SealedBytesError.__doc__
    assert "ne contient pas exactement les fichiers contrôlés" in str(held.waiting_for)


def test_a_pdf_that_cannot_be_sealed_leaves_as_it_came_and_says_why(
    bench: Bench, signing_key: SigningKey
) -> None:
    _seals(bench, signing_key)
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as opened:
        opened.save(locked, encryption=pikepdf.Encryption(owner="secret", user=""))
    made = bench.sent(contents=(locked.getvalue(), pdf("Plan"), b"%PDF rien"))
    left, sealed, damaged = (_document(made, rank) for rank in range(3))
    assert (left.file, left.level, left.reason) == (None, None, "ce PDF est chiffré")
    assert (sealed.level, sealed.reason) == ("B-B", None)
    assert damaged.file is None
    with bench.parcels()[0].documents[0].open() as stream:
        assert stream.read() == locked.getvalue()


def test_what_is_sealed_is_written_in_the_journal(bench: Bench, signing_key: SigningKey) -> None:
    _seals(bench, signing_key)
    made = bench.prepared(contents=(pdf(),))
    with bench.engine.connect() as connection:
        details = connection.execute(
            select(journal.c.details).where(
                journal.c.transmission_id == made.id, journal.c.event == "prepared"
            )
        ).scalar_one()
    file = _document(made).file
    assert file is not None
    assert details["documents_scelles"] == {"1": file.sha256}


def test_without_the_option_a_parcel_is_written_as_it_always_was(
    bench: Bench, signing_key: SigningKey
) -> None:
    bench.changed(lambda c: replace(c, signing_key=signing_key))
    made = bench.prepared(contents=(pdf(),))
    with bench.engine.connect() as connection:
        parcel = connection.execute(
            select(transmission.c.parcel).where(transmission.c.id == made.id)
        ).scalar_one()
    assert sorted(parcel) == sorted({"archive", "message", "seal", "signatures"} | parcel.keys())
    assert "documents" not in parcel
    assert made.parcel is not None
    assert made.parcel.documents == ()


def test_a_real_authority_of_time_makes_the_seal_one_of_level_t(
    bench: Bench, signing_key: SigningKey, tmp_path: Path
) -> None:
    tsa = OpensslTsa(tmp_path / "tsa")
    with served(tsa.answer) as listening:
        settings = load_settings(tsa_urls=(listening.address,), tsa_roots_file=tsa.roots_file)
        bench.tools = replace(bench.tools, seal_stamper=time_stamper_of(settings))
        _seals(bench, signing_key, "t")
        made = bench.prepared(contents=(pdf(),))
        assert (_document(made).level, _document(made).reason) == ("B-T", None)
    file = _document(made).file
    assert file is not None
    roots = [
        *_own_roots(signing_key),
        *x509.load_pem_x509_certificates(tsa.roots_file.read_bytes()),
    ]
    content = bench.tools.documents.read(file)
    (seal,) = read_signatures(io.BytesIO(content), roots, bench.clock.now()).signatures
    # The authority of time has the hour of the machine, years after the scene.
    assert seal.time_source is TimeSource.STAMP
    assert seal.signed_at is not None
    assert seal.signed_at > bench.clock.now()


def test_an_authority_of_time_that_is_down_delays_nothing_and_it_is_said(
    bench: Bench, signing_key: SigningKey
) -> None:
    class Down:
        def stamp(self, digest: bytes) -> NotStamped:
            return NotStamped("l'autorité ne répond pas")

    bench.tools = replace(bench.tools, seal_stamper=Down())
    _seals(bench, signing_key, "t")
    made = bench.prepared(contents=(pdf(),))
    assert _document(made).level == "B-B"
    assert _document(made).reason == "sans horodatage : l'autorité ne répond pas"
    bench.tools = replace(bench.tools, seal_stamper=None)
    assert "aucune autorité d'horodatage n'est configurée" in str(
        _document(bench.prepared(contents=(pdf(),))).reason
    )


def test_a_parcel_sealed_before_is_sent_as_it_was_made_whatever_the_option_says_now(
    bench: Bench, signing_key: SigningKey
) -> None:
    _seals(bench, signing_key)
    made = bench.prepared(contents=(pdf(),))
    bench.changed(lambda c: replace(c, seals_pdf="non"))
    submit(bench.tools, bench.now_of(made.id))
    file = _document(made).file
    assert file is not None
    with bench.parcels()[0].documents[0].open() as stream:
        assert hashlib.sha256(stream.read()).hexdigest() == file.sha256
