"""Whose something is: what a person may see follows from it."""

from collections.abc import Collection

from sqlalchemy import Connection, Table, func, select

from transmission.store.tables import acte, collectivite, journal, retour


def owner_of_acte(connection: Connection, acte_id: int) -> str | None:
    """SIREN of the authority of an act, None when there is no such act."""
    return _owner(connection, acte, acte_id)


def owner_of_retour(connection: Connection, retour_id: int) -> str | None:
    """SIREN of the authority to which a retour came, None when there is no such retour."""
    return _owner(connection, retour, retour_id)


def newest_journal_id_of(connection: Connection, sirens: Collection[str]) -> int:
    """Number of the last thing that happened to some authorities, 0 when nothing did."""
    newest = (
        select(func.max(journal.c.id))
        .where(journal.c.collectivite_id == collectivite.c.id)
        .correlate(collectivite)
        .scalar_subquery()
    )
    each = select(newest.label("id")).where(collectivite.c.siren.in_(sirens)).subquery()
    return int(connection.execute(select(func.max(each.c.id))).scalar_one() or 0)


def _owner(connection: Connection, table: Table, row_id: int) -> str | None:
    statement = select(collectivite.c.siren).join_from(table, collectivite)
    return connection.execute(statement.where(table.c.id == row_id)).scalar_one_or_none()
