"""Letters of the préfecture, and what it acknowledges after the act: answers, cancellation."""

import hashlib
from collections.abc import Sequence
from datetime import date

from transmission.domain.courriers import (
    ARAnnulation,
    ARPieceComplementaire,
    ARReponseRejetLettreObservations,
    CourrierSimple,
    DefereTA,
    DemandePieceComplementaire,
    LettreObservations,
)
from transmission.domain.identifiers import IdActe
from transmission.domain.lifecycle import Event, State
from transmission.domain.messages import ANNULATION, RECEIPTS, kind_of
from transmission.domain.transmission import SERVICE, RetourStatus, Transmission
from transmission.ports import NewCourrier, Opening, Step
from transmission.services.matching import (
    OVER,
    Context,
    QuarantineError,
    SeveralAnswersError,
    acte_meant,
    contradiction_told,
    elsewhere,
    locked,
    require_not_replaced,
)

Letter = CourrierSimple | DemandePieceComplementaire | LettreObservations | DefereTA
AnswerAcknowledged = ARPieceComplementaire | ARReponseRejetLettreObservations

_ACKNOWLEDGED = {
    ARPieceComplementaire: ("3-3", "3-4"),
    ARReponseRejetLettreObservations: ("4-3", "4-4"),
}


def open_thread(context: Context, letter: Letter) -> None:
    """Keep a letter under its act, once, and open the acknowledgement that is owed (§7.1)."""
    code = _code(letter)
    acte_id = acte_meant(context, letter.id_acte)
    unit, retour = context.unit, context.retour
    courrier_id = unit.add_courrier(
        NewCourrier(
            acte_id=acte_id,
            collectivite_id=retour.collectivite_id,
            message=code,
            date_courrier=_day(letter),
            texte=_texte(letter),
            fingerprint=_fingerprint(context),
            retour_id=retour.id,
            reference=retour.reference,
            received_at=retour.received_at,
        )
    )
    status = RetourStatus.DUPLICATE if courrier_id is None else RetourStatus.APPLIED
    unit.settle_retour(
        retour.id, status, code, acte_id=acte_id, reason=context.reason, notes=context.notes
    )
    if courrier_id is None:
        return
    about = unit.current_transmission(acte_id)
    details = {"message": code, "date": _day(letter).isoformat(), "courrier": courrier_id}
    unit.note(about, "courrier_received", context.author, context.tools.clock.now(), details)
    _send_receipt(context, about, code, courrier_id)


def answer_acknowledged(context: Context, accuse: AnswerAcknowledged) -> None:
    """The AR of an answer (3-5, 4-5): of the one made to the letter of that date, and no other."""
    acknowledge(context, _answer_meant(context, accuse), accuse)


def annulation_acknowledged(context: Context, accuse: ARAnnulation) -> None:
    """The cancellation is received (6-2): its own date stays with it, the act is cancelled."""
    asked = _annulation_meant(context, accuse)
    if acknowledge(context, asked, accuse):
        current = context.unit.current_transmission(asked.acte_id)
        context.unit.move(
            locked(context, current),
            Event.AR_ANNULATION_RECEIVED,
            context.author,
            context.tools.clock.now(),
            Step(waiting_for=f"Annulée le {accuse.date_reception:%d/%m/%Y}"),
            {"date_reception": accuse.date_reception.isoformat()},
        )


def acknowledge(
    context: Context, answer: Transmission, accuse: AnswerAcknowledged | ARAnnulation
) -> bool:
    """Write the AR of an answer or a cancellation; False when it was already written."""
    code, unit, retour = _code(accuse), context.unit, context.retour
    answer = locked(context, answer)
    if answer.date_reception not in (None, accuse.date_reception):
        raise QuarantineError(
            f"Un accusé daté du {answer.date_reception:%d/%m/%Y} est déjà enregistré pour cet "
            f"envoi ; celui-ci est daté du {accuse.date_reception:%d/%m/%Y}. La date enregistrée "
            "n'a pas été changée."
        )
    is_new = answer.date_reception is None
    if is_new:
        require_not_replaced(context, answer)
        contradiction = answer.state is State.REJECTED
        step = Step(
            waiting_for=contradiction_told(accuse.date_reception) if contradiction else None,
            date_reception=accuse.date_reception,
            retour_id=retour.id,
        )
        details = {"date_reception": accuse.date_reception.isoformat(), "message": code}
        now = context.tools.clock.now()
        unit.move(answer, Event.AR_RECEIVED, context.author, now, step, details)
    unit.settle_retour(
        retour.id,
        RetourStatus.APPLIED if is_new else RetourStatus.DUPLICATE,
        code,
        acte_id=answer.acte_id,
        transmission_id=answer.id,
        date_reception=accuse.date_reception,
        reason=context.reason,
        notes=context.notes,
    )
    return is_new


def _answer_meant(context: Context, accuse: AnswerAcknowledged) -> Transmission:
    """The one answer that an AR speaks of: an AR says no more than the date of the letter."""
    sent = _answers(context, accuse)
    if asked := _asked(context, sent, accuse.id_acte):
        return asked
    alive = [answer for answer in sent if answer.state not in OVER] or sent
    waiting = [answer for answer in alive if answer.date_reception is None]
    # Another copy of an AR already applied cannot be told from the AR of what waits still.
    same = [answer for answer in alive if answer.date_reception == accuse.date_reception]
    if waiting:
        found = waiting if context.acte_id is not None else waiting + same
    else:
        found = same[:1] or alive
    if len(found) != 1:
        raise (SeveralAnswersError if found else QuarantineError)(
            f"{len(found)} réponses à un courrier du {accuse.date_courrier_pref:%d/%m/%Y} sur "
            f"{accuse.id_acte} pourraient être visées : l'accusé n'est rattaché à aucune."
        )
    return found[0]


def _annulation_meant(context: Context, accuse: ARAnnulation) -> Transmission:
    acte_id = acte_meant(context, accuse.id_acte)
    about = context.unit.transmissions_about(acte_id, ANNULATION)
    sent = [each for each in about if each.attempts > 0]
    if not sent:
        raise QuarantineError(
            f"La préfecture accuse l'annulation de {accuse.id_acte}, que personne n'a demandée ici."
        )
    return _asked(context, sent, accuse.id_acte) or sent[0]


def _asked(context: Context, sent: Sequence[Transmission], id_acte: IdActe) -> Transmission | None:
    """The sending whose reference brought the retour, if one did and nobody says otherwise."""
    reference_of = context.retour.transmission_id
    found = [each for each in sent if each.id == reference_of]
    if not found and reference_of is not None and context.acte_id is None:
        raise QuarantineError(elsewhere(id_acte))
    return found[0] if found else None


def _answers(context: Context, accuse: AnswerAcknowledged) -> list[Transmission]:
    unit, codes = context.unit, _ACKNOWLEDGED[type(accuse)]
    acte_id = acte_meant(context, accuse.id_acte)
    letters = {letter.id: letter.date_courrier for letter in unit.courriers_of(acte_id)}
    return [
        sent
        for sent in unit.transmissions_about(acte_id)
        if sent.message in codes
        and sent.attempts > 0
        and sent.courrier_id is not None
        and context.courrier_id in (None, sent.courrier_id)
        and letters[sent.courrier_id] == accuse.date_courrier_pref
    ]


def _send_receipt(context: Context, about: Transmission, code: str, courrier_id: int) -> None:
    tools, unit = context.tools, context.unit
    receipt = RECEIPTS.get(code)
    if receipt is None or tools.tdts.capabilities(context.collectivite.tdt).sends_receipts:
        return
    now = tools.clock.now()
    opening = Opening(
        about.acte_id, about.collectivite_id, receipt, about.id_acte, courrier_id=courrier_id
    )
    opened = unit.open_transmission(opening, SERVICE, now, now)
    unit.ring("send", opened.collectivite_id)


def _fingerprint(context: Context) -> str:
    pieces = context.unit.pieces_of_retour(context.retour.id)
    digests = [context.retour.file.sha256, *(piece.file.sha256 for piece in pieces)]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _code(message: Letter | AnswerAcknowledged | ARAnnulation) -> str:
    code = kind_of(message).code
    assert code is not None  # noqa: S101 - only an envelope has none
    return code


def _day(letter: Letter) -> date:
    return letter.date_depot if isinstance(letter, DefereTA) else letter.date_courrier_pref


def _texte(letter: Letter) -> str:
    match letter:
        case CourrierSimple():
            return ""
        case DemandePieceComplementaire():
            return letter.description_pieces
        case LettreObservations():
            return letter.motif
        case DefereTA():
            return letter.nature_illegalite
