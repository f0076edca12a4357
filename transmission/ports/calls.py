"""What was asked and answered under a key that a program gave: part of the unit of work."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Call:
    """A request that acts: ``asked`` is the SHA-256 of what it asked.

    ``status`` and ``answer`` are None while it is not answered; ``at`` is aware UTC.
    """

    asked: str
    at: datetime
    status: int | None
    answer: dict[str, Any] | None


class CallRegister(Protocol):
    """Part of the unit of work."""

    def begin_call(
        self, collectivite_id: int, key: str, asked: str, at: datetime, dead_before: datetime
    ) -> Call | None:
        """Take a key for a request. None when it is taken: nobody had it, or the very same was
        begun before ``dead_before`` and never answered; otherwise the request that has it."""
        ...

    def end_call(self, collectivite_id: int, key: str, status: int, answer: dict[str, Any]) -> None:
        """Write what was answered."""
        ...

    def drop_call(self, collectivite_id: int, key: str) -> None:
        """Give the key up: nothing was done under it."""
        ...

    def forget_calls(self, before: datetime) -> int:
        """Remove those begun before an instant; how many were."""
        ...
