"""How much waits and how much ended, by state; what there is besides: names, the last event."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from transmission.domain.lifecycle import FINAL, State
from transmission.store.queries.standing import (
    IS_ACTE,
    LIVING,
    at_tdt,
    in_states,
    is_latest_of_acte,
    owned,
    waiting_of,
)
from transmission.store.tables import collectivite, journal, transmission

COUNT_CEILING = 100
"""Where the counts of final states stop: the exact number of acts of ten years helps nobody."""


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many sendings wait in a state, or how many acts ended in it.

    ``capped`` when there are more than the ceiling. ``oldest_since`` is the instant since which
    the oldest waits, None for a final state.
    """

    state: State
    count: int
    capped: bool = False
    oldest_since: datetime | None = None


def state_counts(
    connection: Connection, siren: str | None = None, tdt: str = ""
) -> tuple[StateCount, ...]:
    """Counts of every state in the order of the lifecycle, of one authority or of all, and of one
    TdT (its name) or of all.

    Those of the final states stop at ``COUNT_CEILING``.
    """
    statement = (
        select(
            transmission.c.state,
            func.count().label("actes"),
            func.min(transmission.c.state_since).label("oldest"),
        )
        .where(in_states(LIVING), *waiting_of(siren), *at_tdt(transmission, tdt))
        .group_by(transmission.c.state)
    )
    found = {
        row.state: StateCount(State.of(row.state), row.actes, oldest_since=row.oldest)
        for row in connection.execute(statement)
    }
    return tuple(
        _final_count(connection, state, (*owned(transmission, siren), *at_tdt(transmission, tdt)))
        if state in FINAL
        else found.get(state.code, StateCount(state, 0))
        for state in State
    )


def authority_names(
    connection: Connection, limit: int | None, sirens: Collection[str] | None = None
) -> Sequence[tuple[str, str]]:
    """SIREN and name of at most ``limit`` authorities, of some or of all, in the order of names."""
    nom = collectivite.c.settings["nom"].astext
    statement = select(collectivite.c.siren, nom).order_by(nom, collectivite.c.siren).limit(limit)
    if sirens is not None:
        statement = statement.where(collectivite.c.siren.in_(sirens))
    rows = connection.execute(statement)
    return [(row[0], row[1]) for row in rows]


def tdt_names(connection: Connection, sirens: Collection[str] | None = None) -> Sequence[str]:
    """The TdTs that some authorities, or all, send by, in the order of names."""
    nom = collectivite.c.settings["tdt"]["nom"].astext
    statement = select(nom).distinct().order_by(nom)
    if sirens is not None:
        statement = statement.where(collectivite.c.siren.in_(sirens))
    return connection.execute(statement).scalars().all()


def newest_journal_id(connection: Connection) -> int:
    """Number of the last thing that happened, 0 when nothing did."""
    return int(connection.execute(select(func.max(journal.c.id))).scalar_one() or 0)


def _final_count(
    connection: Connection, state: State, whose: Sequence[ColumnElement[bool]]
) -> StateCount:
    if state is State.DELIVERED:
        # The State acknowledges every act: looking for one would walk all the receipts.
        return StateCount(state, 0)
    ended = (in_states([state]), IS_ACTE, *whose, is_latest_of_acte())
    some = select(transmission.c.id).where(*ended).limit(COUNT_CEILING + 1).subquery()
    found = int(connection.execute(select(func.count()).select_from(some)).scalar_one())
    return StateCount(state, min(found, COUNT_CEILING), capped=found > COUNT_CEILING)
