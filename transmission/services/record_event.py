"""Enter what happened to an act and no message told, or say what a message is in law."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from transmission.clock import civil_day
from transmission.domain.errors import ConflictError, NotFoundError, Problem, RefusedError
from transmission.domain.legal.entered import Entry, Recorded, problems_of
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.sujets import PublicityMode
from transmission.domain.messages import ACKNOWLEDGED_BY, ANSWERS
from transmission.domain.transmission import Author, KeptCourrier, Transmission
from transmission.ports import UnitOfWork
from transmission.services.decisions import require_reason
from transmission.services.toolbox import Toolbox

_ANSWERING = frozenset(answer for answers in ANSWERS.values() for answer in answers)
_DEFERE = "5-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a person tells: see :class:`LegalEvent` and :class:`Entry`.

    ``received`` is None for a letter, and for an answer that the State acknowledges: these have
    their own dates. ``sent`` is the day of ``received`` when nobody says otherwise.
    """

    kind: EventKind
    received: date | None = None
    sent: date | None = None
    complete: bool = True
    mode: PublicityMode | None = None
    remedies: bool | None = None
    preuve: str | None = None
    courrier_id: int | None = None
    transmission_id: int | None = None


def record_event(tools: Toolbox, acte_id: int, told: Told, author: Author) -> int:
    """Enter an event of an act, which is then read again; the number of the entry.

    With the number of a letter or of an answer, it says what that message is in law: a « réponse
    d'attente », a plain letter that asks for a withdrawal. Raises RefusedError with every problem
    at once, NotFoundError, ConflictError when another entry already says it: twice is once.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        unit.hold_acte(acte_id)
        acte = unit.acte(acte_id)
        zone = unit.authority(acte.collectivite_id).collectivite.time_zone
        today = civil_day(now, zone)
        received, sent = _days(unit, acte_id, told, zone, today)
        entry = _entry(told, received, sent)
        if problems := list(problems_of(entry, acte.date_decision, today)):
            raise RefusedError(problems)
        _require_unsaid(unit, acte_id, told, entry)
        added = unit.add_legal_event(acte_id, entry, author, now)
        unit.commit()
    return added


def retract_event(tools: Toolbox, acte_id: int, number: int, author: Author) -> Recorded:
    """Take back an entry of an act; it stays, and counts no more.

    Raises RefusedError without a reason, NotFoundError, ConflictError when it was taken back.
    """
    require_reason(author)
    with tools.register() as unit:
        recorded = next((each for each in events_entered(unit, acte_id) if each.id == number), None)
        if recorded is None:
            raise NotFoundError(f"Aucun événement n° {number} n'a été saisi pour cet acte.")
        unit.retract_legal_event(recorded, author, tools.clock.now())
        unit.commit()
    return recorded


def events_entered(unit: UnitOfWork, acte_id: int) -> list[Recorded]:
    """What people entered about an act, oldest first, entries taken back included."""
    return list(unit.legal_events([acte_id]).get(acte_id, ()))


def _entry(told: Told, received: date, sent: date) -> Entry:
    event = LegalEvent(
        told.kind,
        received,
        sent,
        complete=told.complete,
        mode=told.mode,
        remedies=told.remedies,
    )
    return Entry(
        event=event,
        preuve=told.preuve,
        courrier_id=told.courrier_id,
        transmission_id=told.transmission_id,
    )


def _days(unit: UnitOfWork, acte_id: int, told: Told, zone: str, today: date) -> tuple[date, date]:
    """When it was received and sent, as the person says; of a message, as far as it is known.

    The clock reads the dates of the message itself.
    """
    if told.courrier_id is not None and told.transmission_id is not None:
        raise RefusedError([_both()])
    if told.courrier_id is not None:
        letter = _letter(unit, acte_id, told.courrier_id)
        _refuse(_dated(told, "courrier"))
        arrived = civil_day(letter.received_at, zone)
        return arrived, arrived
    if told.transmission_id is not None:
        answer = _answer(unit, acte_id, told.transmission_id)
        if answer.message in ACKNOWLEDGED_BY:
            _refuse(_dated(told, "reponse"))
            day = min(answer.date_reception or today, today)
            return day, day
    if told.received is None:
        raise RefusedError([_undated()])
    return told.received, told.sent or told.received


def _letter(unit: UnitOfWork, acte_id: int, number: int) -> KeptCourrier:
    letter = unit.courrier(number)
    if letter.acte_id != acte_id:
        raise NotFoundError(f"Le courrier n° {number} concerne un autre acte.")
    if letter.message == _DEFERE:
        raise RefusedError(
            [
                Problem(
                    "courrier",
                    "courrier_requalifiable",
                    f"Le courrier n° {number} est un déféré : il ne peut pas être autre chose.",
                    "Rien n'a été enregistré.",
                )
            ]
        )
    return letter


def _answer(unit: UnitOfWork, acte_id: int, number: int) -> Transmission:
    for sent in unit.transmissions_about(acte_id):
        if sent.id == number and sent.message in _ANSWERING:
            return sent
    raise NotFoundError(
        f"Aucune réponse n° {number} n'a été envoyée pour cet acte. "
        "« transmission courriers NUMERO » donne leurs numéros."
    )


def _require_unsaid(unit: UnitOfWork, acte_id: int, told: Told, entry: Entry) -> None:
    about = (told.courrier_id, told.transmission_id)
    for each in events_entered(unit, acte_id):
        if each.entry == entry and each.retracted is None:
            raise ConflictError(
                f"La saisie n° {each.id} dit déjà exactement cela ; rien n'est ajouté. Si c'en est "
                "une autre, dites ce qui la montre (preuve)."
            )
        same = (each.entry.courrier_id, each.entry.transmission_id) == about
        if same and about != (None, None) and each.retracted is None:
            raise ConflictError(
                f"La saisie n° {each.id} dit déjà ce qu'est ce message "
                f"(« {each.entry.event.kind.label} »). Retirez-la d'abord."
            )


def _dated(told: Told, field: str) -> Iterator[Problem]:
    for name, day in (("recu", told.received), ("envoye", told.sent)):
        if day is not None:
            yield Problem(
                name,
                "date_du_message",
                f"Ce message a ses propres dates ({field}).",
                f"Retirez --{name}.",
            )


def _refuse(problems: Iterator[Problem]) -> None:
    if found := list(problems):
        raise RefusedError(found)


def _both() -> Problem:
    return Problem(
        "courrier",
        "un_seul_message",
        "Un événement ne peut pas qualifier un courrier et une réponse à la fois.",
        "Saisissez-en deux.",
    )


def _undated() -> Problem:
    return Problem(
        "recu",
        "date_absente",
        "Il manque la date de réception de l'événement.",
        "Donnez-la : --recu AAAA-MM-JJ.",
    )
