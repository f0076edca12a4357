"""The command ``transmission``: each sub-command is imported only when it is called."""

import sys
from importlib import import_module

import click

COMMANDS = {
    "authority": ("transmission.cli.authority", "Collectivités : ajouter, lister, classification."),
    "send": ("transmission.cli.send", "Remettre un ou plusieurs actes au service."),
    "status": ("transmission.cli.status", "Dire où en est un acte, et pourquoi."),
    "stamp": ("transmission.cli.files", "Obtenir l'acte tamponné."),
    "ar": ("transmission.cli.files", "Obtenir l'accusé de réception tel que reçu."),
    "publish": ("transmission.cli.decisions", "Enregistrer la date de mise en ligne."),
    "release": ("transmission.cli.decisions", "Relancer un acte en attente d'un opérateur."),
    "abandon": ("transmission.cli.decisions", "Abandonner un acte en attente d'un opérateur."),
    "up": ("transmission.cli.up", "Démarrer tout le service sur cette machine."),
    "demo": ("transmission.cli.demo", "Démonstration complète avec une collectivité fictive."),
    "web": ("transmission.cli.processes", "Processus : console web."),
    "worker": ("transmission.cli.processes", "Processus : exécution des tâches."),
    "scheduler": ("transmission.cli.processes", "Processus : relais et tâches périodiques."),
    "migrate": ("transmission.cli.processes", "Mettre la base de données à jour."),
    "lifecycle": ("transmission.cli.processes", "Imprimer le diagramme des états."),
}


class LazyGroup(click.Group):
    """A group whose commands cost nothing until called, so that help answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commandes"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(file_okay=False),
    help="Dossier de l'installation embarquée (sinon TRANSMISSION_HOME, ou var/transmission).",
)
@click.version_option(package_name="transmission")
@click.pass_context
def cli(ctx: click.Context, home: str | None) -> None:
    """Télétransmettre les actes à la préfecture, et rapporter la preuve de leur réception."""
    ctx.obj = {} if home is None else {"home": home}


def main() -> None:
    """Entry point: errors of ours are told in French, without a traceback; exit status 1."""
    from transmission.domain.errors import TransmissionError

    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Interrompu.", err=True)
        sys.exit(130)
    except TransmissionError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)


if __name__ == "__main__":
    main()
