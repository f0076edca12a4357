"""What a compliance check is, before it has found anything."""

from dataclasses import dataclass
from datetime import date

from transmission.domain.french_dates import long_date
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.rules import RULES, Confidence

Evidence = tuple[tuple[str, str], ...]
"""Pairs (French label, value)."""


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """From when on a check speaks. Days are civil days, hours those of working days where said."""

    accuse_hours: int = 24
    """Hours of working days without AR before it is missed, were the TdT usually faster."""

    accuse_grave_hours: int = 72
    """Hours of working days without AR after which it is grave."""

    accuse_days_apart: int = 4
    """Days between the date of an AR and every clock that saw it, beyond which it is odd."""

    reminder_days: int = 7
    """Days before a silence of the authority becomes a decision."""

    formality_days: int = 7
    """Days that a received act may wait for its publicity, or a published one for its receipt."""

    interruption_checks: int = 2
    """Daily looks in a row that miss a published act before it is said to be absent."""

    adopted_days: int = 7
    """Days that an act of a meeting may wait to be transmitted."""

    series_members: int = 5
    """Acts under which a series of numbers is not judged."""

    series_gap_percent: int = 20
    """Share of missing numbers from which a series is no continuous one."""

    series_jump: int = 10
    """Numbers missing in a row from which the count is taken to have jumped."""

    series_days: int = 15
    """Days that a number may be missing after the act that follows it."""

    certificate_days: int = 30
    """Days before its end within which a certificate is to be renewed, however often one sends."""


DEFAULTS = CheckSettings()


@dataclass(frozen=True, slots=True)
class Check:
    """One check: stable ``code``, French ``titre``, and what it looks at.

    ``severity`` is the usual one; ``looks_at`` says when it is another. ``rules`` are the ids that
    its findings may cite, the usual one first; without any, ``source`` is what people are shown,
    unless the finding itself names a rule.
    In ``remedy``, NUMERO stands for the number of the act.
    """

    code: str
    titre: str
    severity: Severity
    looks_at: str
    remedy: str
    rules: tuple[str, ...] = ()
    source: str = ""

    @property
    def rule(self) -> str | None:
        """The rule that its findings usually cite, None for a technical check."""
        return self.rules[0] if self.rules else None

    @property
    def article(self) -> str:
        """The texts of all its rules, as shown to people."""
        return " ; ".join(dict.fromkeys(article_of(rule) for rule in self.rules)) or self.source

    def found(
        self,
        key: str,
        message: str,
        evidence: Evidence,
        *,
        rule: str | None = None,
        severity: Severity | None = None,
        remedy: str | None = None,
        numero: str = "NUMERO",
        acte_id: int | None = None,
        collectivite_id: int | None = None,
    ) -> Finding:
        """A finding of this check; ``rule``, ``severity`` and ``remedy`` when not the usual ones.

        Raises ValueError for a rule that the check does not list.
        """
        cited = rule or self.rule
        if self.rules and cited not in self.rules:
            raise ValueError(f"{self.code} does not cite {cited}")
        return Finding(
            check=self.code,
            key=key,
            severity=severity or self.severity,
            message=message,
            remedy=(remedy or self.remedy).replace("NUMERO", numero),
            rule=cited,
            article=article_of(cited) if cited else self.source,
            evidence=evidence,
            acte_id=acte_id,
            collectivite_id=collectivite_id,
        )


def dated(*pairs: tuple[str, date | None]) -> Evidence:
    """Civil days as evidence; those that are not known are left out."""
    return tuple((label, long_date(day)) for label, day in pairs if day is not None)


def article_of(rule: str) -> str:
    """The texts of a rule as shown to people, marked « à vérifier » where no source was found."""
    known = RULES[rule]
    mark = f" ({known.confidence.label})" if known.confidence is Confidence.TO_VERIFY else ""
    return f"{known.basis}{mark}"
