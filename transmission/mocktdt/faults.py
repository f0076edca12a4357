"""What can go wrong on the wire, and the rules that make it go wrong."""

from dataclasses import dataclass
from enum import StrEnum
from threading import Lock


class FaultKind(StrEnum):
    """How a call fails. `before`: the platform did nothing. The others: it did all of it."""

    CUT_BEFORE_BODY = "cut_before_body"
    CUT_MID_BODY = "cut_mid_body"
    CUT_BEFORE_ACCEPT = "cut_before_accept"
    CUT_AFTER_ACCEPT = "cut_after_accept"
    CUT_MID_ANSWER = "cut_mid_answer"
    ERROR_500_BEFORE = "error_500_before"
    ERROR_500 = "error_500"
    REDIRECT = "redirect"
    SLOW = "slow"


BEFORE_READING = frozenset({FaultKind.CUT_BEFORE_BODY, FaultKind.CUT_MID_BODY})
BEFORE_ACTING = BEFORE_READING | {
    FaultKind.CUT_BEFORE_ACCEPT,
    FaultKind.ERROR_500_BEFORE,
    FaultKind.REDIRECT,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure to produce. `seconds`: real seconds, for a slow answer."""

    kind: FaultKind
    seconds: float = 0.0


@dataclass(slots=True)
class _Rule:
    fault: Fault
    paths: frozenset[str]
    siren: str | None
    remaining: int


class Faults:
    """Rules set through the management port, consumed in the order they were set."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rules: list[_Rule] = []

    def add(
        self, fault: Fault, *, paths: frozenset[str], siren: str | None = None, times: int = 1
    ) -> None:
        """Make the next `times` calls fail. `paths`: last segments of the paths, empty for any."""
        with self._lock:
            self._rules.append(_Rule(fault, paths, siren, times))

    def clear(self) -> None:
        """Forget every rule."""
        with self._lock:
            self._rules.clear()

    def take(self, path: str, siren: str | None) -> Fault | None:
        """The fault of this call, if any; one use of its rule is spent."""
        script = path.rsplit("/", 1)[-1]
        with self._lock:
            for rule in self._rules:
                if (not rule.paths or script in rule.paths) and rule.siren in (None, siren):
                    rule.remaining -= 1
                    if rule.remaining == 0:
                        self._rules.remove(rule)
                    return rule.fault
        return None
