"""The command line of webhooks: secrets alone on the standard output, exit codes, JSON."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.programs import is_genuine
from tests.support.scene import Scene
from tests.support.web_server import WebServer, web_server
from transmission.services.announce import announce
from transmission.services.tell import tell
from transmission.store.sealing import KeyFileSealer, make_key_file

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server(None) as server:
        server.pages["/hook"] = lambda request: request.says(b"merci")
        yield server


@pytest.fixture
def hook(served: Scene, web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An address; the installation has a key."""
    key = tmp_path / "secrets.key"
    make_key_file(key)
    monkeypatch.setenv("TRANSMISSION_SECRETS_KEY_FILE", str(key))
    served.tools = replace(served.tools, sealer=KeyFileSealer(key))
    return web.url("/hook")


def _run_all(served: Scene) -> None:
    served.clock.advance(60)
    announce(served.tools, served.authority_id)
    tell(served.tools)


def test_a_secret_is_alone_on_the_standard_output(
    run: Run, served: Scene, hook: str, web: WebServer
) -> None:
    made = run("webhook", "add", "agenda", hook, "--type", "acte.pris_en_charge", "--par", "moi")
    assert made.code == 0
    secret = made.out.strip()
    assert secret.startswith("whsec_")
    assert "plus jamais montré" in made.err
    assert secret not in made.err
    served.accept()
    _run_all(served)
    (asked,) = web.asked
    assert is_genuine(asked, secret)
    listed = run("webhook", "list")
    assert "Webhook « agenda »" in listed.out
    assert "acte.pris_en_charge" in listed.out
    assert secret not in listed.out
    logged = run("webhook", "log", "agenda")
    assert "200 merci" in logged.out
    assert "D2023_001" in logged.out


def test_json_is_for_programs(run: Run, served: Scene, hook: str, web: WebServer) -> None:
    made = json.loads(run("webhook", "add", "agenda", hook, "--json").out)
    assert made["secret"].startswith("whsec_")
    assert (made["etat"]["code"], made["etat"]["libelle"]) == ("active", "en service")
    (listed,) = json.loads(run("webhook", "list", "--json").out)["webhooks"]
    assert "secret" not in listed
    assert (listed["nom"], listed["en_attente"]) == ("agenda", 0)
    rotated = json.loads(run("webhook", "rotate", "agenda", "--json").out)
    assert rotated["secret"] != made["secret"]
    assert rotated["recouvrement_jusqu_au"] is not None
    tested = json.loads(run("webhook", "test", "agenda", "--json").out)
    assert (tested["remis"], tested["statut"]) == (True, 200)
    served.accept()
    _run_all(served)
    logged = json.loads(run("webhook", "log", "agenda", "--json").out)
    first, test = logged["envois"]
    assert (first["numero"], test["numero"], logged["complet"]) == (1, None, True)
    assert first["tentatives"][0]["statut"] == 200
    newest = json.loads(run("webhook", "log", "agenda", "--nombre", 1, "--json").out)
    assert (newest["envois"], newest["complet"]) == ([first], False)
    replayed = run("webhook", "replay", "agenda", "--depuis", "2020-01-01", "--json")
    assert json.loads(replayed.out) == {"nombre": 1}
    paused = json.loads(run("webhook", "pause", "agenda", "--json").out)
    assert paused["etat"]["code"] == "paused"


def test_a_webhook_is_paused_resumed_and_removed(run: Run, hook: str) -> None:
    run("webhook", "add", "agenda", hook)
    assert "en pause" in run("webhook", "pause", "agenda", "--motif", "maintenance").out
    assert "maintenance" in run("webhook", "list").out
    assert "en service" in run("webhook", "resume", "agenda").out
    assert run("webhook", "remove", "agenda").code == 2
    assert "supprimé" in run("webhook", "remove", "agenda", "--motif", "remplacé").out
    assert "Aucun logiciel" in run("webhook", "list").out
    gone = run("webhook", "log", "agenda")
    assert gone.code == 1
    assert "Aucun webhook « agenda »" in gone.err


def test_a_program_that_does_not_take_a_test_makes_the_command_fail(
    run: Run, hook: str, web: WebServer
) -> None:
    run("webhook", "add", "agenda", hook)
    assert run("webhook", "test", "agenda").code == 0
    web.pages["/hook"] = lambda request: request.says(b"non", 500)
    failed = run("webhook", "test", "agenda")
    assert failed.code == 1
    assert "500 non" in failed.err


def test_one_event_or_all_since_a_day_are_told_again(
    run: Run, served: Scene, hook: str, web: WebServer
) -> None:
    run("webhook", "add", "agenda", hook)
    served.accept()
    _run_all(served)
    (line,) = json.loads(run("webhook", "log", "agenda", "--json").out)["envois"]
    assert "1 événement à renvoyer" in run("webhook", "replay", "agenda", "--envoi", line["id"]).out
    _run_all(served)
    assert len(web.asked) == 2
    assert run("webhook", "replay", "agenda").code == 2
    both = run("webhook", "replay", "agenda", "--envoi", 1, "--depuis", "2023-01-01")
    assert both.code == 2
    assert run("webhook", "replay", "agenda", "--envoi", 999).code == 1
    none = run("webhook", "replay", "agenda", "--depuis", "2020-01-01", "--jusqu-au", "2020-01-02")
    assert "0 événement à renvoyer" in none.out


def test_what_is_refused_is_told_in_french_and_makes_nothing(run: Run, hook: str) -> None:
    refused = run("webhook", "add", "agenda", "http://192.0.2.1/", "--type", "perdu")
    assert refused.code == 1
    assert "perdu" in refused.err
    assert "192.0.2.1" in refused.err
    assert refused.out == ""
    run("webhook", "add", "agenda", hook)
    for hours in ("-1", "721", "nan"):
        assert run("webhook", "rotate", "agenda", "--recouvrement", hours).code == 1


def test_without_a_key_the_command_says_what_to_do(
    run: Run, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRANSMISSION_SECRETS_KEY_FILE", "/absent/secrets.key")
    refused = run("webhook", "add", "agenda", hook)
    assert refused.code == 1
    assert "TRANSMISSION_SECRETS_KEY_FILE" in refused.err


def test_the_doctor_tells_of_a_key_that_is_gone(run: Run, hook: str, tmp_path: Path) -> None:
    run("webhook", "add", "agenda", hook)
    sound = json.loads(run("doctor", "--json").out)["checks"]
    assert [one["grade"] for one in sound if one["check"] == "webhooks"] == ["fine"]
    (tmp_path / "secrets.key").unlink()
    broken = json.loads(run("doctor", "--json").out)["checks"]
    (told,) = [one for one in broken if one["check"] == "webhooks"]
    assert told["grade"] == "wrong"
    assert "secrets.key" in told["said"]
