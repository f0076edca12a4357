"""``transmission up``: the whole service on one machine, as one supervised program."""

import contextlib
from typing import TYPE_CHECKING

import click

from transmission.cli.context import register_told, settings_of
from transmission.cli.interruption import pause

if TYPE_CHECKING:
    from transmission.cli.installation import Installation

_LOOK = 0.5


@click.command(epilog="Exemple : transmission up --home /srv/transmission")
@click.pass_context
def up(ctx: click.Context) -> None:
    """Démarrer tout le service sur cette machine, jusqu'à Ctrl-C."""
    from transmission.cli.installation import installed

    with register_told(), installed(settings_of(ctx)) as installation:
        if installation.told.registre_url:
            click.echo(f"Registre public : {installation.told.registre_url}")
        click.echo(f"Console : {installation.told.console_url}   (Ctrl-C pour arrêter)")
        supervise(installation)


def supervise(installation: "Installation") -> None:
    """Start again what dies, until the terminal or the system says to stop.

    Raises EngineUnavailableError.
    """
    try:
        while True:
            for name in installation.watch():
                click.echo(f"{name} s'est arrêté ; il est relancé ({installation.home}/logs).")
            pause(_LOOK)
    except KeyboardInterrupt:
        # The terminal may be gone.
        with contextlib.suppress(OSError):
            click.echo("\nArrêt en cours…")
