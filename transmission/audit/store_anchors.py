"""Anchors: rows, files of their folder, links and tokens agree. docs/evidence.md [A1] to [A4]."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from hashlib import sha256

from sqlalchemy import Connection, text

from transmission.audit.chain import ZEROS, ContractError, Header, read_header, read_part, tree_root
from transmission.audit.store_files import Files
from transmission.audit.store_rows import Row, rows
from transmission.audit.store_stamps import anchor_stamps, review_token
from transmission.domain.audits import Kind, Place, Report
from transmission.domain.errors import TransmissionError
from transmission.ports.chain import AnchorFolder
from transmission.ports.proof import ProofChecker

_AFTER = "SELECT * FROM anchor WHERE number > :after ORDER BY number LIMIT :most"
_PARTS = (
    "SELECT anchor_part.*, siren FROM anchor_part LEFT JOIN collectivite "
    "ON collectivite.id = collectivite_id WHERE anchor = :number ORDER BY rank"
)
_PART_BEFORE = (
    "SELECT last FROM anchor_part WHERE collectivite_id = :owner AND first < :first "
    "ORDER BY first DESC LIMIT 1"
)
_LINKS = (
    "SELECT link FROM journal_link WHERE collectivite_id = :owner "
    "AND place BETWEEN :first AND :last ORDER BY place"
)


def anchors_after(connection: Connection, after: int, limit: int) -> Sequence[Row]:
    """The next anchors, in order."""
    return rows(connection, _AFTER, after=after, most=limit)


def review_anchor(
    report: Report,
    connection: Connection,
    row: Row,
    folder: AnchorFolder,
    files: Files,
    checker: ProofChecker,
) -> None:
    """Compare an anchor with the one before, with the links that it covers and with its files."""
    number, raw = row["number"], bytes(row["header"])
    place = Place(table="anchor", row=number)
    parts = rows(connection, _PARTS, number=number)
    try:
        _review_header(report, connection, place, row, read_header(raw), parts)
    except ContractError as error:
        report.differs(Kind.ANCRE, place.of("header"), "un en-tête d'ancre", error)
    for rank, part in enumerate(parts):
        _review_part(report, connection, place, rank, part)
    token = None
    for stamp in anchor_stamps(connection, number):
        where = place.at("time_stamp", stamp["id"])
        digest = sha256(raw).hexdigest()
        report.same(Kind.HORODATAGE, where.of("sha256"), digest, stamp["sha256"])
        token = review_token(report, where, stamp, files, checker) or token
    content = b"[" + b",".join(bytes(part["content"]) for part in parts) + b"]"
    expected = {".json": raw, ".parts.json": content, ".tsr": token}
    _review_files(report, folder, place, number, expected)


def review_beyond(report: Report, folder: AnchorFolder, last: int) -> None:
    """Tell the files of anchors that the register has no row of."""
    try:
        names = sorted(folder.names())
    except (OSError, TransmissionError) as error:
        report.could_not_read(Place(table="anchor", file=folder.place), error)
        return
    for name in names:
        number = name.partition(".")[0]
        if number.isdecimal() and int(number) > last:
            report.differs(Kind.ANCRE, Place(table="anchor", file=name), "une ancre", "aucune")


def _review_header(
    report: Report,
    connection: Connection,
    place: Place,
    row: Row,
    header: Header,
    parts: Sequence[Row],
) -> None:
    where = place.of("number, at, day")
    told = (header.number, header.at, header.at.astimezone(UTC).date())
    report.same(Kind.ANCRE, where, told, (row["number"], row["at"], row["day"]))
    before = rows(connection, "SELECT header FROM anchor WHERE number = :n", n=row["number"] - 1)
    previous = sha256(bytes(before[0]["header"])).digest() if before else ZEROS
    report.same(Kind.ANCRE, place.of("header"), previous.hex(), header.previous.hex())
    contents = [bytes(part["content"]) for part in parts]
    root = tree_root(contents)
    where = place.at("anchor_part", None, "content")
    told_parts = (header.parts, header.root.hex())
    report.same(Kind.ANCRE, where, told_parts, (len(contents), root.hex()))
    sirens = [part["siren"] for part in parts]
    report.same(Kind.ANCRE, where, sorted(set(sirens)), sirens)


def _review_part(
    report: Report, connection: Connection, anchor: Place, rank: int, row: Row
) -> None:
    place = Place(row["siren"], None, "anchor_part", anchor.row)
    try:
        part = read_part(bytes(row["content"]))
    except ContractError as error:
        report.differs(Kind.ANCRE, place.of("content"), "une part d'ancre", error)
        return
    before = rows(connection, _PART_BEFORE, owner=row["collectivite_id"], first=row["first"])
    told = (part.siren, part.first, part.last, rank, before[0]["last"] + 1 if before else 1)
    own = (row["siren"], row["first"], row["last"], row["rank"], row["first"])
    report.same(Kind.ANCRE, place.of("collectivite_id, first, last, rank"), told, own)
    links = _Counted(_links(connection, row["collectivite_id"], part.first, part.last))
    root = tree_root(links)
    expected = (part.size, part.root.hex(), part.head.hex())
    found = (links.count, root.hex(), links.last.hex())
    report.same(Kind.ANCRE, place.of("content"), expected, found)


class _Counted:
    """Links as they go by: how many, and the last one."""

    def __init__(self, links: Iterator[bytes]) -> None:
        self._links = links
        self.count = 0
        self.last = b""

    def __iter__(self) -> Iterator[bytes]:
        for link in self._links:
            self.count += 1
            self.last = link
            yield link


def _links(connection: Connection, owner: int, first: int, last: int) -> Iterator[bytes]:
    given = {"owner": owner, "first": first, "last": last}
    options = {"yield_per": 10_000}
    for row in connection.execute(text(_LINKS), given, execution_options=options):
        yield bytes(row.link)


def _review_files(
    report: Report,
    folder: AnchorFolder,
    place: Place,
    number: int,
    expected: dict[str, bytes | None],
) -> None:
    for end, content in expected.items():
        name = f"{number:06d}{end}"
        where = place.named(name)
        try:
            found = folder.read(name) if name in folder.names() else None
        except (OSError, TransmissionError) as error:
            report.could_not_read(where, error)
            continue
        if content != found and (content is not None or end != ".tsr"):
            report.differs(Kind.ANCRE, where, _digest(content), _digest(found))


def _digest(content: bytes | None) -> str:
    return "aucun fichier" if content is None else f"un contenu {sha256(content).hexdigest()}"
