"""``transmission up``: what dies is started again, and nothing outlives the program."""

import json
import os
import re
import signal
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from pydantic import SecretStr

from transmission.bootstrap import Addresses
from transmission.cli.installation import _command, _environment
from transmission.embedded.processes import wait_until
from transmission.settings import PREFIX, Settings

READY = "Ctrl-C pour arrêter"
PATIENCE = 60


def process(home: Any, words: str) -> int | None:
    """The process whose command line has these words, the oldest one of its family."""
    found = [pid for pid, command in home.processes().items() if words in command]
    return min(found, default=None)


def test_whatever_dies_is_started_again_and_a_second_run_is_refused(home: Any) -> None:
    program = home.start("up")
    assert "user add administration" in program.says(READY)
    for name, words in (("PostgreSQL", "bin/postgres -D"), ("scheduler", f"{home.path} scheduler")):
        dead = process(home, words)
        assert dead is not None
        os.kill(dead, signal.SIGKILL)
        program.says(f"{name} s'est arrêté ; il est relancé")
        assert wait_until(lambda w=words: process(home, w) is not None, PATIENCE)
        assert home.run("authority", "list") == (0, "")
    code, said = home.run("up")
    assert code == 1
    assert f"Le dossier {home.path} est déjà utilisé" in said
    assert home.run("authority", "list") == (0, "")
    assert program.stop(signal.SIGHUP) == 0
    assert home.processes() == {}


def test_nothing_outlives_a_program_that_was_killed_and_the_next_one_starts(home: Any) -> None:
    program = home.start("up")
    program.says(READY)
    assert program.stop(signal.SIGKILL) == -signal.SIGKILL
    assert home.becomes_deserted()
    code, said = home.run("authority", "list")
    assert code == 1
    assert "La base de données ne répond pas" in said
    again = home.start("up")
    again.says(READY)
    assert home.run("authority", "list") == (0, "")
    assert again.stop(signal.SIGTERM) == 0


@pytest.mark.parametrize("step", ["démarrage de PostgreSQL", "démarrage de la console"])
def test_stopping_while_it_starts_leaves_nothing(home: Any, step: str) -> None:
    program = home.start("up")
    program.says(step)
    assert program.stop(signal.SIGTERM) == 130
    assert "Interrompu." in program.said
    assert "Traceback" not in program.said
    assert home.processes() == {}


def test_an_address_where_the_console_cannot_listen_is_told(home: Any) -> None:
    program = home.start("up", web_host="192.0.2.1")
    assert program.ended() == 1
    assert "La console ne peut pas écouter sur 192.0.2.1" in program.said
    assert home.processes() == {}


def test_the_folders_of_the_settings_are_watched_and_one_that_is_absent_is_told(
    home: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "dépôt"
    folder.mkdir()
    given = json.dumps({"123456782": str(folder)})
    program = home.start("up", intake_folders=given)
    program.says(READY)
    assert wait_until((folder / "arrivee").is_dir, PATIENCE)
    assert program.stop(signal.SIGTERM) == 0
    assert home.processes() == {}
    (folder / "arrivee").rmdir()
    program = home.start("up", intake_folders=json.dumps({"123456782": str(folder / "absent")}))
    assert program.ended() == 1
    assert f"{folder / 'absent'}" in program.said


def test_the_public_register_is_served_when_it_is_given_a_port(home: Any) -> None:
    program = home.start("up", register_port="0")
    program.says(READY)
    [address] = re.findall(r"Registre public : (http://\S+/)", program.said)
    with urlopen(address) as answer:
        assert "Actes mis en ligne" in answer.read().decode()
    dead = process(home, f"{home.path} registre")
    assert dead is not None
    os.kill(dead, signal.SIGKILL)
    program.says("registre s'est arrêté ; il est relancé")
    assert wait_until(lambda: _answers(address), PATIENCE)
    assert program.stop(signal.SIGTERM) == 0
    assert home.processes() == {}


def _answers(address: str) -> bool:
    try:
        with urlopen(address):
            return True
    except OSError:
        return False


def test_an_address_where_the_register_cannot_listen_is_told(home: Any) -> None:
    program = home.start("up", register_host="192.0.2.1", register_port="0")
    assert program.ended() == 1
    assert "Le registre ne peut pas écouter sur 192.0.2.1" in program.said
    assert home.processes() == {}


def test_secrets_reach_the_processes_whole_and_by_the_environment_alone(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("s3ntinelle\n")
    settings = Settings(
        broker_sentinel_password_file=password, s3_secret_key=SecretStr("s3same"), s3_bucket="actes"
    )
    told = Addresses("postgresql://set/", "sentinel://set/")
    environment = _environment(tmp_path, settings, told)
    assert environment[f"{PREFIX}BROKER_SENTINEL_PASSWORD"] == "s3ntinelle"
    assert environment[f"{PREFIX}S3_SECRET_KEY"] == "s3same"
    assert environment[f"{PREFIX}S3_BUCKET"] == "actes"
    assert not any("s3" in word for word in _command(tmp_path, ["web"], told))
