"""XAdES over named files: others verify ours, we verify others' of our form, and nothing else."""

import datetime as dt
import hashlib
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from transmission.signature import xades
from transmission.signature.errors import (
    CertificateExpiredError,
    InvalidSignatureError,
    UnsupportedKeyError,
)
from transmission.signature.keys import SigningIdentity
from transmission.signature.xades import sign_files, verify_files

KINDS = ("rsa-2048", "p-256", "p-384", "p-521")
FILES = {
    "dossier.json": b"{}",
    "recu/01-l'arr\u00eat\u00e9 n\u00b0 5 & suite.pdf": b"%PDF-1.7",
    "envoi/1/archive.tar.gz": b"\x1f\x8b\x00\xff",
}
DIGESTS = {name: hashlib.sha256(content).digest() for name, content in FILES.items()}
Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files that are signed, where their names say."""
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.fixture(scope="session")
def document(signer: Callable[[str], Any], signed_at: dt.datetime) -> bytes:
    """A small document of a P-256 key."""
    return sign_files(signer("p-256").identity, DIGESTS, signing_time=signed_at)


def _xmlsec1(folder: Path, *arguments: object) -> subprocess.CompletedProcess[bytes]:
    command = ["xmlsec1", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60)


def _accepts(folder: Path, made: Any, authority: Any, at: dt.datetime) -> bool:
    """Whether the xmlsec1 program verifies ``signatures.xml`` over the files of a folder."""
    checked = _xmlsec1(
        folder, "--verify", "--id-attr:Id", "SignedProperties", "--trusted-pem", authority.file,
        "--untrusted-pem", made.chain_file, "--verification-gmt-time", f"{at:%Y-%m-%d %H:%M:%S}",
        "signatures.xml",
    )  # fmt: skip
    everything = f"SignedInfo References (ok/all): {len(FILES) + 1}/{len(FILES) + 1}"
    return checked.returncode == 0 and everything.encode() in checked.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_xmlsec1_and_our_reader_verify_what_we_sign_over_real_files(
    signer: Callable[[str], Any], kind: str, authority: Any, folder: Path, signed_at: dt.datetime
) -> None:
    made = signer(kind)
    document = sign_files(made.identity, DIGESTS, signing_time=signed_at)
    (folder / "signatures.xml").write_bytes(document)
    assert _accepts(folder, made, authority, signed_at)
    found = verify_files(document, DIGESTS)
    assert (found.certificate, found.chain) == (made.identity.certificate, made.identity.chain)
    assert found.signing_time == signed_at
    (folder / "dossier.json").write_bytes(b"{ }")
    assert not _accepts(folder, made, authority, signed_at)


@pytest.mark.parametrize("kind", ["rsa-2048", "p-384"])
def test_signxml_verifies_what_we_sign(
    signer: Callable[[str], Any], kind: str, authority: Any, signed_at: dt.datetime
) -> None:
    from urllib.parse import unquote

    from signxml.verifier import SignatureConfiguration
    from signxml.xades.xades import XAdESVerifier

    made = signer(kind)
    document = sign_files(made.identity, DIGESTS, signing_time=signed_at)
    results = XAdESVerifier().verify(
        document,
        x509_cert=made.identity.certificate,
        uri_resolver=lambda uri: FILES[unquote(uri)],
        expect_config=SignatureConfiguration(require_x509=True, expect_references=len(FILES) + 1),
    )
    assert len(results) == len(FILES) + 1


@pytest.mark.parametrize("kind", ["rsa-2048", "p-256"])
def test_what_xmlsec1_signs_in_our_form_is_verified(
    signer: Callable[[str], Any], kind: str, folder: Path, signed_at: dt.datetime
) -> None:
    made = signer(kind)
    ours = sign_files(made.identity, DIGESTS, signing_time=signed_at)
    emptied = re.sub(rb"(<ds:SignatureValue>)[^<]*", rb"\1", ours)
    (folder / "template.xml").write_bytes(emptied)
    signed = _xmlsec1(
        folder, "--sign", "--id-attr:Id", "SignedProperties", "--privkey-pem", made.key_file,
        "--output", "theirs.xml", "template.xml",
    )  # fmt: skip
    assert signed.returncode == 0, signed.stderr
    # It cuts the value into lines, which its own signature does not cover.
    tree = etree.fromstring((folder / "theirs.xml").read_bytes())
    for value in tree.iter("{*}SignatureValue"):
        value.text = "".join((value.text or "").split())
    theirs = etree.tostring(tree, method="c14n")
    assert verify_files(theirs, DIGESTS).certificate == made.identity.certificate


def test_a_document_is_its_own_canonical_form(document: bytes) -> None:
    tree = etree.fromstring(document)
    assert etree.tostring(tree, method="c14n") == document
    assert etree.tostring(tree, method="c14n", exclusive=True) == document


def test_what_is_signed_is_the_canonical_form_of_the_part_where_it_stands(
    document: bytes, signer: Callable[[str], Any]
) -> None:
    tree = etree.fromstring(document)
    (info,) = tree.iter("{*}SignedInfo")
    (properties,) = tree.iter("{*}SignedProperties")
    digest = hashlib.sha256(etree.tostring(properties, method="c14n")).digest()
    found = [each.text for each in info.iter("{*}DigestValue")]
    assert found[-1] == xades._base64(digest)
    assert etree.tostring(info, method="c14n") == xades._read(document).to_be_signed()


def test_the_order_of_the_files_does_not_change_what_is_written(
    signer: Callable[[str], Any], signed_at: dt.datetime
) -> None:
    made = signer("rsa-2048").identity
    backwards = dict(reversed(DIGESTS.items()))
    assert sign_files(made, DIGESTS, signing_time=signed_at) == sign_files(
        made, backwards, signing_time=signed_at
    )


@pytest.mark.parametrize("kind", ["rsa-2048", "p-256"])
def test_any_byte_altered_anywhere_is_refused(
    signer: Callable[[str], Any], kind: str, signed_at: dt.datetime
) -> None:
    document = sign_files(signer(kind).identity, DIGESTS, signing_time=signed_at)
    for place in range(len(document)):
        # A neighbouring character, or the same letter in the other case.
        altered = bytearray(document)
        altered[place] ^= 0x20 if place % 2 else 0x01
        with pytest.raises(InvalidSignatureError):
            verify_files(bytes(altered), DIGESTS)


def test_a_byte_dropped_or_added_anywhere_is_refused(document: bytes) -> None:
    for place in range(0, len(document), 3):
        before, after = document[:place], document[place:]
        for altered in (before + after[1:], before + b" " + after, before + after[:1] + after):
            with pytest.raises(InvalidSignatureError):
                verify_files(altered, DIGESTS)
    with pytest.raises(InvalidSignatureError):
        verify_files(document + b"\n", DIGESTS)


def test_every_problem_is_told_at_once(document: bytes) -> None:
    first, second, third = sorted(DIGESTS)
    shown = {first: DIGESTS[first], second: bytes(32), "autre.pdf": bytes(32)}
    with pytest.raises(InvalidSignatureError) as refused:
        verify_files(_with_value(document, bytes(64)), shown)
    said = str(refused.value)
    assert f"« {second} » n'est plus celui" in said
    assert f"« {third} » est signé et manque" in said
    assert "« autre.pdf » n'est pas signé" in said
    assert "valeur de la signature est fausse" in said
    assert f"« {first} »" not in said


def test_a_document_written_otherwise_says_where_it_differs(document: bytes) -> None:
    place = document.index(b"<ds:KeyInfo>")
    with pytest.raises(InvalidSignatureError, match=f"l'octet {place} "):
        verify_files(document.replace(b"<ds:KeyInfo>", b"\n<ds:KeyInfo>"), DIGESTS)


def _with_value(document: bytes, value: bytes) -> bytes:
    return replace(xades._read(document), value=value).written()


_EXTRA = b'<ds:Object><evil:o xmlns:evil="urn:e"></evil:o></ds:Object>'
_ATTACKS: dict[str, Callable[[bytes], bytes]] = {
    "a document type": lambda d: b"<!DOCTYPE x>" + d,
    "an entity bomb": lambda d: (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        + d.replace(b"application/octet-stream", b"&b;", 1)
    ),
    "an external entity": lambda d: (
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + d.replace(b"2026", b"&a;", 1)
    ),
    "an XML declaration": lambda d: b'<?xml version="1.0" encoding="UTF-8"?>' + d,
    "a byte order mark": lambda d: b"\xef\xbb\xbf" + d,
    "another encoding": lambda d: d.decode().encode("utf-16"),
    "a comment": lambda d: d.replace(b"</ds:KeyInfo>", b"<!-- --></ds:KeyInfo>"),
    "an instruction": lambda d: d.replace(b"</ds:KeyInfo>", b"<?x y?></ds:KeyInfo>"),
    "a character section": lambda d: d.replace(b">2026", b"><![CDATA[2026]]>"),
    "a character by its number": lambda d: d.replace(b"dossier.json", b"dossier&#46;json"),
    "a name escaped otherwise": lambda d: d.replace(b"dossier.json", b"dossier%2Ejson"),
    "a short empty element": lambda d: d.replace(b"></ds:DigestMethod>", b"/>"),
    "one more object": lambda d: d.replace(b"</ds:Signature>", _EXTRA + b"</ds:Signature>"),
    "one more signature": lambda d: d.replace(
        b"</ds:Signature>", b'</ds:Signature><ds:Signature Id="signature"></ds:Signature>'
    ),
    "a signature wrapped in another": lambda d: d.replace(
        b"<ds:KeyInfo>", b"<ds:Object>" + d[d.index(b"<ds:Sign") :] + b"</ds:Object><ds:KeyInfo>"
    ),
    "a reference twice": lambda d: re.sub(
        rb'(<ds:Reference Id="f1".*?</ds:Reference>)', rb"\1\1", d
    ),
    "an identifier twice": lambda d: d.replace(b'Id="f2"', b'Id="f1"'),
    "a file by two references": lambda d: d.replace(
        b"<ds:Reference Type",
        re.findall(rb'<ds:Reference Id="f1".*?</ds:Reference>', d)[0].replace(b"f1", b"f4")
        + b"<ds:Reference Type",
    ),
    "a transform": lambda d: d.replace(
        b'URI="dossier.json">', b'URI="dossier.json"><ds:Transforms></ds:Transforms>'
    ),
    "the whole document referenced": lambda d: d.replace(b'URI="dossier.json"', b'URI=""'),
    "another digest": lambda d: d.replace(b"2001/04/xmlenc#sha256", b"2000/09/xmldsig#sha1"),
    "another certificate above": lambda d: _without_the_last_certificate(d),
    "no certificate": lambda d: re.sub(rb"<ds:X509Certificate>[^<]*</ds:X509Certificate>", b"", d),
    "an unsigned property": lambda d: d.replace(
        b"</xades:QualifyingProperties>",
        b"<xades:UnsignedProperties></xades:UnsignedProperties></xades:QualifyingProperties>",
    ),
    "nothing": lambda d: b"",
    "something deep": lambda d: b"<a>" * 100_000,
}


def _without_the_last_certificate(document: bytes) -> bytes:
    place = document.rindex(b"<ds:X509Certificate>")
    return document[:place] + document[document.index(b"</ds:X509Data>") :]


@pytest.mark.parametrize("attack", _ATTACKS)
def test_a_document_in_another_form_is_refused_whatever_it_means(
    document: bytes, attack: str
) -> None:
    changed = _ATTACKS[attack](document)
    assert changed != document
    with pytest.raises(InvalidSignatureError, match="forme canonique"):
        verify_files(changed, DIGESTS)


def test_a_signature_of_signxml_is_of_another_form_and_refused(
    signer: Callable[[str], Any],
) -> None:
    """It gives a Description and random identifiers, and signs what its document holds."""
    from signxml.algorithms import SignatureMethod
    from signxml.xades.xades import XAdESSigner

    made = signer("p-256").identity
    signs = XAdESSigner(signature_algorithm=SignatureMethod.ECDSA_SHA256)
    theirs = signs.sign(etree.fromstring(b"<a/>"), key=made.private_key, cert=[made.certificate])
    with pytest.raises(InvalidSignatureError):
        verify_files(etree.tostring(theirs, method="c14n"), {"a": bytes(32)})


def _signed_by(identity: SigningIdentity, **changes: Any) -> bytes:
    """A document in our form whose signature is right, by means that we never use."""
    unsigned = replace(
        xades._Document(
            DIGESTS,
            [identity.certificate.public_bytes(Encoding.DER)],
            dt.datetime(2026, 3, 10, tzinfo=dt.UTC),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        ),
        **changes,
    )
    algorithm = hashes.SHA1() if "sha1" in unsigned.method else hashes.SHA256()
    return replace(unsigned, value=identity.sign(unsigned.to_be_signed(), algorithm)).written()


def test_a_weak_algorithm_is_refused(signer: Callable[[str], Any]) -> None:
    made = signer("rsa-2048").identity
    assert verify_files(_signed_by(made), DIGESTS)
    weak = _signed_by(made, method="http://www.w3.org/2000/09/xmldsig#rsa-sha1")
    with pytest.raises(InvalidSignatureError, match="ne va pas avec la clé"):
        verify_files(weak, DIGESTS)


def test_a_weak_key_neither_signs_nor_is_believed(
    authority: Any, private_key: Callable[[str], Any], signed_at: dt.datetime
) -> None:
    weak = private_key("rsa-1024")
    identity = SigningIdentity(weak, authority.issue(weak), ())
    with pytest.raises(UnsupportedKeyError):
        sign_files(identity, DIGESTS, signing_time=signed_at)
    with pytest.raises(InvalidSignatureError, match="2048 bits"):
        verify_files(_signed_by(identity), DIGESTS)


def test_a_certificate_without_a_positive_number_is_refused(signer: Callable[[str], Any]) -> None:
    """The library warns of it today, and will not read it tomorrow."""
    made = signer("rsa-2048").identity
    encoded = made.certificate.public_bytes(Encoding.DER)
    # Version 3, then the number: the first integer of the certificate.
    place = encoded.index(b"\xa0\x03\x02\x01\x02\x02") + 7
    odd = encoded[:place] + b"\x81" + encoded[place + 1 :]
    with pytest.raises(InvalidSignatureError, match="ses éléments"):
        verify_files(_signed_by(made, certificates=[odd]), DIGESTS)


def test_the_signature_of_another_key_is_refused(
    signer: Callable[[str], Any], authority: Any, private_key: Callable[[str], Any]
) -> None:
    mine = signer("rsa-2048").identity
    others = authority.issue(private_key("rsa-3072"))
    with pytest.raises(InvalidSignatureError, match="valeur de la signature est fausse"):
        verify_files(_signed_by(SigningIdentity(mine.private_key, others, ())), DIGESTS)


def test_nothing_is_signed_outside_the_validity_of_the_certificate(
    signer: Callable[[str], Any], signed_at: dt.datetime
) -> None:
    with pytest.raises(CertificateExpiredError):
        sign_files(
            signer("p-256").identity, DIGESTS, signing_time=signed_at + dt.timedelta(days=4000)
        )


@pytest.mark.parametrize(
    "wrong", [{}, {"a": b"short"}, {"": bytes(32)}, {"/etc/passwd": bytes(32)}]
)
def test_what_cannot_be_a_signed_file_is_a_fault_of_the_caller(
    signer: Callable[[str], Any], signed_at: dt.datetime, wrong: dict[str, bytes]
) -> None:
    with pytest.raises(ValueError, match=r"files|relative"):
        sign_files(signer("p-256").identity, wrong, signing_time=signed_at)
    with pytest.raises(ValueError, match="aware"):
        sign_files(signer("p-256").identity, DIGESTS, signing_time=signed_at.replace(tzinfo=None))


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1), st.just(bytes(32)), min_size=1
    )
)
def test_any_relative_name_is_written_so_that_it_is_read_again(
    signer: Callable[[str], Any], digests: dict[str, bytes]
) -> None:
    relative = {name.lstrip("/") or "a": digest for name, digest in digests.items()}
    at = dt.datetime(2026, 3, 10, 9, 30, 15, tzinfo=dt.UTC)
    document = sign_files(signer("p-256").identity, relative, signing_time=at)
    assert verify_files(document, relative).signing_time == at
    assert etree.tostring(etree.fromstring(document), method="c14n") == document


@given(st.binary(max_size=300), st.integers(0, 4000), st.integers(0, 200))
def test_no_bytes_make_the_reader_fail_otherwise(
    document: bytes, noise: bytes, place: int, cut: int
) -> None:
    for altered in (noise, document[:place] + noise + document[place + cut :]):
        if altered != document:
            with pytest.raises(InvalidSignatureError):
                verify_files(altered, DIGESTS)
