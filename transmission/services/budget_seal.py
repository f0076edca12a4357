"""The seal of a budget handed over in XML: judged before the act is taken (decision budget-seal).

Source: ACTES protocol §3.7.
"""

from transmission.actes.budget import BUDGET_MAX, NotABudgetError, Scellement
from transmission.actes.safe_xml import UnreadableXmlError
from transmission.domain.errors import Problem, RefusedError
from transmission.ports.files import BudgetReader
from transmission.services.files import ExaminedDeposit

_REMEDY = "Exportez-le à nouveau, scellé, depuis le logiciel budgétaire ou TotEM."
_ALTERED = (
    "Sceau : « {} » semble avoir été modifié depuis qu'il a été scellé ; si le ministère le "
    "refuse, exportez-le à nouveau du logiciel budgétaire"
)


def seal_notes(budgets: BudgetReader, document: ExaminedDeposit) -> tuple[str, ...]:
    """What to say of the seal of an act's own file, nothing when it is no XML or when it is right.

    Raises RefusedError for a budget that was never sealed, and for XML that cannot be read.
    """
    if document.facts.kind != "xml":
        return ()
    nom = document.file.nom_original
    if document.facts.size > BUDGET_MAX:
        return (f"Sceau : « {nom} » est trop gros pour qu'il soit vérifié",)
    try:
        scellement = Scellement[budgets.scellement(document.draft.read_again())]
    except NotABudgetError:
        return (f"Sceau : « {nom} » n'est pas un DocumentBudgetaire, rien n'a été vérifié",)
    except UnreadableXmlError as error:
        raise _refusal("budget_lisible", f"« {nom} » : {error}") from error
    if scellement is Scellement.ABSENT:
        raise _refusal("budget_scelle", f"Le document budgétaire « {nom} » n'a pas été scellé.")
    return (_ALTERED.format(nom),) if scellement is Scellement.ALTERE else ()


def _refusal(rule: str, message: str) -> RefusedError:
    return RefusedError([Problem("document", rule, message, _REMEDY)])
