"""How long acts and proofs are kept."""

from datetime import date

import pytest

from transmission.domain.legal.conservation import Fate, Retention, proofs_kept_until, retention


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("registre", Retention(1, Fate.PERMANENT)),
        ("arrete_temporaire", Retention(5, Fate.SORTED)),
        ("contentieux", Retention(1, Fate.SORTED)),
        ("autre", None),
    ],
)
def test_papers_are_kept_by_their_kind(kind: str, found: Retention | None) -> None:
    assert retention(kind) == found


def test_proofs_are_kept_a_year_after_the_longest_open_clock() -> None:
    days = [date(2026, 3, 13), date(2026, 5, 18)]
    assert proofs_kept_until(days) == date(2027, 5, 18)


def test_proofs_are_kept_while_a_clock_has_no_end() -> None:
    assert proofs_kept_until([date(2026, 3, 13), None]) is None
    assert proofs_kept_until([]) is None
