"""What a person may declare of an act, because no message and no file tells it.

One flat set of names serves the command line, the JSON kept in the register and the pages: French
nouns, as :data:`LABELS` lists them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from transmission.domain import typed
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.sujets import (
    ActeKind,
    BudgetDocument,
    BudgetKind,
    Categorie,
    LegalActe,
    Marche,
)
from transmission.domain.typed import Fault, Typed

LABELS = {
    "date_signature": "Date de signature",
    "nature_juridique": "Nature juridique",
    "categorie": "Catégorie",
    "par_delegation": "Décision prise par délégation",
    "montant_ht": "Montant du marché hors taxes",
    "total_lots_ht": "Total des lots hors taxes",
    "date_consultation": "Date de la consultation",
    "date_signature_marche": "Date de signature du marché",
    "document_budgetaire": "Document budgétaire",
    "exercice": "Exercice",
    "renouvellement": "Assemblée renouvelée dans l'année",
    "date_effet": "Date d'effet fixée par l'acte",
    "date_execution": "Exécuté depuis le",
    "date_deliberation_recue": "Réception de la délibération qui autorise l'acte",
    "cree_des_droits": "Crée des droits",
    "tacite": "Autorisation tacite",
    "sous_scot": "Un SCoT approuvé couvre le plan",
    "voies_de_recours": "L'acte mentionne les voies et délais de recours",
}
"""Every name that may be declared, with its label."""

_PAST = (
    "date_signature",
    "date_consultation",
    "date_signature_marche",
    "date_execution",
    "date_deliberation_recue",
)
_FIRST_YEAR, _LAST_YEAR = 1982, 2999
_YEAR = "doit être une année"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Facts stated by a person, None where nobody said.

    ``date_execution`` is the first day on which the act was executed; ``voies_de_recours`` whether
    its text tells how to appeal; the others are those of the act as the rules see it.
    """

    date_signature: date | None = None
    kind: ActeKind | None = None
    categorie: Categorie | None = None
    par_delegation: bool | None = None
    marche: Marche = field(default_factory=Marche)
    budget: BudgetDocument | None = None
    date_effet: date | None = None
    date_execution: date | None = None
    date_deliberation_recue: date | None = None
    creates_rights: bool | None = None
    tacite: bool | None = None
    sous_scot: bool | None = None
    voies_de_recours: bool | None = None

    def of(self, acte: LegalActe) -> LegalActe:
        """The act, with what was declared of it."""
        return replace(
            acte,
            date_signature=self.date_signature,
            stated_kind=self.kind,
            stated_categorie=self.categorie,
            par_delegation=bool(self.par_delegation),
            marche=self.marche,
            budget=self.budget,
            date_effet=self.date_effet,
            date_deliberation_recue=self.date_deliberation_recue,
            creates_rights=self.creates_rights,
            tacite=bool(self.tacite),
            sous_scot=self.sous_scot,
        )


NOTHING = Declaration()


def read_declaration(content: Mapping[str, Any]) -> Declaration:
    """What is declared under the names of :data:`LABELS`, typed or as text; None is left aside.

    Raises RefusedError with every problem at once.
    """
    given = Typed(content)
    made = Declaration(
        date_signature=_day(given, "date_signature"),
        kind=given.choose("nature_juridique", ActeKind),
        categorie=given.choose("categorie", Categorie),
        par_delegation=_mark(given, "par_delegation"),
        marche=_marche(given),
        budget=_budget(given, content),
        date_effet=_day(given, "date_effet"),
        date_execution=_day(given, "date_execution"),
        date_deliberation_recue=_day(given, "date_deliberation_recue"),
        creates_rights=_mark(given, "cree_des_droits"),
        tacite=_mark(given, "tacite"),
        sous_scot=_mark(given, "sous_scot"),
        voies_de_recours=_mark(given, "voies_de_recours"),
    )
    given.refuse_others()
    if given.faults:
        raise RefusedError([_faulty(each, content.get(each.name)) for each in given.faults])
    return made


def declared(declaration: Declaration) -> dict[str, Any]:
    """The reverse of :func:`read_declaration`: JSON values by name, what nobody said left out."""
    marche, budget = declaration.marche, declaration.budget
    values = {
        "date_signature": declaration.date_signature,
        "nature_juridique": declaration.kind,
        "categorie": declaration.categorie,
        "par_delegation": declaration.par_delegation,
        "montant_ht": marche.montant_ht,
        "total_lots_ht": marche.total_lots_ht,
        "date_consultation": marche.date_consultation,
        "date_signature_marche": marche.date_signature,
        "document_budgetaire": budget and budget.kind,
        "exercice": budget and budget.exercice,
        "renouvellement": budget and budget.renouvellement,
        "date_effet": declaration.date_effet,
        "date_execution": declaration.date_execution,
        "date_deliberation_recue": declaration.date_deliberation_recue,
        "cree_des_droits": declaration.creates_rights,
        "tacite": declaration.tacite,
        "sous_scot": declaration.sous_scot,
        "voies_de_recours": declaration.voies_de_recours,
    }
    return {name: _json(value) for name, value in values.items() if value is not None}


def impossible(
    declaration: Declaration, nature: NatureActe, date_decision: date, today: date
) -> Iterator[Problem]:
    """Problems of a declaration about an act of that nature and day, on ``today`` (its civil day).

    A date of effect may be of any day.
    """
    values = declared(declaration)
    for name in _PAST:
        if name in values and date.fromisoformat(values[name]) > today:
            yield _impossible(name, values[name], f"est après aujourd'hui ({today:%d/%m/%Y})")
    signed = declaration.date_signature
    if signed is not None and signed < date_decision and nature is not NatureActe.CONTRAT:
        yield _impossible(
            "date_signature",
            values["date_signature"],
            f"précède la décision ({date_decision:%d/%m/%Y})",
        )


def value_label(name: str, value: Any) -> str:
    """A declared JSON value as people read it."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if name.startswith("date_"):
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    if name in ("montant_ht", "total_lots_ht"):
        return f"{value} €".replace(".", ",")
    kinds = {
        "nature_juridique": ActeKind, "categorie": Categorie, "document_budgetaire": BudgetKind
    }  # fmt: skip
    known = {kind.code: kind.label for kind in kinds.get(name, ())}
    return known.get(value, str(value))


def _faulty(fault: Fault, value: Any) -> Problem:
    said = "" if value is None else f" : « {value} »"
    return Problem(
        fault.name,
        "declaration",
        f"{LABELS.get(fault.name, fault.name)}{said} {fault.text}.",
        "Corrigez cette valeur ; rien n'a été enregistré.",
    )


def _impossible(name: str, value: str, why: str) -> Problem:
    return Problem(
        name,
        "date_possible",
        f"{LABELS[name]} : le {date.fromisoformat(value):%d/%m/%Y} {why}.",
        "Vérifiez la date ; rien n'a été enregistré.",
    )


def _day(given: Typed, name: str) -> date | None:
    return given.take(name, typed.day, typed.DAY)


def _mark(given: Typed, name: str) -> bool | None:
    return given.take(name, typed.mark, typed.MARK)


def _marche(given: Typed) -> Marche:
    return Marche(
        montant_ht=given.take("montant_ht", typed.amount, typed.AMOUNT),
        total_lots_ht=given.take("total_lots_ht", typed.amount, typed.AMOUNT),
        date_consultation=_day(given, "date_consultation"),
        date_signature=_day(given, "date_signature_marche"),
    )


def _budget(given: Typed, content: Mapping[str, Any]) -> BudgetDocument | None:
    names = ("document_budgetaire", "exercice", "renouvellement")
    if any(content.get(name) is not None for name in names):
        given.require("document_budgetaire", "exercice")
    kind = given.choose("document_budgetaire", BudgetKind)
    exercice = given.take("exercice", _year, _YEAR)
    renewed = _mark(given, "renouvellement")
    return BudgetDocument(kind, exercice, renewed) if kind and exercice else None


def _year(value: Any) -> int:
    year = typed.count(value)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError
    return year


def _json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return getattr(value, "code") if isinstance(value, Enum) else value  # noqa: B009
