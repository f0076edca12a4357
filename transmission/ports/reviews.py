"""What the services need of the register to check many acts together: part of the unit of work."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from transmission.domain.legal.checks_fichier import SentFile
from transmission.domain.legal.checks_seance import ListedActe
from transmission.domain.legal.checks_serie import Numbering
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.rappels import Limit


class ReviewRegister(Protocol):
    """Part of the unit of work."""

    def hold_review(self, authority_id: int) -> None:
        """Wait until nobody else checks the lists of an authority, and make others wait until the
        end: what was read last is written last."""
        ...

    def unsent_listed(self, authority_id: int) -> Sequence[ListedActe]:
        """The acts of the lists that count which the register does not have, or which never left.

        An act is found by its number, that of its nature if the list tells it, adopted on the day
        of the sitting or, failing that, within a month of it.
        """
        ...

    def numberings(
        self, authority_id: int, years: Collection[int], today: date
    ) -> Sequence[Numbering]:
        """The numbers of each nature in each of some years, as read on ``today``."""
        ...

    def years_of_findings(self, authority_id: int, checks: Collection[str]) -> frozenset[int]:
        """The years that the open findings of some checks of numberings are about."""
        ...

    def same_files(self, authority_id: int) -> Sequence[SentFile]:
        """The acts that left, of which the main document is that of an act of another number.

        Of one document, only the newest acts are told.
        """
        ...

    def handed_over_at(self, authority_id: int) -> Sequence[datetime]:
        """When the last acts were handed over, aware UTC."""
        ...

    def first_limit(
        self, authority_id: int, names: Collection[DateName], first: date, last: date
    ) -> Limit | None:
        """The first date of some names that still asks something of the authority, in a span of
        civil days."""
        ...
