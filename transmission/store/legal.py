"""What people say of acts for the legal clock: entered, declared, taken back, never lost."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.exc import IntegrityError

from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.legal.declaration import (
    LABELS,
    Declaration,
    declared,
    read_declaration,
)
from transmission.domain.legal.entered import Entry, Recorded, Retraction
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.sujets import PublicityMode
from transmission.domain.transmission import Author
from transmission.ports.legal import Declared
from transmission.store.statements import Reading, Statement
from transmission.store.tables import acte, journal
from transmission.store.tables_legal import legal_event, legal_facts

IDS = bindparam("ids", type_=ARRAY(BigInteger))
"""Numbers of acts: one array, whatever their count."""

_KINDS = {kind.code: kind for kind in EventKind}
_MODES = {mode.code: mode for mode in PublicityMode}

_retraction = legal_event.alias("retraction")
_EVENTS = Reading(
    select(
        legal_event,
        _retraction.c.at.label("retracted_at"),
        _retraction.c.author.label("retracted_by"),
        _retraction.c.reason.label("retracted_reason"),
    )
    .outerjoin(_retraction, _retraction.c.retracts_id == legal_event.c.id)
    .where(legal_event.c.acte_id == func.any(IDS), legal_event.c.retracts_id.is_(None))
    .order_by(legal_event.c.acte_id, legal_event.c.id)
)
_FACTS = Reading(
    select(legal_facts.c.acte_id, legal_facts.c.facts)
    .where(legal_facts.c.acte_id == func.any(IDS))
    .ext(distinct_on(legal_facts.c.acte_id))
    .order_by(legal_facts.c.acte_id, legal_facts.c.id.desc())
)
# Compatible with whatever only refers to the act: its journal goes on.
_HELD = Statement(
    select(acte.c.id)
    .where(acte.c.id == bindparam("wanted", type_=BigInteger))
    .with_for_update(key_share=True)
)


class Legal:
    """Part of the unit of work; see ``transmission.ports.LegalRegister`` for the promises."""

    _connection: Connection

    def hold_acte(self, acte_id: int) -> None:
        if _HELD.first(self._connection, {"wanted": acte_id}) is None:
            raise NotFoundError(f"Aucun acte n° {acte_id} n'est enregistré.")

    def add_legal_event(self, acte_id: int, entry: Entry, author: Author, at: datetime) -> int:
        owner = self._owner_of(acte_id)
        row = _entry_row(acte_id, owner, entry, author, at)
        added: int = self._connection.execute(
            insert(legal_event).values(row).returning(legal_event.c.id)
        ).scalar_one()
        self._tell(owner, acte_id, "event_recorded", author, at, _told(added, entry))
        return added

    def retract_legal_event(self, recorded: Recorded, author: Author, at: datetime) -> None:
        owner = self._owner_of(recorded.acte_id)
        row = _entry_row(recorded.acte_id, owner, recorded.entry, author, at)
        try:
            with self._connection.begin_nested():
                self._connection.execute(
                    insert(legal_event).values(row | {"retracts_id": recorded.id})
                )
        except IntegrityError as error:
            raise ConflictError(
                f"L'événement n° {recorded.id} a déjà été retiré ; rien n'a changé."
            ) from error
        details = _told(recorded.id, recorded.entry)
        self._tell(owner, recorded.acte_id, "event_retracted", author, at, details)

    def legal_events(self, acte_ids: Sequence[int]) -> Mapping[int, Sequence[Recorded]]:
        return recorded_events(self._connection, acte_ids)

    def add_legal_facts(
        self, acte_id: int, declaration: Declaration, author: Author, at: datetime
    ) -> None:
        owner, facts = self._owner_of(acte_id), declared(declaration)
        self._connection.execute(
            insert(legal_facts).values(
                collectivite_id=owner,
                acte_id=acte_id,
                facts=facts,
                at=at,
                author=author.name,
                reason=author.reason,
            )
        )
        self._tell(owner, acte_id, "facts_declared", author, at, facts)

    def legal_facts(self, acte_id: int) -> Sequence[Declared]:
        rows = self._connection.execute(
            select(legal_facts)
            .where(legal_facts.c.acte_id == acte_id)
            .order_by(legal_facts.c.id.desc())
        )
        return [Declared(_declaration(row.facts), row.at, row.author, row.reason) for row in rows]

    def _owner_of(self, acte_id: int) -> int:
        owner: int | None = self._connection.execute(
            select(acte.c.collectivite_id).where(acte.c.id == acte_id)
        ).scalar_one_or_none()
        if owner is None:
            raise NotFoundError(f"Aucun acte n° {acte_id} n'est enregistré.")
        return owner

    def _tell(
        self,
        owner: int,
        acte_id: int,
        event: str,
        author: Author,
        at: datetime,
        details: Mapping[str, Any],
    ) -> None:
        # A trigger on the journal has the act read again.
        self._connection.execute(
            insert(journal).values(
                collectivite_id=owner,
                acte_id=acte_id,
                at=at,
                event=event,
                author=author.name,
                reason=author.reason,
                details=dict(details),
            )
        )


def recorded_events(
    connection: Connection, acte_ids: Sequence[int]
) -> Mapping[int, Sequence[Recorded]]:
    """Entries by act, oldest first, those taken back included; nothing for an act without any."""
    found: defaultdict[int, list[Recorded]] = defaultdict(list)
    for row in _EVENTS.rows(connection, {"ids": list(acte_ids)}):
        found[row.acte_id].append(_recorded(row))
    return found


def newest_facts(connection: Connection, acte_ids: Sequence[int]) -> Mapping[int, Declaration]:
    """What counts as declared, by act; nothing for an act of which nobody said anything."""
    rows = _FACTS.rows(connection, {"ids": list(acte_ids)})
    return {row.acte_id: _declaration(row.facts) for row in rows}


def _declaration(facts: Mapping[str, Any]) -> Declaration:
    # A name that a later version of the program wrote is left aside.
    return read_declaration({name: facts[name] for name in LABELS if name in facts})


def _entry_row(
    acte_id: int, owner: int, entry: Entry, author: Author, at: datetime
) -> dict[str, Any]:
    event = entry.event
    return {
        "collectivite_id": owner,
        "acte_id": acte_id,
        "kind": event.kind.code,
        "date_recu": event.received,
        "date_envoi": event.sent,
        "complete": event.complete,
        "mode": event.mode.code if event.mode else None,
        "remedies": event.remedies,
        "preuve": entry.preuve,
        "courrier_id": entry.courrier_id,
        "transmission_id": entry.transmission_id,
        "at": at,
        "author": author.name,
        "reason": author.reason,
    }


def _recorded(row: Any) -> Recorded:
    event = LegalEvent(
        _KINDS[row.kind],
        row.date_recu,
        row.date_envoi,
        complete=row.complete,
        mode=_MODES[row.mode] if row.mode else None,
        remedies=row.remedies,
    )
    entry = Entry(
        event=event,
        preuve=row.preuve,
        courrier_id=row.courrier_id,
        transmission_id=row.transmission_id,
    )
    taken_back = row.retracted_at and Retraction(
        row.retracted_at, row.retracted_by, row.retracted_reason
    )
    return Recorded(
        id=row.id,
        acte_id=row.acte_id,
        entry=entry,
        at=row.at,
        author=row.author,
        reason=row.reason,
        retracted=taken_back,
    )


def _told(number: int, entry: Entry) -> dict[str, Any]:
    event = entry.event
    details: dict[str, Any] = {
        "saisie": number,
        "evenement": event.kind.code,
        "date_recu": event.received.isoformat(),
        "date_envoi": _other(event.sent, event.received),
        "courrier": entry.courrier_id,
        "reponse": entry.transmission_id,
        "preuve": entry.preuve,
    }
    return {name: value for name, value in details.items() if value is not None}


def _other(day: date, usual: date) -> str | None:
    return None if day == usual else day.isoformat()
