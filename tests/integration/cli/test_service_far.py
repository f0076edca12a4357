"""The same commands, spoken to a distant service through its API, with the same words."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select

from tests.support.scene import AUTHOR, Scene
from tests.support.serving import serving
from transmission.api.app import create_app
from transmission.api.wiring import WiredApi
from transmission.cli.service_far import TakerFar
from transmission.client import Depot, Piece
from transmission.domain.access import Scope
from transmission.services.tokens import create_token
from transmission.store.tables_uploads import upload

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def distant(served: Scene, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of the API over the scene, and the file of a token with every scope."""
    secret = create_token(
        served.tools,
        served.authority_id,
        "poste distant",
        frozenset(Scope),
        None,
        AUTHOR,
        randomness=os.urandom,
    )
    token = tmp_path / "jeton"
    token.write_text(f"{secret}\n")
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    api = WiredApi(served.engine, served.tools, (), incoming=incoming)
    with serving(create_app(api)) as url:
        yield url, token


@pytest.fixture
def far(run: Run, distant: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command from another machine: nothing of the register is known there."""

    def ran(*arguments: object, **more: Any) -> SimpleNamespace:
        with monkeypatch.context() as elsewhere:
            elsewhere.setenv("TRANSMISSION_DATABASE_URL", "postgresql+psycopg://x@127.0.0.1:1/x")
            elsewhere.setenv("TRANSMISSION_SERVICE_URL", distant[0])
            elsewhere.setenv("TRANSMISSION_TOKEN_FILE", str(distant[1]))
            return run(*arguments, **more)

    return ran


GIVEN = ("--numero", "D2023_001", "--date", "2023-03-02", "--nature", "DE")
REST = ("--matiere", "7.5", "--objet", "Subvention")


def test_an_act_is_handed_over_from_afar_once_with_the_same_words(
    far: Run, send: Run, folder: Path, acte: Run
) -> None:
    annexe = ("--annexe", f"{folder / 'plan.pdf'}:99_DE")
    ended = far("send", folder / "acte.pdf", *GIVEN, *REST, *annexe)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "acte.pdf : acte D2023_001 pris en charge.\n"
    assert [piece.nom_original for piece in acte().acte.pieces] == ["acte.pdf", "plan.pdf"]
    assert acte().acte.pieces[1].code_type_pj == "99_DE"
    again = send(*annexe)
    assert "déjà remis : rien n'a changé" in again.out


def test_options_name_the_service_as_the_environment_does(
    run: Run, distant: tuple[str, Path], folder: Path
) -> None:
    where = ("--service", distant[0], "--jeton-fichier", distant[1])
    ended = run("send", folder / "acte.pdf", *GIVEN, *REST, *where)
    assert ended.out == "acte.pdf : acte D2023_001 pris en charge.\n"
    assert run("status", "D2023_001", *where).out.startswith("Acte D2023_001\n")


def test_a_refusal_is_told_line_by_line_as_here(far: Run, run: Run, folder: Path) -> None:
    wrong = (folder / "acte.pdf", "--numero", "d 1", *GIVEN[2:], "--matiere", "99.9", *REST[2:])
    there, here = far("send", *wrong), run("send", *wrong)
    assert (there.code, there.err) == (1, here.err)


def test_what_a_document_says_is_tried_then_handed_over(far: Run, folder: Path) -> None:
    (folder / "deliberation.md").unlink()
    assert far("send", folder / "acte.pdf", *GIVEN, *REST, "--essai").code == 0
    assert far("status", "D2023_001").code == 1


def test_a_large_act_is_sent_in_pieces(
    far: Run, folder: Path, served: Scene, acte: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transmission.cli.service_far._LARGE", 100)
    ended = far("send", folder / "acte.pdf", *GIVEN, *REST, "--annexe", folder / "plan.pdf")
    assert ended.out == "acte.pdf : acte D2023_001 pris en charge.\n"
    assert [piece.nom_original for piece in acte().acte.pieces] == ["acte.pdf", "plan.pdf"]
    with served.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(upload)).scalar_one() == 2


def test_where_an_act_stands_is_told_in_the_words_of_here(
    far: Run, run: Run, received: SimpleNamespace
) -> None:
    there, here = far("status", "D2023_001").out, run("status", "D2023_001").out
    said = [line.split("  ")[-1].strip() for line in there.splitlines()]
    assert all(each in here for each in said if each), there
    assert "Reçu en préfecture le" in there
    assert "09/03/2023" in there


def test_the_document_of_an_act_is_the_same_from_here_and_from_afar(
    far: Run, run: Run, received: SimpleNamespace
) -> None:
    here, there = (json.loads(way("status", "D2023_001", "--json").out) for way in (run, far))
    assert here.keys() == there.keys()
    same = ("numero", "date", "nature", "etat", "date_reception", "lecture", "courriers")
    assert [here[name]["libelle"] for name in ("etat", "nature")] == [
        there[name]["libelle"] for name in ("etat", "nature")
    ]
    assert all(here[name] == there[name] for name in same if name != "etat")


def test_the_papers_are_the_same_bytes(
    far: Run, run: Run, received: SimpleNamespace, tmp_path: Path
) -> None:
    for command in ("ar", "stamp"):
        there, here = tmp_path / "there", tmp_path / "here"
        assert far(command, "D2023_001", "-o", there).code == 0
        assert run(command, "D2023_001", "-o", here).code == 0
        if command == "ar":
            assert there.read_bytes() == here.read_bytes()
        assert there.stat().st_size > 500


def test_the_dossier_is_made_in_the_name_of_the_token(
    far: Run, received: SimpleNamespace, tmp_path: Path
) -> None:
    path = tmp_path / "d.asice"
    assert far("dossier", "D2023_001", "-o", path).code == 0
    with ZipFile(path) as archive:
        assert json.loads(archive.read("dossier.json"))["made_by"].startswith("api:")
    assert far("dossier", "D2023_001", "-o", path, "--par", "le greffe").code == 2


def test_a_letter_is_read_and_answered(
    far: Run, write: Callable[..., int], folder: Path, tmp_path: Path
) -> None:
    number = write("lettre_observations")
    listed = far("courriers").out
    assert f"Courrier n° {number}" in listed
    assert far("courriers", "D2023_001").out.startswith(f"Courrier n° {number}")
    written = far("courrier", number, "--sortie", tmp_path / "courriers")
    assert written.code == 0
    ended = far("reply", number, folder / "plan.pdf")
    assert "réponse prise en charge" in ended.out
    assert "déjà donnée" in far("reply", number, folder / "plan.pdf").out


def test_an_act_is_put_on_line_cancelled_and_what_is_impossible_is_told(
    far: Run, received: SimpleNamespace
) -> None:
    online = far("publish", "D2023_001", "--le", "2023-03-10")
    assert "mis en ligne le 10/03/2023" in online.out
    refused = far("resend", "D2023_001", "--motif", "encore")
    assert refused.code == 1
    assert refused.err.startswith("Acte D2023_001 : ")
    cancelled = far("cancel", "D2023_001", "--motif", "acte rapporté")
    assert cancelled.code == 0
    assert cancelled.out.startswith("Acte D2023_001 : ")


@pytest.mark.parametrize(
    "arguments",
    [("release", "D1", "--motif", "x"), ("quarantine",), ("token", "list"), ("authority", "list")],
)
def test_what_is_not_done_from_afar_says_so(far: Run, arguments: tuple[str, ...]) -> None:
    ended = far(*arguments)
    assert ended.code == 1
    assert "ne se fait pas à distance" in ended.err


@pytest.mark.parametrize(
    ("option", "said"),
    [(("--par", "maire"), "--par"), (("--siren", "123456782"), "--siren")],
)
def test_what_the_token_says_is_not_said_again(
    far: Run, option: tuple[str, str], said: str
) -> None:
    ended = far("cancel", "D1", "--motif", "x", *option)
    assert ended.code == 2
    assert said in ended.err


def test_an_act_that_is_unknown_and_a_service_that_is_away_are_told(
    far: Run, run: Run, tmp_path: Path, distant: tuple[str, Path]
) -> None:
    assert "Aucun acte D9 n'a été remis" in far("status", "D9").err
    where = ("--service", distant[0], "--jeton-fichier", tmp_path / "absent")
    assert "ne peut être lu" in run("status", "D9", *where).err
    assert "jeton" in run("status", "D9", "--service", distant[0]).err


def _at_a_terminal(arguments: list[object], **environment: str) -> tuple[int, str]:
    """Run a command whose outputs are a terminal: its exit code, and all that was drawn."""
    near, far_end = pty.openpty()
    program = [sys.executable, "-m", "transmission.cli.main", *map(str, arguments)]
    size = {"TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    with subprocess.Popen(
        program,
        stdin=subprocess.DEVNULL,
        stdout=far_end,
        stderr=far_end,
        env={**os.environ, **size, **environment},
    ) as process:
        os.close(far_end)
        drawn = b""
        # The end of a terminal whose last writer is gone is an error.
        with suppress(OSError), os.fdopen(near, "rb", buffering=0) as screen:
            while block := screen.read(4096):
                drawn += block
    return process.returncode, drawn.decode()


def test_several_acts_fill_one_bar_at_a_terminal(distant: tuple[str, Path], folder: Path) -> None:
    for rank, name in enumerate(("acte", "plan", "photo"), start=1):
        (folder / f"{name}.toml").write_text(
            f'numero = "D2023_00{rank}"\ndate = "2023-03-02"\nnature = "DE"\nmatiere = "7.5"\n'
            f'objet = "Subvention {rank}"\n'
        )
    (folder / "deliberation.md").unlink()
    where = {"TRANSMISSION_SERVICE_URL": distant[0], "TRANSMISSION_TOKEN_FILE": str(distant[1])}
    code, drawn = _at_a_terminal(["send", folder], **where)
    assert code == 0, drawn
    assert all(f"envoi {rank}/3" in drawn for rank in (1, 2, 3))
    percents = [int(found) for found in re.findall(r"(\d+)%", drawn)]
    assert percents == sorted(percents)
    assert (percents[0], percents[-1]) == (0, 100)
    assert drawn.count("pris en charge.") == 3


def test_the_pieces_of_a_large_act_fill_one_bar(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    (tmp_path / "a").write_bytes(b"x" * 30)
    (tmp_path / "b").write_bytes(b"x" * 10)

    class Told:
        def upload(self, path: Path, _nom: str, *, progress: Any) -> SimpleNamespace:
            size = path.stat().st_size
            progress(0, size)
            progress(size, size)
            return SimpleNamespace(id=path.name)

        def deposit_uploads(self, *given: Any, **_more: Any) -> tuple[Any, ...]:
            return given[1:]

    depot = _depot_of(Piece(tmp_path / "a"), Piece(tmp_path / "b"))
    sent = TakerFar(Told())._by_uploads(depot, None, lambda *done: told.append(done))  # type: ignore[arg-type]
    assert sent == ("a", ("b",))
    assert told == [(0, 40), (30, 40), (30, 40), (40, 40)]


def _depot_of(document: Piece, *annexes: Piece) -> Depot:
    return Depot(
        numero="D2023_001",
        date="2023-03-02",
        nature="DE",
        matiere="7.5",
        objet="Subvention",
        document=document,
        annexes=annexes,
    )
