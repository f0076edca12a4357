"""Time stamps: what openssl makes and what a forger would, read by whoever must not be fooled."""

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st
from rfc3161_client import decode_timestamp_response

from tests.support import tsa
from tests.support.tsa import OpensslTsa
from transmission.ports.proof import Trust, UnsoundError
from transmission.signature import der, oids
from transmission.signature.certificates import signer_identifier
from transmission.signature.time_stamp import (
    TimeStampFormat,
    build_request,
    read_roots,
    token_of,
    verify_time_stamp,
)

DIGEST = hashlib.sha256(b"un sceau").digest()
OTHER = hashlib.sha256(b"un autre").digest()
NONCE = 0x01FFEEDDCCBBAA99
ROOTS = [tsa.root()]
SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.tlv(der.NULL))
ECDSA = der.sequence(der.oid("1.2.840.10045.4.3.2"))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> OpensslTsa:
    return OpensslTsa(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def token(authority: OpensslTsa) -> bytes:
    return token_of(authority.answer(build_request(DIGEST, NONCE)))


def told(
    *,
    instant: bytes = b"20260310093015Z",
    digest: bytes = DIGEST,
    version: int = 1,
    nonce: bytes = b"",
    more: bytes = b"",
) -> bytes:
    """A TSTInfo."""
    return der.sequence(
        der.integer(version),
        der.oid(tsa.POLICY),
        der.sequence(SHA256, der.octets(digest)),
        der.integer(7),
        der.tlv(der.GENERALIZED_TIME, instant),
        nonce,
        more,
    )


def _attribute(kind: bytes, value: bytes) -> bytes:
    return der.sequence(kind, der.tlv(der.SET, value))


def forged(
    content: bytes,
    certificate: x509.Certificate | None = None,
    *,
    drop: str = "",
    older: bytes | None = None,
    newer: bytes | None = None,
    kind: bytes = oids.TST_INFO,
    others: tuple[bytes, ...] = (),
) -> bytes:
    """A TimeStampToken over a TSTInfo, honest but for what a test says."""
    encoded = (certificate or tsa.tsa_certificate()).public_bytes(Encoding.DER)
    fingerprint = hashlib.sha256(encoded).digest() if newer is None else newer
    attributes = {
        "kind": _attribute(oids.CONTENT_TYPE, kind),
        "digest": _attribute(oids.MESSAGE_DIGEST, der.octets(hashlib.sha256(content).digest())),
        "newer": _attribute(
            oids.SIGNING_CERTIFICATE_V2,
            der.sequence(der.sequence(der.sequence(der.octets(fingerprint)))),
        ),
    }
    if older is not None:
        ess = der.sequence(der.sequence(der.sequence(der.octets(older))))
        attributes["older"] = _attribute(oids.SIGNING_CERTIFICATE, ess)
    written = [value for name, value in attributes.items() if name not in drop.split()]
    signature = tsa.key(2).sign(der.set_of(written), ec.ECDSA(hashes.SHA256()))
    signer = der.sequence(
        der.integer(1),
        signer_identifier(encoded),
        SHA256,
        der.set_of(written, tag=der.CONTEXT_0),
        ECDSA,
        der.octets(signature),
    )
    included = [encoded, tsa.intermediate().public_bytes(Encoding.DER), *others]
    signed = der.sequence(
        der.integer(3),
        der.set_of([SHA256]),
        der.sequence(oids.TST_INFO, der.tlv(der.CONTEXT_0, der.octets(content))),
        der.set_of(included, tag=der.CONTEXT_0),
        der.set_of([signer]),
    )
    return der.sequence(oids.SIGNED_DATA, der.tlv(der.CONTEXT_0, signed))


def test_what_openssl_stamps_holds_and_says_when_and_by_whom(token: bytes) -> None:
    sound = verify_time_stamp(token, DIGEST, ROOTS, nonce=NONCE, policy=tsa.POLICY)
    assert sound.trust is Trust.TRUSTED
    assert sound.tsa == "CN=Unité d'horodatage 1,O=Horodatage d'essai"
    assert x509.load_der_x509_certificate(sound.certificate).subject.rfc4514_string() == sound.tsa
    assert sound.at.tzinfo is dt.UTC


def test_openssl_accepts_the_token_that_is_kept(authority: OpensslTsa, token: bytes) -> None:
    assert authority.accepts(token, DIGEST)
    assert not authority.accepts(token, OTHER)


def test_a_token_of_an_older_openssl_designates_its_certificate_by_sha_1(tmp_path: Path) -> None:
    older = OpensslTsa(tmp_path, ess="sha1").token(DIGEST)
    assert verify_time_stamp(older, DIGEST, ROOTS).trust is Trust.TRUSTED


def test_a_request_is_read_by_openssl_as_it_was_meant(
    tmp_path: Path, openssl: Callable[..., Any]
) -> None:
    query = tmp_path / "query.tsq"
    query.write_bytes(build_request(DIGEST, NONCE, tsa.POLICY))
    read = openssl("ts", "-query", "-in", query, "-text").stdout.decode()
    assert f"Policy OID: {tsa.POLICY}" in read
    assert f"Nonce: 0x{NONCE:016X}" in read
    assert "Certificate required: yes" in read
    assert "Hash Algorithm: sha256" in read


def test_another_library_reads_the_same_in_a_token() -> None:
    # It refuses the order in which openssl writes certificates: one that DER orders is shown.
    ours = forged(told(nonce=der.integer(NONCE)))
    read = decode_timestamp_response(der.sequence(der.sequence(der.integer(0)), ours))
    assert read.time_stamp_token() == ours
    assert read.tst_info.gen_time == verify_time_stamp(ours, DIGEST, ROOTS, nonce=NONCE).at


def test_without_any_root_nobody_knows_whether_to_trust_it(token: bytes) -> None:
    assert verify_time_stamp(token, DIGEST, []).trust is Trust.UNKNOWN


def test_a_token_that_leads_to_another_root_is_not_trusted(token: bytes) -> None:
    stranger = tsa.root("Autre racine", 3)
    assert verify_time_stamp(token, DIGEST, [stranger]).trust is Trust.UNTRUSTED


@pytest.mark.parametrize(
    ("begin", "end", "trust"),
    [
        (tsa.BEGIN, dt.datetime(2026, 3, 10, 9, 30, 16, tzinfo=dt.UTC), Trust.TRUSTED),
        (tsa.BEGIN, dt.datetime(2026, 3, 10, 9, 30, 14, tzinfo=dt.UTC), Trust.UNTRUSTED),
        (dt.datetime(2026, 3, 10, 9, 30, 16, tzinfo=dt.UTC), tsa.END, Trust.UNTRUSTED),
    ],
)
def test_a_certificate_is_judged_at_the_instant_of_the_token(
    begin: dt.datetime, end: dt.datetime, trust: Trust
) -> None:
    made = forged(told(), tsa.tsa_certificate(begin, end))
    assert verify_time_stamp(made, DIGEST, ROOTS).trust is trust


def test_a_fraction_of_a_second_is_read() -> None:
    sound = verify_time_stamp(forged(told(instant=b"20260310093015.1234567Z")), DIGEST, ROOTS)
    assert sound.at == dt.datetime(2026, 3, 10, 9, 30, 15, 123456, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "instant",
    [b"20260310093015.10Z", b"20260310093015", b"20260310093015+0100", b"20260230093015Z", b"Z"],
)
def test_an_instant_that_der_does_not_write_so_is_refused(instant: bytes) -> None:
    with pytest.raises(UnsoundError, match="instant"):
        verify_time_stamp(forged(told(instant=instant)), DIGEST, ROOTS)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"digest": OTHER}, "autre empreinte"),
        ({"nonce": NONCE + 1}, "autre demande"),
        ({"policy": "1.2.3.4"}, "autre politique que 1.2.3.4"),
    ],
)
def test_what_was_not_asked_for_is_refused(token: bytes, asked: dict[str, Any], why: str) -> None:
    wanted = {"digest": DIGEST, **asked}
    with pytest.raises(UnsoundError, match=why):
        verify_time_stamp(token, wanted.pop("digest"), ROOTS, **wanted)


def test_a_token_without_the_nonce_that_was_asked_for_is_refused() -> None:
    with pytest.raises(UnsoundError, match="autre demande"):
        verify_time_stamp(forged(told()), DIGEST, ROOTS, nonce=NONCE)


SHA1 = hashlib.sha1(b"un autre certificat", usedforsecurity=False).digest()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"drop": "newer"}, "ne désigne pas le certificat"),
        ({"newer": OTHER}, "n'est pas|autre certificat"),
        ({"older": SHA1}, "autre certificat"),
        ({"drop": "digest"}, "n'est pas ce qui fut signé"),
        ({"drop": "kind"}, "ne dit pas, signé"),
        ({"kind": oids.DATA}, "ne dit pas, signé"),
        ({"others": (der.sequence(der.sequence(), der.sequence(), der.tlv(3, b"\0")),)}, "lisible"),
    ],
)
def test_a_token_that_its_signature_does_not_bind_is_refused(
    changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(UnsoundError, match=why):
        verify_time_stamp(forged(told(), **changes), DIGEST, ROOTS)


@pytest.mark.parametrize(
    ("usages", "critical"),
    [
        ((), True),
        (tsa.STAMPING, False),
        ((*tsa.STAMPING, ExtendedKeyUsageOID.CODE_SIGNING), True),
        ((ExtendedKeyUsageOID.CODE_SIGNING,), True),
    ],
)
def test_a_certificate_that_is_not_for_time_stamps_alone_is_refused(
    usages: tuple[x509.ObjectIdentifier, ...], critical: bool
) -> None:
    certificate = tsa.tsa_certificate(usages=usages, critical=critical)
    with pytest.raises(UnsoundError, match="horodat"):
        verify_time_stamp(forged(told(), certificate), DIGEST, ROOTS)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (told(version=2), "version"),
        (told(more=der.tlv(der.CONTEXT_1, b"")), "extensions"),
        (told(digest=DIGEST[:20]), "autre empreinte"),
        (told() + b"\0", "octets"),
        (b"", "s'arrête"),
    ],
)
def test_a_content_that_is_not_read_to_its_end_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(UnsoundError, match=why):
        verify_time_stamp(forged(content), DIGEST, ROOTS)


def test_no_altered_byte_leaves_a_token_trusted(token: bytes) -> None:
    for offset in range(len(token)):
        altered = bytearray(token)
        altered[offset] ^= 1
        try:
            trust = verify_time_stamp(bytes(altered), DIGEST, ROOTS).trust
        except UnsoundError:
            continue
        assert trust is not Trust.TRUSTED, offset


def test_a_bit_that_libraries_overlook_in_a_certificate_above_is_refused(token: bytes) -> None:
    above = tsa.intermediate()
    encoded = above.public_bytes(Encoding.DER)
    altered = bytearray(token)
    altered[token.index(encoded) + encoded.rindex(above.signature) - 1] ^= 1
    with pytest.raises(UnsoundError, match="octets entiers"):
        verify_time_stamp(bytes(altered), DIGEST, ROOTS)


@settings(max_examples=200)
@given(st.binary(max_size=60), st.integers(0, 3000), st.integers(0, 40))
def test_hostile_bytes_are_a_refusal_and_nothing_else(
    token: bytes, noise: bytes, at: int, cut: int
) -> None:
    spoilt = token[: at % len(token)] + noise + token[at % len(token) + cut :]
    for read in (lambda: verify_time_stamp(spoilt, DIGEST, []), lambda: token_of(spoilt)):
        try:
            read()
        except UnsoundError:
            continue


def test_a_refusal_is_told_in_its_own_words(authority: OpensslTsa) -> None:
    with pytest.raises(UnsoundError, match=r"l'autorité refuse : politique inconnue"):
        token_of(authority.answer(build_request(DIGEST, NONCE, "1.2.3.4")))


@pytest.mark.parametrize("answer", [b"", b"<html>", der.sequence(), der.sequence(der.sequence())])
def test_what_is_no_answer_is_told_so(answer: bytes) -> None:
    with pytest.raises(UnsoundError, match="n'est pas celle d'une autorité"):
        token_of(answer)


def test_what_a_refusal_says_is_cut_and_cleaned() -> None:
    words = der.sequence(der.tlv(0x0C, b"\x1b[31m" + b"non " * 500))
    with pytest.raises(UnsoundError) as refusal:
        token_of(der.sequence(der.sequence(der.integer(2), words)))
    assert "\x1b" not in str(refusal.value)
    assert len(str(refusal.value)) < 250


def test_an_answer_that_leads_to_no_configured_root_is_not_kept(
    authority: OpensslTsa, tmp_path: Path
) -> None:
    strangers = tmp_path / "roots.pem"
    strangers.write_bytes(tsa.pem(tsa.root("Autre racine", 3)))
    form = TimeStampFormat(strangers)
    answer = authority.answer(form.request(DIGEST, NONCE))
    with pytest.raises(UnsoundError, match="n'est pas approuvé"):
        form.read(answer, DIGEST, NONCE)
    strangers.write_bytes(tsa.pem(tsa.root()))
    assert form.read(answer, DIGEST, NONCE).sound.trust is Trust.TRUSTED


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\n"])
def test_roots_that_cannot_be_read_are_a_reason(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "roots.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UnsoundError, match=str(file)):
        read_roots(file)
