"""What a compliance check found: how grave, about what, on which text, with what proof."""

from collections.abc import Iterable
from dataclasses import dataclass

from transmission.domain.coded import Coded


class Severity(Coded):
    """How grave: code kept, label shown; the gravest first."""

    GRAVE = ("grave", "Grave")
    ATTENTION = ("attention", "Attention")
    INFO = ("info", "Information")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found.

    ``check`` is a stable code and ``key`` what it is about within that check, whatever the texts
    become: an authority has one open finding of each (check, key). ``message`` says in French what
    happened to which act, ``remedy`` what to do. ``rule`` is an id of the rules, None for a
    technical check; ``article`` is shown to people. ``evidence`` is pairs (French label, value) by
    which to verify without this program.
    """

    check: str
    key: str
    severity: Severity
    message: str
    remedy: str
    rule: str | None
    article: str
    evidence: tuple[tuple[str, str], ...]
    acte_id: int | None = None
    collectivite_id: int | None = None


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The gravest first, then by check and key, so that a list reads the same twice."""
    return tuple(sorted(findings, key=lambda each: (_RANKS[each.severity], each.check, each.key)))
