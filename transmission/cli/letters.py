"""``courriers``, ``courrier``, ``reply``: what the préfecture writes, and what is answered."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from transmission.cli.context import (
    Day,
    author,
    author_option,
    authority_option,
    named_acte,
    wired,
)
from transmission.domain.errors import Problem, RefusedError

if TYPE_CHECKING:
    from transmission.cli.facts import Facts
    from transmission.domain.lifecycle import State
    from transmission.services.files import DepositedFile
    from transmission.services.toolbox import Toolbox
    from transmission.store.queries import LetterLine, Thread

_SHOWN = 200
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
@click.pass_context
def courriers(ctx: click.Context, numero: str | None, day: date | None, siren: str | None) -> None:
    """Lister les courriers de la préfecture sur l'acte NUMERO, du plus récent au plus ancien.

    Sans NUMERO, ceux de tous les actes auxquels personne n'a encore répondu.
    """
    if numero is None:
        _list_open(ctx, siren)
        return
    from transmission.cli.facts import show
    from transmission.store.queries import read_story

    with named_acte(ctx, numero, day, siren) as named, named.engine.connect() as connection:
        story = read_story(connection, named.acte_id)
        assert story is not None  # noqa: S101 - the act was just found
    if not story.threads:
        click.echo(f"Acte {numero} : aucun courrier de la préfecture.")
    for thread in story.threads:
        show(
            f"Courrier n° {thread.letter.id}",
            _facts(thread, story.acte.numero_interne, story.latest.state),
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
@click.pass_context
def courrier(ctx: click.Context, courrier: int, sortie: Path) -> None:
    """Écrire le message et les documents du courrier N dans un dossier.

    Ils sont écrits tels que reçus, octet pour octet, et remplacent ceux d'une fois précédente.
    """
    from transmission.cli.files import write_whole

    with wired(ctx) as made:
        with made.tools.register() as unit:
            letter = unit.courrier(courrier)
            documents = unit.pieces_of_retour(letter.retour_id)
        kept = [(f"courrier-{courrier}.xml", letter.file)]
        kept += [
            (f"courrier-{courrier}-{rank}-{_safe(piece.nom_fichier)}", piece.file)
            for rank, piece in enumerate(documents, start=1)
        ]
        sortie.mkdir(parents=True, exist_ok=True)
        for name, file in kept:
            content = made.tools.documents.read(file)
            write_whole(sortie / name, partial(_write, content))
            click.echo(str(sortie / name))


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
    from transmission.domain.messages import label_of
    from transmission.services.reply import reply as answer

    with wired(ctx) as made:
        chosen = message or _default(made.tools, courrier, refuses=refus)
        given = answer(made.tools, courrier, chosen, _deposited(fichiers, types), author(par))
        with made.tools.register() as unit:
            numero = unit.acte(given.transmission.acte_id).numero_interne
    done = "réponse déjà donnée, rien n'a changé" if given.repeated else "réponse prise en charge"
    label = label_of(given.transmission.message)
    click.echo(f"Courrier n° {courrier} (acte {numero}) : {done} ({label}).")
    click.echo(f"« transmission status {numero} » dit où en est cet envoi.")


def _list_open(ctx: click.Context, siren: str | None) -> None:
    from transmission.cli.facts import show
    from transmission.store.queries import open_letters

    wanted = siren.replace(" ", "") if siren else None
    with wired(ctx) as made, made.engine.connect() as connection:
        found = open_letters(connection, wanted, _SHOWN + 1, newest_first=True)
    if not found:
        click.echo("Aucun courrier de la préfecture n'attend de réponse.")
    for line in found[:_SHOWN]:
        show(f"Courrier n° {line.courrier_id}", _line_facts(line))
    if len(found) > _SHOWN:
        click.echo(f"Il y en a d'autres : seuls les {_SHOWN} plus récents sont montrés.")


def _facts(thread: "Thread", numero: str, acte: "State") -> "Facts":
    from transmission.console.threads import expected, summary, title

    facts: Facts = {
        "Courrier": title(thread.letter),
        **_text(thread.letter.texte),
        "Acte": numero,
        "Documents": str(len(thread.documents)),
        "Attend": expected(thread, acte),
    }
    for answer in reversed(thread.answers):
        facts[f"Réponse n° {answer.sent.id}"] = summary(answer.sent)
    if thread.receipt:
        facts["Accusé du courrier"] = summary(thread.receipt)
    return facts


def _line_facts(line: "LetterLine") -> "Facts":
    from transmission.console.labels import message_label
    from transmission.console.threads import unanswered
    from transmission.console.words import day as civil

    return {
        "Courrier": f"{message_label(line.message)} du {civil(line.date_courrier)}",
        **_text(line.texte),
        "Acte": f"{line.numero_interne}, {line.objet}",
        "Collectivité": line.collectivite,
        "Attend": unanswered(line.message),
    }


def _text(texte: str) -> "Facts":
    return {"Texte": texte} if texte else {}


def _safe(name: str) -> str:
    from transmission.console.words import safe_name
    from transmission.store.queries import extension_of

    return safe_name(name, extension_of(name))


def _write(content: bytes, target: BinaryIO) -> None:
    target.write(content)


def _default(tools: "Toolbox", courrier: int, *, refuses: bool) -> str:
    """The code of the answer that the letter calls for, or of its refusal. Raises RefusedError."""
    from transmission.domain.messages import ANSWERS, label_of

    with tools.register() as unit:
        letter = unit.courrier(courrier)
    answers = ANSWERS[letter.message][refuses:]
    if answers:
        return answers[0]
    asked = "de refus" if refuses and ANSWERS[letter.message] else "de réponse"
    raise RefusedError(
        [
            Problem(
                "courrier",
                "reponse_prevue",
                f"Le courrier n° {courrier} ({label_of(letter.message)}) n'appelle pas {asked}.",
                "Rien n'a été envoyé.",
            )
        ]
    )


def _deposited(fichiers: Sequence[Path], types: Sequence[str]) -> list["DepositedFile"]:
    from transmission.services.files import DepositedFile

    codes = types or (None,) * len(fichiers)
    return [
        DepositedFile(path, path.name, code) for path, code in zip(fichiers, codes, strict=True)
    ]
