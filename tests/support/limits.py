"""Dates in the register as the clock leaves them, without the clock."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, insert, select, update

from tests.support.scene import START
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.dates import DateKind
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import ActeState
from transmission.domain.legal.recours import ThirdPartyState
from transmission.store.tables_legal import legal_date, legal_reading, notice

STATES = {
    "acte": ActeState.EXECUTOIRE.code,
    "controle": ControlState.GRACIEUX_EN_COURS.code,
    "tiers": ThirdPartyState.OUVERT.code,
}


def read(engine: Engine, owner: int, acte_id: int, at: datetime = START, **states: str) -> int:
    """A reading of an act that becomes the current one; its number."""
    with engine.begin() as connection:
        connection.execute(
            update(legal_reading).where(legal_reading.c.acte_id == acte_id).values(current=False)
        )
        added = insert(legal_reading).values(
            collectivite_id=owner, acte_id=acte_id, at=at, inputs="i", rules=1,
            states=STATES | states, dates=[],
        )  # fmt: skip
        return int(connection.execute(added.returning(legal_reading.c.id)).scalar_one())


def give(
    engine: Engine,
    owner: int,
    acte_id: int,
    day: date,
    name: DateName = DateName.REJET_TACITE_LETTRE,
    **changes: Any,
) -> None:
    """A date of an act that was read; that of the same name is replaced."""
    values = {"kind": DateKind.STATUS.code, "rule": "DF-3", "provisional": True, **changes}
    with engine.begin() as connection:
        connection.execute(
            legal_date.delete().where(
                legal_date.c.acte_id == acte_id, legal_date.c.name == name.code
            )
        )
        connection.execute(
            insert(legal_date).values(
                collectivite_id=owner, acte_id=acte_id, name=name.code, day=day, **values
            )
        )


def notices(engine: Engine, *channels: str) -> list[Any]:
    """Every notice of some channels, or of all, in order."""
    with engine.connect() as connection:
        found = connection.execute(select(notice).order_by(notice.c.id)).all()
    return [row for row in found if not channels or row.channel in channels]
