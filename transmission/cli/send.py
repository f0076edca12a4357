"""``transmission send``: hand over acts, one by one or a whole folder."""

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from transmission.cli.context import author, chosen_authority, wired
from transmission.cli.proposal import Fields, as_document, completed, proposed
from transmission.cli.waiting import wait_for
from transmission.domain.acceptance import Form
from transmission.domain.errors import Problem, RefusedError, TransmissionError
from transmission.domain.transmission import Author
from transmission.pdf.errors import PdfError
from transmission.ports import AuthorityRow
from transmission.services.accept import Deposit, DepositedFile, TakenInCharge, accept, check
from transmission.services.toolbox import Toolbox

DOCUMENTS = (".pdf", ".xml", ".md", ".markdown", ".txt")
LABELS = {
    "numero": "Numéro",
    "date": "Date de décision",
    "nature": "Nature",
    "matiere": "Matière",
    "objet": "Objet",
}


@dataclass(frozen=True, slots=True)
class Item:
    """An act to hand over: its document, what was said of it, its annexes in order."""

    document: Path
    fields: Fields
    annexes: tuple[tuple[Path, str | None], ...] = ()
    typologie: str | None = None
    document_papier: bool = False


@dataclass(frozen=True, slots=True)
class Manner:
    """How the caller wants to hand over."""

    author: Author
    yes: bool
    dry_run: bool
    key: str | None


@click.command()
@click.argument("chemins", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--numero", help="Numéro de l'acte (1 à 15 capitales, chiffres ou soulignés).")
@click.option("--date", "day", help="Date de la décision, AAAA-MM-JJ.")
@click.option("--nature", help="DE, AR, AI, CC, BF ou AU.")
@click.option("--matiere", help="Matière de la classification, par exemple 7.5.")
@click.option("--objet", help="Objet de l'acte, 500 caractères au plus.")
@click.option("--typologie", help="Code de typologie de l'acte (par défaut celui de sa nature).")
@click.option(
    "--annexe",
    "annexes",
    multiple=True,
    metavar="FICHIER[:CODE]",
    help="Annexe, avec son code de typologie s'il y a lieu ; répétable, l'ordre est gardé.",
)
@click.option("--papier", is_flag=True, help="Des documents papier complètent l'envoi.")
@click.option("--siren", help="Collectivité, s'il y en a plusieurs.")
@click.option("--cle", help="Clé d'idempotence : deux appels de même clé donnent un seul acte.")
@click.option("--yes", is_flag=True, help="Accepter sans question ce qui est proposé.")
@click.option("--essai", is_flag=True, help="Dire si l'acte serait accepté, sans rien remettre.")
@click.option("--wait", "waits", is_flag=True, help="Attendre l'issue, avec une barre de progrès.")
@click.option("--par", help="Qui remet l'acte (par défaut le compte de la session).")
@click.pass_context
def send(ctx: click.Context, /, chemins: tuple[Path, ...], **options: Any) -> None:
    """Remettre au service les actes CHEMINS : des fichiers, ou des dossiers d'actes.

    Dans un dossier, chaque document est un acte ; un fichier de même nom en .toml donne ses
    métadonnées (numero, date, nature, matiere, objet, typologie, annexes). Ce qui manque est
    proposé d'après le texte du document, et n'est remis qu'après confirmation ou avec --yes.
    """
    manner = Manner(author(options["par"]), options["yes"], options["essai"], options["cle"])
    with wired(ctx) as made:
        owner = chosen_authority(made.tools, options["siren"])
        items = list(_items(chemins, options))
        sent = [_hand_over(made.tools, owner, item, manner) for item in items]
        if options["waits"] and not manner.dry_run:
            wait_for(made.tools, [one.acte_id for one in sent if one is not None])
    if any(one is None for one in sent) and not manner.dry_run:
        sys.exit(1)


def _items(paths: tuple[Path, ...], options: dict[str, Any]) -> Iterator[Item]:
    fields = Fields(
        options["numero"], options["day"], options["nature"], options["matiere"], options["objet"]
    )
    for path in paths:
        if path.is_dir():
            yield from _folder(path, fields)
        else:
            yield Item(
                path,
                fields,
                tuple(_annexe(text) for text in options["annexes"]),
                options["typologie"],
                options["papier"],
            )


def _annexe(text: str) -> tuple[Path, str | None]:
    name, _, code = text.rpartition(":")
    if name and not Path(text).exists():
        return Path(name), code
    return Path(text), None


def _folder(folder: Path, given: Fields) -> Iterator[Item]:
    described = {path: _described(path) for path in sorted(folder.glob("*.toml"))}
    annexes = {
        (folder / _named(entry)[0]).resolve()
        for content in described.values()
        for entry in content.get("annexes", [])
    }
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in DOCUMENTS or path.resolve() in annexes:
            continue
        content = described.get(path.with_suffix(".toml"), {})
        yield _described_item(folder, path, content, given)


def _described(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RefusedError(
            [Problem(path.name, "description", f"Ce n'est pas du TOML : {error}.", "Corrigez-le.")]
        ) from error


def _described_item(folder: Path, path: Path, content: dict[str, Any], given: Fields) -> Item:
    names = ("date", "nature", "matiere", "objet")
    shared = {name: getattr(given, name) for name in names if getattr(given, name)}
    own = {name: str(content[name]) for name in (*names, "numero") if name in content}
    pieces = [_named(entry) for entry in content.get("annexes", [])]
    return Item(
        path,
        replace(Fields(), **{**shared, **own}),
        tuple((folder / name, code) for name, code in pieces),
        content.get("typologie"),
        bool(content.get("document_papier", False)),
    )


def _named(entry: str | dict[str, str]) -> tuple[str, str | None]:
    if isinstance(entry, str):
        return entry, None
    return entry["fichier"], entry.get("typologie")


def _hand_over(
    tools: Toolbox, owner: AuthorityRow, item: Item, manner: Manner
) -> TakenInCharge | None:
    try:
        fields = _confirmed(item, owner, manner)
        if fields is None:
            return None
        with as_document(item.document) as document:
            deposit = _deposit(item, document, fields, manner.key)
            if manner.dry_run:
                check(tools, owner.collectivite.siren, deposit)
                click.echo(f"{item.document.name} : serait accepté, rien n'a été remis.")
                return None
            taken = accept(tools, owner.collectivite.siren, deposit, manner.author)
    except (TransmissionError, PdfError) as error:
        click.echo(f"{item.document.name} : refusé, rien n'a été remis.\n{error}", err=True)
        return None
    again = " (déjà remis, rien n'a changé)" if taken.repeated else ""
    click.echo(f"{item.document.name} : acte {taken.acte.numero_interne} pris en charge{again}.")
    for note in taken.notes:
        click.echo(f"  Objet : {note}.")
    return taken


def _confirmed(item: Item, owner: AuthorityRow, manner: Manner) -> Fields | None:
    if all(getattr(item.fields, name) is not None for name in LABELS):
        return item.fields
    found = proposed(item.document, owner.collectivite)
    fields, guessed = completed(item.fields, found)
    if not guessed:
        return fields
    click.echo(f"{item.document.name} : métadonnées proposées d'après le document")
    for name in guessed:
        click.echo(f"  {LABELS[name]} : {getattr(fields, name)}")
    if manner.yes:
        return fields
    if not sys.stdin.isatty():
        click.echo("  À confirmer : relancez avec --yes, ou donnez ces champs.", err=True)
        return None
    return fields if click.confirm("Est-ce exact ?") else None


def _deposit(item: Item, document: Path, fields: Fields, key: str | None) -> Deposit:
    # A rendered document keeps the name that people know it by.
    name = item.document.with_suffix(document.suffix).name
    files = [DepositedFile(document, name, item.typologie)]
    for path, code in item.annexes:
        if not path.is_file():
            raise RefusedError(
                [
                    Problem(
                        "annexes",
                        "annexe_introuvable",
                        f"L'annexe {path} n'existe pas.",
                        "Vérifiez son chemin.",
                    )
                ]
            )
        files.append(DepositedFile(path, path.name, code))
    form = Form(
        fields.numero or "",
        fields.date or "",
        fields.nature or "",
        fields.matiere or "",
        fields.objet or "",
        item.document_papier,
    )
    return Deposit(form, tuple(files), key)
