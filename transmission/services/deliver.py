"""Send what was written to be told: intent, act, outcome for each notice.

The attempt is committed before the network is touched, and its outcome after: a process that dies
between the two sends again, under the same ``Message-ID`` or webhook id, by which the receiver
knows that it has had it.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from transmission.domain.collectivite import Collectivite
from transmission.domain.desks import Subject, WorkItem
from transmission.domain.transmission import Author
from transmission.ports.notices import TO_PEOPLE, Channel, Fate, Notice
from transmission.ports.outbound import (
    Delivered,
    Delivery,
    Mail,
    Refused,
    Unavailable,
    WebhookCall,
)
from transmission.services.bells import ring_new
from transmission.services.decisions import require_reason
from transmission.services.tell_people import listeners
from transmission.services.toolbox import Toolbox

RETRIES = tuple(timedelta(minutes=each) for each in (1, 5, 30, 120, 360, 720, 1440, 1440))
"""Waits after each attempt that nobody answered: about three days in all, then it is given up."""

LEASE = timedelta(minutes=15)
"""How long a notice is another's to send: the task that claimed it is killed by then."""

BATCH = 50
"""Notices sent in one task."""

SHARE = timedelta(seconds=60)
"""How long one server is spoken to in one task: beyond, the others are not to wait for it."""

SLOW = "le serveur répond lentement : la suite attend le tour suivant."

_logger = structlog.get_logger()


def deliver(tools: Toolbox, authority_id: int) -> None:
    """Send what is due of an authority, oldest first; what is left over is rung for again.

    A server that does not answer, or is slow, is not spoken to again in this task: the others for
    it wait too.
    """
    tools.answer("deliver", authority_id)
    started = tools.clock.now()
    with tools.register() as unit:
        owner = unit.authority(authority_id).collectivite
    round_ = _Round(tools, owner, authority_id, started)
    for _ in range(BATCH):
        if not round_.next():
            return
    with tools.register() as unit:
        unit.ring("deliver", authority_id)
        unit.commit()


def ring_deliveries(tools: Toolbox) -> None:
    """Ring for every authority of which a notice is due."""
    with tools.register() as unit:
        due = unit.authorities_with_notices(tools.clock.now())
        ring_new(unit, [("deliver", authority_id) for authority_id in due])
        unit.commit()


def replay(tools: Toolbox, notice_id: int, author: Author | None = None) -> None:
    """Send a notice again, as new, delivered or given up; who wanted it, if told, is journaled.

    Raises NotFoundError, and RefusedError for an author without a reason.
    """
    if author is not None:
        require_reason(author)
    now = tools.clock.now()
    with tools.register() as unit:
        authority_id = unit.replay_notice(notice_id, now)
        if author is not None:
            item = WorkItem(Subject.NOTICE, notice_id, authority_id)
            unit.note_work(item, "notice_replayed", author, now)
        unit.ring("deliver", authority_id)
        unit.commit()


@dataclass(frozen=True, slots=True)
class _Round:
    """The notices of an authority that are due at ``started``."""

    tools: Toolbox
    owner: Collectivite
    authority_id: int
    started: datetime
    away: dict[str, str] = field(default_factory=dict)
    spent: dict[str, timedelta] = field(default_factory=dict)

    def next(self) -> bool:
        """Send one; False when none is due."""
        until = self.tools.clock.now() + LEASE
        with self.tools.register() as unit:
            notice = unit.claim_notice(self.authority_id, self.started, until)
            unit.commit()
        if notice is None:
            return False
        fate = self._fate(notice)
        with self.tools.register() as unit:
            unit.settle_notice(notice, fate)
            unit.commit()
        return True

    def _fate(self, notice: Notice) -> Fate:
        # All mails go through one server, each program is its own.
        server = "" if notice.channel is Channel.MAIL else notice.target
        known = self.away.get(server)
        now = self.tools.clock.now()
        if known is not None:
            # Not tried, hence not counted: whoever made the server fail then goes after it.
            return Fate(at=now, failure=known, next_attempt_at=now + RETRIES[0], tried=False)
        delivery = self._sent(notice)
        ended = self.tools.clock.now()
        self.spent[server] = self.spent.get(server, timedelta()) + (ended - now)
        if isinstance(delivery, Unavailable):
            self.away[server] = f"{delivery.reason}."
        elif self.spent[server] > SHARE:
            self.away[server] = SLOW
        return fate_of(notice, delivery, ended)

    def _sent(self, notice: Notice) -> Delivery:
        try:
            if notice.channel is Channel.MAIL:
                return self._mailed(notice)
            return self._posted(notice)
        except Exception as error:
            _logger.exception("notice not sent", notice=notice.id)
            return Unavailable(f"défaut du programme ({type(error).__name__}), à signaler")

    def _mailed(self, notice: Notice) -> Delivery:
        if self.tools.mailer is None:
            return Unavailable("aucun serveur de courriel n'est réglé")
        if notice.kind == TO_PEOPLE and not self._may_still_be_told(notice.target):
            return Refused("cette adresse n'est plus celle de quelqu'un qui peut lire ces actes")
        return self.tools.mailer.send(
            Mail(
                key=f"{self.owner.siren}:{notice.target}:{notice.key}",
                recipient=notice.target,
                subject=notice.content["subject"],
                text=notice.content["text"],
                html=notice.content["html"],
                written_at=notice.at,
                choices=notice.content.get("choices"),
            )
        )

    def _may_still_be_told(self, address: str) -> bool:
        """Whether somebody with that address may read these acts, now as when it was written."""
        with self.tools.register() as unit:
            known = listeners(unit)
        return any(
            each.account.email == address and each.is_reached_about(str(self.owner.siren))
            for each in known
        )

    def _posted(self, notice: Notice) -> Delivery:
        known = self.owner.droit.rappels_webhooks
        webhook = next((each for each in known if each.url == notice.target), None)
        if webhook is None:
            return Refused("ce programme n'est plus dans les réglages de la collectivité")
        call = WebhookCall(
            key=notice.content["id"],
            address=webhook.url,
            body=json.dumps(notice.content, ensure_ascii=False).encode(),
            sent_at=self.tools.clock.now(),
            secret_file=Path(webhook.secret_file),
        )
        return self.tools.webhooks.post(call)


def fate_of(notice: Notice, delivery: Delivery, now: datetime) -> Fate:
    """What becomes of a notice after an attempt: delivered, refused, tried later or given up."""
    match delivery:
        case Delivered():
            return Fate(at=now)
        case Refused(reason):
            return Fate(at=now, failure=f"Refusé : {reason}.")
        case Unavailable(reason) if notice.attempts > len(RETRIES):
            return Fate(at=now, failure=f"Abandonné après {notice.attempts} essais : {reason}.")
        case Unavailable(reason):
            wait = RETRIES[notice.attempts - 1]
            return Fate(at=now, failure=f"{reason}.", next_attempt_at=now + wait)
