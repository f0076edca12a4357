"""``transmission send``: hand over acts, one by one or a whole folder."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.context import (
    author,
    author_option,
    authority_option,
    chosen_authority,
    wired,
)

if TYPE_CHECKING:
    from transmission.cli.handing import Manner
    from transmission.cli.items import Folder, Item
    from transmission.ports import AuthorityRow
    from transmission.services.toolbox import Toolbox

_OF_ONE_ACTE = ("numero", "typologie", "annexe", "papier", "cle")
_EPILOG = """\b
Exemples :
  transmission send deliberation.pdf --numero D20230009710 \\
    --date 2023-03-02 --nature DE --matiere 7.5 \\
    --objet "Subvention" --annexe plan.pdf
  transmission send seance-du-2-mars/ --matiere 7.5 --yes --wait
"""


@click.command(epilog=_EPILOG)
@click.argument("chemins", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--numero", metavar="NUMERO", help="Numéro de l'acte (1 à 15 capitales, chiffres, soulignés)."
)
@click.option("--date", metavar="AAAA-MM-JJ", help="Date de la décision.")
@click.option("--nature", metavar="CODE", help="DE, AR, AI, CC, BF ou AU.")
@click.option("--matiere", metavar="CODE", help="Matière de la classification (7.5).")
@click.option("--objet", metavar="TEXTE", help="Objet de l'acte, 500 caractères au plus.")
@click.option(
    "--typologie", metavar="CODE", help="Typologie de l'acte (par défaut celle de sa nature)."
)
@click.option(
    "--annexe",
    multiple=True,
    metavar="FICHIER[:CODE]",
    help="Annexe, avec sa typologie s'il y a lieu ; répétable, l'ordre est gardé.",
)
@click.option("--papier", is_flag=True, help="Des documents papier complètent l'envoi.")
@click.option(
    "--cle",
    metavar="TEXTE",
    help="Clé d'idempotence : deux appels de même clé donnent un seul acte.",
)
@click.option("--yes", is_flag=True, help="Accepter sans question ce qui est proposé.")
@click.option("--essai", is_flag=True, help="Dire si ce serait accepté, sans rien remettre.")
@click.option("--wait", is_flag=True, help="Attendre l'issue, avec une barre de progrès.")
@authority_option
@author_option
@click.pass_context
def send(ctx: click.Context, /, chemins: tuple[Path, ...], **options: Any) -> None:
    """Remettre au service les actes CHEMINS : des fichiers, ou des dossiers d'actes.

    Un texte ou un Markdown est d'abord mis en page en PDF. Ce qui manque (numéro, date, nature,
    objet) est proposé d'après le texte du document, et n'est remis qu'après confirmation ou avec
    --yes.

    Dans un dossier, chaque document est un acte ; un fichier de même nom en .toml le décrit
    (numero, date, nature, matiere, objet, typologie, document_papier, annexes).

    Remettre deux fois le même acte est sans effet. Code de sortie 0 si tout a été remis (avec
    --wait : si tout est reçu en préfecture), 1 sinon.
    """
    _refuse_shared(chemins, options)
    with wired(ctx) as made:
        owner = chosen_authority(made.tools, options["siren"])
        items, refused = _items(chemins, options)
        taken, failed = _hand_all(made.tools, owner, items, options)
        late = options["wait"] and taken and _unreceived(made.tools, taken)
    if refused or failed or late:
        ctx.exit(1)


def _refuse_shared(paths: tuple[Path, ...], options: dict[str, Any]) -> None:
    if len(paths) == 1 and not paths[0].is_dir():
        return
    given = [f"--{name}" for name in _OF_ONE_ACTE if options[name]]
    if given:
        raise click.UsageError(
            f"{', '.join(given)} : pour un seul document à la fois. Dans un dossier, écrivez-le "
            "dans le fichier .toml de chaque acte."
        )


def _items(paths: tuple[Path, ...], options: dict[str, Any]) -> tuple[list["Item"], int]:
    from transmission.cli.items import Item, annexe, read_folder
    from transmission.cli.proposal import Fields

    given = Fields(*(options[name] for name in ("numero", "date", "nature", "matiere", "objet")))
    items: list[Item] = []
    refused = 0
    for path in paths:
        if path.is_dir():
            folder = read_folder(path, given)
            refused += _tell_strangers(path, folder)
            items += folder.items
        else:
            annexes = tuple(annexe(text) for text in options["annexe"])
            items.append(Item(path, given, annexes, options["typologie"], options["papier"]))
    return items, refused


def _tell_strangers(path: Path, folder: "Folder") -> int:
    """Tell what a folder holds besides acts, for an act in disguise must not be lost; how many."""
    from transmission.cli.items import DOCUMENTS

    for stranger in folder.strangers:
        click.echo(
            f"{stranger.name} : laissé de côté, ce n'est ni un acte ({', '.join(DOCUMENTS)}) ni "
            "une annexe décrite.",
            err=True,
        )
    if not folder.items:
        click.echo(f"Le dossier {path} ne contient aucun acte ; rien n'a été remis.", err=True)
    return len(folder.strangers) + (not folder.items)


def _hand_all(
    tools: "Toolbox", owner: "AuthorityRow", items: list["Item"], options: dict[str, Any]
) -> tuple[list[int], int]:
    """Hand acts over one after the other; keys of those taken, and how many were refused."""
    from transmission.cli.handing import Manner
    from transmission.domain.errors import TransmissionError

    asks = bool(sys.stdin and sys.stdin.isatty())
    manner = Manner(author(options["par"]), options["yes"], asks, options["cle"])
    taken: list[int] = []
    failed = 0
    for item in items:
        try:
            taken += _hand_one(tools, owner, item, manner, rehearsal=options["essai"])
        except (TransmissionError, OSError) as error:
            failed += 1
            _tell_refused(item.document, error)
    return list(dict.fromkeys(taken)), failed


def _hand_one(
    tools: "Toolbox", owner: "AuthorityRow", item: "Item", manner: "Manner", *, rehearsal: bool
) -> list[int]:
    from transmission.cli.handing import hand_over, would_be_taken

    if rehearsal:
        would_be_taken(tools, owner, item)
        click.echo(f"{item.document.name} : serait accepté ; rien n'a été remis.")
        return []
    taken = hand_over(tools, owner, item, manner)
    again = ", déjà remis : rien n'a changé" if taken.repeated else ""
    click.echo(f"{item.document.name} : acte {taken.acte.numero_interne} pris en charge{again}.")
    for note in taken.notes:
        click.echo(f"  {note}.")
    return [taken.acte_id]


def _tell_refused(document: Path, error: Exception) -> None:
    from transmission.cli.failures import explained

    said = explained(error) if isinstance(error, OSError) else str(error)
    lines = "".join(f"\n  - {line}" for line in said.splitlines())
    click.echo(f"{document.name} : refusé, rien n'a été remis{lines}", err=True)


def _unreceived(tools: "Toolbox", actes: list[int]) -> int:
    from transmission.cli.waiting import tell_outcomes, wait_for
    from transmission.domain.lifecycle import State

    try:
        outcomes = wait_for(tools, actes)
    except KeyboardInterrupt:
        click.echo("Ce qui est pris en charge suit son cours sans attendre.", err=True)
        raise
    tell_outcomes(tools, outcomes)
    return sum(outcome.state is not State.ACKNOWLEDGED for outcome in outcomes)
