"""``transmission stamp`` and ``transmission ar``: the two papers that people ask for."""

import contextlib
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import BinaryIO

import click

from transmission.cli.context import about_an_acte
from transmission.cli.failures import reason
from transmission.cli.service import Named, from_afar, service_of
from transmission.cli.told import json_option, tell
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
@from_afar
@json_option
@click.pass_context
def stamp(
    ctx: click.Context, numero: str, day: date | None, siren: str | None, output: Path
) -> None:
    """Écrire l'acte NUMERO tamponné ; refusé tant que l'accusé de réception n'est pas arrivé."""
    with service_of(ctx) as service, service.acte(Named(numero, day, siren)) as acte:
        write_whole(output, acte.stamp)
    tell(
        lambda: {"acte": numero, "fichier": output},
        lambda: click.echo(f"Acte tamponné : {output}"),
    )


@click.command(epilog="Exemple : transmission ar D20230009710 -o accuse.xml")
@about_an_acte
@_output
@from_afar
@json_option
@click.pass_context
def ar(ctx: click.Context, numero: str, day: date | None, siren: str | None, output: Path) -> None:
    """Écrire l'accusé de réception de l'acte NUMERO, octet pour octet comme il a été reçu."""
    with service_of(ctx) as service, service.acte(Named(numero, day, siren)) as acte:
        write_whole(output, acte.accuse_reception)
    tell(
        lambda: {"acte": numero, "fichier": output},
        lambda: click.echo(f"Accusé de réception : {output}"),
    )


def write_whole(output: Path, writer: Callable[[BinaryIO], object]) -> None:
    """Write a file entirely or not at all. Raises UnwritableError, and what ``writer`` raises."""
    aside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with aside.open("x+b") as target:
            writer(target)
        aside.replace(output)
    except OSError as error:
        raise UnwritableError(
            f"{output} ne peut pas être écrit : {reason(error)}. Choisissez un autre endroit."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
