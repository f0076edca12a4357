"""When an act has force and when it takes effect, as dates of the clock (legal clock §3, §8).

The day is provisional where a fact that nobody declared may move it: the kind of the act, the mode
of a publication, the SCoT of a plan, its publication on the Géoportail.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from transmission.domain.french_dates import long_date
from transmission.domain.legal.dates import Alternative, DateKind, LegalDate, settings_read, unknown
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.horloge_dossier import Dossier
from transmission.domain.legal.horloge_force import (
    Formalities,
    effect_of,
    formalities_of,
    other_force,
    waits_a_day,
)
from transmission.domain.legal.horloge_publicite import KIND_NOT_DECLARED, PLANS
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.sujets import ActeKind, Categorie, PublicityMode

_NAME = DateName.EXECUTOIRE.code
_SCOT_NOT_DECLARED = (
    "On ne sait pas si un SCoT approuvé couvre le territoire : le plan est lu comme s'il n'y en "
    "avait pas. Reste à déclarer."
)
_RETROACTIVE = (
    "Rétroactivité : l'acte fixe son effet avant d'être exécutoire, ce qui est en principe "
    "illégal. Une personne doit dire s'il existe une exception."
)


def executory_date(dossier: Dossier) -> LegalDate:
    """The day on which the act has force (EX-1, EX-2, EX-6, UR-1, UR-2, UR-5)."""
    read = formalities_of(dossier)
    day = effect_of(dossier, read).executoire
    alternative = other_force(dossier, read, day)
    doubts = tuple(_doubts(dossier))
    if day is None:
        return replace(_missing(dossier, read), alternative=alternative, warnings=doubts)
    return LegalDate(
        name=_NAME,
        kind=DateKind.STATUS,
        rule=_rule(dossier),
        day=day,
        explanation=_story(dossier, read, day),
        inputs=_inputs(dossier),
        settings=settings_read(dossier.settings, *_settings(dossier)),
        provisional=bool(doubts),
        warnings=doubts,
        alternative=alternative,
        awaits=_publication_to_come(dossier),
    )


def effective_date(dossier: Dossier, executory: LegalDate) -> LegalDate | None:
    """When the act takes effect, where it fixes a day itself (EX-3)."""
    fixed = dossier.acte.date_effet
    if fixed is None:
        return None
    name, inputs = DateName.PREND_EFFET.code, (("Effet fixé par l'acte", fixed),)
    if executory.day is None:
        because = f"l'acte n'est pas exécutoire : {executory.unknown}"
        awaits = executory.awaits
        return unknown(name, DateKind.STATUS, "EX-3", because, inputs=inputs, awaits=awaits)
    day = max(executory.day, fixed)
    early = fixed < executory.day
    return LegalDate(
        name=name,
        kind=DateKind.STATUS,
        rule="EX-3",
        day=day,
        explanation=_effect_story(fixed, executory.day),
        inputs=(*inputs, ("Caractère exécutoire", executory.day)),
        provisional=executory.provisional,
        warnings=(*((_RETROACTIVE,) if early else ()), *executory.warnings),
        alternative=_other_effect(executory.alternative, fixed, day),
    )


def _other_effect(other: Alternative | None, fixed: date, day: date) -> Alternative | None:
    if other is None or max(other.day, fixed) == day:
        return None
    return replace(other, day=max(other.day, fixed))


def _effect_story(fixed: date, executory: date) -> str:
    head = f"L'acte fixe son effet au {long_date(fixed)} et il est exécutoire le"
    if fixed < executory:
        return f"{head} {long_date(executory)} : il ne prend effet que ce jour-là."
    return f"{head} {long_date(executory)} : il prend effet au jour qu'il fixe."


def _rule(dossier: Dossier) -> str:
    if dossier.acte.tacite:
        return "UR-2"
    if dossier.acte.categorie in PLANS:
        return "UR-5"
    if _in_urgency(dossier):
        return "EX-2"
    return "UR-1" if dossier.is_permit else "EX-1"


def _in_urgency(dossier: Dossier) -> bool:
    """Whether the posting in urgency gives force before any other publicity."""
    urgent, day = dossier.publicity.urgent, dossier.publicity.day
    return urgent is not None and (day is None or urgent.received < day)


def _doubts(dossier: Dossier) -> Iterator[str]:
    """What nobody declared, and the day depends on (French)."""
    acte, publicity = dossier.acte, dossier.publicity
    if acte.tacite:
        return
    if publicity.kind is None:
        yield KIND_NOT_DECLARED
    if publicity.doubt not in ("", KIND_NOT_DECLARED):
        yield publicity.doubt
    if acte.categorie is Categorie.PLU and acte.sous_scot is None:
        yield _SCOT_NOT_DECLARED


def _publication_to_come(dossier: Dossier) -> str | None:
    late = _in_urgency(dossier) and dossier.publicity.published is None
    return "la publication ordinaire, qui seule ouvre le délai des tiers" if late else None


def _settings(dossier: Dossier) -> tuple[str, ...]:
    if dossier.acte.tacite:
        return ()
    names = ["ar_date_source", "annulation_effect"] if dossier.portee.must_transmit else []
    if dossier.acte.categorie in PLANS:
        names.append("plu_month_plus_one")
    elif dossier.publicity.kind in (ActeKind.REGLEMENTAIRE, None):
        names.append("reglement_next_day")
    return tuple(names)


def _inputs(dossier: Dossier) -> tuple[tuple[str, date], ...]:
    acte, publicity = dossier.acte, dossier.publicity
    if acte.tacite:
        return (("Autorisation acquise", acte.date_decision),)
    found = []
    if publicity.by is not None:
        found.append((_said(publicity.by)[0], publicity.by.received))
    if _in_urgency(dossier) and publicity.urgent is not None:
        found.append(("Affichage en urgence", publicity.urgent.received))
    if dossier.portee.must_transmit and dossier.received is not None:
        found.append(("Réception en préfecture", dossier.received))
    return tuple(found)


def _said(event: LegalEvent) -> tuple[str, str]:
    """How an event made the act public: a label, and a past participle."""
    if event.kind is EventKind.NOTIFICATION:
        return "Notification", "notifié"
    match event.mode:
        case PublicityMode.AFFICHAGE:
            return "Affichage", "affiché"
        case PublicityMode.PAPIER:
            return "Publication sur papier", "publié sur papier"
        case PublicityMode.GPU:
            return "Publication sur le Géoportail", "publié sur le Géoportail de l'urbanisme"
    return "Mise en ligne", "mis en ligne"


def _story(dossier: Dossier, read: Formalities, day: date) -> str:
    acte = dossier.acte
    if acte.tacite:
        return (
            f"Autorisation tacite acquise le {long_date(acte.date_decision)} : exécutoire ce "
            "jour-là, sans attendre sa transmission."
        )
    seen = _public_story(dossier)
    if not read.transmissible or read.received is None:
        return (
            f"Acte {seen}, et non soumis à transmission : exécutoire le {long_date(day)}, "
            f"{_why(dossier, read)}."
        )
    return (
        f"Acte {seen} et reçu en préfecture le {long_date(read.received)} : exécutoire le "
        f"{long_date(day)}, {_why(dossier, read)}."
    )


def _public_story(dossier: Dossier) -> str:
    urgent, by = dossier.publicity.urgent, dossier.publicity.by
    if _in_urgency(dossier) and urgent is not None:
        return f"affiché en urgence le {long_date(urgent.received)}"
    return f"{_said(by)[1]} le {long_date(by.received)}" if by else ""


def _why(dossier: Dossier, read: Formalities) -> str:
    acte = dossier.acte
    if acte.categorie is Categorie.SCOT:
        return "deux mois après sa transmission et une fois publié"
    if acte.categorie is Categorie.PLU and not read.covered:
        return "un mois après sa transmission et une fois publié, faute de SCoT approuvé"
    if acte.categorie is Categorie.PLU:
        return "jour de la seconde de ces formalités, un SCoT approuvé couvrant le territoire"
    if waits_a_day(dossier, read.settings):
        return "un règlement n'entrant en vigueur que le lendemain de sa publicité (C-12)"
    if read.transmissible:
        return "dès que ces deux formalités sont accomplies"
    return "dès sa publicité"


def _missing(dossier: Dossier, read: Formalities) -> LegalDate:
    reasons, awaits = zip(*_lacking(dossier, read), strict=True)
    return unknown(
        _NAME,
        DateKind.STATUS,
        _rule(dossier),
        " ; ".join(reasons),
        inputs=_inputs(dossier),
        awaits=" et ".join(awaits),
    )


def _publicity_to_come(dossier: Dossier) -> str:
    if dossier.acte.categorie in PLANS:
        return "la publication sur le Géoportail de l'urbanisme"
    return "la notification" if dossier.publicity.to_notify else "la publication"


def _lacking(dossier: Dossier, read: Formalities) -> Iterator[tuple[str, str]]:
    """What misses, and what is awaited, in French."""
    if read.public is None and read.urgent is None:
        yield dossier.publicity.why_none, _publicity_to_come(dossier)
    if read.transmissible and read.received is None:
        yield dossier.no_receipt, "la réception en préfecture"
