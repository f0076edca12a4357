"""How long acts take to be received, by nature, by matière and by month of decision.

An act counts once, through its current sending: one that was rejected or withdrawn does not count,
one that was received then cancelled does. The cost follows the acts of the period that is asked,
whatever the register holds.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Select,
    and_,
    cast,
    func,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import INTERVAL, array

from transmission.domain.delays import Delays, Period, UsualDelay
from transmission.domain.identifiers import NatureActe
from transmission.domain.lifecycle import Event, State
from transmission.store.queries.standing import IS_ACTE, in_states, is_latest_of_acte, owned
from transmission.store.tables import acte, collectivite, journal, transmission

RECENT = 500
"""Acts of a TdT that its usual delay is read from."""

_BY_NATURE, _BY_MATIERE, _BY_MONTH = 0b011, 0b101, 0b110
"""What GROUPING(nature, matiere, month) says: a bit for each column that a row is not about."""


@dataclass(frozen=True, slots=True)
class ReceptionDelays:
    """Delays from adoption to receipt of the acts adopted in a period.

    Natures and matières, at their two national levels, are those that some act has; months are
    all those of the period.
    """

    period: Period
    overall: Delays
    natures: tuple[tuple[NatureActe, Delays], ...]
    matieres: tuple[tuple[str, Delays], ...]
    months: tuple[tuple[date, Delays], ...]


@dataclass(frozen=True, slots=True)
class OwnerName:
    """What a page says of an authority; its time zone tells what day it is there."""

    siren: str
    nom: str
    time_zone: str


def owner_name(connection: Connection, siren: str) -> OwnerName | None:
    """The authority of a SIREN, None when there is none."""
    settings = collectivite.c.settings
    statement = select(settings["nom"].astext, settings["time_zone"].astext)
    row = connection.execute(statement.where(collectivite.c.siren == siren)).one_or_none()
    return None if row is None else OwnerName(siren, row[0], row[1])


def reception_delays(
    connection: Connection, period: Period, siren: str | None = None
) -> ReceptionDelays:
    """Delays of the acts adopted in a period, of one authority or of all."""
    found: dict[int, dict[Any, list[tuple[int | None, int]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row in connection.execute(_by_group(period, siren)):
        found[row.about][row.nature or row.matiere or row.month].append((row.days, row.acts))
    by_nature, by_month = found[_BY_NATURE], found[_BY_MONTH]
    by_matiere = sorted(found[_BY_MATIERE].items(), key=lambda item: _levels(item[0]))
    overall = found[_BY_NATURE | _BY_MATIERE | _BY_MONTH][None]
    return ReceptionDelays(
        period=period,
        overall=Delays.of(overall),
        natures=tuple((n, Delays.of(by_nature[n.code])) for n in NatureActe if n.code in by_nature),
        matieres=tuple((matiere, Delays.of(counted)) for matiere, counted in by_matiere),
        months=tuple((month, Delays.of(by_month.get(month, ()))) for month in period.months),
    )


def usual_delays(connection: Connection) -> dict[str, UsualDelay]:
    """By name of TdT, how long its last ``RECENT`` acts took from sending to the record of the AR.

    An act whose sending was never told (found by its AR alone) does not count; a TdT without any
    act that counts is not there. Acts of an authority count for the TdT that it has now.
    """
    recent = _recent()
    spans = _spans(recent.c.id)
    length = spans.c.acknowledged - spans.c.submitted
    percents = array([0.5, 0.9, 0.99])
    statement = (
        select(
            recent.c.tdt,
            func.count(length).label("acts"),
            func.percentile_disc(percents).within_group(length).label("lengths"),
        )
        .select_from(recent.join(spans, true()))
        .where(length >= cast("0", INTERVAL))
        .group_by(recent.c.tdt)
    )
    rows = connection.execute(statement)
    return {row.tdt: UsualDelay(row.acts, *row.lengths) for row in rows}


def _by_group(period: Period, siren: str | None) -> Select[Any]:
    one = _counted(period, siren).subquery()
    matiere = func.substring(one.c.matiere, r"^\d+\.\d+")
    keys = (one.c.nature, matiere, one.c.month)
    return select(
        func.grouping(*keys).label("about"),
        one.c.nature,
        matiere.label("matiere"),
        one.c.month,
        one.c.days,
        cast(func.sum(one.c.acts), BigInteger).label("acts"),
    ).group_by(func.grouping_sets(tuple_(one.c.days), *(tuple_(key, one.c.days) for key in keys)))


def _counted(period: Period, siren: str | None) -> Select[Any]:
    # Without a time zone: the months of a civil date are those of no place.
    month = func.date_trunc("month", cast(acte.c.date_decision, DateTime))
    keys = (
        acte.c.nature,
        acte.c.matiere,
        cast(month, Date).label("month"),
        (transmission.c.date_reception - acte.c.date_decision).label("days"),
    )
    return (
        select(*keys, func.count().label("acts"))
        .select_from(acte.join(transmission, transmission.c.acte_id == acte.c.id))
        .where(
            acte.c.date_decision >= period.first,
            acte.c.date_decision < period.after,
            *owned(acte, siren),
            _counts(),
        )
        .group_by(*keys)
    )


def _counts() -> ColumnElement[bool]:
    # At most one sending of an act is neither rejected nor cancelled: it is the current one.
    living = ~in_states([State.REJECTED, State.CANCELLED])
    received = transmission.c.date_reception.is_not(None)
    cancelled = and_(in_states([State.CANCELLED]), received, is_latest_of_acte())
    return and_(IS_ACTE, or_(living, cancelled))


def _recent() -> Any:
    """The newest acknowledged sendings of each TdT, with its name."""
    tdt = collectivite.c.settings["tdt"]["nom"].astext.label("tdt")
    tdts = select(tdt, func.array_agg(collectivite.c.id).label("owners")).group_by(tdt).subquery()
    owner = func.unnest(tdts.c.owners).table_valued("id", name="owner").render_derived()
    # Of each authority first: their index has them in order, so that no other row is read.
    of_owner = (
        select(transmission.c.id)
        .where(
            transmission.c.collectivite_id == owner.c.id, in_states([State.ACKNOWLEDGED]), IS_ACTE
        )
        .order_by(transmission.c.id.desc())
        .limit(RECENT)
        .lateral("of_owner")
    )
    newest = (
        select(of_owner.c.id)
        .select_from(owner.join(of_owner, true()))
        .order_by(of_owner.c.id.desc())
        .limit(RECENT)
        .lateral("newest")
    )
    return select(tdts.c.tdt, newest.c.id).select_from(tdts.join(newest, true())).subquery()


def _spans(sending: ColumnElement[int]) -> Any:
    """When a sending was taken by the TdT, for the last time, and when its AR was recorded."""
    submitted = func.max(journal.c.at).filter(journal.c.target == State.SUBMITTED.code)
    acknowledged = func.min(journal.c.at).filter(journal.c.event == Event.AR_RECEIVED.code)
    sent = transmission.alias("sent")
    return (
        select(submitted.label("submitted"), acknowledged.label("acknowledged"))
        .select_from(
            sent.join(
                journal,
                and_(journal.c.acte_id == sent.c.acte_id, journal.c.transmission_id == sent.c.id),
            )
        )
        .where(sent.c.id == sending)
        .lateral("spans")
    )


def _levels(matiere: str) -> tuple[int, ...]:
    return tuple(int(level) for level in matiere.split("."))
