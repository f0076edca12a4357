"""Signing keys are loaded once, and again when their files change."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.bench import COLLECTIVITE
from transmission.domain.collectivite import SigningKey
from transmission.domain.errors import TransmissionError
from transmission.signature import signers
from transmission.signature.errors import (
    CertificateExpiredError,
    CertificateNotYetValidError,
    KeyFileError,
    NoUsableKeyError,
    PassphraseError,
)
from transmission.signature.own_seal import OwnSeal
from transmission.signature.signers import SignerCache
from transmission.signature.xades import verify_files

NO_SEAL = OwnSeal(Path("/nowhere"))
DIGEST = hashlib.sha256(b"acte").digest()
Load = Callable[[], int]


@pytest.fixture
def key(signer: Callable[[str], Any], tmp_path: Path) -> SigningKey:
    """A key of its own for each test, so that its files can change."""
    made = signer("p-256")
    key_file, certificate_file = tmp_path / "key.pem", tmp_path / "certificate.pem"
    key_file.write_bytes(made.key_file.read_bytes())
    chain = made.chain_file.read_bytes()
    certificate_file.write_bytes(made.certificate_file.read_bytes() + chain)
    return SigningKey(str(key_file), str(certificate_file))


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Load:
    """How many times a key was read from disk."""
    times: list[object] = []
    real: Any = signers.__dict__["identity_of"]

    def counted(source: Any) -> Any:
        times.append(source)
        return real(source)

    monkeypatch.setattr(signers, "identity_of", counted)
    return lambda: len(times)


def _later(path: str, seconds: int = 1) -> None:
    told = Path(path).stat()
    os.utime(path, (told.st_atime, told.st_mtime + seconds))


def test_a_key_is_read_once_and_signs_many_times(
    key: SigningKey, signed_at: datetime, loads: Load
) -> None:
    cache = SignerCache(NO_SEAL)
    for _ in range(3):
        assert cache.signer(key, signed_at).sign(DIGEST, signed_at)
    assert loads() == 1


def test_the_text_of_a_signature_is_the_pem_of_the_same_kind_of_signature(
    key: SigningKey,
    signed_at: datetime,
    openssl: Callable[..., Any],
    authority: Any,
    tmp_path: Path,
) -> None:
    document = tmp_path / "acte.pdf"
    document.write_bytes(b"acte")
    made = SignerCache(NO_SEAL).signer(key, signed_at)
    text, binary = tmp_path / "text.pem", tmp_path / "binary.der"
    text.write_text(made.sign_as_text(DIGEST, signed_at))
    binary.write_bytes(made.sign(DIGEST, signed_at))
    for signature, form in ((text, "PEM"), (binary, "DER")):
        openssl(
            "cms", "-verify", "-binary", "-inform", form, "-in", signature,
            "-content", document, "-CAfile", authority.file, "-purpose", "any",
            "-attime", int(signed_at.timestamp()), "-out", os.devnull,
        )  # fmt: skip


@pytest.mark.parametrize("changed", ["key_file", "certificate_file"])
def test_a_file_that_changes_makes_the_key_read_again(
    key: SigningKey, signed_at: datetime, loads: Load, changed: str
) -> None:
    cache = SignerCache(NO_SEAL)
    cache.signer(key, signed_at)
    _later(getattr(key, changed))
    cache.signer(key, signed_at)
    assert loads() == 2


def test_a_renewed_certificate_signs_without_a_restart(
    key: SigningKey,
    signed_at: datetime,
    authority: Any,
    private_key: Callable[[str], Any],
) -> None:
    cache = SignerCache(NO_SEAL)
    expiry = cache.signer(key, signed_at)._identity.certificate.not_valid_after_utc
    after = expiry + timedelta(days=1)
    with pytest.raises(CertificateExpiredError, match="renouvelé"):
        cache.signer(key, after)
    renewed = authority.issue(private_key("p-256"), begin=signed_at, end=after + timedelta(days=99))
    assert key.certificate_file is not None
    Path(key.certificate_file).write_bytes(renewed.public_bytes(Encoding.PEM))
    _later(key.certificate_file)
    assert cache.signer(key, after).sign(DIGEST, after)


def test_a_file_restored_from_the_past_is_read_again_too(
    key: SigningKey, signed_at: datetime, loads: Load
) -> None:
    cache = SignerCache(NO_SEAL)
    cache.signer(key, signed_at)
    _later(str(key.key_file), -3600)
    cache.signer(key, signed_at)
    assert loads() == 2


def test_a_key_taken_away_signs_no_more(key: SigningKey, signed_at: datetime) -> None:
    cache = SignerCache(NO_SEAL)
    cache.signer(key, signed_at)
    Path(str(key.key_file)).unlink()
    with pytest.raises(KeyFileError, match="illisible"):
        cache.signer(key, signed_at)


def test_a_key_that_could_not_be_read_is_tried_again_the_next_time(
    key: SigningKey, signed_at: datetime
) -> None:
    cache = SignerCache(NO_SEAL)
    content = Path(str(key.key_file)).read_bytes()
    Path(str(key.key_file)).write_bytes(b"half")
    with pytest.raises(KeyFileError):
        cache.signer(key, signed_at)
    Path(str(key.key_file)).write_bytes(content)
    assert cache.signer(key, signed_at)


@pytest.mark.parametrize(("days", "error"), [(-4000, "not yet"), (4000, "expired")])
def test_a_key_is_refused_outside_the_validity_of_its_certificate_at_every_call(
    key: SigningKey, signed_at: datetime, days: int, error: str
) -> None:
    kinds = {"not yet": CertificateNotYetValidError, "expired": CertificateExpiredError}
    cache = SignerCache(NO_SEAL)
    cache.signer(key, signed_at)
    for _ in range(2):
        with pytest.raises(kinds[error]):
            cache.signer(key, signed_at + timedelta(days=days))


def test_two_authorities_never_share_a_key(
    key: SigningKey, signed_at: datetime, signer: Callable[[str], Any]
) -> None:
    other = signer("rsa-2048")
    cache = SignerCache(NO_SEAL)
    first = cache.signer(key, signed_at)
    second = cache.signer(SigningKey(str(other.key_file), str(other.certificate_file)), signed_at)
    assert first._identity.certificate != second._identity.certificate


def test_a_passphrase_file_that_is_missing_is_told_and_what_fails_is_a_fact_for_people(
    key: SigningKey, signed_at: datetime, tmp_path: Path
) -> None:
    locked = SigningKey(key.key_file, key.certificate_file, str(tmp_path / "absent"))
    with pytest.raises(PassphraseError, match="absent") as refused:
        SignerCache(NO_SEAL).signer(locked, signed_at)
    assert isinstance(refused.value, TransmissionError)


@pytest.fixture
def of(
    tmp_path: Path, authority: Any, private_key: Callable[[str], Any], pem: Callable[[Any], bytes]
) -> Callable[..., SigningKey]:
    """Keys of certificates that begin and end so many days after a signature of these tests."""

    def made(signed_at: datetime, begin: int, end: int) -> SigningKey:
        key = private_key("p-256")
        dates = {"begin": signed_at + timedelta(days=begin), "end": signed_at + timedelta(days=end)}
        path = tmp_path / f"{begin}_{end}.pem"
        path.write_bytes(pem(key) + authority.issue(key, **dates).public_bytes(Encoding.PEM))
        return SigningKey(str(path))

    return made


def _end(signer: Any) -> datetime:
    end: datetime = signer._identity.certificate.not_valid_after_utc
    return end


def test_of_several_keys_the_valid_one_that_ends_last_signs(
    of: Callable[..., SigningKey], signed_at: datetime
) -> None:
    periods = {"ended": (-30, -1), "ending": (-30, 5), "last": (-1, 90), "waiting": (1, 400)}
    keys = tuple(of(signed_at, *days) for days in periods.values())
    cache = SignerCache(NO_SEAL)
    owner = replace(COLLECTIVITE, signing_key=keys[1], signing_keys=keys)
    day = timedelta(days=1)
    for at, end in ((-7, 5), (0, 90), (1, 400), (95, 400)):
        assert _end(cache.of(owner, signed_at + at * day)) == signed_at + end * day


def test_a_key_that_cannot_be_read_is_passed_over_while_another_signs(
    of: Callable[..., SigningKey], signed_at: datetime, tmp_path: Path
) -> None:
    absent, good = SigningKey(str(tmp_path / "absent.pem")), of(signed_at, -1, 90)
    cache = SignerCache(NO_SEAL)
    assert cache.of(replace(COLLECTIVITE, signing_keys=(absent, good)), signed_at)
    with pytest.raises(KeyFileError, match="absent"):
        cache.of(replace(COLLECTIVITE, signing_key=absent), signed_at)


def test_when_no_key_can_sign_every_reason_is_told(
    of: Callable[..., SigningKey], signed_at: datetime
) -> None:
    keys = (of(signed_at, -30, -1), of(signed_at, 1, 400))
    owner = replace(COLLECTIVITE, signing_keys=keys)
    with pytest.raises(NoUsableKeyError, match=r"(?s)a expiré.*ne vaut qu'à partir"):
        SignerCache(NO_SEAL).of(owner, signed_at)


def test_an_authority_without_a_key_has_no_signer(signed_at: datetime) -> None:
    assert SignerCache(NO_SEAL).of(COLLECTIVITE, signed_at) is None


def test_files_are_signed_too(key: SigningKey, signed_at: datetime) -> None:
    made = SignerCache(NO_SEAL).signer(key, signed_at).sign_files({"acte.pdf": DIGEST}, signed_at)
    assert verify_files(made, {"acte.pdf": DIGEST}).signing_time == signed_at
