"""Files handed over: judged by their content, kept byte for byte."""

import hashlib
from pathlib import Path

import pytest

from tests.support.bench import Bench
from tests.support.scene import pdf
from transmission.domain.errors import RefusedError
from transmission.domain.identifiers import NatureActe
from transmission.domain.transmission import StoredFile
from transmission.services.files import DepositedFile, examine, keep, pieces_of


def _file(folder: Path, content: bytes, code: str | None = None) -> DepositedFile:
    path = folder / "depot.bin"
    path.write_bytes(content)
    return DepositedFile(path, "délibération.doc", code)


def test_a_file_is_known_by_its_content_whatever_its_name(bench: Bench, tmp_path: Path) -> None:
    content = pdf()
    examined = examine(bench.tools, _file(tmp_path, content, "21_RP"))
    assert (examined.facts.kind, examined.facts.pdf_problem) == ("pdf", None)
    assert (examined.facts.size, examined.facts.code_type_pj) == (len(content), "21_RP")
    assert examined.sha256 == hashlib.sha256(content).hexdigest()


def test_what_cannot_be_sent_is_described_in_french(bench: Bench, tmp_path: Path) -> None:
    examined = examine(bench.tools, _file(tmp_path, b"PK\x03\x04 document"))
    assert examined.facts.kind is None
    assert "ZIP" in examined.facts.described


def test_a_truncated_pdf_is_told(bench: Bench, tmp_path: Path) -> None:
    assert examine(bench.tools, _file(tmp_path, pdf()[:200])).facts.pdf_problem


def test_pieces_follow_the_order_given_and_take_the_typology_of_the_nature(
    bench: Bench, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("b", "a")]
    for folder in folders:
        folder.mkdir()
    files = [_file(folders[0], pdf("un")), _file(folders[1], pdf("deux"), "21_RP")]
    pieces = pieces_of([examine(bench.tools, file) for file in files], NatureActe.DELIBERATION)
    assert [(piece.ordre, piece.code_type_pj) for piece in pieces] == [(1, "99_DE"), (2, "21_RP")]
    assert [piece.extension for piece in pieces] == ["pdf", "pdf"]


def test_the_bytes_that_were_looked_at_are_kept(bench: Bench, tmp_path: Path) -> None:
    content = pdf()
    examined = examine(bench.tools, _file(tmp_path, content))
    (piece,) = pieces_of([examined], NatureActe.DELIBERATION)
    keep(bench.tools, examined, piece)
    assert bench.tools.documents.read(piece.file) == content
    assert piece.file == StoredFile(hashlib.sha256(content).hexdigest(), len(content))


def test_a_file_that_changed_since_it_was_looked_at_is_refused(
    bench: Bench, tmp_path: Path
) -> None:
    examined = examine(bench.tools, _file(tmp_path, pdf()))
    (piece,) = pieces_of([examined], NatureActe.DELIBERATION)
    examined.file.path.write_bytes(pdf("Autre"))
    with pytest.raises(RefusedError) as refused:
        keep(bench.tools, examined, piece)
    (problem,) = refused.value.problems
    assert (problem.field, problem.rule) == ("document", "fichier_modifie")
    assert "délibération.doc" in problem.message
