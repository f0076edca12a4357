"""Which act or sending a retour speaks of: exactly one, or the desk; never the nearest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from transmission.domain.collectivite import Collectivite
from transmission.domain.errors import TransmissionError
from transmission.domain.identifiers import IdActe
from transmission.domain.lifecycle import State
from transmission.domain.messages import ACKNOWLEDGED_BY, ACTE
from transmission.domain.transmission import SERVICE, Author, StoredRetour, Transmission
from transmission.ports import UnitOfWork
from transmission.services.toolbox import Toolbox

OVER = (State.REJECTED, State.CANCELLED)


class QuarantineError(TransmissionError):
    """The retour cannot be attached; the text is the reason that the operators read."""


class SeveralAnswersError(QuarantineError):
    """Several answers to letters of one day could be meant: a person must say which letter."""


@dataclass(frozen=True, slots=True)
class Context:
    """A retour being applied.

    ``acte_id`` is the act that a person named, in ``author``'s name, and ``courrier_id`` the
    letter whose answer is meant, if they said it.
    """

    tools: Toolbox
    unit: UnitOfWork
    retour: StoredRetour
    collectivite: Collectivite
    notes: tuple[str, ...]
    author: Author = SERVICE
    acte_id: int | None = None
    courrier_id: int | None = None

    @property
    def reason(self) -> str | None:
        """What is said of a retour that a person attached."""
        if self.acte_id is None:
            return None
        return f"Rattaché à la main par {self.author.name} : {self.author.reason}"


def acte_meant(context: Context, id_acte: IdActe) -> int:
    """Key of the one act that was sent under an identifier. Raises QuarantineError."""
    if context.acte_id is not None:
        return context.acte_id
    actes = {sending.acte_id for sending in _sent(context, id_acte)}
    if len(actes) != 1:
        raise QuarantineError(_several(context, id_acte, len(actes)))
    return actes.pop()


def sending_meant(context: Context, id_acte: IdActe) -> Transmission:
    """The one sending of an act (1-1) that a retour speaks of, locked. Raises QuarantineError.

    An act that was sent again after a refusal has several: the living one is meant.
    """
    if context.acte_id is not None:
        return locked(context, context.unit.current_transmission(context.acte_id))
    if context.retour.transmission_id is not None:
        return _asked(context, context.retour.transmission_id, id_acte)
    sent = _sent(context, id_acte)
    alive = [each for each in sent if each.state not in OVER]
    found = alive or sent
    if len(found) != 1:
        raise QuarantineError(_several(context, id_acte, len(found)))
    return locked(context, found[0])


def _asked(context: Context, transmission_id: int, id_acte: IdActe) -> Transmission:
    """The sending whose reference was asked, if it is the one spoken of, locked."""
    asked = context.unit.lock_transmission(transmission_id, wait=True)
    if asked is None or asked.message != ACTE or not _is_under(asked, id_acte):
        raise QuarantineError(elsewhere(id_acte))
    return asked


def _is_under(sending: Transmission, id_acte: IdActe) -> bool:
    return _was_sent(sending) and str(sending.id_acte).upper() == str(id_acte).upper()


def _was_sent(sending: Transmission) -> bool:
    return sending.parcel is not None and sending.attempts > 0


def locked(context: Context, sending: Transmission) -> Transmission:
    """The same row, locked for this transaction."""
    return context.unit.lock_transmission(sending.id, wait=True) or sending


def require_not_replaced(context: Context, sending: Transmission) -> None:
    """Raises QuarantineError when a refused sending, that an AR now proves, was made again."""
    if sending.state is not State.REJECTED:
        return
    about = context.unit.transmissions_about(sending.acte_id)
    newer = [each for each in about if each.id > sending.id and _is_for_the_same(each, sending)]
    if newer:
        raise QuarantineError(
            f"Cet accusé vise un envoi refusé ({sending.id_acte}), refait depuis "
            f"({newer[0].id_acte}, « {newer[0].state.label} ») : un opérateur doit dire lequel "
            "vaut."
        )


def contradiction_told(date_reception: date) -> str:
    """What a sending waits for once an anomaly, then an AR, were received for it."""
    return (
        f"Une anomalie puis un accusé de réception (daté du {date_reception:%d/%m/%Y}) ont été "
        "reçus : un opérateur doit dire lequel vaut."
    )


def elsewhere(id_acte: IdActe) -> str:
    """What is said of a retour that came for something else than what it speaks of."""
    return (
        f"Ce retour, collecté pour un autre envoi, porte l'identifiant {id_acte}. "
        "Rattachez-le à la main s'il y a lieu."
    )


def _is_for_the_same(one: Transmission, other: Transmission) -> bool:
    if other.courrier_id is None:
        return one.message == other.message
    return one.courrier_id == other.courrier_id and one.message in ACKNOWLEDGED_BY


def _sent(context: Context, id_acte: IdActe) -> Sequence[Transmission]:
    found = context.unit.match_transmission(context.retour.collectivite_id, str(id_acte))
    return [sending for sending in found if _was_sent(sending)]


def _several(context: Context, id_acte: IdActe, count: int) -> str:
    of = f"de {context.collectivite.nom}"
    if count == 0:
        return f"Aucun envoi {of} ne correspond à l'identifiant {id_acte}."
    return (
        f"{count} envois {of} correspondent à l'identifiant {id_acte} : le retour n'est rattaché "
        "à aucun."
    )
