"""Ring for what waits, once: the outbox is not filled with what it already holds."""

from collections.abc import Sequence

from transmission.ports import UnitOfWork

Bell = tuple[str, int]
"""A task and its subject."""


def ring_new(unit: UnitOfWork, bells: Sequence[Bell]) -> int:
    """Ring those that no task is about to be asked for, in their order; how many.

    The outbox is read only when there is something to ring.
    """
    if not bells:
        return 0
    waiting = unit.waiting_bells()
    new = [bell for bell in bells if bell not in waiting]
    for bell in new:
        unit.ring(*bell)
    return len(new)
