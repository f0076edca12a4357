"""How the TdTs answer and what waits, for the people of some authorities or of all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, true

from transmission.domain.lifecycle import State
from transmission.store.queries.health import Waiting
from transmission.store.queries.standing import LIVING, in_states, within
from transmission.store.tables import (
    acte,
    attempt,
    circuit,
    classification,
    collectivite,
    transmission,
)
from transmission.store.tables_people import person, person_link

_NEWEST = 10
"""Acts of an authority among which its last answer is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TdtState:
    """A TdT as some authorities know it. ``last_at`` is when it answered their last sending that
    was, ``outcome`` what; ``failures`` in a row since ``since``, nothing being sent before
    ``open_until``."""

    address: str
    nom: str
    authorities: int
    last_at: datetime | None = None
    outcome: str | None = None
    failures: int = 0
    since: datetime | None = None
    open_until: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """What waits in a state: ``late`` are those whose time came a while ago."""

    state: State
    waiting: Waiting
    retrying: int
    late: int


@dataclass(frozen=True, slots=True)
class HeldClassification:
    """The classification in force of an authority, None while it has none; when it was received."""

    siren: str
    nom: str
    time_zone: str
    version: date | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A one-time link that nobody used yet."""

    login: str
    purpose: str
    expires_at: datetime


def tdt_states(connection: Connection, sirens: Collection[str] | None) -> Sequence[TdtState]:
    """Every TdT of some authorities, by name."""
    address = collectivite.c.settings["tdt"]["base_url"].astext
    nom = collectivite.c.settings["tdt"]["nom"].astext
    answered = _last_answer()
    rows = connection.execute(
        select(address.label("address"), nom.label("nom"), answered.c.at, answered.c.outcome)
        .select_from(collectivite.outerjoin(answered, true()))
        .where(*_of(sirens))
    ).all()
    circuits = {row.tdt: row for row in connection.execute(select(circuit))}
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.address, []).append(row)
    states = [_state(key, same, circuits.get(key)) for key, same in found.items()]
    return sorted(states, key=lambda each: each.nom)


def lanes(
    connection: Connection, sirens: Collection[str] | None, late_before: datetime
) -> Sequence[Lane]:
    """What waits in each state, in the order of the lifecycle."""
    rows = connection.execute(
        select(
            transmission.c.state,
            func.count().label("waiting"),
            func.min(transmission.c.state_since).label("oldest"),
            func.count().filter(transmission.c.failures > 0).label("retrying"),
            func.count().filter(transmission.c.next_attempt_at < late_before).label("late"),
        )
        .where(in_states(LIVING), *within(transmission, sirens))
        .group_by(transmission.c.state)
    )
    found = {
        row.state: Lane(
            State.of(row.state), Waiting(row.waiting, row.oldest), row.retrying, row.late
        )
        for row in rows
    }
    return [found.get(state.code, Lane(state, Waiting(0), 0, 0)) for state in LIVING]


def held_classifications(
    connection: Connection, sirens: Collection[str] | None
) -> Sequence[HeldClassification]:
    """The classification of each authority, by the name of the authority."""
    newest = (
        select(classification.c.date_classification, classification.c.received_at)
        .where(classification.c.collectivite_id == collectivite.c.id)
        .order_by(classification.c.date_classification.desc())
        .limit(1)
        .lateral("newest")
    )
    nom = collectivite.c.settings["nom"].astext
    rows = connection.execute(
        select(
            collectivite.c.siren,
            nom.label("nom"),
            collectivite.c.settings["time_zone"].astext.label("time_zone"),
            newest.c.date_classification,
            newest.c.received_at,
        )
        .select_from(collectivite.outerjoin(newest, true()))
        .where(*_of(sirens))
        .order_by(nom)
    )
    return [HeldClassification(*row) for row in rows]


def open_links(connection: Connection, now: datetime) -> Sequence[OpenLink]:
    """The one-time links that still serve, the first to end first."""
    rows = connection.execute(
        select(person.c.login, person_link.c.purpose, person_link.c.expires_at)
        .join(person, person.c.id == person_link.c.person_id)
        .where(person_link.c.used_at.is_(None), person_link.c.expires_at > now)
        .order_by(person_link.c.expires_at)
        .limit(200)
    )
    return [OpenLink(*row) for row in rows]


def _of(sirens: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    return () if sirens is None else (collectivite.c.siren.in_(list(sirens)),)


def _last_answer() -> Any:
    """The last attempt of an authority that ended, among those of its newest acts."""
    newest = (
        select(acte.c.id)
        .where(acte.c.collectivite_id == collectivite.c.id)
        .order_by(acte.c.id.desc())
        .limit(_NEWEST)
        .correlate(collectivite)
        .lateral("newest")
    )
    return (
        select(attempt.c.finished_at.label("at"), attempt.c.outcome)
        .select_from(
            newest.join(transmission, transmission.c.acte_id == newest.c.id).join(
                attempt, attempt.c.transmission_id == transmission.c.id
            )
        )
        .where(attempt.c.finished_at.is_not(None))
        .order_by(attempt.c.finished_at.desc())
        .limit(1)
        .lateral("answered")
    )


def _state(address: str, same: Sequence[Any], known: Any) -> TdtState:
    last = max((row for row in same if row.at is not None), key=lambda row: row.at, default=None)
    return TdtState(
        address=address,
        nom=same[0].nom,
        authorities=len(same),
        last_at=last.at if last else None,
        outcome=last.outcome if last else None,
        failures=known.failures if known else 0,
        since=known.since if known else None,
        open_until=known.open_until if known else None,
        reason=known.reason if known and known.failures else None,
    )
