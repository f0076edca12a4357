"""What is said of every date, and of the act as a whole, beside the dates (legal clock §15.4)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from transmission.domain.french_dates import long_date
from transmission.domain.legal import rules
from transmission.domain.legal.dates import LegalDate
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.executoire import contract_signature
from transmission.domain.legal.horloge_cours import Course
from transmission.domain.legal.horloge_devoirs import signed_on
from transmission.domain.legal.horloge_dossier import Dossier
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.sujets import ActeKind
from transmission.domain.legal.transmission_electronique import (
    annulation_needs_a_person,
    unasked_pieces,
)

_OF_THE_TRANSMISSION = {
    DateName.TRANSMISSION.code,
    DateName.NOTIFICATION_PREFET.code,
    DateName.EXECUTOIRE.code,
    DateName.PREND_EFFET.code,
    DateName.DEFERE.code,
    DateName.REFUS_TACITE_PIECES.code,
    DateName.REJET_TACITE_LETTRE.code,
    DateName.SUSPENSION_AUTOMATIQUE.code,
    DateName.REPRISE.code,
}
_OF_FORCE = {DateName.EXECUTOIRE.code, DateName.PREND_EFFET.code}


def said_of(dossier: Dossier, found: LegalDate, to_come: frozenset[date]) -> LegalDate:
    """A date with what holds of any: its transmission to confirm, a rule that was not in force.

    ``to_come`` are the days of what the log says of the future, on which nothing is certain.
    """
    warnings = tuple(_warnings(dossier, found))
    # A day read by a rule of another time, or that a transmission to confirm gives, is not certain.
    planned = bool(to_come) and any(day in to_come for _, day in found.inputs)
    if not warnings and not planned:
        return found
    return replace(
        found,
        provisional=found.provisional or found.day is not None,
        warnings=(*found.warnings, *warnings),
    )


def _warnings(dossier: Dossier, found: LegalDate) -> Iterator[str]:
    if _is_to_confirm(dossier, found):
        yield dossier.portee.raison
    rule, decided = rules.RULES[found.rule], dossier.acte.date_decision
    if rule.in_force_from is not None and decided < rule.in_force_from:
        yield (
            f"Acte du {long_date(decided)} : la règle {rule.id} est lue ici dans sa rédaction en "
            f"vigueur depuis le {long_date(rule.in_force_from)}."
        )
    if rule.in_force_until is not None and decided > rule.in_force_until:
        yield (
            f"Acte du {long_date(decided)} : la règle {rule.id} est lue ici dans sa rédaction en "
            f"vigueur jusqu'au {long_date(rule.in_force_until)}."
        )


def _is_to_confirm(dossier: Dossier, found: LegalDate) -> bool:
    if not dossier.portee.to_confirm or found.name not in _OF_THE_TRANSMISSION:
        return False
    return not (dossier.acte.tacite and found.name in _OF_FORCE)


def warnings_of(course: Course, to_come: Iterable[LegalEvent]) -> tuple[str, ...]:
    """What is to be known of the act as a whole (French)."""
    return tuple(_warnings_of(course, to_come))


def _warnings_of(course: Course, to_come: Iterable[LegalEvent]) -> Iterator[str]:
    dossier = course.dossier
    yield from dossier.portee.warnings
    if dossier.portee.to_confirm or dossier.outside:
        yield dossier.portee.raison
    if dossier.outside:
        return
    yield from _signed_too_soon(dossier)
    yield from _annulled(dossier)
    yield from unasked_pieces(dossier.events)
    if course.control is None and dossier.first(EventKind.DEFERE) is not None:
        yield "Un déféré est connu, sans réception qui fasse courir son délai."
    order = dossier.first(EventKind.ORDONNANCE)
    if order is not None and course.suspensions.ordered is None:
        yield (
            f"L'ordonnance du {long_date(order.received)} est lue comme ne suspendant pas l'acte : "
            "si elle le suspend, déclarez-la comme telle."
        )
    for event in to_come:
        yield f"Pas encore arrivé : {event.kind.label} ({long_date(event.received)})."


def _signed_too_soon(dossier: Dossier) -> Iterator[str]:
    received = dossier.acte.date_deliberation_recue
    if dossier.publicity.kind is not ActeKind.CONTRAT or received is None:
        return
    signed, _ = signed_on(dossier)
    if contract_signature(signed, received, None).unlawful:
        yield (
            f"Contrat signé le {long_date(signed)}, avant que la délibération qui l'autorise soit "
            f"reçue en préfecture, le {long_date(received)} : une transmission postérieure ne le "
            "régularise pas (EX-5)."
        )


def _annulled(dossier: Dossier) -> Iterator[str]:
    annulled = dossier.of(EventKind.ANNULATION)
    if annulled:
        day = annulled[-1].received
        before = [event for event in dossier.events if event.received <= day]
        yield from annulation_needs_a_person(before, None, day)
