"""What people decided and were given, read back from the journal and from the rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from transmission.domain.transmission import Author, StoredFile
from transmission.store.tables import acte, courrier, journal

CERTIFICATES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate that was given: when, by whom, and its bytes."""

    at: datetime
    author: str
    fonction: str
    nom: str | None
    file: StoredFile


def newest_event(connection: Connection, acte_id: int) -> int:
    """Number of the last row of the journal about an act, 0 without any."""
    newest = select(func.coalesce(func.max(journal.c.id), 0)).where(journal.c.acte_id == acte_id)
    return int(connection.execute(newest).scalar_one())


def was_decided(
    connection: Connection,
    acte_id: int,
    after: int,
    events: Collection[str],
    author: Author,
    details: Mapping[str, Any],
    transmission_id: int | None = None,
) -> bool:
    """Whether somebody did something to an act, for the same reason, since a row of the journal.

    ``events`` are the codes that say it and ``details`` what they must say besides, of one sending
    if it is given: so the same form sent twice is known for what it is.
    """
    found = select(journal.c.id).where(
        journal.c.acte_id == acte_id,
        journal.c.id > after,
        journal.c.event.in_(list(events)),
        journal.c.author == author.name,
        journal.c.reason == author.reason,
        journal.c.details.contains(dict(details)),
    )
    if transmission_id is not None:
        found = found.where(journal.c.transmission_id == transmission_id)
    return connection.execute(found.limit(1)).first() is not None


def acte_of_letter(connection: Connection, courrier_id: int) -> int | None:
    """The act that a letter is about, None when there is no such letter."""
    statement = select(courrier.c.acte_id).where(courrier.c.id == courrier_id)
    return connection.execute(statement).scalar_one_or_none()


def dates_of_decision(connection: Connection, acte_ids: Collection[int]) -> Mapping[int, date]:
    """The day on which each of some acts was adopted."""
    statement = select(acte.c.id, acte.c.date_decision).where(acte.c.id.in_(list(acte_ids)))
    return {row.id: row.date_decision for row in connection.execute(statement)}


def issued_certificates(connection: Connection, acte_id: int) -> Sequence[IssuedCertificate]:
    """The certificates of an act, newest first; the journal has their digest."""
    statement = (
        select(journal)
        .where(journal.c.acte_id == acte_id, journal.c.event == "certified")
        .order_by(journal.c.id.desc())
        .limit(CERTIFICATES_SHOWN)
    )
    return [
        IssuedCertificate(
            at=row.at,
            author=row.author,
            fonction=row.details["fonction"],
            nom=row.details.get("nom"),
            file=StoredFile(row.details["sha256"], row.details["octets"]),
        )
        for row in connection.execute(statement)
    ]
