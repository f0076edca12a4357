import asyncio
from collections.abc import Callable, Iterator

import anyio
from sqlalchemy.exc import SQLAlchemyError

from transmission.console.live import JournalWatch, bells


def reading(*values: int) -> tuple[Callable[[], int], list[int]]:
    """A register that answers these ids in turn, then is away; and what was asked of it."""
    left: Iterator[int] = iter(values)
    asked: list[int] = []

    def read() -> int:
        try:
            asked.append(next(left))
        except StopIteration:
            raise SQLAlchemyError from None
        return asked[-1]

    return read, asked


def heard(*values: int, reminder: float = 1000) -> list[str]:
    watch = JournalWatch(reading(*values)[0], pause=0)

    async def listen() -> list[str]:
        stream = bells(watch, anyio.Event(), pause=0, reminder=reminder)
        return [bell["data"] async for bell in stream]

    return asyncio.run(listen())


def test_a_page_is_told_at_once_where_the_journal_is() -> None:
    assert heard(7) == ["7"]


def test_a_page_is_told_of_each_change_and_of_nothing_else() -> None:
    assert heard(7, 7, 8, 8, 8, 12) == ["7", "8", "12"]


def test_a_page_is_told_again_now_and_then_since_ages_grow() -> None:
    assert heard(7, 7, 7, reminder=0) == ["7", "7", "7"]


def test_the_stream_ends_when_the_register_is_away() -> None:
    assert heard() == []


def test_the_stream_ends_when_the_server_closes() -> None:
    watch = JournalWatch(reading(7)[0], pause=1000)

    async def listen() -> list[str]:
        closing = anyio.Event()
        heard = []
        async for bell in bells(watch, closing, pause=1000):
            heard.append(bell["data"])
            closing.set()
        return heard

    assert asyncio.run(listen()) == ["7"]


def test_many_pages_ask_the_register_once_per_pause() -> None:
    read, asked = reading(7, 8)
    watch = JournalWatch(read, pause=1000)

    async def ask() -> list[int]:
        return await asyncio.gather(*(watch.newest() for _ in range(50)))

    assert asyncio.run(ask()) == [7] * 50
    assert asked == [7]


def test_the_telling_ends_after_a_while_so_that_who_listens_is_looked_at_again() -> None:
    watch = JournalWatch(reading(*range(1, 100))[0], pause=0)

    async def listen() -> list[str]:
        stream = bells(watch, anyio.Event(), pause=0.001, lasts=0.0045)
        return [bell["data"] async for bell in stream]

    assert asyncio.run(listen()) == ["1", "2", "3", "4", "5"]
