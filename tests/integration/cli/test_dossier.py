"""``transmission dossier``: everything that proves an act."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

Run = Callable[..., SimpleNamespace]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the service makes the key that it seals with."""
    monkeypatch.setenv("TRANSMISSION_HOME", str(tmp_path / "home"))


def _told(path: Path) -> dict[str, object]:
    with ZipFile(path) as archive:
        told: dict[str, object] = json.loads(archive.read("dossier.json"))
    return told


def test_the_dossier_is_written_and_what_it_lacks_is_told(
    run: Run, received: SimpleNamespace, tmp_path: Path
) -> None:
    path = tmp_path / "d.asice"
    ended = run("dossier", "D2023_001", "-o", path, "--par", "le greffe")
    assert (ended.code, ended.out) == (0, f"Dossier de preuve : {path}\n")
    assert "Il y manque : Le dossier est scellé par le service" in ended.err
    assert _told(path)["made_by"] == "le greffe"


def test_it_is_given_the_name_of_the_identifier(
    run: Run, received: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("dossier", "D2023_001").code == 0
    assert (tmp_path / "042-123456782-20230302-D2023_001-DE.asice").exists()


def test_it_can_be_asked_for_at_once(run: Run, send: Run, tmp_path: Path) -> None:
    send()
    ended = run("dossier", "D2023_001", "-o", tmp_path / "d.asice", "--json")
    told = json.loads(ended.out)
    assert told["acte"] == "D2023_001"
    assert "no_reception" in [each["genre"] for each in told["manques"]]
