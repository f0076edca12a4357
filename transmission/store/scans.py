"""What an antivirus said of contents, by their digest."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from transmission.domain.transmission import StoredFile
from transmission.ports.scans import ArrivedFile, KeptScan, Verdict
from transmission.store.tables import retour, retour_piece
from transmission.store.tables_protection import scan


def is_infected(connection: Connection, sha256: str) -> bool:
    """Whether a virus was recognised in a content, by the last look at it."""
    latest = select(scan.c.verdict).where(scan.c.sha256 == sha256).order_by(scan.c.at.desc())
    return connection.execute(latest.limit(1)).scalar() == Verdict.FOUND.code


class Scans:
    """Part of the unit of work; see ``transmission.ports.scans`` for the promises."""

    _connection: Connection

    def scans_of(self, digests: Collection[str]) -> Mapping[str, KeptScan]:
        rows = self._connection.execute(
            select(scan)
            .ext(distinct_on(scan.c.sha256))
            .where(scan.c.sha256.in_(sorted(digests)))
            .order_by(scan.c.sha256, scan.c.at.desc())
        )
        return {
            row.sha256: KeptScan(Verdict.of(row.verdict), row.detail, row.base, row.at)
            for row in rows
        }

    def keep_scan(self, sha256: str, kept: KeptScan) -> None:
        looked = {
            "verdict": kept.verdict.code,
            "detail": kept.detail,
            "at": kept.at,
        }
        adding = insert(scan).values(sha256=sha256, base=kept.base, **looked)
        self._connection.execute(
            adding.on_conflict_do_update(index_elements=[scan.c.sha256, scan.c.base], set_=looked)
        )

    def arrived_unscanned(self, since: datetime, limit: int) -> Sequence[ArrivedFile]:
        looked_at = select(scan.c.sha256).where(scan.c.sha256 == retour_piece.c.sha256).exists()
        statement = (
            select(retour_piece, retour.c.received_at)
            .join(retour)
            .where(retour.c.received_at >= since, ~looked_at)
            .order_by(retour.c.id)
            .limit(limit)
        )
        return [
            ArrivedFile(StoredFile(row.sha256, row.size), row.retour_id, row.nom_fichier)
            for row in self._connection.execute(statement)
        ]
