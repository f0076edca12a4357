"""Files sent in pieces, and taken up again where they stopped (tus 1.0.0).

What was read of a request that is cut is kept, unless the request gave a digest: its bytes are then
taken all together or not at all.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Path as InPath
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from transmission.api.bodies import blocks, incoming_folder
from transmission.api.caller import Sender
from transmission.api.container import ApiContainer
from transmission.api.guard import not_allowed
from transmission.api.problems import RefusalError, not_found, too_many
from transmission.api.tus import (
    CHECKSUMS,
    EXTENSIONS,
    VERSION,
    Checksum,
    checksum_of,
    described,
    headers_of,
    length_of,
    number_of,
    require_bytes,
    require_version,
    speaks_tus,
    too_long,
    whole_headers_of,
)
from transmission.domain.access import Access
from transmission.domain.errors import NotFoundError
from transmission.domain.uploads import LENGTH_MAX, OffsetError, Upload, UploadsFullError
from transmission.services.uploads import begin_upload, continue_upload, end_upload, find_upload

UPLOADS = "/api/v1/televersements"
BLOCK = 1 << 20
"""Bytes that are kept together."""

UploadId = Annotated[int, InPath(ge=1, le=2**63 - 1, description="Numéro du téléversement.")]
_FULL_WAIT = 3600


@dataclass(frozen=True)
class Televersements:
    """``/api/v1/televersements``."""

    container: ApiContainer

    @speaks_tus
    async def options(self, access: Sender) -> Response:
        """Ce que le service sait du protocole tus."""
        del access
        told = {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(LENGTH_MAX),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
        }
        return Response(status_code=204, headers=told)

    @speaks_tus
    async def create(self, request: Request, access: Sender) -> Response:
        """Annoncer un fichier, et au besoin en envoyer le début."""
        require_version(request)
        length, (said, nom) = length_of(request), described(request)
        has_bytes = "content-type" in request.headers
        if has_bytes:
            require_bytes(request)
        checksum = checksum_of(request) if has_bytes else None
        try:
            upload = await run_in_threadpool(
                begin_upload, self.container.tools, access, length, nom, said
            )
        except UploadsFullError as error:
            raise too_many(str(error), _FULL_WAIT, {}) from None
        if has_bytes:
            upload = await self._extended(request, access, upload, checksum)
        headers = {"Location": f"{UPLOADS}/{upload.id}", **headers_of(upload)}
        return Response(status_code=201, headers=headers)

    @speaks_tus
    async def head(self, request: Request, access: Sender, upload_id: UploadId) -> Response:
        """Où en est un fichier."""
        require_version(request)
        upload = await self._found(access, upload_id)
        return Response(headers=dict(whole_headers_of(upload)))

    @speaks_tus
    async def extend(self, request: Request, access: Sender, upload_id: UploadId) -> Response:
        """Envoyer la suite d'un fichier."""
        require_version(request)
        require_bytes(request)
        offset, checksum = number_of(request, "Upload-Offset"), checksum_of(request)
        upload = await self._found(access, upload_id)
        if upload.received != offset:
            raise _elsewhere(OffsetError(upload.received))
        upload = await self._extended(request, access, upload, checksum)
        return Response(status_code=204, headers=headers_of(upload))

    @speaks_tus
    async def end(self, request: Request, access: Sender, upload_id: UploadId) -> Response:
        """Abandonner un fichier ; ce qu'il est devenu dans un acte reste."""
        require_version(request)
        try:
            await run_in_threadpool(end_upload, self.container.tools, access, upload_id)
        except NotFoundError:
            raise not_found() from None
        return Response(status_code=204)

    @speaks_tus
    async def overridden(self, request: Request, access: Sender, upload_id: UploadId) -> Response:
        """Un autre verbe, pour qui ne peut envoyer que POST (X-HTTP-Method-Override)."""
        verbs = {"PATCH": self.extend, "DELETE": self.end, "HEAD": self.head}
        wanted = verbs.get(request.headers.get("x-http-method-override", ""))
        if wanted is None:
            raise not_allowed(("HEAD", "PATCH", "DELETE"))
        return await wanted(request, access, upload_id)

    async def _found(self, access: Access, upload_id: int) -> Upload:
        try:
            return await run_in_threadpool(find_upload, self.container.tools, access, upload_id)
        except NotFoundError:
            raise not_found() from None

    async def _extended(
        self, request: Request, access: Access, upload: Upload, checksum: Checksum | None
    ) -> Upload:
        told = request.headers.get("content-length", "0")
        if told.isdecimal() and int(told) > upload.length - upload.received:
            raise too_long(upload.length)
        within = _within(blocks(request), upload)
        try:
            if checksum is None:
                return await self._piece_by_piece(access, upload, within)
            return await self._all_at_once(access, upload, within, checksum)
        except OffsetError as error:
            raise _elsewhere(error) from None
        except NotFoundError:
            raise not_found() from None

    async def _piece_by_piece(
        self, access: Access, upload: Upload, coming: AsyncIterator[bytes]
    ) -> Upload:
        gathered = bytearray()
        try:
            async for block in coming:
                gathered += block
                if len(gathered) >= BLOCK:
                    upload = await self._kept(access, upload, iter([bytes(gathered)]))
                    gathered.clear()
        except (ClientDisconnect, RefusalError):
            if gathered:
                await self._kept(access, upload, iter([bytes(gathered)]))
            raise
        return await self._kept(access, upload, iter([bytes(gathered)]))

    async def _all_at_once(
        self, access: Access, upload: Upload, coming: AsyncIterator[bytes], checksum: Checksum
    ) -> Upload:
        async with incoming_folder(self.container.incoming) as folder:
            path = folder / "piece"
            with path.open("xb") as target:
                async for block in coming:
                    await run_in_threadpool(target.write, block)
            await run_in_threadpool(checksum.check, path)
            return await self._kept(access, upload, _blocks_of(path))

    async def _kept(self, access: Access, upload: Upload, pieces: Iterator[bytes]) -> Upload:
        return await run_in_threadpool(
            continue_upload, self.container.tools, access, upload.id, upload.received, pieces
        )


async def _within(coming: AsyncIterator[bytes], upload: Upload) -> AsyncIterator[bytes]:
    """The same, refused from the first block that goes past the end of the file."""
    left = upload.length - upload.received
    async for block in coming:
        left -= len(block)
        if left < 0:
            raise too_long(upload.length)
        yield block


def _blocks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as content:
        while block := content.read(BLOCK):
            yield block


def _elsewhere(error: OffsetError) -> RefusalError:
    return RefusalError(
        409,
        "decalage",
        "Ces octets ne sont pas attendus",
        str(error),
        headers={"Upload-Offset": str(error.received), "Connection": "close"},
        recus=error.received,
    )
