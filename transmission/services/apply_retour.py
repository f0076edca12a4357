"""Read a kept retour and attach it to exactly one act, or put it in quarantine.

The legal date comes from here: ``DateReception`` of the AR, a civil date, and nothing else.
"""

from collections.abc import Sequence
from datetime import date

from transmission.actes.retours import read_retour
from transmission.clock import civil_day
from transmission.domain.acte import Acte
from transmission.domain.courriers import (
    ARAnnulation,
    ARPieceComplementaire,
    ARReponseRejetLettreObservations,
)
from transmission.domain.errors import TransmissionError
from transmission.domain.lifecycle import Event, State
from transmission.domain.retours import (
    AccuseReception,
    ActeRecu,
    AnomalieActe,
    AnomalieEnveloppe,
    EchoDifference,
    ReponseClassificationSansChangement,
    RetourClassification,
    echo_differences,
)
from transmission.domain.transmission import (
    SERVICE,
    Author,
    RetourStatus,
    StoredRetour,
    Transmission,
)
from transmission.killpoints import reach
from transmission.ports import Step, UnitOfWork
from transmission.ports.time_stamps import TimeStampKind
from transmission.services.apply_anomalie import anomalie_acte, anomalie_enveloppe
from transmission.services.apply_courrier import (
    annulation_acknowledged,
    answer_acknowledged,
    open_thread,
)
from transmission.services.matching import (
    Context,
    QuarantineError,
    contradiction_told,
    require_not_replaced,
    sending_meant,
)
from transmission.services.sending import content_of
from transmission.services.time_stamps import ask
from transmission.services.toolbox import Toolbox
from transmission.services.unpack import unpack

_ACCUSES = (
    AccuseReception,
    ARAnnulation,
    ARPieceComplementaire,
    ARReponseRejetLettreObservations,
)


def apply_retour(tools: Toolbox, retour_id: int, raw: bytes | None = None) -> None:
    """Apply a kept retour, once. Does nothing when it was settled or is in other hands.

    Everything happens in one transaction: the move, its journal row and the settlement. One that
    cannot be attached goes to the desk. ``raw`` is its bytes, from whoever has just kept them.
    """
    try:
        apply_together(tools, [(retour_id, raw)])
    except TransmissionError as reason:
        # In a transaction of its own: nothing of what was begun stays.
        _quarantine(tools, retour_id, str(reason))


def apply_together(tools: Toolbox, retours: Sequence[tuple[int, bytes | None]]) -> None:
    """Apply kept retours in one transaction: all of them, or none if something is wrong with one.

    The bytes are given by whoever has just kept them. Raises a TransmissionError when one cannot
    be attached, and whatever else is wrong.
    """
    with tools.register() as unit:
        for retour_id, raw in retours:
            if retour := _unread(unit, retour_id):
                _read(tools, unit, retour, raw)
        reach("apply.before_commit")
        unit.commit()
    reach("apply.committed")


def _unread(unit: UnitOfWork, retour_id: int) -> StoredRetour | None:
    retour = unit.lock_retour(retour_id)
    return retour if retour is not None and retour.status is RetourStatus.STORED else None


def _quarantine(tools: Toolbox, retour_id: int, reason: str) -> None:
    with tools.register() as unit:
        retour = _unread(unit, retour_id)
        if retour is None:
            return
        unit.settle_retour(
            retour.id,
            RetourStatus.QUARANTINED,
            "non rattaché",
            transmission_id=retour.transmission_id,
            reason=reason,
        )
        unit.commit()


def _read(tools: Toolbox, unit: UnitOfWork, retour: StoredRetour, raw: bytes | None) -> None:
    if retour.container:
        unpack(tools, unit, retour)
    else:
        apply_message(tools, unit, retour, raw=raw)


def apply_message(
    tools: Toolbox,
    unit: UnitOfWork,
    retour: StoredRetour,
    author: Author = SERVICE,
    acte_id: int | None = None,
    courrier_id: int | None = None,
    *,
    raw: bytes | None = None,
) -> None:
    """Read a message and write what follows, to the act and letter that ``author`` named if any.

    ``raw`` is its bytes, from whoever has just kept them. Raises a TransmissionError when it cannot
    be attached: what was written is then to be undone.
    """
    read = read_retour(tools.documents.read(retour.file) if raw is None else raw)
    collectivite = unit.authority(retour.collectivite_id).collectivite
    context = Context(tools, unit, retour, collectivite, read.notes, author, acte_id, courrier_id)
    match read.retour:
        case AccuseReception() as accuse:
            _accuse(context, accuse)
        case AnomalieActe() as anomalie:
            anomalie_acte(context, anomalie)
        case AnomalieEnveloppe() as anomalie:
            anomalie_enveloppe(context, anomalie)
        case ARPieceComplementaire() | ARReponseRejetLettreObservations() as accuse:
            answer_acknowledged(context, accuse)
        case ARAnnulation() as accuse:
            annulation_acknowledged(context, accuse)
        case RetourClassification(classification):
            _classification(context, classification.date_classification)
        case ReponseClassificationSansChangement():
            unit.settle_retour(retour.id, RetourStatus.APPLIED, "7-3", notes=read.notes)
        case letter:
            open_thread(context, letter)
    if isinstance(read.retour, _ACCUSES):
        ask(tools, unit, TimeStampKind.AR, retour.id, retour.collectivite_id, retour.file.sha256)


def _accuse(context: Context, accuse: AccuseReception) -> None:
    transmission = sending_meant(context, accuse.id_acte)
    differences = _differences(context, transmission, accuse.acte_recu)
    notes = context.notes + tuple(_oddities(context, transmission, accuse))
    if transmission.date_reception is not None:
        _second_accuse(context, transmission, accuse)
        return
    require_not_replaced(context, transmission)
    contradiction = transmission.state is State.REJECTED
    step = Step(
        waiting_for=contradiction_told(accuse.date_reception) if contradiction else None,
        date_reception=accuse.date_reception,
        retour_id=context.retour.id,
    )
    details = {
        "date_reception": accuse.date_reception.isoformat(),
        "id_acte": str(accuse.id_acte),
        "differences": len(differences),
    }
    now = context.tools.clock.now()
    context.unit.move(transmission, Event.AR_RECEIVED, context.author, now, step, details)
    context.unit.settle_retour(
        context.retour.id,
        RetourStatus.APPLIED,
        "1-2",
        acte_id=transmission.acte_id,
        transmission_id=transmission.id,
        date_reception=accuse.date_reception,
        reason=context.reason,
        notes=notes,
        differences=differences,
    )
    _refresh_if_outdated(context, accuse.date_classification_en_cours, accuse.acte_recu)


def _second_accuse(context: Context, transmission: Transmission, accuse: AccuseReception) -> None:
    contradiction = _contradiction(transmission, accuse)
    # Whoever attaches it by hand is told; what comes by itself is kept with the date that it bears,
    # for the checks.
    if contradiction is not None and context.author is not SERVICE:
        raise contradiction
    context.unit.settle_retour(
        context.retour.id,
        RetourStatus.DUPLICATE if contradiction is None else RetourStatus.QUARANTINED,
        "1-2",
        acte_id=transmission.acte_id,
        transmission_id=transmission.id,
        date_reception=accuse.date_reception,
        reason=context.reason if contradiction is None else str(contradiction),
        notes=context.notes,
    )
    if contradiction is not None:
        context.unit.mark_stale(transmission.acte_id)


def _contradiction(transmission: Transmission, accuse: AccuseReception) -> QuarantineError | None:
    if accuse.date_reception == transmission.date_reception:
        return None
    return QuarantineError(
        f"Un accusé de réception daté du {transmission.date_reception:%d/%m/%Y} est déjà "
        f"enregistré pour {accuse.id_acte} ; celui-ci est daté du "
        f"{accuse.date_reception:%d/%m/%Y}. La date enregistrée n'a pas été changée."
    )


def _classification(context: Context, version: date) -> None:
    context.unit.add_classification(
        context.retour.collectivite_id, version, context.retour.file, context.tools.clock.now()
    )
    context.unit.settle_retour(context.retour.id, RetourStatus.APPLIED, "7-2", notes=context.notes)


def _differences(
    context: Context, transmission: Transmission, recu: ActeRecu
) -> tuple[EchoDifference, ...]:
    content, sealed = content_of(context.tools, context.unit, transmission), transmission.parcel
    sent = content.message(sealed.signatures if sealed else [None] * len(content.pieces))
    return echo_differences(sent, recu) if isinstance(sent, Acte) else ()


def _oddities(context: Context, transmission: Transmission, accuse: AccuseReception) -> list[str]:
    odd = []
    if not accuse.id_acte.same_act(transmission.id_acte):
        odd.append(f"l'accusé porte l'identifiant {accuse.id_acte}")
    if accuse.date_reception < accuse.id_acte.date_decision:
        odd.append("la date de réception précède la décision")
    # A note only: our clock may be wrong, the legal date is the AR's.
    today = civil_day(context.tools.clock.now(), context.collectivite.time_zone)
    if accuse.date_reception > today:
        odd.append(f"la date de réception est postérieure à notre jour ({today:%d/%m/%Y})")
    return odd


def _refresh_if_outdated(context: Context, current: date | None, recu: ActeRecu) -> None:
    used = recu.date_classification
    if current is not None and used is not None and current > used:
        context.unit.ring("classify", context.retour.collectivite_id)
