"""The form of an action as it comes, its files reachable while the action lasts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from transmission.console.actions.sheet import Typed, UploadedFile
from transmission.console.deposit import on_disk
from transmission.console.forms import Posted, posted

_NAME_MAX = 200


@asynccontextmanager
async def incoming(request: Request) -> AsyncIterator[Typed]:
    """What a form says; its files are gone at the end. Raises as ``posted``."""
    async with posted(request) as form:
        yield await run_in_threadpool(_typed, form)


def _typed(form: Posted) -> Typed:
    names = tuple(dict.fromkeys(form.content))
    return Typed(
        {name: form.texts(name) for name in names},
        {
            name: [
                UploadedFile(on_disk(file), (file.filename or "document")[-_NAME_MAX:])
                for file in form.files(name)
            ]
            for name in names
        },
    )
