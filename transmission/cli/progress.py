"""Bars that show how far a long work is: at a terminal, to somebody who wants to be told."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from transmission.cli.told import is_quiet, wants_json


def on_terminal() -> bool:
    """Whether somebody looks, and no program reads."""
    # A program started without streams has none at all.
    seen = all(stream and stream.isatty() for stream in (sys.stdout, sys.stderr))
    return seen and not wants_json() and not is_quiet()


_STEP = "transmission.step"


@contextmanager
def step(rank: int, count: int) -> Iterator[None]:
    """Whatever is shown within is the ``rank``-th (from 0) of ``count`` works that share a bar."""
    meta = click.get_current_context().meta
    meta[_STEP] = rank, count
    try:
        yield
    finally:
        del meta[_STEP]


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the error output, to be told how much is done, of how much; nothing elsewhere."""
    if not on_terminal():
        yield lambda _done, _total: None
        return
    # Imported late: only a person at a terminal needs rich.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(24), TaskProgressColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        rank, count = click.get_current_context().meta.get(_STEP, (0, 1))
        named = what if count == 1 else f"{what} {rank + 1}/{count}"
        shown = progress.add_task(named, total=count, completed=rank)

        def report(done: int, total: int) -> None:
            progress.update(shown, completed=rank + (done / total if total else 1))

        yield report
