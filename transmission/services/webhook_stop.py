"""Stop calling a program that takes nothing, and tell the people who may mend it."""

from dataclasses import replace
from html import escape

import structlog

from transmission.domain.errors import NotFoundError
from transmission.domain.transmission import SERVICE, Author
from transmission.domain.webhooks import Webhook, WebhookState
from transmission.ports import UnitOfWork
from transmission.ports.notices import Channel, NewNotice
from transmission.services.toolbox import Toolbox

KIND = "webhook"

_logger = structlog.get_logger()


def disable_webhook(tools: Toolbox, webhook: Webhook, why: str) -> None:
    """Call it no more until a person resumes it: what it was not told waits.

    ``why`` is French, without a final stop. The mail recipients of the authority's reminders are
    told; nothing is done to one that a person paused or ended meanwhile.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        try:
            held = unit.lock_webhook(webhook.collectivite_id, webhook.id)
        except NotFoundError:
            return
        if held.state is not WebhookState.ACTIVE:
            return
        stopped = replace(
            held, state=WebhookState.DISABLED, state_since=now, state_reason=why, rests_until=None
        )
        unit.save_webhook(stopped, "webhook_disabled", Author(SERVICE.name, why), now)
        _tell_people(tools, unit, stopped)
        unit.commit()
    _logger.warning("webhook disabled", webhook=webhook.id)


def _tell_people(tools: Toolbox, unit: UnitOfWork, stopped: Webhook) -> None:
    if tools.mailer is None:
        return
    owner = unit.authority(stopped.collectivite_id).collectivite
    text = (
        f"{owner.nom} (SIREN {owner.siren})\n\nLe webhook « {stopped.name} » n'est plus appelé : "
        f"{stopped.state_reason}.\n\nCe qu'il n'a pas reçu attend. Réparez le programme appelé, "
        "essayez-le, puis reprenez le webhook : dans la console, page « Webhooks », ou avec "
        "« transmission webhook resume ».\n"
    )
    new = NewNotice(
        collectivite_id=stopped.collectivite_id,
        kind=KIND,
        key=f"webhook:{stopped.id}:{stopped.state_since.isoformat()}",
        channel=Channel.MAIL,
        target="",
        content={
            "subject": f"Webhook arrêté : {stopped.name}",
            "text": text,
            "html": "".join(f"<p>{escape(part)}</p>" for part in text.strip().split("\n\n")),
        },
    )
    for recipient in owner.droit.rappels_courriels:
        unit.add_notice(replace(new, target=recipient), stopped.state_since)
        unit.ring("deliver", stopped.collectivite_id)
