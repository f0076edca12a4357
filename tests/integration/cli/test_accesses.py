"""``transmission accesses``: who read the files of an act."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

Run = Callable[..., SimpleNamespace]


@pytest.mark.usefixtures("received")
def test_whoever_reads_by_a_command_is_listed_with_what_and_when(run: Run, tmp_path: Path) -> None:
    assert run("accesses", "D2023_001").out == "Personne n'a lu les fichiers de cet acte.\n"
    for command in ("stamp", "ar"):
        target = tmp_path / f"{command}.bin"
        assert run(command, "D2023_001", "--output", target).code == 0
    lines = run("accesses", "D2023_001").out.splitlines()
    assert [line.endswith(end) for line, end in zip(
        lines, ("accusé de réception", "acte tamponné"), strict=True
    )] == [True, True]  # fmt: skip
    told = json.loads(run("accesses", "D2023_001", "--json").out)
    newest, oldest = told["consultations"]
    assert (newest["fichier"], oldest["fichier"]) == ("accusé de réception", "acte tamponné")
    assert newest["acces"] == "ligne de commande"
    assert newest["le"] >= oldest["le"]
    assert len(newest["sha256"]) == 64
