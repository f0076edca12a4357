"""The desks: what waits for a person, the longest wait first, with who deals with it.

The cost follows what waits, never what the register holds.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    Row,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
)

from transmission.domain.desks import Charge, Desk, WorkItem
from transmission.domain.legal.noms import DateName
from transmission.domain.lifecycle import State
from transmission.domain.messages import ACTE, ANNULATION
from transmission.domain.transmission import RetourStatus
from transmission.ports.notices import TO_PEOPLE, Channel
from transmission.store.courriers import is_unsettled, wants_answer
from transmission.store.queries.desk_shapes import (
    COUNTED,
    DeskCount,
    DeskCursor,
    DeskLine,
    DeskPage,
    Looked,
    PastCharge,
)
from transmission.store.queries.standing import in_states, within
from transmission.store.tables import acte, collectivite, courrier, retour, transmission
from transmission.store.tables_legal import legal_date, notice
from transmission.store.tables_work import work_item_owner, work_item_set_aside

PAGE = 50

_LIMITS = {"3-1": DateName.REFUS_TACITE_PIECES, "4-1": DateName.REJET_TACITE_LETTRE}
_NEVER = date(9999, 12, 31)
_STATES = {
    Desk.IN_DOUBT: State.IN_DOUBT,
    Desk.HELD: State.HELD,
    Desk.ANOMALIES: State.REJECTED,
}


def desk_count(connection: Connection, desk: Desk, looked: Looked) -> DeskCount:
    """What there is on a desk."""
    some = _items(desk, looked).limit(COUNTED + 1).subquery()
    counted = select(func.count(), func.min(some.c.since), func.min(some.c.due))
    return DeskCount(desk, *connection.execute(counted.select_from(some)).one())


def desk_page(
    connection: Connection,
    desk: Desk,
    looked: Looked,
    after: DeskCursor | None = None,
    limit: int = PAGE,
) -> DeskPage:
    """A page: the longest wait first; letters by the day on which they are due."""
    statement = _items(desk, looked)
    order = _order(desk)
    if after is not None:
        statement = statement.where(tuple_(*order) > (after.key, after.id))
    rows = connection.execute(statement.order_by(*order).limit(limit + 1)).all()
    lines = tuple(_line(desk, row) for row in rows[:limit])
    if len(rows) <= limit:
        return DeskPage(lines, None)
    last = rows[limit - 1]
    return DeskPage(lines, DeskCursor(last.id, last.key))


def desk_item(
    connection: Connection, desk: Desk, subject_id: int, sirens: Collection[str] | None
) -> DeskLine | None:
    """One item, None when it is not, or no longer, on that desk of those authorities."""
    statement = _items(desk, Looked(sirens)).where(_SUBJECTS[desk].c.id == subject_id)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _line(desk, row)


def charges_of(connection: Connection, item: WorkItem) -> Sequence[PastCharge]:
    """Who dealt with an item, the newest first."""
    statement = select(work_item_owner).where(
        work_item_owner.c.kind == item.subject.code, work_item_owner.c.subject_id == item.id
    )
    rows = connection.execute(statement.order_by(work_item_owner.c.id.desc()).limit(PAGE))
    return [
        PastCharge(
            row.person_name, row.taken_at, row.taken_by, row.given_back_at, row.given_back_by
        )
        for row in rows
    ]


_SUBJECTS: dict[Desk, Table] = {
    Desk.LETTERS: courrier,
    Desk.IN_DOUBT: transmission,
    Desk.HELD: transmission,
    Desk.ANOMALIES: transmission,
    Desk.QUARANTINE: retour,
    Desk.NOTICES: notice,
}


def _items(desk: Desk, looked: Looked) -> Select[Any]:
    subject = _SUBJECTS[desk]
    said = _COLUMNS[desk]()
    held = and_(
        work_item_owner.c.kind == desk.subject.code,
        work_item_owner.c.subject_id == subject.c.id,
        work_item_owner.c.given_back_at.is_(None),
    )
    tables = (
        subject.join(collectivite, collectivite.c.id == subject.c.collectivite_id)
        .outerjoin(acte, acte.c.id == subject.c.acte_id)
        .outerjoin(work_item_owner, held)
    )
    statement = select(
        subject.c.id,
        subject.c.collectivite_id,
        collectivite.c.siren,
        collectivite.c.settings["nom"].astext.label("nom"),
        collectivite.c.settings["time_zone"].astext.label("time_zone"),
        subject.c.acte_id,
        acte.c.numero_interne,
        acte.c.objet,
        work_item_owner.c.id.label("charge_id"),
        work_item_owner.c.person_id,
        work_item_owner.c.person_name,
        work_item_owner.c.taken_at,
        _order(desk)[0].label("key"),
        notice.c.webhook_id if subject is notice else cast(null(), BigInteger).label("webhook_id"),
        *said,
    ).select_from(tables)
    return statement.where(*_lies(desk), *within(subject, looked.sirens), *_charged(looked))


def _charged(looked: Looked) -> tuple[ColumnElement[bool], ...]:
    if looked.of_person is not None:
        return (work_item_owner.c.person_id == looked.of_person,)
    return (work_item_owner.c.id.is_(None),) if looked.of_nobody else ()


def _lies(desk: Desk) -> tuple[ColumnElement[bool], ...]:
    """Whether a row is on a desk."""
    match desk:
        case Desk.LETTERS:
            return (is_unsettled(), wants_answer())
        case Desk.QUARANTINE:
            return (retour.c.status == RetourStatus.QUARANTINED.code,)
        case Desk.NOTICES:
            return (*_failed(), ~_is_aside(desk))
        case Desk.ANOMALIES:
            return (in_states([State.REJECTED]), ~_is_followed(), ~_is_aside(desk))
        case _:
            return (in_states([_STATES[desk]]),)


def _failed() -> tuple[ColumnElement[bool], ...]:
    return (
        notice.c.channel != Channel.TOLD.value,
        notice.c.next_attempt_at.is_(None),
        notice.c.delivered_at.is_(None),
        notice.c.failure.is_not(None),
        # A test of a subscription is no event that somebody has to send again.
        or_(notice.c.webhook_id.is_(None), notice.c.content.has_key("sequence")),
    )


def _is_followed() -> ColumnElement[bool]:
    """Whether something else was sent instead; a refused answer leaves its letter on its desk."""
    later = transmission.alias("later")
    newer = select(later.c.id).where(
        later.c.acte_id == transmission.c.acte_id,
        later.c.message == transmission.c.message,
        later.c.id > transmission.c.id,
    )
    return or_(transmission.c.message.not_in([ACTE, ANNULATION]), newer.exists())


def _is_aside(desk: Desk) -> ColumnElement[bool]:
    return (
        select(work_item_set_aside.c.subject_id)
        .where(
            work_item_set_aside.c.kind == desk.subject.code,
            work_item_set_aside.c.subject_id == _SUBJECTS[desk].c.id,
        )
        .exists()
    )


def _order(desk: Desk) -> tuple[ColumnElement[Any], ColumnElement[int]]:
    subject = _SUBJECTS[desk]
    keys: dict[Table, ColumnElement[Any]] = {
        courrier: func.coalesce(_due(), literal(_NEVER, Date)),
        transmission: transmission.c.state_since,
        retour: retour.c.received_at,
        notice: notice.c.at,
    }
    return keys[subject], subject.c.id


def _due() -> ColumnElement[Any]:
    """The day on which the silence of the authority says something, by the current reading."""
    names = case({code: name.code for code, name in _LIMITS.items()}, value=courrier.c.message)
    return (
        select(legal_date.c.day)
        .where(legal_date.c.acte_id == courrier.c.acte_id, legal_date.c.name == names)
        .scalar_subquery()
    )


def _of_sending() -> Sequence[ColumnElement[Any]]:
    return (
        transmission.c.state_since.label("since"),
        *_no_days(),
        transmission.c.message,
        transmission.c.waiting_for.label("said"),
        cast(null(), Text).label("about"),
    )


def _of_letter() -> Sequence[ColumnElement[Any]]:
    return (
        courrier.c.received_at.label("since"),
        _due().label("due"),
        courrier.c.date_courrier,
        courrier.c.message,
        courrier.c.texte.label("said"),
        cast(null(), Text).label("about"),
    )


def _of_retour() -> Sequence[ColumnElement[Any]]:
    return (
        retour.c.received_at.label("since"),
        *_no_days(),
        retour.c.kind.label("message"),
        retour.c.reason.label("said"),
        retour.c.nom_fichier.label("about"),
    )


def _of_notice() -> Sequence[ColumnElement[Any]]:
    told = case(
        (notice.c.channel == Channel.MAIL.value, notice.c.content["subject"].astext),
        else_=notice.c.content["type"].astext,
    )
    whom = case((notice.c.kind == TO_PEOPLE, "une personne"), else_=notice.c.target)
    return (
        notice.c.at.label("since"),
        *_no_days(),
        told.label("message"),
        notice.c.failure.label("said"),
        whom.label("about"),
    )


def _no_days() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return cast(null(), Date).label("due"), cast(null(), Date).label("date_courrier")


_COLUMNS: dict[Desk, Callable[[], Sequence[ColumnElement[Any]]]] = {
    Desk.LETTERS: _of_letter,
    Desk.IN_DOUBT: _of_sending,
    Desk.HELD: _of_sending,
    Desk.ANOMALIES: _of_sending,
    Desk.QUARANTINE: _of_retour,
    Desk.NOTICES: _of_notice,
}


def _line(desk: Desk, row: Row[Any]) -> DeskLine:
    held = row.charge_id is not None
    return DeskLine(
        desk=desk,
        id=row.id,
        since=row.since,
        due=row.due,
        date_courrier=row.date_courrier,
        collectivite_id=row.collectivite_id,
        siren=row.siren,
        collectivite=row.nom,
        time_zone=row.time_zone,
        acte_id=row.acte_id,
        numero_interne=row.numero_interne,
        objet=row.objet,
        message=row.message,
        said=row.said,
        about=row.about,
        charge=Charge(row.charge_id, row.person_id, row.person_name, row.taken_at)
        if held
        else None,
        webhook_id=row.webhook_id,
    )
