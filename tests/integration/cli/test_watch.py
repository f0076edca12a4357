"""``watch`` against the register of a scene: batches come, are handed over, and are put aside."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from tests.support.scene import Scene, pdf
from transmission.cli import interruption
from transmission.embedded.processes import wait_until
from transmission.store.tables import acte

Run = Callable[..., SimpleNamespace]
HEADER = "numero;date;nature;matiere;objet;document\n"


@pytest.fixture
def depot(tmp_path: Path) -> Path:
    made = tmp_path / "depot"
    (made / "arrivee").mkdir(parents=True)
    return made


@pytest.fixture
def lot(depot: Path) -> Callable[..., Path]:
    def made(name: str = "seance", acts: int = 2, objet: str = "École", ready: bool = True) -> Path:
        folder = depot / "arrivee" / name
        folder.mkdir()
        lines = "".join(
            f"{name.upper()}_{rank};02/03/2023;Délibération;7,5;{objet};{rank}.pdf\n"
            for rank in range(acts)
        )
        (folder / "actes.csv").write_text(HEADER + lines, encoding="utf-8")
        for rank in range(acts):
            (folder / f"{rank}.pdf").write_bytes(pdf(f"{name} {rank}"))
        if ready:
            (folder / ".pret").touch()
        return folder

    return made


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def actes(scene: Scene) -> int:
    with scene.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(acte)).scalar_one()


def started(depot: Path, **settings: str) -> "subprocess.Popen[str]":
    named = {f"TRANSMISSION_{name.upper()}": value for name, value in settings.items()}
    return subprocess.Popen(
        [sys.executable, "-m", "transmission.cli.main", "watch", str(depot)],
        env={**os.environ, "TRANSMISSION_INTAKE_PERIOD": "0.05", **named},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_one_pass_hands_over_what_is_ready(
    run: Run, served: Scene, depot: Path, lot: Callable[..., Path]
) -> None:
    lot()
    lot("mal", objet="")
    lot("encours", ready=False)
    ended = run("watch", depot, "--une-fois", "--par", "Secrétariat général")
    assert ended.code == 0
    said = ended.out.replace(str(depot), "…")
    assert said == (
        "« mal » : 2 refusés ; lot dans « …/refuse/mal ».\n"
        "« seance » : 2 pris en charge ; lot dans « …/fait/seance ».\n"
    )
    assert ended.err == "« encours » : attend la fin de son écriture.\n"
    assert actes(served) == 2


def test_a_report_that_went_missing_is_written_again_at_the_start(
    run: Run, served: Scene, depot: Path, lot: Callable[..., Path]
) -> None:
    lot()
    run("watch", depot, "--une-fois")
    report = depot / "fait" / "seance" / "rapport-de-remise.txt"
    report.unlink()
    ended = run("watch", depot, "--une-fois")
    assert ended.out == "« seance » (fait) : son rapport manquait, il est réécrit.\n"
    assert "2 déjà remis" in report.read_text(encoding="utf-8")
    assert actes(served) == 2


def test_what_waits_is_told_once_and_the_process_ends_when_asked(
    run: Run,
    served: Scene,
    depot: Path,
    lot: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (depot / "arrivee" / "vide").mkdir()
    rounds = iter(range(3))

    def pause(seconds: float) -> None:
        if seconds and next(rounds, None) is None:
            raise KeyboardInterrupt

    monkeypatch.setattr(interruption, "pause", pause)
    ended = run("watch", depot)
    assert ended.code == 0
    assert ended.err == "« vide » : attend son manifeste (actes.csv ou actes.json).\n"


def test_a_batch_that_cannot_be_handed_over_now_is_taken_up_again(
    run: Run,
    served: Scene,
    depot: Path,
    lot: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lot("a")
    lot("b")
    with monkeypatch.context() as patched:

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "full", "documents")

        patched.setattr("transmission.services.files.copyfileobj", full)
        ended = run("watch", depot, "--une-fois")
    assert ended.code == 0
    first, second = ended.err.splitlines()
    assert first.startswith("« a » : reste en attente, il sera repris. ")
    assert "il n'y a plus de place" in second
    assert sorted(names(depot / "arrivee")) == ["a", "b"]
    assert run("watch", depot, "--une-fois").code == 0
    assert sorted(names(depot / "fait")) == ["a", "b"]


def test_a_folder_that_is_none_is_told_in_french(run: Run, served: Scene, depot: Path) -> None:
    (depot / "fait").symlink_to(depot / "arrivee")
    ended = run("watch", depot, "--une-fois")
    assert ended.code == 1
    assert "n'est pas un dossier" in ended.err


def test_a_second_watcher_of_the_same_folder_is_refused(
    run: Run, served: Scene, depot: Path, lot: Callable[..., Path]
) -> None:
    first = started(depot)
    try:
        assert wait_until((depot / "lock").exists, 30)
        lot()
        assert wait_until((depot / "fait" / "seance").exists, 30)
        ended = run("watch", depot, "--une-fois")
        assert ended.code == 1
        assert "déjà utilisé" in ended.err
    finally:
        first.send_signal(signal.SIGTERM)
        out, err = first.communicate(timeout=30)
    assert first.returncode == 0, err
    assert "2 pris en charge" in out
    assert actes(served) == 2


@pytest.mark.parametrize(
    "point", ["accept.checked", "accept.before_commit", "accept.committed", "accept.committed+1"]
)
def test_a_watcher_killed_while_it_hands_over_goes_on_and_doubles_nothing(
    run: Run, served: Scene, depot: Path, lot: Callable[..., Path], tmp_path: Path, point: str
) -> None:
    lot(acts=3)
    killed = started(depot, kill_at=f"{point}={tmp_path / 'marker'}")
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert names(depot / "arrivee") == ["seance"]
    before = actes(served)
    ended = run("watch", depot, "--une-fois")
    assert ended.code == 0
    assert names(depot / "fait") == ["seance"]
    assert actes(served) == 3
    repeated = f", {before} déjà remis" if before else ""
    assert f"{3 - before} pris en charge{repeated} ;" in ended.out
