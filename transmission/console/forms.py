"""What people type and send: one reading, which no other site can have forged."""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import HTTPException, Request
from starlette.datastructures import FormData, UploadFile

from transmission.console.visitor import ForbiddenError, visit

FIELD = "jeton_formulaire"
"""Name of the hidden field that says that the form is ours."""

FILES_MAX, FIELDS_MAX, FIELD_BYTES = 200, 1000, 1 << 20


@dataclass(frozen=True, slots=True)
class Posted:
    """A form as it was sent."""

    content: FormData

    def text(self, name: str) -> str:
        """What was typed in a field, without the spaces around; empty when it was not."""
        return next(iter(self.texts(name)), "")

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
async def posted(request: Request) -> AsyncIterator[Posted]:
    """The form of a request, whose files are closed at the end.

    What blocks (services, the register) is called in a thread: ``run_in_threadpool``.

    Raises HTTPException 400 for what is no form, ForbiddenError for a form that did not come from
    a page of this visit.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise HTTPException(400)
    form = request.form(max_files=FILES_MAX, max_fields=FIELDS_MAX, max_part_size=FIELD_BYTES)
    async with form as content:
        given = content.get(FIELD)
        if not isinstance(given, str) or not hmac.compare_digest(
            given.encode(), visit(request).csrf.encode()
        ):
            raise ForbiddenError(
                "Ce formulaire n'est plus valable : votre session a changé depuis que la page a "
                "été ouverte. Rien n'a été fait. Rechargez la page, puis recommencez."
            )
        yield Posted(content)
