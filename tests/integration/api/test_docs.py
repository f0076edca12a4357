"""Every command of docs/api.md, as it is written there, against a served API."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.scene import pdf

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
MANIFEST = (
    "numero;date;nature;matiere;objet;document;annexes;date_seance\n"
    "2023_003;2023-03-02;DE;7.5;Voirie;voirie.pdf;plan.pdf;2023-03-02\n"
)


def _blocks() -> list[str]:
    found = re.findall(r"(?s)```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"))
    return [block for block in found if "curl" in block and "webhooks" not in block]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "logiciel"
    made.mkdir()
    for name in ("deliberation", "plan", "convention", "voirie"):
        (made / f"{name}.pdf").write_bytes(pdf(name))
    (made / "actes.csv").write_text(MANIFEST, encoding="utf-8")
    return made


def test_the_commands_of_the_page_work(desk: Any, thread: Any, folder: Path) -> None:
    letter = thread()
    with desk.bench.tools.register() as unit:
        acte_id = unit.courrier(letter.id).acte_id
    script = "\n".join(_blocks())
    script = script.replace("/actes/12", f"/actes/{acte_id}")
    script = script.replace("/courriers/3", f"/courriers/{letter.id}")
    # One that is refused stops the script.
    head = 'set -euo pipefail\ncurl() { command curl --fail-with-body "$@"; }\n'
    ran = subprocess.run(
        ["bash", "-c", head + script],
        env={"PATH": "/usr/bin:/bin", "API": f"{desk.url}/api/v1", "JETON": "tdt_ours"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-1500:] + ran.stderr[-500:]
    assert len(_blocks()) >= 8
    assert '"sort":"accepte"' in ran.stdout
    assert '"cancelling"' in ran.stdout
