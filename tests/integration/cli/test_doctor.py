"""The diagnosis of a whole installation: sound, and wrong in every place."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.scene import SIREN, Scene
from tests.support.service import service
from transmission.embedded.processes import wait_until
from transmission.services.enroll import replace as replace_authority
from transmission.store.queries import read_health
from workers.queues import TASKS, heartbeat_of

Run = Callable[..., SimpleNamespace]
PATIENCE = 60


def _grades(ended: SimpleNamespace) -> dict[str, list[str]]:
    """Grades of each subject, in the order told."""
    found: dict[str, list[str]] = {}
    for check in json.loads(ended.out)["checks"]:
        found.setdefault(check["check"], []).append(check["grade"])
    return found


def _said(ended: SimpleNamespace, subject: str) -> str:
    checks = json.loads(ended.out)["checks"]
    return "\n".join(check["said"] for check in checks if check["check"] == subject)


@pytest.fixture
def working(
    served: Scene,
    database_url: str,
    broker_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """The scene with a broker, a relay and a worker at work."""
    monkeypatch.setenv("TRANSMISSION_BROKER_URL", broker_url)
    expected = set(map(heartbeat_of, TASKS))

    def told() -> bool:
        with served.engine.connect() as connection:
            return expected <= set(read_health(connection).heartbeats)

    with service(served, database_url, broker_url, tmp_path / "documents", tmp_path / "l") as made:
        made.start("scheduler")
        made.start("worker", "--pool=solo")
        assert wait_until(told, PATIENCE)
        yield served


def test_a_sound_installation_is_told_sound_in_order(working: Scene, run: Run) -> None:
    ended = run("doctor", "--json")
    grades = _grades(ended)
    assert json.loads(ended.out)["sound"] is True, ended.out
    assert list(grades) == [
        "settings", "database", "clock", "broker", "documents", "certificates", "time_stamps",
        "tdt", "scheduler", "workers", "waiting", "people", "journal", "audit",
    ]  # fmt: skip
    assert {grade for each in grades.values() for grade in each} <= {"fine", "warning"}
    assert ended.code == 0
    shown = run("doctor")
    assert (shown.code, shown.err) == (0, "")
    assert "✓ Exécutants : Toutes les files sont servies." in shown.out
    assert all(len(line) <= 80 for line in shown.out.splitlines() if "/" not in line)


def test_everything_that_is_wrong_is_told_at_once(
    served: Scene, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "fichier"
    blocked.touch()
    monkeypatch.setenv("TRANSMISSION_DOCUMENTS_DIR", str(blocked))
    with served.tools.register() as unit:
        known = unit.authority_by_siren(SIREN).collectivite
    away = replace(known.tdt, base_url="https://127.0.0.1:1")
    replace_authority(served.tools, replace(known, tdt=away))
    ended = run("doctor", "--json")
    assert ended.code == 1
    grades = _grades(ended)
    # The tests' own account owns the tables.
    assert grades["database"] == ["fine", "warning"]
    assert grades["clock"] == ["fine"]
    assert grades["broker"] == grades["documents"] == grades["scheduler"] == ["wrong"]
    assert grades["workers"] == ["warning"]
    assert "le serveur refuse la connexion" in _said(ended, "tdt")
    assert "Démarrez « transmission scheduler »" in _said(ended, "scheduler")
    assert "Rien ne peut être écrit" in _said(ended, "documents")


def test_a_database_that_does_not_answer_hides_no_other_fault_and_no_secret_is_shown(
    served: Scene, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRANSMISSION_DATABASE_URL", "postgresql+psycopg://a:s3cret@127.0.0.1:1/b")
    monkeypatch.setenv("TRANSMISSION_BROKER_URL", "redis://:s3cret@127.0.0.1:1/0")
    ended = run("doctor", "--json")
    assert ended.code == 1
    assert _grades(ended) == {
        "settings": ["fine"], "database": ["wrong"], "broker": ["wrong"], "documents": ["fine"],
        "waiting": ["warning"],
    }  # fmt: skip
    assert "s3cret" not in ended.out + ended.err
    assert "démarrez-la" in _said(ended, "database")


def test_an_address_that_is_none_is_told(
    served: Scene, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRANSMISSION_DATABASE_URL", "foo://a:s3cret@127.0.0.1:1/b")
    monkeypatch.setenv("TRANSMISSION_BROKER_URL", "foo://a:s3cret@127.0.0.1:1/b")
    ended = run("doctor", "--json")
    assert _grades(ended)["database"] == _grades(ended)["broker"] == ["wrong"]
    assert "TRANSMISSION_DATABASE_URL n'est pas l'adresse" in _said(ended, "database")
    assert "TRANSMISSION_BROKER_URL n'est pas l'adresse" in _said(ended, "broker")
    assert "s3cret" not in ended.out + ended.err


def test_a_database_of_an_older_version_asks_for_migrate(served: Scene, run: Run) -> None:
    with served.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    ended = run("doctor", "--json")
    assert "« transmission migrate »" in _said(ended, "database")
    assert _grades(ended)["waiting"] == ["warning"]


def test_a_database_that_only_reads_is_told(served: Scene, run: Run, database_url: str) -> None:
    name = database_url.rpartition("/")[2].partition("?")[0]
    with served.engine.begin() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    ended = run("doctor", "--json")
    assert "ne prend que des lectures" in _said(ended, "database")
    assert "tdt" in _grades(ended)


def test_wrong_settings_are_all_told(
    served: Scene, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRANSMISSION_SWEEP_PERIOD", "x")
    monkeypatch.setenv("TRANSMISSION_RELAY_PAUSE", "x")
    ended = run("doctor")
    assert ended.code == 1
    assert "TRANSMISSION_SWEEP_PERIOD" in ended.out
    assert "TRANSMISSION_RELAY_PAUSE" in ended.out
