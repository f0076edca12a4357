"""When the certificates of authorities end, file by file."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
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
    assert refusals == []


def test_a_key_that_cannot_be_read_says_why_and_for_whom(tmp_path: Path) -> None:
    owner = replace(COLLECTIVITE, signing_key=SigningKey(str(tmp_path / "absent.pem")))
    held, refusals = held_files([owner])
    assert held == []
    assert [each.owner for each in refusals] == [owner]


def _key(folder: Path, name: str, begin: int, end: int) -> SigningKey:
    """A signing key whose certificate is valid between two days from NOW."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW + timedelta(days=begin))
        .not_valid_after(NOW + timedelta(days=end))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / f"{name}.pem").write_bytes(private + made.public_bytes(Encoding.PEM))
    return SigningKey(str(folder / f"{name}.pem"))


def test_every_signing_key_is_told_and_whether_another_takes_over(tmp_path: Path) -> None:
    ended = _key(tmp_path, "ended", -400, -1)
    ending = _key(tmp_path, "ending", -100, 20)
    waiting = _key(tmp_path, "waiting", 10, 400)
    owner = replace(COLLECTIVITE, signing_key=ended, signing_keys=(ending, waiting))
    held, unusable = held_files([owner])
    relieved = {Path(each.path).stem: each.is_relieved(NOW) for each in held}
    assert relieved == {"ended": True, "ending": True, "waiting": True}
    assert unusable == []
    later = NOW + timedelta(days=401)
    assert not any(each.is_relieved(later) for each in held)


def test_a_key_that_waits_while_none_signs_is_not_relieved(tmp_path: Path) -> None:
    ended, waiting = _key(tmp_path, "ended", -400, -1), _key(tmp_path, "waiting", 10, 400)
    held, _ = held_files([replace(COLLECTIVITE, signing_keys=(ended, waiting))])
    assert [each.is_relieved(NOW) for each in held] == [False, False]


def test_a_gap_between_two_keys_relieves_neither_before_it(tmp_path: Path) -> None:
    first, second = _key(tmp_path, "first", -400, 10), _key(tmp_path, "second", 11, 400)
    held, _ = held_files([replace(COLLECTIVITE, signing_keys=(first, second))])
    assert [each.is_relieved(NOW) for each in held] == [False, True]


def test_a_key_that_cannot_be_read_beside_one_that_can_is_told_apart(tmp_path: Path) -> None:
    absent, good = SigningKey(str(tmp_path / "absent.pem")), _key(tmp_path, "good", -1, 9)
    both = replace(COLLECTIVITE, signing_key=absent, signing_keys=(good,))
    _, unusable = held_files([both, replace(COLLECTIVITE, signing_key=absent)])
    assert [each.has_another for each in unusable] == [True, False]
    assert all("absent.pem" in each.said for each in unusable)
