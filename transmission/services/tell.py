"""Call programs with what they are to be told: intent, act, outcome for each call.

A few programs are called at once, each by one caller and for a bounded time, then comes the next:
one that is slow, or away, delays neither the others nor anybody else's work. What a program is told
comes in order, for as long as it takes what it is given.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from transmission.domain.cloud_events import CONTENT_TYPE
from transmission.domain.webhooks import Webhook
from transmission.ports.notices import Fate, Notice
from transmission.ports.outbound import Delivered, Delivery, Unavailable, WebhookCall
from transmission.ports.webhooks import Begun, Ended, Health, SealError
from transmission.services.deliver import RETRIES
from transmission.services.toolbox import Toolbox
from transmission.services.webhook_stop import disable_webhook
from transmission.services.webhooks import open_secrets

CALLERS = 8
"""Programs that are called at once by one task."""

ROUND = timedelta(seconds=20)
"""How long one task begins calls; what is left over is rung for again."""

SHARE = timedelta(seconds=5)
"""How long one program is called before the next has its turn."""

HOLD = timedelta(minutes=5)
"""How long a program is another's to call: whoever held it is dead by then."""

DISABLED_AFTER = timedelta(days=5)
"""A program that took nothing for so long is called no more, until a person resumes it."""

GONE = 410
"""Status by which a program asks to be told nothing more (Standard Webhooks)."""

_AWAY_AFTER = 2
"""Events refused in a row, after which it is the program that fails, and no longer the event."""

_logger = structlog.get_logger()


def tell(tools: Toolbox, lane: int = 0) -> None:
    """Send what is due to programs, those that were served longest ago first.

    There is one lane for all of them.
    """
    tools.answer("tell", lane)
    now = tools.clock.now()
    with tools.register() as unit:
        ready = unit.count_ready(now, CALLERS)
    if not ready:
        return
    with ThreadPoolExecutor(ready) as callers:
        left = list(callers.map(_serve_until, [tools] * ready, [now + ROUND] * ready))
    if any(left):
        with tools.register() as unit:
            unit.ring("tell", lane)
            unit.commit()


def _serve_until(tools: Toolbox, end: datetime) -> bool:
    """Serve one program after the other; whether time ran out before the work."""
    while (now := tools.clock.now()) < end:
        with tools.register() as unit:
            webhook = unit.hold_webhook(now, now + HOLD)
            unit.commit()
        if webhook is None:
            return False
        try:
            Turn(tools, webhook, now).serve()
        except Exception:
            # It is held until whoever else may try.
            _logger.exception("webhook not served", webhook=webhook.id)
    return True


@dataclass(slots=True)
class Turn:
    """The turn of a program, from ``started`` on."""

    tools: Toolbox
    webhook: Webhook
    started: datetime
    refused: list[Notice] = field(default_factory=list)
    success_at: datetime | None = None
    why: str | None = None
    gone: bool = False
    away: bool = False

    def serve(self) -> None:
        """Call it with what is due, until its share is over or it takes nothing more."""
        try:
            secrets = open_secrets(self.tools, self.webhook, self.started)
        except SealError as error:
            _logger.warning("secret not opened", webhook=self.webhook.id)
            self.away, self.why = True, str(error)
        else:
            while self._has_time() and self._told_next(secrets):
                pass
        self._let_go()

    def _has_time(self) -> bool:
        return self.tools.clock.now() < self.started + SHARE

    def _told_next(self, secrets: tuple[bytes, ...]) -> bool:
        """Make the next call; whether another may follow."""
        now = self.tools.clock.now()
        with self.tools.register() as unit:
            begun = unit.begin_delivery(self.webhook.id, min(now, self.started))
            unit.commit()
        if begun is None:
            return False
        delivery = called(self.tools, self.webhook, begun.notice, secrets)
        self._learn(begun, delivery)
        return not (self.gone or self.away)

    def _learn(self, begun: Begun, delivery: Delivery) -> None:
        now = self.tools.clock.now()
        ended = ended_at(now, delivery)
        if isinstance(delivery, Delivered):
            self.refused, self.success_at, self.why = [], now, None
            fate = Fate(at=now)
        else:
            self.refused.append(begun.notice)
            self.why = ended.failure
            self.gone = ended.status == GONE
            self.away = ended.status is None or len(self.refused) >= _AWAY_AFTER
            fate = self._fate(begun.notice, ended)
        with self.tools.register() as unit:
            unit.end_delivery(begun, ended, fate)
            unit.commit()

    def _fate(self, notice: Notice, ended: Ended) -> Fate:
        success = self.success_at or self.webhook.last_success_at
        others_taken = success is not None and success >= notice.at
        failure = ended.failure or ""
        if notice.attempts > len(RETRIES) and others_taken and not self.away:
            told = f"Abandonné après {notice.attempts} essais : {failure}"
            return Fate(at=ended.at, failure=told)
        again = ended.at + nth_wait(notice.attempts)
        return Fate(at=ended.at, failure=failure, next_attempt_at=again)

    def _let_go(self) -> None:
        now = self.tools.clock.now()
        health = self._health(now)
        with self.tools.register() as unit:
            if self.away and health.rests_until is not None:
                # First again once it is back: what it did not take comes before what follows.
                unit.put_off(self.refused, health.rests_until)
            unit.let_go(self.webhook.id, health, now)
            unit.commit()
        since = health.failing_since
        if self.gone:
            disable_webhook(self.tools, self.webhook, "le programme a répondu 410 (Gone)")
        elif since is not None and now - since >= DISABLED_AFTER:
            why = f"rien n'a pu être remis depuis le {since:%d/%m/%Y} : {self.why}"
            disable_webhook(self.tools, self.webhook, why.rstrip("."))

    def _health(self, now: datetime) -> Health:
        known = self.webhook
        if self.why is None:
            # Nothing failed since the last success, or nothing was tried.
            tried = self.success_at is not None
            return Health(
                failures=0 if tried else known.failures,
                failing_since=None if tried else known.failing_since,
                rests_until=None,
                last_success_at=self.success_at,
            )
        failures = 0 if self.success_at else known.failures
        since = None if self.success_at else known.failing_since
        return Health(
            failures=failures + self.away,
            failing_since=since or now,
            rests_until=now + nth_wait(failures + 1) if self.away else None,
            last_success_at=self.success_at,
        )


def called(
    tools: Toolbox, webhook: Webhook, notice: Notice, secrets: tuple[bytes, ...]
) -> Delivery:
    """Call a program with a notice, once; a fault of ours is an attempt like another."""
    try:
        return tools.webhooks.post(
            WebhookCall(
                key=notice.content["id"],
                address=webhook.url,
                body=json.dumps(notice.content, ensure_ascii=False).encode(),
                sent_at=tools.clock.now(),
                secrets=secrets,
                content_type=CONTENT_TYPE,
            )
        )
    except Exception as error:
        _logger.exception("event not sent", notice=notice.id)
        return Unavailable(f"défaut du programme ({type(error).__name__}), à signaler")


def ended_at(now: datetime, delivery: Delivery) -> Ended:
    """What a call came to, for the log."""
    heard = delivery.heard
    failure = None if isinstance(delivery, Delivered) else f"{delivery.reason}."
    if heard is None:
        return Ended(now, None, "", failure)
    return Ended(now, heard.status, heard.excerpt, failure)


def nth_wait(failures: int) -> timedelta:
    """How long to wait after that many failures in a row; the last wait repeats."""
    return RETRIES[min(failures, len(RETRIES)) - 1]
