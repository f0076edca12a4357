"""What the register holds around some acts, for their checks: a handful of statements for all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Text, and_, bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from transmission.domain.legal.checked import Accuse, Letter, Sending
from transmission.domain.legal.mise_en_ligne import Publicised, Seen
from transmission.domain.lifecycle import Event, State
from transmission.domain.messages import ACTE, ANSWERS
from transmission.domain.publication import Verdict
from transmission.domain.retours import EchoDifference
from transmission.domain.transmission import RetourStatus
from transmission.ports.findings import Surroundings
from transmission.store.legal import IDS
from transmission.store.queries.legal import letter_events
from transmission.store.queries.legal_story import LegalStory, first_sent, stories_for
from transmission.store.statements import Reading
from transmission.store.tables import (
    acte,
    classification,
    collectivite,
    courrier,
    journal,
    piece,
    retour,
    transmission,
)
from transmission.store.tables_legal import publication_check, published_copy

_OVER = (State.REJECTED.code, State.CANCELLED.code)
_ANSWERING = frozenset(answer for answers in ANSWERS.values() for answer in answers)
NOT_KEPT = "non conservée"
"""Digest of an AR of which the register has the date alone."""


def surroundings(connection: Connection, acte_ids: Sequence[int]) -> Mapping[int, Surroundings]:
    """What is around some acts; every act asked for is there."""
    ids = {"ids": list(acte_ids)}
    sendings, letters = _sendings(connection, ids), _letters(connection, ids)
    publications = _publications(connection, ids)
    return {
        acte_id: Surroundings(
            tuple(sendings.get(acte_id, ())),
            tuple(letters.get(acte_id, ())),
            tuple(publications.get(acte_id, ())),
        )
        for acte_id in acte_ids
    }


def _sendings(connection: Connection, ids: dict[str, Any]) -> Mapping[int, list[Sending]]:
    rows = _SENDINGS.rows(connection, ids)
    accuses = defaultdict(list)
    for row in _ACCUSES.rows(connection, ids):
        accuses[row.transmission_id].append(row)
    held = _classifications(connection, rows)
    found = defaultdict(list)
    for row in rows:
        found[row.acte_id].append(_sending(row, accuses[row.id], held[row.collectivite_id]))
    return found


def _sending(row: Any, accuses: Sequence[Any], held: Sequence[tuple[date, datetime]]) -> Sending:
    sent_at = row.sent_at
    known = [version for version, since in held if sent_at is not None and since <= sent_at]
    return Sending(
        id=row.id,
        id_acte=row.id_acte,
        tdt=row.tdt,
        sent_at=sent_at,
        over=_is_over(row),
        date_classification=row.version,
        newest_classification=max(known, default=None),
        accuses=tuple(_accuses(row, accuses)),
    )


def _is_over(row: Any) -> bool:
    if row.state == State.REJECTED.code:
        return row.date_reception is None
    return bool(row.state == State.CANCELLED.code)


def _accuses(row: Any, accuses: Sequence[Any]) -> Iterable[Accuse]:
    """The AR of a sending, oldest first.

    The register has what an AR calls the act where it took the date of that AR; another one was
    found to be about the act by that very name.
    """
    dates = {each.date_reception for each in accuses}
    if row.date_reception is not None and row.date_reception not in dates:
        yield Accuse(date_reception=row.date_reception, id_acte=row.id_acte, sha256=NOT_KEPT)
    for each in accuses:
        yield Accuse(
            date_reception=each.date_reception,
            id_acte=each.id_acte or row.id_acte,
            sha256=each.sha256,
            taken_at=each.received_at,
            differences=tuple(EchoDifference(**found) for found in each.differences),
        )


def _classifications(
    connection: Connection, rows: Iterable[Any]
) -> Mapping[int, list[tuple[date, datetime]]]:
    held = defaultdict(list)
    owners = list({row.collectivite_id for row in rows})
    for row in _CLASSIFICATIONS.rows(connection, {"ids": owners}):
        held[row.collectivite_id].append((row.date_classification, row.received_at))
    return held


def _letters(connection: Connection, ids: dict[str, Any]) -> Mapping[int, list[Letter]]:
    with_letters = [row.acte_id for row in _WITH_LETTERS.rows(connection, ids)]
    if not with_letters:
        return {}
    return {
        story.acte_id: [
            Letter(courrier_id=number, event=event, answered_at=_answered(story, number))
            for number, event in letter_events(story).items()
        ]
        for story in stories_for(connection, with_letters)
    }


def _answered(story: LegalStory, courrier_id: int) -> datetime | None:
    """When the newest answer left that was neither refused nor taken back."""
    left = (
        sent.sent_at
        for sent in story.sendings
        if sent.courrier_id == courrier_id
        and sent.message in _ANSWERING
        and sent.state.code not in _OVER
        and sent.sent_at is not None
    )
    return max(left, default=None)


def _publications(connection: Connection, ids: dict[str, Any]) -> Mapping[int, list[Publicised]]:
    looks = defaultdict(list)
    copies = _COPIES.rows(connection, ids)
    amiss = [row.id for row in copies if row.is_amiss]
    if amiss:
        for row in _LOOKS.rows(connection, {"ids": amiss}):
            seen = Seen(row.at, Verdict.of(row.outcome), row.sha256, row.detail)
            looks[row.published_copy_id].append(seen)
    found = defaultdict(list)
    for row in copies:
        found[row.acte_id].append(
            Publicised(
                date_mise_en_ligne=row.date_mise_en_ligne,
                address=row.address or "",
                sha256=row.sha256,
                at=row.at,
                withdrawn_at=row.withdrawn_at,
                looks=tuple(looks[row.id]),
            )
        )
    return found


_SENDINGS = Reading(
    select(
        transmission.c.id,
        transmission.c.acte_id,
        transmission.c.collectivite_id,
        transmission.c.id_acte,
        transmission.c.state,
        transmission.c.date_reception,
        func.coalesce(transmission.c.date_classification, acte.c.date_classification).label(
            "version"
        ),
        collectivite.c.settings["tdt"]["nom"].astext.label("tdt"),
        first_sent().label("sent_at"),
    )
    .join(acte, acte.c.id == transmission.c.acte_id)
    .join(collectivite, collectivite.c.id == transmission.c.collectivite_id)
    .where(transmission.c.acte_id == func.any(IDS), transmission.c.message == ACTE)
    .order_by(transmission.c.id)
)
_TAKEN_IN = journal.alias("taken_in")
_ACCUSES = Reading(
    select(
        retour.c.transmission_id,
        retour.c.date_reception,
        retour.c.sha256,
        retour.c.received_at,
        retour.c.differences,
        _TAKEN_IN.c.details["id_acte"].astext.label("id_acte"),
    )
    .outerjoin(
        _TAKEN_IN,
        and_(
            _TAKEN_IN.c.acte_id == retour.c.acte_id,
            _TAKEN_IN.c.transmission_id == retour.c.transmission_id,
            _TAKEN_IN.c.event == Event.AR_RECEIVED.code,
            retour.c.status == RetourStatus.APPLIED.code,
        ),
    )
    .where(
        retour.c.acte_id == func.any(IDS),
        retour.c.kind == "1-2",
        retour.c.date_reception.is_not(None),
    )
    .order_by(retour.c.id)
)
_CLASSIFICATIONS = Reading(
    select(
        classification.c.collectivite_id,
        classification.c.date_classification,
        classification.c.received_at,
    ).where(classification.c.collectivite_id == func.any(IDS))
)
_WITH_LETTERS = Reading(
    select(courrier.c.acte_id).distinct().where(courrier.c.acte_id == func.any(IDS))
)
_TELLS_NOTHING = bindparam(
    "fine", [Verdict.CONFORME.code, Verdict.INJOIGNABLE.code], type_=ARRAY(Text)
)
_COPIES = Reading(
    select(
        published_copy.c.id,
        published_copy.c.acte_id,
        published_copy.c.date_mise_en_ligne,
        published_copy.c.address,
        published_copy.c.at,
        published_copy.c.withdrawn_at,
        func.coalesce(published_copy.c.sha256, piece.c.sha256).label("sha256"),
        exists()
        .where(
            publication_check.c.published_copy_id == published_copy.c.id,
            publication_check.c.outcome != func.all(_TELLS_NOTHING),
        )
        .label("is_amiss"),
    )
    .join(piece, and_(piece.c.acte_id == published_copy.c.acte_id, piece.c.ordre == 1))
    .where(published_copy.c.acte_id == func.any(IDS))
    .order_by(published_copy.c.id)
)
_LOOKS = Reading(
    select(
        publication_check.c.published_copy_id,
        publication_check.c.at,
        publication_check.c.outcome,
        publication_check.c.sha256,
        publication_check.c.detail,
    )
    .where(
        publication_check.c.published_copy_id == func.any(IDS),
        publication_check.c.outcome != Verdict.INJOIGNABLE.code,
    )
    .order_by(publication_check.c.id)
)
