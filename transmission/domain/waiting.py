"""Why an act is where it is, in one true sentence: for pages and for programs."""

from transmission.domain.lifecycle import FINAL, State
from transmission.domain.messages import ACTE

_AWAITED = {
    State.ACCEPTED: "la préparation de l'enveloppe",
    State.PREPARED: "l'envoi",
    State.SUBMITTING: "la réponse du TdT",
    State.IN_DOUBT: "de savoir si le TdT a reçu l'envoi",
    State.SUBMITTED: "l'accusé de réception de la préfecture",
    State.CANCELLING: "l'accusé d'annulation",
    State.HELD: "Aucun motif n'est enregistré.",
}

_ENDED = {
    State.ACKNOWLEDGED: "Rien : la préfecture l'a reçu, son accusé en fait foi.",
    State.CANCELLED: "Rien : cette transmission est annulée.",
    State.REJECTED: "Rien : cet envoi est clos, et la préfecture ne l'a pas pris en compte.",
    State.DELIVERED: "Rien : il est remis à la préfecture, qui n'en accuse pas réception.",
}
_ACTE_ENDED = _ENDED | {
    State.ACKNOWLEDGED: "Rien : la préfecture a reçu l'acte, son accusé de réception en fait foi.",
    State.REJECTED: (
        "Rien : cette transmission est close et l'acte n'a pas été reçu par elle. Renvoyez-le tel "
        "quel, ou corrigez-le et remettez-le sous un autre numéro."
    ),
}


def reason(state: State, waiting_for: str | None, message: str = ACTE) -> str:
    """The sentence that answers « qu'attend cet acte ? », or this answer, this cancellation."""
    if state in FINAL:
        because = f" Motif : {_closed(waiting_for)}" if waiting_for else ""
        return (_ACTE_ENDED if message == ACTE else _ENDED)[state] + because
    if state is State.HELD:
        return f"La décision d'une personne. Motif : {_closed(awaited(state, waiting_for))}"
    sentence = f"Le service attend {_closed(awaited(state, waiting_for))}"
    if state is State.IN_DOUBT:
        return f"{sentence} Rien n'est renvoyé tant que ce doute n'est pas levé."
    return sentence


def brief(state: State, waiting_for: str | None) -> str:
    """The same in a few words, for a list; empty when there is nothing more to say."""
    if state in FINAL or state is State.HELD:
        return awaited(state, waiting_for)
    return f"Attend {awaited(state, waiting_for)}"


def awaited(state: State, waiting_for: str | None) -> str:
    """What an act waits for, in a few words; empty when it waits for nothing more."""
    return waiting_for or _AWAITED.get(state, "")


def _closed(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
