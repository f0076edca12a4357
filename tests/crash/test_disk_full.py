"""The disk of the documents is full: what is not kept is not promised, and nothing is forgotten."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.support.oracle import faults
from tests.support.scene import Scene, pdf
from tests.support.service import PATIENCE, Service
from tests.support.stories import acts, all_over
from transmission.domain.identifiers import NumeroInterne
from transmission.domain.lifecycle import State
from transmission.domain.transmission import StoredFile
from transmission.embedded.processes import wait_until
from transmission.ports import DocumentStore, Draft


class Disk:
    """A document store that has room or not."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self.is_full = False

    def draft(self) -> AbstractContextManager[Draft]:
        self._refuse()
        return self._store.draft()

    def put(self, source: BinaryIO) -> StoredFile:
        self._refuse()
        return self._store.put(source)

    def put_bytes(self, content: bytes) -> StoredFile:
        self._refuse()
        return self._store.put_bytes(content)

    def open(self, file: StoredFile) -> BinaryIO:
        return self._store.open(file)

    def read(self, file: StoredFile) -> bytes:
        return self._store.read(file)

    def check(self, file: StoredFile) -> None:
        self._store.check(file)

    def path(self, file: StoredFile) -> Path:
        return self._store.path(file)

    def _refuse(self) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def disk(scene: Scene) -> Disk:
    made = Disk(scene.tools.documents)
    scene.tools = replace(scene.tools, documents=made)
    return made


def test_an_act_that_cannot_be_kept_is_not_promised(scene: Scene, disk: Disk) -> None:
    disk.is_full = True
    with pytest.raises(OSError, match="No space left"):
        scene.accept()
    with scene.tools.register() as unit:
        assert (
            list(unit.find_acte(scene.authority_id, NumeroInterne("D2023_001"), None, None)) == []
        )
    disk.is_full = False
    assert not scene.accept().repeated


def test_a_disk_that_fills_before_the_envelope_is_made_keeps_an_act_waiting_until_there_is_room(
    scene: Scene, disk: Disk
) -> None:
    taken = scene.accept(contents=(pdf(),))
    disk.is_full = True
    for _ in range(3):
        _tries(scene)
    assert scene.transmission(taken.acte_id).state is State.ACCEPTED
    disk.is_full = False
    for _ in range(40):
        _tries(scene)
    assert scene.transmission(taken.acte_id).state is State.ACKNOWLEDGED
    assert faults(scene.engine, scene.tools.documents, scene.received()) == []


@pytest.mark.parametrize("done", [("prepare",), ("prepare", "submit")])
def test_an_act_whose_envelope_is_made_goes_on_without_room_on_the_disk(
    scene: Scene, disk: Disk, done: tuple[str, ...]
) -> None:
    taken = scene.accept(contents=(pdf(),))
    scene.run(*done)
    disk.is_full = True
    # What comes back is small: the register keeps it.
    for _ in range(10):
        _tries(scene)
    assert scene.transmission(taken.acte_id).state is State.ACKNOWLEDGED
    disk.is_full = False
    assert faults(scene.engine, scene.tools.documents, scene.received()) == []


def _tries(scene: Scene) -> None:
    try:
        scene.later(5)
    except (OSError, ExceptionGroup):
        scene.rung.clear()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """The folder of the documents, on a disk of its own of 2 MB."""
    folder = tmp_path / "documents"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.chaos
def test_real_processes_on_a_full_disk_lose_nothing(tiny_disk: Path, service: Service) -> None:
    over = acts(service, "D2023", 10)
    filler = tiny_disk / "filler"
    with pytest.raises(OSError, match="No space left"):
        _fill(filler)
    service.start("scheduler")
    service.start("worker")
    assert not wait_until(over, 4)
    filler.unlink()
    assert wait_until(over, PATIENCE), service.whereabouts()
    assert all_over(service.scene)
    service.check()


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as target:
        while target.write(b"\0" * 4096):
            pass
