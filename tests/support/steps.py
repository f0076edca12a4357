"""The two halves of a turn of a lane, one without the other."""

from sqlalchemy import Engine, select

from transmission.domain.lifecycle import State
from transmission.services.prepare import prepare
from transmission.services.submit import submit
from transmission.services.toolbox import Toolbox
from transmission.store import tables

_HALVES = {"prepare": (State.ACCEPTED, prepare), "submit": (State.PREPARED, submit)}


def run_halves(tools: Toolbox, engine: Engine, names: tuple[str, ...]) -> None:
    """Prepare all that is accepted, submit all that is prepared, as ``names`` says."""
    for name, (state, service) in _HALVES.items():
        if name in names:
            with engine.connect() as connection:
                rows = tables.transmission.c
                found = select(rows.id).where(rows.state == state.code).order_by(rows.id)
                waiting = connection.execute(found).scalars().all()
            for transmission_id in waiting:
                with tools.register() as unit:
                    transmission = unit.transmission(transmission_id)
                service(tools, transmission)
