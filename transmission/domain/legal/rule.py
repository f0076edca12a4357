"""What is known of one rule of the legal clock, and how well it was read."""

from dataclasses import dataclass
from datetime import date
from enum import Enum


class Confidence(Enum):
    """How a rule was read: code kept, label shown to people."""

    V = ("V", "texte en vigueur lu")
    V_OLD = ("V-old", "texte lu dans une version antérieure à celle en vigueur")
    S = ("S", "lu dans une source secondaire")
    TO_VERIFY = ("à vérifier", "à vérifier")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: ``titre`` and ``basis`` are shown to people, in French.

    ``confidence`` is that of the weakest source that its computation rests on. ``in_force_from`` is
    the first civil day of the text applied here, where one is known; ``in_force_until`` the last.
    """

    id: str
    titre: str
    basis: str
    confidence: Confidence
    in_force_from: date | None = None
    in_force_until: date | None = None

    def applies_on(self, day: date) -> bool:
        """Whether the text applied here is in force on a civil day, as far as is known."""
        begun = self.in_force_from is None or day >= self.in_force_from
        return begun and (self.in_force_until is None or day <= self.in_force_until)
