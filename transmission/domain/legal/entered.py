"""What a person says happened to an act, where no message tells it, or where one tells it badly.

A message of the wire keeps its bytes and its dates; a person may only say what it is in law: that
an answer only holds (« réponse d'attente »), that a plain letter asks for a withdrawal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from transmission.domain.errors import Problem
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.sujets import PublicityMode

FROM_THE_STATE = frozenset({EventKind.ACCUSE_RECEPTION, EventKind.ANOMALIE, EventKind.ANNULATION})
"""Known from the messages of the State and from nowhere else."""

OF_A_LETTER = frozenset(
    {
        EventKind.COURRIER_SIMPLE,
        EventKind.DEMANDE_PIECES,
        EventKind.LETTRE_OBSERVATIONS,
        EventKind.RENONCIATION,
    }
)
"""What a letter of the préfecture may be in law, whatever message carried it."""

OF_AN_ANSWER = frozenset(
    {
        EventKind.PIECES,
        EventKind.REFUS_PIECES,
        EventKind.REPONSE_LETTRE,
        EventKind.REPONSE_ATTENTE,
    }
)
"""What an answer of the authority may be in law."""

ENTERED = tuple(kind for kind in EventKind if kind not in FROM_THE_STATE)
"""Kinds that a person may enter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a person enters; ``preuve`` says in French what shows it.

    With ``courrier_id`` or ``transmission_id`` it says what that letter or that answer is: it
    changes the event of that message instead of adding one, and the message keeps its own dates.
    Only an answer that the State never acknowledges (2-2) takes that of ``event``.
    """

    event: LegalEvent
    preuve: str | None = None
    courrier_id: int | None = None
    transmission_id: int | None = None


@dataclass(frozen=True, slots=True)
class Retraction:
    """Who took an entry back, and why."""

    at: datetime
    author: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An entry as it is kept; one taken back counts no more, and stays."""

    id: int
    acte_id: int
    entry: Entry
    at: datetime
    author: str
    reason: str | None
    retracted: Retraction | None = None


def problems_of(entry: Entry, date_decision: date, today: date) -> Iterator[Problem]:
    """Problems of an entry about an act of that day, on ``today``, the civil day of its authority.

    Nothing happens to an act before it is adopted, and nothing is entered before it happens.
    """
    event = entry.event
    if event.kind in FROM_THE_STATE:
        yield _from_the_state(event.kind)
    if not date_decision <= event.received <= today:
        yield _impossible("recu", event.received, date_decision, today)
    if not date_decision <= event.sent <= event.received:
        yield _impossible("envoye", event.sent, date_decision, event.received)
    yield from _details(event)
    yield from _message(entry)


def _details(event: LegalEvent) -> Iterator[Problem]:
    if event.kind is EventKind.PUBLICATION and event.mode in (None, PublicityMode.ELECTRONIQUE):
        yield Problem(
            "mode",
            "mode_publicite",
            "Une mise en ligne s'enregistre par « transmission publish ».",
            "Pour une autre publicité, donnez son mode : affichage, papier ou gpu.",
        )
    if event.mode is not None and event.kind is not EventKind.PUBLICATION:
        yield _senseless("mode", "Seule une publication a un mode.")
    if event.remedies is not None and event.kind is not EventKind.NOTIFICATION:
        yield _senseless("voies_de_recours", "Seule une notification dit les voies de recours.")
    if not event.complete and event.kind is not EventKind.PIECES:
        yield _senseless("partiel", "Seules des pièces peuvent être envoyées en partie.")


def _message(entry: Entry) -> Iterator[Problem]:
    kind = entry.event.kind
    if entry.courrier_id is not None and kind not in OF_A_LETTER:
        yield _senseless("courrier", _may_be("Un courrier de la préfecture", OF_A_LETTER))
    if entry.transmission_id is not None and kind not in OF_AN_ANSWER:
        yield _senseless("reponse", _may_be("Une réponse", OF_AN_ANSWER))


def _may_be(what: str, kinds: frozenset[EventKind]) -> str:
    return f"{what} peut être : {', '.join(kind.code for kind in EventKind if kind in kinds)}."


def _from_the_state(kind: EventKind) -> Problem:
    return Problem(
        "evenement",
        "message_de_l_etat",
        f"« {kind.label} » se lit dans le message de l'État, et nulle part ailleurs.",
        "Attendez ce message ; s'il est en quarantaine, rattachez-le : « transmission attach ».",
    )


def _impossible(field: str, day: date, first: date, last: date) -> Problem:
    return Problem(
        field,
        "date_possible",
        f"Le {day:%d/%m/%Y} est impossible ici.",
        f"Donnez une date du {first:%d/%m/%Y} au {last:%d/%m/%Y}.",
    )


def _senseless(field: str, message: str) -> Problem:
    return Problem(field, "precision_admise", message, "Retirez cette précision.")
