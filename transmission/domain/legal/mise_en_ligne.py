"""What the looks at an act on line tell its checks: when it was absent, what answers now.

A look that nobody answered tells nothing: it neither begins, ends nor lengthens anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby, zip_longest

from transmission.domain.legal.checked import Absence
from transmission.domain.publication import Verdict

MISSED = frozenset({Verdict.ABSENT, Verdict.PAGE_HTML, Verdict.ENDOMMAGE})
"""Verdicts by which the public has no file of the act."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at a publication: ``at`` is aware UTC, ``sha256`` that of the file that answered."""

    at: datetime
    verdict: Verdict
    sha256: str | None = None
    detail: str | None = None

    @property
    def is_miss(self) -> bool:
        """Whether there was no file of the act."""
        return self.verdict in MISSED

    @property
    def is_amiss(self) -> bool:
        """Whether it was not what was published. Another file than ours, which never changed, is
        what was published."""
        return self.is_miss or self.verdict is Verdict.CHANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Publicised:
    """A time of an act on line: from ``at`` to ``withdrawn_at`` (aware UTC), None while it lasts.

    ``sha256`` is the digest of what was published or, while that is not known, of the act.
    ``looks`` are those that told something, oldest first; all found what was published when there
    is none.
    """

    date_mise_en_ligne: date
    address: str
    sha256: str
    at: datetime
    withdrawn_at: datetime | None = None
    looks: tuple[Seen, ...] = ()


def absences_of(publications: Sequence[Publicised], zone: tzinfo) -> tuple[Absence, ...]:
    """When the act was not there, since its last mise en ligne, in civil days of ``zone``.

    One that was taken off line is absent until it is put back and, while it is not, for good
    (``date.max``).
    """
    found = []
    for publication, after in zip_longest(publications, publications[1:]):
        found += list(_missed(publication, zone))
        if publication.withdrawn_at is not None:
            first = publication.withdrawn_at.astimezone(zone).date()
            found.append(Absence(first, after.at.astimezone(zone).date() if after else date.max))
    since = publications[-1].date_mise_en_ligne if publications else date.min
    return tuple(each for each in found if each.first >= since)


def last_looks(publications: Sequence[Publicised]) -> tuple[Seen, ...]:
    """The last looks in a row at what is on line that saw the same thing amiss, oldest first."""
    current = publications[-1] if publications else None
    if current is None or current.withdrawn_at is not None or not current.looks:
        return ()
    runs = [tuple(run) for _, run in groupby(current.looks, key=_what)]
    return runs[-1] if runs[-1][-1].is_amiss else ()


def _missed(publication: Publicised, zone: tzinfo) -> Iterator[Absence]:
    for miss, looks in groupby(publication.looks, key=lambda look: look.is_miss):
        if miss:
            days = [look.at.astimezone(zone).date() for look in looks]
            yield Absence(days[0], days[-1])


def _what(look: Seen) -> str | None:
    return None if look.is_miss else look.sha256
