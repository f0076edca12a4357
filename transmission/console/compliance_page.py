"""The page of what the checks found: what its address asks for, what it shows, what comes next."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import urlencode

from sqlalchemy import Connection

from transmission.clock import civil_day
from transmission.console.queue_page import NAMES_SHOWN
from transmission.console.words import number, plural
from transmission.domain.legal.checks import CHECKS
from transmission.domain.legal.findings import Severity
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.rappels import Limit, is_duty, is_open, is_recalled
from transmission.domain.legal.rules import RULES, Confidence
from transmission.store.queries.ahead import OwnerAhead, authorities_ahead
from transmission.store.queries.counts import authority_names
from transmission.store.queries.findings import (
    FINDINGS_CEILING,
    FindingCounts,
    FindingCursor,
    FindingLine,
    FindingPage,
    WantedFindings,
    finding_counts,
    open_findings,
)
from transmission.store.queries.limits import Span, limits_between

PATH = "/conformite"
AHEAD = timedelta(days=30)
"""How far the next limits are shown."""

OWNERS_SHOWN = 10
LIMITS_SHOWN = 12
LIMITS_OF_ONE = 60

_SEEN = {"oui": True, "non": False}


@dataclass(frozen=True, slots=True)
class FindingFilters:
    """What the address of the page says; empty is for all."""

    gravite: str = ""
    controle: str = ""
    collectivite: str = ""
    vu: str = ""
    apres: str = ""

    @property
    def wanted(self) -> WantedFindings:
        """What to ask of the register. Raises ValueError for a value that means nothing."""
        if self.vu and self.vu not in _SEEN:
            raise ValueError(f"unknown filter: {self.vu!r}")
        return WantedFindings(
            severity=Severity.of(self.gravite) if self.gravite else None,
            check=self.controle or None,
            siren=self.collectivite or None,
            seen=_SEEN.get(self.vu),
        )

    @property
    def cursor(self) -> FindingCursor | None:
        """Where the page begins. Raises ValueError."""
        return FindingCursor.parse(self.apres) if self.apres else None

    @property
    def narrows(self) -> bool:
        """Whether some findings are left out."""
        return bool(self.gravite or self.controle or self.collectivite or self.vu)

    def url(self, path: str = PATH, **changes: str) -> str:
        """The same list in another form, or with other filters, from its first page."""
        chosen = replace(self, **({"apres": ""} | changes))
        named = {
            "gravite": chosen.gravite,
            "controle": chosen.controle,
            "collectivite": chosen.collectivite,
            "vu": chosen.vu,
            "apres": chosen.apres,
        }
        query = urlencode({name: value for name, value in named.items() if value})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding with its words."""

    line: FindingLine

    @property
    def title(self) -> str:
        """What the check looks for; the code of one that this program does not know."""
        return check_label(self.line.check)

    @property
    def source(self) -> str:
        """The rule, if there is one, and the text."""
        line = self.line
        return f"Règle {line.rule}. {line.article}" if line.rule else line.article

    @property
    def is_to_verify(self) -> bool:
        """Whether no source was found for the rule."""
        rule = RULES.get(self.line.rule or "")
        return rule is not None and rule.confidence is Confidence.TO_VERIFY


@dataclass(frozen=True, slots=True)
class OwnerLimits:
    """The next limits of an authority; ``more`` when others are not shown."""

    owner: OwnerAhead
    limits: tuple[Limit, ...]
    now: datetime
    more: bool

    def days_left(self, limit: Limit) -> str:
        """How far the day is in the authority's calendar."""
        left = (limit.day - civil_day(self.now, self.owner.time_zone)).days
        return plural(left, "jour", "jours") if left else "aujourd'hui"

    def is_duty(self, limit: Limit) -> bool:
        """Whether somebody of the authority has something to do by then; to withdraw is a power."""
        return is_duty(limit.name) and limit.name is not DateName.RETRAIT


@dataclass(frozen=True, slots=True)
class CompliancePage:
    """Everything the page shows."""

    filters: FindingFilters
    now: datetime
    page: FindingPage
    counted: FindingCounts
    ahead: tuple[OwnerLimits, ...]
    names: Sequence[tuple[str, str]]
    everywhere: bool = True
    """Whether all authorities may be looked at together."""

    @property
    def findings(self) -> tuple[FindingView, ...]:
        """The findings of the page."""
        return tuple(FindingView(line) for line in self.page.lines)

    @property
    def chooses_names(self) -> bool:
        """Whether authorities are few enough to be chosen in a list."""
        return len(self.names) <= NAMES_SHOWN

    @property
    def total(self) -> int:
        """How many findings are counted."""
        return sum(each.count for each in self.counted.counts)

    @property
    def severities(self) -> tuple[tuple[Severity, int], ...]:
        """How many findings of each severity."""
        return tuple(
            (severity, sum(one.count for one in self.counted.counts if one.severity is severity))
            for severity in Severity
        )

    @property
    def checks(self) -> tuple[tuple[str, str, int], ...]:
        """Code, label and number of findings of each check that found something."""
        found: dict[str, int] = {}
        for one in self.counted.counts:
            found[one.check] = found.get(one.check, 0) + one.count
        return tuple((code, check_label(code), count) for code, count in found.items())

    @property
    def unseen(self) -> int:
        """How many were not acknowledged."""
        return sum(one.count for one in self.counted.counts if not one.seen)

    @property
    def summary(self) -> str:
        """Where the authorities stand, in one sentence."""
        if not self.total:
            return "Aucun constat ouvert."
        grave = dict(self.severities)[Severity.GRAVE]
        least = "plus de " if self.counted.capped else ""
        shown = min(self.total, FINDINGS_CEILING)
        sentence = f"{least}{plural(shown, 'constat ouvert', 'constats ouverts')}"
        if grave:
            sentence += f", dont {plural(grave, 'grave', 'graves')}"
        if self.unseen:
            sentence += f" ; {number(self.unseen)} dont personne n'a pris acte"
        return f"{sentence[:1].upper()}{sentence[1:]}."

    @property
    def days_ahead(self) -> int:
        """How many days the next limits look ahead."""
        return AHEAD.days

    def label(self, name: DateName) -> str:
        """What a limit is."""
        return name.label


def read_compliance(
    connection: Connection,
    filters: FindingFilters,
    now: datetime,
    readable: Collection[str] | None = None,
) -> CompliancePage:
    """The page that an address asks for, for whoever may read of some authorities, or of all.

    Raises ValueError when it means nothing.
    """
    wanted, siren = filters.wanted, filters.collectivite or None
    return CompliancePage(
        filters=filters,
        now=now,
        page=open_findings(connection, wanted, filters.cursor),
        counted=finding_counts(connection, siren),
        ahead=tuple(_ahead(connection, siren, now)),
        names=authority_names(connection, NAMES_SHOWN + 1, readable),
        everywhere=readable is None,
    )


def check_label(code: str) -> str:
    """What a check looks for, by its code; an unknown one is shown as it is."""
    known = CHECKS.get(code)
    return known.titre if known else code


def _ahead(connection: Connection, siren: str | None, now: datetime) -> Iterator[OwnerLimits]:
    # Somewhere it is still yesterday, or already tomorrow: each authority has its own day.
    first = now.date() - timedelta(days=1)
    shown = LIMITS_OF_ONE if siren else LIMITS_SHOWN
    last = first + AHEAD + timedelta(days=2)
    owners = authorities_ahead(connection, first, last, OWNERS_SHOWN, siren)
    for owner in owners:
        today = civil_day(now, owner.time_zone)
        dates = limits_between(connection, Span(owner.id, today, today + AHEAD))
        running = (each.limit for each in dates if _runs(each.limit))
        limits = tuple(islice(running, shown + 1))
        if limits:
            yield OwnerLimits(owner, limits[:shown], now, len(limits) > shown)


def _runs(limit: Limit) -> bool:
    return is_recalled(limit.name) and is_open(limit)
