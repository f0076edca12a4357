"""A batch on a real register: each act by itself, and once."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from tests.support.bench import Bench
from tests.support.scene import AUTHOR, pdf
from transmission.domain.batch_report import BatchReport, Fate
from transmission.domain.errors import NotFoundError
from transmission.services.intake import (
    Batch,
    FolderFiles,
    NotReadyError,
    hand_over,
    rehearse,
    try_out,
)
from transmission.store.tables import acte
from transmission.store.tables_legal import seance, seance_acte

HEADER = "numero;date;nature;matiere;objet;document;annexes;seance\n"
Given = Callable[..., Path]


def line(rank: int, **changes: str) -> str:
    fields = {
        "numero": f"D2023_{rank:03d}",
        "date": "2023-03-02",
        "nature": "DE",
        "matiere": "7.5",
        "objet": f"Subvention {rank}",
        "document": f"acte-{rank}.pdf",
        "annexes": "",
        "seance": "",
        **changes,
    }
    return ";".join(fields.values()) + "\n"


@pytest.fixture
def lot(tmp_path: Path) -> Given:
    """A folder with these lines, and a document for each."""

    def made(*lines: str, name: str = "seance") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "actes.csv").write_text(HEADER + "".join(lines), encoding="utf-8")
        for rank in range(1, len(lines) + 1):
            (folder / f"acte-{rank}.pdf").write_bytes(pdf(f"Délibération {rank}"))
        return folder

    return made


@pytest.fixture(autouse=True)
def classified(bench: Bench) -> None:
    bench.classified()


@contextmanager
def batch(bench: Bench, folder: Path, **more: Any) -> Iterator[Batch]:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with bench.tools.register() as unit:
            owner = unit.authority(more.pop("authority_id", bench.authority_id))
        yield Batch(nom=folder.name, files=FolderFiles(opened), owner=owner, author=AUTHOR, **more)
    finally:
        os.close(opened)


def handed(bench: Bench, folder: Path, **more: Any) -> BatchReport:
    with batch(bench, folder, **more) as given:
        return hand_over(bench.tools, given)


def fates(report: BatchReport) -> list[str]:
    return [entry.fate.code for entry in report.entries]


def actes(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(acte)).scalar_one()


def expected(engine: Engine) -> list[list[str]]:
    """Numbers of each list of a sitting, oldest first."""
    with engine.connect() as connection:
        lists = connection.execute(select(seance.c.id).order_by(seance.c.id)).scalars().all()
        wanted = select(seance_acte.c.numero_interne).order_by(seance_acte.c.id)
        return [
            list(connection.execute(wanted.where(seance_acte.c.seance_id == each)).scalars())
            for each in lists
        ]


def test_every_act_of_a_batch_is_taken_in_charge(bench: Bench, engine: Engine, lot: Given) -> None:
    folder = lot(line(1, annexes="plan.pdf:99_DE"), line(2))
    (folder / "plan.pdf").write_bytes(pdf("Plan"))
    report = handed(bench, folder)
    assert fates(report) == ["accepte", "accepte"]
    assert not report.refused
    with bench.tools.register() as unit:
        kept = unit.acte(report.entries[0].acte_id or 0)
    assert [piece.nom_original for piece in kept.pieces] == ["acte-1.pdf", "plan.pdf"]
    assert (kept.objet, kept.date_decision.isoformat()) == ("Subvention 1", "2023-03-02")
    assert actes(engine) == 2


def test_the_same_folder_twice_is_the_same_acts(bench: Bench, engine: Engine, lot: Given) -> None:
    first = handed(bench, lot(line(1), line(2)))
    again = handed(bench, lot(line(1), line(2), name="copie"))
    assert fates(again) == ["deja_remis", "deja_remis"]
    assert [e.acte_id for e in again.entries] == [e.acte_id for e in first.entries]
    assert actes(engine) == 2


def test_a_bad_act_delays_none_of_the_others(bench: Bench, engine: Engine, lot: Given) -> None:
    bad = line(2, date="2999-01-01", matiere="7.99", annexes="../x.pdf|absente.pdf")
    report = handed(bench, lot(line(1), bad, line(3)))
    assert fates(report) == ["accepte", "refuse", "accepte"]
    assert report.refused
    refused = report.entries[1]
    assert (refused.where, refused.numero) == ("ligne 3", "D2023_002")
    assert {(p.field, p.rule) for p in refused.problems} == {
        ("annexes[1]", "nom_de_fichier"),
        ("annexes[1]", "fichier_du_dossier"),
        ("date", "date_calendrier"),
        ("matiere", "matiere_classification"),
    }
    assert actes(engine) == 2


def test_a_batch_mended_and_given_again_adds_what_was_missing(
    bench: Bench, engine: Engine, lot: Given
) -> None:
    handed(bench, lot(line(1), line(2, objet="")))
    again = handed(bench, lot(line(1), line(2)))
    assert fates(again) == ["deja_remis", "accepte"]
    assert actes(engine) == 2


def test_another_document_under_the_same_number_is_refused(bench: Bench, lot: Given) -> None:
    folder = lot(line(1))
    handed(bench, folder)
    (folder / "acte-1.pdf").write_bytes(pdf("Autre"))
    (entry,) = handed(bench, folder).entries
    assert entry.fate is Fate.REFUSED
    assert "diffère : fichiers" in entry.problems[0].message


def _close(monkeypatch: pytest.MonkeyPatch, closed: str) -> None:
    """Refuse a file to this account, which may be root."""
    really = os.open

    def opened(path: Any, *more: Any, **named: Any) -> int:
        if path == closed:
            raise PermissionError(errno.EACCES, "refused", path)
        return really(path, *more, **named)

    monkeypatch.setattr(os, "open", opened)


@pytest.mark.parametrize("kind", ["link", "outside", "folder", "pipe", "absent", "closed"])
def test_what_is_no_file_of_the_folder_is_refused(
    bench: Bench, lot: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    folder = lot(line(1))
    document = folder / "acte-1.pdf"
    document.rename(folder / "vrai.pdf" if kind == "link" else tmp_path / "vrai.pdf")
    if kind == "link":
        document.symlink_to("vrai.pdf")
    elif kind == "outside":
        document.symlink_to(tmp_path / "vrai.pdf")
    elif kind == "folder":
        document.mkdir()
    elif kind == "pipe":
        os.mkfifo(document)
    elif kind == "closed":
        document.write_bytes(pdf())
        _close(monkeypatch, document.name)
    (entry,) = handed(bench, folder).entries
    assert [(p.field, p.rule) for p in entry.problems] == [("document", "fichier_du_dossier")]


def test_a_name_with_decomposed_accents_is_found(bench: Bench, lot: Given) -> None:
    folder = lot(line(1, document="délibération.pdf"))
    (folder / "acte-1.pdf").rename(folder / "de\u0301libe\u0301ration.pdf")
    assert fates(handed(bench, folder)) == ["accepte"]


@pytest.mark.parametrize("spoil", ["absent", "both", "link", "empty"])
def test_a_manifest_that_cannot_be_read_refuses_the_batch(
    bench: Bench, lot: Given, engine: Engine, spoil: str
) -> None:
    folder = lot(line(1))
    manifest = folder / "actes.csv"
    if spoil == "absent":
        manifest.rename(folder / "liste.csv")
    elif spoil == "both":
        (folder / "actes.json").write_text("[]")
    elif spoil == "link":
        manifest.rename(folder / "liste.csv")
        manifest.symlink_to("liste.csv")
    else:
        manifest.write_bytes(b"")
    report = handed(bench, folder)
    assert report.refused
    assert report.entries == ()
    assert actes(engine) == 0


def test_the_acts_of_the_sitting_are_expected_the_refused_ones_too(
    bench: Bench, engine: Engine, lot: Given
) -> None:
    day = "02/03/2023"
    report = handed(bench, lot(line(1, seance=day), line(2, seance=day, objet="")))
    assert report.seance_actes == 2
    assert expected(engine) == [["D2023_001", "D2023_002"]]
    assert ("review", bench.authority_id) in bench.bells()


def test_a_later_batch_of_a_sitting_takes_nothing_away_from_its_list(
    bench: Bench, engine: Engine, lot: Given
) -> None:
    day = "2023-03-02"
    handed(bench, lot(line(1, seance=day), line(2, seance=day)))
    again = handed(bench, lot(line(1, seance=day), name="moins"))
    assert (again.seance_actes, len(expected(engine))) == (2, 1)
    more = handed(bench, lot(line(2, seance=day), line(3, seance=day), name="plus"))
    assert fates(more) == ["deja_remis", "refuse"]
    assert expected(engine)[-1] == ["D2023_001", "D2023_002", "D2023_003"]


def test_a_sitting_that_is_to_come_is_told_and_delays_no_act(bench: Bench, lot: Given) -> None:
    report = handed(bench, lot(line(1, seance="2023-03-20")))
    assert fates(report) == ["accepte"]
    assert [problem.field for problem in report.problems] == ["seance"]


def test_an_authority_without_classification_refuses_no_act(bench: Bench, lot: Given) -> None:
    folder = lot(line(1))
    with pytest.raises(NotReadyError):
        handed(bench, folder, authority_id=bench.second_id)


def test_what_stops_the_service_stops_the_batch_where_it_is(
    bench: Bench, engine: Engine, lot: Given
) -> None:
    folder = lot(line(1), line(2), line(3))
    calls = iter([None, None, NotFoundError("arrêt")])

    def between() -> None:
        if (error := next(calls)) is not None:
            raise error

    with pytest.raises(NotFoundError):
        handed(bench, folder, between=between)
    assert actes(engine) == 2
    assert fates(handed(bench, folder)) == ["deja_remis", "deja_remis", "accepte"]


def test_a_full_disk_refuses_no_act(
    bench: Bench, engine: Engine, lot: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("transmission.services.files.copyfileobj", full)
    with pytest.raises(OSError, match="full"):
        handed(bench, lot(line(1)))
    assert actes(engine) == 0


def test_what_became_of_a_batch_is_found_again_without_handing_anything_over(
    bench: Bench, engine: Engine, lot: Given
) -> None:
    handed(bench, lot(line(1), name="avant"))
    with batch(bench, lot(line(1), line(2), line(3, objet=""))) as given:
        report = rehearse(bench.tools, given)
    assert fates(report) == ["deja_remis", "refuse", "refuse"]
    assert [p.rule for p in report.entries[1].problems] == ["non_remis"]
    assert actes(engine) == 1


def test_a_batch_of_five_hundred_acts_is_taken_whole(
    bench: Bench, engine: Engine, lot: Given
) -> None:
    folder = lot(*(line(rank, seance="2023-03-02") for rank in range(1, 501)))
    report = handed(bench, folder)
    assert report.count(Fate.ACCEPTED) == 500
    assert report.seance_actes == 500
    assert actes(engine) == 500
    assert len(list(Path("/proc/self/fd").iterdir())) < 100


def test_a_trial_says_what_would_become_of_each_act_and_stores_nothing(
    bench: Bench, lot: Given
) -> None:
    folder = lot(line(1, seance="2023-03-02"), line(2, matiere="99", seance="2023-03-02"))
    with batch(bench, folder) as given:
        tried = try_out(bench.tools, given)
    fates = [entry.fate for entry in tried.entries]
    assert fates == [Fate.ACCEPTED, Fate.REFUSED]
    assert tried.seance_actes is None
    with bench.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(acte)).scalar() == 0
        assert connection.execute(select(func.count()).select_from(seance)).scalar() == 0
    first = handed(bench, folder)
    with batch(bench, folder) as given:
        again = try_out(bench.tools, given)
    assert [entry.fate for entry in again.entries] == [Fate.REPEATED, Fate.REFUSED]
    assert again.entries[0].acte_id == first.entries[0].acte_id
