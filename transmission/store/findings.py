"""What the checks found, in the register: opened, acknowledged, closed, never deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Insert,
    Integer,
    Text,
    bindparam,
    case,
    column,
    exists,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.delays import UsualDelay
from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.lifecycle import State
from transmission.domain.transmission import Author
from transmission.ports.findings import Examined, KeptFinding, Surroundings
from transmission.store.legal import IDS
from transmission.store.queries.checked import surroundings
from transmission.store.queries.delays import usual_delays
from transmission.store.queries.legal_story import first_sent
from transmission.store.queries.standing import IS_ACTE, in_states
from transmission.store.statements import Statement
from transmission.store.tables import transmission
from transmission.store.tables_legal import finding, legal_stale

GONE = "La cause a disparu."
GRAVER = (
    "La gravité a augmenté depuis qu'une personne en a pris acte : une autre alerte est ouverte."
)

_RANKS = {severity.code: rank for rank, severity in enumerate(Severity)}


class Findings:
    """Part of the unit of work; see ``transmission.ports.findings`` for the promises."""

    _connection: Connection

    def surroundings(self, acte_ids: Sequence[int]) -> Mapping[int, Surroundings]:
        return surroundings(self._connection, acte_ids)

    def usual_delays(self) -> Mapping[str, UsualDelay]:
        return usual_delays(self._connection)

    def save_findings(
        self, collectivite_id: int, examined: Examined, findings: Sequence[Finding], now: datetime
    ) -> None:
        found = [_dump(each) for each in sorted(findings, key=lambda each: (each.check, each.key))]
        about: dict[str, Any] = {"owner": collectivite_id, "now": now, "found": found}
        if found:
            _CLOSE_GRAVER.run(self._connection, dict(about))
        scope: dict[str, Any] = {"checks": sorted(examined.checks)}
        if examined.actes is None:
            _CLOSE_GONE.run(self._connection, about | scope)
        else:
            of_some = scope | {"ids": sorted(examined.actes)}
            _CLOSE_GONE_OF_SOME.run(self._connection, about | of_some)
        if found:
            _OPEN.run(self._connection, dict(about))

    def finding(self, finding_id: int) -> KeptFinding:
        row = self._connection.execute(
            select(finding).where(finding.c.id == finding_id)
        ).one_or_none()
        if row is None:
            raise NotFoundError(
                f"Aucune alerte n° {finding_id} n'existe. « transmission check » les liste."
            )
        return KeptFinding(
            id=row.id,
            collectivite_id=row.collectivite_id,
            acte_id=row.acte_id,
            check=row.code,
            severity=Severity.of(row.severity),
            message=row.message,
            acknowledged_at=row.acknowledged_at,
            acknowledged_by=row.acknowledged_by,
            closed_at=row.closed_at,
            closed_reason=row.closed_reason,
        )

    def acknowledge_finding(
        self, finding_id: int, author: Author, at: datetime, *, closing: str | None = None
    ) -> None:
        written = self._connection.execute(
            update(finding)
            .where(
                finding.c.id == finding_id,
                finding.c.acknowledged_at.is_(None),
                finding.c.closed_at.is_(None),
            )
            .values(
                acknowledged_at=at,
                acknowledged_by=author.name,
                acknowledged_reason=author.reason,
                closed_at=None if closing is None else at,
                closed_reason=closing,
            )
        )
        if written.rowcount == 0:
            raise ConflictError(
                f"L'alerte n° {finding_id} vient d'être fermée, ou quelqu'un d'autre vient d'en "
                "prendre acte ; rien n'a changé."
            )

    def mark_silent(self, sent_before: datetime) -> int:
        marking = _marking_silent(sent_before).execution_options(preserve_rowcount=True)
        return self._connection.execute(marking).rowcount


def _dump(found: Finding) -> dict[str, Any]:
    told = asdict(found) | {"severity": found.severity.code, "rank": _RANKS[found.severity.code]}
    told["code"] = told.pop("check")
    # Each authority writes its own alone.
    del told["collectivite_id"]
    return told


_OWNER = bindparam("owner", type_=BigInteger)
_NOW = bindparam("now", type_=DateTime(timezone=True))
_KEPT: dict[str, Any] = {
    "acte_id": BigInteger(),
    "severity": Text(),
    "rule": Text(),
    "article": Text(),
    "message": Text(),
    "remedy": Text(),
    "evidence": JSONB(),
}
_FOUND = (
    func.jsonb_to_recordset(bindparam("found", type_=JSONB))
    .table_valued(
        *(
            column(name, kind)
            for name, kind in ({"code": Text(), "key": Text(), "rank": Integer()} | _KEPT).items()
        )
    )
    .render_derived(name="found_rows", with_types=True)
)
_OPEN_HERE = (finding.c.collectivite_id == _OWNER, finding.c.closed_at.is_(None))
_IS_FOUND = (finding.c.code == _FOUND.c.code, finding.c.key == _FOUND.c.key)


def _closing(reason: str, *which: Any) -> Statement:
    return Statement(
        update(finding)
        .where(*_OPEN_HERE, *which)
        .values(closed_at=_NOW, closed_reason=bindparam("why", reason, type_=Text))
    )


def _opening() -> Statement:
    given = select(
        _OWNER, _NOW, _FOUND.c.code, _FOUND.c.key, *(_FOUND.c[name] for name in _KEPT)
    ).order_by(_FOUND.c.code, _FOUND.c.key)
    names = ["collectivite_id", "opened_at", "code", "key", *_KEPT]
    adding = upsert(finding).from_select(names, given)
    kept = tuple_(*(finding.c[name] for name in _KEPT))
    told = tuple_(*(adding.excluded[name] for name in _KEPT))
    return Statement(
        adding.on_conflict_do_update(
            index_elements=["collectivite_id", "code", "key"],
            index_where=finding.c.closed_at.is_(None),
            set_={name: adding.excluded[name] for name in _KEPT},
            where=kept.is_distinct_from(told),
        )
    )


_EXAMINED = (
    finding.c.code == func.any(bindparam("checks", type_=ARRAY(Text))),
    ~exists().where(*_IS_FOUND).correlate(finding),
)
_CLOSE_GONE = _closing(GONE, *_EXAMINED)
_CLOSE_GONE_OF_SOME = _closing(GONE, *_EXAMINED, finding.c.acte_id == func.any(IDS))
_CLOSE_GRAVER = _closing(
    GRAVER,
    *_IS_FOUND,
    finding.c.acknowledged_at.is_not(None),
    _FOUND.c.rank < case(_RANKS, value=finding.c.severity, else_=len(_RANKS)),
)
_OPEN = _opening()

_MAY_AWAIT = (State.SUBMITTING, State.IN_DOUBT, State.SUBMITTED, State.HELD)
_KNOWN_GRAVE = exists().where(
    finding.c.acte_id == transmission.c.acte_id,
    finding.c.code == "accuse_absent",
    finding.c.severity == Severity.GRAVE.code,
    finding.c.closed_at.is_(None),
)


def _marking_silent(sent_before: datetime) -> Insert:
    return insert(legal_stale).from_select(
        ["collectivite_id", "acte_id"],
        select(transmission.c.collectivite_id, transmission.c.acte_id)
        .where(
            in_states(_MAY_AWAIT),
            IS_ACTE,
            transmission.c.date_reception.is_(None),
            first_sent() < sent_before,
            ~_KNOWN_GRAVE,
        )
        .order_by(transmission.c.id),
    )
