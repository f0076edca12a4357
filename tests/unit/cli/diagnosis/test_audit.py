"""What is said of the background round."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from transmission.cli.diagnosis.audit import audit
from transmission.cli.diagnosis.findings import Grade
from transmission.store.queries import Health, Waiting

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def _health(**changes: Any) -> Health:
    none = Waiting(0)
    return Health({}, 0, none, none, none, (), {}, **changes)


@pytest.mark.parametrize(
    ("changes", "days", "grade", "said"),
    [
        ({"differing": Waiting(2, NOW)}, 30, Grade.WRONG, "2 différence(s)"),
        ({}, 0, Grade.WARNING, "Rien n'est relu"),
        ({"reread_at": NOW - timedelta(days=62)}, 30, Grade.WARNING, "date du 30/12/2025"),
        ({"reread_at": NOW - timedelta(days=40)}, 30, Grade.FINE, "Tout a été relu au 21/01/2026"),
        ({}, 30, Grade.FINE, "jusqu'ici"),
    ],
)
def test_the_round_is_judged_on_what_it_found_and_on_its_end(
    changes: dict[str, Any], days: int, grade: Grade, said: str
) -> None:
    (found,) = audit(_health(**changes), days, NOW)
    assert found.grade is grade
    assert said in found.said
