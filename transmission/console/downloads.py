"""Kept bytes handed out: under a safe name, with a true type, as nothing but a file."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from fastapi import Response
from fastapi.responses import FileResponse, StreamingResponse

from transmission.console.words import safe_name

_TYPES = {
    "pdf": "application/pdf",
    "xml": "application/xml",
    "jpg": "image/jpeg",
    "png": "image/png",
    "p7s": "application/pkcs7-signature",
    "pem": "application/x-pem-file",
    "tsr": "application/vnd.etsi.timestamp-token",
    "tar.gz": "application/gzip",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "asice": "application/vnd.etsi.asic-e+zip",
}
_BLOCK = 1 << 16

# No page, no script, no frame, should a browser show the bytes all the same.
_SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
# A sandbox would keep browsers from opening their PDF reader.
_OWN_TAB = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def attached_file(path: Path, sha256: str, name: str, extension: str) -> Response:
    """A file to save, whose digest was just checked. ``name`` may be hostile."""
    return FileResponse(
        path,
        media_type=_type(extension),
        headers=_headers("attachment", name, extension) | {"ETag": f'"{sha256}"'},
    )


def attached_text(text: str, name: str, extension: str) -> Response:
    """A short text to save, in UTF-8."""
    return Response(
        text.encode("utf-8", "replace"),
        media_type=_type(extension),
        headers=_headers("attachment", name, extension),
    )


def streamed_pdf(stream: BinaryIO, name: str, *, inline: bool) -> Response:
    """A PDF made on the spot, to save or to read in a tab of its own; closes the stream."""
    headers = _headers("inline" if inline else "attachment", name, "pdf")
    if inline:
        headers["Content-Security-Policy"] = _OWN_TAB
    return StreamingResponse(_blocks(stream), media_type=_type("pdf"), headers=headers)


def streamed_file(stream: BinaryIO, name: str, extension: str) -> Response:
    """A file made on the spot, to save; closes the stream."""
    headers = _headers("attachment", name, extension)
    return StreamingResponse(_blocks(stream), media_type=_type(extension), headers=headers)


def disposition(kind: str, name: str, extension: str) -> str:
    """``Content-Disposition`` of RFC 6266: a plain name for old readers, the true one beside it.

    ``kind`` is ``attachment`` or ``inline``.
    """
    safe = safe_name(name, extension)
    # Decomposed, a full-width quote is a quote: the plain name is made safe again.
    ascii_only = unicodedata.normalize("NFKD", safe).encode("ascii", "ignore").decode()
    plain = safe_name(ascii_only, extension)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


def _headers(kind: str, name: str, extension: str) -> dict[str, str]:
    return {
        "Content-Disposition": disposition(kind, name, extension),
        "Content-Security-Policy": _SANDBOX,
    }


def _type(extension: str) -> str:
    return _TYPES.get(extension, "application/octet-stream")


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while block := stream.read(_BLOCK):
            yield block
