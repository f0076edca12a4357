"""What runs by itself, and how often; each run is keyed by its period in the database."""

from collections.abc import Callable
from dataclasses import dataclass

from transmission.services.sweep import sweep
from transmission.services.toolbox import Toolbox
from transmission.settings import Settings


@dataclass(frozen=True, slots=True)
class Periodic:
    """A run: its name, its period in seconds, what it does."""

    name: str
    seconds: int
    run: Callable[[Toolbox], object]


def periodic_runs(settings: Settings) -> list[Periodic]:
    """The runs of an installation."""
    return [
        Periodic("sweep", settings.sweep_period, sweep),
        Periodic("classifications", settings.classification_period, refresh_classifications),
    ]


def refresh_classifications(tools: Toolbox) -> None:
    """Ask every authority's TdT whether the classification has changed."""
    with tools.register() as unit:
        for authority in unit.authorities():
            unit.ring("classify", authority.id)
        unit.commit()
