"""The three states of an act on a day, from what had happened by then (legal clock §15.2)."""

from datetime import date

from transmission.domain.legal.controle import ControlState, control_state
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.horloge_cours import Course
from transmission.domain.legal.horloge_dossier import Dossier
from transmission.domain.legal.horloge_exposition import exposed_state
from transmission.domain.legal.reading import ActeState
from transmission.domain.legal.recours import ThirdPartyState, third_party_state
from transmission.domain.legal.settings import AnnulationEffect

_ENDED = (
    (EventKind.JUGEMENT, ActeState.ANNULE_JUGE),
    (EventKind.RETRAIT, ActeState.RETIRE),
    (EventKind.ABROGATION, ActeState.ABROGE),
)
_WIRE = (EventKind.ACCUSE_RECEPTION, EventKind.ANOMALIE, EventKind.ANNULATION)


def acte_state(course: Course, today: date) -> ActeState:
    """What ended the act, else what holds it back, else how far it has come by ``today``.

    The log of ``course`` stops at ``today``, here and below.
    """
    dossier = course.dossier
    for kind, state in _ENDED:
        if dossier.first(kind) is not None:
            return state
    if course.suspensions.suspends(today):
        return ActeState.SUSPENDU
    if not dossier.outside and course.executory is not None and course.executory <= today:
        return ActeState.EXECUTOIRE
    return _without_force(dossier, today)


def _without_force(dossier: Dossier, today: date) -> ActeState:
    wire = dossier.of(*_WIRE)
    if dossier.received is None and wire:
        void = dossier.settings.annulation_effect is AnnulationEffect.VOID
        if wire[-1].kind is EventKind.ANOMALIE:
            return ActeState.ANOMALIE
        if wire[-1].kind is EventKind.ANNULATION and void:
            return ActeState.TRANSMISSION_ANNULEE
    if dossier.publicity.by is not None:
        return ActeState.PUBLIE
    if dossier.received is not None:
        return ActeState.TRANSMIS
    signed = dossier.acte.date_signature
    return ActeState.SIGNE if signed is not None and signed <= today else ActeState.ADOPTE


def act_control_state(course: Course, today: date) -> ControlState:
    """Where its control stands: a déféré stands, whatever became of the receipt."""
    if course.dossier.outside:
        return ControlState.SANS_OBJET
    if course.dossier.first(EventKind.DEFERE) is not None:
        return ControlState.DEFERE
    if course.dossier.portee.must_transmit:
        return control_state(course.control, today)
    return exposed_state(course.exposition, today)


def appeals_state(course: Course, today: date) -> ThirdPartyState:
    """Where the appeals of third parties, or of the addressee, stand."""
    appeal = None if course.dossier.outside else course.recours.appeal
    return third_party_state(appeal, today)
