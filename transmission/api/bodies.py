"""The body of a request: as it comes, within a time, into a folder that is emptied after."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.multipart import parse_options_header

from transmission.api.problems import malformed, too_large, too_slow, unsupported

BODY_SECONDS = 1800
"""How long a whole body may take: 151 MiB at 90 kB/s."""

JSON_MAX = 64 * 1024
"""Bytes of a body in JSON."""


async def blocks(request: Request) -> AsyncIterator[bytes]:
    """The body, uncompressed, block by block.

    Raises RefusalError (408 once its time is over, 413, 415) and ClientDisconnect.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise unsupported("Envoyez le corps sans le comprimer (Content-Encoding).")
    end = asyncio.get_running_loop().time() + BODY_SECONDS
    stream = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout_at(end):
                block = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise too_slow(BODY_SECONDS) from None
        if block:
            yield block


def is_json(request: Request) -> bool:
    """Whether the body is told to be in JSON."""
    kind, _ = parse_options_header(request.headers.get("content-type"))
    return kind == b"application/json"


async def read_body(request: Request, most: int = JSON_MAX) -> bytes:
    """A whole small body. Raises as :func:`blocks`."""
    content = bytearray()
    async for block in blocks(request):
        content += block
        if len(content) > most:
            raise too_large(most)
    return bytes(content)


async def read_json(request: Request, most: int = JSON_MAX) -> dict[str, Any]:
    """The JSON object that a whole body is. Raises RefusalError."""
    if not is_json(request):
        raise unsupported("Envoyez ce corps en application/json.")
    return json_object(await read_body(request, most), "Le corps")


def json_object(content: bytes, what: str) -> dict[str, Any]:
    """A JSON object, each name once; ``what`` names it in French. Raises RefusalError."""

    def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            # Readers differ on which of two equal names counts: nobody may guess for an act.
            raise malformed(f"{what} donne deux fois le même nom.")
        return found

    try:
        said = json.loads(content.decode("utf-8"), object_pairs_hook=once)
    except UnicodeDecodeError:
        raise malformed(f"{what} n'est pas en UTF-8.") from None
    except (ValueError, RecursionError):
        raise malformed(f"{what} n'est pas un objet JSON lisible.") from None
    if not isinstance(said, dict):
        raise malformed(f"{what} doit être un objet JSON.")
    return said


def is_storable(text: str, most: int) -> bool:
    """Whether a text has at most so many characters, and none that nobody can keep."""
    # A lone surrogate is no character: neither PostgreSQL nor UTF-8 can hold it.
    return len(text) <= most and not any("\ud800" <= c <= "\udfff" for c in text)


def shown_name(name: str) -> str:
    """The beginning of a name that came from outside, as text that can be answered."""
    return name[:60].encode("utf-8", "replace").decode()


@asynccontextmanager
async def incoming_folder(parent: Path) -> AsyncIterator[Path]:
    """A folder of its own for what a request brings; gone at the end with all that it holds."""
    folder = Path(await run_in_threadpool(tempfile.mkdtemp, dir=parent, prefix="depot-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
