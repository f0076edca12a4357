"""What is said of a letter of the préfecture: what it is, what it still waits for, how to answer.

The command line says the same words.
"""

from transmission.console import waiting
from transmission.console.labels import message_label
from transmission.console.words import day
from transmission.domain.lifecycle import State
from transmission.domain.messages import ANSWERS
from transmission.domain.transmission import KeptCourrier, Transmission
from transmission.store.queries import Thread

_UNANSWERED = {
    "2-1": "Une réponse est possible, elle n'est pas obligatoire.",
    "3-1": "La collectivité doit envoyer les pièces demandées, ou son refus.",
    "4-1": "La collectivité doit répondre aux observations, ou les rejeter.",
    "5-1": "Aucune réponse ne part d'ici : l'affaire se suit au tribunal administratif.",
}
_WAYS = {
    "2-2": "Répondre",
    "3-4": "Envoyer les pièces",
    "3-3": "Refuser",
    "4-4": "Répondre",
    "4-3": "Rejeter les observations",
}
_LAST_WORD = "5-1"
_COMPLETED = "3-4"


def title(letter: KeptCourrier) -> str:
    """Kind and date: ``Lettre d'observations du 1er mars 2023``."""
    return f"{message_label(letter.message)} du {day(letter.date_courrier)}"


def is_open(thread: Thread, acte: State) -> bool:
    """Whether an answer may still be given, its act being in a state."""
    return (
        bool(ANSWERS[thread.letter.message]) and not thread.answer and acte is not State.CANCELLED
    )


def expected(thread: Thread, acte: State) -> str:
    """What a letter still waits for, and of whom."""
    if acte is State.CANCELLED and thread.letter.message != _LAST_WORD:
        return "Rien : la transmission de l'acte est annulée."
    if thread.answer is not None:
        return _answered(thread.answer)
    refused = "La dernière réponse n'a pas été reçue. " if thread.answers else ""
    return refused + unanswered(thread.letter.message)


def unanswered(code: str) -> str:
    """What a letter of that code waits for as long as nobody answered it."""
    return _UNANSWERED[code]


def ways(thread: Thread, acte: State) -> tuple[str, ...]:
    """The codes of the answers that may be given to a letter now, its act being in a state."""
    if _may_be_completed(thread, acte):
        return (_COMPLETED,)
    return ANSWERS[thread.letter.message] if is_open(thread, acte) else ()


def way(code: str, thread: Thread) -> str:
    """An answer as the button that gives it."""
    if code == _COMPLETED and thread.answer is not None:
        return "Compléter les pièces"
    return _WAYS[code]


def summary(sent: Transmission) -> str:
    """A sending in one line: what it is, where it stands, the date of its AR."""
    received = sent.date_reception
    dated = f", reçu en préfecture le {day(received)}" if received else ""
    return f"{message_label(sent.message)} : {sent.state.label}{dated}"


def _may_be_completed(thread: Thread, acte: State) -> bool:
    if thread.answer is None or acte is State.CANCELLED:
        return False
    return thread.answer.message == _COMPLETED and thread.answer.state is State.ACKNOWLEDGED


def _answered(answer: Transmission) -> str:
    if answer.state is State.ACKNOWLEDGED and answer.date_reception is not None:
        more = " D'autres pièces peuvent encore la compléter." * (answer.message == _COMPLETED)
        return f"Rien : la préfecture a reçu la réponse le {day(answer.date_reception)}.{more}"
    if answer.state is State.DELIVERED:
        return "Rien : la réponse est remise à la préfecture, qui n'en accuse pas réception."
    return (
        f"La réponse est donnée. {waiting.reason(answer.state, answer.waiting_for, answer.message)}"
    )
