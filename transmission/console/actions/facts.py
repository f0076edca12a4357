"""Declare what no message tells of an act."""

from collections.abc import Iterator, Mapping

from transmission.console.actions.action import ActeAction, ActeSubject, MovedError
from transmission.console.actions.sheet import Field, Sheet, Typed, reason_field, refuse
from transmission.domain.errors import Problem
from transmission.domain.legal.declaration import LABELS, declared
from transmission.domain.legal.sujets import ActeKind, BudgetKind, Categorie
from transmission.domain.people import Right
from transmission.domain.transmission import Author
from transmission.services.declare import declare
from transmission.services.toolbox import Toolbox

SEEN = "declaration_vue"
"""Hidden field: the declaration that the person had before their eyes."""

_KINDS = {"nature_juridique": ActeKind, "categorie": Categorie, "document_budgetaire": BudgetKind}
_MARKS = frozenset(
    {
        "par_delegation",
        "renouvellement",
        "cree_des_droits",
        "tacite",
        "sous_scot",
        "voies_de_recours",
    }
)
_UNSAID = ("", "(non déclaré)")
_HINTS = {
    "montant_ht": "En euros, par exemple 250000 ou 90000,50.",
    "total_lots_ht": "En euros, par exemple 250000 ou 90000,50.",
    "exercice": "Une année, par exemple 2026.",
}


class Declare(ActeAction):
    """State facts, change them, or no longer state them."""

    right = Right.FOLLOW
    done_code = "declare"

    def sheet(self, about: ActeSubject, typed: Typed) -> Sheet:
        known, seen = self._declared(about)
        return Sheet(
            title="Déclarer un fait",
            path=about.path,
            about=about.name,
            happens=(
                "L'horloge légale relit l'acte aussitôt, avec ce qui est déclaré. Un champ vidé "
                "n'est plus déclaré."
            ),
            undo="Oui : un fait se corrige ou se retire ici même ; l'historique est conservé.",
            confirm="Enregistrer",
            fields=(
                Field(name=SEEN, kind="hidden", value=seen),
                *_fields(known, typed),
                reason_field(typed),
            ),
        )

    def run(self, tools: Toolbox, about: ActeSubject, typed: Typed, author: Author) -> str:
        known, seen = self._declared(about)
        stated = {name: text for name in LABELS if (text := typed.line(name))}
        if all(stated.get(name) == known.get(name) for name in LABELS):
            if typed.text(SEEN) != seen:
                # The same form sent twice: the first time, it was obeyed.
                return self.told_at(about, typed)
            refuse([_unchanged()])
        if typed.text(SEEN) != seen:
            raise MovedError(
                "Ce qui est déclaré a changé depuis que cette page a été ouverte. Rien n'a été "
                "fait. Relisez les champs, puis confirmez."
            )
        withdrawn = [name for name in known if name not in stated]
        declare(tools, about.story.acte_id, stated, author, withdrawn)
        return self.told_at(about, typed)

    def _declared(self, about: ActeSubject) -> tuple[Mapping[str, str], str]:
        """What counts as declared, as it is typed; and what names that declaration."""
        with self.container.tools.register() as unit:
            history = unit.legal_facts(about.story.acte_id)
        if not history:
            return {}, "aucune"
        facts = declared(history[0].declaration)
        return {name: _typed(value) for name, value in facts.items()}, history[0].at.isoformat()


def _typed(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)


def _fields(known: Mapping[str, str], typed: Typed) -> Iterator[Field]:
    for name, label in LABELS.items():
        yield Field(
            name=name,
            label=label,
            kind=_kind(name),
            value=typed.text(name, known.get(name, "")),
            hint=_HINTS.get(name, ""),
            most=20,
            choices=_choices(name),
        )


def _kind(name: str) -> str:
    if name in _KINDS or name in _MARKS:
        return "choice"
    return "date" if name.startswith("date_") else "text"


def _choices(name: str) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    if name in _MARKS:
        return (("", (_UNSAID, ("oui", "oui"), ("non", "non"))),)
    if name in _KINDS:
        known = tuple((each.code, each.label) for each in _KINDS[name])
        return (("", (_UNSAID, *known)),)
    return ()


def _unchanged() -> Problem:
    return Problem(
        "date_signature",
        "rien_de_change",
        "Rien n'est changé à ce qui est déclaré.",
        "Remplissez, corrigez ou videz au moins un champ.",
    )
