"""The last day of third parties and addressees, as a date of the clock (legal clock §6, §8)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from transmission.domain.french_dates import long_date
from transmission.domain.legal.dates import DateKind, LegalDate, settings_read, unknown
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.horloge_dossier import Dossier
from transmission.domain.legal.horloge_publicite import KIND_NOT_DECLARED
from transmission.domain.legal.horloge_recours import Recours, other_appeal
from transmission.domain.legal.mots import sentences, until
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.periods import add_months, franc_end
from transmission.domain.legal.recours import Appeal, reasonable_time
from transmission.domain.legal.sujets import ActeKind
from transmission.domain.legal.urbanisme import permit_appeals

_NAME = DateName.TIERS.code
_KIND_NOT_DECLARED = (
    "On ne sait pas si l'acte est réglementaire, individuel ou d'espèce : le délai d'une décision "
    "individuelle ne court que de sa notification. Reste à déclarer."
)
_REMEDIES_NOT_DECLARED = (
    "Rien ne dit si la notification mentionnait les voies et délais de recours : le délai d'un an "
    "est retenu. Reste à déclarer."
)
_SEVERAL = (
    "L'acte a été notifié plusieurs fois : chaque destinataire a son délai, et le dernier est "
    "retenu."
)
_PERMIT_NOT_DECLARED = (
    "La matière seule dit que l'acte est une autorisation d'urbanisme : déclarez-le, car un "
    "recours gracieux contre elle ne prolonge plus le délai (C. urb. L. 600-12-2)."
)
_THIRD_PARTIES = (
    "Ce délai est celui du destinataire : envers les autres, il ne court que d'une publication "
    "qu'un texte prévoit."
)
_ANSWER_EXPRESSLY = (
    "Répondez expressément au recours gracieux : pour un acte d'assemblée, le silence peut ne pas "
    "valoir rejet (CJA R. 421-3, C-9)."
)
_DISTANCE = (
    "Un mois de plus pour qui demeure outre-mer et saisit un tribunal de métropole, ou demeure "
    "hors du territoire d'un tribunal d'outre-mer ; deux pour qui demeure à l'étranger (CJA "
    "R. 421-7)."
)
_CLOSED = {
    "UR-3": ("aucun affichage sur le terrain n'est connu", "l'affichage sur le terrain"),
    "DF-14": (
        "aucune publicité de la conclusion du contrat n'est connue",
        "la publicité de la conclusion du contrat",
    ),
}


def third_party_date(dossier: Dossier, recours: Recours, today: date) -> LegalDate:
    """Last day of the appeals of third parties, or of the addressee of a decision.

    Source: CJA R. 421-1; TP-1 to TP-4, UR-3, UR-4, DF-14.
    """
    appeal, start = recours.appeal, recours.start.by
    if appeal is None or start is None:
        return _not_open(dossier, recours)
    doubts = tuple(_doubts(dossier, recours, start))
    waits = _waits(appeal, today)
    return LegalDate(
        name=_NAME,
        kind=DateKind.LAST_DAY,
        rule=_rule(dossier, recours, appeal),
        day=appeal.last_day,
        explanation=_story(dossier, recours, appeal, start),
        inputs=_inputs(appeal, start),
        calendrier=dossier.owner.calendrier,
        settings=settings_read(dossier.settings, "month_end_rule"),
        provisional=waits or bool(doubts),
        warnings=(*doubts, *_warnings(dossier, recours, appeal)),
        alternative=other_appeal(dossier, recours),
        awaits="la réponse de l'autorité saisie" if waits else None,
    )


def _waits(appeal: Appeal, today: date) -> bool:
    return appeal.opening is not None and appeal.answer is None and today <= appeal.last_day


def _rule(dossier: Dossier, recours: Recours, appeal: Appeal) -> str:
    if _is_a_year(dossier, recours, appeal):
        return "TP-4"
    if appeal.opening is not None:
        gracieux = appeal.opening.kind is EventKind.RECOURS_GRACIEUX
        return "TP-2" if gracieux else "TP-3"
    return "UR-4" if any("UR-4" in why for _, why in recours.ignored) else recours.start.rule


def _is_a_year(dossier: Dossier, recours: Recours, appeal: Appeal) -> bool:
    """Whether the reasonable time gives the day, whatever else happened."""
    year = reasonable_time(appeal.start, dossier.owner.calendrier)
    return recours.unmentioned and appeal.last_day == year


def _not_open(dossier: Dossier, recours: Recours) -> LegalDate:
    rule = recours.start.rule
    awaits = "la notification" if dossier.publicity.to_notify else "la publication"
    because, awaits = _CLOSED.get(rule, (dossier.publicity.why_none, awaits))
    if dossier.publicity.urgent is not None and dossier.publicity.by is None:
        because = f"{because}, et l'affichage en urgence n'ouvre pas ce délai (EX-2)"
    doubts = tuple(_undeclared(dossier))
    found = unknown(_NAME, DateKind.LAST_DAY, rule, because, awaits=awaits, warnings=doubts)
    return replace(found, alternative=other_appeal(dossier, recours))


def _undeclared(dossier: Dossier) -> Iterator[str]:
    if dossier.publicity.kind is None:
        yield _KIND_NOT_DECLARED
    if dossier.publicity.doubt not in ("", KIND_NOT_DECLARED):
        yield dossier.publicity.doubt


def _doubts(dossier: Dossier, recours: Recours, start: LegalEvent) -> Iterator[str]:
    """What nobody declared, and the day depends on (French)."""
    yield from _undeclared(dossier)
    if recours.unmentioned and start.remedies is None:
        yield _REMEDIES_NOT_DECLARED
    if recours.start.possible is not None and dossier.publicity.kind is ActeKind.INDIVIDUEL:
        yield _SEVERAL
    if dossier.is_permit and not dossier.acte.tacite and dossier.acte.urban_decision is None:
        yield _PERMIT_NOT_DECLARED


def _warnings(dossier: Dossier, recours: Recours, appeal: Appeal) -> Iterator[str]:
    if dossier.publicity.kind is ActeKind.INDIVIDUEL and recours.start.rule == "TP-1":
        yield _THIRD_PARTIES
    if dossier.voted and appeal.needs_answer:
        yield _ANSWER_EXPRESSLY


def _story(dossier: Dossier, recours: Recours, appeal: Appeal, start: LegalEvent) -> str:
    return sentences(
        [
            _opened(recours, start),
            _moved(appeal),
            _counted(dossier, recours, appeal, start),
            _gracieux(dossier, start),
            _DISTANCE,
        ]
    )


def _opened(recours: Recours, start: LegalEvent) -> str:
    day = long_date(start.received)
    if recours.start.rule == "UR-3":
        return f"Autorisation affichée sur le terrain, de façon continue, à partir du {day}."
    if recours.start.rule == "DF-14":
        return f"Conclusion du contrat rendue publique le {day}."
    if start.kind is EventKind.NOTIFICATION:
        return f"Décision notifiée le {day}."
    return f"Acte rendu public le {day}."


def _moved(appeal: Appeal) -> str:
    if appeal.opening is None or appeal.tacit is None:
        return ""
    gracieux = appeal.opening.kind is EventKind.RECOURS_GRACIEUX
    what = "Recours gracieux reçu" if gracieux else "Demande reçue par le préfet"
    head = f"{what} le {long_date(appeal.opening.received)}"
    if appeal.answer is None:
        return f"{head} : sans réponse, rejet implicite le {long_date(appeal.tacit)}."
    return f"{head} : réponse expresse notifiée le {long_date(appeal.answer.received)}."


def _counted(dossier: Dossier, recours: Recours, appeal: Appeal, start: LegalEvent) -> str:
    if _is_a_year(dossier, recours, appeal):
        told = "n'ont" if start.remedies is False else "n'ont peut-être"
        end = until(appeal.last_day, add_months(start.received, 12))
        return f"Les voies de recours {told} pas été mentionnées : un an en principe, {end}."
    counted = appeal.answer.received if appeal.answer else appeal.tacit or appeal.start
    end = until(appeal.last_day, franc_end(counted, 2, dossier.settings.month_end_rule))
    return f"Deux mois francs à compter du {long_date(counted)}, {end}."


def _gracieux(dossier: Dossier, start: LegalEvent) -> str:
    decided = dossier.acte.urban_decision
    if decided is None:
        return ""
    limit = permit_appeals(decided, start.received, (), dossier.owner.calendrier).gracieux
    if limit is None:
        return ""
    return (
        f"Un recours gracieux se dépose jusqu'au {long_date(limit)} et ne prolonge pas ce délai "
        "(C. urb. L. 600-12-2)."
    )


def _inputs(appeal: Appeal, start: LegalEvent) -> tuple[tuple[str, date], ...]:
    found = [(start.kind.label, start.received)]
    if appeal.opening is not None and appeal.tacit is not None:
        found.append((appeal.opening.kind.label, appeal.opening.received))
        if appeal.answer is None:
            found.append(("Rejet implicite", appeal.tacit))
        else:
            found.append((appeal.answer.kind.label, appeal.answer.received))
    return tuple(found)
