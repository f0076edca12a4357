"""``transmission dossier``: everything that proves an act, in one sealed file."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import click

from transmission.cli.context import about_an_acte, author_option
from transmission.cli.files import write_whole
from transmission.cli.progress import bar
from transmission.cli.service import Named, from_afar, service_of
from transmission.cli.told import json_option, tell


@click.command(epilog="Exemple : transmission dossier D20230009710")
@about_an_acte
@click.option(
    "-o",
    "--output",
    metavar="FICHIER",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Où l'écrire (IDENTIFIANT.asice) ; un fichier de ce nom est remplacé.",
)
@author_option
@from_afar
@json_option
@click.pass_context
def dossier(
    ctx: click.Context,
    numero: str,
    day: date | None,
    siren: str | None,
    output: Path | None,
    par: str | None,
) -> None:
    """Écrire le dossier de preuve de l'acte NUMERO, que « transmission verify » vérifie.

    Il peut être demandé à tout moment : ce qui lui manque encore y est dit. Sa remise entre au
    journal.
    """
    with service_of(ctx, par) as service, service.acte(Named(numero, day, siren)) as acte:
        # The identifier is read by its own rules: it leads nowhere else.
        path = output or Path(f"{acte.id_acte()}.asice")
        with bar("dossier") as progress:
            write_whole(path, lambda target: acte.dossier(target, progress))
    holes = _holes(path)
    tell(
        lambda: {"acte": numero, "fichier": path, "manques": holes},
        lambda: click.echo(f"Dossier de preuve : {path}"),
    )
    for hole in holes:
        click.echo(f"Il y manque : {hole['dit']}", err=True)


def _holes(path: Path) -> list[dict[str, Any]]:
    """What the dossier says that it lacks."""
    with ZipFile(path) as archive:
        told = json.loads(archive.read("dossier.json"))
    return [
        {"genre": hole["kind"], "dit": hole["message"], "membre": hole["of"]}
        for hole in told["holes"]
    ]
