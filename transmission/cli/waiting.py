"""Watch acts until nothing more is expected of the service."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

from transmission.cli.progress import on_terminal
from transmission.domain.lifecycle import FINAL, State
from transmission.domain.transmission import Transmission
from transmission.services.toolbox import Toolbox

_STEPS = (State.ACCEPTED, State.PREPARED, State.SUBMITTING, State.SUBMITTED)
_PAUSE = 0.2


class Standing(Protocol):
    """Where an act stands."""

    @property
    def state(self) -> State: ...


_Standing = TypeVar("_Standing", bound=Standing)


def wait_for(
    tools: Toolbox,
    actes: Sequence[int],
    limit: float | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> list[Transmission]:
    """Show progress until each act is at its end or waits for a person; where each stands.

    Gives up after ``limit`` seconds. A bar on a terminal only; elsewhere nothing is shown.
    """

    def look() -> list[Transmission]:
        with tools.register() as unit:
            return [unit.current_transmission(acte_id) for acte_id in actes]

    return watch(look, len(actes), limit, pause)


def watch(
    look: Callable[[], list[_Standing]],
    count: int,
    limit: float | None = None,
    pause: Callable[[float], None] = time.sleep,
    every: float = _PAUSE,
) -> list[_Standing]:
    """The same of ``count`` acts wherever they are looked at, ``every`` so many seconds."""
    started = time.monotonic()
    with _progress(count) as report:
        while True:
            watched = look()
            report(watched)
            late = limit is not None and time.monotonic() - started > limit
            if late or all(_is_still(standing) for standing in watched):
                return watched
            pause(every)


def _is_still(transmission: Standing) -> bool:
    return transmission.state in FINAL or transmission.state is State.HELD


@contextmanager
def _progress(count: int) -> Iterator[Callable[[Sequence[Standing]], None]]:
    # A program started without streams has none at all.
    if not on_terminal():
        yield lambda _: None
        return
    # Imported late: only a person at a terminal needs rich.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        BarColumn(24),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("", total=count * (len(_STEPS) + 1))

        def report(watched: Sequence[Standing]) -> None:
            done = sum(_steps_done(transmission) for transmission in watched)
            progress.update(bar, completed=done, description=_summary(watched))

        yield report


def _steps_done(transmission: Standing) -> int:
    if _is_still(transmission):
        return len(_STEPS) + 1
    return _STEPS.index(transmission.state) + 1 if transmission.state in _STEPS else 0


def _summary(watched: Sequence[Standing]) -> str:
    if len(watched) == 1:
        return watched[0].state.label
    received = sum(transmission.state is State.ACKNOWLEDGED for transmission in watched)
    return f"{received} reçus en préfecture sur {len(watched)}"
