import datetime as dt
import hashlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transmission.signature import cms, der, oids
from transmission.signature.algorithms import DIGESTS
from transmission.signature.certificates import issuer_serial
from transmission.signature.cms import sign_detached, to_pem
from transmission.signature.errors import InvalidSignatureError
from transmission.signature.keys import SigningIdentity
from transmission.signature.verification import verify_detached

KINDS = ["rsa-2048", "rsa-3072", "p-256", "p-384", "p-521"]
DIGEST = hashlib.sha256(b"deliberation").digest()


def encoded(identity: SigningIdentity) -> bytes:
    return identity.certificate.public_bytes(Encoding.DER)


@pytest.fixture(scope="session")
def signature(signer: Any, signed_at: dt.datetime) -> Callable[[str], bytes]:
    """Our signature of DIGEST by kind of key."""
    return lambda kind: sign_detached(signer(kind).identity, DIGEST, signing_time=signed_at)


@pytest.fixture
def openssl_sign(openssl: Any, signer: Any, document: Path, tmp_path: Path) -> Any:
    """Detached signature of `document` by the openssl program."""

    def sign(kind: str, *options: str, form: str = "DER") -> bytes:
        files, out = signer(kind), tmp_path / "foreign"
        # fmt: off
        openssl("cms", "-sign", "-binary", "-in", document, "-signer", files.certificate_file,
                "-inkey", files.key_file, "-certfile", files.chain_file,
                "-outform", form, "-out", out, *options)
        # fmt: on
        return out.read_bytes()

    return sign


# Accepted


@pytest.mark.parametrize("kind", KINDS)
def test_our_signature_is_accepted(signer: Any, signature: Any, signed_at: dt.datetime, kind: str):
    for form in (signature(kind), to_pem(signature(kind)).encode()):
        verified = verify_detached(form, DIGEST)
        assert verified.certificate == signer(kind).identity.certificate
        assert verified.signing_time == signed_at
        assert verified.digest == DIGEST
        assert verified.digest_algorithm == "sha256"
        assert verified.binds_certificate


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["DER", "PEM"])
@pytest.mark.parametrize("options", [(), ("-cades",), ("-nosmimecap",)], ids=str)
def test_the_signature_of_openssl_is_accepted(
    signer: Any, openssl_sign: Any, document: Path, kind: str, form: str, options: tuple[str, ...]
):
    digest = hashlib.sha256(document.read_bytes()).digest()
    verified = verify_detached(openssl_sign(kind, "-md", "sha256", *options, form=form), digest)
    assert verified.certificate == signer(kind).identity.certificate
    assert verified.binds_certificate == ("-cades" in options)
    assert verified.signing_time is not None


@pytest.mark.parametrize("kind", ["rsa-2048", "p-384"])
@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
@pytest.mark.parametrize("options", [(), ("-cades",)], ids=["cms", "cades"])
def test_the_longer_digests_of_openssl_are_accepted(
    openssl_sign: Any, document: Path, kind: str, algorithm: str, options: tuple[str, ...]
):
    digest = hashlib.new(algorithm, document.read_bytes()).digest()
    verified = verify_detached(openssl_sign(kind, "-md", algorithm, *options), digest)
    assert verified.digest_algorithm == algorithm


def test_text_with_blank_lines_and_windows_line_ends_is_accepted(signature: Any):
    text = "\n\n" + to_pem(signature("p-256")).replace("\n", "\r\n") + "\r\n"
    assert verify_detached(text.encode(), DIGEST)


def test_a_signature_of_2020_stays_good_though_its_certificate_ended_in_2021(
    authority: Any, private_key: Any
):
    begin, at, end = (dt.datetime(year, 5, 4, tzinfo=dt.UTC) for year in (2019, 2020, 2021))
    certificate = authority.issue(private_key("p-256"), begin=begin, end=end)
    identity = SigningIdentity(private_key("p-256"), certificate, ())
    verified = verify_detached(sign_detached(identity, DIGEST, signing_time=at), DIGEST)
    verified_identity = SigningIdentity(private_key("p-256"), verified.certificate, ())
    verified_identity.check_validity(verified.signing_time)


# Refused


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_document_is_refused(signature: Any, kind: str):
    with pytest.raises(InvalidSignatureError, match="SHA-256 signée n'est pas celle du document"):
        verify_detached(signature(kind), hashlib.sha256(b"Deliberation").digest())


def test_a_document_changed_after_openssl_signed_it_is_refused(openssl_sign: Any, document: Path):
    digest = hashlib.sha256(document.read_bytes() + b"!").digest()
    with pytest.raises(InvalidSignatureError, match="il a changé"):
        verify_detached(openssl_sign("rsa-2048"), digest)


def test_a_digest_of_another_algorithm_is_named(openssl_sign: Any, document: Path):
    digest = hashlib.sha256(document.read_bytes()).digest()
    with pytest.raises(InvalidSignatureError, match=r"empreinte SHA-512.*autre longueur"):
        verify_detached(openssl_sign("p-256", "-md", "sha512"), digest)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("-nodetach",), "n'est pas détachée"),
        (("-noattr",), "n'a pas d'attributs signés"),
        (("-nocerts",), "Le certificat du signataire n'est pas dans la signature"),
        (("-keyid",), "par émetteur et numéro de série"),
        (("-md", "sha1"), "autre empreinte que SHA-256"),
        (("-keyopt", "rsa_padding_mode:pss"), "RSA-PSS"),
        (("-stream",), "une longueur n'est pas écrite comme DER le veut"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_another_use_of_cms_is_refused_by_name(
    openssl_sign: Any, document: Path, options: tuple[str, ...], reason: str
):
    digest = hashlib.sha256(document.read_bytes()).digest()
    with pytest.raises(InvalidSignatureError, match=reason):
        verify_detached(openssl_sign("rsa-2048", *options), digest)


def test_two_signers_are_refused(openssl_sign: Any, signer: Any, document: Path):
    other = signer("p-256")
    options = ("-signer", other.certificate_file, "-inkey", other.key_file)
    digest = hashlib.sha256(document.read_bytes()).digest()
    with pytest.raises(InvalidSignatureError, match="n'est pas lisible"):
        verify_detached(openssl_sign("p-384", *options), digest)


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PKCS7-----\n-----END PKCS7-----\n",
        "-----BEGIN PKCS7-----\nMIIB\n-----END CMS-----\n",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "-----BEGIN PKCS7-----\nMIIB",
        "-----BEGIN PKCS7-----\nMII\n-----END PKCS7-----\n",
        "-----BEGIN PKCS7-----\nM=IB\n-----END PKCS7-----\n",
        "-----BEGIN PKCS7-----\n" + "\n" * 100_000,
    ],
    ids=lambda text: repr(text[-40:]),
)
def test_text_that_is_not_one_whole_block_is_refused(text: str):
    with pytest.raises(InvalidSignatureError, match="n'est pas lisible"):
        verify_detached(text.encode(), DIGEST)


@pytest.mark.parametrize("excess", ["=", "==", "===", "====", "=AAA", "====AAAA", "A"])
@pytest.mark.parametrize("kind", KINDS)
def test_text_that_decodes_with_something_to_spare_is_refused(
    signature: Any, kind: str, excess: str
):
    text = to_pem(signature(kind)).replace("\n-----END", f"{excess}\n-----END")
    with pytest.raises(InvalidSignatureError, match="base 64"):
        verify_detached(text.encode(), DIGEST)


def attribute(kind: bytes, *values: bytes) -> bytes:
    return der.sequence(kind, der.tlv(der.SET, *values))


ORDINARY = {
    "type": attribute(oids.CONTENT_TYPE, oids.DATA),
    "digest": attribute(oids.MESSAGE_DIGEST, der.octets(DIGEST)),
}


@pytest.fixture
def forge(signer: Any) -> Callable[..., bytes]:
    """A signature sound in itself over whatever attributes are given."""
    identity = signer("p-256").identity

    def sign(*attributes: bytes) -> bytes:
        return cms._signed_data(identity, DIGESTS["sha256"], encoded(identity), list(attributes))

    return sign


def test_a_forged_signature_with_the_ordinary_attributes_is_accepted(forge: Any):
    verified = verify_detached(forge(*ORDINARY.values()), DIGEST)
    assert verified.signing_time is None
    assert not verified.binds_certificate


OTHER_DIGEST = der.octets(bytes(32))


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ([ORDINARY["digest"]], "type de contenu"),
        ([ORDINARY["digest"], attribute(oids.CONTENT_TYPE, oids.SIGNED_DATA)], "type de contenu"),
        ([ORDINARY["type"]], "n'est pas celle du document"),
        ([], "type de contenu"),
        ([*ORDINARY.values(), attribute(oids.MESSAGE_DIGEST, OTHER_DIGEST)], "répété"),
        ([*ORDINARY.values(), ORDINARY["digest"]], "répété"),
        (
            [
                ORDINARY["type"],
                attribute(oids.MESSAGE_DIGEST, der.octets(DIGEST), OTHER_DIGEST),
            ],
            "répété",
        ),
        ([ORDINARY["type"], attribute(oids.MESSAGE_DIGEST)], "n'a pas de valeur"),
        ([*ORDINARY.values(), attribute(oids.SIGNING_TIME, der.octets(b"hier"))], "date"),
        ([*ORDINARY.values(), attribute(oids.SIGNING_CERTIFICATE_V2, der.sequence())], "s'arrête"),
        (
            [
                *ORDINARY.values(),
                attribute(
                    oids.SIGNING_CERTIFICATE_V2,
                    der.sequence(der.sequence(der.sequence(der.octets(bytes(32))))),
                ),
            ],
            "n'est pas celui que le signataire a désigné",
        ),
    ],
)
def test_contradictory_or_missing_attributes_are_refused(
    forge: Any, attributes: list[bytes], reason: str
):
    with pytest.raises(InvalidSignatureError, match=reason):
        verify_detached(forge(*attributes), DIGEST)


def test_a_certificate_designated_by_another_issuer_is_refused(
    forge: Any, signer: Any, latin_1_certificate: bytes
):
    own = encoded(signer("p-256").identity)
    fingerprint = der.octets(hashlib.sha256(own).digest())

    def designating(certificate: bytes) -> bytes:
        entry = der.sequence(fingerprint, issuer_serial(certificate))
        value = der.sequence(der.sequence(entry))
        return forge(*ORDINARY.values(), attribute(oids.SIGNING_CERTIFICATE_V2, value))

    assert verify_detached(designating(own), DIGEST).binds_certificate
    with pytest.raises(InvalidSignatureError, match="n'est pas celui que le signataire a désigné"):
        verify_detached(designating(latin_1_certificate), DIGEST)


def test_attributes_out_of_order_are_verified_in_der_order(forge: Any):
    ordered = forge(*ORDINARY.values())
    first, second = sorted(ORDINARY.values())
    assert first + second in ordered
    assert verify_detached(ordered.replace(first + second, second + first), DIGEST)


@pytest.mark.parametrize("kind", ["rsa-1024", "p-224", "ed25519"])
def test_the_signature_of_a_weak_key_is_refused(authority: Any, private_key: Any, kind: str):
    weak, strong = private_key(kind), private_key("p-256")
    certificate = authority.issue(weak)
    identity = SigningIdentity(strong, certificate, ())
    attributes = list(ORDINARY.values())
    forged = cms._signed_data(identity, DIGESTS["sha256"], encoded(identity), attributes)
    with pytest.raises(InvalidSignatureError, match="ni RSA d'au moins 2048 bits"):
        verify_detached(forged, DIGEST)


def test_the_signature_of_another_key_is_refused(signer: Any, authority: Any, private_key: Any):
    identity = SigningIdentity(private_key("p-256"), signer("p-384").identity.certificate, ())
    forged = cms._signed_data(
        identity, DIGESTS["sha256"], encoded(identity), list(ORDINARY.values())
    )
    with pytest.raises(InvalidSignatureError, match="valeur de la signature est fausse"):
        verify_detached(forged, DIGEST)


def test_an_algorithm_that_does_not_go_with_the_key_is_refused(signer: Any, signed_at: dt.datetime):
    made = sign_detached(signer("p-256").identity, DIGEST, signing_time=signed_at)
    ours, other = DIGESTS["sha256"].with_ecdsa, DIGESTS["sha384"].with_ecdsa
    place = made.rindex(ours)
    with pytest.raises(InvalidSignatureError, match="ne va pas avec la clé"):
        verify_detached(made[:place] + other + made[place + len(ours) :], DIGEST)


def test_a_serial_number_that_is_not_positive_is_refused(
    authority: Any, private_key: Any, signed_at: dt.datetime
):
    identity = SigningIdentity(
        private_key("p-256"), authority.issue(private_key("p-256"), serial=0x7F4C_4B4A), ()
    )
    negative = encoded(identity).replace(b"\x7f\x4c\x4b\x4a", b"\xff\x4c\x4b\x4a")
    forged = cms._signed_data(identity, DIGESTS["sha256"], negative, list(ORDINARY.values()))
    with pytest.raises(InvalidSignatureError, match="n'est pas positif"):
        verify_detached(forged, DIGEST)


def twins(authority: Any, key: Any) -> tuple[Any, Any]:
    """Two certificates of one key, issuer, serial and length that differ by their dates."""
    for serial in range(10_000, 20_000):
        one = authority.issue(key, serial=serial)
        other = authority.issue(key, serial=serial, end=dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
        if len(one.public_bytes(Encoding.DER)) == len(other.public_bytes(Encoding.DER)):
            return one, other
    raise AssertionError("no twins in 10,000 serials")


def test_another_certificate_of_the_same_key_cannot_take_the_place_of_the_signer_s(
    authority: Any, private_key: Any, signed_at: dt.datetime
):
    one, other = twins(authority, private_key("p-256"))
    identity = SigningIdentity(private_key("p-256"), one, ())
    signature = sign_detached(identity, DIGEST, signing_time=signed_at)
    swapped = signature.replace(encoded(identity), other.public_bytes(Encoding.DER))
    with pytest.raises(InvalidSignatureError, match="n'est pas celui que le signataire a désigné"):
        verify_detached(swapped, DIGEST)


# Hostile


def span(whole: bytes, part: bytes) -> range:
    start = whole.index(part)
    return range(start, start + len(part))


def parts(signature: bytes) -> tuple[bytes, bytes]:
    """The certificates and the signer infos of a signature, each as encoded."""
    content_info = der.Reader(der.read_one(signature, der.SEQUENCE).content)
    content_info.take(der.OID)
    wrapped = content_info.take(der.CONTEXT_0).content
    *_, certificates, signers = der.Reader(der.read_one(wrapped, der.SEQUENCE).content).take_all()
    return certificates.encoded, signers.encoded


def verdict(mutated: bytes, digest: bytes = DIGEST) -> bool:
    """True when accepted, False when refused; any other exception fails the test."""
    try:
        verify_detached(mutated, digest)
    except InvalidSignatureError:
        return False
    return True


def mutations(signature: bytes, positions: range) -> Iterator[tuple[int, bytes]]:
    for position, flip in itertools.product(positions, (0x01, 0x20, 0x80, 0xFF)):
        mutated = bytearray(signature)
        mutated[position] ^= flip
        yield position, bytes(mutated)


@pytest.mark.parametrize("kind", ["rsa-2048", "p-256"])
def test_every_mutation_of_the_signer_or_its_certificate_is_refused(
    signer: Any, signature: Any, kind: str
):
    whole = signature(kind)
    _, signers = parts(whole)
    for covered in (signers, encoded(signer(kind).identity)):
        accepted = [p for p, mutated in mutations(whole, span(whole, covered)) if verdict(mutated)]
        assert accepted == []


def test_every_mutation_elsewhere_is_refused_or_harmless(signer: Any, signature: Any):
    whole, identity = signature("p-256"), signer("p-256").identity
    accepted = {p for p, mutated in mutations(whole, range(len(whole))) if verdict(mutated)}
    # What nothing covers: the version of the envelope and the certificates above the signer's.
    (link,) = identity.chain
    version = whole.index(der.integer(1)) + 2
    assert accepted <= {version, *span(whole, link.public_bytes(Encoding.DER))}


def test_an_element_slipped_in_at_the_end_of_any_structure_is_refused(signature: Any):
    whole = signature("p-256")
    certificates, _ = parts(whole)
    inside = set(elements(certificates))
    for element in {*elements(whole)} - inside:
        if element[0] & 0x20:
            tag, content = element[0], der.read_one(element, element[0]).content
            fatter = der.tlv(tag, content, der.integer(5))
            assert not verdict(rebuilt(whole, element, fatter)), element[:20].hex()


def test_an_attribute_certificate_beside_the_certificates_is_passed_over(signature: Any):
    whole = signature("p-256")
    certificates, _ = parts(whole)
    content = der.read_one(certificates, der.CONTEXT_0).content
    joined = der.tlv(der.CONTEXT_0, der.tlv(der.CONTEXT_1, der.integer(1)), content)
    assert verdict(rebuilt(whole, certificates, joined))


def test_unsigned_attributes_and_revocation_lists_are_passed_over(signature: Any):
    whole = signature("p-256")
    certificates, signers = parts(whole)
    (signer_info,) = der.Reader(der.read_one(signers, der.SET).content).take_all()
    unsigned = der.tlv(der.CONTEXT_1, attribute(oids.SIGNING_TIME, der.octets(b"")))
    stamped = der.sequence(signer_info.content, unsigned)
    assert verdict(rebuilt(whole, signer_info.encoded, stamped))
    revocations = der.tlv(der.CONTEXT_1, der.sequence())
    assert verdict(rebuilt(whole, certificates, certificates + revocations))


def test_every_mutation_of_the_digest_is_refused(signature: Any):
    whole = signature("p-256")
    for _, digest in mutations(DIGEST, range(len(DIGEST))):
        assert not verdict(whole, digest)


def test_every_truncation_is_refused(signature: Any):
    whole = signature("p-256")
    assert not any(verdict(whole[:size]) for size in range(len(whole)))


def test_octets_after_the_signature_are_refused(signature: Any):
    assert not verdict(signature("p-256") + b"\x00")


@pytest.mark.parametrize("options", [(), ("-cades",)], ids=["cms", "cades"])
def test_no_mutation_of_a_foreign_signature_crashes(
    openssl_sign: Any, document: Path, options: tuple[str, ...]
):
    whole = openssl_sign("rsa-2048", *options)
    digest = hashlib.sha256(document.read_bytes()).digest()
    _, signers = parts(whole)
    accepted = {p for p, mutated in mutations(whole, range(len(whole))) if verdict(mutated, digest)}
    assert accepted.isdisjoint(span(whole, signers))


@given(st.binary(max_size=300), st.binary(max_size=64))
@example(b"\x30\x80" * 20_000, DIGEST)
@example(b"\x30\x84\xff\xff\xff\xff" * 100, DIGEST)
@example(b"\xa0\x84\x7f\xff\xff\xff", DIGEST)
def test_random_octets_are_refused(source: bytes, digest: bytes):
    assert not verdict(source, digest)


def nested(depth: int) -> bytes:
    """Sequences one inside the other, built from the inside out in time linear in depth."""
    headers, size = [], 0
    for _ in range(depth):
        headers.append(bytes((der.SEQUENCE,)) + der.length(size))
        size += len(headers[-1])
    return b"".join(reversed(headers))


def test_deep_nesting_is_refused_wherever_it_stands(forge: Any, signature: Any):
    deep = nested(100_000)
    assert not verdict(deep)
    assert not verdict(der.sequence(oids.SIGNED_DATA, der.tlv(der.CONTEXT_0, deep)))
    assert not verdict(
        forge(*ORDINARY.values(), attribute(oids.SIGNING_CERTIFICATE_V2, nested(1000)))
    )
    certificates, _ = parts(signature("p-256"))
    whole = signature("p-256")
    assert not verdict(whole.replace(certificates, der.tlv(der.CONTEXT_0, deep)))


edits = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 8), st.binary(max_size=8)), min_size=1, max_size=4
)


@settings(max_examples=500)
@given(edits)
def test_octets_removed_and_inserted_anywhere_never_crash(signature: Any, edits: list[Any]):
    mutated = whole = signature("rsa-2048")
    for where, removed, inserted in edits:
        at = int(where * len(mutated))
        mutated = mutated[:at] + inserted + mutated[at + removed :]
    if verdict(mutated):
        assert parts(mutated)[1] == parts(whole)[1]


@settings(max_examples=500)
@given(st.data())
def test_any_element_replaced_by_another_never_crashes(signature: Any, data: st.DataObject):
    whole = signature("p-256")
    every = list(elements(whole))
    removed = data.draw(st.sampled_from(every))
    inserted = data.draw(st.one_of(st.sampled_from(every), st.binary(max_size=40)))
    tag = data.draw(st.sampled_from([removed[:1], b"\x02", b"\x06", b"\x17", b"\x30", b"\xa0"]))
    verdict(rebuilt(whole, removed, tag + der.length(len(inserted)) + inserted))


def is_constructed(element: der.Element) -> bool:
    return bool(element.tag & 0x20)


def elements(source: bytes) -> Iterator[bytes]:
    """Every element of a DER structure, at every depth."""
    for element in der.Reader(source).take_all():
        yield element.encoded
        if is_constructed(element):
            yield from elements(element.content)


def rebuilt(source: bytes, removed: bytes, inserted: bytes) -> bytes:
    """The structure with one element replaced and every length above it put right."""
    written = []
    for element in der.Reader(source).take_all():
        if element.encoded == removed:
            written.append(inserted)
        elif is_constructed(element) and removed in element.content:
            written.append(der.tlv(element.tag, rebuilt(element.content, removed, inserted)))
        else:
            written.append(element.encoded)
    return b"".join(written)
