"""``transmission completion``: what a shell proposes while a command is being typed."""

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import click

PATIENCE = 0.3
"""Seconds for which the register is waited for while somebody types."""
_MOST = 50


@click.command(
    epilog="""\b
Exemples :
  transmission completion bash > ~/.transmission-completion
  transmission completion fish > ~/.config/fish/completions/transmission.fish
"""
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Écrire le script qui complète les commandes dans SHELL.

    Il propose les commandes, leurs options, et les numéros d'actes et SIREN du registre, si la
    base de données répond aussitôt.
    """
    from click.shell_completion import get_completion_class

    from transmission.cli.main import cli

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - one of the three
    click.echo(_script(kind, cli))


def _script(kind: Any, command: click.Command) -> str:
    made = kind(command, {}, "transmission", "_TRANSMISSION_COMPLETE")
    # The script itself: what ``source`` adds asks for a shell that is installed here.
    return str(made.source_template % made.source_vars())


def numeros(ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """Numbers of acts that begin so, the last handed over first."""
    return _soon(lambda: _read(ctx, "acte", begun.upper()))


def sirens(ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """SIREN of the authorities that begin so."""
    return _soon(lambda: _read(ctx, "siren", begun))


def _soon(read: Callable[[], Iterator[str]]) -> list[str]:
    """What is read in time; nothing when it is late or cannot be."""
    found: list[str] = []

    def work() -> None:
        try:
            found.extend(read())
        except Exception:  # noqa: BLE001 - nobody is told of errors while typing
            found.clear()

    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return [] if thread.is_alive() else list(found)


def _read(ctx: click.Context, what: str, begun: str) -> Iterator[str]:
    from transmission.bootstrap import addresses
    from transmission.cli.context import settings_of
    from transmission.store.typing_ahead import numbers_like, sirens_like

    read = numbers_like if what == "acte" else sirens_like
    yield from read(addresses(settings_of(ctx)).database_url, begun, _MOST)
