"""The story of an act as the law sees it: subjects and events for the legal clock.

A receipt has the date of its AR and no other. A letter bears its own date; it reached the
authority on the civil day on which it was taken in, which makes a silence end later, never sooner.
"""

from collections.abc import Iterator

from transmission.clock import civil_day
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.sujets import AuthorityKind, LegalActe, LegalAuthority
from transmission.domain.messages import ACTE, ANNULATION
from transmission.domain.transmission import Transmission
from transmission.store.queries.letters import Thread
from transmission.store.queries.story import ActeStory

_LETTERS = {
    "2-1": EventKind.COURRIER_SIMPLE,
    "3-1": EventKind.DEMANDE_PIECES,
    "4-1": EventKind.LETTRE_OBSERVATIONS,
    "5-1": EventKind.DEFERE,
}
_ANSWERS = {
    "3-3": EventKind.REFUS_PIECES,
    "3-4": EventKind.PIECES,
    "4-3": EventKind.REPONSE_LETTRE,
    "4-4": EventKind.REPONSE_LETTRE,
}


def subjects_of(story: ActeStory) -> tuple[LegalActe, LegalAuthority]:
    """The act and its authority, cut down to what the rules read.

    The date of decision stands for that of signature, which the register does not hold.
    """
    owner = story.collectivite
    acte = LegalActe(story.acte.nature, story.acte.matiere, story.acte.date_decision)
    authority = LegalAuthority(
        AuthorityKind.of_nature(owner.nature),
        departement=owner.departement,
        calendrier=owner.calendrier,
    )
    return acte, authority


def events_of(story: ActeStory) -> tuple[LegalEvent, ...]:
    """Everything in the register that a rule may read, oldest first."""
    found = [*_receipts(story), *_publication(story)]
    for thread in story.threads:
        found += _letter(thread, story.collectivite.time_zone)
    return tuple(sorted(found, key=lambda event: (event.received, event.kind.code)))


def _receipts(story: ActeStory) -> Iterator[LegalEvent]:
    kinds = {ACTE: EventKind.ACCUSE_RECEPTION, ANNULATION: EventKind.ANNULATION}
    for sent in story.transmissions:
        if sent.message in kinds and sent.date_reception is not None:
            yield LegalEvent.at(kinds[sent.message], sent.date_reception)


def _publication(story: ActeStory) -> Iterator[LegalEvent]:
    if story.date_mise_en_ligne is not None:
        yield LegalEvent.at(EventKind.PUBLICATION, story.date_mise_en_ligne)


def _letter(thread: Thread, time_zone: str) -> Iterator[LegalEvent]:
    letter = thread.letter
    arrived = civil_day(letter.received_at, time_zone)
    # One that bears a later date than its arrival cannot have left after it.
    dispatched = min(letter.date_courrier, arrived)
    if letter.message == "5-1":
        yield LegalEvent.at(EventKind.DEFERE, letter.date_courrier)
        return
    yield LegalEvent.at(_LETTERS[letter.message], arrived, dispatched)
    for answer in thread.answers:
        yield from _answer(answer.sent)


def _answer(sent: Transmission) -> Iterator[LegalEvent]:
    if sent.message in _ANSWERS and sent.date_reception is not None:
        yield LegalEvent.at(_ANSWERS[sent.message], sent.date_reception)
