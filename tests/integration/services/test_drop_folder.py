"""A watched folder: only what is complete, moved aside whole, wherever it is interrupted."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from tests.support.bench import Bench
from tests.support.scene import AUTHOR, pdf
from transmission.domain.batch_report import BatchReport
from transmission.services import drop_folder
from transmission.services.drop_folder import DropFolder, DropFolderError, look_at, write_report
from transmission.services.intake import Batch, FolderFiles, hand_over, rehearse
from transmission.store.tables import acte

MANIFEST = "numero;date;nature;matiere;objet;document\nD1;2023-03-02;DE;7.5;École;acte.pdf\n"


class KilledError(BaseException):
    """The process is gone at this very point."""


@pytest.fixture(autouse=True)
def classified(bench: Bench) -> None:
    bench.classified()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "depot"
    made.mkdir()
    return made


@pytest.fixture
def drop(root: Path) -> DropFolder:
    made = DropFolder(root, settle=30)
    made.prepare()
    return made


@pytest.fixture
def lot(root: Path, drop: DropFolder) -> Callable[..., Path]:
    def made(name: str = "seance", manifest: str = MANIFEST, ready: bool = True) -> Path:
        folder = root / "arrivee" / name
        folder.mkdir()
        (folder / "actes.csv").write_text(manifest, encoding="utf-8")
        (folder / "acte.pdf").write_bytes(pdf("Délibération"))
        if ready:
            (folder / ".pret").touch()
        return folder

    return made


def given(bench: Bench, name: str, folder: int) -> Batch:
    with bench.tools.register() as unit:
        owner = unit.authority(bench.authority_id)
    return Batch(nom=name, files=FolderFiles(folder), owner=owner, author=AUTHOR)


def taken(bench: Bench, drop: DropFolder, name: str = "seance") -> tuple[Path | None, BatchReport]:
    with drop.opened("arrivee", name) as folder:
        before = look_at(folder)
        report = hand_over(bench.tools, given(bench, name, folder))
        return drop.stow(name, folder, before, report), report


def told(place: Path) -> dict[str, Any]:
    assert (place / "rapport-de-remise.txt").read_text(encoding="utf-8").startswith("Lot « ")
    content: dict[str, Any] = json.loads((place / "rapport-de-remise.json").read_bytes())
    return content


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def actes(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(acte)).scalar_one()


def ready(drop: DropFolder, now: float) -> list[str]:
    return drop.complete(now)[0]


def test_a_batch_is_complete_once_nothing_of_it_changes(
    drop: DropFolder, lot: Callable[..., Path]
) -> None:
    folder = lot(ready=False)
    assert ready(drop, 0) == []
    assert ready(drop, 29) == []
    with (folder / "acte.pdf").open("ab") as late:
        late.write(b"%")
    assert ready(drop, 31) == []
    assert ready(drop, 60) == []
    (folder / "plan.pdf").touch()
    assert ready(drop, 62) == []
    assert ready(drop, 92) == ["seance"]


def test_a_batch_that_says_that_it_is_ready_is_taken_at_once(
    drop: DropFolder, lot: Callable[..., Path]
) -> None:
    lot()
    assert ready(drop, 0) == ["seance"]


def test_what_is_no_batch_is_left_where_it_is_and_told(
    drop: DropFolder, root: Path, lot: Callable[..., Path], tmp_path: Path
) -> None:
    elsewhere = tmp_path / "ailleurs"
    elsewhere.mkdir()
    (elsewhere / "actes.csv").write_text(MANIFEST)
    (elsewhere / ".pret").touch()
    arrived = root / "arrivee"
    (arrived / "lien").symlink_to(elsewhere)
    (arrived / "acte.pdf").write_bytes(b"x")
    (arrived / ".seance.partiel").mkdir()
    (arrived / "vide").mkdir()
    lot("lie").joinpath(".pret").rename(arrived / "lie" / "x")
    (arrived / "lie" / ".pret").symlink_to("x")
    found, waiting = drop.complete(0)
    assert found == []
    assert {each.nom for each in waiting} == {"lien", "acte.pdf", "vide", "lie"}
    aside = {each.nom for each in waiting if each.why.startswith("laissé de côté")}
    assert aside == {"lien", "acte.pdf"}
    assert "manifeste" in next(each.why for each in waiting if each.nom == "vide")


def test_a_batch_that_could_not_be_moved_is_not_begun(
    drop: DropFolder, lot: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    lot()
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "seance")
    found, waiting = drop.complete(0)
    assert found == []
    assert "droit d'écrire" in waiting[0].why


def test_two_watchers_at_once_take_a_batch_once(
    bench: Bench, drop: DropFolder, root: Path, lot: Callable[..., Path], engine: Engine
) -> None:
    lot()
    together = Barrier(2)

    def watcher() -> str:
        try:
            with drop.opened("arrivee", "seance") as folder:
                before = look_at(folder)
                together.wait(30)
                report = hand_over(bench.tools, given(bench, "seance", folder))
                return str(drop.stow("seance", folder, before, report))
        except FileNotFoundError:
            return "moved by the other"

    with ThreadPoolExecutor(2) as both:
        ended = [each.result() for each in (both.submit(watcher), both.submit(watcher))]
    assert str(root / "fait" / "seance") in ended
    assert names(root / "fait") == ["seance"]
    assert names(root / "arrivee") == []
    assert actes(engine) == 1


def test_a_batch_taken_is_moved_with_its_report(
    bench: Bench, drop: DropFolder, root: Path, lot: Callable[..., Path], engine: Engine
) -> None:
    lot()
    place, _ = taken(bench, drop)
    assert place == root / "fait" / "seance"
    assert told(place)["actes"] == {"accepte": 1, "deja_remis": 0, "refuse": 0}
    assert names(root / "arrivee") == []
    assert actes(engine) == 1


def test_a_batch_with_a_refused_act_goes_to_the_refused_ones(
    bench: Bench, drop: DropFolder, root: Path, lot: Callable[..., Path]
) -> None:
    lot(manifest=MANIFEST.replace("7.5", "7.99"))
    place, _ = taken(bench, drop)
    assert place == root / "refuse" / "seance"
    assert "7.99" in (place / "rapport-de-remise.txt").read_text(encoding="utf-8")


def test_a_half_written_document_is_refused_then_taken_once_mended(
    bench: Bench, drop: DropFolder, root: Path, lot: Callable[..., Path], engine: Engine
) -> None:
    folder = lot()
    (folder / "acte.pdf").write_bytes(pdf("Délibération")[:300])
    place, _ = taken(bench, drop)
    assert place == root / "refuse" / "seance"
    assert actes(engine) == 0
    (place / "acte.pdf").write_bytes(pdf("Délibération"))
    place.rename(root / "arrivee" / "seance")
    assert taken(bench, drop)[0] == root / "fait" / "seance"
    assert actes(engine) == 1


def test_nothing_is_replaced_when_a_name_serves_again(
    bench: Bench, drop: DropFolder, root: Path, lot: Callable[..., Path]
) -> None:
    (root / "fait" / "seance").mkdir()
    lot()
    assert taken(bench, drop)[0] == root / "fait" / "seance (2)"
    assert names(root / "fait" / "seance") == []


def test_a_batch_that_changes_meanwhile_stays_to_be_read_again(
    bench: Bench, drop: DropFolder, lot: Callable[..., Path], engine: Engine
) -> None:
    folder = lot()
    with drop.opened("arrivee", "seance") as opened:
        before = look_at(opened)
        report = hand_over(bench.tools, given(bench, "seance", opened))
        with (folder / "actes.csv").open("a", encoding="utf-8") as manifest:
            manifest.write("D2;2023-03-02;DE;7.5;Voirie;voirie.pdf\n")
        assert drop.stow("seance", opened, before, report) is None
    # Whoever writes in it still finds it: it was not even moved.
    assert not (folder / "rapport-de-remise.txt").exists()
    (folder / "voirie.pdf").write_bytes(pdf("Voirie"))
    _, again = taken(bench, drop)
    assert [entry.fate.code for entry in again.entries] == ["deja_remis", "accepte"]
    assert actes(engine) == 2


def test_another_folder_put_under_the_name_meanwhile_is_put_back(
    bench: Bench, drop: DropFolder, root: Path, lot: Callable[..., Path]
) -> None:
    folder = lot()
    with drop.opened("arrivee", "seance") as opened:
        before = look_at(opened)
        report = hand_over(bench.tools, given(bench, "seance", opened))
        folder.rename(root / "autre")
        lot()
        assert drop.stow("seance", opened, before, report) is None
    assert names(root / "arrivee") == ["seance"]
    assert names(root / "fait") == []


@pytest.mark.parametrize(
    "step", ["before the report", "fdopen", "fsync", "replace", "rename", "fsync of the folders"]
)
def test_a_process_killed_between_the_taking_and_the_move_doubles_and_loses_nothing(
    bench: Bench,
    drop: DropFolder,
    root: Path,
    lot: Callable[..., Path],
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    lot()

    def killed(*_: object, **__: object) -> None:
        raise KilledError

    with drop.opened("arrivee", "seance") as folder, monkeypatch.context() as patched:
        before = look_at(folder)
        report = hand_over(bench.tools, given(bench, "seance", folder))
        if step == "rename":
            patched.setattr(Path, "rename", killed)
        elif step == "before the report":
            patched.setattr(drop_folder, "write_report", killed)
        elif step == "fsync of the folders":
            patched.setattr(DropFolder, "_make_durable", killed)
        else:
            patched.setattr(os, step, killed)
        with pytest.raises(KilledError):
            drop.stow("seance", folder, before, report)
    assert actes(engine) == 1
    if step == "fsync of the folders":
        assert names(root / "fait") == ["seance"]
    else:
        assert ready(DropFolder(root, 30), 0) == ["seance"]
        place, again = taken(bench, DropFolder(root, 30))
        assert place == root / "fait" / "seance"
        assert [entry.fate.code for entry in again.entries] == ["deja_remis"]
    assert told(root / "fait" / "seance")["lot"] == "seance"
    assert actes(engine) == 1


def test_a_report_that_is_missing_is_written_again(
    bench: Bench, drop: DropFolder, root: Path, lot: Callable[..., Path], engine: Engine
) -> None:
    lot()
    place, _ = taken(bench, drop)
    assert place is not None
    assert list(drop.unreported()) == []
    (place / "rapport-de-remise.json").unlink()
    assert list(drop.unreported()) == [("fait", "seance")]
    with drop.opened("fait", "seance") as folder:
        write_report(folder, rehearse(bench.tools, given(bench, "seance", folder)))
    assert told(place)["actes"]["deja_remis"] == 1
    assert actes(engine) == 1


def test_a_link_in_place_of_a_report_is_not_followed(
    bench: Bench, drop: DropFolder, lot: Callable[..., Path], tmp_path: Path
) -> None:
    victim = tmp_path / "victime"
    victim.write_text("intact")
    folder = lot()
    for name in ("rapport-de-remise.txt", ".rapport-de-remise.txt.0"):
        (folder / name).symlink_to(victim)
    place, _ = taken(bench, drop)
    assert place is not None
    assert victim.read_text() == "intact"
    assert not (place / "rapport-de-remise.txt").is_symlink()


@pytest.mark.parametrize("name", ["arrivee", "fait", "refuse"])
def test_a_link_in_place_of_a_folder_is_told(root: Path, tmp_path: Path, name: str) -> None:
    (root / name).symlink_to(tmp_path)
    with pytest.raises(DropFolderError, match="n'est pas un dossier"):
        DropFolder(root, 30).prepare()


def test_a_folder_that_cannot_be_written_is_told(
    root: Path, drop: DropFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(DropFolderError, match="n'a pas le droit"):
        drop.prepare()


def test_a_folder_on_another_disk_is_told(root: Path) -> None:
    other = Path("/dev/shm")
    if not os.access(other, os.W_OK) or other.stat().st_dev == root.stat().st_dev:
        pytest.skip("one file system only")
    drop = DropFolder(root, 30)
    drop.prepare()
    seen = Path.lstat

    def lstat(path: Path) -> os.stat_result:
        return seen(other if path.name == "fait" else path)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "lstat", lstat)
        with pytest.raises(DropFolderError, match="même disque"):
            drop.prepare()
