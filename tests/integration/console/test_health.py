"""What supervisors are told, on a real register."""

import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, text

from transmission.console import health
from transmission.domain.lifecycle import FINAL, State
from transmission.store.tables import circuit, heartbeat, outbox
from transmission.store.tables_legal import finding
from transmission.store.tables_time_stamps import time_stamp


@pytest.fixture
def away(site_of: Any) -> Any:
    """A console whose register refuses connections."""
    return site_of("postgresql+psycopg://a@127.0.0.1:1/b")


@pytest.fixture
def frozen(site_of: Any) -> Iterator[Any]:
    """A console whose register is like one under SIGSTOP: the system takes its connections, and
    nobody answers there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield site_of(f"postgresql+psycopg://a@127.0.0.1:{server.getsockname()[1]}/b")


def _gauges(site: Any) -> dict[str, dict[str, float]]:
    """Values by gauge, then by its one label."""
    response = site.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        family.name: {"".join(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(response.text)
    }


def test_the_process_lives_whatever_becomes_of_the_register(away: Any) -> None:
    assert (away.get("/healthz").status_code, away.get("/healthz").text) == (200, "vivant\n")


def test_the_console_is_ready_when_its_register_is_up_to_date_or_newer(
    shelf: Any, site: Any
) -> None:
    assert (site.get("/readyz").status_code, site.get("/readyz").json()) == (200, {"ready": True})
    with shelf.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of a newer program'"))
    assert site.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    "statement",
    ["UPDATE alembic_version SET version_num = '0001'", "DROP TABLE alembic_version"],
)
def test_a_register_of_an_older_version_makes_the_console_unready(
    shelf: Any, site: Any, statement: str
) -> None:
    with shelf.engine.begin() as connection:
        connection.execute(text(statement))
    response = site.get("/readyz")
    assert response.status_code == 503
    assert response.json()["ready"] is False
    assert "« transmission migrate »" in response.json()["reason"]


def test_a_register_that_is_away_makes_the_console_unready_without_a_trace(
    away: Any,
) -> None:
    response = away.get("/readyz")
    assert response.status_code == 503
    assert response.json()["ready"] is False
    assert response.json()["reason"].startswith("La base de données ne répond pas")


def test_a_frozen_register_makes_the_console_unready_and_holds_no_probe(
    frozen: Any,
) -> None:
    response = frozen.get("/readyz")
    assert (response.status_code, response.json()["ready"]) == (503, False)
    assert "débloquez-la" in response.json()["reason"]
    assert _gauges(frozen) == {"transmission_register_up": {"": 0}}
    assert frozen.get("/healthz").status_code == 200


def test_a_statement_that_waits_too_long_makes_the_console_unready(
    shelf: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "STATEMENT_SECONDS", 1)
    with shelf.engine.begin() as connection:
        connection.execute(text("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE"))
        assert site.get("/readyz").status_code == 503
    assert site.get("/readyz").status_code == 200


def test_metrics_tell_what_waits_and_for_how_long(shelf: Any, site: Any) -> None:
    owner, _, sent = shelf.acknowledged()
    shelf.acte(owner, "2026_001", state=State.HELD, since=shelf.ago(hours=3))
    shelf.acte(owner, "2026_002", state=State.HELD, since=shelf.ago(hours=1), failures=2)
    shelf.retour(owner, sent, b"x", status="quarantined", received_at=shelf.ago(minutes=5))
    now = shelf.clock.now()
    shelf.add(
        time_stamp, kind="seal", subject_id=sent, collectivite_id=owner, sha256="1" * 64,
        asked_at=shelf.ago(minutes=2), next_attempt_at=now,
    )  # fmt: skip
    with shelf.engine.begin() as connection:
        connection.execute(
            insert(outbox).values(task="send", subject=owner, rung_at=now - timedelta(seconds=7))
        )
        connection.execute(
            insert(heartbeat).values(name="queue:send", at=now - timedelta(seconds=12))
        )
        connection.execute(
            insert(circuit).values(
                tdt="https://tdt.example", failures=3, successes=0, since=now, reason="coupure"
            )
        )
    gauges = _gauges(site)
    living = {state.code for state in State if state not in FINAL}
    assert gauges["transmission_register_up"] == {"": 1}
    assert gauges["transmission_sendings"] == dict.fromkeys(living, 0) | {"held": 2}
    assert gauges["transmission_sendings_oldest_seconds"]["held"] == 3 * 3600
    assert gauges["transmission_sendings_retrying"] == {"": 1}
    assert gauges["transmission_outbox"] == {"": 1}
    assert gauges["transmission_outbox_oldest_seconds"] == {"": 7}
    assert gauges["transmission_heartbeat_age_seconds"] == {"queue:send": 12}
    assert gauges["transmission_retours"] == {"stored": 0, "quarantined": 1}
    assert gauges["transmission_retours_oldest_seconds"] == {"stored": 0, "quarantined": 300}
    assert gauges["transmission_time_stamps_missing"] == {"": 1}
    assert gauges["transmission_time_stamps_missing_oldest_seconds"] == {"": 120}
    assert gauges["transmission_tdt_failures"] == {"https://tdt.example": 3}
    # Its address may say whose it is: not to whoever comes through a proxy.
    far = site.get("/metrics", headers={"x-forwarded-for": "192.0.2.1"}).text
    assert "tdt.example" not in far
    assert re.search(r'^transmission_tdt_failures{tdt="[0-9a-f]{12}"} 3.0$', far, re.MULTILINE)


def test_open_findings_that_nobody_saw_are_counted_by_severity(shelf: Any, site: Any) -> None:
    assert _gauges(site)["transmission_findings"] == {"grave": 0, "attention": 0, "info": 0}
    owner = shelf.authority()
    told: dict[str, Any] = {
        "rule": None,
        "article": "a",
        "message": "m",
        "remedy": "r",
        "evidence": [],
    }
    over = {"closed_at": shelf.ago(hours=1), "closed_reason": "Réglé."}
    seen = {"acknowledged_at": shelf.ago(hours=1), "acknowledged_by": "directrice"}
    cases: tuple[tuple[str, dict[str, Any]], ...] = (
        ("grave", {}),
        ("grave", {}),
        ("info", {}),
        ("grave", over),
        ("attention", seen),
    )
    for rank, (severity, more) in enumerate(cases):
        shelf.add(
            finding, collectivite_id=owner, code="a", key=str(rank), severity=severity,
            opened_at=shelf.ago(days=1), **told, **more,
        )  # fmt: skip
    assert _gauges(site)["transmission_findings"] == {"grave": 2, "attention": 0, "info": 1}


def test_no_gauge_is_labelled_by_an_act_or_an_authority(shelf: Any, site: Any) -> None:
    few = site.get("/metrics").text.count("\n")
    for rank, siren in enumerate(("123456782", "732829320")):
        owner = shelf.authority(siren=siren, nom=f"Commune {rank}")
        for number in range(3):
            shelf.acte(owner, f"2026_00{number}", siren=siren)
    assert site.get("/metrics").text.count("\n") == few


def test_metrics_say_that_the_register_is_away_and_nothing_else(away: Any) -> None:
    assert _gauges(away) == {"transmission_register_up": {"": 0}}


def test_metrics_are_for_known_host_names_and_readers_alone(site: Any) -> None:
    assert site.get("/metrics", headers={"Host": "evil.example"}).status_code == 400
    assert site.request("POST", "/metrics").status_code == 405
    assert site.head("/metrics").content == b""
