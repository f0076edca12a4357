"""What gives force to an act, and what another reading of it would give (legal clock §3, §8).

What nobody declared is read on the safe side, which is here the later day: an act whose
transmission is to confirm waits for its receipt; a plan is taken as not covered by a SCoT.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from transmission.domain.legal.dates import Alternative
from transmission.domain.legal.executoire import Effect, executory_from, tacit_executory_from
from transmission.domain.legal.horloge_dossier import Dossier, receipt_of
from transmission.domain.legal.horloge_lectures import other_reading, receipt_readings
from transmission.domain.legal.horloge_publicite import PLANS
from transmission.domain.legal.settings import LegalSettings
from transmission.domain.legal.sujets import ActeKind, Categorie
from transmission.domain.legal.urbanisme import plan_executory, scot_executory


@dataclass(frozen=True, slots=True)
class Formalities:
    """What gives force to an act: as it is read, or as another reading has it."""

    received: date | None
    public: date | None
    urgent: date | None
    transmissible: bool
    covered: bool
    settings: LegalSettings


def formalities_of(dossier: Dossier) -> Formalities:
    """The formalities of an act as it is read."""
    urgent = dossier.publicity.urgent
    return Formalities(
        received=dossier.received,
        public=dossier.publicity.day,
        urgent=urgent.received if urgent else None,
        transmissible=dossier.portee.must_transmit,
        covered=bool(dossier.acte.sous_scot),
        settings=dossier.settings,
    )


def effect_of(dossier: Dossier, read: Formalities) -> Effect:
    """When the act has force, and takes effect, by these formalities.

    Source: CGCT L. 2131-1, C. urb. L. 424-7, L. 424-8, L. 143-24, L. 153-23, L. 153-24; EX-1 to
    EX-3, EX-6, UR-1, UR-2, UR-5.
    """
    acte = dossier.acte
    if acte.tacite:
        return tacit_executory_from(acte.date_decision, acte.date_effet)
    if acte.categorie in PLANS:
        return _plan_effect(dossier, read)
    return executory_from(
        transmissible=read.transmissible,
        received=read.received,
        publicity=read.public,
        posted_in_urgency=read.urgent,
        effect=acte.date_effet,
        next_day=waits_a_day(dossier, read.settings),
    )


def executory_day(dossier: Dossier) -> date | None:
    """The day on which the act has force, as it is read."""
    return effect_of(dossier, formalities_of(dossier)).executoire


def waits_a_day(dossier: Dossier, settings: LegalSettings) -> bool:
    """Whether the act, which is or may be a regulation, waits for the next day (C-12)."""
    plan = dossier.acte.categorie in PLANS or dossier.acte.tacite
    regulation = dossier.publicity.kind in (ActeKind.REGLEMENTAIRE, None)
    return settings.reglement_next_day and regulation and not plan


def _plan_effect(dossier: Dossier, read: Formalities) -> Effect:
    plus_one = read.settings.plu_month_plus_one
    if dossier.acte.categorie is Categorie.SCOT:
        day = scot_executory(read.received, read.public, plus_one=plus_one)
    else:
        day = plan_executory(read.received, read.public, covered=read.covered, plus_one=plus_one)
    fixed = dossier.acte.date_effet
    if day is None or fixed is None:
        return Effect(day, day)
    return Effect(day, max(day, fixed), retroactive=fixed < day)


def other_force(dossier: Dossier, read: Formalities, day: date | None) -> Alternative | None:
    """Another day that the act may have force, what it lacks first, contested points after."""
    for other, why in _readings(dossier, read):
        found = effect_of(dossier, other).executoire
        if found is not None and found != day:
            return Alternative(found, why)
    return None


def _readings(dossier: Dossier, read: Formalities) -> Iterator[tuple[Formalities, str]]:
    acte, publicity = dossier.acte, dossier.publicity
    if acte.tacite:
        return
    if publicity.possible is not None:
        yield replace(read, public=publicity.possible.received), publicity.if_possible
    if acte.categorie in PLANS:
        yield from _plan_readings(dossier, read)
    if dossier.portee.to_confirm:
        yield replace(read, transmissible=False), "si l'acte n'est pas à transmettre"
    if publicity.kind is ActeKind.REGLEMENTAIRE and acte.categorie not in PLANS:
        settings, why = other_reading(read.settings, "reglement_next_day")
        yield replace(read, settings=settings), why
    for settings, why in receipt_readings(dossier) if read.transmissible else ():
        other = receipt_of(acte, dossier.owner, dossier.events, settings)
        yield replace(read, received=other.received if other else None), why


def _plan_readings(dossier: Dossier, read: Formalities) -> Iterator[tuple[Formalities, str]]:
    acte = dossier.acte
    if acte.categorie is Categorie.PLU and acte.sous_scot is None:
        yield replace(read, covered=True), "si un SCoT approuvé couvre le territoire"
    settings, why = other_reading(read.settings, "plu_month_plus_one")
    yield replace(read, settings=settings), why
