"""Files handed over: judged by their content, kept byte for byte."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from shutil import copyfileobj
from typing import Any

import pytest

from tests.support.bench import Bench
from tests.support.scene import pdf
from transmission.domain.acceptance import ExaminedFile
from transmission.domain.errors import RefusedError
from transmission.domain.identifiers import NatureActe
from transmission.domain.transmission import StoredFile
from transmission.services.files import DepositedFile, examined, pieces_of
from transmission.store.documents import DamagedDocumentError

Facts = Callable[..., ExaminedFile]


def _file(folder: Path, content: bytes, code: str | None = None) -> DepositedFile:
    path = folder / "depot.bin"
    path.write_bytes(content)
    return DepositedFile(path, "délibération.doc", code)


def _incoming(folder: Path) -> list[Path]:
    return list((folder / "documents" / "incoming").iterdir())


@pytest.fixture
def facts(bench: Bench, tmp_path: Path) -> Facts:
    """What is known of a content handed over."""

    def found(content: bytes, code: str | None = None) -> ExaminedFile:
        with examined(bench.tools, [_file(tmp_path, content, code)]) as (item,):
            return item.facts

    return found


def test_a_file_is_known_by_its_content_whatever_its_name(facts: Facts) -> None:
    content = pdf()
    found = facts(content, "21_RP")
    assert (found.kind, found.pdf_problem, found.described) == ("pdf", None, "")
    assert (found.size, found.code_type_pj) == (len(content), "21_RP")


def test_what_cannot_be_sent_is_described_in_french(facts: Facts) -> None:
    found = facts(b"PK\x03\x04 document")
    assert found.kind is None
    assert "ZIP" in found.described


def test_a_truncated_pdf_is_told(facts: Facts) -> None:
    assert facts(pdf()[:200]).pdf_problem


def test_pieces_follow_the_order_given_and_take_the_typology_of_the_nature(
    bench: Bench, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("b", "a")]
    for folder in folders:
        folder.mkdir()
    contents = [pdf("un"), pdf("deux")]
    files = [_file(folders[0], contents[0]), _file(folders[1], contents[1], "21_RP")]
    with examined(bench.tools, files) as items:
        pieces = pieces_of(items, NatureActe.DELIBERATION)
    assert [(piece.ordre, piece.code_type_pj) for piece in pieces] == [(1, "99_DE"), (2, "21_RP")]
    assert [piece.extension for piece in pieces] == ["pdf", "pdf"]
    assert [piece.file.sha256 for piece in pieces] == [
        hashlib.sha256(content).hexdigest() for content in contents
    ]


def test_the_bytes_that_were_looked_at_are_kept_whatever_becomes_of_the_file(
    bench: Bench, tmp_path: Path
) -> None:
    content = pdf()
    file = _file(tmp_path, content)
    with examined(bench.tools, [file]) as items:
        (piece,) = pieces_of(items, NatureActe.DELIBERATION)
        file.path.write_bytes(pdf("Autre"))
        assert items[0].draft.keep() == piece.file
    assert bench.tools.documents.read(piece.file) == content
    assert piece.file == StoredFile(hashlib.sha256(content).hexdigest(), len(content))
    assert _incoming(tmp_path) == []


def test_files_that_are_not_kept_leave_nothing(bench: Bench, tmp_path: Path) -> None:
    with examined(bench.tools, [_file(tmp_path, pdf())]) as items:
        (piece,) = pieces_of(items, NatureActe.DELIBERATION)
        assert len(_incoming(tmp_path)) == 1
    assert _incoming(tmp_path) == []
    with pytest.raises(DamagedDocumentError):
        bench.tools.documents.open(piece.file)


@pytest.mark.parametrize(("rank", "field"), [(0, "document"), (1, "annexes[1]")])
def test_a_file_that_changes_while_it_is_copied_is_refused(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rank: int, field: str
) -> None:
    files = [_file(tmp_path, pdf()), DepositedFile(tmp_path / "autre", "autre.pdf")]
    files[1].path.write_bytes(pdf())

    def changing(source: Any, target: Any, length: int) -> None:
        copyfileobj(source, target, length)
        if Path(source.name) == files[rank].path:
            files[rank].path.write_bytes(pdf("Une autre version"))

    monkeypatch.setattr("transmission.services.files.copyfileobj", changing)
    with pytest.raises(RefusedError) as refused, examined(bench.tools, files):
        pass
    (problem,) = refused.value.problems
    assert (problem.field, problem.rule) == (field, "fichier_modifie")
    assert files[rank].nom_original in problem.message
    assert _incoming(tmp_path) == []
