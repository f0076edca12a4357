"""What the last looks at publications found, for those who check and those who show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, true

from transmission.domain.publication import PublishedCopy, Verdict
from transmission.domain.transmission import StoredFile
from transmission.store.publications import TRIES, last_look, load_copy
from transmission.store.tables_legal import publication_check, published_copy


@dataclass(frozen=True, slots=True, kw_only=True)
class LookLine:
    """A look at a publication: ``file`` is what answered, ``proof`` what is kept of the answer.

    ``tries`` counts the looks in a row, up to this one, that said nothing.
    """

    id: int
    at: datetime
    verdict: Verdict
    file: StoredFile | None
    detail: str | None
    proof: dict[str, Any]
    tries: int


@dataclass(frozen=True, slots=True)
class PublicationState:
    """A publication that is current, and the last look at it."""

    copy: PublishedCopy
    last: LookLine


@dataclass(frozen=True, slots=True)
class PublicationStory:
    """A publication from its beginning to its end, if it ended, and the newest looks at it."""

    copy: PublishedCopy
    withdrawn_at: datetime | None
    withdrawn_reason: str | None
    looks: tuple[LookLine, ...]


def faulty_publications(
    connection: Connection, collectivite_id: int, acte_id: int | None = None
) -> Sequence[PublicationState]:
    """Publications of an authority, or of one of its acts, that the last look found not conform.

    One that nobody has looked at yet is not among them; one that could not be reached is, with
    ``Verdict.INJOIGNABLE``: nothing is known of it.
    """
    last = last_look(published_copy.c.id, "last")
    looked = [last.c[column.name].label(f"last_{column.name}") for column in publication_check.c]
    statement = (
        select(published_copy, *looked)
        .join(last, true())
        .where(
            published_copy.c.collectivite_id == collectivite_id,
            published_copy.c.withdrawn_at.is_(None),
            last.c.outcome != Verdict.CONFORME.code,
        )
        .order_by(published_copy.c.date_mise_en_ligne, published_copy.c.id)
    )
    if acte_id is not None:
        statement = statement.where(published_copy.c.acte_id == acte_id)
    rows = connection.execute(statement)
    return [PublicationState(load_copy(row), _look(row, "last_")) for row in rows]


def current_publication(connection: Connection, acte_id: int) -> PublishedCopy | None:
    """What is on line of an act, None when nothing is."""
    current = published_copy.c.withdrawn_at.is_(None)
    found = select(published_copy).where(published_copy.c.acte_id == acte_id, current)
    row = connection.execute(found).one_or_none()
    return None if row is None else load_copy(row)


def publications_of(connection: Connection, acte_id: int) -> Sequence[PublicationStory]:
    """Everything that was ever put on line of an act, newest first."""
    statement = (
        select(published_copy)
        .where(published_copy.c.acte_id == acte_id)
        .order_by(published_copy.c.id.desc())
    )
    return [
        PublicationStory(
            load_copy(row), row.withdrawn_at, row.withdrawn_reason, looks_at(connection, row.id)
        )
        for row in connection.execute(statement)
    ]


def looks_at(connection: Connection, copy_id: int, limit: int = 100) -> tuple[LookLine, ...]:
    """The looks at a publication, newest first: its daily proof."""
    statement = (
        select(publication_check)
        .where(publication_check.c.published_copy_id == copy_id)
        .order_by(publication_check.c.id.desc())
        .limit(limit)
    )
    return tuple(map(_look, connection.execute(statement)))


def _look(row: Row[Any], prefix: str = "") -> LookLine:
    found = {column.name: getattr(row, prefix + column.name) for column in publication_check.c}
    sha256 = found["sha256"]
    return LookLine(
        id=found["id"],
        at=found["at"],
        verdict=Verdict.of(found["outcome"]),
        file=None if sha256 is None else StoredFile(sha256, found["size"]),
        detail=found["detail"],
        proof=found["proof"],
        tries=found["proof"].get(TRIES, 0),
    )
