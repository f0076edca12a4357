"""What programs were told, and what waits: for people and programs who look after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from transmission.domain.webhooks import WebhookState
from transmission.store.tables import acte, collectivite
from transmission.store.tables_legal import notice
from transmission.store.tables_webhooks import notice_attempt, webhook

PAGE = 50
ATTEMPTS_SHOWN = 20

_GIVEN_UP = and_(
    notice.c.next_attempt_at.is_(None),
    notice.c.delivered_at.is_(None),
    notice.c.failure.is_not(None),
)


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One call; without an end, its process died before it knew."""

    started_at: datetime
    finished_at: datetime | None
    status: int | None
    answer: str | None
    failure: str | None

    @property
    def milliseconds(self) -> int | None:
        """How long it took."""
        if self.finished_at is None:
            return None
        return round((self.finished_at - self.started_at) / timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """An event of a subscription, and the last attempts to tell it, newest first.

    ``sequence`` is None for a test. Neither delivered nor to be tried again, it was given up, or
    was a test.
    """

    id: int
    event_id: str
    type: str
    sequence: int | None
    acte_id: int | None
    numero_interne: str | None
    at: datetime
    tries: int
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    failure: str | None
    attempts: tuple[AttemptLine, ...]


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a subscription has not been told: what waits, since when, what was given up."""

    waiting: int = 0
    oldest_at: datetime | None = None
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class TroubledWebhook:
    """A subscription that takes nothing; ``since`` is its first failure, or when it was stopped."""

    collectivite: str
    name: str
    state: WebhookState
    since: datetime
    reason: str | None


def deliveries(
    connection: Connection,
    webhook_id: int,
    before: int | None = None,
    limit: int = PAGE,
    *,
    failed: bool = False,
) -> Sequence[DeliveryLine]:
    """Events of a subscription, newest first, those below a number; or those given up."""
    wanted: list[ColumnElement[bool]] = [notice.c.webhook_id == webhook_id]
    if before is not None:
        wanted.append(notice.c.id < before)
    if failed:
        wanted.append(_GIVEN_UP)
    statement = (
        select(notice, acte.c.numero_interne)
        .outerjoin(acte, acte.c.id == notice.c.acte_id)
        .where(*wanted)
        .order_by(notice.c.id.desc())
        .limit(limit)
    )
    rows = connection.execute(statement).all()
    tried = _attempts(connection, [row.id for row in rows])
    return [_line(row, tried.get(row.id, ())) for row in rows]


def backlogs(connection: Connection, webhook_ids: Sequence[int]) -> Mapping[int, Backlog]:
    """What each subscription has not been told; every one asked for is there."""
    waits = notice.c.next_attempt_at.is_not(None)
    statement = (
        select(
            notice.c.webhook_id,
            func.count().filter(waits),
            func.min(notice.c.at).filter(waits),
            func.count().filter(_GIVEN_UP, notice.c.content.has_key("sequence")),
        )
        .where(notice.c.webhook_id.in_(webhook_ids), notice.c.delivered_at.is_(None))
        .group_by(notice.c.webhook_id)
    )
    found = {row[0]: Backlog(*row[1:]) for row in connection.execute(statement)}
    return {each: found.get(each, Backlog()) for each in webhook_ids}


def troubled_webhooks(
    connection: Connection, failing_before: datetime
) -> Sequence[TroubledWebhook]:
    """Those of all authorities that were stopped, or fail since before an instant."""
    statement = (
        select(
            collectivite.c.settings["nom"].astext,
            webhook.c.name,
            webhook.c.state,
            func.coalesce(webhook.c.failing_since, webhook.c.state_since),
            webhook.c.state_reason,
        )
        .join(collectivite, collectivite.c.id == webhook.c.collectivite_id)
        .where(
            (webhook.c.state == WebhookState.DISABLED.code)
            | (
                (webhook.c.state == WebhookState.ACTIVE.code)
                & (webhook.c.failing_since <= failing_before)
            )
        )
        .order_by(collectivite.c.siren, webhook.c.name)
    )
    return [
        TroubledWebhook(row[0], row[1], WebhookState.of(row[2]), row[3], row[4])
        for row in connection.execute(statement)
    ]


def owner_of_webhook(connection: Connection, webhook_id: int) -> tuple[int, str] | None:
    """Key and SIREN of the authority of a subscription, None for one that does not exist."""
    statement = (
        select(collectivite.c.id, collectivite.c.siren)
        .join(webhook, webhook.c.collectivite_id == collectivite.c.id)
        .where(webhook.c.id == webhook_id, webhook.c.state != WebhookState.ENDED.code)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else (int(row.id), str(row.siren))


def has_webhooks(connection: Connection) -> bool:
    """Whether any subscription was not ended, and secrets are therefore kept."""
    living = select(webhook.c.id).where(webhook.c.state != WebhookState.ENDED.code).limit(1)
    return connection.execute(living).one_or_none() is not None


def _attempts(
    connection: Connection, notice_ids: Sequence[int]
) -> dict[int, tuple[AttemptLine, ...]]:
    rank = func.row_number().over(
        partition_by=notice_attempt.c.notice_id, order_by=notice_attempt.c.id.desc()
    )
    ranked = (
        select(notice_attempt, rank.label("rank"))
        .where(notice_attempt.c.notice_id.in_(notice_ids))
        .subquery()
    )
    found: dict[int, tuple[AttemptLine, ...]] = {}
    newest = select(ranked).where(ranked.c.rank <= ATTEMPTS_SHOWN).order_by(ranked.c.id.desc())
    for row in connection.execute(newest):
        line = AttemptLine(row.started_at, row.finished_at, row.status, row.answer, row.failure)
        found[row.notice_id] = (*found.get(row.notice_id, ()), line)
    return found


def _line(row: Any, attempts: tuple[AttemptLine, ...]) -> DeliveryLine:
    number = row.content.get("sequence")
    return DeliveryLine(
        id=row.id,
        event_id=row.content["id"],
        type=row.content["type"],
        sequence=None if number is None else int(number),
        acte_id=row.acte_id,
        numero_interne=row.numero_interne,
        at=row.at,
        tries=row.attempts,
        next_attempt_at=row.next_attempt_at,
        delivered_at=row.delivered_at,
        failure=row.failure,
        attempts=attempts,
    )
