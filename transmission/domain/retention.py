"""How long the service itself keeps the files of an act, and what becomes of them after.

Nothing is destroyed because time has passed: an act goes to the public archives and stays there, or
its files are disposed of with the written consent of the archives (legal clock RT-1, RT-2).
"""

from dataclasses import dataclass
from datetime import date

from transmission.domain.coded import Coded
from transmission.domain.legal.conservation import proofs_kept_until
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.dates import DateKind
from transmission.domain.legal.reading import Reading
from transmission.domain.legal.recours import ThirdPartyState

_CONTROL_OVER = (ControlState.EXPIRE, ControlState.SANS_OBJET)


class Ground(Coded):
    """What allows the files of an act to leave the service: code kept, label shown."""

    VERSEMENT = ("versement", "Versement accepté par les archives")
    VISA = ("visa", "Visa d'élimination des archives")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Retention:
    """Until when the service must keep the files of an act.

    ``until`` is the last civil day of it, None when no day can be told yet; ``why`` says from what
    it comes, or what is missing (French).
    """

    until: date | None
    why: str

    def is_over(self, today: date) -> bool:
        """Whether the duty is over on a civil day of the authority."""
        return self.until is not None and today > self.until


def retention_of(reading: Reading | None) -> Retention:
    """The duty to keep the files of an act, from what the legal clock says of it.

    None is an act that the clock cannot read. While anything may still be challenged, or is not
    known, no day is told: the safe side is to keep (RT-2).
    """
    if reading is None:
        return Retention(None, "Ses dates juridiques ne sont pas connues : tout est conservé.")
    if reading.control is not None and reading.control_state not in _CONTROL_OVER:
        state = reading.control_state.label.lower()
        return Retention(None, f"Le contrôle de légalité n'est pas clos ({state}).")
    if reading.third_state is not ThirdPartyState.EXPIRE:
        state = reading.third_state.label.lower()
        return Retention(None, f"Le recours des tiers n'est pas clos ({state}).")
    until = proofs_kept_until(each.day for each in reading.dates if each.kind is DateKind.LAST_DAY)
    if until is None:
        return Retention(None, "Une échéance de l'acte n'a pas de date connue : tout est conservé.")
    return Retention(
        until,
        f"Jusqu'au {until:%d/%m/%Y}, un an après la dernière échéance (instruction "
        "DAF/DPACI/RES/2009/018) ; les archives conservent ensuite l'acte définitivement.",
    )
