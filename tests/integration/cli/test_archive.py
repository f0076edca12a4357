"""``transmission archive``: from the package to the archives' answer, and to the elimination."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

from tests.support.scene import Scene
from transmission.actes.seda import NAMESPACE

Run = Callable[..., SimpleNamespace]
EXPORT = ("--jusqu-au", "2023-12-31", "--accord", "ACTES-01", "--service-archives", "FRAD042")


@pytest.fixture
def transferred(run: Run, received: SimpleNamespace, tmp_path: Path) -> SimpleNamespace:
    """An act received, in a package; its identifier."""
    target = tmp_path / "versement.zip"
    ended = run("archive", "export", *EXPORT, "-o", target, "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    return SimpleNamespace(identifier=told["versement"], told=told, file=target)


def _reply(folder: Path, identifier: str, code: str = "OK") -> Path:
    written = folder / "reponse.xml"
    written.write_text(
        f'<ArchiveTransferReply xmlns="{NAMESPACE}"><ReplyCode>{code}</ReplyCode>'
        f"<MessageRequestIdentifier>{identifier}</MessageRequestIdentifier>"
        "</ArchiveTransferReply>",
        encoding="utf-8",
    )
    return written


def test_a_package_is_written_whole_and_told_with_what_to_do_next(
    run: Run, received: SimpleNamespace, tmp_path: Path
) -> None:
    target = tmp_path / "versement.zip"
    ended = run("archive", "export", *EXPORT, "-o", target)
    assert ended.code == 0
    assert "1 acte(s)" in ended.out
    assert "transmission archive reply" in ended.out
    with ZipFile(target) as package:
        assert package.testzip() is None
        assert "manifest.xml" in package.namelist()
    assert [each.name for each in tmp_path.glob("*versement*")] == ["versement.zip"]


def test_what_is_there_is_never_written_over(run: Run, transferred: SimpleNamespace) -> None:
    before = transferred.file.read_bytes()
    ended = run("archive", "export", *EXPORT, "--encore", "-o", transferred.file)
    assert ended.code == 2
    assert "existe déjà" in ended.err
    assert transferred.file.read_bytes() == before


def test_nothing_to_hand_over_leaves_no_file(run: Run, served: Scene, tmp_path: Path) -> None:
    target = tmp_path / "versement.zip"
    ended = run("archive", "export", *EXPORT, "-o", target)
    assert ended.code == 1
    assert "ne reste à verser" in ended.err
    assert list(tmp_path.glob("*versement*")) == []


def test_the_answer_of_the_archives_is_shown_in_the_list(
    run: Run, transferred: SimpleNamespace, tmp_path: Path
) -> None:
    assert "attend la réponse" in run("archive", "list").out
    ended = run(
        "archive", "reply", transferred.identifier, _reply(tmp_path, transferred.identifier)
    )
    assert (ended.code, "accepté par les archives (OK)" in ended.out) == (0, True)
    (listed,) = json.loads(run("archive", "list", "--json").out)["versements"]
    assert (listed["versement"], listed["accepte"]) == (transferred.identifier, True)
    assert listed["sha256"] == transferred.told["sha256"]


def test_files_that_may_still_be_wanted_are_kept(
    run: Run, transferred: SimpleNamespace, served: Scene
) -> None:
    ended = run("archive", "dispose", "D2023_001", "--motif", "place")
    assert ended.code == 1
    assert "recours des tiers" in ended.err
    assert run("archive", "certificate", "D2023_001").code == 1


def test_files_leave_with_a_certificate(
    run: Run, received: SimpleNamespace, tmp_path: Path
) -> None:
    # Commands live in real time: whatever the day, nobody challenges an act of March 2023 any more.
    assert run("publish", "D2023_001", "--le", "2023-03-10").code == 0
    assert run("publish", "D2023_001", "--retirer", "--motif", "ancien").code == 0
    visa = tmp_path / "visa.pdf"
    visa.write_bytes(b"%PDF-1.7 visa")
    given = ("--visa", visa, "--motif", "bordereau 4", "--json")
    told = json.loads(run("archive", "dispose", "D2023_001", *given).out)
    assert told["fichiers"] >= 2
    certificate = json.loads(run("archive", "certificate", "D2023_001").out)
    assert certificate["motif"] == "bordereau 4"
    target = tmp_path / "elimination.json"
    assert run("archive", "certificate", "D2023_001", "-o", target).code == 0
    assert json.loads(target.read_bytes()) == certificate
