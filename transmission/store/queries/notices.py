"""What was told outside, or could not be: for people who look after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from transmission.ports.notices import Channel
from transmission.store.queries.health import Waiting
from transmission.store.tables import acte, collectivite
from transmission.store.tables_legal import notice

# What subscriptions are told has a log of its own.
_UNSUBSCRIBED = notice.c.webhook_id.is_(None)
_FAILED = and_(
    _UNSUBSCRIBED,
    notice.c.next_attempt_at.is_(None),
    notice.c.delivered_at.is_(None),
    notice.c.failure.is_not(None),
)


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice in a list; ``about`` is the subject of a mail, the type of an event.

    ``numero_interne`` is that of its act, None for several or for none.

    Neither delivered nor to be tried again, it was refused or given up: ``failure`` says why.
    """

    id: int
    collectivite: str
    time_zone: str
    channel: Channel
    target: str
    about: str
    numero_interne: str | None
    at: datetime
    attempts: int
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    failure: str | None


def list_notices(
    connection: Connection, siren: str | None, limit: int, *, failed: bool = False
) -> Sequence[NoticeLine]:
    """The newest notices of one authority or of all, or those that could not be delivered."""
    wanted: list[ColumnElement[bool]] = [notice.c.channel != Channel.TOLD.value, _UNSUBSCRIBED]
    if failed:
        wanted.append(_FAILED)
    if siren is not None:
        wanted.append(collectivite.c.siren == siren)
    statement = (
        select(
            *notice.c,
            collectivite.c.settings["nom"].astext.label("nom"),
            collectivite.c.settings["time_zone"].astext.label("time_zone"),
            acte.c.numero_interne,
        )
        .join(collectivite, collectivite.c.id == notice.c.collectivite_id)
        .outerjoin(acte, acte.c.id == notice.c.acte_id)
        .where(*wanted)
        .order_by(notice.c.id.desc())
        .limit(limit)
    )
    return [_line(row) for row in connection.execute(statement)]


def failed_notices(connection: Connection, since: datetime) -> Waiting:
    """How many notices written since an instant were refused or given up, and the oldest."""
    statement = select(func.count(), func.min(notice.c.at)).where(_FAILED, notice.c.at >= since)
    count, oldest = connection.execute(statement).one()
    return Waiting(count, oldest)


def _line(row: Any) -> NoticeLine:
    channel = Channel(row.channel)
    return NoticeLine(
        id=row.id,
        collectivite=row.nom,
        time_zone=row.time_zone,
        channel=channel,
        target=row.target,
        about=row.content["subject" if channel is Channel.MAIL else "type"],
        numero_interne=row.numero_interne,
        at=row.at,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        delivered_at=row.delivered_at,
        failure=row.failure,
    )
