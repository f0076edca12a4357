"""``transmission certify``: the certificate of executory character of an act."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from transmission.cli.context import about_an_acte, author, author_option, named_acte
from transmission.cli.files import write_whole
from transmission.cli.told import json_option, tell
from transmission.domain.texte import printable


def _one_line(_ctx: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    """One line that can be printed. Raises BadParameter for an empty one."""
    if text is None:
        return None
    line = " ".join(printable(text).split())
    if not line:
        raise click.BadParameter("il faut un texte.")
    return line


@click.command(epilog='Exemple : transmission certify D20230009710 --fonction "Le maire"')
@about_an_acte
@click.option(
    "--fonction",
    required=True,
    metavar="TEXTE",
    callback=_one_line,
    help="De qui signe : « Le maire », « La présidente »…",
)
@click.option("--nom", metavar="TEXTE", callback=_one_line, help="Nom de qui signe.")
@click.option(
    "--sortie",
    metavar="FICHIER",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Où l'écrire (certificat-NUMERO.pdf) ; un fichier de ce nom est remplacé.",
)
@author_option
@json_option
@click.pass_context
def certify(
    ctx: click.Context, /, numero: str, day: date | None, siren: str | None, **given: Any
) -> None:
    """Écrire le certificat de caractère exécutoire de l'acte NUMERO, à signer.

    Refusé, avec toutes les raisons, tant qu'une formalité manque. Sa délivrance entre au journal.
    """
    from transmission.ports.certificat import Signatory
    from transmission.services.certify import certify as certified

    signatory = Signatory(given["fonction"], given["nom"])
    with named_acte(ctx, numero, day, siren) as named:
        with named.tools.register() as unit:
            # Never the number as it was typed, which might lead elsewhere.
            usual = Path(f"certificat-{unit.acte(named.acte_id).numero_interne}.pdf")
        output = given["sortie"] or usual
        who = author(given["par"])
        reservations: list[str] = []
        write_whole(
            output,
            lambda target: reservations.extend(
                certified(named.tools, named.acte_id, signatory, who, target)
            ),
        )
    tell(
        lambda: {"acte": numero, "fichier": output, "reserves": reservations},
        lambda: click.echo(f"Certificat de caractère exécutoire : {output}"),
    )
    for reservation in reservations:
        click.echo(f"Réserve imprimée : {reservation}", err=True)
