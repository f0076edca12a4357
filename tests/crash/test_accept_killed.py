"""``transmission send`` is stopped dead while it hands an act over, then run again."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.scene import pdf
from tests.support.service import PATIENCE, Service
from transmission.settings import PREFIX

ID_ACTE = "042-123456782-20230302-D2023_001-DE"


@pytest.mark.parametrize(
    ("point", "already"),
    [
        ("accept.checked", False),
        ("accept.before_commit", False),
        ("accept.committed", True),
    ],
)
def test_an_act_handed_over_again_after_a_crash_is_received_once(
    service: Service, tmp_path: Path, point: str, *, already: bool
) -> None:
    document = tmp_path / "acte.pdf"
    document.write_bytes(pdf())
    killed = _send(service, document, point)
    assert killed.returncode == -9
    assert service.marker(point).exists()

    again = _send(service, document, point)
    assert again.returncode == 0, again.stderr
    assert ("déjà remis" in again.stdout) is already

    service.start("scheduler")
    service.start("worker", "--pool=solo")
    service.wait_for(_only_acte(service))
    assert service.scene.times_received(ID_ACTE) == 1
    assert service.scene.received()["totals"]["acts_accepted"] == 1


def _send(service: Service, document: Path, point: str) -> subprocess.CompletedProcess[str]:
    metadata = {
        "--numero": "D2023_001",
        "--date": "2023-03-02",
        "--nature": "DE",
        "--matiere": "7.5",
        "--objet": "Subvention",
    }
    options = [word for pair in metadata.items() for word in pair]
    return subprocess.run(
        [sys.executable, "-m", "transmission.cli.main", "send", str(document), *options],
        env=service.environment | {f"{PREFIX}KILL_AT": f"{point}={service.marker(point)}"},
        capture_output=True,
        check=False,
        text=True,
        timeout=PATIENCE,
    )


def _only_acte(service: Service) -> int:
    with service.scene.tools.register() as unit:
        [acte_id] = unit.find_acte(service.scene.authority_id, "D2023_001", None, None)
    return int(acte_id)
