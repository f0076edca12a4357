"""What ends is told in time, once, with whose it is; what a renewal leaves is no alarm."""

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

from transmission.cli.diagnosis.certificates import certificates, own_seal
from transmission.cli.diagnosis.findings import Finding, Grade
from transmission.domain.collectivite import Collectivite, SigningKey
from transmission.signature.expiry import Validity, validity_of

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
BEGIN = NOW - timedelta(days=300)
FAR = NOW + timedelta(days=900)
KEY = ec.generate_private_key(ec.SECP256R1())
Make = Callable[..., Collectivite]


def _certificate(name: str, end: datetime, begin: datetime = BEGIN) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .sign(KEY, hashes.SHA256())
    )


def _pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


@pytest.fixture
def owner(collectivite: Make, tmp_path: Path) -> Callable[..., Collectivite]:
    """An authority whose files end on given days."""
    account = collectivite().tdt

    def made(
        end: datetime = FAR, begin: datetime = BEGIN, *, ca: datetime = FAR, **changes: Any
    ) -> Collectivite:
        paths = tmp_path / "agent.pem", tmp_path / "ca.pem"
        paths[0].write_bytes(_pem(_certificate("agent", end, begin)))
        paths[1].write_bytes(_pem(_certificate("ca", ca)))
        tdt = replace(account, certificate_file=str(paths[0]), ca_file=str(paths[1]))
        return collectivite(tdt=tdt, **changes)

    return made


def _found(*owners: Collectivite) -> list[Finding]:
    return list(certificates(owners, NOW))


@pytest.mark.parametrize(
    ("days", "grade", "words"),
    [
        (-1, Grade.WRONG, "a expiré le"),
        (0, Grade.WRONG, "a expiré le"),
        (7, Grade.WRONG, "remplacez-le aujourd'hui"),
        (8, Grade.WARNING, "demandez maintenant"),
        (30, Grade.WARNING, "demandez maintenant"),
        (31, Grade.WARNING, "prévoyez"),
        (60, Grade.WARNING, "prévoyez"),
        (61, Grade.FINE, "vaut jusqu'au"),
    ],
)
def test_an_end_is_told_two_months_one_month_and_a_week_before(
    owner: Callable[..., Collectivite], days: int, grade: Grade, words: str
) -> None:
    (found,) = _found(owner(NOW + timedelta(days=days)))
    assert found.grade is grade
    assert words in found.said
    if grade is not Grade.FINE:
        assert "Commune de Saint-Exemple" in found.said
        assert "agent.pem" in found.said


def test_a_certificate_that_has_not_begun_is_told(owner: Callable[..., Collectivite]) -> None:
    (found,) = _found(owner(begin=NOW + timedelta(days=1)))
    assert found.grade is Grade.WRONG
    assert "ne vaut qu'à partir du" in found.said


def test_one_file_of_several_authorities_is_told_once_the_first_to_end_first(
    owner: Callable[..., Collectivite],
) -> None:
    ends = {"end": NOW + timedelta(days=20), "ca": NOW + timedelta(days=10)}
    owners = [owner(**ends, nom=f"Commune {letter}") for letter in "ABC"]
    first, second = _found(*owners)
    assert "Une autorité de confiance" in first.said
    assert "(Commune A, Commune B et 1 autre, fichier" in second.said


def test_a_file_that_cannot_be_read_is_left_to_whoever_needs_it(collectivite: Make) -> None:
    assert _found(collectivite()) == []


def test_the_certificate_of_a_signing_key_is_judged_too(
    owner: Callable[..., Collectivite], tmp_path: Path
) -> None:
    path = tmp_path / "cachet.pem"
    private = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + _pem(_certificate("cachet", NOW + timedelta(days=3))))
    (found,) = _found(owner(signing_key=SigningKey(str(path))))
    assert found.grade is Grade.WRONG
    assert found.said.startswith("Le certificat de signature (Commune de Saint-Exemple")


def test_a_signing_key_that_cannot_be_used_is_told_once_for_all_its_owners(
    owner: Callable[..., Collectivite], tmp_path: Path
) -> None:
    key = SigningKey(str(tmp_path / "absent.pem"))
    (found,) = _found(*(owner(signing_key=key, nom=f"Commune {letter}") for letter in "AB"))
    assert found.grade is Grade.WRONG
    assert found.said.startswith("Commune A et Commune B : ")
    assert "absent.pem" in found.said


def test_of_a_renewed_authority_the_last_certificate_counts_and_of_a_chain_the_first_to_end() -> (
    None
):
    old, new = (_certificate("racine", NOW + timedelta(days=days)) for days in (-5, 500))
    middle = _certificate("intermédiaire", NOW + timedelta(days=100))
    validity = validity_of(_pem(new, old, middle))
    assert validity == Validity(BEGIN, NOW + timedelta(days=100))


@pytest.mark.parametrize("passphrase", [None, b"s3cret"])
def test_a_pkcs12_is_read_with_its_passphrase(passphrase: bytes | None) -> None:
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    content = pkcs12.serialize_key_and_certificates(
        b"agent", KEY, _certificate("agent", FAR), None, encryption
    )
    assert validity_of(content, passphrase) == Validity(BEGIN, FAR)


@pytest.mark.parametrize("content", [b"", b"nothing", b"-----BEGIN CERTIFICATE-----\nx\n"])
def test_what_is_no_certificate_has_no_validity(content: bytes) -> None:
    assert validity_of(content) is None


def _signing_key(folder: Path, name: str, begin: timedelta, end: timedelta) -> SigningKey:
    path = folder / f"{name}.pem"
    private = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + _pem(_certificate(name, NOW + end, NOW + begin)))
    return SigningKey(str(path))


def test_while_a_signing_key_works_those_that_wait_or_ended_are_no_alarm(
    owner: Callable[..., Collectivite], tmp_path: Path
) -> None:
    day = timedelta(days=1)
    keys = (
        _signing_key(tmp_path, "ended", -400 * day, -day),
        _signing_key(tmp_path, "ending", -100 * day, 5 * day),
        _signing_key(tmp_path, "waiting", 2 * day, 700 * day),
        SigningKey(str(tmp_path / "absent.pem")),
    )
    unusable, ended, ending, waiting = _found(owner(signing_keys=keys))
    assert unusable.grade is Grade.WARNING
    assert "absent.pem" in unusable.said
    told = {each.grade: each.said for each in (ended, ending, waiting)}
    assert set(told) == {Grade.FINE}
    assert "retirez-le de la description" in ended.said
    assert "une autre clé prendra la suite" in ending.said
    assert "une autre clé signe d'ici là" in waiting.said


def test_when_the_last_signing_key_ends_it_is_an_alarm_whatever_the_others_are(
    owner: Callable[..., Collectivite], tmp_path: Path
) -> None:
    day = timedelta(days=1)
    ended = _signing_key(tmp_path, "ended", -400 * day, -day)
    waiting = _signing_key(tmp_path, "waiting", day, 700 * day)
    grades = [each.grade for each in _found(owner(signing_keys=(ended, waiting)))]
    assert grades == [Grade.WRONG, Grade.WRONG]


def test_the_seal_of_the_service_is_judged_once_there_is_one(tmp_path: Path) -> None:
    day = timedelta(days=1)
    assert list(own_seal(None, NOW)) == []
    assert list(own_seal(_signing_key(tmp_path, "long", -day, 300 * day), NOW)) == []
    (ending,) = own_seal(_signing_key(tmp_path, "short", -day, 3 * day), NOW)
    (absent,) = own_seal(SigningKey(str(tmp_path / "absent.pem")), NOW)
    assert (ending.grade, absent.grade) == (Grade.WRONG, Grade.WRONG)
    assert "Le cachet du service" in ending.said
    assert "absent.pem" in absent.said
