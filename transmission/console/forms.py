"""What people type and send: one reading, which no other site can have forged."""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import HTTPException, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException as ReaderError
from starlette.formparsers import MultiPartException
from starlette.types import Message, Receive

from transmission.console.visitor import ForbiddenError, visit
from transmission.domain.acte import ARCHIVE_MAX

FIELD = "jeton_formulaire"
"""Name of the hidden field that says that the form is ours."""

FILES_MAX, FIELDS_MAX, FIELD_BYTES = 200, 1000, 1 << 20
STRANGER_BYTES = 1 << 14

BODY_MAX = ARCHIVE_MAX + (1 << 20)
"""Bytes of a whole form: all the files that an archive can hold, and what is said of them."""

_HEARD = 4 * BODY_MAX
"""Bytes of a larger one that are still read, and kept nowhere: a browser that is cut while it
sends shows no answer."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A form as it was sent."""

    content: FormData

    def text(self, name: str) -> str:
        """What was typed in a field, without the spaces around; empty when it was not."""
        return next(iter(self.texts(name)), "")

    def exact(self, name: str) -> str:
        """What was typed in a field, to the last space: a password."""
        return next((value for value in self.content.getlist(name) if isinstance(value, str)), "")

    def texts(self, name: str) -> list[str]:
        """Every value of a field, in order."""
        return [
            value.replace("\x00", "").strip()
            for value in self.content.getlist(name)
            if isinstance(value, str)
        ]

    def files(self, name: str) -> list[UploadFile]:
        """The files given in a field, in order; a field left empty gives none."""
        given = self.content.getlist(name)
        return [value for value in given if isinstance(value, UploadFile) and value.filename]


@asynccontextmanager
async def from_a_stranger(request: Request) -> AsyncIterator[Posted]:
    """The form of somebody who is not known yet: a few short fields, and no file.

    No other site can have sent it: the guard looked. Raises HTTPException 400, 413.
    """
    length = request.headers.get("content-length", "")
    if not _is(request, "application/x-www-form-urlencoded") or not length.isdecimal():
        raise HTTPException(400)
    if int(length) > STRANGER_BYTES:
        raise HTTPException(413)
    async with request.form() as content:
        yield Posted(content)


@asynccontextmanager
async def posted(request: Request) -> AsyncIterator[Posted]:
    """The form of a request, whose files are closed at the end.

    What blocks (services, the register) is called in a thread: ``run_in_threadpool``.

    Raises HTTPException 400 for what is no form and 413 for one that is larger than ``BODY_MAX``,
    ForbiddenError for a form that did not come from a page of this visit.
    """
    if not _is(request, "application/x-www-form-urlencoded", "multipart/form-data"):
        raise HTTPException(400)
    content = await _read(request)
    try:
        given = content.get(FIELD)
        if not isinstance(given, str) or not hmac.compare_digest(
            given.encode(), visit(request).csrf.encode()
        ):
            raise ForbiddenError(
                "Ce formulaire n'est plus valable : votre session a changé depuis que la page a "
                "été ouverte. Rien n'a été fait. Rechargez la page, puis recommencez."
            )
        yield Posted(content)
    finally:
        await content.close()


async def _read(request: Request) -> FormData:
    body = _Body(request.receive)
    bounded = Request(request.scope, body)
    try:
        return await bounded.form(
            max_files=FILES_MAX, max_fields=FIELDS_MAX, max_part_size=FIELD_BYTES
        )
    except (ReaderError, MultiPartException) as error:
        raise HTTPException(413 if body.is_too_large else 400) from error


class _Body:
    """A body as it comes, of which no more than a form may have is given."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._heard = 0

    @property
    def is_too_large(self) -> bool:
        return self._heard > BODY_MAX

    async def __call__(self) -> Message:
        message = await self._heard_of()
        if not self.is_too_large:
            return message
        while message.get("more_body") and self._heard <= _HEARD:
            message = await self._heard_of()
        # The one error after which the reader closes the files that it began.
        raise MultiPartException("too large")

    async def _heard_of(self) -> Message:
        message = await self._receive()
        self._heard += len(message.get("body", b""))
        return message


def _is(request: Request, *kinds: str) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() in kinds
