"""What is to be told to people and programs outside, and what became of it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.errors import NotFoundError
from transmission.domain.legal.rappels import Limit
from transmission.ports.notices import Channel, Fate, NewNotice, Notice
from transmission.store.queries.limits import Span, limits_between
from transmission.store.tables_legal import notice

# Subscriptions have a round of their own.
_UNSUBSCRIBED = notice.c.webhook_id.is_(None)


class Notices:
    """Part of the unit of work; see ``transmission.ports.notices`` for the promises."""

    _connection: Connection

    def limits_between(self, authority_id: int, first: date, last: date) -> Sequence[Limit]:
        found = limits_between(self._connection, Span(authority_id, first, last))
        return [each.limit for each in found]

    def add_notice(self, new: NewNotice, at: datetime) -> bool:
        added = (
            upsert(notice)
            .values(
                collectivite_id=new.collectivite_id,
                acte_id=new.acte_id,
                kind=new.kind,
                key=new.key,
                channel=new.channel.value,
                target=new.target,
                content=new.content,
                at=at,
                next_attempt_at=None if new.channel is Channel.TOLD else at,
            )
            .on_conflict_do_nothing(index_elements=["collectivite_id", "channel", "target", "key"])
            .returning(notice.c.id)
        )
        return self._connection.execute(added).one_or_none() is not None

    def told_since(self, authority_id: int, target: str, kind: str, since: datetime) -> bool:
        # By the beginning of the unique key, then the few rows of one target.
        found = select(notice.c.id).where(
            notice.c.collectivite_id == authority_id,
            notice.c.channel == Channel.MAIL.value,
            notice.c.target == target,
            notice.c.kind == kind,
            notice.c.at >= since,
        )
        return self._connection.execute(found.limit(1)).one_or_none() is not None

    def claim_notice(self, authority_id: int, now: datetime, until: datetime) -> Notice | None:
        due = (
            select(notice.c.id)
            .where(
                notice.c.collectivite_id == authority_id,
                notice.c.next_attempt_at <= now,
                _UNSUBSCRIBED,
            )
            .order_by(notice.c.next_attempt_at, notice.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        row = self._connection.execute(
            update(notice)
            .where(notice.c.id == due)
            .values(next_attempt_at=until, attempts=notice.c.attempts + 1)
            .returning(notice)
        ).one_or_none()
        return None if row is None else load_notice(row)

    def settle_notice(self, settled: Notice, fate: Fate) -> bool:
        return settle(self._connection, settled, fate)

    def authorities_with_notices(self, now: datetime) -> Sequence[int]:
        due = select(notice.c.collectivite_id).where(notice.c.next_attempt_at <= now, _UNSUBSCRIBED)
        return self._connection.execute(due.distinct()).scalars().all()

    def replay_notice(self, notice_id: int, now: datetime) -> int:
        replayed = (
            update(notice)
            .where(
                notice.c.id == notice_id,
                notice.c.channel != Channel.TOLD.value,
                # A test of a subscription has no number, and is not made again.
                or_(_UNSUBSCRIBED, notice.c.content.has_key("sequence")),
            )
            .values(next_attempt_at=now, attempts=0, delivered_at=None, failure=None)
            .returning(notice.c.collectivite_id)
        )
        row = self._connection.execute(replayed).one_or_none()
        if row is None:
            raise NotFoundError(
                f"Aucun avis n° {notice_id} n'est à envoyer. « transmission notices » les liste."
            )
        return int(row.collectivite_id)


def settle(connection: Connection, settled: Notice, fate: Fate) -> bool:
    """Write what became of an attempt; see ``NoticeRegister.settle_notice``."""
    delivered = fate.failure is None
    known = [notice.c.id == settled.id, notice.c.delivered_at.is_(None)]
    if not delivered:
        # An old attempt may still tell that it succeeded, never that it failed.
        known.append(notice.c.attempts == settled.attempts)
    written = connection.execute(
        update(notice)
        .where(*known)
        .values(
            delivered_at=fate.at if delivered else None,
            next_attempt_at=fate.next_attempt_at,
            failure=fate.failure,
            attempts=notice.c.attempts if fate.tried else notice.c.attempts - 1,
        )
    )
    return written.rowcount == 1


def load_notice(row: Row[Any]) -> Notice:
    """A notice as it is kept."""
    return Notice(
        id=row.id,
        collectivite_id=row.collectivite_id,
        acte_id=row.acte_id,
        kind=row.kind,
        key=row.key,
        channel=Channel(row.channel),
        target=row.target,
        content=row.content,
        at=row.at,
        attempts=row.attempts,
    )
