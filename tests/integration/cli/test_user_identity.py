"""``user identity``: an account is tied to whoever the refusal of a first coming named."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.scene import Scene
from transmission.domain.accounts import Identity
from transmission.domain.people import Grant, Role
from transmission.domain.transmission import Author
from transmission.services.accounts import create_person, find_person, list_events

Run = Callable[..., SimpleNamespace]
ISSUER = "https://fournisseur.example"


@pytest.fixture
def juriste(served: Scene) -> str:
    grants = [Grant(Role.READER)]
    create_person(served.tools, "juriste", "service juridique", grants, Author("essai"))
    return "juriste"


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret"
    secret.write_text("un secret de 32 caractères & plus")
    for name, value in {
        "CONSOLE_URL": "https://console.example",
        "OIDC_ISSUER": ISSUER,
        "OIDC_CLIENT_ID": "console",
        "OIDC_CLIENT_SECRET_FILE": str(secret),
        "OIDC_NAME": "ProConnect",
    }.items():
        monkeypatch.setenv(f"TRANSMISSION_{name}", value)


@pytest.mark.usefixtures("provider")
def test_an_account_is_tied_to_an_identity(served: Scene, run: Run, juriste: str) -> None:
    done = run("user", "identity", juriste, "--sujet", " 4f2a ", "--motif", "première connexion")
    assert (done.code, done.out) == (
        0,
        "Compte « juriste » : entre désormais par ProConnect sous l'identité 4f2a.\n",
    )
    assert find_person(served.tools, juriste).identity == Identity(ISSUER, "4f2a")
    newest = list_events(served.tools, juriste)[0]
    assert (newest.event, newest.reason) == ("identity_bound", "première connexion")


@pytest.mark.usefixtures("provider")
def test_what_names_nobody_is_refused(run: Run, juriste: str) -> None:
    refused = run("user", "identity", juriste, "--sujet", "é", "--motif", "essai")
    assert refused.code == 1
    assert "ne nomme personne" in refused.err


@pytest.mark.usefixtures("provider")
def test_an_account_that_comes_by_the_provider_alone_has_no_password(
    served: Scene, run: Run
) -> None:
    made = run(
        "user", "add", "assemblees", "--nom", "service des assemblées", "--role", "agent",
        "--courriel", "agent@saint-exemple.example", "--sans-mot-de-passe",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert find_person(served.tools, "assemblees").password_at is None


def test_without_a_provider_nothing_is_tied(served: Scene, run: Run, juriste: str) -> None:
    refused = run("user", "identity", juriste, "--sujet", "4f2a", "--motif", "essai")
    assert refused.code == 2
    assert "TRANSMISSION_OIDC_ISSUER" in refused.err
    assert find_person(served.tools, juriste).identity is None
