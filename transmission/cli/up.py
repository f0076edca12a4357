"""``transmission up``: the whole service on one machine, as one supervised program."""

import signal
import time
from types import FrameType

import click

from transmission.cli.context import settings_of
from transmission.cli.installation import Installation, installed
from transmission.embedded.errors import EngineUnavailableError

_LOOK = 0.5


@click.command()
@click.pass_context
def up(ctx: click.Context) -> None:
    """Démarrer tout le service sur cette machine, jusqu'à Ctrl-C."""
    try:
        with installed(settings_of(ctx), lambda text: click.echo(f"… {text}")) as installation:
            click.echo(f"Console : {installation.told.console_url}   (Ctrl-C pour arrêter)")
            supervise(installation)
    except EngineUnavailableError as error:
        raise click.ClickException(str(error)) from error


def supervise(installation: Installation) -> None:
    """Start again what dies, until the terminal or the system says to stop."""
    stopped = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    while not stopped:
        for name in installation.watch():
            click.echo(
                f"{name} s'est arrêté ; il est relancé (journal : logs/{name}.log).", err=True
            )
        time.sleep(_LOOK)
    click.echo("Arrêt en cours…")
