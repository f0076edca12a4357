"""The ASiC-E container of a dossier: one way only of writing its members (docs/evidence.md [D1]).

Source: ETSI EN 319 162-1 §4.4; PKWARE APPNOTE 6.3.
"""

import base64
import hashlib
import shutil
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from transmission.actes.safe_xml import UnreadableXmlError, parse_exactly
from transmission.domain.dossier_names import media_type
from transmission.ports import SMALL
from transmission.signature import der

MIMETYPE = "application/vnd.etsi.asic-e+zip"
_DATE = (1980, 1, 1, 0, 0, 0)
_ATTRIBUTES = 0o600 << 16
_UNIX = 3
_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_X509 = "{http://www.w3.org/2000/09/xmldsig#}X509Certificate"
_BLOCK = 1 << 18


class AsiceContainer:
    """The port ``Container``: the same members give the same bytes, whatever the machine."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive

    def add(self, name: str, content: BinaryIO, size: int) -> None:
        """Copy ``size`` bytes. Raises OSError when they are not that many."""
        with self._archive.open(_entry(name), "w") as target:
            shutil.copyfileobj(content, target, _BLOCK)
        written = self._archive.getinfo(name).file_size
        if written != size:
            raise OSError(f"{name}: {written} bytes instead of {size}")

    def add_bytes(self, name: str, content: bytes) -> None:
        """Write a small content."""
        self.add(name, BytesIO(content), len(content))


class AsiceBinder:
    """The port ``Binder``."""

    @contextmanager
    def container(self, target: BinaryIO) -> Iterator[AsiceContainer]:
        """A container in ``target``, which can be sought; whole once the context is left."""
        with ZipFile(target, "w", ZIP_STORED) as archive:
            made = AsiceContainer(archive)
            made.add_bytes("mimetype", MIMETYPE.encode())
            yield made

    def manifest(self, names: Sequence[str]) -> bytes:
        """The ODF manifest of members, in their order."""
        entries = [("/", MIMETYPE), *((name, media_type(name)) for name in names)]
        inside = "".join(
            f"<manifest:file-entry manifest:full-path={quoteattr(name)} "
            f"manifest:media-type={quoteattr(kind)}/>"
            for name, kind in entries
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<manifest:manifest xmlns:manifest="{_MANIFEST}" manifest:version="1.2">{inside}'
            "</manifest:manifest>"
        ).encode()

    def certificates(self, signed: bytes) -> Mapping[str, bytes]:
        """PEM of the certificates, by the SHA-256 of their DER; none of what cannot be read."""
        found = _in_xml(signed) if signed.startswith(b"<") else _in_cms(signed, der.CONTEXT_0)
        return {_sha256(each): ssl.DER_cert_to_PEM_cert(each).encode() for each in found}

    def revocations(self, signed: bytes) -> Mapping[str, bytes]:
        """DER of the revocation lists in a CMS or a time stamp, by their SHA-256."""
        found = [] if signed.startswith(b"<") else _in_cms(signed, der.CONTEXT_1)
        return {_sha256(each): each for each in found}


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _DATE)
    entry.create_system, entry.external_attr = _UNIX, _ATTRIBUTES
    return entry


def _in_cms(signed: bytes, tag: int) -> list[bytes]:
    """What a SignedData (RFC 5652 §5.1) holds under [0], certificates, or [1], lists."""
    try:
        content_info = der.Reader(der.read_one(_der_of(signed), der.SEQUENCE).content)
        content_info.take(der.OID)
        wrapped = content_info.take(der.CONTEXT_0).content
        fields = der.Reader(der.read_one(wrapped, der.SEQUENCE).content)
        for expected in (der.INTEGER, der.SET, der.SEQUENCE):
            fields.take(expected)
        held = {each: fields.take_if(each) for each in (der.CONTEXT_0, der.CONTEXT_1)}
        found = held[tag]
        return (
            [each.encoded for each in der.Reader(found.content).take_all(der.SEQUENCE)]
            if found
            else []
        )
    except ValueError:
        return []


def _in_xml(signed: bytes) -> list[bytes]:
    """The X509Certificate elements of a XAdES (XMLDSig §4.5.4)."""
    try:
        root = parse_exactly(signed, max_bytes=SMALL)
        texts = [each.text or "" for each in root.iter(_X509)]
        return [base64.b64decode(each, validate=True) for each in texts]
    except (UnreadableXmlError, ValueError):
        return []


def _der_of(signed: bytes) -> bytes:
    if not signed.startswith(b"-----BEGIN "):
        return signed
    return base64.b64decode(b"".join(signed.strip().splitlines()[1:-1]), validate=True)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
