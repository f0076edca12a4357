"""``transmission up``: the whole service on one machine, as one supervised program."""

import contextlib
import shlex
from typing import TYPE_CHECKING

import click

from transmission.cli.context import register_told, settings_of, wired
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
        _tell_how_to_enter(ctx, installation)
        click.echo(f"Console : {installation.told.console_url}   (Ctrl-C pour arrêter)")
        supervise(installation)


def _tell_how_to_enter(ctx: click.Context, installation: "Installation") -> None:
    from transmission.services.accounts import no_account_yet

    with wired(ctx) as made:
        if no_account_yet(made.tools):
            home = shlex.quote(str(installation.home))
            click.echo(
                "Personne n'a encore de compte à la console. Créez le premier, dans un autre "
                f"terminal :\n  transmission --home {home} user add administration --nom "
                '"Administration" --role administrateur --partout --lien'
            )


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
