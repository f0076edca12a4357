"""Acts of the register as the law sees them: subjects, events, and what the clock reads.

A receipt has the date of its AR and no other. A letter bears its own date; it reached the
authority on the civil day on which it was taken in, which makes a silence end later, never sooner.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from transmission.clock import civil_day
from transmission.domain.legal.cases import LegalCase
from transmission.domain.legal.entered import Recorded
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.options import legal_authority_of, legal_settings_of
from transmission.domain.legal.reading import Reading
from transmission.domain.legal.sujets import LegalActe, LegalAuthority, PublicityMode
from transmission.domain.lifecycle import State
from transmission.domain.messages import ACTE, ANNULATION, ANSWERS, label_of
from transmission.store.queries.legal_story import LegalStory, Letter, Sent, stories_for

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
_ANSWERING = frozenset(answer for answers in ANSWERS.values() for answer in answers)


def reading_of(
    connection: Connection,
    acte_id: int,
    today: date,
    hypothetical: Sequence[LegalEvent] = (),
) -> Reading | None:
    """What the clock says of an act on ``today``, a civil day of its authority; None if unknown.

    ``hypothetical`` are events that did not happen: « were the documents sent on… ».
    """
    case = legal_case(connection, acte_id)
    return None if case is None else case.read(today, hypothetical)


def legal_case(connection: Connection, acte_id: int) -> LegalCase | None:
    """All that the clock reads of an act, None for an unknown one."""
    return next(iter(legal_cases(connection, [acte_id])), None)


def legal_cases(connection: Connection, acte_ids: Sequence[int]) -> Sequence[LegalCase]:
    """All that the clock reads of some acts, by number; one that is unknown is left out."""
    return [_case(story) for story in stories_for(connection, acte_ids)]


def subjects_of(story: LegalStory) -> tuple[LegalActe, LegalAuthority]:
    """The act, with what was declared of it, and its authority."""
    acte = LegalActe(story.nature, story.matiere, story.date_decision)
    return story.declaration.of(acte), legal_authority_of(story.collectivite)


def events_of(story: LegalStory) -> tuple[LegalEvent, ...]:
    """Everything in the register that a rule may read, by the day on which it was received.

    On one day: receipts, publicity, each letter with its answers, then what people entered.
    """
    said, letters = _said(story), letter_events(story)
    about_answers = {each.entry.transmission_id: each for each in said}
    found = [*_receipts(story), *_publication(story)]
    for letter in story.letters:
        found.append(letters[letter.id])
        found += _answers(story, letter, about_answers)
    found += [_entered(story, each) for each in said if _stands_alone(each)]
    return tuple(sorted(found, key=lambda event: event.received))


def letter_events(story: LegalStory) -> Mapping[int, LegalEvent]:
    """What each letter of the préfecture is to the clock, by the number of the letter."""
    said = {each.entry.courrier_id: each for each in _said(story)}
    return {letter.id: _letter(story, letter, said.get(letter.id)) for letter in story.letters}


def _said(story: LegalStory) -> list[Recorded]:
    return [each for each in story.recorded if each.retracted is None]


def _case(story: LegalStory) -> LegalCase:
    acte, owner = subjects_of(story)
    return LegalCase(
        acte_id=story.acte_id,
        collectivite_id=story.collectivite_id,
        numero=story.numero_interne,
        time_zone=story.collectivite.time_zone,
        acte=acte,
        owner=owner,
        events=events_of(story),
        settings=legal_settings_of(story.collectivite),
        declaration=story.declaration,
    )


def _receipts(story: LegalStory) -> Iterator[LegalEvent]:
    for sent in story.sendings:
        if sent.message == ACTE and sent.state is State.REJECTED:
            yield from _anomalie(story, sent)
        elif sent.message == ACTE and sent.date_reception is not None:
            yield _receipt(story, sent, sent.date_reception)
        elif sent.message == ANNULATION and sent.date_reception is not None:
            yield _at(
                EventKind.ANNULATION,
                sent.date_reception,
                f"accusé de l'annulation n° {sent.id}",
            )


def _receipt(story: LegalStory, sent: Sent, received: date) -> LegalEvent:
    zone = story.collectivite.time_zone
    # An AR never comes before its sending: where the clocks say so, they are wrong.
    left = min(civil_day(sent.sent_at, zone), received) if sent.sent_at else received
    source = f"accusé de réception de la transmission n° {sent.id}"
    return LegalEvent(EventKind.ACCUSE_RECEPTION, received, left, source=source)


def _anomalie(story: LegalStory, sent: Sent) -> Iterator[LegalEvent]:
    # Without a refusal of the State, the sending was given up here: nothing was told to anybody.
    if sent.refused_at is not None:
        day = civil_day(sent.refused_at, story.collectivite.time_zone)
        yield _at(EventKind.ANOMALIE, day, f"anomalie de la transmission n° {sent.id}")


def _publication(story: LegalStory) -> Iterator[LegalEvent]:
    if story.date_mise_en_ligne is not None:
        online = _at(EventKind.PUBLICATION, story.date_mise_en_ligne, "mise en ligne enregistrée")
        yield replace(online, mode=PublicityMode.ELECTRONIQUE)


def _letter(story: LegalStory, letter: Letter, said: Recorded | None) -> LegalEvent:
    arrived = civil_day(letter.received_at, story.collectivite.time_zone)
    source = f"courrier n° {letter.id} ({label_of(letter.message)})"
    if letter.message == "5-1":
        return _at(EventKind.DEFERE, letter.date_courrier, source)
    # One that bears a later date than its arrival cannot have left after it.
    dispatched = min(letter.date_courrier, arrived)
    kind = said.entry.event.kind if said else _LETTERS[letter.message]
    return LegalEvent(kind, arrived, dispatched, source=source + _says(said))


def _answers(
    story: LegalStory, letter: Letter, said: Mapping[int | None, Recorded]
) -> Iterator[LegalEvent]:
    for sent in story.sendings:
        if sent.courrier_id == letter.id and sent.message in _ANSWERING:
            yield from _answer(sent, said.get(sent.id))


def _answer(sent: Sent, said: Recorded | None) -> Iterator[LegalEvent]:
    source = f"accusé de la réponse n° {sent.id} ({label_of(sent.message)})"
    kind, received = _ANSWERS.get(sent.message), sent.date_reception
    if said is None:
        if kind is not None and received is not None:
            yield _at(kind, received, source)
        return
    stated = said.entry.event
    if sent.message not in _ANSWERS:
        # The State acknowledges no answer to a plain letter: a person says when it was received.
        yield replace(stated, source=f"réponse n° {sent.id}" + _says(said))
    elif received is not None:
        told = replace(stated, received=received, sent=received)
        yield replace(told, source=source + _says(said))


def _entered(story: LegalStory, recorded: Recorded) -> LegalEvent:
    event = recorded.entry.event
    day = civil_day(recorded.at, story.collectivite.time_zone)
    source = f"saisie n° {recorded.id} du {day:%d/%m/%Y}, par {recorded.author}"
    if event.kind is EventKind.NOTIFICATION and event.remedies is None:
        event = replace(event, remedies=story.declaration.voies_de_recours)
    return replace(event, source=source)


def _stands_alone(recorded: Recorded) -> bool:
    entry = recorded.entry
    return entry.courrier_id is None and entry.transmission_id is None


def _says(said: Recorded | None) -> str:
    return f" ; nature dite par {said.author} (saisie n° {said.id})" if said else ""


def _at(kind: EventKind, day: date, source: str) -> LegalEvent:
    return LegalEvent(kind, day, day, source=source)
