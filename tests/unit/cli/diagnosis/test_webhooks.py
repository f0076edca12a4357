"""Whether programs are told: those who take nothing, and the key of their secrets."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from transmission.cli.diagnosis.findings import Grade
from transmission.cli.diagnosis.webhooks import webhooks
from transmission.domain.webhooks import WebhookState
from transmission.store.queries.webhooks import TroubledWebhook
from transmission.store.sealing import make_key_file

AT = datetime(2026, 11, 20, tzinfo=UTC)
FAILING = TroubledWebhook("Commune de Saint-Exemple", "agenda", WebhookState.ACTIVE, AT, None)
STOPPED = TroubledWebhook(
    "Commune de Saint-Exemple", "suivi", WebhookState.DISABLED, AT, "le programme a répondu 410"
)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    made = tmp_path / "secrets.key"
    make_key_file(made)
    return made


def test_all_is_well(key: Path) -> None:
    assert [each.grade for each in webhooks([], key)] == [Grade.FINE]


def test_who_takes_nothing_is_named_with_what_to_do(key: Path) -> None:
    failing, stopped = webhooks([FAILING, STOPPED], key)
    assert failing.grade is stopped.grade is Grade.WARNING
    assert (
        "« agenda » (Commune de Saint-Exemple) ne prend rien depuis le 20/11/2026" in failing.said
    )
    assert "410" in stopped.said
    assert "« transmission webhook resume »" in stopped.said


def test_a_key_that_others_may_read_is_told(key: Path) -> None:
    key.chmod(0o640)
    (found,) = webhooks([], key)
    assert found.grade is Grade.WARNING
    assert f"chmod 600 {key}" in found.said


@pytest.mark.parametrize("content", [None, "", "# rien\n", "AAAA\n", "é"])
def test_a_key_that_cannot_be_used_is_told_without_being_shown(key: Path, content: str) -> None:
    if content is None:
        key.unlink()
    else:
        key.write_text(content, encoding="utf-8")
    (found,) = webhooks([], key)
    assert found.grade is Grade.WRONG
    assert str(key) in found.said
    assert "AAAA" not in found.said
