"""``transmission send``: hand over acts, one by one or a whole folder."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.context import author_option, authority_option
from transmission.cli.progress import step
from transmission.cli.service import from_afar, service_of
from transmission.cli.told import json_option, quiet_option, tell_line, wants_json

if TYPE_CHECKING:
    from transmission.cli.handing import Manner, Taken, Taker
    from transmission.cli.items import Folder, Item
    from transmission.cli.service import Outcome, Service

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
@from_afar
@json_option
@quiet_option
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
    with service_of(ctx, options["par"]) as service:
        with service.taker(options["siren"]) as taker:
            items, refused = _items(chemins, options)
            taken, failed = _hand_all(taker, items, options)
        late = options["wait"] and taken and _unreceived(service, taken)
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
    taker: "Taker", items: list["Item"], options: dict[str, Any]
) -> tuple[list[int], int]:
    """Hand acts over one after the other; keys of those taken, and how many were refused."""
    from transmission.cli.handing import Manner
    from transmission.domain.errors import TransmissionError

    asks = bool(sys.stdin and sys.stdin.isatty()) and not wants_json()
    manner = Manner(options["yes"], asks, options["cle"])
    taken: list[int] = []
    failed = 0
    for rank, item in enumerate(items):
        try:
            with step(rank, len(items)):
                taken += _hand_one(taker, item, manner, rehearsal=options["essai"])
        except (TransmissionError, OSError) as error:
            failed += 1
            _tell_refused(item.document, error)
    return list(dict.fromkeys(taken)), failed


def _hand_one(taker: "Taker", item: "Item", manner: "Manner", *, rehearsal: bool) -> list[int]:
    from transmission.cli.handing import hand_over, would_be_taken

    name = item.document.name
    if rehearsal:
        would_be_taken(taker, item)
        tell_line(
            lambda: {"fichier": name, "sort": "serait_accepte"},
            lambda: click.echo(f"{name} : serait accepté ; rien n'a été remis."),
        )
        return []
    taken = hand_over(taker, item, manner)
    tell_line(
        lambda: {
            "fichier": name,
            "sort": "deja_remis" if taken.repeated else "accepte",
            "acte": taken.acte_id,
            "numero": taken.numero,
            "notes": list(taken.notes),
        },
        lambda: _tell_taken(name, taken),
    )
    return [taken.acte_id]


def _tell_taken(name: str, taken: "Taken") -> None:
    again = ", déjà remis : rien n'a changé" if taken.repeated else ""
    click.echo(f"{name} : acte {taken.numero} pris en charge{again}.")
    for note in taken.notes:
        click.echo(f"  {note}.")


def _tell_refused(document: Path, error: Exception) -> None:
    from transmission.cli.failures import explained
    from transmission.domain.errors import RefusedError

    said = explained(error) if isinstance(error, OSError) else str(error)
    if wants_json():
        problems = [
            {"champ": each.field, "code": each.rule, "message": each.message, "remede": each.remedy}
            for each in (error.problems if isinstance(error, RefusedError) else ())
        ]
        refused = {"fichier": document.name, "sort": "refuse", "raison": said}
        tell_line(lambda: refused | {"problemes": problems}, lambda: None)
        return
    lines = "".join(f"\n  - {line}" for line in said.splitlines())
    click.echo(f"{document.name} : refusé, rien n'a été remis{lines}", err=True)


def _unreceived(service: "Service", actes: list[int]) -> int:
    from transmission.domain.lifecycle import State

    try:
        outcomes = service.watch(actes)
    except KeyboardInterrupt:
        click.echo("Ce qui est pris en charge suit son cours sans attendre.", err=True)
        raise
    for outcome in outcomes:
        _tell_outcome(outcome)
    return sum(outcome.state is not State.ACKNOWLEDGED for outcome in outcomes)


def _tell_outcome(outcome: "Outcome") -> None:
    from transmission.cli.facts import wrapped
    from transmission.domain.lifecycle import State

    if wants_json():
        told = {
            "numero": outcome.numero,
            "etat": outcome.state.code,
            "date_reception": outcome.date_reception,
        }
        tell_line(lambda: told, lambda: None)
    elif outcome.date_reception is not None and outcome.state is State.ACKNOWLEDGED:
        tell_line(
            lambda: None,
            lambda: click.echo(
                f"{outcome.numero} : reçu en préfecture le {outcome.date_reception:%d/%m/%Y}."
            ),
        )
    else:
        click.echo(f"{outcome.numero} : {outcome.state.label}.", err=True)
        for line in wrapped(outcome.why, 78):
            click.echo(f"  {line}", err=True)
