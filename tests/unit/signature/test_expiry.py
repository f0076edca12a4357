"""When the certificates of authorities end, file by file."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.support.bench import COLLECTIVITE
from transmission.domain.collectivite import SigningKey
from transmission.signature.expiry import held_files

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def _written(path: Path, end: datetime) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, path.stem)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=400))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(made.public_bytes(Encoding.PEM))
    return str(path)


def test_each_file_that_can_be_read_tells_its_end_and_whose_it_is(tmp_path: Path) -> None:
    mine, trusted = NOW + timedelta(days=20), NOW + timedelta(days=900)
    account = replace(
        COLLECTIVITE.tdt,
        certificate_file=_written(tmp_path / "mine.pem", mine),
        ca_file=_written(tmp_path / "ca.pem", trusted),
    )
    owner = replace(COLLECTIVITE, tdt=account)
    held, refusals = held_files([owner])
    assert [(each.path, each.validity.end, each.owner) for each in held] == [
        (account.certificate_file, mine, owner),
        (account.ca_file, trusted, owner),
    ]
    assert refusals == {}


def test_a_key_that_cannot_be_read_says_why_and_for_whom(tmp_path: Path) -> None:
    owner = replace(COLLECTIVITE, signing_key=SigningKey(str(tmp_path / "absent.pem")))
    held, refusals = held_files([owner])
    assert held == []
    assert list(refusals.values()) == [[owner.nom]]
