"""The rows of some acts, read by our own statements: everything that the register says of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, text

from transmission.domain.audits import Place
from transmission.ports.audits import Scope

Row: TypeAlias = Mapping[str, Any]

_OF_ACTES = {
    "piece": "SELECT * FROM piece WHERE acte_id = ANY(:ids) ORDER BY ordre, id",
    "idempotency": "SELECT * FROM idempotency WHERE acte_id = ANY(:ids)",
    "transmission": "SELECT * FROM transmission WHERE acte_id = ANY(:ids) ORDER BY id",
    "attempt": "SELECT attempt.*, acte_id FROM attempt JOIN transmission "
    "ON transmission.id = transmission_id WHERE acte_id = ANY(:ids) ORDER BY number",
    "answer_piece": "SELECT answer_piece.*, acte_id FROM answer_piece JOIN transmission "
    "ON transmission.id = transmission_id WHERE acte_id = ANY(:ids) ORDER BY ordre",
    "courrier": "SELECT * FROM courrier WHERE acte_id = ANY(:ids) ORDER BY id",
    "journal": "SELECT * FROM journal WHERE acte_id = ANY(:ids) ORDER BY id",
    "published_copy": "SELECT * FROM published_copy WHERE acte_id = ANY(:ids) ORDER BY id",
    # Those that an act, a sending or a letter names, whatever act they say that they are of.
    "retour": "SELECT retour.*, given.acte_id AS named_by FROM retour JOIN ("
    "SELECT id, acte_id FROM retour WHERE acte_id = ANY(:ids) "
    "UNION SELECT retour_id, acte_id FROM transmission WHERE acte_id = ANY(:ids) "
    "UNION SELECT retour_id, acte_id FROM courrier WHERE acte_id = ANY(:ids)"
    ") given USING (id) ORDER BY retour.id",
}
_RECEIVED = (
    "SELECT * FROM journal WHERE event = 'retour_received' AND collectivite_id = ANY(:owners) "
    "AND at = ANY(:instants) ORDER BY id"
)


@dataclass(frozen=True, slots=True)
class Dossier:
    """An act and every row about it, by table; ``owner`` is its authority's row."""

    acte: Row
    owner: Row
    rows: Mapping[str, Sequence[Row]]

    @property
    def place(self) -> Place:
        """Where the act is."""
        return Place(self.owner["siren"], self.acte["numero_interne"], "acte", self.acte["id"])

    def of(self, table: str, column: str, value: int) -> Sequence[Row]:
        """The rows of a table which say that of a column, in order."""
        return [row for row in self.rows[table] if row[column] == value]


def actes_after(connection: Connection, after: int, limit: int, scope: Scope) -> Sequence[Row]:
    """The next acts of a scope, in the order of their numbers."""
    statement = (
        "SELECT * FROM acte WHERE id > :after "
        "AND (CAST(:owner AS bigint) IS NULL OR collectivite_id = :owner) "
        "AND (CAST(:only AS bigint) IS NULL OR id = :only) "
        "AND (CAST(:since AS timestamptz) IS NULL OR accepted_at >= :since) ORDER BY id LIMIT :most"
    )
    given = {"owner": scope.owner_id, "only": scope.acte_id, "since": scope.since}
    return rows(connection, statement, after=after, most=limit, **given)


def dossiers(connection: Connection, actes: Sequence[Row]) -> Iterator[Dossier]:
    """Everything about these acts, each with its authority."""
    ids = [acte["id"] for acte in actes]
    owners = {row["id"]: row for row in rows(connection, "SELECT * FROM collectivite")}
    found = {table: rows(connection, said, ids=ids) for table, said in _OF_ACTES.items()}
    found["retour_piece"] = pieces_of(connection, found["retour"])
    by_acte = {table: _grouped(each, table) for table, each in found.items()}
    for acte in actes:
        if owner := owners.get(acte["collectivite_id"]):
            own = {table: groups[acte["id"]] for table, groups in by_acte.items()}
            own["retour_piece"] = found["retour_piece"]
            yield Dossier(acte, owner, own)


def pieces_of(connection: Connection, retours: Sequence[Row]) -> Sequence[Row]:
    """The documents of some retours, in order."""
    statement = "SELECT * FROM retour_piece WHERE retour_id = ANY(:ids) ORDER BY ordre, id"
    return rows(connection, statement, ids=[row["id"] for row in retours])


def arrivals_of(connection: Connection, retours: Sequence[Row]) -> Mapping[int, Row]:
    """The line of the journal which tells that each retour came, by its number."""
    given = {
        "owners": sorted({row["collectivite_id"] for row in retours}),
        "instants": sorted({row["received_at"] for row in retours}),
    }
    lines = rows(connection, _RECEIVED, **given)
    return {line["details"].get("retour"): line for line in lines}


def rows(connection: Connection, statement: str, **given: Any) -> Sequence[Row]:
    """Every row of a statement, by names of columns."""
    return [dict(row) for row in connection.execute(text(statement), given).mappings()]


def _grouped(found: Sequence[Row], table: str) -> Mapping[int, Sequence[Row]]:
    key = {"retour": "named_by", "retour_piece": "retour_id"}.get(table, "acte_id")
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in found:
        groups[row[key]].append(row)
    return groups
