"""The chain of the journal, recomputed line by line: docs/evidence.md [J1] to [J3]."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from transmission.audit.chain import ZEROS, canonical, line_digest, link_of
from transmission.audit.store_rows import Row, rows
from transmission.domain.audits import Kind, Place, Report

_LINES = (
    "SELECT coalesce(journal.id, journal_link.id) AS id, journal.id AS line, acte_id, "
    "transmission_id, at, event, source, target, author, reason, details, siren, "
    "journal.collectivite_id AS owner, journal_link.collectivite_id AS link_owner, place, link "
    "FROM journal FULL JOIN journal_link ON journal_link.id = journal.id "
    "LEFT JOIN collectivite ON collectivite.id = journal.collectivite_id "
    "WHERE coalesce(journal.id, journal_link.id) > :after "
    "AND coalesce(journal.id, journal_link.id) <= :until ORDER BY 1"
)
_UNTIL = (
    "SELECT max(id) AS until, count(*) AS count FROM "
    "(SELECT id FROM (SELECT id FROM journal WHERE id > :after "
    "UNION SELECT id FROM journal_link WHERE id > :after) AS every ORDER BY id LIMIT :most) AS page"
)
_LINK = "SELECT place, link FROM journal_link WHERE collectivite_id = :owner AND place = :place"


@dataclass(slots=True)
class _Head:
    place: int
    link: bytes


def review_lines(
    report: Report, connection: Connection, after: int, limit: int, owner_id: int | None = None
) -> tuple[int, int | None]:
    """Recompute the links of the next lines; how many there were, and the last one's number.

    With ``owner_id``, only those of one authority are compared.
    """
    (bounds,) = rows(connection, _UNTIL, after=after, most=limit)
    if bounds["until"] is None:
        return 0, None
    (chain,) = rows(connection, "SELECT linked_to FROM chain")
    heads: dict[int, _Head] = {}
    for row in rows(connection, _LINES, after=after, until=bounds["until"]):
        owner = row["owner"] if row["link_owner"] is None else row["link_owner"]
        if owner_id in (None, owner):
            report.subject = row["id"]
            _review_line(report, connection, row, heads, chain["linked_to"])
    return bounds["count"], bounds["until"]


def canonical_line(row: Row) -> bytes:
    """The bytes of a line [J1]."""
    return canonical(
        {
            "id": row["id"],
            "siren": row["siren"],
            "acte": row["acte_id"],
            "transmission": row["transmission_id"],
            "at": written(row["at"]),
            "event": row["event"],
            "source": row["source"],
            "target": row["target"],
            "author": row["author"],
            "reason": row["reason"],
            "details": row["details"],
        }
    )


def written(at: datetime) -> str:
    """An instant as [J1] writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _review_line(
    report: Report, connection: Connection, row: Row, heads: dict[int, _Head], linked_to: int
) -> None:
    place = Place(row["siren"], None, "journal", row["id"])
    if row["link"] is None:
        if row["id"] <= linked_to:
            found = "une ligne glissée parmi celles qui étaient déjà chaînées"
            report.differs(Kind.CHAINE, place, "une ligne chaînée", found)
        return
    owner, number, link = row["link_owner"], row["place"], bytes(row["link"])
    head = heads.get(owner) or _before(connection, owner, number)
    heads[owner] = _Head(number, link)
    report.same(Kind.CHAINE, place.of("place"), head.place + 1, number)
    if row["line"] is None:
        report.differs(Kind.CHAINE, place, f"la ligne n° {row['id']}", "aucune")
        return
    report.same(Kind.CHAINE, place.of("collectivite_id"), owner, row["owner"])
    expected = link_of(head.link, number, line_digest(canonical_line(row)))
    report.same(Kind.CHAINE, place.of("link"), expected.hex(), link.hex())


def _before(connection: Connection, owner: int, number: int) -> _Head:
    if number == 1:
        return _Head(0, ZEROS)
    found: Sequence[Row] = rows(connection, _LINK, owner=owner, place=number - 1)
    return _Head(found[0]["place"], bytes(found[0]["link"])) if found else _Head(-1, ZEROS)
