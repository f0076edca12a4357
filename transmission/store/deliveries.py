"""The calls that are made to programs: who is called next, with what, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from transmission.domain.errors import NotFoundError
from transmission.domain.webhooks import Webhook, WebhookState
from transmission.ports.notices import Channel, Fate, Notice
from transmission.ports.webhooks import Begun, Ended, Health, NewEvent
from transmission.store.notices import load_notice, settle
from transmission.store.tables_legal import notice
from transmission.store.tables_webhooks import notice_attempt, webhook
from transmission.store.webhooks import living_webhook

_IN_SERVICE = webhook.c.state == WebhookState.ACTIVE.code


class Deliveries:
    """Part of the unit of work; see ``transmission.ports.webhooks`` for the promises."""

    _connection: Connection

    def count_ready(self, now: datetime, most: int) -> int:
        ready = select(webhook.c.id).where(_is_ready(now)).limit(most).subquery()
        return int(self._connection.execute(select(func.count()).select_from(ready)).scalar_one())

    def hold_webhook(self, now: datetime, until: datetime) -> Webhook | None:
        turn = (
            select(webhook.c.id)
            .where(_is_ready(now))
            .order_by(webhook.c.served_at.nulls_first(), webhook.c.id)
            .limit(1)
            .with_for_update(skip_locked=True, key_share=True)
            .cte("turn")
        )
        held = (
            update(webhook)
            .where(webhook.c.id.in_(select(turn.c.id)))
            .values(held_until=until)
            .returning(webhook.c.id, webhook.c.collectivite_id)
        )
        row = self._connection.execute(held).one_or_none()
        return (
            None if row is None else living_webhook(self._connection, row.collectivite_id, row.id)
        )

    def begin_delivery(self, webhook_id: int, now: datetime) -> Begun | None:
        due = (
            select(notice.c.id)
            .join(webhook, webhook.c.id == notice.c.webhook_id)
            .where(notice.c.webhook_id == webhook_id, notice.c.next_attempt_at <= now, _IN_SERVICE)
            .order_by(notice.c.id)
            .limit(1)
            .scalar_subquery()
        )
        begun = update(notice).where(notice.c.id == due).values(attempts=notice.c.attempts + 1)
        row = self._connection.execute(begun.returning(notice)).one_or_none()
        return None if row is None else self._begun_delivery(row, now)

    def begin_test(self, to: Webhook, event: NewEvent, at: datetime) -> Begun:
        values = event_row(to, event, event.content, at) | {
            "attempts": 1, "next_attempt_at": None
        }  # fmt: skip
        row = self._connection.execute(insert(notice).values(values).returning(notice)).one()
        return self._begun_delivery(row, at)

    def end_delivery(self, begun: Begun, ended: Ended, fate: Fate | None) -> None:
        self._connection.execute(
            update(notice_attempt)
            .where(notice_attempt.c.id == begun.attempt_id)
            .values(
                finished_at=ended.at,
                status=ended.status,
                answer=ended.answer or None,
                failure=ended.failure,
            )
        )
        if fate is not None:
            settle(self._connection, begun.notice, fate)

    def put_off(self, notices: Sequence[Notice], at: datetime) -> None:
        self._connection.execute(
            update(notice)
            .where(
                notice.c.id.in_([each.id for each in notices]),
                notice.c.next_attempt_at.is_not(None),
            )
            .values(next_attempt_at=at)
        )

    def hasten(self, webhook_id: int, at: datetime) -> None:
        self._connection.execute(
            update(notice)
            .where(notice.c.webhook_id == webhook_id, notice.c.next_attempt_at > at)
            .values(next_attempt_at=at)
        )

    def let_go(self, webhook_id: int, health: Health, now: datetime) -> None:
        success = health.last_success_at
        self._connection.execute(
            update(webhook)
            .where(webhook.c.id == webhook_id)
            .values(
                held_until=None,
                served_at=now,
                failures=health.failures,
                failing_since=health.failing_since,
                rests_until=health.rests_until,
                **({} if success is None else {"last_success_at": success}),
            )
        )

    def replay_event(self, webhook_id: int, notice_id: int, now: datetime) -> None:
        wanted = [notice.c.webhook_id == webhook_id, notice.c.id == notice_id]
        if self._replayed_events(now, *wanted) == 0:
            raise NotFoundError(f"Aucun événement n° {notice_id} n'a été écrit pour ce webhook.")

    def replay_events(
        self,
        webhook_id: int,
        since: datetime,
        until: datetime | None,
        now: datetime,
        *,
        failed: bool,
    ) -> int:
        wanted = [notice.c.webhook_id == webhook_id, notice.c.at >= since]
        if until is not None:
            wanted.append(notice.c.at < until)
        if failed:
            wanted += [notice.c.delivered_at.is_(None), notice.c.next_attempt_at.is_(None)]
        return self._replayed_events(now, *wanted)

    def _replayed_events(self, now: datetime, *wanted: ColumnElement[bool]) -> int:
        # A test had no number; what was not sent yet goes on as it is.
        again = (
            update(notice)
            .where(*wanted, notice.c.content.has_key("sequence"))
            .values(next_attempt_at=now, attempts=0, delivered_at=None, failure=None)
        ).execution_options(preserve_rowcount=True)
        return self._connection.execute(again).rowcount

    def _begun_delivery(self, row: Row[Any], at: datetime) -> Begun:
        attempt = insert(notice_attempt).values(
            notice_id=row.id, webhook_id=row.webhook_id, started_at=at
        )
        number = self._connection.execute(attempt.returning(notice_attempt.c.id)).scalar_one()
        return Begun(load_notice(row), int(number))


def event_row(
    of: Webhook, event: NewEvent, content: dict[str, Any], at: datetime
) -> dict[str, Any]:
    """Columns of a notice of a subscription, due at once."""
    return {
        "collectivite_id": of.collectivite_id,
        "acte_id": event.acte_id,
        "kind": event.kind,
        "key": event.key,
        "channel": Channel.SUBSCRIPTION.value,
        "target": target_of(of),
        "content": content,
        "at": at,
        "next_attempt_at": at,
        "webhook_id": of.id,
    }


def target_of(of: Webhook) -> str:
    """What a subscription is called on its notices, whatever its address becomes."""
    return f"webhook:{of.id}"


def _is_ready(now: datetime) -> ColumnElement[bool]:
    return and_(
        _IN_SERVICE,
        or_(webhook.c.held_until.is_(None), webhook.c.held_until <= now),
        or_(webhook.c.rests_until.is_(None), webhook.c.rests_until <= now),
        exists().where(notice.c.webhook_id == webhook.c.id, notice.c.next_attempt_at <= now),
    )
