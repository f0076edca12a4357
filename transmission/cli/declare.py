"""``declare``: what no message tells of an act, stated by a person."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.choices import codes, listed
from transmission.cli.context import Day, about_an_acte, author, author_option, named_acte
from transmission.cli.told import json_option, tell
from transmission.domain.legal.declaration import LABELS
from transmission.domain.legal.sujets import ActeKind, BudgetKind, Categorie

if TYPE_CHECKING:
    from transmission.ports import Declared

_EXAMPLES = """\b
Exemples :
  transmission declare D20230009710
  transmission declare D20230009710 --signature 2023-03-03 --categorie dsp
  transmission declare D20230009710 --retirer categorie --motif "erreur"
"""
_EPILOG = "\n\n".join(
    [
        _EXAMPLES,
        listed("Nature juridique", ActeKind),
        listed("Catégorie", Categorie),
        listed("Document budgétaire", BudgetKind),
    ]
)
_MARK = click.Choice(["oui", "non"])


_OPTIONS: Sequence[tuple[str, str, Any]] = (
    ("--signature", "date_signature", Day()),
    ("--nature-juridique", "nature_juridique", codes(ActeKind)),
    ("--categorie", "categorie", codes(Categorie)),
    ("--par-delegation", "par_delegation", _MARK),
    ("--montant-ht", "montant_ht", str),
    ("--total-lots-ht", "total_lots_ht", str),
    ("--date-consultation", "date_consultation", Day()),
    ("--date-signature-marche", "date_signature_marche", Day()),
    ("--document-budgetaire", "document_budgetaire", codes(BudgetKind)),
    ("--exercice", "exercice", str),
    ("--renouvellement", "renouvellement", _MARK),
    ("--date-effet", "date_effet", Day()),
    ("--date-execution", "date_execution", Day()),
    ("--date-deliberation-recue", "date_deliberation_recue", Day()),
    ("--cree-des-droits", "cree_des_droits", _MARK),
    ("--tacite", "tacite", _MARK),
    ("--sous-scot", "sous_scot", _MARK),
    ("--voies-de-recours", "voies_de_recours", _MARK),
)
_METAVARS = {
    **dict.fromkeys(("montant_ht", "total_lots_ht"), "EUROS"),
    **dict.fromkeys(("nature_juridique", "categorie", "document_budgetaire"), "CODE"),
    "exercice": "ANNEE",
}


def _stated(command: Any) -> Any:
    for option, name, kind in reversed(_OPTIONS):
        told = f"{LABELS[name]}."
        command = click.option(option, name, type=kind, metavar=_METAVARS.get(name), help=told)(
            command
        )
    return command


@click.command(epilog=_EPILOG)
@about_an_acte
@_stated
@click.option(
    "--retirer",
    "withdrawn",
    type=click.Choice(list(LABELS)),
    metavar="FAIT",
    multiple=True,
    help="Ne plus déclarer ce fait (répétable) : " + ", ".join(LABELS) + ".",
)
@click.option("--motif", metavar="TEXTE", help="Pourquoi ; exigé pour changer ou retirer un fait.")
@author_option
@json_option
@click.pass_context
def declare(
    ctx: click.Context,
    /,
    numero: str,
    day: date | None,
    siren: str | None,
    withdrawn: tuple[str, ...],
    motif: str | None,
    par: str | None,
    **stated: Any,
) -> None:
    """Déclarer ce qu'aucun message ne dit de l'acte NUMERO ; sans option, dire ce qui l'est.

    L'horloge légale relit l'acte aussitôt. Ce qui n'est pas nommé reste déclaré.
    """
    from transmission.services.declare import declare as record

    given = {name: value for name, value in stated.items() if value is not None}
    with named_acte(ctx, numero, day, siren) as named:
        if given or withdrawn:
            record(named.tools, named.acte_id, given, author(par, motif), withdrawn)
        with named.tools.register() as unit:
            history = unit.legal_facts(named.acte_id)
        zone = named.owner.collectivite.time_zone
    tell(lambda: _document(numero, history), lambda: _show(numero, history, zone))


def _document(numero: str, history: Sequence["Declared"]) -> dict[str, Any]:
    from transmission.domain.legal.declaration import declared, value_label

    newest = history[0] if history else None
    facts = declared(newest.declaration) if newest else {}
    return {
        "acte": numero,
        "declare": {name: value_label(name, value) for name, value in facts.items()},
        "par": newest.author if newest else None,
        "quand": newest.at if newest else None,
        "motif": newest.reason if newest else None,
    }


def _show(numero: str, history: Sequence["Declared"], zone: str) -> None:
    from transmission.cli.facts import show
    from transmission.console.words import moment
    from transmission.domain.legal.declaration import declared, value_label

    newest = history[0] if history else None
    facts = declared(newest.declaration) if newest else {}
    if newest is None or not facts:
        click.echo(f"Acte {numero} : rien n'est déclaré.")
        return
    told = {LABELS[name]: value_label(name, value) for name, value in facts.items()}
    why = f" ({newest.reason})" if newest.reason else ""
    told["Dit par"] = f"{newest.author}, {moment(newest.at, zone)}{why}"
    show(f"Acte {numero} : ce qui est déclaré", told)
