"""Write what programs are to be told of what happened: nothing is sent here.

The logs are read up to where nothing can appear any more. What a subscription is told of a line
and the place of that line are one transaction: each event is written once, in the order of the log.
"""

from transmission.domain.cloud_events import Happened, JournalLine, Speaker
from transmission.domain.webhooks import Webhook, WebhookState
from transmission.ports.webhooks import NewEvent, Place
from transmission.services.bells import ring_new
from transmission.services.toolbox import Toolbox

PATIENCE = 2.0
"""Seconds that whoever is writing in the logs is waited for; the next run tries again."""

PAGE = 500
"""Lines of a log read in one transaction."""

PAGES = 40
"""Transactions of one task; what is left over is rung for again."""

KIND = "evenement"


def announce(tools: Toolbox, authority_id: int) -> None:
    """Write what the subscriptions of an authority are to be told of."""
    tools.answer("announce", authority_id)
    with tools.register() as unit:
        settled = unit.settled_place(PATIENCE)
    if settled is None:
        return
    with tools.register() as unit:
        known = [each for each in unit.webhooks(authority_id) if each.state is WebhookState.ACTIVE]
    left = PAGES
    for webhook in known:
        while left and _announced(tools, webhook, settled):
            left -= 1
    if not left:
        with tools.register() as unit:
            unit.ring("announce", authority_id)
            unit.commit()


def ring_announcements(tools: Toolbox) -> None:
    """Ring for every authority in which something happened, and for what is due to be sent."""
    now = tools.clock.now()
    with tools.register() as unit:
        bells = [("announce", each) for each in unit.authorities_to_tell()]
        if unit.count_ready(now, 1):
            bells.append(("tell", 0))
        ring_new(unit, bells)
        unit.commit()


def _announced(tools: Toolbox, webhook: Webhook, settled: Place) -> bool:
    """Write a page of events for a subscription; whether there is another one."""
    now = tools.clock.now()
    speaker = Speaker(webhook.siren, tools.console_url)
    with tools.register() as unit:
        held = unit.lock_webhook(webhook.collectivite_id, webhook.id)
        # The logs keep what the others are not told.
        if held.state is not WebhookState.ACTIVE:
            return False
        after = unit.place_of(held.id)
        if settled.journal <= after.journal and settled.findings <= after.findings:
            return False
        span = unit.happened(held.collectivite_id, after, settled, PAGE)
        events = [_event(speaker, each) for each in span.happened if _wanted(held, each)]
        if unit.add_events(held, events, span.place, now):
            unit.ring("tell", 0)
        unit.commit()
    return span.has_more


def _wanted(webhook: Webhook, happened: Happened) -> bool:
    return happened.type is not None and webhook.wants(happened.type)


def _event(speaker: Speaker, happened: Happened) -> NewEvent:
    log = "journal" if isinstance(happened, JournalLine) else "constat"
    acte_id = None if happened.acte is None else happened.acte.id
    return NewEvent(KIND, f"{log}:{happened.id}", speaker.event(happened), acte_id)
