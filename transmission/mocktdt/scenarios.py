"""What becomes of an act: chosen by a rule of the management port, or by the act's own number."""

import re
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from threading import Lock

from transmission.mocktdt.faults import Fault, FaultKind
from transmission.mocktdt.letters import LetterKind


class Fate(StrEnum):
    """How the story of an act ends."""

    AR = "ar"
    AR_LATE = "ar_late"
    ANOMALIE_ACTE = "anomalie_acte"
    ANOMALIE_ENVELOPPE = "anomalie_enveloppe"
    SILENCE = "silence"
    TDT_ERROR = "tdt_error"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fate, and a fault on the wire at the deposit.

    `seconds`: virtual seconds between sending and the ministry's answer, None for the usual delay.
    `nature`, `detail`: of an anomaly, or the text of the platform's own error.
    `letter`: what the préfecture writes `letter_seconds` after the AR.
    """

    fate: Fate = Fate.AR
    seconds: float | None = None
    nature: str = ""
    detail: str = ""
    fault: Fault | None = None
    letter: LetterKind | None = None
    letter_seconds: float = 0.0


class Subject(StrEnum):
    """What a scenario is about. The number is always the act's."""

    ACT = "act"
    CANCELLATION = "cancellation"
    REPLY = "reply"


class Scope(IntEnum):
    """Which deposits a rule is for, the most precise first."""

    NUMBER = 0
    NEXT = 1
    PREFIX = 2
    AUTHORITY = 3
    DEFAULT = 4


LATE_SECONDS = 60.0
SLOW_SECONDS = 5.0

# First letters of a numéro interne. ARTARD and LENTEM take seconds (ARTARD30S_1), ANOACT and ANOENV
# a nature (ANOACT002_1), the letters seconds after the AR (LETOBS3600S_1).
PREFIXES: dict[str, Scenario] = {
    "ARTOUT": Scenario(Fate.AR, seconds=0.0),
    "ARTARD": Scenario(Fate.AR_LATE, seconds=LATE_SECONDS),
    "ANOACT": Scenario(Fate.ANOMALIE_ACTE, nature="005"),
    "ANOENV": Scenario(Fate.ANOMALIE_ENVELOPPE, nature="999"),
    "SILENC": Scenario(Fate.SILENCE),
    "MOINS1": Scenario(Fate.TDT_ERROR),
    "REFUSE": Scenario(Fate.REFUSED),
    "COUSIM": Scenario(letter=LetterKind.COURRIER_SIMPLE),
    "DEMPIE": Scenario(letter=LetterKind.DEMANDE_PIECE_COMPLEMENTAIRE),
    "LETOBS": Scenario(letter=LetterKind.LETTRE_OBSERVATIONS),
    "DEFERE": Scenario(letter=LetterKind.DEFERE_TA),
    "REDIRI": Scenario(fault=Fault(FaultKind.REDIRECT)),
    "ERR500": Scenario(fault=Fault(FaultKind.ERROR_500)),
    "ERRAVT": Scenario(fault=Fault(FaultKind.ERROR_500_BEFORE)),
    "COUPEAV": Scenario(fault=Fault(FaultKind.CUT_BEFORE_ACCEPT)),
    "COUPEAP": Scenario(fault=Fault(FaultKind.CUT_AFTER_ACCEPT)),
    "COUPEMI": Scenario(fault=Fault(FaultKind.CUT_MID_ANSWER)),
    "LENTEM": Scenario(fault=Fault(FaultKind.SLOW, SLOW_SECONDS)),
}
# The same for the cancellation of an act, which is itself acknowledged as usual.
CANCELLATION_PREFIXES: dict[str, Scenario] = {
    "ANNREF": Scenario(Fate.ANOMALIE_ENVELOPPE, nature="999", detail="annulation refusée"),
    "ANNSIL": Scenario(Fate.SILENCE),
}
_SECONDS = re.compile(r"(?:ARTARD|LENTEM|COUSIM|DEMPIE|LETOBS|DEFERE)([0-9]{1,6})S")
_NATURE = re.compile(r"(?:ANOACT|ANOENV)([0-9]{3})_")


def scenario_of_number(number: str) -> Scenario | None:
    """The scenario that a numéro interne asks for by its first letters, if any."""
    scenario = next((s for prefix, s in PREFIXES.items() if number.startswith(prefix)), None)
    if scenario is None:
        return None
    if nature := _NATURE.match(number):
        return replace(scenario, nature=nature[1])
    if seconds := _SECONDS.match(number):
        wait = float(seconds[1])
        if scenario.fault is not None:
            return replace(scenario, fault=Fault(scenario.fault.kind, wait))
        if scenario.letter is not None:
            return replace(scenario, letter_seconds=wait)
        return replace(scenario, seconds=wait)
    return scenario


def _cancellation_of_number(number: str) -> Scenario | None:
    return next((s for p, s in CANCELLATION_PREFIXES.items() if number.startswith(p)), None)


@dataclass(slots=True)
class _Rule:
    scope: Scope
    scenario: Scenario
    siren: str | None
    number: str | None
    remaining: int | None
    subject: Subject

    def matches(self, subject: Subject, scope: Scope, siren: str, number: str) -> bool:
        return (
            self.subject is subject
            and self.scope is scope
            and self.siren in (None, siren)
            and self.number in (None, number)
            and self.remaining != 0
        )


class Scenarios:
    """The rules in force. The last one set wins among those of the same scope."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rules: list[_Rule] = []
        self._prefix_faults_done: set[tuple[str, str]] = set()

    def add(
        self,
        scenario: Scenario,
        scope: Scope,
        *,
        siren: str | None = None,
        number: str | None = None,
        times: int | None = None,
        subject: Subject = Subject.ACT,
    ) -> None:
        """Add a rule for the next `times` deposits that it covers, or for all of them."""
        with self._lock:
            self._rules.insert(0, _Rule(scope, scenario, siren, number, times, subject))

    def clear(self) -> None:
        """Forget every rule; the prefixes stay."""
        with self._lock:
            self._rules.clear()

    def choose(self, siren: str, number: str, subject: Subject = Subject.ACT) -> Scenario:
        """The scenario of this deposit; one use of its rule is spent. `number`: of the act."""
        with self._lock:
            for scope in Scope:
                chosen = (
                    self._of_prefix(subject, siren, number)
                    if scope is Scope.PREFIX
                    else self._of_rule(subject, scope, siren, number)
                )
                if chosen is not None:
                    return chosen
        return Scenario()

    def _of_rule(self, subject: Subject, scope: Scope, siren: str, number: str) -> Scenario | None:
        for rule in self._rules:
            if rule.matches(subject, scope, siren, number):
                if rule.remaining is not None:
                    rule.remaining -= 1
                return rule.scenario
        return None

    def _of_prefix(self, subject: Subject, siren: str, number: str) -> Scenario | None:
        if subject is not Subject.ACT:
            return _cancellation_of_number(number) if subject is Subject.CANCELLATION else None
        scenario = scenario_of_number(number)
        if scenario is None or scenario.fault is None:
            return scenario
        # A fault strikes the first deposit only, or a client that tries again never gets through.
        if (siren, number) in self._prefix_faults_done:
            return Scenario()
        self._prefix_faults_done.add((siren, number))
        return scenario
