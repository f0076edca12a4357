"""The words of the protocol tus 1.0.0: headers read, and written."""

import base64
import hashlib
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

from fastapi import Request, Response

from transmission.api.problems import RefusalError, malformed, unsupported
from transmission.domain.texte import printable
from transmission.domain.uploads import LENGTH_MAX, Upload

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
BYTES = "application/offset+octet-stream"
CHECKSUMS = {"sha256": 32, "sha1": 20}
"""Algorithms and bytes of their digests; the protocol wants the second one of every server."""

_DESCRIBED_MAX = 4096
_NAME_MAX = 200
_STRIDE = 1 << 18
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]+", re.ASCII)
_P = ParamSpec("_P")


def speaks_tus(
    route: Callable[_P, Coroutine[Any, Any, Response]],
) -> Callable[_P, Coroutine[Any, Any, Response]]:
    """Have every answer of a route, refusals among them, bear the version of the protocol."""

    @wraps(route)
    async def speaking(*given: _P.args, **named: _P.kwargs) -> Response:
        try:
            response = await route(*given, **named)
        except RefusalError as error:
            error.headers.setdefault("Tus-Resumable", VERSION)
            raise
        response.headers.setdefault("Tus-Resumable", VERSION)
        return response

    return speaking


def require_version(request: Request) -> None:
    """Raises RefusalError (412) for a request in no version that is spoken here."""
    if request.headers.get("tus-resumable") != VERSION:
        raise RefusalError(
            412,
            "version_tus",
            "Version du protocole tus",
            f"Donnez l'en-tête « Tus-Resumable: {VERSION} ».",
            headers={"Tus-Version": VERSION},
        )


def require_bytes(request: Request) -> None:
    """Raises RefusalError (415) for a body that is not the bytes of a file."""
    if request.headers.get("content-type", "").strip().lower() != BYTES:
        raise unsupported(f"Envoyez les octets du fichier en {BYTES}.")


def number_of(request: Request, header: str) -> int:
    """A number of bytes in a header. Raises RefusalError."""
    given = request.headers.get(header, "")
    # More digits than that is more than any limit; int() has one of its own.
    if not (given.isascii() and given.isdecimal() and len(given) <= 15):
        raise malformed(f"L'en-tête {header} doit être un nombre d'octets.")
    return int(given)


def length_of(request: Request) -> int:
    """The bytes that a new upload will have. Raises RefusalError (413 for too many)."""
    length = number_of(request, "Upload-Length")
    if length > LENGTH_MAX:
        raise too_long(LENGTH_MAX)
    return length


def too_long(limit: int) -> RefusalError:
    """A file longer than it may be."""
    return RefusalError(
        413,
        "trop_volumineux",
        "Fichier trop volumineux",
        f"Ce fichier ne peut pas dépasser {limit} octets.",
        headers={"Connection": "close"},
        limite=limit,
    )


def described(request: Request) -> tuple[str, str]:
    """What is said of a file, untouched, and the name that it gives. Raises RefusalError."""
    said = request.headers.get("upload-metadata", "").strip()
    if len(said) > _DESCRIBED_MAX or not said.isascii():
        raise _unreadable()
    found: dict[str, bytes] = {}
    for pair in said.split(",") if said else ():
        key, _, value = pair.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in found:
            raise _unreadable()
        found[key] = _decoded(value)
    nom = printable(found.get("filename", b"").decode("utf-8", "replace"))
    return said, nom[:_NAME_MAX].strip() or "document"


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        raise _unreadable() from None


def _unreadable() -> RefusalError:
    return malformed(
        "L'en-tête Upload-Metadata n'est pas une suite de « clé valeur-en-base64 », séparées par "
        f"des virgules, chaque clé une fois, en {_DESCRIBED_MAX} caractères au plus."
    )


@dataclass(frozen=True, slots=True)
class Checksum:
    """The digest that the bytes of a request must have, and by which algorithm."""

    algorithm: str
    digest: bytes

    def check(self, path: Path) -> None:
        """Raises RefusalError (460) for a file of other bytes."""
        with path.open("rb") as content:
            found = hashlib.file_digest(content, self.algorithm).digest()
        if found != self.digest:
            raise RefusalError(
                460,
                "empreinte",
                "Empreinte différente",
                "Les octets arrivés ne sont pas ceux de l'en-tête Upload-Checksum : ils ont été "
                "écartés. Envoyez-les de nouveau.",
            )


def checksum_of(request: Request) -> Checksum | None:
    """What the header ``Upload-Checksum`` says, None without it. Raises RefusalError."""
    given = request.headers.get("upload-checksum")
    if given is None:
        return None
    algorithm, _, value = given.strip().partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except ValueError:
        digest = b""
    if len(digest) != CHECKSUMS.get(algorithm):
        raise malformed(
            "L'en-tête Upload-Checksum doit être sha256 (ou sha1), une espace, et l'empreinte en "
            "base64."
        )
    return Checksum(algorithm, digest)


def headers_of(upload: Upload) -> dict[str, str]:
    """How far an upload came, and until when it is kept."""
    return {
        "Upload-Offset": str(upload.received),
        "Upload-Expires": _http_date(upload.expires_at),
    }


def whole_headers_of(upload: Upload) -> Mapping[str, str]:
    """All that is told of an upload."""
    said = {"Upload-Metadata": upload.described} if upload.described else {}
    return {**headers_of(upload), "Upload-Length": str(upload.length), **said}


def _http_date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)
