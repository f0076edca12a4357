import base64
import dataclasses
import datetime as dt
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from transmission.signature.errors import (
    CertificateExpiredError,
    CertificateNotYetValidError,
    KeyFileError,
    KeyMismatchError,
    PassphraseError,
    SignatureError,
    UnsupportedKeyError,
)
from transmission.signature.keys import KeySource, load_identity

PASSPHRASE = "cheval-agrafe-été-42"


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_bytes(PASSPHRASE.encode() + b"\n")
    return path


@pytest.fixture
def keep(tmp_path: Path) -> Callable[..., Path]:
    """Writes the parts end to end in a file of that name."""

    def write(file_name: str, *parts: bytes) -> Path:
        path = tmp_path / file_name
        path.write_bytes(b"".join(parts))
        return path

    return write


@pytest.fixture
def pkcs12(signer: Any, openssl: Any, tmp_path: Path) -> Callable[..., Path]:
    """PKCS#12 files as the openssl program writes them."""

    def export(kind: str, *options: str, passphrase: str = PASSPHRASE) -> Path:
        files, path = signer(kind), tmp_path / f"{kind}.p12"
        # fmt: off
        openssl("pkcs12", "-export", "-inkey", files.key_file, "-in", files.certificate_file,
                "-certfile", files.chain_file, "-passout", f"pass:{passphrase}",
                "-name", "cachet", "-out", path, *options)
        # fmt: on
        return path

    return export


def certificates_of(signer: Any) -> tuple[bytes, bytes]:
    return signer.certificate_file.read_bytes(), signer.chain_file.read_bytes()


@pytest.mark.parametrize("kind", ["rsa-2048", "rsa-3072", "p-256", "p-384", "p-521"])
def test_a_key_and_its_certificates_are_read_from_two_pem_files(signer: Any, kind: str):
    files = signer(kind)
    own, issuer = certificates_of(files)
    assert files.identity.certificate == x509.load_pem_x509_certificate(own)
    assert files.identity.chain == (x509.load_pem_x509_certificate(issuer),)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_one_pem_file_may_hold_everything_in_any_order(
    signer: Any, keep: Any, order: tuple[int, int, int]
):
    files = signer("p-256")
    parts = [files.key_file.read_bytes(), *certificates_of(files)]
    path = keep("all.pem", *(parts[i] for i in order))
    assert load_identity(KeySource(path)).certificate == files.identity.certificate
    assert load_identity(KeySource(path)).chain == files.identity.chain


@pytest.mark.parametrize(
    "around",
    [
        lambda pem: b"\n\n\n" + pem + b"\n\n\n",
        lambda pem: b"\xef\xbb\xbf" + pem.replace(b"\n", b"\r\n") + b"\r\n\r\n",
        lambda pem: b"Bag Attributes\n    friendlyName: cachet\n" + pem,
        lambda pem: pem.rstrip(),
    ],
    ids=["blank lines", "windows", "bag attributes", "no final newline"],
)
def test_a_pem_certificate_is_read_whatever_surrounds_it(signer: Any, keep: Any, around: Any):
    files = signer("p-256")
    path = keep("certificate.pem", around(certificates_of(files)[0]))
    identity = load_identity(KeySource(files.key_file, certificate_path=path))
    assert identity.certificate == files.identity.certificate


def certificate_ending_in_a_blank(authority: Any, key: Any) -> x509.Certificate:
    """Issued again and again until the last octet of its signature is a newline or a space."""
    for _ in range(5000):
        certificate = authority.issue(key)
        if certificate.public_bytes(Encoding.DER)[-1:].isspace():
            return certificate
    raise AssertionError("no luck in 5000 certificates")


def test_a_der_certificate_keeps_a_last_octet_that_looks_blank(
    authority: Any, private_key: Any, signer: Any, keep: Any
):
    certificate = certificate_ending_in_a_blank(authority, private_key("p-256"))
    encoded = certificate.public_bytes(Encoding.DER)
    for number, content in enumerate((encoded, b"\r\n\n" + encoded + b"\n\n")):
        path = keep(f"{number}.cer", content)
        source = KeySource(signer("p-256").key_file, certificate_path=path)
        assert load_identity(source).certificate == certificate


def test_accents_in_names_are_read_and_shown(signer: Any):
    identity = signer("p-256").identity
    (common_name,) = identity.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert common_name.value == "Cachet électronique de la mairie"
    with pytest.raises(CertificateExpiredError, match="Saint-Exemple-l'Évêque"):
        identity.check_validity(dt.datetime(2040, 1, 1, tzinfo=dt.UTC))


def test_a_certificate_whose_name_cannot_be_parsed_goes_by_its_number(
    signer: Any, keep: Any, latin_1_certificate: bytes
):
    path = keep("mairie.cer", latin_1_certificate)
    identity = load_identity(KeySource(signer("p-256").key_file, path))
    number = f"numéro de série {identity.certificate.serial_number:x}"
    assert number in repr(identity)
    with pytest.raises(CertificateExpiredError, match=number):
        identity.check_validity(dt.datetime(2040, 1, 1, tzinfo=dt.UTC))


@pytest.mark.parametrize("kind", ["rsa-2048", "p-384"])
@pytest.mark.parametrize("options", [(), ("-legacy",)], ids=["modern", "legacy RC2 and SHA-1"])
def test_an_encrypted_pkcs12_is_read(
    pkcs12: Any, signer: Any, passphrase_file: Path, kind: str, options: tuple[str, ...]
):
    source = KeySource(pkcs12(kind, *options), passphrase_file=passphrase_file)
    identity, expected = load_identity(source), signer(kind).identity
    assert identity.certificate == expected.certificate
    assert identity.chain == expected.chain
    assert identity.private_key.private_numbers() == expected.private_key.private_numbers()


def test_a_chain_missing_from_the_pkcs12_may_stand_beside_it(
    signer: Any, openssl: Any, tmp_path: Path, passphrase_file: Path
):
    files, path = signer("p-256"), tmp_path / "bare.pfx"
    # fmt: off
    openssl("pkcs12", "-export", "-inkey", files.key_file, "-in", files.certificate_file,
            "-passout", f"file:{passphrase_file}", "-out", path)
    # fmt: on
    source = KeySource(path, files.chain_file, passphrase_file)
    assert load_identity(source).chain == files.identity.chain


def test_a_pkcs12_with_an_empty_passphrase_needs_no_file(pkcs12: Any, signer: Any):
    path = pkcs12("p-256", passphrase="")
    assert load_identity(KeySource(path)).certificate == signer("p-256").identity.certificate


@pytest.mark.parametrize("command", ["pkcs8", "ec"], ids=["PKCS#8", "traditional"])
def test_an_encrypted_pem_key_is_read(
    signer: Any, openssl: Any, tmp_path: Path, passphrase_file: Path, command: str
):
    files, path = signer("p-256"), tmp_path / "encrypted.pem"
    cipher = ["-topk8", "-v2", "aes-256-cbc"] if command == "pkcs8" else ["-aes256"]
    # fmt: off
    openssl(command, *cipher, "-in", files.key_file, "-out", path,
            "-passout", f"file:{passphrase_file}")
    # fmt: on
    identity = load_identity(KeySource(path, files.certificate_file, passphrase_file))
    assert identity.certificate == files.identity.certificate


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_one_final_newline_of_the_passphrase_file_does_not_count(pkcs12: Any, keep: Any, end: str):
    source = KeySource(
        pkcs12("p-256"), passphrase_file=keep("passphrase", (PASSPHRASE + end).encode())
    )
    assert load_identity(source)


def test_two_final_newlines_are_one_too_many(pkcs12: Any, keep: Any):
    passphrase = keep("passphrase", PASSPHRASE.encode() + b"\n\n")
    with pytest.raises(PassphraseError, match="une seule ligne"):
        load_identity(KeySource(pkcs12("p-256"), passphrase_file=passphrase))


def test_of_two_certificates_for_one_key_the_one_that_ends_last_signs(
    authority: Any, private_key: Any, signer: Any, keep: Any
):
    renewed = authority.issue(private_key("p-256"), end=dt.datetime(2031, 1, 1, tzinfo=dt.UTC))
    old = signer("p-256").certificate_file.read_bytes()
    path = keep("both.pem", old, renewed.public_bytes(Encoding.PEM))
    assert load_identity(KeySource(signer("p-256").key_file, path)).certificate == renewed


def test_a_certificate_above_whose_key_is_unknown_does_not_disturb(
    authority: Any, private_key: Any, signer: Any, keep: Any
):
    far = dt.datetime(2049, 1, 1, tzinfo=dt.UTC)
    above = authority.issue(private_key("p-384"), end=far).public_bytes(Encoding.DER)
    kind, unknown = bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072a8648ce3d0209")
    odd = x509.load_der_x509_certificate(above.replace(kind, unknown))
    path = keep("chain.pem", odd.public_bytes(Encoding.PEM))
    path.write_bytes(path.read_bytes() + signer("p-256").certificate_file.read_bytes())
    identity = load_identity(KeySource(signer("p-256").key_file, path))
    assert identity.certificate == signer("p-256").identity.certificate
    assert identity.chain == (odd,)


@pytest.mark.parametrize("kind", ["rsa-1024", "p-224", "ed25519"])
def test_a_weak_or_unusual_key_is_refused(
    authority: Any, private_key: Any, pem: Any, keep: Any, kind: str
):
    key = private_key(kind)
    path = keep("key.pem", pem(key), authority.issue(key).public_bytes(Encoding.PEM))
    with pytest.raises(UnsupportedKeyError, match="RSA d'au moins 2048 bits"):
        load_identity(KeySource(path))


def test_the_certificate_of_another_key_is_refused(signer: Any):
    source = KeySource(signer("p-256").key_file, signer("p-384").certificate_file)
    with pytest.raises(KeyMismatchError, match=r"key\.pem.*certificate\.pem.*délivré pour cette"):
        load_identity(source)


def test_a_key_without_any_certificate_is_refused(signer: Any):
    with pytest.raises(KeyMismatchError, match="Aucun certificat"):
        load_identity(KeySource(signer("p-256").key_file))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"bonjour",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\n",
        b"\x30\x82\x10\x00\x02\x01\x03",
    ],
)
def test_a_file_that_is_no_key_is_refused(keep: Any, content: bytes):
    with pytest.raises(KeyFileError, match=r"clé\.p12.*ne contient pas de clé privée lisible"):
        load_identity(KeySource(keep("clé.p12", content)))


def test_a_certificate_in_place_of_the_key_is_refused(signer: Any):
    with pytest.raises(KeyFileError, match="ne contient pas de clé privée"):
        load_identity(KeySource(signer("p-256").certificate_file))


def test_a_pkcs12_without_key_is_refused(
    signer: Any, openssl: Any, tmp_path: Path, passphrase_file: Path
):
    path = tmp_path / "nokey.p12"
    # fmt: off
    openssl("pkcs12", "-export", "-nokeys", "-in", signer("p-256").certificate_file,
            "-passout", f"file:{passphrase_file}", "-out", path)
    # fmt: on
    with pytest.raises(KeyFileError, match="ne contient pas de clé privée"):
        load_identity(KeySource(path, passphrase_file=passphrase_file))


@pytest.mark.parametrize(
    "content",
    [b"", b"bonjour", b"\x30\x03\x02\x01\x01", b"-----BEGIN CERTIFICATE-----\nAA\n"],
)
def test_a_file_that_is_no_certificate_is_refused(signer: Any, keep: Any, content: bytes):
    path = keep("certificat.pem", content)
    with pytest.raises(KeyFileError, match=r"certificat\.pem.*PEM ou DER"):
        load_identity(KeySource(signer("p-256").key_file, path))


def test_octets_after_a_der_certificate_are_refused(signer: Any, keep: Any):
    encoded = signer("p-256").identity.certificate.public_bytes(Encoding.DER)
    with pytest.raises(KeyFileError, match="ne contient pas de certificat lisible"):
        load_identity(KeySource(signer("p-256").key_file, keep("c.cer", encoded, b"\nx")))


@pytest.mark.parametrize(
    ("missing", "refusal"),
    [
        ("path", KeyFileError),
        ("certificate_path", KeyFileError),
        ("passphrase_file", PassphraseError),
    ],
)
def test_a_missing_file_is_named(
    signer: Any, tmp_path: Path, missing: str, refusal: type[SignatureError]
):
    source = KeySource(signer("p-256").key_file, signer("p-256").certificate_file)
    absent = dataclasses.replace(source, **{missing: tmp_path / "absent"})
    with pytest.raises(refusal, match=r"absent.*illisible.*Vérifiez le chemin"):
        load_identity(absent)


@pytest.fixture
def hopeless_sources(
    signer: Any, pkcs12: Any, openssl: Any, keep: Any, passphrase_file: Path
) -> dict[str, KeySource]:
    """Everything that can fail once the passphrase has been read."""
    files, bundle = signer("p-256"), pkcs12("p-256")
    wrong = keep("wrong", PASSPHRASE.encode(), b"!")
    latin_1 = keep("latin1", PASSPHRASE.encode("latin-1"))
    encrypted = keep("encrypted.pem")
    # fmt: off
    openssl("pkcs8", "-topk8", "-in", files.key_file, "-out", encrypted,
            "-passout", f"file:{passphrase_file}")
    # fmt: on
    cut = keep("cut.p12", bundle.read_bytes()[:-40])
    mangled = keep("mangled.pem", encrypted.read_bytes().replace(b"M", b"-", 1))
    absent = encrypted.with_name("absent")
    return {
        "pkcs12, wrong": KeySource(bundle, passphrase_file=wrong),
        "pkcs12, not UTF-8": KeySource(bundle, passphrase_file=latin_1),
        "pkcs12, cut": KeySource(cut, passphrase_file=passphrase_file),
        "pem, wrong": KeySource(encrypted, files.certificate_file, wrong),
        "pem, not encrypted": KeySource(files.key_file, files.certificate_file, passphrase_file),
        "pem, mangled": KeySource(mangled, files.certificate_file, passphrase_file),
        "pem, mismatch": KeySource(encrypted, files.chain_file, passphrase_file),
        "pem, certificate absent": KeySource(encrypted, absent, passphrase_file),
        "certificate absent": KeySource(bundle, absent, passphrase_file),
    }


def chained(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def everything_shown(error: BaseException) -> str:
    """The error, all behind it, and the traceback as loggers print it, local variables included."""
    # The first frame is the test's, whose own variables do hold the secrets.
    below = error.__traceback__.tb_next
    shown = traceback.TracebackException(type(error), error, below, capture_locals=True)
    texts = [f"{each} {each!r} {each.args!r}" for each in chained(error)]
    return "".join([*texts, *shown.format()])


def test_neither_passphrase_nor_key_shows_in_any_error(
    hopeless_sources: dict[str, KeySource], signer: Any
):
    key_lines = signer("p-256").key_file.read_text().splitlines()[1:-1]
    for case, source in hopeless_sources.items():
        with pytest.raises(SignatureError) as caught:
            load_identity(source)
        shown = everything_shown(caught.value)
        for secret in (
            PASSPHRASE,
            repr(PASSPHRASE.encode())[2:-1],
            repr(PASSPHRASE.encode("latin-1"))[2:-1],
            base64.b64encode(PASSPHRASE.encode()).decode(),
            *key_lines,
        ):
            assert secret not in shown, case
        assert "load_identity" in shown


@pytest.mark.parametrize(
    ("case", "refusal", "reason"),
    [
        ("pkcs12, wrong", PassphraseError, "n'ouvre pas"),
        ("pkcs12, not UTF-8", PassphraseError, "UTF-8"),
        ("pkcs12, cut", KeyFileError, "ne contient pas de clé privée lisible"),
        ("pem, wrong", PassphraseError, "n'ouvre pas"),
        ("pem, not encrypted", PassphraseError, "n'est pas chiffrée"),
        ("pem, mangled", PassphraseError, "redéposez la clé"),
    ],
)
def test_each_failure_says_what_to_do(
    hopeless_sources: dict[str, KeySource], case: str, refusal: type[SignatureError], reason: str
):
    with pytest.raises(refusal, match=reason):
        load_identity(hopeless_sources[case])


def test_a_protected_key_without_passphrase_file_is_refused(
    hopeless_sources: dict[str, KeySource],
):
    for case in ("pkcs12, wrong", "pem, wrong"):
        source = dataclasses.replace(hopeless_sources[case], passphrase_file=None)
        with pytest.raises(PassphraseError, match="aucune phrase de passe n'est configurée"):
            load_identity(source)


def test_the_identity_shows_its_certificate_and_not_its_key(signer: Any):
    shown = repr(signer("rsa-2048").identity)
    assert "Cachet électronique" in shown
    assert "private_key" not in shown


SECOND = dt.timedelta(seconds=1)


def test_a_certificate_is_judged_at_the_moment_given(
    authority: Any, private_key: Any, signer: Any, keep: Any
):
    begin = dt.datetime(2020, 5, 4, 8, tzinfo=dt.UTC)
    end = dt.datetime(2021, 5, 4, 8, tzinfo=dt.UTC)
    certificate = authority.issue(private_key("p-256"), begin=begin, end=end)
    path = keep("2020.pem", certificate.public_bytes(Encoding.PEM))
    identity = load_identity(KeySource(signer("p-256").key_file, path))
    for at in (begin, begin + SECOND, end, end.astimezone(dt.timezone(dt.timedelta(hours=2)))):
        identity.check_validity(at)
    with pytest.raises(CertificateNotYetValidError, match="à partir du 04/05/2020 à 08:00:00 UTC"):
        identity.check_validity(begin - SECOND)
    with pytest.raises(CertificateExpiredError, match=r"04/05/2021 à 08:00:00 UTC.*renouvelé"):
        identity.check_validity(end + SECOND)
