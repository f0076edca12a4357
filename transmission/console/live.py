"""Live updates: open pages are told that something happened, and fetch themselves again.

The register is asked once a second for all pages together, and only while one is open.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

import anyio
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

PAUSE = 1.0
"""Seconds between two looks at the journal."""

REMINDER = 30.0
"""Seconds after which pages are told again: ages grow though nothing happens."""


class JournalWatch:
    """The newest journal id, read at most once per pause however many ask."""

    def __init__(self, read: Callable[[], int], pause: float = PAUSE) -> None:
        self._read = read
        self._pause = pause
        self._turn = asyncio.Lock()
        self._newest = 0
        self._due_at = 0.0

    async def newest(self) -> int:
        """The id, at most one pause old. Raises SQLAlchemyError when the register is away."""
        clock = asyncio.get_running_loop().time
        async with self._turn:
            if clock() >= self._due_at:
                self._newest = await run_in_threadpool(self._read)
                self._due_at = clock() + self._pause
            return self._newest


async def bells(
    watch: JournalWatch, closing: anyio.Event, pause: float = PAUSE, reminder: float = REMINDER
) -> AsyncIterator[dict[str, str]]:
    """Server-sent events bearing the newest journal id: at once, at each change, and now and then.

    Ends when the server is ``closing`` or the register away; browsers then come back by themselves.
    """
    told, quiet = -1, 0.0
    while not closing.is_set():
        try:
            newest = await watch.newest()
        except SQLAlchemyError:
            return
        if newest != told or quiet >= reminder:
            told, quiet = newest, 0.0
            yield {"data": str(newest)}
        with anyio.move_on_after(pause):
            await closing.wait()
        quiet += pause
