"""What the rows of an authority say together: numbers, counters, versions; and lost parents."""

from collections.abc import Sequence

from sqlalchemy import Connection

from transmission.audit.messages import UnreadableMessageError
from transmission.audit.store_files import Files
from transmission.audit.store_message import read_told
from transmission.audit.store_rows import Row, rows
from transmission.domain.audits import Kind, Place, Report

_SHOWN = 100
PARENTS = (
    ("acte", "collectivite_id", "collectivite"),
    ("piece", "acte_id", "acte"),
    ("transmission", "acte_id", "acte"),
    ("transmission", "retour_id", "retour"),
    ("transmission", "courrier_id", "courrier"),
    ("attempt", "transmission_id", "transmission"),
    ("answer_piece", "transmission_id", "transmission"),
    ("retour", "collectivite_id", "collectivite"),
    ("retour", "acte_id", "acte"),
    ("retour", "transmission_id", "transmission"),
    ("retour", "parent_id", "retour"),
    ("retour_piece", "retour_id", "retour"),
    ("courrier", "acte_id", "acte"),
    ("courrier", "retour_id", "retour"),
    ("journal", "collectivite_id", "collectivite"),
    ("journal", "acte_id", "acte"),
    ("journal", "transmission_id", "transmission"),
    ("published_copy", "acte_id", "acte"),
    ("classification", "collectivite_id", "collectivite"),
)
"""Rows that must not be without the row that they name: table, column, table named."""

_LOST_STAMPS = (
    "SELECT id, kind, subject_id FROM time_stamp WHERE NOT CASE kind "  # noqa: S608 - constants
    "WHEN 'seal' THEN EXISTS (SELECT FROM transmission WHERE id = subject_id) "
    "WHEN 'ar' THEN EXISTS (SELECT FROM retour WHERE id = subject_id) "
    "WHEN 'anchor' THEN collectivite_id IS NULL "
    "AND EXISTS (SELECT FROM anchor WHERE number = subject_id) "
    f"ELSE false END ORDER BY id LIMIT {_SHOWN}"
)
_TWICE = (
    "SELECT enveloppe AS name, max(id) AS id FROM transmission WHERE collectivite_id = :owner "
    "AND enveloppe IS NOT NULL GROUP BY enveloppe HAVING count(*) > 1 ORDER BY 1"
)
_OF_TWO_ACTS = (
    "SELECT upper(id_acte) AS name, max(id) AS id FROM transmission WHERE collectivite_id = :owner "
    "AND message = '1-1' AND attempts > 0 GROUP BY 1 HAVING count(DISTINCT acte_id) > 1 ORDER BY 1"
)
_BEYOND = (
    "SELECT made.day, used, last FROM (SELECT split_part(enveloppe, '-', 5) AS day, "
    "max(CAST(split_part(enveloppe, '-', 6) AS integer)) AS used FROM transmission "
    "WHERE collectivite_id = :owner AND enveloppe ~ '^[A-Z]{4}--[0-9]{9}--[0-9]{8}-[0-9]{1,9}$' "
    "GROUP BY 1) AS made LEFT JOIN enveloppe_counter ON collectivite_id = :owner "
    "AND to_char(enveloppe_counter.day, 'YYYYMMDD') = made.day "
    "WHERE last IS NULL OR last < used OR last > 9999 ORDER BY 1"
)


def review_parent(report: Report, connection: Connection, rank: int) -> None:
    """Tell the rows whose parent is gone, for one of ``PARENTS`` (by rank, from 0); after the
    last, the time stamps that are about nothing."""
    if rank == len(PARENTS):
        _review_stamps(report, connection)
        return
    table, column, parent = PARENTS[rank]
    statement = (
        f"SELECT child.id, child.{column} AS lost FROM {table} AS child "  # noqa: S608 - constants
        f"LEFT JOIN {parent} AS parent ON parent.id = child.{column} "
        f"WHERE child.{column} IS NOT NULL AND parent.id IS NULL ORDER BY 1 LIMIT {_SHOWN}"
    )
    for row in rows(connection, statement):
        place = Place(table=table, row=row["id"], column=column)
        report.differs(Kind.ORPHELIN, place, f"{parent} n° {row['lost']}", "aucune ligne")


def _review_stamps(report: Report, connection: Connection) -> None:
    for row in rows(connection, _LOST_STAMPS):
        place = Place(table="time_stamp", row=row["id"], column="kind, subject_id")
        subject = f"{row['kind']} n° {row['subject_id']}"
        report.differs(Kind.ORPHELIN, place, subject, "aucune ligne")


def authorities_after(
    connection: Connection, after: int, limit: int, owner_id: int | None = None
) -> Sequence[Row]:
    """The next authorities, or one."""
    statement = (
        "SELECT * FROM collectivite WHERE id > :after "
        "AND (CAST(:owner AS bigint) IS NULL OR id = :owner) ORDER BY id LIMIT :most"
    )
    return rows(connection, statement, after=after, owner=owner_id, most=limit)


def review_authority(report: Report, connection: Connection, owner: Row, files: Files) -> None:
    """Compare the numbers that an authority used with each other and with its counters, and the
    files that belong to no act with their digests."""
    place = Place(owner["siren"])
    for column, statement in (("enveloppe", _TWICE), ("id_acte", _OF_TWO_ACTS)):
        for row in rows(connection, statement, owner=owner["id"]):
            where = place.at("transmission", row["id"], column)
            report.differs(Kind.NUMERO, where, "un seul emploi", f"{row['name']} deux fois")
    for row in rows(connection, _BEYOND, owner=owner["id"]):
        where = place.at("enveloppe_counter", None, "last")
        report.differs(Kind.NUMERO, where, f"{row['used']} le {row['day']}", row["last"])
    _review_classifications(report, connection, place, owner, files)
    seances = "SELECT * FROM seance WHERE collectivite_id = :owner ORDER BY id"
    for row in rows(connection, seances, owner=owner["id"]):
        files.check(report, place.at("seance", row["id"]), row["sha256"], row["size"])


def _review_classifications(
    report: Report, connection: Connection, place: Place, owner: Row, files: Files
) -> None:
    statement = "SELECT * FROM classification WHERE collectivite_id = :owner ORDER BY id"
    for row in rows(connection, statement, owner=owner["id"]):
        where = place.at("classification", row["id"])
        raw = files.read(report, where, row["sha256"], row["size"])
        if raw is None:
            continue
        try:
            told = read_told(raw).version
        except UnreadableMessageError as error:
            report.differs(Kind.RETOUR, where, "une classification lisible", error)
            continue
        column = where.of("date_classification")
        report.same(Kind.RETOUR, column, told, str(row["date_classification"]))
