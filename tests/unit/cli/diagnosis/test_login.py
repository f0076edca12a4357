"""Whether people can log in by their provider, and if not, why."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from transmission.bootstrap import provider_of
from transmission.cli.diagnosis.findings import Grade
from transmission.cli.diagnosis.login import login
from transmission.ports.oidc import IdentityProvider
from transmission.settings import Settings

AT = datetime(2026, 11, 23, tzinfo=UTC)


def test_nothing_is_said_without_a_provider() -> None:
    assert list(login(provider_of(Settings()), AT)) == []


@pytest.fixture
def provider(tmp_path: Path) -> IdentityProvider:
    secret = tmp_path / "secret"
    secret.write_text("un secret de 32 caractères & plus")
    provider = provider_of(
        Settings(
            console_url="https://console.example",
            oidc_issuer="http://127.0.0.1:1",
            oidc_client_id="console",
            oidc_client_secret_file=secret,
            oidc_name="ProConnect",
        )
    )
    assert provider is not None
    return provider


def test_a_provider_that_does_not_answer_is_told_with_its_reason(
    provider: IdentityProvider,
) -> None:
    (found,) = login(provider, AT)
    assert found.grade is Grade.WRONG
    assert "par ProConnect : le serveur refuse la connexion." in found.said


def test_a_provider_that_answers_is_fine(
    provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(provider), "trouble", lambda *_: None)
    (found,) = login(provider, AT)
    assert (found.grade, found.said) == (Grade.FINE, "ProConnect répond.")
