"""Every rule of the legal clock, by its id (legal clock §§1 to 13)."""

from transmission.domain.legal.rule import Confidence, Rule
from transmission.domain.legal.rules_acte import ACTE_RULES
from transmission.domain.legal.rules_controle import CONTROLE_RULES

__all__ = ["RULES", "Confidence", "Rule"]

RULES: dict[str, Rule] = {rule.id: rule for rule in (*ACTE_RULES, *CONTROLE_RULES)}
"""One entry a rule, in no order that matters."""
