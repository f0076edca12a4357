"""What a check finds is kept under a stable code and read in a stable order."""

from dataclasses import replace
from itertools import permutations

import pytest

from transmission.domain.legal.findings import Finding, Severity, in_order

LATE = Finding(
    check="reception_tardive",
    key="acte:12",
    severity=Severity.ATTENTION,
    message="Acte 2026_001 : reçu après le délai.",
    remedy="Prenez acte de l'alerte.",
    rule="DT-1",
    article="CGCT",
    evidence=(("Reçu en préfecture le", "3 mars 2026"),),
)


def test_the_gravest_comes_first_then_by_check_and_key() -> None:
    grave = replace(LATE, severity=Severity.GRAVE, check="retrait_tardif")
    other = replace(LATE, key="acte:13")
    mild = replace(LATE, severity=Severity.INFO, check="accuse_absent")
    for found in permutations((LATE, grave, other, mild)):
        assert in_order(found) == (grave, LATE, other, mild)


@pytest.mark.parametrize("severity", Severity)
def test_a_severity_is_found_again_by_its_code(severity: Severity) -> None:
    assert Severity.of(severity.code) is severity


def test_an_unknown_severity_is_refused() -> None:
    with pytest.raises(ValueError, match="terrible"):
        Severity.of("terrible")
