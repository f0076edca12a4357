"""Which events of a log change nothing, and why (legal clock §15.3, §15.5)."""

from collections.abc import Iterator

from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.horloge_cours import Course
from transmission.domain.legal.horloge_exposition import MOVES

_NEVER = {
    EventKind.COURRIER_SIMPLE: "un courrier simple ne change rien aux délais (DF-3)",
    EventKind.REPONSE_ATTENTE: "une réponse d'attente ne tranche rien : le silence court (DF-4)",
}
_OUTSIDE = "l'acte est hors du contrôle de légalité (TR-5)"
_NOT_BEGUN = "aucune réception ne fait courir le délai du préfet (DF-11)"
_NO_FORCE = "l'acte, qui n'est pas à transmettre, n'est pas exécutoire (DF-6)"
_Ignored = tuple[LegalEvent, str]


def without_effect(course: Course) -> tuple[_Ignored, ...]:
    """Events that change no date and no state, in the order of the log, each with its reason."""
    dossier = course.dossier
    if dossier.outside:
        why = dict.fromkeys(dossier.of(*MOVES, EventKind.DEFERE, EventKind.SUSPENSION), _OUTSIDE)
    else:
        why = dict(_reasons(course))
    why |= {event: _NEVER[event.kind] for event in dossier.of(*_NEVER)}
    return tuple((event, why[event]) for event in dossier.events if event in why)


def _reasons(course: Course) -> Iterator[_Ignored]:
    yield from course.dossier.publicity.ignored
    provoked = course.exposition.provoked if course.exposition else None
    for event, why in course.recours.ignored:
        if provoked is None or event != provoked.by:
            yield event, why
    yield from _of_the_control(course)
    yield from _of_the_judge(course)
    if course.dossier.receipt is not None:
        for event in course.dossier.of(EventKind.ANOMALIE):
            yield event, "l'acte est reçu malgré elle (EL-3)"


def _of_the_control(course: Course) -> Iterator[_Ignored]:
    """A déféré that comes before the receipt that counts stands all the same."""
    dossier = course.dossier
    if not dossier.portee.must_transmit:
        unforced = ((event, _NO_FORCE) for event in dossier.of(*MOVES))
        yield from course.exposition.ignored if course.exposition else unforced
    elif dossier.receipt is None:
        for event in dossier.of(*MOVES):
            yield event, _NOT_BEGUN
    else:
        first = dossier.first(EventKind.DEFERE)
        yield from ((event, why) for event, why in dossier.receipt.ignored if event != first)


def _of_the_judge(course: Course) -> Iterator[_Ignored]:
    suspensions, dossier = course.suspensions, course.dossier
    for event in dossier.of(EventKind.SUSPENSION):
        if event != suspensions.filed:
            yield event, "une première demande de suspension est déjà suivie"
    if suspensions.filed is None and suspensions.ordered is None:
        for event in dossier.of(EventKind.ORDONNANCE):
            yield event, "aucune suspension n'est connue, demandée ou ordonnée"
