import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from transmission.signature import der
from transmission.signature.cms import sign_detached, to_pem
from transmission.signature.errors import CertificateExpiredError, CertificateNotYetValidError
from transmission.signature.keys import KeySource, load_identity
from transmission.signature.verification import verify_detached

ACCEPTED = "Verification successful"
KINDS = ["rsa-2048", "rsa-3072", "p-256", "p-384", "p-521"]


def digest_of(path: Path, algorithm: str = "sha256") -> bytes:
    with path.open("rb") as content:
        return hashlib.file_digest(content, algorithm).digest()


@pytest.fixture
def openssl_verify(openssl: Any, authority: Any, signed_at: dt.datetime, tmp_path: Path) -> Any:
    """What `openssl cms -verify` says at the moment of signature, trusting the root alone."""

    def verify(signature: bytes, document: Path, *options: str, form: str = "DER") -> str:
        path = tmp_path / "signature"
        path.write_bytes(signature)
        # fmt: off
        result = openssl(
            "cms", "-verify", "-binary", "-inform", form, "-in", path, "-content", document,
            "-CAfile", authority.file, "-attime", int(signed_at.timestamp()), *options,
            "-out", "/dev/null", check=False,
        )
        # fmt: on
        verdict = result.stderr.decode()
        assert ("Verification successful" in verdict) == (result.returncode == 0)
        return verdict

    return verify


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [(), ("-cades",)], ids=["cms", "cades"])
def test_openssl_accepts_our_signature(
    signer: Any,
    document: Path,
    signed_at: dt.datetime,
    openssl_verify: Any,
    kind: str,
    options: Any,
):
    signature = sign_detached(signer(kind).identity, digest_of(document), signing_time=signed_at)
    assert ACCEPTED in openssl_verify(signature, document, *options)
    text = to_pem(signature).encode()
    verdict = openssl_verify(text, document, *options, form="PEM")
    assert ACCEPTED in verdict


@pytest.mark.parametrize("kind", ["rsa-2048", "p-384", "p-521"])
@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_openssl_accepts_longer_digests(
    signer: Any,
    document: Path,
    signed_at: dt.datetime,
    openssl_verify: Any,
    kind: str,
    algorithm: Any,
):
    signature = sign_detached(
        signer(kind).identity,
        digest_of(document, algorithm),
        signing_time=signed_at,
        digest_algorithm=algorithm,
    )
    assert ACCEPTED in openssl_verify(signature, document, "-cades")


def test_openssl_refuses_our_signature_over_a_changed_document(
    signer: Any, document: Path, signed_at: dt.datetime, openssl_verify: Any
):
    identity = signer("rsa-2048").identity
    signature = sign_detached(identity, digest_of(document), signing_time=signed_at)
    document.write_bytes(document.read_bytes()[:-1] + b"!")
    verdict = openssl_verify(signature, document)
    assert "CMS Verification failure" in verdict
    assert "verification failure" in verdict


def test_a_key_from_an_encrypted_pkcs12_signs(
    signer: Any,
    openssl: Any,
    tmp_path: Path,
    document: Path,
    signed_at: dt.datetime,
    openssl_verify: Any,
):
    files, bundle, passphrase = signer("rsa-3072"), tmp_path / "cachet.p12", tmp_path / "passphrase"
    passphrase.write_text("phrase d'essai\n")
    # fmt: off
    openssl("pkcs12", "-export", "-inkey", files.key_file, "-in", files.certificate_file,
            "-certfile", files.chain_file, "-passout", f"file:{passphrase}", "-out", bundle)
    # fmt: on
    identity = load_identity(KeySource(bundle, passphrase_file=passphrase))
    signature = sign_detached(identity, digest_of(document), signing_time=signed_at)
    assert ACCEPTED in openssl_verify(signature, document, "-cades")


def test_a_signer_named_in_latin_1_is_found_by_openssl(
    signer: Any,
    latin_1_certificate: bytes,
    tmp_path: Path,
    document: Path,
    signed_at: dt.datetime,
    openssl_verify: Any,
):
    path = tmp_path / "mairie.cer"
    path.write_bytes(latin_1_certificate)
    identity = load_identity(KeySource(signer("p-256").key_file, path))
    signature = sign_detached(identity, digest_of(document), signing_time=signed_at)
    # The certificate was patched, so its own issue is not judged; the signature is.
    assert ACCEPTED in openssl_verify(signature, document, "-noverify")
    assert verify_detached(signature, digest_of(document)).binds_certificate


def test_the_older_openssl_command_reads_the_text_for_its_label(
    signer: Any,
    document: Path,
    authority: Any,
    signed_at: dt.datetime,
    openssl: Any,
    tmp_path: Path,
):
    identity, path = signer("rsa-2048").identity, tmp_path / "signature.pem"
    text = to_pem(sign_detached(identity, digest_of(document), signing_time=signed_at))

    def verified(content: str) -> bool:
        path.write_text(content)
        # fmt: off
        result = openssl(
            "smime", "-verify", "-binary", "-inform", "PEM", "-in", path, "-content", document,
            "-CAfile", authority.file, "-attime", int(signed_at.timestamp()), "-out", "/dev/null",
            check=False,
        )
        # fmt: on
        return result.returncode == 0

    assert verified(text)
    assert not verified(text.replace("PKCS7", "CMS"))


def test_the_text_is_in_lines_of_64_columns():
    first, *body, last, after = to_pem(bytes(100)).split("\n")
    assert (first, last, after) == ("-----BEGIN PKCS7-----", "-----END PKCS7-----", "")
    assert [len(line) for line in body] == [64, 64, 8]


def children(encoded: bytes) -> list[der.Element]:
    return der.Reader(der.Reader(encoded).take().content).take_all()


def test_the_structure_is_that_of_cades_b_b(signer: Any, signed_at: dt.datetime):
    identity = signer("p-256").identity
    signature = sign_detached(identity, bytes(32), signing_time=signed_at)
    _, wrapped = children(signature)
    version, digests, content, certificates, signers = children(wrapped.content)
    assert version.encoded == der.integer(1)
    assert digests.content == der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
    assert content.encoded == der.sequence(der.oid("1.2.840.113549.1.7.1"))
    assert certificates.tag == 0xA0
    assert {each.encoded for each in der.Reader(certificates.content).take_all()} == {
        each.public_bytes(Encoding.DER) for each in (identity.certificate, *identity.chain)
    }
    _, _, _, attributes, algorithm, _ = children(signers.content)
    assert algorithm.encoded == der.sequence(der.oid("1.2.840.10045.4.3.2"))
    kinds = [children(each.encoded)[0].encoded for each in children(attributes.encoded)]
    assert sorted(kinds) == sorted(
        map(
            der.oid,
            (
                "1.2.840.113549.1.9.3",
                "1.2.840.113549.1.9.4",
                "1.2.840.113549.1.9.5",
                "1.2.840.113549.1.9.16.2.47",
            ),
        )
    )


@pytest.mark.parametrize("set_tag", [0xA0, der.SET])
def test_every_set_is_in_der_order(signer: Any, signed_at: dt.datetime, set_tag: int):
    signature = sign_detached(signer("p-384").identity, bytes(32), signing_time=signed_at)
    _, wrapped = children(signature)
    _, _, _, certificates, signers = children(wrapped.content)
    attributes = children(signers.content)[3]
    for each in (certificates, attributes):
        inside = [element.encoded for element in children(each.encoded)]
        assert len(inside) > 1
        assert inside == sorted(inside)


def test_openssl_reads_the_signing_time_given(
    signer: Any, document: Path, openssl: Any, tmp_path: Path, signed_at: dt.datetime
):
    path = tmp_path / "signature.der"
    path.write_bytes(
        sign_detached(signer("p-256").identity, digest_of(document), signing_time=signed_at)
    )
    printed = openssl("cms", "-cmsout", "-print", "-inform", "DER", "-in", path).stdout.decode()
    assert "UTCTIME:Mar 10 09:30:15 2026 GMT" in printed
    assert "id-smime-aa-signingCertificateV2" in printed


def test_two_rsa_signatures_of_one_moment_are_the_same_bytes(signer: Any, signed_at: dt.datetime):
    identity = signer("rsa-2048").identity
    first, second = (sign_detached(identity, bytes(32), signing_time=signed_at) for _ in range(2))
    assert first == second


def test_a_local_instant_is_written_in_utc(signer: Any, signed_at: dt.datetime):
    local = signed_at.astimezone(dt.timezone(dt.timedelta(hours=-3)))
    signature = sign_detached(signer("p-256").identity, bytes(32), signing_time=local)
    assert verify_detached(signature, bytes(32)).signing_time == signed_at


def test_a_naive_instant_is_refused(signer: Any, signed_at: dt.datetime):
    with pytest.raises(ValueError, match="aware"):
        sign_detached(
            signer("p-256").identity, bytes(32), signing_time=signed_at.replace(tzinfo=None)
        )


@pytest.mark.parametrize(("size", "algorithm"), [(31, "sha256"), (32, "sha384"), (0, "sha512")])
def test_a_digest_of_the_wrong_length_is_refused(
    signer: Any, signed_at: dt.datetime, size: int, algorithm: Any
):
    with pytest.raises(ValueError, match=f"{size} bytes are not a {algorithm} digest"):
        sign_detached(
            signer("p-256").identity,
            bytes(size),
            signing_time=signed_at,
            digest_algorithm=algorithm,
        )


@pytest.mark.parametrize(
    ("year", "refusal"), [(2025, CertificateNotYetValidError), (2029, CertificateExpiredError)]
)
def test_nothing_is_signed_outside_the_validity_of_the_certificate(
    signer: Any, signed_at: dt.datetime, year: int, refusal: type[Exception]
):
    with pytest.raises(refusal):
        sign_detached(
            signer("p-256").identity, bytes(32), signing_time=signed_at.replace(year=year)
        )
