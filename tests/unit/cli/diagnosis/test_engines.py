"""What a broker and a clock are judged on; the database is judged with the whole installation."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from transmission.cli.diagnosis import engines
from transmission.cli.diagnosis.engines import broker, clock
from transmission.cli.diagnosis.findings import Finding, Grade
from transmission.settings import Settings
from workers.broker import BrokerFacts

SOUND: dict[str, Any] = {
    "name": "Valkey 9.1.2",
    "eviction": "noeviction",
    "appends": True,
    "written": True,
    "used": 10**6,
    "limit": 0,
}
NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)


def _judged(monkeypatch: pytest.MonkeyPatch, facts: BrokerFacts | None) -> list[Finding]:
    monkeypatch.setattr(engines, "broker_facts", lambda _settings: facts)
    return list(broker(Settings()))


def test_a_sound_broker_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = _judged(monkeypatch, BrokerFacts(**SOUND))
    assert found.grade is Grade.FINE
    assert "Valkey 9.1.2" in found.said


@pytest.mark.parametrize(
    ("changes", "grade", "words"),
    [
        ({"eviction": "allkeys-lru"}, Grade.WRONG, "maxmemory-policy noeviction"),
        ({"appends": False}, Grade.WARNING, "appendonly yes"),
        ({"written": False}, Grade.WRONG, "place"),
        ({"limit": 1_200_000}, Grade.WRONG, "maxmemory"),
        ({"limit": 1_300_000}, Grade.FINE, "répond"),
    ],
)
def test_each_fault_of_a_broker_is_told_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], grade: Grade, words: str
) -> None:
    (found,) = _judged(monkeypatch, BrokerFacts(**SOUND | changes))
    assert found.grade is grade
    assert words in found.said


def test_all_the_faults_of_a_broker_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = {"eviction": "allkeys-lru", "appends": False, "written": False, "limit": 1}
    assert len(_judged(monkeypatch, BrokerFacts(**SOUND | faults))) == 4


def test_a_broker_that_is_no_redis_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = _judged(monkeypatch, None)
    assert found.grade is Grade.WARNING


class Engine:
    """A database that tells an hour."""

    def __init__(self, told: datetime) -> None:
        self.told = told

    def connect(self) -> "Engine":
        return self

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, _statement: Any) -> "Engine":
        return self

    def scalar_one(self) -> datetime:
        return self.told


class Hours:
    """A clock that is read before and after a slow answer."""

    def __init__(self, *instants: datetime) -> None:
        self.instants = list(instants)

    def now(self) -> datetime:
        return self.instants.pop(0)


@pytest.mark.parametrize(
    ("drift", "words"),
    [(2.0, "à l'heure"), (-2.0, "à l'heure"), (61.0, "retarde de 61 s"), (-3.0, "avance de 3 s")],
)
def test_a_drift_is_told_whatever_the_slowness_of_the_answer(drift: float, words: str) -> None:
    middle = NOW + timedelta(seconds=5)
    engine: Any = Engine(middle + timedelta(seconds=drift))
    (found,) = clock(engine, Hours(NOW, NOW + timedelta(seconds=10)))
    assert words in found.said
    assert found.grade is (Grade.FINE if "heure" in words else Grade.WRONG)
