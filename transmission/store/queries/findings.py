"""What the compliance checks found: lists for people, counts for filters, one act's own.

The open ones are in an index of their own, so every list goes through those alone; they are listed
the gravest first, then the newest.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    func,
    or_,
    select,
)

from transmission.domain.legal.findings import Severity
from transmission.store.queries.standing import owned
from transmission.store.tables import acte, collectivite
from transmission.store.tables_legal import finding

FINDINGS_PAGE = 30
FINDINGS_CEILING = 5000
"""Open findings beyond which they are no longer counted one by one."""
CLOSED_SHOWN = 20

_CURSOR = re.compile(r"(?P<rank>[0-9])-(?P<id>[0-9]{1,18})")
_RANKS = {severity.code: rank for rank, severity in enumerate(Severity)}
_rank = case(_RANKS, value=finding.c.severity, else_=len(_RANKS))


@dataclass(frozen=True, slots=True)
class WantedFindings:
    """What to list: None is for all. ``seen`` is whether somebody acknowledged them."""

    severity: Severity | None = None
    check: str | None = None
    siren: str | None = None
    seen: bool | None = None


@dataclass(frozen=True, slots=True)
class FindingCursor:
    """The last finding of a page: the rank of its severity and its number."""

    rank: int
    id: int

    def __str__(self) -> str:
        return f"{self.rank}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The reverse of ``str``. Raises ValueError."""
        match = _CURSOR.fullmatch(text)
        if not match:
            raise ValueError(f"not a cursor: {text!r}")
        return cls(int(match["rank"]), int(match["id"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """A finding as it is kept, with its act, None when it is about none, and its authority.

    ``evidence`` is pairs (French label, value). Instants are aware UTC. ``rule`` is an id of the
    rules, None for a technical check.
    """

    id: int
    check: str
    key: str
    severity: Severity
    rule: str | None
    article: str
    message: str
    remedy: str
    evidence: tuple[tuple[str, str], ...]
    opened_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    acknowledged_reason: str | None
    closed_at: datetime | None
    closed_reason: str | None
    acte_id: int | None
    numero_interne: str | None
    objet: str | None
    siren: str
    collectivite: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class FindingPage:
    """Some findings in order, and where the next page begins, if there is one."""

    lines: tuple[FindingLine, ...]
    following: FindingCursor | None


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How many open findings of one check and one severity were acknowledged, or not."""

    severity: Severity
    check: str
    seen: bool
    count: int


@dataclass(frozen=True, slots=True)
class FindingCounts:
    """Counts of open findings; ``capped`` when there are more than the ceiling, and the others are
    not counted."""

    counts: tuple[FindingCount, ...]
    capped: bool = False


def open_findings(
    connection: Connection,
    wanted: WantedFindings = WantedFindings(),
    after: FindingCursor | None = None,
    limit: int = FINDINGS_PAGE,
) -> FindingPage:
    """A page of the open findings, the gravest first, then the newest."""
    statement = _lines().where(finding.c.closed_at.is_(None), *_wanted(wanted))
    if after is not None:
        beyond = and_(_rank == after.rank, finding.c.id < after.id)
        statement = statement.where(or_(_rank > after.rank, beyond))
    rows = connection.execute(statement.order_by(_rank, finding.c.id.desc()).limit(limit + 1)).all()
    lines = tuple(_line(row) for row in rows[:limit])
    if len(rows) <= limit:
        return FindingPage(lines, None)
    return FindingPage(lines, FindingCursor(_RANKS[lines[-1].severity.code], lines[-1].id))


def every_finding(
    connection: Connection, wanted: WantedFindings = WantedFindings(), batch: int = 1000
) -> Iterator[FindingLine]:
    """The open findings in the order of their pages, read ``batch`` at a time."""
    after: FindingCursor | None = None
    while True:
        page = open_findings(connection, wanted, after, batch)
        yield from page.lines
        after = page.following
        if after is None:
            return


def finding_counts(connection: Connection, siren: str | None = None) -> FindingCounts:
    """How many findings are open, of one authority or of all, by severity and check."""
    some = (
        select(
            finding.c.severity, finding.c.code, finding.c.acknowledged_at.is_not(None).label("seen")
        )
        .where(finding.c.closed_at.is_(None), *owned(finding, siren))
        .limit(FINDINGS_CEILING + 1)
        .subquery()
    )
    rows = connection.execute(
        select(some.c.severity, some.c.code, some.c.seen, func.count().label("found")).group_by(
            some.c.severity, some.c.code, some.c.seen
        )
    ).all()
    counts = [FindingCount(Severity.of(row[0]), row[1], row[2], row[3]) for row in rows]
    counts.sort(key=lambda each: (_RANKS[each.severity.code], each.check, each.seen))
    return FindingCounts(tuple(counts), sum(each.count for each in counts) > FINDINGS_CEILING)


def findings_of_acte(connection: Connection, acte_id: int) -> Sequence[FindingLine]:
    """The findings of an act: every open one, the gravest first, then the last closed ones."""
    mine = _lines().where(finding.c.acte_id == acte_id)
    opened = mine.where(finding.c.closed_at.is_(None)).order_by(_rank, finding.c.id.desc())
    closed = mine.where(finding.c.closed_at.is_not(None)).order_by(finding.c.id.desc())
    found = [*connection.execute(opened), *connection.execute(closed.limit(CLOSED_SHOWN))]
    return [_line(row) for row in found]


def findings_by_number(connection: Connection, ids: Collection[int]) -> Mapping[int, FindingLine]:
    """Some findings, open or not, by number; those that do not exist are left out."""
    rows = connection.execute(_lines().where(finding.c.id.in_(list(ids))))
    return {row.id: _line(row) for row in rows}


def _wanted(wanted: WantedFindings) -> list[ColumnElement[bool]]:
    conditions = [*owned(finding, wanted.siren)]
    if wanted.severity is not None:
        conditions.append(finding.c.severity == wanted.severity.code)
    if wanted.check is not None:
        conditions.append(finding.c.code == wanted.check)
    if wanted.seen is not None:
        acknowledged = finding.c.acknowledged_at
        conditions.append(acknowledged.is_not(None) if wanted.seen else acknowledged.is_(None))
    return conditions


def _lines() -> Select[Any]:
    columns = (
        finding,
        acte.c.numero_interne,
        acte.c.objet,
        collectivite.c.siren,
        collectivite.c.settings["nom"].astext.label("nom"),
        collectivite.c.settings["time_zone"].astext.label("time_zone"),
    )
    tables = finding.join(collectivite, finding.c.collectivite_id == collectivite.c.id)
    return select(*columns).select_from(tables.outerjoin(acte, finding.c.acte_id == acte.c.id))


def _line(row: Row[Any]) -> FindingLine:
    return FindingLine(
        id=row.id,
        check=row.code,
        key=row.key,
        severity=Severity.of(row.severity),
        rule=row.rule,
        article=row.article,
        message=row.message,
        remedy=row.remedy,
        evidence=tuple((str(label), str(value)) for label, value in row.evidence),
        opened_at=row.opened_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_reason=row.acknowledged_reason,
        closed_at=row.closed_at,
        closed_reason=row.closed_reason,
        acte_id=row.acte_id,
        numero_interne=row.numero_interne,
        objet=row.objet,
        siren=row.siren,
        collectivite=row.nom,
        time_zone=row.time_zone,
    )
