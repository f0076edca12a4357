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
    "2-2": ("Répondre", "FICHIER"),
    "3-4": ("Envoyer les pièces", "FICHIER…"),
    "3-3": ("Refuser", "--refus FICHIER"),
    "4-4": ("Répondre", "FICHIER"),
    "4-3": ("Rejeter les observations", "--refus FICHIER"),
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


def ways(thread: Thread, acte: State, numero: str) -> tuple[tuple[str, str], ...]:
    """What a person may do about a letter: a few words and the command of each."""
    answer = thread.answer
    if answer is not None and answer.state is State.HELD:
        return decisions(answer, numero)
    answers = ANSWERS[thread.letter.message] if is_open(thread, acte) else ()
    if _may_be_completed(thread, acte):
        answers = (_COMPLETED,)
    command = f"transmission reply {thread.letter.id}"
    return tuple((_WAYS[code][0], f"{command} {_WAYS[code][1]}") for code in answers)


def decisions(held: Transmission, numero: str) -> tuple[tuple[str, str], ...]:
    """The two commands that a held sending waits for; none when it is not held."""
    if held.state is not State.HELD:
        return ()
    rest = f'{numero} --message {held.message} --motif "…"'
    verbs = {"Relancer": "release", "Abandonner": "abandon"}
    return tuple((name, f"transmission {verb} {rest}") for name, verb in verbs.items())


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
