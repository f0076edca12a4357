"""Read again, by the legal clock, the acts of an authority that changed or whose day has come."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from transmission.clock import civil_day
from transmission.domain.errors import TransmissionError
from transmission.domain.legal.cases import RULES_VERSION, LegalCase
from transmission.domain.legal.reading import Reading
from transmission.ports import KeptReading, NewReading, UnitOfWork
from transmission.services.assessed import AfterReading, Assessed, Moved
from transmission.services.bells import ring_new
from transmission.services.check import check_readings, next_day
from transmission.services.toolbox import Toolbox

BATCH = 200
"""Acts read in one transaction."""

TURNS = 10
"""Transactions of one task: then it rings again, and leaves its place to others."""


class AssessmentError(TransmissionError):
    """Some acts could not be read; the others were."""


def assess(tools: Toolbox, authority_id: int, after_reading: AfterReading = check_readings) -> int:
    """Read the acts of an authority that are to be read again, in batches; how many were.

    Each batch is one transaction: marks, readings and what follows from them, all or nothing. An
    act that changes meanwhile is marked anew, and read again. Raises AssessmentError when some
    acts could not be read: they stay marked.
    """
    tools.answer("assess", authority_id)
    turns = _Turns(tools, authority_id, after_reading)
    read = 0
    for _ in range(TURNS):
        count = turns.take()
        if count == 0:
            break
        read += count
    else:
        turns.go_on()
    turns.tell()
    return read


def ring_assessments(tools: Toolbox) -> int:
    """Ring for every authority with acts to read: a mark, a new civil day, newer rules; how many.

    Each has its own civil day.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        found = unit.authorities_to_assess(now, RULES_VERSION)
        rung = ring_new(unit, [("assess", authority_id) for authority_id in found])
        unit.commit()
    return rung


class _Turns:
    """The batches of one task: up to what was marked at its start, then in the order of acts."""

    def __init__(self, tools: Toolbox, authority_id: int, after_reading: AfterReading) -> None:
        self._tools = tools
        self._authority_id = authority_id
        self._after_reading = after_reading
        self._now = tools.clock.now()
        self._newest: int | None = None
        self._last = 0
        self._faults: dict[int, Exception] = {}

    def take(self) -> int:
        """Read one batch; how many acts it held."""
        with self._tools.register() as unit:
            newest = unit.begin_assessment(self._authority_id)
            if newest is None:
                return 0
            self._newest = newest if self._newest is None else self._newest
            stale = unit.claim_stale(self._authority_id, self._newest, BATCH)
            actes = stale or self._due(unit)
            if actes:
                self._read(unit, actes)
            for acte_id in self._faults.keys() & set(stale):
                unit.mark_stale(acte_id)
            unit.commit()
        return len(actes)

    def go_on(self) -> None:
        """Ask for another task, unless this one meets faults that it would meet again."""
        if self._faults:
            return
        with self._tools.register() as unit:
            unit.ring("assess", self._authority_id)
            unit.commit()

    def tell(self) -> None:
        """Raise AssessmentError when some acts could not be read."""
        if self._faults:
            some = ", ".join(f"n° {acte_id}" for acte_id in sorted(self._faults)[:20])
            raise AssessmentError(
                f"L'horloge légale n'a pas pu lire {len(self._faults)} acte(s) : {some}. Ce défaut "
                "est à signaler ; les autres actes ont été lus."
            ) from next(iter(self._faults.values()))

    def _due(self, unit: UnitOfWork) -> Sequence[int]:
        zone = unit.authority(self._authority_id).collectivite.time_zone
        today = civil_day(self._now, zone)
        actes = unit.due_readings(self._authority_id, today, RULES_VERSION, self._last, BATCH)
        self._last = actes[-1] if actes else self._last
        return actes

    def _read(self, unit: UnitOfWork, actes: Sequence[int]) -> None:
        known = unit.readings_of(actes)
        assessed, kept = [], []
        for case in unit.legal_cases(actes):
            if (reading := self._reading(case)) is None:
                continue
            new, old = _kept(case, reading, self._now), known.get(case.acte_id)
            moved = tuple(_moved(new, old))
            assessed.append(Assessed(case, reading, moved, old.at if old else None))
            kept.append(new)
        unit.save_readings(kept)
        self._faults |= self._after_reading(unit, assessed, self._now) or {}

    def _reading(self, case: LegalCase) -> Reading | None:
        try:
            return case.read(civil_day(self._now, case.time_zone))
        except Exception as fault:  # noqa: BLE001 - one act must not keep the others from being read
            self._faults[case.acte_id] = fault
            return None


def _kept(case: LegalCase, reading: Reading, now: datetime) -> NewReading:
    return NewReading(
        acte_id=case.acte_id,
        collectivite_id=case.collectivite_id,
        at=now,
        inputs=case.inputs(),
        rules=RULES_VERSION,
        states={
            "acte": reading.acte_state.code,
            "controle": reading.control_state.code,
            "tiers": reading.third_state.code,
            "soumission": reading.portee.soumission.code,
        },
        dates=reading.dates,
        next_day=next_day(case, reading),
    )


def _moved(reading: NewReading, known: KeptReading | None) -> Iterator[Moved]:
    """Days that are not what they were, though the same was read: ``today`` moves none."""
    if known is None or known.inputs != reading.inputs:
        return
    old = {each.name: (each.day, each.rule) for each in known.dates}
    new = {each.name: (each.day, each.rule) for each in reading.dates}
    for name in sorted(old.keys() | new.keys()):
        was, _ = old.get(name, (None, ""))
        now, rule = new.get(name) or (None, old[name][1])
        if was != now:
            yield Moved(name, was, now, rule)
