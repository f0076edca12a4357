"""Keep to the hours and bytes that the ministry allows an authority which sends by itself."""

from datetime import datetime
from zoneinfo import ZoneInfo

from transmission.domain.collectivite import Collectivite
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Transmission
from transmission.domain.windows import next_chance, slot_of
from transmission.ports import Step, UnitOfWork


def may_leave(
    unit: UnitOfWork, transmission: Transmission, collectivite: Collectivite, now: datetime
) -> bool:
    """Take the bytes of a prepared parcel from the allowance of the hour, or make it wait.

    A parcel that no window would ever let through is held, for a person to decide.
    """
    windows, zone = collectivite.tdt.windows, ZoneInfo(collectivite.time_zone)
    size = _size(transmission)
    slot = slot_of(windows, now, zone)
    if slot is None or unit.spend(transmission.collectivite_id, slot.starts_at, size, slot.limit):
        return True
    chance = next_chance(windows, now, zone, size)
    if chance is None:
        step = Step(
            waiting_for=f"L'archive pèse {size} octets et aucune fenêtre de transmission ne "
            "l'admet : élargissez-en une, puis relancez-la."
        )
        unit.move(transmission, Event.HELD, SERVICE, now, step)
    else:
        unit.postpone(transmission, Step(chance, "la prochaine fenêtre de transmission"))
    return False


def give_back(unit: UnitOfWork, started: Transmission) -> None:
    """Return the bytes of a sending that certainly did not leave; ``started`` is as it was then."""
    if started.state is not State.SUBMITTING:
        return
    collectivite = unit.authority(started.collectivite_id).collectivite
    zone = ZoneInfo(collectivite.time_zone)
    slot = slot_of(collectivite.tdt.windows, started.state_since, zone)
    if slot is not None:
        unit.give_back(started.collectivite_id, slot.starts_at, _size(started))


def _size(transmission: Transmission) -> int:
    assert transmission.parcel is not None  # noqa: S101 - lifecycle: prepared has a parcel
    return transmission.parcel.archive.size
