"""From the logs of an authority to what its programs are told: each event once, in order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    exists,
    insert,
    or_,
    select,
    update,
)

from transmission.domain.cloud_events import (
    ActeNamed,
    FindingChange,
    Happened,
    JournalLine,
    numbered,
)
from transmission.domain.lifecycle import State
from transmission.domain.webhooks import Webhook, WebhookState
from transmission.ports.notices import Channel
from transmission.ports.webhooks import NewEvent, Place, Span
from transmission.store.deliveries import event_row, target_of
from transmission.store.queries.changes import settled_id
from transmission.store.tables import acte, journal, transmission
from transmission.store.tables_legal import finding, notice
from transmission.store.tables_webhooks import finding_change, webhook

_ACTE = (
    acte.c.id.label("named_id"),
    acte.c.numero_interne,
    acte.c.date_decision,
    acte.c.nature,
)


class Telling:
    """Part of the unit of work; see ``transmission.ports.webhooks`` for the promises."""

    _connection: Connection

    def settled_place(self, patience: float) -> Place | None:
        engine = self._connection.engine
        # One after the other: what a finding says was often written with a line of the journal.
        findings = settled_id(engine, finding_change, patience)
        lines = settled_id(engine, journal, patience)
        return None if findings is None or lines is None else Place(lines, findings)

    def authorities_to_tell(self) -> Sequence[int]:
        behind = or_(
            _is_after(journal.c.collectivite_id, journal.c.id > webhook.c.journal_place),
            _is_after(
                finding_change.c.collectivite_id, finding_change.c.id > webhook.c.finding_place
            ),
        )
        found = select(webhook.c.collectivite_id).where(
            webhook.c.state == WebhookState.ACTIVE.code, behind
        )
        return self._connection.execute(found.distinct()).scalars().all()

    def place_of(self, webhook_id: int) -> Place:
        found = select(webhook.c.journal_place, webhook.c.finding_place)
        return Place(*self._connection.execute(found.where(webhook.c.id == webhook_id)).one())

    def happened(self, authority_id: int, after: Place, until: Place, most: int) -> Span:
        span, other = range(after.journal, until.journal), range(after.findings, until.findings)
        lines = self._lines_of(_LINES, journal, authority_id, span, most)
        changes = self._lines_of(_CHANGES, finding_change, authority_id, other, most)
        found: list[Happened] = [*map(_line, lines), *map(_change, changes)]
        place = Place(_next(lines, most, span), _next(changes, most, other))
        told = tuple(each for each in found if each.type is not None)
        return Span(told, place, most in (len(lines), len(changes)))

    def add_events(
        self, to: Webhook, events: Sequence[NewEvent], place: Place | None, at: datetime
    ) -> int:
        new = self._unknown_events(to, events)
        rows = [
            event_row(to, each, numbered(each.content, to.sequence + rank), at)
            for rank, each in enumerate(new, start=1)
        ]
        if rows:
            self._connection.execute(insert(notice), rows)
        places = {} if place is None else {
            "journal_place": place.journal, "finding_place": place.findings
        }  # fmt: skip
        self._connection.execute(
            update(webhook)
            .where(webhook.c.id == to.id)
            .values(sequence=to.sequence + len(new), **places)
        )
        return len(new)

    def _unknown_events(self, to: Webhook, events: Sequence[NewEvent]) -> list[NewEvent]:
        known = select(notice.c.key).where(
            notice.c.collectivite_id == to.collectivite_id,
            notice.c.channel == Channel.SUBSCRIPTION.value,
            notice.c.target == target_of(to),
            notice.c.key.in_([each.key for each in events]),
        )
        held = set(self._connection.execute(known).scalars()) if events else set()
        return [each for each in events if each.key not in held]

    def _lines_of(
        self, wanted: Select[Any], log: Table, authority_id: int, span: range, most: int
    ) -> Sequence[Row[Any]]:
        """Lines of a log of an authority above the beginning of a span, up to its end."""
        found = wanted.where(
            log.c.collectivite_id == authority_id, log.c.id > span.start, log.c.id <= span.stop
        )
        return self._connection.execute(found.order_by(log.c.id).limit(most)).all()


_LINES = (
    select(
        journal.c.id,
        journal.c.at,
        journal.c.event,
        journal.c.details,
        journal.c.source,
        journal.c.target,
        journal.c.transmission_id,
        transmission.c.message,
        transmission.c.id_acte,
        transmission.c.date_reception,
        *_ACTE,
    )
    # What concerns no act is for those who run the service.
    .join(
        acte,
        (acte.c.id == journal.c.acte_id) & (acte.c.collectivite_id == journal.c.collectivite_id),
    )
    .outerjoin(transmission, transmission.c.id == journal.c.transmission_id)
)
_CHANGES = (
    select(
        finding_change.c.id,
        finding_change.c.at,
        finding_change.c.opened,
        finding_change.c.finding_id,
        finding.c.code,
        finding.c.severity,
        finding.c.rule,
        *_ACTE,
    )
    .join(finding, finding.c.id == finding_change.c.finding_id)
    .outerjoin(acte, acte.c.id == finding.c.acte_id)
)


def _is_after(owner: ColumnElement[int], later: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(owner == webhook.c.collectivite_id, later)


def _next(rows: Sequence[Row[Any]], most: int, span: range) -> int:
    return int(rows[-1].id) if len(rows) == most else max(span.start, span.stop)


def _line(row: Row[Any]) -> JournalLine:
    return JournalLine(
        id=row.id,
        at=row.at,
        event=row.event,
        details=row.details,
        acte=_named(row),
        source=State.of(row.source) if row.source else None,
        target=State.of(row.target) if row.target else None,
        transmission_id=row.transmission_id,
        message=row.message,
        id_acte=row.id_acte,
        date_reception=row.date_reception,
    )


def _change(row: Row[Any]) -> FindingChange:
    return FindingChange(
        id=row.id,
        at=row.at,
        opened=row.opened,
        finding_id=row.finding_id,
        check=row.code,
        severity=row.severity,
        rule=row.rule,
        acte=None if row.named_id is None else _named(row),
    )


def _named(row: Row[Any]) -> ActeNamed:
    return ActeNamed(
        id=row.named_id,
        numero_interne=row.numero_interne,
        date_decision=row.date_decision,
        nature=row.nature,
    )
