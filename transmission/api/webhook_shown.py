"""Webhooks as programs read them, from the API or from the command line."""

from datetime import timedelta

from transmission.api import webhook_schemas as shapes
from transmission.api.schemas import Etat
from transmission.domain.webhooks import Webhook
from transmission.services.webhook_log import Tested
from transmission.store.queries.webhooks import Backlog, DeliveryLine

WEBHOOKS = "/api/v1/webhooks"


def essai(tested: Tested) -> shapes.Essai:
    """What a test came to."""
    lasted = tested.ended.at - tested.started_at
    return shapes.Essai(
        envoi=tested.notice_id,
        remis=tested.delivered,
        millisecondes=round(lasted / timedelta(milliseconds=1)),
        statut=tested.ended.status,
        reponse=tested.ended.answer,
        echec=tested.ended.failure,
    )


def webhook(known: Webhook, waiting: Backlog) -> shapes.Webhook:
    """A subscription and what waits for its program."""
    state = known.state
    return shapes.Webhook(
        id=known.id,
        lien=f"{WEBHOOKS}/{known.id}",
        nom=known.name,
        url=known.url,
        types=list(known.types),
        etat=Etat(code=state.code, libelle=state.label, depuis=known.state_since),
        motif=known.state_reason,
        cree_le=known.created_at,
        cree_par=known.created_by,
        secret_depuis=known.secret_since,
        recouvrement_jusqu_au=known.overlap_until,
        dernier_numero=known.sequence,
        en_attente=waiting.waiting,
        plus_ancien=waiting.oldest_at,
        abandonnes=waiting.given_up,
        en_echec_depuis=known.failing_since,
        repos_jusqu_au=known.rests_until,
        dernier_succes=known.last_success_at,
    )


def envoi(line: DeliveryLine) -> shapes.EnvoiEvenement:
    """An event and its attempts."""
    return shapes.EnvoiEvenement(
        id=line.id,
        evenement=line.event_id,
        type=line.type,
        numero=line.sequence,
        acte=line.acte_id,
        quand=line.at,
        essais=line.tries,
        prochain=line.next_attempt_at,
        remis_le=line.delivered_at,
        echec=line.failure,
        tentatives=[
            shapes.Tentative(
                debut=each.started_at,
                millisecondes=each.milliseconds,
                statut=each.status,
                reponse=each.answer,
                echec=each.failure,
            )
            for each in line.attempts
        ],
    )
