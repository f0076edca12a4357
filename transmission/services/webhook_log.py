"""What a person asks of the log of a program: a test, and telling again."""

from dataclasses import dataclass
from datetime import datetime

from transmission.domain.cloud_events import EventType, Speaker
from transmission.domain.transmission import Author
from transmission.ports.notices import Fate
from transmission.ports.outbound import Delivered
from transmission.ports.webhooks import Ended, NewEvent
from transmission.services.tell import called, ended_at
from transmission.services.toolbox import Toolbox
from transmission.services.webhooks import open_secrets

KIND = "essai"


@dataclass(frozen=True, slots=True)
class Tested:
    """What a test came to: the number of its notice, and the end of its call."""

    notice_id: int
    delivered: bool
    ended: Ended
    started_at: datetime


def try_webhook(tools: Toolbox, authority_id: int, webhook_id: int, author: Author) -> Tested:
    """Call a program at once with an event that says nothing, whatever its state.

    It is not tried again. Raises NotFoundError, SealError.
    """
    with tools.register() as unit:
        webhook = unit.webhook(authority_id, webhook_id)
    now = tools.clock.now()
    secrets = open_secrets(tools, webhook, now)
    speaker = Speaker(webhook.siren, tools.console_url)
    with tools.register() as unit:
        key = f"essai:{unit.note_webhook(webhook, 'webhook_tested', author, now)}"
        content = speaker.envelope(EventType.ESSAI, key, now, {"webhook": webhook.id})
        begun = unit.begin_test(webhook, NewEvent(KIND, key, content), now)
        unit.commit()
    delivery = called(tools, webhook, begun.notice, secrets)
    ended = ended_at(tools.clock.now(), delivery)
    delivered = isinstance(delivery, Delivered)
    with tools.register() as unit:
        # A test that fails is no event that somebody has to send again.
        unit.end_delivery(begun, ended, Fate(at=ended.at) if delivered else None)
        unit.commit()
    return Tested(begun.notice.id, delivered, ended, now)


def replay_event(
    tools: Toolbox, authority_id: int, webhook_id: int, notice_id: int, author: Author
) -> None:
    """Tell one event again, under the same name. Raises NotFoundError."""
    now = tools.clock.now()
    with tools.register() as unit:
        webhook = unit.lock_webhook(authority_id, webhook_id)
        unit.replay_event(webhook_id, notice_id, now)
        unit.note_webhook(webhook, "webhook_replayed", author, now, avis=notice_id)
        unit.ring("tell", 0)
        unit.commit()


def replay_events(
    tools: Toolbox,
    authority_id: int,
    webhook_id: int,
    since: datetime,
    until: datetime | None,
    author: Author,
    *,
    failed: bool = False,
) -> int:
    """Tell again all that was written from an instant on, to before another if given, or with
    ``failed`` what of it was given up, under the same names and in order; how many.

    Raises NotFoundError.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        webhook = unit.lock_webhook(authority_id, webhook_id)
        count = unit.replay_events(webhook_id, since, until, now, failed=failed)
        unit.note_webhook(
            webhook, "webhook_replayed", author, now, depuis=since.isoformat(), nombre=count
        )
        unit.ring("tell", 0)
        unit.commit()
    return count
