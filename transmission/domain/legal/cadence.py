"""How often an authority sends: what tells whether a certificate lasts until the next time."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

_FEW = 5
"""Intervals under which nothing is usual."""
_SHARE = 0.9


def usual_interval(days: Iterable[date]) -> timedelta | None:
    """The time in which the next sending came, nine times out of ten; None when too few are known.

    ``days`` are civil days on which something was sent, in any order: a sitting sends twenty acts
    on one.
    """
    known = sorted(set(days))
    gaps = sorted(after - before for before, after in pairwise(known))
    if len(gaps) < _FEW:
        return None
    return gaps[min(int(len(gaps) * _SHARE), len(gaps) - 1)]
