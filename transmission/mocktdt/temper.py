"""The mood of the platform: unpleasant from a seed, or calm."""

import random
from collections.abc import Sequence
from threading import Lock
from typing import TypeVar

_Item = TypeVar("_Item")

_MAX_PAUSE = 0.06
_SUDDEN_CLOSES = 0.04
_UNKNOWN_LENGTHS = 0.3
_WRAPPED_MAILS = 0.5


class Temper:
    """Small cruelties of real servers. A calm one commits none, and waits for nothing."""

    def __init__(self, seed: int, *, calm: bool) -> None:
        self.calm = calm
        self._lock = Lock()
        # Apart, so that the number of calls does not change the numbers of the ministry.
        self._random, self._cookies, self._counter, self._mails = (
            random.Random(seed + rank)  # noqa: S311 - must be repeatable, guards nothing
            for rank in range(4)
        )

    def pause(self) -> float:
        """Real seconds to wait before an answer."""
        return 0.0 if self.calm else self._draw() ** 2 * _MAX_PAUSE

    def closes_after_answer(self) -> bool:
        """Whether to close the connection without having said so."""
        return not self.calm and self._draw() < _SUDDEN_CLOSES

    def hides_length(self) -> bool:
        """Whether to answer in chunks rather than with a Content-Length."""
        return not self.calm and self._draw() < _UNKNOWN_LENGTHS

    def around(self, seconds: float) -> float:
        """A delay of about `seconds`."""
        return seconds if self.calm else seconds * (0.5 + self._draw())

    def sequence(self) -> int:
        """A counter of the ministry: arbitrary, sometimes above four digits."""
        with self._lock:
            return self._counter.randrange(12_000)

    def shuffled(self, items: Sequence[_Item]) -> list[_Item]:
        """The order in which a mail carries its attachments; the usual one when calm."""
        with self._lock:
            return list(items) if self.calm else self._mails.sample(items, len(items))

    def wraps(self) -> bool:
        """Whether a mail hides its parts in a multipart/alternative; never when calm."""
        with self._lock:
            return not self.calm and self._mails.random() < _WRAPPED_MAILS

    def nonce(self) -> str:
        """A nonce: repeatable from the seed, like everything here."""
        with self._lock:
            return f"{self._cookies.getrandbits(64):016x}"

    def session(self) -> str:
        """The value of a PHP session cookie."""
        with self._lock:
            return f"{self._cookies.getrandbits(104):026x}"

    def _draw(self) -> float:
        with self._lock:
            return self._random.random()
