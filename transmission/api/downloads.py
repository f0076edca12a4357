"""Kept bytes handed to programs: whole, in part (RFC 9110 §14), or not when they have them."""

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from transmission.api.problems import RefusalError
from transmission.served import has_it

ASICE = "application/vnd.etsi.asic-e+zip"
_TYPES = {
    "pdf": "application/pdf",
    "xml": "application/xml",
    "jpg": "image/jpeg",
    "png": "image/png",
    "p7s": "application/pkcs7-signature",
    "tsr": "application/vnd.etsi.timestamp-token",
    "tar.gz": "application/gzip",
    "txt": "text/plain; charset=utf-8",
    "asice": ASICE,
}
_OTHERS = "application/octet-stream"
MEDIA_TYPES = (*_TYPES.values(), _OTHERS)
"""Types under which files are handed out."""

_BLOCK = 1 << 16
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})", re.ASCII)
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9._-]")


def served(
    request: Request, stream: BinaryIO, size: int, sha256: str, name: str, extension: str
) -> Response:
    """``size`` bytes of a stream, from its beginning, under their digest; closes the stream."""
    etag = f'"{sha256}"'
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'attachment; filename="{_safe(name, extension)}"',
    }
    try:
        if has_it(request, etag):
            stream.close()
            return Response(status_code=304, headers=headers)
        start, end, status = _asked(request, size, etag)
        stream.seek(start)
    except BaseException:
        stream.close()
        raise
    headers["Content-Length"] = str(end - start)
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    media_type = _TYPES.get(extension, _OTHERS)
    if request.method == "HEAD":
        stream.close()
        return Response(status_code=status, headers=headers, media_type=media_type)
    return _Kept(stream, end - start, status, headers, media_type)


class _Kept(StreamingResponse):
    """Closes what it reads, even when whoever asked leaves before the first byte."""

    def __init__(
        self,
        stream: BinaryIO,
        length: int,
        status: int,
        headers: Mapping[str, str],
        media_type: str,
    ) -> None:
        self._stream = stream
        super().__init__(_blocks(stream, length), status, headers, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._stream.close()


def _asked(request: Request, size: int, etag: str) -> tuple[int, int, int]:
    """First byte, byte after the last, and status. A range that nobody can read is ignored."""
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if found is None or not any(found.groups()) or request.headers.get("if-range", etag) != etag:
        return 0, size, 200
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < start:
            return 0, size, 200
    if start >= size or start >= end:
        raise RefusalError(
            416,
            "plage",
            "Plage hors du fichier",
            f"Le fichier compte {size} octets.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return start, end, 206


def _blocks(stream: BinaryIO, left: int) -> Iterator[bytes]:
    while left and (block := stream.read(min(_BLOCK, left))):
        left -= len(block)
        yield block


def _safe(name: str, extension: str) -> str:
    stem = _NOT_A_NAME.sub("_", name.removesuffix(f".{extension}")).strip("._")[:100]
    return f"{stem or 'document'}.{extension}"
