"""One decision about many sendings that a person listed: open or not, then taken one by one."""

from datetime import datetime
from typing import Protocol

from transmission.domain.decisions import Decision, Standing, is_open, refusal
from transmission.domain.errors import ConflictError
from transmission.domain.messages import ACTE
from transmission.domain.transmission import Author, Transmission
from transmission.services.cancel import cancel
from transmission.services.release import abandon, release
from transmission.services.resend import resend
from transmission.services.toolbox import Toolbox


class Listed(Standing, Protocol):
    """A sending as a list showed it."""

    @property
    def transmission_id(self) -> int: ...

    @property
    def acte_id(self) -> int: ...

    @property
    def state_since(self) -> datetime: ...


def why_closed(decision: Decision, sent: Listed, newest: int) -> str:
    """Why a decision is not open to a sending, a French sentence, empty when it is.

    ``newest`` is the number of the newest sending of the act itself.
    """
    if sent.message == ACTE and sent.transmission_id != newest:
        return "Cet envoi a été remplacé par un autre."
    return "" if is_open(decision, sent) else refusal(decision, sent)


def decide(
    tools: Toolbox, decision: Decision, sent: Listed, author: Author, *, renumber: bool = False
) -> Transmission:
    """Take a decision about one of many.

    ``renumber`` is that of :func:`resend`. Raises ConflictError when the sending moved since it was
    listed, and as the service of the decision.
    """
    with tools.register() as unit:
        now = unit.transmission(sent.transmission_id)
    if (now.state, now.state_since) != (sent.state, sent.state_since):
        raise ConflictError("A changé depuis l'aperçu ; rien n'a été fait.")
    match decision:
        case Decision.RELEASE:
            return release(tools, sent.acte_id, author, transmission_id=sent.transmission_id)
        case Decision.ABANDON:
            return abandon(tools, sent.acte_id, author, transmission_id=sent.transmission_id)
        case Decision.CANCEL:
            return cancel(tools, sent.acte_id, author)
        case Decision.RESEND:
            return resend(tools, sent.acte_id, author, renumber=renumber)
