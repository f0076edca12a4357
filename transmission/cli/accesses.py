"""``transmission accesses``: who read the files of an act."""

from datetime import date
from typing import Any

import click

from transmission.cli.context import about_an_acte, named_acte
from transmission.cli.told import json_option, tell

MOST = 1000


@click.command(epilog="Exemple : transmission accesses D20230009710 --json")
@about_an_acte
@json_option
@click.pass_context
def accesses(ctx: click.Context, /, numero: str, day: date | None, siren: str | None) -> None:
    """Lister qui a lu les fichiers de l'acte NUMERO, et quand."""
    with named_acte(ctx, numero, day, siren) as named, named.tools.register() as unit:
        found = unit.accesses_of(named.acte_id, MOST)
    rows: list[dict[str, Any]] = [
        {
            "le": each.at.isoformat(),
            "par": each.reading.reader,
            "acces": each.reading.channel.label,
            "fichier": each.reading.what,
            "sha256": each.sha256,
        }
        for each in found
    ]
    tell(lambda: {"acte": numero, "consultations": rows}, lambda: _print(rows))


def _print(rows: list[dict[str, Any]]) -> None:
    if not rows:
        click.echo("Personne n'a lu les fichiers de cet acte.")
    for row in rows:
        click.echo(f"{row['le']}  {row['par']}  {row['acces']}  {row['fichier']}")
