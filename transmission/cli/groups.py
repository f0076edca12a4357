"""Groups of sub-commands: every one takes ``--home``, before or after its name."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from transmission.cli.exit_codes import epilog_of


def _keep_home(ctx: click.Context, _option: click.Parameter, home: str | None) -> None:
    kept = ctx.ensure_object(dict)
    if home is not None:
        kept["home"] = home


HOME = click.Option(
    ["--home"],
    metavar="DOSSIER",
    type=click.Path(file_okay=False),
    expose_value=False,
    callback=_keep_home,
    help="Dossier de l'installation (sinon TRANSMISSION_HOME, ou var/transmission).",
)


class CommandGroup(click.Group):
    """A group of commands that are told where the installation is."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"subcommand_metavar": "COMMANDE …", **options})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        if command is not None and HOME not in command.params:
            command.params.append(HOME)
            if not isinstance(command, click.Group):
                command.epilog = f"{command.epilog or ''}\n\n{epilog_of(cmd_name)}".lstrip()
        return command


class LazyGroup(CommandGroup):
    """A group whose commands cost nothing until called, so that help answers at once.

    ``lazy`` gives for each command the module that defines it and its line in the help.
    """

    def __init__(
        self, *arguments: Any, lazy: Mapping[str, tuple[str, str]], **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self._lazy and cmd_name not in self.commands:
            module = import_module(self._lazy[cmd_name][0])
            self.add_command(getattr(module, cmd_name.replace("-", "_")), cmd_name)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commandes"):
            formatter.write_dl([(name, text) for name, (_, text) in self._lazy.items()])
