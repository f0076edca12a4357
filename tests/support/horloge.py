"""Acts, authorities and logs for the tests of the clock, in few words.

A log is written ``AR 2026-03-12, LO 2026-04-16/2026-04-15``: what happened, the day on which it
reached its addressee and, after a stroke, the day on which it was dispatched.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from transmission.domain.acte import Matiere
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.horloge import read
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import Reading
from transmission.domain.legal.settings import PRUDENT, LegalSettings
from transmission.domain.legal.sujets import (
    ActeKind,
    AuthorityKind,
    Categorie,
    LegalActe,
    LegalAuthority,
    PublicityMode,
)

_KINDS = {
    "AR": EventKind.ACCUSE_RECEPTION,
    "ANOMALIE": EventKind.ANOMALIE,
    "ANNULATION": EventKind.ANNULATION,
    "PU": EventKind.PUBLICATION,
    "URGENCE": EventKind.AFFICHAGE_URGENCE,
    "NO": EventKind.NOTIFICATION,
    "CS": EventKind.COURRIER_SIMPLE,
    "DP": EventKind.DEMANDE_PIECES,
    "PC": EventKind.PIECES,
    "RP": EventKind.REFUS_PIECES,
    "LO": EventKind.LETTRE_OBSERVATIONS,
    "RJ": EventKind.REPONSE_LETTRE,
    "RA": EventKind.REPONSE_ATTENTE,
    "RENONCIATION": EventKind.RENONCIATION,
    "DEFERE": EventKind.DEFERE,
    "SUSPENSION": EventKind.SUSPENSION,
    "ORDONNANCE": EventKind.ORDONNANCE,
    "PRONONCEE": EventKind.SUSPENSION_PRONONCEE,
    "RG": EventKind.RECOURS_GRACIEUX,
    "DF": EventKind.DEMANDE_AU_PREFET,
    "RT": EventKind.REPONSE_TIERS,
    "RETRAIT": EventKind.RETRAIT,
    "ABROGATION": EventKind.ABROGATION,
    "JUGEMENT": EventKind.JUGEMENT,
}
_SPECIAL: dict[str, tuple[EventKind, dict[str, Any]]] = {
    "AFFICHAGE": (EventKind.PUBLICATION, {"mode": PublicityMode.AFFICHAGE}),
    "PAPIER": (EventKind.PUBLICATION, {"mode": PublicityMode.PAPIER}),
    "GPU": (EventKind.PUBLICATION, {"mode": PublicityMode.GPU}),
    "NO+": (EventKind.NOTIFICATION, {"remedies": True}),
    "NO-": (EventKind.NOTIFICATION, {"remedies": False}),
    "PARTIE": (EventKind.PIECES, {"complete": False}),
}

LATER = date(2035, 1, 1)
"""A day on which everything in a log has happened."""

COMMUNE = LegalAuthority(AuthorityKind.COMMUNE)
SMALL = replace(COMMUNE, population=900, publicity=((date(2022, 9, 12), PublicityMode.AFFICHAGE),))
"""A commune that chose the posting."""

REGLEMENT = LegalActe(NatureActe.REGLEMENTAIRE, Matiere((6, 4)), date(2026, 1, 5))
DELIBERATION = LegalActe(NatureActe.DELIBERATION, Matiere((7, 5)), date(2026, 3, 10))
"""A délibération of which nobody said whether it is regulatory, individual or neither."""
ESPECE = replace(DELIBERATION, stated_kind=ActeKind.ESPECE)
INDIVIDUEL = LegalActe(
    NatureActe.INDIVIDUEL,
    Matiere((4, 2)),
    date(2026, 4, 30),
    date_signature=date(2026, 4, 30),
    stated_categorie=Categorie.NON_TITULAIRE,
)
PERMIS = LegalActe(
    NatureActe.INDIVIDUEL,
    Matiere((2, 2)),
    date(2026, 2, 10),
    date_signature=date(2026, 2, 10),
    stated_categorie=Categorie.AUTORISATION_URBANISME,
)
TACITE = replace(PERMIS, date_decision=date(2026, 3, 10), date_signature=None, tacite=True)
DSP = LegalActe(
    NatureActe.CONTRAT,
    Matiere((1, 2)),
    date(2026, 2, 2),
    date_signature=date(2026, 2, 2),
    stated_categorie=Categorie.DSP,
)
CIRCULATION = replace(REGLEMENT, stated_categorie=Categorie.CIRCULATION)
"""A police order that need not be transmitted."""
PLU = LegalActe(
    NatureActe.DELIBERATION,
    Matiere((2, 1)),
    date(2026, 2, 3),
    stated_categorie=Categorie.PLU,
    sous_scot=False,
)
OUTSIDE = replace(REGLEMENT, stated_categorie=Categorie.AU_NOM_DE_L_ETAT)
UNCERTAIN = LegalActe(NatureActe.AUTRE, Matiere((9, 1)), date(2026, 1, 5))
"""An act of which nobody said enough to know whether it is to be transmitted."""


def day(text: str) -> date:
    """A day as it is written."""
    return date.fromisoformat(text)


def log(text: str) -> tuple[LegalEvent, ...]:
    """The events of a log as it is written."""
    return tuple(_event(each) for each in text.split(",") if each.strip())


def _event(text: str) -> LegalEvent:
    name, days = text.split()
    received, _, sent = days.partition("/")
    kind, more = _SPECIAL[name] if name in _SPECIAL else (_KINDS[name], {})
    return LegalEvent(kind, day(received), day(sent or received), **more)


def clock(
    acte: LegalActe,
    events: str = "",
    *,
    owner: LegalAuthority = COMMUNE,
    settings: LegalSettings = PRUDENT,
    today: date | str = LATER,
) -> Reading:
    """The reading of an act with that log."""
    on = day(today) if isinstance(today, str) else today
    return read(acte, owner, log(events), settings, on)


def shown(reading: Reading, name: DateName) -> str | None:
    """The day of a date as it is written, None when it is unknown or absent."""
    found = reading.day(name)
    return found.isoformat() if found else None


def other(reading: Reading, name: DateName) -> str | None:
    """The day of its alternative, None without one."""
    found = reading.named(name)
    return found.alternative.day.isoformat() if found and found.alternative else None


def rule(reading: Reading, name: DateName) -> str | None:
    """The rule that gives it, None when the act has no such date."""
    found = reading.named(name)
    return found.rule if found else None


def told(reading: Reading, name: DateName) -> str:
    """All its words: explanation, warnings, what is awaited, the why of its alternative."""
    found = reading.named(name)
    assert found, f"{name.code} is no date of this act"
    why = found.alternative.why if found.alternative else ""
    return " ".join((found.explanation, *found.warnings, found.awaits or "", why))


def ignored(reading: Reading) -> dict[EventKind, str]:
    """Why the events of each kind change nothing, the last of a kind counting."""
    return {event.kind: why for event, why in reading.ignored}
