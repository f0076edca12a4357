"""``courriers``, ``courrier``, ``reply``: what the préfecture writes, and what is answered."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from transmission.cli.context import Day, author_option, authority_option
from transmission.cli.service import Named, from_afar, service_of
from transmission.cli.told import json_option, tell

if TYPE_CHECKING:
    from transmission.cli.service import Answered, Told

_MAIL_NUMBER = click.IntRange(1, 2**63 - 1)


@click.command(
    epilog="""\b
Exemples :
  transmission courriers
  transmission courriers D20230009710
"""
)
@click.argument("numero", required=False)
@click.option(
    "--date", "day", type=Day(), help="Date de la décision, si le numéro a servi deux fois."
)
@authority_option
@from_afar
@json_option
@click.pass_context
def courriers(ctx: click.Context, numero: str | None, day: date | None, siren: str | None) -> None:
    """Lister les courriers de la préfecture sur l'acte NUMERO, du plus récent au plus ancien.

    Sans NUMERO, ceux de tous les actes auxquels personne n'a encore répondu.
    """
    with service_of(ctx) as service:
        if numero is None:
            told, documents, whole = service.open_letters(siren)
            tell(
                lambda: {"courriers": documents, "complet": whole},
                lambda: _show(told, whole=whole),
            )
            return
        with service.acte(Named(numero, day, siren)) as acte:
            tell(
                lambda: {"courriers": acte.document()["courriers"], "complet": True},
                lambda: _show_of(numero, acte.letters()),
            )


@click.command(epilog="Exemple : transmission courrier 12 --sortie courriers/")
@click.argument("courrier", metavar="N", type=_MAIL_NUMBER)
@click.option(
    "--sortie",
    required=True,
    metavar="DOSSIER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Où les écrire ; il est créé s'il n'existe pas.",
)
@from_afar
@json_option
@click.pass_context
def courrier(ctx: click.Context, courrier: int, sortie: Path) -> None:
    """Écrire le message et les documents du courrier N dans un dossier.

    Ils sont écrits tels que reçus, octet pour octet, et remplacent ceux d'une fois précédente.
    """
    from transmission.cli.files import write_whole

    written = []
    with service_of(ctx) as service:
        for name, writer in service.letter_files(courrier):
            sortie.mkdir(parents=True, exist_ok=True)
            write_whole(sortie / name, writer)
            written.append(sortie / name)
    tell(
        lambda: {"courrier": courrier, "fichiers": written},
        lambda: click.echo("\n".join(map(str, written))),
    )


@click.command(
    epilog="""\b
Exemples :
  transmission reply 12 plan.pdf devis.pdf
  transmission reply 12 --refus motifs.pdf
"""
)
@click.argument("courrier", metavar="N", type=_MAIL_NUMBER)
@click.argument(
    "fichiers",
    metavar="FICHIER…",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--message", metavar="CODE", help="Message à envoyer : 2-2, 3-4, 3-3, 4-4 ou 4-3.")
@click.option("--refus", is_flag=True, help="Refuser les pièces, ou rejeter les observations.")
@click.option(
    "--type",
    "types",
    metavar="CODE",
    multiple=True,
    help="Typologie de chaque FICHIER, dans le même ordre (répétable).",
)
@author_option
@from_afar
@json_option
@click.pass_context
def reply(
    ctx: click.Context,
    courrier: int,
    fichiers: tuple[Path, ...],
    message: str | None,
    types: tuple[str, ...],
    par: str | None,
    *,
    refus: bool,
) -> None:
    """Répondre au courrier N de la préfecture en lui envoyant chaque FICHIER.

    Sans --message ni --refus, la réponse est celle qui fait droit à la demande.
    """
    if message and refus:
        raise click.UsageError("Donnez --message ou --refus, pas les deux.")
    if types and len(types) != len(fichiers):
        raise click.UsageError("Donnez un --type pour chaque FICHIER, ou n'en donnez aucun.")
    codes = types or (None,) * len(fichiers)
    with service_of(ctx, par) as service:
        given = service.reply(
            courrier, list(zip(fichiers, codes, strict=True)), message, refuses=refus
        )
    tell(
        lambda: {
            "courrier": courrier,
            "acte": given.numero,
            "message": given.message,
            "deja_donnee": given.repeated,
        },
        lambda: _tell(courrier, given),
    )


def _tell(courrier: int, given: "Answered") -> None:
    done = "réponse déjà donnée, rien n'a changé" if given.repeated else "réponse prise en charge"
    click.echo(f"Courrier n° {courrier} (acte {given.numero}) : {done} ({given.label}).")
    click.echo(f"« transmission status {given.numero} » dit où en est cet envoi.")


def _show(told: "Sequence[Told]", *, whole: bool) -> None:
    from transmission.cli.facts import show

    if not told:
        click.echo("Aucun courrier de la préfecture n'attend de réponse.")
    for title, facts in told:
        show(title, facts)
    if not whole:
        click.echo(f"Il y en a d'autres : seuls les {len(told)} plus récents sont montrés.")


def _show_of(numero: str, told: "Sequence[Told]") -> None:
    from transmission.cli.facts import show

    if not told:
        click.echo(f"Acte {numero} : aucun courrier de la préfecture.")
    for title, facts in told:
        show(title, facts)
