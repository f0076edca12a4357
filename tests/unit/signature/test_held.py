"""The certificates that an authority sends with: whose, until when, and whether all were read."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from tests.support.bench import COLLECTIVITE
from transmission.domain.collectivite import Collectivite, SigningKey
from transmission.signature.held import CertificateFiles, certificates_in

END = datetime(2027, 3, 1, 12, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())


def _certificate(name: str, end: datetime = END) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(END - timedelta(days=900))
        .not_valid_after(end)
        .sign(KEY, hashes.SHA256())
    )


def _pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


@pytest.fixture
def owner(tmp_path: Path) -> Callable[..., Collectivite]:
    """An authority whose account has a file of these bytes."""

    def made(content: bytes, **changes: Any) -> Collectivite:
        path = tmp_path / "agent.pem"
        path.write_bytes(content)
        account = replace(COLLECTIVITE.tdt, certificate_file=str(path), **changes)
        return replace(COLLECTIVITE, tdt=account)

    return made


def test_the_certificate_of_the_account_is_told_with_its_end(
    owner: Callable[..., Collectivite],
) -> None:
    held = CertificateFiles().held_by(owner(_pem(_certificate("agent"))))
    (found,) = held.certificates
    assert (found.usage, found.label) == ("tdt", "connexion à TdT d'essai")
    assert (found.subject, found.not_after) == ("CN=agent", END)
    assert held.whole


def test_the_first_of_a_chain_to_end_is_told(owner: Callable[..., Collectivite]) -> None:
    chain = _certificate("autorité", END - timedelta(days=9))
    held = CertificateFiles().held_by(owner(_pem(_certificate("agent"), chain)))
    assert [each.subject for each in held.certificates] == ["CN=autorité"]


def test_of_a_renewed_certificate_the_last_counts(owner: Callable[..., Collectivite]) -> None:
    old = _certificate("agent", END - timedelta(days=300))
    held = CertificateFiles().held_by(owner(_pem(_certificate("agent"), old)))
    assert [each.not_after for each in held.certificates] == [END]


def test_a_protected_pkcs12_is_opened_with_its_passphrase(
    owner: Callable[..., Collectivite], tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"phrase\n")
    content = pkcs12.serialize_key_and_certificates(
        b"agent", KEY, _certificate("agent"), None, BestAvailableEncryption(b"phrase")
    )
    held = CertificateFiles().held_by(owner(content, passphrase_file=str(secret)))
    assert [each.subject for each in held.certificates] == ["CN=agent"]
    assert not CertificateFiles().held_by(owner(content)).whole


@pytest.mark.parametrize("content", [b"", b"rien", b"-----BEGIN CERTIFICATE-----\nx"])
def test_a_file_that_cannot_be_read_is_not_whole(
    owner: Callable[..., Collectivite], content: bytes
) -> None:
    held = CertificateFiles().held_by(owner(content))
    assert held.certificates == ()
    assert not held.whole
    assert certificates_in(content) == []


def test_a_file_that_is_not_there_is_not_whole() -> None:
    assert not CertificateFiles().held_by(COLLECTIVITE).whole


def test_the_certificate_of_the_signature_is_told_too(
    owner: Callable[..., Collectivite], signer: Callable[[str], Any]
) -> None:
    made = signer("p-256")
    key = SigningKey(str(made.key_file), str(made.certificate_file))
    signs = replace(owner(_pem(_certificate("agent"))), signing_key=key)
    held = CertificateFiles().held_by(signs)
    assert [each.usage for each in held.certificates] == ["tdt", "signature"]
    expected = x509.load_pem_x509_certificate(made.certificate_file.read_bytes())
    assert held.certificates[1].not_after == expected.not_valid_after_utc
    assert held.whole


def test_a_signing_key_that_cannot_be_read_hides_no_other(
    owner: Callable[..., Collectivite], tmp_path: Path
) -> None:
    key = SigningKey(str(tmp_path / "absent.pem"))
    signs = replace(owner(_pem(_certificate("agent"))), signing_key=key)
    held = CertificateFiles().held_by(signs)
    assert [each.usage for each in held.certificates] == ["tdt"]
    assert not held.whole


def test_the_end_of_every_file_is_told_and_what_cannot_be_read_is_left_out(
    owner: Callable[..., Collectivite], signer: Callable[[str], Any], tmp_path: Path
) -> None:
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(_pem(_certificate("autorité", END + timedelta(days=1))))
    sends = owner(_pem(_certificate("agent")), ca_file=str(trusted))
    made = signer("p-256")
    signs = replace(sends, signing_key=SigningKey(str(made.key_file), str(made.certificate_file)))
    told = {each.what: each.not_after for each in CertificateFiles().endings(signs)}
    assert list(told) == [
        "Le certificat du compte chez TdT d'essai",
        "Une autorité de confiance pour TdT d'essai",
        "Le certificat de signature",
    ]
    assert list(told.values())[:2] == [END, END + timedelta(days=1)]
    assert CertificateFiles().endings(COLLECTIVITE) == []


def test_of_several_signing_keys_the_one_that_no_other_takes_over_from_is_told(
    owner: Callable[..., Collectivite], tmp_path: Path
) -> None:
    private = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    ends = {"old": END, "new": END + timedelta(days=300)}
    for name, end in ends.items():
        (tmp_path / f"{name}.pem").write_bytes(private + _pem(_certificate(name, end)))
    keys = tuple(SigningKey(str(tmp_path / f"{name}.pem")) for name in ends)
    authority = replace(owner(_pem(_certificate("agent"))), signing_keys=keys)
    held = CertificateFiles().held_by(authority)
    signing = [each for each in held.certificates if each.usage == "signature"]
    assert [each.not_after for each in signing] == [ends["new"]]
    assert held.whole
    told = [each.not_after for each in CertificateFiles().endings(authority)]
    assert told == [END, ends["new"]]
