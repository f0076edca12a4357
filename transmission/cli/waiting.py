"""Watch acts until nothing more is expected of the service."""

import time
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from transmission.domain.lifecycle import FINAL, State
from transmission.domain.transmission import Transmission
from transmission.services.toolbox import Toolbox

_STEPS = (State.ACCEPTED, State.PREPARED, State.SUBMITTING, State.SUBMITTED, State.ACKNOWLEDGED)
_PAUSE = 0.2


def wait_for(tools: Toolbox, actes: Sequence[int]) -> list[Transmission]:
    """Show progress until each act is at its end or waits for a person; where each stands."""
    stderr = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=stderr, transient=False) as progress:
        return [_watch(tools, progress, acte_id) for acte_id in actes]


def _watch(tools: Toolbox, progress: Progress, acte_id: int) -> Transmission:
    with tools.register() as unit:
        numero = unit.acte(acte_id).numero_interne
    bar = progress.add_task(numero, total=len(_STEPS), state="")
    while True:
        with tools.register() as unit:
            transmission = unit.current_transmission(acte_id)
        done = _STEPS.index(transmission.state) + 1 if transmission.state in _STEPS else 0
        progress.update(bar, completed=done, state=transmission.state.label)
        if transmission.state in FINAL or transmission.state is State.HELD:
            progress.stop_task(bar)
            return transmission
        time.sleep(_PAUSE)
