"""One act: what it is, everything that happened to it, every attempt and every answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from transmission.domain.collectivite import Collectivite
from transmission.domain.lifecycle import State
from transmission.domain.messages import ACTE
from transmission.domain.pdf_signatures import ReadSignatures
from transmission.domain.transmission import AdoptedActe, Piece, StoredFile, Transmission
from transmission.ports.time_stamps import KnownTimeStamp
from transmission.store.queries.letters import Thread, threads_of_acte
from transmission.store.queries.retours import RetourLine, retours_of_acte
from transmission.store.rows import load_acte, load_collectivite, load_piece, load_transmission
from transmission.store.signed_pdf import signatures_of
from transmission.store.tables import acte, attempt, collectivite, journal, piece, transmission
from transmission.store.tables_time_stamps import time_stamp
from transmission.store.time_stamps import is_about, load_time_stamp

JOURNAL_PAGE = 50
ATTEMPTS_PAGE = 20


@dataclass(frozen=True, slots=True)
class JournalLine:
    """Something that happened to an act; ``target`` is where its state went, if it moved.

    ``message`` is the code of the sending that it happened to, None when it was to no sending.
    """

    id: int
    message: str | None
    at: datetime
    event: str
    source: State | None
    target: State | None
    author: str
    reason: str | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """A submission and what came of it; ``outcome`` is None while nothing is known."""

    id: int
    transmission_id: int
    message: str
    number: int
    connector: str
    archive_name: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    detail: str | None
    has_request: bool
    response: StoredFile | None


@dataclass(frozen=True, slots=True)
class Older:
    """Where older pages begin: ids of the journal and of the attempts, None for the newest."""

    events_before: int | None = None
    attempts_before: int | None = None


@dataclass(frozen=True, slots=True)
class ActeStory:
    """All that is known of an act; ``transmissions``, ``threads``, ``events`` and ``attempts`` are
    newest first.

    ``transmissions`` are all that was sent about it, answers and cancellations too. ``reached``
    gives the first instant of each state of the latest sending of the act; ``older`` where the
    next pages begin, None inside when there is none. ``signatures`` are what was found in the PDFs
    as received, each with its sending, newest first.
    """

    acte_id: int
    acte: AdoptedActe
    collectivite: Collectivite
    accepted_at: datetime
    accepted_by: str
    date_mise_en_ligne: date | None
    adresse_publication: str | None
    transmissions: tuple[Transmission, ...]
    threads: tuple[Thread, ...]
    reached: dict[State, datetime]
    events: tuple[JournalLine, ...]
    attempts: tuple[AttemptLine, ...]
    older: Older
    retours: tuple[RetourLine, ...]
    time_stamps: tuple[KnownTimeStamp, ...]
    signatures: tuple[tuple[Transmission, ReadSignatures], ...]

    @property
    def latest(self) -> Transmission:
        """The sending of the act that counts."""
        return self.of_message(ACTE)[0]

    def of_message(self, code: str) -> tuple[Transmission, ...]:
        """What was sent about the act under a message code, newest first."""
        return tuple(sent for sent in self.transmissions if sent.message == code)


def read_story(
    connection: Connection,
    acte_id: int,
    page: Older = Older(),
) -> ActeStory | None:
    """An act and its story, None when there is no such act."""
    row = connection.execute(
        select(acte, collectivite.c.siren, collectivite.c.settings)
        .join(collectivite)
        .where(acte.c.id == acte_id)
    ).one_or_none()
    if row is None:
        return None
    transmissions = transmissions_of_acte(connection, acte_id)
    events, events_before = events_of_acte(connection, acte_id, page.events_before)
    attempts = _attempts(connection, acte_id, page.attempts_before)
    latest = next(sent for sent in transmissions if sent.message == ACTE)
    return ActeStory(
        acte_id=acte_id,
        acte=load_acte(row, pieces_of_acte(connection, acte_id)),
        collectivite=load_collectivite(row.siren, row.settings),
        accepted_at=row.accepted_at,
        accepted_by=row.accepted_by,
        date_mise_en_ligne=row.date_mise_en_ligne,
        adresse_publication=row.adresse_publication,
        transmissions=transmissions,
        threads=threads_of_acte(connection, acte_id, transmissions),
        reached=_reached(connection, latest),
        events=events,
        attempts=tuple(attempts[:ATTEMPTS_PAGE]),
        older=Older(
            events_before,
            attempts[ATTEMPTS_PAGE - 1].id if len(attempts) > ATTEMPTS_PAGE else None,
        ),
        retours=tuple(retours_of_acte(connection, acte_id)),
        time_stamps=time_stamps_of_acte(connection, acte_id),
        signatures=_signatures(connection, transmissions),
    )


def _signatures(
    connection: Connection, sent: Sequence[Transmission]
) -> tuple[tuple[Transmission, ReadSignatures], ...]:
    found = signatures_of(connection, [each.id for each in sent])
    return tuple((each, read) for each in sent for read in found.get(each.id, ()))


def time_stamps_of_acte(connection: Connection, acte_id: int) -> tuple[KnownTimeStamp, ...]:
    """Those of its sendings and of its AR, obtained or not, in their order of asking."""
    statement = select(time_stamp).where(is_about(acte_id)).order_by(time_stamp.c.id)
    return tuple(load_time_stamp(row) for row in connection.execute(statement))


def transmissions_of_acte(connection: Connection, acte_id: int) -> tuple[Transmission, ...]:
    """Every sending of an act, newest first; empty for an unknown act."""
    statement = select(transmission).where(transmission.c.acte_id == acte_id)
    rows = connection.execute(statement.order_by(transmission.c.id.desc()))
    return tuple(load_transmission(row) for row in rows)


def pieces_of_acte(connection: Connection, acte_id: int) -> tuple[Piece, ...]:
    """The files of an act in the order given; empty for an unknown act."""
    statement = select(piece).where(piece.c.acte_id == acte_id).order_by(piece.c.ordre)
    return tuple(load_piece(row) for row in connection.execute(statement))


def _reached(connection: Connection, latest: Transmission) -> dict[State, datetime]:
    statement = (
        select(journal.c.target, func.min(journal.c.at).label("first_at"))
        .where(
            journal.c.acte_id == latest.acte_id,
            journal.c.transmission_id == latest.id,
            journal.c.target.is_not(None),
        )
        .group_by(journal.c.target)
    )
    return {State.of(row.target): row.first_at for row in connection.execute(statement)}


def events_of_acte(
    connection: Connection, acte_id: int, before: int | None = None
) -> tuple[tuple[JournalLine, ...], int | None]:
    """A page of what happened to an act, newest first, and the number before which the next
    begins."""
    found = _events(connection, acte_id, before)
    return tuple(found[:JOURNAL_PAGE]), (
        found[JOURNAL_PAGE - 1].id if len(found) > JOURNAL_PAGE else None
    )


def _events(connection: Connection, acte_id: int, before: int | None) -> list[JournalLine]:
    statement = (
        select(journal, transmission.c.message)
        .outerjoin(transmission, journal.c.transmission_id == transmission.c.id)
        .where(journal.c.acte_id == acte_id)
    )
    if before is not None:
        statement = statement.where(journal.c.id < before)
    rows = connection.execute(statement.order_by(journal.c.id.desc()).limit(JOURNAL_PAGE + 1))
    return [
        JournalLine(
            id=row.id,
            message=row.message,
            at=row.at,
            event=row.event,
            source=State.of(row.source) if row.source else None,
            target=State.of(row.target) if row.target else None,
            author=row.author,
            reason=row.reason,
            details=row.details,
        )
        for row in rows
    ]


def _attempts(connection: Connection, acte_id: int, before: int | None) -> list[AttemptLine]:
    statement = (
        select(attempt, transmission.c.message)
        .join(transmission)
        .where(transmission.c.acte_id == acte_id)
    )
    if before is not None:
        statement = statement.where(attempt.c.id < before)
    rows = connection.execute(statement.order_by(attempt.c.id.desc()).limit(ATTEMPTS_PAGE + 1))
    return [
        AttemptLine(
            id=row.id,
            transmission_id=row.transmission_id,
            message=row.message,
            number=row.number,
            connector=row.connector,
            archive_name=row.archive_name,
            started_at=row.started_at,
            finished_at=row.finished_at,
            outcome=row.outcome,
            detail=row.detail,
            has_request=row.request is not None,
            response=_response(row),
        )
        for row in rows
    ]


def _response(row: Row[Any]) -> StoredFile | None:
    if row.response_sha256 is None:
        return None
    return StoredFile(row.response_sha256, row.response_size)
