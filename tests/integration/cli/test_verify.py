"""``transmission verify`` on another machine: nothing but files, no setting, no network."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import mutations

ALONE = """
import sys

def refuse(event, _given):
    if event.startswith("socket.") and event not in ("socket.__new__", "socket.gethostname"):
        raise AssertionError(f"a dossier is read without any network: {event}")

sys.addaudithook(refuse)
from transmission.cli.main import main
main(sys.argv[1:])
"""


@pytest.fixture
def verify(tmp_path: Path):
    """Runs the command in a folder of its own, in an empty environment, sockets forbidden."""
    home = tmp_path / "home"
    home.mkdir()

    def ran(*arguments: object) -> subprocess.CompletedProcess[str]:
        told = [str(argument) for argument in arguments]
        done = subprocess.run(
            [sys.executable, "-I", "-c", ALONE, "verify", *told],
            check=False,
            capture_output=True,
            text=True,
            env={"HOME": str(home), "LC_ALL": "C.UTF-8"},
            cwd=home,
            timeout=60,
        )
        assert list(home.iterdir()) == []
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return ran


@pytest.fixture
def files(proofs, tmp_path: Path) -> dict[str, Path]:
    altered = mutations.opened(proofs.whole)
    day = b'DateReception="2023-03-10'
    name = next(name for name, content in altered.items() if day in content)
    altered[name] = altered[name].replace(day, b'DateReception="2023-03-19')
    contents = {
        "whole": proofs.whole,
        "unsent": proofs.unsent,
        "altered": mutations.bound(list(altered.items())),
        "garbage": b"n'importe quoi",
    }
    paths = {name: tmp_path / f"{name}.asice" for name in contents}
    for name, content in contents.items():
        paths[name].write_bytes(content)
    return paths


def test_each_verdict_has_its_words_and_its_status(proofs, verify, files):
    roots = ("--racines", proofs.roots)
    whole = verify(files["whole"], *roots)
    assert whole.returncode == 0
    assert "whole.asice : INTÈGRE" in whole.stdout
    assert "Reçu en préfecture le : 10/03/2023" in whole.stdout
    assert "par CN=Cachet de Saint-Exemple" in whole.stdout

    others = verify(files["whole"], files["altered"])
    unknown, altered = others.stdout.split("\n\n")[:2]
    assert others.returncode == 1
    assert "INCOMPLET" in unknown
    assert "on ne sait pas" in unknown
    assert "ALTÉRÉ" in altered
    assert "il dit « reçu le 2023-03-19 »" in altered
    assert "approuvé" not in others.stdout


def test_a_program_is_told_all_of_several_dossiers_in_json(proofs, verify, files):
    names = ("whole", "unsent", "altered", "garbage")
    done = verify(*(files[name] for name in names), "--racines", proofs.roots, "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)["dossiers"]
    assert [each["verdict"] for each in told] == ["integre", "incomplet", "altere", "altere"]
    assert told[0]["acte"]["date_reception"] == "2023-03-10"
    assert {each["confiance"] for each in told[0]["signatures"]} == {"approuve"}
    assert any("retours/01" in each["lieu"] for each in told[2]["ecarts"])
    assert told[3]["acte"] is None


def test_names_of_members_cannot_command_the_terminal(proofs, verify, files):
    members = mutations.opened(proofs.whole)
    hostile = mutations.bound([*members.items(), ("recu/\x1b[2J\x07", b"x")])
    files["altered"].write_bytes(hostile)
    done = verify(files["altered"])
    assert done.returncode == 1
    assert "recu/" in done.stdout
    assert "\x1b" not in done.stdout


def test_nothing_altered_but_not_all_known_has_a_status_of_its_own(verify, files):
    assert verify(files["unsent"], "--json").returncode == 3


def test_what_is_no_pem_file_of_roots_is_refused_in_a_sentence(verify, files):
    done = verify(files["whole"], "--racines", files["garbage"])
    assert done.returncode == 1
    assert done.stdout == ""
    assert "garbage.asice" in done.stderr


def test_a_file_that_is_not_there_is_a_wrong_command_line(verify, tmp_path):
    done = verify(tmp_path / "absent.asice")
    assert done.returncode == 2
    assert "absent.asice" in done.stderr
