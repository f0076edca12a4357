"""Read a kept retour and attach it to exactly one transmission, or put it in quarantine.

The legal date comes from here: ``DateReception`` of the AR, a civil date, and nothing else.
"""

from dataclasses import dataclass
from datetime import date

from transmission.actes.retours import read_retour
from transmission.clock import civil_day
from transmission.domain.acte import Acte
from transmission.domain.collectivite import Collectivite
from transmission.domain.errors import IdentifierError, TransmissionError
from transmission.domain.identifiers import IdActe, NatureActe, NomFichier
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
    RetourStatus,
    StoredRetour,
    Transmission,
)
from transmission.killpoints import reach
from transmission.ports import Step, UnitOfWork
from transmission.services.sending import as_message
from transmission.services.toolbox import Toolbox

OUTDATED_CLASSIFICATION = 2
"""Nature of the anomaly « version de la classification périmée » (ACTES protocol §6.2)."""


class QuarantineError(TransmissionError):
    """The retour cannot be attached; the text is the reason that the operators read."""


@dataclass(frozen=True, slots=True)
class _Context:
    tools: Toolbox
    unit: UnitOfWork
    retour: StoredRetour
    collectivite: Collectivite
    notes: tuple[str, ...]


def apply_retour(tools: Toolbox, retour_id: int) -> None:
    """Apply a kept retour, once. Does nothing when it was settled or is in other hands.

    Everything happens in one transaction: the move, its journal row and the settlement.
    """
    with tools.register() as unit:
        retour = unit.lock_retour(retour_id)
        if retour is None or retour.status is not RetourStatus.STORED:
            return
        try:
            _apply(tools, unit, retour)
        except TransmissionError as reason:
            unit.settle_retour(
                retour.id,
                RetourStatus.QUARANTINED,
                "non rattaché",
                transmission_id=retour.transmission_id,
                reason=str(reason),
            )
        reach("apply.before_commit")
        unit.commit()
    reach("apply.committed")


def _apply(tools: Toolbox, unit: UnitOfWork, retour: StoredRetour) -> None:
    read = read_retour(tools.documents.read(retour.file))
    collectivite = unit.authority(retour.collectivite_id).collectivite
    context = _Context(tools, unit, retour, collectivite, read.notes)
    match read.retour:
        case AccuseReception() as accuse:
            _accuse(context, accuse)
        case AnomalieActe() as anomalie:
            _anomalie_acte(context, anomalie)
        case AnomalieEnveloppe() as anomalie:
            _anomalie_enveloppe(context, anomalie)
        case RetourClassification(classification):
            unit.add_classification(
                retour.collectivite_id,
                classification.date_classification,
                retour.file,
                tools.clock.now(),
            )
            unit.settle_retour(retour.id, RetourStatus.APPLIED, "7-2", notes=read.notes)
        case ReponseClassificationSansChangement():
            unit.settle_retour(retour.id, RetourStatus.APPLIED, "7-3", notes=read.notes)
        case other:
            raise QuarantineError(
                f"Le service ne traite pas encore ce message ({type(other).__name__}) : lisez-le "
                "et répondez à la préfecture par la plateforme du TdT."
            )


def _accuse(context: _Context, accuse: AccuseReception) -> None:
    transmission = _matching(context, accuse.id_acte)
    differences = _differences(context, transmission, accuse.acte_recu)
    notes = context.notes + tuple(_oddities(context, accuse))
    if transmission.date_reception is not None:
        _second_accuse(context, transmission, accuse)
        return
    step = Step(
        waiting_for=None if transmission.state is not State.REJECTED else _contradiction(accuse),
        date_reception=accuse.date_reception,
        retour_id=context.retour.id,
    )
    details = {
        "date_reception": accuse.date_reception.isoformat(),
        "id_acte": str(accuse.id_acte),
        "differences": len(differences),
    }
    now = context.tools.clock.now()
    context.unit.move(transmission, Event.AR_RECEIVED, SERVICE, now, step, details)
    context.unit.settle_retour(
        context.retour.id,
        RetourStatus.APPLIED,
        "1-2",
        transmission_id=transmission.id,
        date_reception=accuse.date_reception,
        notes=notes,
        differences=differences,
    )
    _refresh_if_outdated(context, accuse.date_classification_en_cours, accuse.acte_recu)


def _second_accuse(context: _Context, transmission: Transmission, accuse: AccuseReception) -> None:
    if accuse.date_reception != transmission.date_reception:
        raise QuarantineError(
            f"Un accusé de réception daté du {transmission.date_reception:%d/%m/%Y} est déjà "
            f"enregistré pour {accuse.id_acte} ; celui-ci est daté du "
            f"{accuse.date_reception:%d/%m/%Y}. La date enregistrée n'a pas été changée."
        )
    context.unit.settle_retour(
        context.retour.id,
        RetourStatus.DUPLICATE,
        "1-2",
        transmission_id=transmission.id,
        date_reception=accuse.date_reception,
        notes=context.notes,
    )


def _anomalie_acte(context: _Context, anomalie: AnomalieActe) -> None:
    transmission = _matching(context, _identifier(context, anomalie.acte_recu))
    text = f"Anomalie {anomalie.nature} : {anomalie.detail or 'sans détail'}"
    _reject(context, transmission, text, "1-3")
    if _is_outdated(anomalie):
        context.unit.ring("classify", context.retour.collectivite_id)


def _anomalie_enveloppe(context: _Context, anomalie: AnomalieEnveloppe) -> None:
    names = [_business_name(name) for name in anomalie.fichiers]
    found = [name for name in names if name is not None and name.message == "1-1"]
    if len(found) != 1:
        raise QuarantineError(
            "L'anomalie d'enveloppe ne désigne pas un acte et un seul. Rattachez-la à la main."
        )
    name = found[0]
    if name.date is None or name.numero_interne is None or name.nature is None:
        raise QuarantineError(f"Le nom {name} est incomplet. Rattachez l'anomalie à la main.")
    sent = IdActe(name.departement, name.siren, name.date, name.numero_interne, name.nature)
    text = f"Enveloppe refusée ({anomalie.nature}) : {anomalie.detail or 'sans détail'}"
    _reject(context, _matching(context, sent), text, "anomalie d'enveloppe")


def _reject(context: _Context, transmission: Transmission, text: str, kind: str) -> None:
    step = Step(waiting_for=text, retour_id=context.retour.id)
    now = context.tools.clock.now()
    context.unit.move(transmission, Event.ANOMALIE_RECEIVED, SERVICE, now, step, {"anomalie": text})
    context.unit.settle_retour(
        context.retour.id,
        RetourStatus.APPLIED,
        kind,
        transmission_id=transmission.id,
        reason=text,
        notes=context.notes,
    )


def _matching(context: _Context, id_acte: IdActe) -> Transmission:
    """The one transmission that a retour speaks of, by the full identifier as sent."""
    found = context.unit.match_transmission(context.retour.collectivite_id, str(id_acte))
    sent = [item for item in found if item.parcel is not None and item.attempts > 0]
    asked = [item for item in sent if item.id == context.retour.transmission_id]
    if len(asked) == 1:
        return _locked(context, asked[0])
    if context.retour.transmission_id is not None:
        raise QuarantineError(
            f"Ce retour, collecté pour un autre acte, porte l'identifiant {id_acte}. "
            "Rattachez-le à la main s'il y a lieu."
        )
    if len(sent) != 1:
        raise QuarantineError(
            f"{len(sent)} envois de {context.collectivite.nom} correspondent à l'identifiant "
            f"{id_acte} : le retour n'est rattaché à aucun."
        )
    return _locked(context, sent[0])


def _locked(context: _Context, transmission: Transmission) -> Transmission:
    locked = context.unit.lock_transmission(transmission.id, wait=True)
    return locked or transmission


def _identifier(context: _Context, recu: ActeRecu) -> IdActe:
    if recu.numero_interne is None or recu.date_decision is None or recu.code_nature is None:
        raise QuarantineError(
            "L'anomalie ne dit pas le numéro, la date et la nature de l'acte. "
            "Rattachez-la à la main."
        )
    return IdActe(
        context.collectivite.departement,
        context.collectivite.siren,
        recu.date_decision,
        recu.numero_interne,
        NatureActe.parse(recu.code_nature),
    )


def _sent(context: _Context, transmission: Transmission) -> Acte:
    acte = context.unit.acte(transmission.acte_id)
    signatures = transmission.parcel.signatures if transmission.parcel else ()
    return as_message(context.collectivite, acte, signatures)


def _differences(
    context: _Context, transmission: Transmission, recu: ActeRecu
) -> tuple[EchoDifference, ...]:
    return echo_differences(_sent(context, transmission), recu)


def _oddities(context: _Context, accuse: AccuseReception) -> list[str]:
    odd = []
    if accuse.date_reception < accuse.id_acte.date_decision:
        odd.append("la date de réception précède la décision")
    # A note only: our clock may be wrong, the legal date is the AR's.
    today = civil_day(context.tools.clock.now(), context.collectivite.time_zone)
    if accuse.date_reception > today:
        odd.append(f"la date de réception est postérieure à notre jour ({today:%d/%m/%Y})")
    return odd


def _contradiction(accuse: AccuseReception) -> str:
    return (
        f"Une anomalie puis un accusé de réception (daté du {accuse.date_reception:%d/%m/%Y}) ont "
        "été reçus : un opérateur doit dire lequel vaut."
    )


def _refresh_if_outdated(context: _Context, current: date | None, recu: ActeRecu) -> None:
    used = recu.date_classification
    if current is not None and used is not None and current > used:
        context.unit.ring("classify", context.retour.collectivite_id)


def _is_outdated(anomalie: AnomalieActe) -> bool:
    code = anomalie.nature.strip()
    return code.isdecimal() and int(code) == OUTDATED_CLASSIFICATION


def _business_name(name: str) -> NomFichier | None:
    try:
        return NomFichier.parse(name)
    except IdentifierError:
        return None
