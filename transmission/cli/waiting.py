"""Watch acts until nothing more is expected of the service."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click

from transmission.cli.facts import wrapped
from transmission.console.waiting import reason
from transmission.domain.lifecycle import FINAL, State
from transmission.domain.transmission import Transmission
from transmission.services.toolbox import Toolbox

_STEPS = (State.ACCEPTED, State.PREPARED, State.SUBMITTING, State.SUBMITTED)
_PAUSE = 0.2


def wait_for(
    tools: Toolbox,
    actes: Sequence[int],
    limit: float | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> list[Transmission]:
    """Show progress until each act is at its end or waits for a person; where each stands.

    Gives up after ``limit`` seconds. A bar on a terminal only; elsewhere nothing is shown.
    """
    started = time.monotonic()
    with _progress(len(actes)) as report:
        while True:
            with tools.register() as unit:
                watched = [unit.current_transmission(acte_id) for acte_id in actes]
            report(watched)
            late = limit is not None and time.monotonic() - started > limit
            if late or all(_is_still(transmission) for transmission in watched):
                return watched
            pause(_PAUSE)


def tell_outcomes(tools: Toolbox, outcomes: Sequence[Transmission]) -> None:
    """One line for each act received, a few for each that was not."""
    for outcome in outcomes:
        with tools.register() as unit:
            numero = unit.acte(outcome.acte_id).numero_interne
        if outcome.date_reception is not None and outcome.state is State.ACKNOWLEDGED:
            click.echo(f"{numero} : reçu en préfecture le {outcome.date_reception:%d/%m/%Y}.")
        else:
            click.echo(f"{numero} : {outcome.state.label}.", err=True)
            for line in wrapped(reason(outcome.state, outcome.waiting_for), 78):
                click.echo(f"  {line}", err=True)


def _is_still(transmission: Transmission) -> bool:
    return transmission.state in FINAL or transmission.state is State.HELD


@contextmanager
def _progress(count: int) -> Iterator[Callable[[Sequence[Transmission]], None]]:
    # A program started without streams has none at all.
    if not all(stream and stream.isatty() for stream in (sys.stdout, sys.stderr)):
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

        def report(watched: Sequence[Transmission]) -> None:
            done = sum(_steps_done(transmission) for transmission in watched)
            progress.update(bar, completed=done, description=_summary(watched))

        yield report


def _steps_done(transmission: Transmission) -> int:
    if _is_still(transmission):
        return len(_STEPS) + 1
    return _STEPS.index(transmission.state) + 1 if transmission.state in _STEPS else 0


def _summary(watched: Sequence[Transmission]) -> str:
    if len(watched) == 1:
        return watched[0].state.label
    received = sum(transmission.state is State.ACKNOWLEDGED for transmission in watched)
    return f"{received} reçus en préfecture sur {len(watched)}"
