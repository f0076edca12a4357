"""Live updates: open pages are told that something happened, and fetch themselves again.

The register is asked once a second for all pages together, and only while one is open.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial

import anyio
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from transmission.store.queries.counts import newest_journal_id
from transmission.store.queries.ownership import newest_journal_id_of

PAUSE = 1.0
"""Seconds between two looks at the journal."""

LASTS = 600.0
"""Seconds after which the telling ends: browsers come back, and who they are is looked at again."""

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


class Watches:
    """One watch for each group of authorities that people may read, None for all of them."""

    def __init__(self, engine: Engine, pause: float = PAUSE) -> None:
        self._engine = engine
        self._pause = pause
        self._watches: dict[frozenset[str] | None, JournalWatch] = {}

    def of(self, sirens: frozenset[str] | None) -> JournalWatch:
        """The watch over some authorities: whoever asks learns nothing of the others."""
        if sirens not in self._watches:
            self._watches[sirens] = JournalWatch(partial(self._newest, sirens), self._pause)
        return self._watches[sirens]

    def _newest(self, sirens: frozenset[str] | None) -> int:
        with self._engine.connect() as connection:
            if sirens is None:
                return newest_journal_id(connection)
            return newest_journal_id_of(connection, sirens)


async def bells(
    watch: JournalWatch,
    closing: anyio.Event,
    pause: float = PAUSE,
    reminder: float = REMINDER,
    lasts: float = LASTS,
) -> AsyncIterator[dict[str, str]]:
    """Server-sent events bearing the newest journal id: at once, at each change, and now and then.

    Ends when the server is ``closing``, the register away, or after ``lasts`` seconds; browsers
    then come back by themselves.
    """
    told, quiet, told_for = -1, 0.0, 0.0
    while told_for < lasts and not closing.is_set():
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
        told_for += pause
