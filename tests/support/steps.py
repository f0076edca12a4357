"""The two halves of a turn of a lane, one without the other."""

from sqlalchemy import Engine, select

from transmission.domain.lifecycle import State
from transmission.services.prepare import prepare
from transmission.services.submit import submit
from transmission.services.toolbox import Toolbox
from transmission.store.tables import transmission

_HALVES = {"prepare": (State.ACCEPTED, prepare), "submit": (State.PREPARED, submit)}


def run_halves(tools: Toolbox, engine: Engine, names: tuple[str, ...]) -> None:
    """Prepare all that is accepted, submit all that is prepared, as ``names`` says."""
    for name, (state, service) in _HALVES.items():
        if name in names:
            with engine.connect() as connection:
                found = select(transmission.c.id).where(transmission.c.state == state.code)
                waiting = connection.execute(found.order_by(transmission.c.id)).scalars().all()
            for transmission_id in waiting:
                service(tools, transmission_id)
