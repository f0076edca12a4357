"""What the State refuses: the form of an act (1-3), or a whole envelope."""

from collections.abc import Iterator

from transmission.domain.errors import IdentifierError
from transmission.domain.identifiers import IdActe, NatureActe, NomEnveloppe, NomFichier
from transmission.domain.lifecycle import Event
from transmission.domain.retours import ActeRecu, AnomalieActe, AnomalieEnveloppe
from transmission.domain.transmission import RetourStatus, Transmission
from transmission.ports import Step
from transmission.services.cancel import annulation_ended
from transmission.services.matching import Context, QuarantineError, locked, sending_meant

OUTDATED_CLASSIFICATION = 2
"""Nature of the anomaly « version de la classification périmée » (ACTES protocol §6.2)."""


def anomalie_acte(context: Context, anomalie: AnomalieActe) -> None:
    """The form of an act is refused; the classification is refreshed if it was outdated."""
    if context.acte_id is None:
        transmission = sending_meant(context, _identifier(context, anomalie.acte_recu))
    else:
        transmission = locked(context, context.unit.current_transmission(context.acte_id))
    text = f"Anomalie {anomalie.nature} : {anomalie.detail or 'sans détail'}"
    _reject(context, transmission, text, "1-3")
    if is_outdated(anomalie):
        context.unit.ring("classify", context.retour.collectivite_id)


def anomalie_enveloppe(context: Context, anomalie: AnomalieEnveloppe) -> None:
    """Everything that an envelope carried is refused: one message, in ours."""
    text = f"Enveloppe refusée ({anomalie.nature}) : {anomalie.detail or 'sans détail'}"
    _reject(context, _refused(context, anomalie), text, "anomalie d'enveloppe")


def is_outdated(anomalie: AnomalieActe) -> bool:
    """Whether an act is refused for the version of its classification."""
    code = anomalie.nature.strip()
    return code.isdecimal() and int(code) == OUTDATED_CLASSIFICATION


def _reject(context: Context, transmission: Transmission, text: str, kind: str) -> None:
    step = Step(waiting_for=text, retour_id=context.retour.id)
    now, details = context.tools.clock.now(), {"anomalie": text}
    moved = context.unit.move(
        transmission, Event.ANOMALIE_RECEIVED, context.author, now, step, details
    )
    annulation_ended(context.tools, context.unit, moved, context.author, text)
    context.unit.settle_retour(
        context.retour.id,
        RetourStatus.APPLIED,
        kind,
        acte_id=transmission.acte_id,
        transmission_id=transmission.id,
        reason=context.reason or text,
        notes=context.notes,
    )


def _refused(context: Context, anomalie: AnomalieEnveloppe) -> Transmission:
    found = {each.id: each for each in _in_that_enveloppe(context, anomalie) if each.attempts > 0}
    if context.acte_id is not None:
        named = [each for each in found.values() if each.acte_id == context.acte_id]
        current = context.unit.current_transmission(context.acte_id)
        return locked(context, named[0] if len(named) == 1 else current)
    asked = found.get(context.retour.transmission_id or 0)
    if asked is not None:
        return locked(context, asked)
    if len(found) != 1 or context.retour.transmission_id is not None:
        raise QuarantineError(
            "L'anomalie d'enveloppe ne désigne pas un envoi et un seul. Rattachez-la à la main."
        )
    return locked(context, found.popitem()[1])


def _in_that_enveloppe(context: Context, anomalie: AnomalieEnveloppe) -> Iterator[Transmission]:
    """Sendings of the refused envelope, by its name if it is told, else by those of its messages.

    Source: ACTES protocol §3.3, §10 (quirk 49).
    """
    unit, authority_id = context.unit, context.retour.collectivite_id
    if enveloppe := _named_enveloppe(context.retour.nom_fichier):
        yield from unit.match_enveloppe(authority_id, enveloppe)
        return
    for name in filter(None, map(_business_name, anomalie.fichiers)):
        if name.date and name.numero_interne and name.nature:
            id_acte = IdActe(
                name.departement, name.siren, name.date, name.numero_interne, name.nature
            )
            for sending in unit.match_transmission(authority_id, str(id_acte)):
                about = unit.transmissions_about(sending.acte_id, name.message)
                yield from (each for each in about if each.id_acte.same_act(id_acte))


def _named_enveloppe(nom_fichier: str | None) -> str | None:
    try:
        name = NomEnveloppe.parse(nom_fichier or "")
    except IdentifierError:
        return None
    return str(name.refused()) if name.anomalie else None


def _business_name(name: str) -> NomFichier | None:
    try:
        return NomFichier.parse(name)
    except IdentifierError:
        return None


def _identifier(context: Context, recu: ActeRecu) -> IdActe:
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
