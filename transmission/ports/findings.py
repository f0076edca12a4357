"""What the services need of the register for the compliance checks: part of the unit of work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from transmission.domain.delays import UsualDelay
from transmission.domain.legal.checked import Letter, Sending
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.mise_en_ligne import Publicised
from transmission.domain.transmission import Author


@dataclass(frozen=True, slots=True)
class Examined:
    """What was looked at, so that nothing else closes: these checks, and the acts they were of.

    Without acts (None), everything that these checks may find of the authority was looked at.
    """

    checks: frozenset[str]
    actes: frozenset[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFinding:
    """A finding as it stands in the register. Instants are aware UTC."""

    id: int
    collectivite_id: int
    acte_id: int | None
    check: str
    severity: Severity
    message: str
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    closed_at: datetime | None = None
    closed_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the register holds around an act, for its checks; everything is oldest first.

    No sending has a ``usual_delay`` yet.
    """

    sendings: tuple[Sending, ...] = ()
    letters: tuple[Letter, ...] = ()
    publications: tuple[Publicised, ...] = ()


class FindingRegister(Protocol):
    """Part of the unit of work."""

    def surroundings(self, acte_ids: Sequence[int]) -> Mapping[int, Surroundings]:
        """What is around some acts, in a handful of statements; every act asked for is there."""
        ...

    def usual_delays(self) -> Mapping[str, UsualDelay]:
        """By name of TdT, how long its last acts took from sending to the record of the AR."""
        ...

    def save_findings(
        self, collectivite_id: int, examined: Examined, findings: Sequence[Finding], now: datetime
    ) -> None:
        """Keep what was found of an authority: one row is open for each (check, key), none is lost.

        What is new opens. What is still there is brought up to date, and stays acknowledged; once
        graver than what was acknowledged, it closes and opens anew, for somebody to see. What was
        ``examined`` and is not found any more closes, because its cause is gone. Of a cause that
        comes back a new row opens. ``findings`` hold no (check, key) twice.
        """
        ...

    def finding(self, finding_id: int) -> KeptFinding:
        """A finding, open or closed. Raises NotFoundError."""
        ...

    def acknowledge_finding(
        self, finding_id: int, author: Author, at: datetime, *, closing: str | None = None
    ) -> None:
        """Write who saw an open finding, and why it may stay; with ``closing``, close it for that
        reason (French).

        Raises ConflictError when it was acknowledged or closed meanwhile.
        """
        ...

    def mark_silent(self, sent_before: datetime) -> int:
        """Have the acts read again whose sending may have left before an instant and has no AR yet,
        unless its silence is known to be grave; how many were marked."""
        ...
