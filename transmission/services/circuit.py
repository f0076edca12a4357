"""The health of a TdT, deduced from what all authorities meet there: a circuit that holds the rest.

While it is open nothing is sent there, no act is blamed, and nobody is asked. It closes by itself,
gently: one parcel tries, then two, then four, so that a TdT which comes back is not drowned.
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
    """How many parcels are worth taking for a TdT now: none while it is down, few as it comes back.

    Each still asks :func:`admits` before it leaves.
    """
    known = unit.circuit(account.base_url)
    if known is None or _is_trusted(known):
        return most
    if known.open_until is None:
        return min(most, known.successes + 1)
    return 0 if now < known.open_until else 1


def admits(unit: UnitOfWork, account: TdtAccount, now: datetime) -> bool:
    """Whether a parcel may leave for a TdT now.

    While it is down, takes the turn to try, so that one parcel alone does: call it last.
    """
    known = unit.circuit(account.base_url)
    if known is None or known.open_until is None:
        return True
    known = unit.lock_circuit(account.base_url, now)
    if known.open_until is None:
        return True
    if now < known.open_until:
        return False
    unit.set_circuit(account.base_url, replace(known, open_until=now + _pause(known)))
    return True


def report(
    unit: UnitOfWork, account: TdtAccount, left_at: datetime, now: datetime, outcome: Outcome
) -> None:
    """Count what a parcel that left at an instant met; a refusal is an answer: the TdT is well."""
    failed = isinstance(outcome, Unavailable | InDoubt)
    known = unit.circuit(account.base_url)
    if not failed and (known is None or _is_trusted(known)):
        return
    known = unit.lock_circuit(account.base_url, now)
    if isinstance(outcome, Unavailable | InDoubt):
        # What left before the circuit opened tells nothing more: many at once are one failure.
        if known.open_until is None or left_at >= known.open_until - _pause(known):
            unit.set_circuit(account.base_url, _failed(known, now, outcome.reason))
    elif not _is_trusted(known):
        since = now if known.failures else known.since
        healed = Circuit(0, min(known.successes + 1, _FULL), since)
        unit.set_circuit(account.base_url, healed)


_FULL = 8
"""Successes in a row after which a TdT is trusted with everything again."""


def _is_trusted(known: Circuit) -> bool:
    return not known.failures and known.successes >= _FULL


def _failed(known: Circuit, now: datetime, reason: str) -> Circuit:
    since = known.since if known.failures else now
    failed = Circuit(known.failures + 1, 0, since, None, reason)
    if failed.failures < FAILURES_TO_OPEN:
        return failed
    return replace(failed, open_until=now + _pause(failed))


def _pause(known: Circuit) -> timedelta:
    rank = min(known.failures - FAILURES_TO_OPEN, len(PAUSES) - 1)
    return timedelta(seconds=PAUSES[rank])
