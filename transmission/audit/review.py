"""Reread the register and the documents with code that did not write them, a page at a time.

Nothing is changed: each page is one read-only transaction that sees the register at one instant.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy import Connection, Engine

from transmission.audit.store_acte import review_acte, review_publications
from transmission.audit.store_anchors import anchors_after, review_anchor, review_beyond
from transmission.audit.store_attempts import review_attempts
from transmission.audit.store_disposals import is_disposed
from transmission.audit.store_files import Files
from transmission.audit.store_journal import review_lines
from transmission.audit.store_owners import (
    PARENTS,
    authorities_after,
    review_authority,
    review_parent,
)
from transmission.audit.store_retours import review_bytes, review_retours
from transmission.audit.store_rows import (
    Dossier,
    Row,
    actes_after,
    arrivals_of,
    dossiers,
    pieces_of,
    rows,
)
from transmission.audit.store_sealed import sendings_of
from transmission.audit.store_sendings import review_sending
from transmission.audit.store_stamps import review_stamps
from transmission.audit.store_states import review_state
from transmission.domain.audits import Kind, Page, Place, Report, Stage
from transmission.ports import DocumentStore
from transmission.ports.audits import Scope
from transmission.ports.chain import AnchorFolder
from transmission.ports.proof import ProofChecker

_LOOSE = (
    "SELECT retour.*, siren FROM retour JOIN collectivite ON collectivite.id = collectivite_id "
    "WHERE acte_id IS NULL AND retour.id > :after "
    "AND (CAST(:owner AS bigint) IS NULL OR collectivite_id = :owner) "
    "ORDER BY retour.id LIMIT :most"
)
_LINES_FOR_ONE = 20
"""Lines of the journal reread in the time of one act."""


class StoreAuditor:
    """The port ``Auditor`` over an engine that it only reads from, and the stored documents."""

    def __init__(
        self,
        engine: Engine,
        documents: DocumentStore,
        folder: AnchorFolder,
        checker: Callable[[], ProofChecker],
    ) -> None:
        """``checker`` is made when it is first needed, which costs some tenths of a second."""
        self._engine = engine.execution_options(isolation_level="REPEATABLE READ")
        self._documents = documents
        self._files = Files(documents, self._let_go)
        self._folder = folder
        self._make_checker = checker

    @cached_property
    def _checker(self) -> ProofChecker:
        return self._make_checker()

    def fresh(self) -> "StoreAuditor":
        """See the port."""
        return StoreAuditor(self._engine, self._documents, self._folder, self._make_checker)

    def reread(self, stage: Stage, after: int, limit: int, scope: Scope) -> Page:
        """See the port."""
        pages = {
            Stage.OWNERS: self._owners,
            Stage.AUTHORITIES: self._authorities,
            Stage.JOURNAL: self._journal,
            Stage.ANCHORS: self._anchors,
            Stage.RETOURS: self._retours,
            Stage.ACTES: self._actes,
        }
        with self._reading() as connection:
            return pages[stage](Report(), connection, after, limit, scope)

    def count(self, scope: Scope) -> int:
        """See the port."""
        statement = (
            "SELECT count(*) AS many FROM acte "
            "WHERE (CAST(:owner AS bigint) IS NULL OR collectivite_id = :owner)"
        )
        with self._reading() as connection:
            (row,) = rows(connection, statement, owner=scope.owner_id)
        return int(row["many"])

    def _let_go(self, sha256: str) -> bool:
        with self._reading() as connection:
            return is_disposed(connection, self._documents, sha256)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            yield connection

    def _owners(
        self, report: Report, connection: Connection, after: int, limit: int, scope: Scope
    ) -> Page:
        del scope
        end = len(PARENTS) + 1
        last = min(after + limit, end)
        for rank in range(after, last):
            report.subject = rank + 1
            review_parent(report, connection, rank)
        return report.page(last - after, last if last < end else None)

    def _authorities(
        self, report: Report, connection: Connection, after: int, limit: int, scope: Scope
    ) -> Page:
        found = authorities_after(connection, after, limit, scope.owner_id)
        for owner in found:
            report.subject = owner["id"]
            review_authority(report, connection, owner, self._files)
        return report.page(len(found), found[-1]["id"] if len(found) == limit else None)

    def _journal(
        self, report: Report, connection: Connection, after: int, limit: int, scope: Scope
    ) -> Page:
        most = limit * _LINES_FOR_ONE
        count, last = review_lines(report, connection, after, most, scope.owner_id)
        return report.page(count, last if count == most else None)

    def _anchors(
        self, report: Report, connection: Connection, after: int, limit: int, scope: Scope
    ) -> Page:
        del scope
        found = anchors_after(connection, after, limit)
        for row in found:
            report.subject = row["number"]
            review_anchor(report, connection, row, self._folder, self._files, self._checker)
        if len(found) == limit:
            return report.page(len(found), found[-1]["number"])
        last = found[-1]["number"] if found else after
        report.subject = last + 1
        review_beyond(report, self._folder, last)
        return report.page(len(found), None)

    def _retours(
        self, report: Report, connection: Connection, after: int, limit: int, scope: Scope
    ) -> Page:
        found = rows(connection, _LOOSE, after=after, most=limit, owner=scope.owner_id)
        pieces, arrivals = pieces_of(connection, found), arrivals_of(connection, found)
        for retour in found:
            report.subject = retour["id"]
            own = [piece for piece in pieces if piece["retour_id"] == retour["id"]]
            place = Place(retour["siren"])
            arrival = arrivals.get(retour["id"])
            review_bytes(report, place, retour, own, arrival, self._files)
        return report.page(len(found), found[-1]["id"] if len(found) == limit else None)

    def _actes(
        self, report: Report, connection: Connection, after: int, limit: int, scope: Scope
    ) -> Page:
        found = actes_after(connection, after, limit, scope)
        every = list(dossiers(connection, found))
        retours = [row for dossier in every for row in dossier.rows["retour"]]
        arrivals = arrivals_of(connection, retours)
        for dossier in every:
            report.subject = dossier.acte["id"]
            self._review(report, connection, dossier, arrivals)
        return report.page(len(found), found[-1]["id"] if len(found) == limit else None)

    def _review(
        self,
        report: Report,
        connection: Connection,
        dossier: Dossier,
        arrivals: Mapping[int, Row],
    ) -> None:
        review_acte(report, dossier, self._files)
        if not dossier.rows["transmission"]:
            report.differs(Kind.ORPHELIN, dossier.place, "un envoi au moins", "aucun")
        for sending in sendings_of(dossier):
            review_state(report, sending.place, sending.row, sending.lines)
            review_sending(report, sending, self._files, self._checker)
            review_attempts(report, sending, self._files)
        review_retours(report, dossier, arrivals, self._files)
        review_publications(report, dossier, self._files)
        review_stamps(report, connection, dossier, self._files, self._checker)
