"""What the TdT had for several transmissions: kept together, then read together.

Two commits for all of them instead of two for each. If something is wrong with one, none of what
was begun stays, and each goes alone: nobody pays for another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from transmission.domain.transmission import StoredFile, Transmission
from transmission.killpoints import reach
from transmission.ports import Arrived
from transmission.services.apply_retour import apply_retour, apply_together
from transmission.services.files import kept
from transmission.services.sweep import record_failure
from transmission.services.toolbox import Toolbox

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Answer:
    """The State's XML that came for a transmission, as received."""

    transmission: Transmission
    message: bytes


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Answer
    retour_id: int


def take(tools: Toolbox, answers: Sequence[Answer]) -> list[Exception]:
    """Keep all, then apply what was not known yet; the faults, each recorded on its transmission.

    Those that were kept and could not be read are read again by the sweep.
    """
    faults: list[Exception] = []
    new = _all_or_each(tools, answers, _keep, lambda each: each.transmission, faults)
    _all_or_each(tools, new, _read, lambda each: each.answer.transmission, faults)
    return faults


def _all_or_each(
    tools: Toolbox,
    items: Sequence[_T],
    work: Callable[[Toolbox, Sequence[_T]], list[_Kept]],
    about: Callable[[_T], Transmission],
    faults: list[Exception],
) -> list[_Kept]:
    if len(items) > 1:
        try:
            return work(tools, items)
        except Exception:  # noqa: BLE001, S110 - met again below, by the one that it is about
            pass
    done = []
    for item in items:
        try:
            done += work(tools, [item])
        except Exception as fault:  # noqa: BLE001 - the others have their turn
            record_failure(tools, about(item).id, "collect", repr(fault))
            faults.append(fault)
    return done


def _keep(tools: Toolbox, answers: Sequence[Answer]) -> list[_Kept]:
    """Those that were not kept before."""
    with tools.register() as unit:
        files = kept(tools, unit, *(answer.message for answer in answers))
        reach("collect.bytes_kept")
        ids = [
            unit.add_retour(arrived(tools, answer.transmission, file))
            for answer, file in zip(answers, files, strict=True)
        ]
        reach("collect.before_commit")
        unit.commit()
    reach("collect.committed")
    return [_Kept(each, new) for each, new in zip(answers, ids, strict=True) if new is not None]


def _read(tools: Toolbox, items: Sequence[_Kept]) -> list[_Kept]:
    if len(items) == 1:
        # Alone, what cannot be attached goes to the desk instead of being a fault.
        apply_retour(tools, items[0].retour_id, items[0].answer.message)
    else:
        apply_together(tools, [(item.retour_id, item.answer.message) for item in items])
    return []


def arrived(tools: Toolbox, transmission: Transmission, file: StoredFile) -> Arrived:
    """The retour that the TdT gave when it was asked about a transmission."""
    return Arrived(
        collectivite_id=transmission.collectivite_id,
        file=file,
        # With the transmission: a TdT may give a reference again, and an AR first collected for
        # the wrong act must still reach the right one.
        source=f"tdt:{transmission.reference}:{transmission.id}",
        at=tools.clock.now(),
        transmission_id=transmission.id,
        reference=transmission.reference,
    )
