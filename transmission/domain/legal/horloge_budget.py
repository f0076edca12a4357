"""Budgets: their vote, their transmission, and the referral to the CRC (legal clock §7, DT-3 to 5).

What nobody declared is read on the safe side: an assembly not said to be renewed votes by the usual
day, the sooner; a budgetary document of a kind not declared may be referred, until the later day.
"""

from dataclasses import dataclass, replace
from datetime import date

from transmission.domain.french_dates import long_date
from transmission.domain.legal.budgetaire import VoteLimit, budget_vote_limit, referral_limit
from transmission.domain.legal.dates import DateKind, LegalDate, unknown
from transmission.domain.legal.echeances import (
    Due,
    accounts_due,
    accounts_vote_due,
    budget_due,
    year_end,
)
from transmission.domain.legal.horloge_dossier import Dossier
from transmission.domain.legal.horloge_echeance import (
    TO_RECEIVE,
    duty,
    sending,
    sending_without_limit,
)
from transmission.domain.legal.mots import until
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.periods import due_safe, plain_days
from transmission.domain.legal.sujets import ActeKind, BudgetDocument, BudgetKind

_NO_DOCUMENT = "on ne sait pas si le document est un budget primitif, un compte ou un autre"
_NOT_DECLARED = "Déclarez de quel document budgétaire il s'agit."
_NOT_A_BUDGET = "Cette saisine ne vise qu'un budget. Déclarez de quel document il s'agit."
_RENEWAL = (
    "On ne sait pas si l'assemblée est renouvelée cette année-là : la date ordinaire, la plus "
    "proche, est retenue. Reste à déclarer."
)
_AT_ONCE = "Aucun texte ne fixe de délai pour transmettre ce document budgétaire."


@dataclass(frozen=True, slots=True)
class _Limit:
    """What a document has to do by a day, and the words that say so."""

    due: Due
    story: str
    doubts: tuple[str, ...] = ()


def is_budget(dossier: Dossier) -> bool:
    """Whether the act is a budgetary document, by its kind or by what was declared of it."""
    return dossier.acte.budget is not None or dossier.publicity.kind is ActeKind.BUDGET


def vote_date(dossier: Dossier) -> LegalDate | None:
    """Until when the document is voted; None where no text says so (BU-1, DT-4, DT-5)."""
    document, name = dossier.acte.budget, DateName.VOTE_BUDGET
    if not is_budget(dossier):
        return None
    if document is None:
        return _undeclared(name, "BU-1", None)
    limit = _vote(dossier, document)
    if limit is None:
        return None
    late = _voted_late(dossier, limit.due.day)
    return duty(dossier, name, limit.due, limit.story, (), warnings=late, doubts=limit.doubts)


def _vote(dossier: Dossier, document: BudgetDocument) -> _Limit | None:
    year, calendrier, settings = document.exercice, dossier.owner.calendrier, dossier.settings
    match document.kind:
        case BudgetKind.PRIMITIF:
            limit, doubts = _vote_limit(document), _doubts(document)
            safe = due_safe(limit.safe, calendrier, settings.roll_own_obligations)
            story = (
                f"Le budget de {year} se vote « avant » le {long_date(limit.last)} : l'usage le "
                "permet"
            )
            return _Limit(Due("BU-1", limit.last, safe), story, doubts)
        case BudgetKind.COMPTE:
            due = accounts_vote_due(year, calendrier, settings)
            return _Limit(due, f"Le compte de {year} se vote avant la fin de juin suivant")
        case BudgetKind.FIN_EXERCICE:
            due = year_end(year, calendrier, settings).vote
            return _Limit(due, f"Les ajustements de {year} se votent sous vingt et un jours")
    return None


def _vote_limit(document: BudgetDocument) -> VoteLimit:
    return budget_vote_limit(document.exercice, renewal=bool(document.renouvellement))


def _doubts(document: BudgetDocument) -> tuple[str, ...]:
    return () if document.renouvellement is not None else (_RENEWAL,)


def _voted_late(dossier: Dossier, limit: date) -> tuple[str, ...]:
    voted = dossier.acte.date_decision
    if voted <= limit:
        return ()
    return (f"Voté le {long_date(voted)}, après la limite du {long_date(limit)}.",)


def budget_transmission(dossier: Dossier) -> LegalDate:
    """Until when it is transmitted (DT-3 to DT-5); no text says so of another document (DT-6)."""
    document = dossier.acte.budget
    if document is None:
        awaits = None if dossier.received else TO_RECEIVE
        return _undeclared(DateName.TRANSMISSION, "DT-3", awaits)
    limit = _sending(dossier, document)
    if limit is None:
        return sending_without_limit(dossier, _AT_ONCE)
    return sending(dossier, limit.due, limit.story, (), limit.doubts)


def _sending(dossier: Dossier, document: BudgetDocument) -> _Limit | None:
    year, calendrier, settings = document.exercice, dossier.owner.calendrier, dossier.settings
    match document.kind:
        case BudgetKind.PRIMITIF:
            limit, doubts = _vote_limit(document), _doubts(document)
            story = (
                f"Le budget de {year} se transmet dans les quinze jours de la date limite de son "
                f"vote, le {long_date(limit.last)}"
            )
            return _Limit(budget_due(limit, calendrier, settings), story, doubts)
        case BudgetKind.COMPTE:
            due = accounts_due(year, calendrier, settings)
            return _Limit(due, f"Le compte de {year} se transmet dans les quinze jours du 30 juin")
        case BudgetKind.FIN_EXERCICE:
            due = year_end(year, calendrier, settings).transmission
            return _Limit(
                due, f"Les ajustements de {year} se transmettent à cinq jours du 21 janvier"
            )
    return None


def _undeclared(name: DateName, rule: str, awaits: str | None) -> LegalDate:
    return unknown(
        name.code,
        DateKind.DUE,
        rule,
        _NO_DOCUMENT,
        awaits=awaits,
        warnings=(_NOT_DECLARED,),
    )


def referral_date(dossier: Dossier) -> LegalDate | None:
    """Until when the préfet refers an unbalanced budget to the CRC; None for accounts (BU-2)."""
    document, received = dossier.acte.budget, dossier.received
    if not is_budget(dossier) or (document is not None and document.kind is BudgetKind.COMPTE):
        return None
    if received is None:
        name, because = DateName.SAISINE_CRC.code, dossier.no_receipt
        return unknown(name, DateKind.LAST_DAY, "BU-2", because, awaits=TO_RECEIVE)
    found = _referral(dossier, received)
    if document is not None and document.kind is BudgetKind.PRIMITIF:
        return found
    return replace(found, provisional=True, warnings=(_NOT_A_BUDGET,))


def _referral(dossier: Dossier, received: date) -> LegalDate:
    last = referral_limit(received, dossier.owner.calendrier)
    return LegalDate(
        name=DateName.SAISINE_CRC.code,
        kind=DateKind.LAST_DAY,
        rule="BU-2",
        day=last,
        explanation=(
            f"Budget reçu en préfecture le {long_date(received)} : s'il n'est pas en équilibre "
            "réel, le préfet saisit la chambre régionale des comptes dans les trente jours, "
            f"{until(last, plain_days(received, 30))}."
        ),
        inputs=(("Réception en préfecture", received),),
        calendrier=dossier.owner.calendrier,
    )
