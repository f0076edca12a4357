"""The numbers of the acts of an authority by nature and year, and the files of several numbers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    cast,
    func,
    or_,
    select,
    text,
    true,
)

from transmission.domain.legal.checks_fichier import SentFile
from transmission.domain.legal.checks_serie import NumberedActe, Numbering
from transmission.domain.lifecycle import State
from transmission.store.queries.listed import left
from transmission.store.queries.sittings import is_replaced
from transmission.store.queries.standing import IS_ACTE, in_states
from transmission.store.rows import nature_of
from transmission.store.tables import acte, piece, transmission
from transmission.store.tables_legal import finding, seance, seance_acte

SAME_FILE_MOST = 30
"""Acts told of one document."""


def numberings(
    connection: Connection, authority_id: int, years: Collection[int], today: date
) -> Sequence[Numbering]:
    """The numbers of each nature in each of some years, as read on ``today``."""
    found: list[Numbering] = []
    for year in sorted(years):
        found += _of_year(connection, authority_id, year, today)
    return found


def _of_year(
    connection: Connection, authority_id: int, year: int, today: date
) -> Sequence[Numbering]:
    by_nature: dict[int, list[NumberedActe]] = defaultdict(list)
    also = set(connection.execute(_listed(authority_id, year)).scalars())
    for row in connection.execute(_numbered(authority_id, year)):
        numbered = NumberedActe(row.id, row.numero_interne, row.date_decision, row.over)
        by_nature[row.nature].append(numbered)
        also.update(row.sent_as or ())
    return [
        Numbering(
            collectivite_id=authority_id,
            nature=nature_of(nature),
            year=year,
            today=today,
            actes=tuple(actes),
            elsewhere=frozenset(also | _of_others(by_nature, nature)),
        )
        for nature, actes in sorted(by_nature.items())
    ]


def _of_others(by_nature: Mapping[int, Sequence[NumberedActe]], nature: int) -> set[str]:
    others = (actes for other, actes in by_nature.items() if other != nature)
    return {each.numero for actes in others for each in actes}


def years_of_findings(
    connection: Connection, authority_id: int, checks: Collection[str]
) -> frozenset[int]:
    """The years that the open findings of some checks of numberings are about."""
    about = select(cast(func.split_part(finding.c.key, ":", 3), Integer)).where(
        finding.c.collectivite_id == authority_id,
        finding.c.code.in_(checks),
        finding.c.closed_at.is_(None),
    )
    return frozenset(connection.execute(about.distinct()).scalars())


def same_files(connection: Connection, authority_id: int) -> Sequence[SentFile]:
    """The acts that left, of which the main document is that of an act of another number."""
    return [SentFile(*row) for row in connection.execute(_same_files(authority_id))]


def _of(year: int, day: Column[date]) -> ColumnElement[bool]:
    return and_(day >= date(year, 1, 1), day < date(year + 1, 1, 1))


def _listed(authority_id: int, year: int) -> Select[Any]:
    """The numbers on the lists that count."""
    return (
        select(seance_acte.c.numero_interne)
        .join(seance, seance.c.id == seance_acte.c.seance_id)
        .where(seance.c.collectivite_id == authority_id, ~is_replaced(seance))
        .where(_of(year, seance.c.date_seance))
    )


def _numbered(authority_id: int, year: int) -> Select[Any]:
    """The acts of a year, and the other numbers that they were sent under."""
    sent_as = func.split_part(transmission.c.id_acte, "-", 4)
    refused = and_(in_states([State.REJECTED]), transmission.c.date_reception.is_(None))
    over = func.bool_and(or_(refused, in_states([State.CANCELLED])))
    return (
        select(
            acte.c.id,
            acte.c.nature,
            acte.c.date_decision,
            acte.c.numero_interne,
            over.label("over"),
            func.array_agg(sent_as).filter(sent_as != acte.c.numero_interne).label("sent_as"),
        )
        .join(transmission, and_(transmission.c.acte_id == acte.c.id, IS_ACTE))
        .where(acte.c.collectivite_id == authority_id, _of(year, acte.c.date_decision))
        .group_by(acte.c.id)
    )


def _same_files(authority_id: int) -> Select[Any]:
    """Digests first, over all the acts of the authority; then what left, of those few."""
    main = piece.join(acte, and_(acte.c.id == piece.c.acte_id, piece.c.ordre == 1))
    numero = acte.c.numero_interne
    same = (
        select(piece.c.sha256, func.array_agg(acte.c.id).label("ids"))
        .select_from(main)
        .where(acte.c.collectivite_id == authority_id)
        .group_by(piece.c.sha256)
        .having(func.min(numero) != func.max(numero))
        .cte("same")
    )
    # Only the newest of each: many acts may be the same file.
    newest = (
        select(func.unnest(same.c.ids).label("id"))
        .correlate(same)
        .order_by(text("1 DESC"))
        .limit(SAME_FILE_MOST)
        .lateral("newest")
    )
    sent = select(transmission.c.id).where(transmission.c.acte_id == acte.c.id, left()).exists()
    return (
        select(acte.c.id, acte.c.collectivite_id, numero, acte.c.date_decision, same.c.sha256)
        .select_from(same.join(newest, true()).join(acte, acte.c.id == newest.c.id))
        .where(sent)
        .order_by(same.c.sha256, acte.c.id)
    )
