"""The acts of the lists of sittings against those of the register, in one statement."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import INTERVAL

from transmission.domain.legal.checks_seance import ListedActe, RegisteredActe
from transmission.domain.legal.portee import Soumission
from transmission.domain.lifecycle import State
from transmission.store.queries.legal_story import first_sent
from transmission.store.queries.sittings import is_replaced
from transmission.store.queries.standing import IS_ACTE, in_states
from transmission.store.rows import nature_of
from transmission.store.tables import acte, transmission
from transmission.store.tables_legal import legal_reading, seance, seance_acte

_NEAR = "31 days"
"""How far from the sitting an act may be dated, that bears the day of its signature."""

_LEFT = (State.SUBMITTED, State.ACKNOWLEDGED, State.CANCELLING, State.DELIVERED)
_MAY_HAVE_LEFT = (State.SUBMITTING, State.IN_DOUBT, State.HELD)
_NOT_TRANSMITTED = (Soumission.NON.code, Soumission.SANS_OBJET.code)


def unsent_listed(connection: Connection, authority_id: int) -> Sequence[ListedActe]:
    """The acts of the lists that count which the register does not have, or which never left."""
    return [_load(row) for row in connection.execute(_unsent(authority_id))]


def left() -> ColumnElement[bool]:
    """Whether a sending of an act left or may have, and was neither refused nor taken back."""
    maybe = and_(in_states(_MAY_HAVE_LEFT), first_sent().is_not(None))
    return and_(IS_ACTE, or_(in_states(_LEFT), maybe))


def _load(row: Row[Any]) -> ListedActe:
    found = None
    if row.acte_id is not None:
        must = row.soumission not in _NOT_TRANSMITTED
        found = RegisteredActe(row.acte_id, sent=False, must_transmit=must)
    return ListedActe(
        collectivite_id=row.collectivite_id,
        date_seance=row.date_seance,
        numero=row.numero_interne,
        nature=row.nature and nature_of(row.nature),
        objet=row.objet,
        found=found,
    )


def _bearing() -> Any:
    """The acts adopted, or sent, under the number of a line."""
    owner, numero = seance_acte.c.collectivite_id, seance_acte.c.numero_interne
    adopted, sent = acte.alias("adopted"), transmission.alias("sent_as")
    return union(
        select(adopted.c.id)
        .where(adopted.c.collectivite_id == owner, adopted.c.numero_interne == numero)
        .correlate(seance_acte),
        select(sent.c.acte_id)
        .where(
            sent.c.collectivite_id == owner,
            func.split_part(sent.c.id_acte, "-", 4) == numero,
        )
        .correlate(seance_acte),
    ).lateral("bearing")


def _of_another_sitting() -> ColumnElement[bool]:
    """Whether an act is the one that a list of another sitting names, numbers starting again."""
    other, list_ = seance_acte.alias("other"), seance.alias("other_list")
    return (
        select(other.c.id)
        .join(list_, list_.c.id == other.c.seance_id)
        .where(
            other.c.collectivite_id == seance_acte.c.collectivite_id,
            other.c.numero_interne == seance_acte.c.numero_interne,
            other.c.date_seance == acte.c.date_decision,
            ~is_replaced(list_),
        )
        .correlate(seance_acte, acte)
        .exists()
    )


def found_of_line() -> Any:
    """The act of a line: of its day first, then one that left, then the nearest."""
    bearing = _bearing()
    of_its_day = acte.c.date_decision == seance_acte.c.date_seance
    near = cast(literal(_NEAR), INTERVAL)
    sent = (
        select(transmission.c.id)
        .where(transmission.c.acte_id == acte.c.id, left())
        .correlate(acte)
        .exists()
        .label("sent")
    )
    return (
        select(acte.c.id, sent)
        .select_from(bearing.join(acte, acte.c.id == bearing.c.id))
        .where(
            or_(seance_acte.c.nature.is_(None), acte.c.nature == seance_acte.c.nature),
            acte.c.date_decision.between(
                seance_acte.c.date_seance - near, seance_acte.c.date_seance + near
            ),
            or_(of_its_day, ~_of_another_sitting()),
        )
        .order_by(
            of_its_day.desc(),
            sent.desc(),
            func.abs(acte.c.date_decision - seance_acte.c.date_seance),
            acte.c.id.desc(),
        )
        .limit(1)
        .correlate(seance_acte)
        .lateral("found")
    )


def _unsent(authority_id: int) -> Select[Any]:
    found = found_of_line()
    current = and_(legal_reading.c.acte_id == found.c.id, legal_reading.c.current)
    tables = (
        seance_acte.join(seance, seance.c.id == seance_acte.c.seance_id)
        .outerjoin(found, true())
        .outerjoin(legal_reading, current)
    )
    return (
        select(
            seance_acte.c.collectivite_id,
            seance_acte.c.date_seance,
            seance_acte.c.numero_interne,
            seance_acte.c.nature,
            seance_acte.c.objet,
            found.c.id.label("acte_id"),
            legal_reading.c.states["soumission"].astext.label("soumission"),
        )
        .select_from(tables)
        .where(
            seance.c.collectivite_id == authority_id,
            ~is_replaced(seance),
            ~func.coalesce(found.c.sent, false()),
        )
        .order_by(seance_acte.c.date_seance, seance_acte.c.id)
    )
