"""Anchors from the command line: listed, and compared with their files."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from tests.support.scene import Scene
from transmission.services.anchor import anchor_journal

Run = Callable[..., SimpleNamespace]


def test_a_journal_without_an_anchor_is_told(run: Run) -> None:
    assert "pas encore d'ancre" in run("anchors").out


def test_anchors_are_listed_and_their_files_compared(
    run: Run, received: SimpleNamespace, served: Scene
) -> None:
    anchor_journal(served.tools)
    served.clock.advance(86_400)
    anchor_journal(served.tools)
    folder = Path(served.tools.anchors.place)
    ended = run("anchors", "--verifier")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[0].startswith("     2  ")
    assert "sans horodatage" in ended.out
    assert f"Tous les fichiers de {folder} sont ceux" in ended.out
    (folder / "000001.json").unlink()
    assert run("anchors").code == 0
    ended = run("anchors", "--verifier")
    assert (ended.code, ended.err) == (1, "✗ Le fichier 000001.json n'est pas écrit.\n")
    told = json.loads(run("anchors", "--verifier", "--json").out)
    assert told["defauts"] == [{"ancre": 1, "dit": "le fichier 000001.json n'est pas écrit"}]
    assert [each["numero"] for each in told["ancres"]] == [2, 1]
    assert json.loads(run("anchors", "--json").out)["defauts"] is None
