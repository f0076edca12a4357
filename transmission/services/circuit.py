"""The health of a TdT, deduced from what all authorities meet there: a circuit that holds the rest.

While it is open nothing is sent there, no act is blamed, and nobody is asked. It closes by itself,
gently: one sending tries, then two, then four, so that a TdT which comes back is not drowned.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from transmission.domain.collectivite import TdtAccount
from transmission.domain.outcomes import InDoubt, Outcome, Unavailable
from transmission.ports import Circuit, UnitOfWork

FAILURES_TO_OPEN = 3
"""Failures in a row, of any authority, after which the TdT is held to be down."""

PAUSES = (30.0, 60.0, 120.0, 300.0)
"""Seconds before it is tried again; the last repeats."""


def allowance(unit: UnitOfWork, account: TdtAccount, now: datetime, most: int) -> int:
    """How many parcels may be tried at a TdT now: none while it is down, few when it comes back.

    Takes the turn to try, so that one caller alone does while it is down.
    """
    known = unit.circuit(account.base_url)
    if known is None or known.failures < FAILURES_TO_OPEN:
        return most if known is None else _ramp(known, most)
    if known.open_until is not None and now < known.open_until:
        return 0
    unit.set_circuit(account.base_url, replace(known, open_until=now + _pause(known)))
    return 1


def report(unit: UnitOfWork, account: TdtAccount, now: datetime, outcome: Outcome) -> None:
    """Count what a sending met; a refusal is an answer, so the TdT is well."""
    known = unit.circuit(account.base_url)
    if isinstance(outcome, Unavailable | InDoubt):
        unit.set_circuit(account.base_url, _failed(known, now, outcome.reason))
    elif known is not None and (known.failures or known.successes < _FULL):
        since = now if known.failures else known.since
        healed = Circuit(0, min(known.successes + 1, _FULL), since)
        unit.set_circuit(account.base_url, healed)


_FULL = 8
"""Successes in a row after which a TdT is trusted with everything again."""


def _failed(known: Circuit | None, now: datetime, reason: str) -> Circuit:
    failures = known.failures + 1 if known else 1
    since = known.since if known and known.failures else now
    failed = Circuit(failures, 0, since, None, reason)
    if failures < FAILURES_TO_OPEN:
        return failed
    return replace(failed, open_until=now + _pause(failed))


def _pause(known: Circuit) -> timedelta:
    rank = min(known.failures - FAILURES_TO_OPEN, len(PAUSES) - 1)
    return timedelta(seconds=PAUSES[max(rank, 0)])


def _ramp(known: Circuit, most: int) -> int:
    return int(min(most, 2**known.successes))
