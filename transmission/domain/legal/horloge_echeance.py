"""How a duty of the authority is said: the day to show, and the day of the text (CALC-7, C-14).

A duty that awaits nothing more (``awaits`` is None) is done, as far as the register tells.
"""

from dataclasses import replace
from datetime import date

from transmission.domain.french_dates import long_date
from transmission.domain.legal.dates import Alternative, DateKind, LegalDate, settings_read, unknown
from transmission.domain.legal.echeances import Due
from transmission.domain.legal.horloge_dossier import Dossier
from transmission.domain.legal.mots import in_days, sentences
from transmission.domain.legal.noms import DateName

_WHY = "jour où finit le délai du texte : après lui seulement il y a retard (C-14)"
_WHY_BY_RULE = {
    "BU-1": "lecture habituelle de « avant », qui compte ce jour dans le délai (C-13, C-14)"
}


def duty(
    dossier: Dossier,
    name: DateName,
    due: Due,
    story: str,
    inputs: tuple[tuple[str, date], ...],
    *,
    kind: DateKind = DateKind.DUE,
    warnings: tuple[str, ...] = (),
    doubts: tuple[str, ...] = (),
    awaits: str | None = None,
) -> LegalDate:
    """A duty that ends on ``due``; ``doubts`` are warnings that make the day provisional."""
    moved = due.safe != due.day
    why = _WHY_BY_RULE.get(due.rule, _WHY)
    return LegalDate(
        name=name.code,
        kind=kind,
        rule=due.rule,
        day=due.safe,
        explanation=f"{story}, {_until(due)}.",
        inputs=inputs,
        calendrier=dossier.owner.calendrier if moved else None,
        settings=settings_read(dossier.settings, "roll_own_obligations"),
        provisional=bool(doubts),
        warnings=(*doubts, *warnings),
        alternative=Alternative(due.day, why) if moved else None,
        awaits=awaits,
    )


def sending(
    dossier: Dossier,
    due: Due,
    story: str,
    inputs: tuple[tuple[str, date], ...],
    doubts: tuple[str, ...] = (),
) -> LegalDate:
    """The transmission of an act by ``due``: awaited, or received in time, or late."""
    awaits = None if dossier.received else TO_RECEIVE
    found = duty(dossier, DateName.TRANSMISSION, due, story, inputs, doubts=doubts, awaits=awaits)
    # A tacit authorisation may have been in the préfecture before it was born.
    if dossier.received is None or dossier.acte.tacite:
        return found
    return replace(
        found,
        explanation=sentences([found.explanation, _received(dossier.received, due)]),
        inputs=(*inputs, ("Réception en préfecture", dossier.received)),
    )


def sending_without_limit(dossier: Dossier, explanation: str) -> LegalDate:
    """The transmission of an act that no text limits (DT-6)."""
    because = "aucun texte ne fixe de délai pour transmettre cet acte"
    awaits = None if dossier.received else TO_RECEIVE
    found = unknown(DateName.TRANSMISSION.code, DateKind.DUE, "DT-6", because, awaits=awaits)
    return replace(found, explanation=explanation)


TO_RECEIVE = "la réception en préfecture"


def _received(received: date, due: Due) -> str:
    if received <= due.day:
        return f"Reçu en préfecture le {long_date(received)}, dans le délai."
    late = in_days((received - due.day).days)
    return f"Reçu en préfecture le {long_date(received)}, {late} après : l'acte n'est pas nul."


def _until(due: Due) -> str:
    text = f"jusqu'au {long_date(due.day)} inclus"
    if due.safe == due.day:
        return text
    return f"{text} ; par prudence, le {long_date(due.safe)}"


def text_day(found: LegalDate) -> date | None:
    """The last day of a duty as the text counts it: only after it is the duty late.

    ``found`` is a date that :func:`duty` made, or one whose day is unknown, which gives None.
    """
    if found.day is None or found.alternative is None:
        return found.day
    return found.alternative.day
