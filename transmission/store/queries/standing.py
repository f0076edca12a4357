"""Where sendings stand, said as conditions that the indexes of the lists can answer."""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, Table, and_, bindparam, literal, select

from transmission.domain.lifecycle import FINAL, State
from transmission.domain.messages import ACTE
from transmission.store.queries.search import owner_id
from transmission.store.tables import collectivite, transmission

LIVING = tuple(state for state in State if state not in FINAL)
"""States that wait for something, an operator included."""

IS_ACTE = transmission.c.message == literal(ACTE, literal_execute=True)


def in_states(states: Iterable[State]) -> ColumnElement[bool]:
    """Whether a sending is in one of some states."""
    # Written out, or no plan made once for all values could use an index of some states only.
    codes = [state.code for state in states]
    return transmission.c.state.in_(bindparam(None, codes, expanding=True, literal_execute=True))


def owned(table: Table, siren: str | None) -> tuple[ColumnElement[bool], ...]:
    """Whether a row of a table is of one authority, for its index; nothing for all."""
    return () if siren is None else (table.c.collectivite_id == owner_id(siren),)


def waiting_of(siren: str | None) -> tuple[ColumnElement[bool], ...]:
    """Whether what waits is of one authority; nothing for all."""
    # No index of the authorities: what ended long ago is in those, what waits is read faster.
    return () if siren is None else (transmission.c.collectivite_id + 0 == owner_id(siren),)


def within(table: Table, sirens: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    """Whether a row of a table is of some authorities; nothing for every one."""
    if sirens is None:
        return ()
    owners = select(collectivite.c.id).where(collectivite.c.siren.in_(list(sirens)))
    return (table.c.collectivite_id.in_(owners),)


def at_tdt(table: Table, nom: str) -> tuple[ColumnElement[bool], ...]:
    """Whether a row of a table is of an authority that sends by the TdT of a name; nothing for an
    empty one."""
    if not nom:
        return ()
    sends = collectivite.c.settings["tdt"]["nom"].astext == nom
    return (table.c.collectivite_id.in_(select(collectivite.c.id).where(sends)),)


def is_latest_of_acte() -> ColumnElement[bool]:
    """Whether a sending is the newest of the act itself."""
    later = transmission.alias("later")
    newer = select(later.c.id).where(
        later.c.acte_id == transmission.c.acte_id,
        later.c.message == ACTE,
        later.c.id > transmission.c.id,
    )
    return and_(IS_ACTE, ~newer.exists())
