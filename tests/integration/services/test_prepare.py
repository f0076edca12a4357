"""Preparation: signed, sealed, read again; what cannot be prepared waits for a person."""

import hashlib
import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.support.bench import Bench
from tests.support.scene import Scene, collectivite, pdf
from transmission.domain.collectivite import SigningKey
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Author, Transmission
from transmission.services.enroll import replace as change
from transmission.services.prepare import prepare
from transmission.services.release import release
from transmission.services.sweep import record_failure
from transmission.signature.errors import HardwareAwayError
from transmission.signature.signers import IdentitySigner
from transmission.signature.xades import verify_files
from transmission.store.documents import DiskDocumentStore

Verify = Callable[[bytes, bytes], bool]
ACTES = {"a": "http://www.interieur.gouv.fr/ACTES#v1.1-20040216"}
STEM = "042-123456782-20230302-D2023_001-DE-1-1"
OPERATOR = Author("opératrice", "la clé est revenue")


def _unpacked(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=BytesIO(archive), mode="r:gz") as tar:
        found = {}
        for member in tar:
            stream = tar.extractfile(member)
            assert stream is not None
            found[member.name] = stream.read()
    return found


def _signs(bench: Bench, key: SigningKey | None, *, documents: bool = True) -> None:
    bench.changed(lambda c: replace(c, signing_key=key, signs_documents=documents))


def _archive(bench: Bench, transmission: Transmission) -> bytes:
    assert transmission.parcel is not None
    return bench.tools.documents.read(transmission.parcel.archive)


def _altered(bench: Bench, transmission: Transmission) -> Path:
    with bench.tools.register() as unit:
        file = unit.acte(transmission.acte_id).pieces[0].file
    path = bench.tools.documents.path(file)
    path.chmod(0o600)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    return path


def test_openssl_finds_right_every_signature_in_the_archive_that_the_tdt_received(
    scene: Scene, signing_key: SigningKey, verified: Verify
) -> None:
    signing = collectivite(scene.mock, signing_key=signing_key, signs_documents=True)
    change(scene.tools, signing)
    contents = (pdf("Délibération"), pdf("Plan"))
    scene.accept(contents=contents)
    scene.run("prepare", "submit")
    (transaction,) = scene.mock.platform.registry.acts(STEM.removesuffix("-1-1"))
    assert transaction.envelope.archive is not None
    files = _unpacked(transaction.envelope.archive.read_bytes())
    message = etree.fromstring(files[f"{STEM}_0.xml"])
    pems = message.xpath(".//a:Signature/text()", namespaces=ACTES)
    names = message.xpath(".//a:NomFichier/text()", namespaces=ACTES)
    assert names == [f"99_DE-{STEM}_1.pdf", f"99_DE-{STEM}_2.pdf"]
    assert [files[name] for name in names] == list(contents)
    assert [verified(pem.encode(), files[name]) for pem, name in zip(pems, names, strict=True)] == [
        True,
        True,
    ]
    assert not verified(pems[0].encode(), files[names[1]])


def test_the_seal_is_a_signature_of_the_exact_bytes_that_will_leave(
    bench: Bench, signing_key: SigningKey, verified: Verify
) -> None:
    _signs(bench, signing_key, documents=False)
    made = bench.prepared()
    assert made.parcel is not None
    assert made.parcel.seal is not None
    seal, archive = bench.tools.documents.read(made.parcel.seal), _archive(bench, made)
    assert verified(seal, archive)
    assert not verified(seal, archive[:-1] + b"\x01")
    assert made.parcel.signatures == (None,)


def test_a_seal_in_xml_refers_to_the_archive_by_its_name(
    bench: Bench, signing_key: SigningKey
) -> None:
    bench.changed(lambda c: replace(c, signing_key=signing_key, seal_format="xades"))
    made = bench.prepared()
    parcel = made.parcel
    assert parcel is not None
    assert parcel.seal is not None
    assert (parcel.seal_format, parcel.seal_extension) == ("xades", "xml")
    digest = hashlib.sha256(_archive(bench, made)).digest()
    seal = bench.tools.documents.read(parcel.seal)
    assert verify_files(seal, {parcel.archive_name: digest})
    # What was sealed so stays so, whatever is chosen later.
    bench.changed(lambda c: replace(c, seal_format="cades"))
    assert bench.now_of(made.id).parcel == parcel


def test_of_two_keys_the_one_that_works_signs_while_the_other_is_away(
    bench: Bench, signing_key: SigningKey, verified: Verify
) -> None:
    absent = SigningKey(str(Path(str(signing_key.key_file)).with_name("absent.pem")))
    bench.changed(lambda c: replace(c, signing_key=absent, signing_keys=(signing_key,)))
    made = bench.prepared()
    assert made.parcel is not None
    assert made.parcel.seal is not None
    assert verified(bench.tools.documents.read(made.parcel.seal), _archive(bench, made))


def test_an_authority_without_a_key_signs_and_seals_nothing(bench: Bench) -> None:
    made = bench.prepared()
    assert made.parcel is not None
    assert (made.parcel.seal, made.parcel.signatures) == (None, (None,))


def test_the_archive_holds_the_envelope_the_message_and_exactly_the_bytes_checked(
    bench: Bench,
) -> None:
    contents = (b"%PDF acte", b"%PDF plan", bytes(range(256)) * 5000)
    made = bench.prepared(contents=contents)
    assert made.parcel is not None
    files = _unpacked(_archive(bench, made))
    assert list(files) == [
        "EACT--123456782--20230310-1.xml",
        f"{STEM}_0.xml",
        *(f"99_DE-{STEM}_{rank}.pdf" for rank in (1, 2, 3)),
    ]
    assert tuple(files.values())[2:] == contents
    assert files[f"{STEM}_0.xml"] == bench.tools.documents.read(made.parcel.message)
    assert f"{STEM}_0.xml".encode() in files["EACT--123456782--20230310-1.xml"]
    assert made.parcel.archive_name == "SLO-EACT--123456782--20230310-1.tar.gz"


@pytest.mark.parametrize(
    ("zone", "day"), [("Europe/Paris", "20230311"), ("America/Cayenne", "20230310")]
)
def test_an_envelope_bears_the_civil_day_of_the_authority(
    bench: Bench, zone: str, day: str
) -> None:
    bench.changed(lambda c: replace(c, time_zone=zone))
    bench.clock.instant = datetime(2023, 3, 10, 23, 30, tzinfo=UTC)
    made = bench.prepared()
    assert made.parcel is not None
    assert f"--{day}-1.tar.gz" in made.parcel.archive_name


def test_preparing_twice_makes_one_envelope(bench: Bench) -> None:
    made = bench.prepared()
    prepare(bench.tools, bench.now_of(made.id))
    assert bench.now_of(made.id) == made
    assert bench.events(made.id) == ["accepted", "prepared"]


def test_an_act_that_moved_since_it_was_taken_is_left_alone_and_its_number_given_back(
    bench: Bench,
) -> None:
    made = bench.acte()
    with bench.tools.register() as unit:
        held = unit.move(made, Event.HELD, SERVICE, bench.clock.now())
        unit.commit()
    assert prepare(bench.tools, made) is None
    assert bench.now_of(made.id) == held
    assert bench.prepared().parcel.enveloppe.numero == 1  # type: ignore[union-attr]


def test_a_missing_key_is_told_to_a_person_and_the_act_goes_on_once_it_is_back(
    bench: Bench, signing_key: SigningKey
) -> None:
    _signs(bench, signing_key)
    key_file = Path(signing_key.key_file)
    content = key_file.read_bytes()
    key_file.unlink()
    made = bench.acte()
    prepare(bench.tools, bench.now_of(made.id))
    held = bench.now_of(made.id)
    assert (held.state, held.next_attempt_at, held.parcel) == (State.HELD, None, None)
    assert held.waiting_for is not None
    assert held.waiting_for.startswith("Préparation impossible")
    assert key_file.name in held.waiting_for
    key_file.write_bytes(content)
    release(bench.tools, made.acte_id, OPERATOR)
    assert bench.bells()[-1] == ("send", bench.authority_id)
    prepare(bench.tools, bench.now_of(made.id))
    assert bench.now_of(made.id).state is State.PREPARED
    assert bench.events(made.id) == [
        "accepted", "preparation_failed", "released_to_prepare", "prepared",
    ]  # fmt: skip


def test_a_key_in_hardware_that_is_away_holds_nothing_and_the_work_is_done_again(
    bench: Bench, signing_key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    _signs(bench, signing_key)
    made = bench.acte()

    def away(*_: object) -> bytes:
        raise HardwareAwayError("Le jeton ne répond pas.")

    with monkeypatch.context() as patch:
        patch.setattr(IdentitySigner, "sign", away)
        with pytest.raises(HardwareAwayError):
            prepare(bench.tools, bench.now_of(made.id))
    assert bench.now_of(made.id) == made
    prepare(bench.tools, bench.now_of(made.id))
    assert bench.now_of(made.id).state is State.PREPARED


def test_an_expired_certificate_is_told_with_its_date(
    bench: Bench, signing_key: SigningKey
) -> None:
    _signs(bench, signing_key)
    bench.clock.advance(timedelta(days=60).total_seconds())
    made = bench.acte()
    prepare(bench.tools, bench.now_of(made.id))
    held = bench.now_of(made.id)
    assert held.state is State.HELD
    assert "a expiré le 09/04/2023" in str(held.waiting_for)


def test_a_damaged_document_is_never_sealed(bench: Bench) -> None:
    made = bench.acte()
    _altered(bench, made)
    prepare(bench.tools, bench.now_of(made.id))
    held = bench.now_of(made.id)
    assert (held.state, held.parcel) == (State.HELD, None)
    assert "exactement les fichiers contrôlés" in str(held.waiting_for)


def test_a_document_that_disappeared_is_told_with_the_beginning_of_its_digest(
    bench: Bench,
) -> None:
    made = bench.acte()
    path = _altered(bench, made)
    path.unlink()
    prepare(bench.tools, bench.now_of(made.id))
    held = bench.now_of(made.id)
    assert held.state is State.HELD
    assert path.name[:12] in str(held.waiting_for)


def test_the_number_of_an_envelope_that_was_not_made_serves_the_next(bench: Bench) -> None:
    damaged = bench.acte()
    _altered(bench, damaged)
    prepare(bench.tools, bench.now_of(damaged.id))
    made = bench.prepared()
    assert made.parcel is not None
    assert made.parcel.enveloppe.numero == 1


def test_a_fault_of_the_machine_gives_everything_back_and_the_work_is_done_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, bells = bench.acte(), bench.bells()

    def full(_store: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(DiskDocumentStore, "draft", full)
        with pytest.raises(OSError, match="space"):
            prepare(bench.tools, bench.now_of(made.id))
    assert bench.now_of(made.id) == made
    assert (bench.events(made.id), bench.bells()) == (["accepted"], bells)
    prepare(bench.tools, bench.now_of(made.id))
    parcel = bench.now_of(made.id).parcel
    assert parcel is not None
    assert parcel.enveloppe.numero == 1


def test_faults_that_were_overcome_are_forgotten(bench: Bench) -> None:
    made = bench.acte()
    record_failure(bench.tools, made.id, "prepare", "disque plein")
    assert bench.now_of(made.id).failures == 1
    prepare(bench.tools, bench.now_of(made.id))
    assert bench.now_of(made.id).failures == 0
