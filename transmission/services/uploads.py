"""Files that programs send in pieces: begun, continued, read whole, ended, forgotten."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from transmission.domain.access import Access
from transmission.domain.errors import NotFoundError
from transmission.domain.transmission import StoredFile
from transmission.domain.uploads import (
    COUNT_MAX,
    LASTS,
    REMEMBERED,
    TOTAL_MAX,
    NewUpload,
    OffsetError,
    Upload,
    UploadsFullError,
)
from transmission.services.toolbox import Toolbox

_BATCH = 100
_STRIDE = 1 << 18


class IncompleteError(OffsetError):
    """The upload is used before its last byte came."""


def begin_upload(tools: Toolbox, access: Access, length: int, nom: str, described: str) -> Upload:
    """Announce a file of so many bytes. Raises UploadsFullError."""
    now = tools.clock.now()
    with tools.register() as unit:
        count, total = unit.uploads_held(access.token_id)
        if count >= COUNT_MAX or total + length > TOTAL_MAX:
            raise UploadsFullError(
                f"Ce jeton a {count} téléversements en cours, de {total} octets en tout ; il peut "
                f"en avoir {COUNT_MAX}, de {TOTAL_MAX} octets. Servez-vous-en dans un acte, ou "
                "supprimez ceux qui ne servent plus."
            )
        new = NewUpload(access.collectivite_id, access.token_id, nom, described, length)
        begun = unit.add_upload(new, now, now + LASTS)
        unit.commit()
    return begun


def find_upload(tools: Toolbox, access: Access, upload_id: int) -> Upload:
    """An upload of the caller's authority. Raises NotFoundError, once its time is over too."""
    now = tools.clock.now()
    with tools.register() as unit:
        found = unit.upload(access.collectivite_id, upload_id)
    if found is None or found.expires_at <= now:
        raise _unknown(upload_id)
    return found


def continue_upload(
    tools: Toolbox, access: Access, upload_id: int, offset: int, blocks: Iterable[bytes]
) -> Upload:
    """Add bytes that begin at ``offset``, all of them or none; the upload then.

    Raises OffsetError when it ends elsewhere, somebody having continued it meanwhile too,
    NotFoundError. Whoever calls has checked that they fit.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        for block in blocks:
            if not unit.extend_upload(upload_id, offset, block, now, now + LASTS):
                break
            offset += len(block)
        else:
            unit.commit()
            return find_upload(tools, access, upload_id)
    raise OffsetError(find_upload(tools, access, upload_id).received)


def read_upload(tools: Toolbox, upload: Upload, target: Path) -> StoredFile:
    """Write the bytes of an upload in a new file; their digest and size.

    Raises IncompleteError, NotFoundError when it ends meanwhile, OSError.
    """
    if not upload.is_whole:
        raise IncompleteError(upload.received)
    if upload.sha256 is not None:
        kept = StoredFile(upload.sha256, upload.length)
        with tools.documents.open(kept) as source, target.open("xb") as copy:
            copyfileobj(source, copy, _STRIDE)
        return kept
    with target.open("xb") as copy:
        digest = _joined(tools, upload, copy)
    if digest is not None:
        return StoredFile(digest, upload.length)
    target.unlink()
    return read_upload(tools, _settled(tools, upload), target)


def settle_uploads(tools: Toolbox, became: Sequence[tuple[int, StoredFile]]) -> None:
    """Say that uploads are documents of the service now; they may be named again for a while."""
    if not became:
        return
    with tools.register() as unit:
        unit.settle_uploads(became, tools.clock.now() + REMEMBERED)
        unit.commit()


def end_upload(tools: Toolbox, access: Access, upload_id: int) -> None:
    """Give up an upload; what it became stays. Raises NotFoundError."""
    with tools.register() as unit:
        removed = unit.remove_upload(access.collectivite_id, upload_id)
        unit.commit()
    if not removed:
        raise _unknown(upload_id)


def forget_uploads(tools: Toolbox) -> int:
    """Remove the uploads and the answers whose time is over; how many uploads were."""
    now, removed = tools.clock.now(), 0
    while True:
        with tools.register() as unit:
            found = unit.remove_expired_uploads(now, _BATCH)
            unit.forget_calls(now - REMEMBERED)
            unit.commit()
        removed += found
        if found < _BATCH:
            return removed


def _joined(tools: Toolbox, upload: Upload, target: BinaryIO) -> str | None:
    """Write the blocks in order; their digest, None when they are gone."""
    digest, offset = hashlib.sha256(), 0
    with tools.register() as unit:
        while offset < upload.length:
            block = unit.upload_block(upload.id, offset)
            if block is None:
                return None
            target.write(block)
            digest.update(block)
            offset += len(block)
    return digest.hexdigest()


def _settled(tools: Toolbox, upload: Upload) -> Upload:
    """The same, which served meanwhile. Raises NotFoundError when it ended instead."""
    with tools.register() as unit:
        found = unit.upload(upload.collectivite_id, upload.id)
    if found is None or found.sha256 is None:
        raise _unknown(upload.id)
    return found


def _unknown(upload_id: int) -> NotFoundError:
    return NotFoundError(f"Aucun téléversement n° {upload_id} n'est en cours.")
