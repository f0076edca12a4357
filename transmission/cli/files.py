"""``transmission stamp`` and ``transmission ar``: the two papers that people ask for."""

import contextlib
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import BinaryIO

import click

from transmission.cli.context import about_an_acte, named_acte
from transmission.cli.failures import reason
from transmission.domain.errors import TransmissionError

_output = click.option(
    "-o",
    "--output",
    required=True,
    metavar="FICHIER",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Où l'écrire ; un fichier de ce nom est remplacé.",
)


class UnwritableError(TransmissionError):
    """The file that was asked for cannot be written there."""


@click.command(epilog="Exemple : transmission stamp D20230009710 -o acte-tamponne.pdf")
@about_an_acte
@_output
@click.pass_context
def stamp(
    ctx: click.Context, numero: str, day: date | None, siren: str | None, output: Path
) -> None:
    """Écrire l'acte NUMERO tamponné ; refusé tant que l'accusé de réception n'est pas arrivé."""
    from transmission.services.stamp import stamp as stamped

    with named_acte(ctx, numero, day, siren) as named:
        write_whole(output, lambda target: stamped(named.tools, named.acte_id, target))
    click.echo(f"Acte tamponné : {output}")


@click.command(epilog="Exemple : transmission ar D20230009710 -o accuse.xml")
@about_an_acte
@_output
@click.pass_context
def ar(ctx: click.Context, numero: str, day: date | None, siren: str | None, output: Path) -> None:
    """Écrire l'accusé de réception de l'acte NUMERO, octet pour octet comme il a été reçu."""
    from transmission.services.stamp import received

    with named_acte(ctx, numero, day, siren) as named:
        content = named.tools.documents.read(received(named.tools, named.acte_id))
        write_whole(output, lambda target: target.write(content))
    click.echo(f"Accusé de réception : {output}")


def write_whole(output: Path, writer: Callable[[BinaryIO], object]) -> None:
    """Write a file entirely or not at all. Raises UnwritableError, and what ``writer`` raises."""
    aside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with aside.open("xb") as target:
            writer(target)
        aside.replace(output)
    except OSError as error:
        raise UnwritableError(
            f"{output} ne peut pas être écrit : {reason(error)}. Choisissez un autre endroit."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
