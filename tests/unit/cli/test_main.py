"""The command line speaks French, says how it ended, and costs nothing until it works."""

import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from transmission.cli.main import COMMANDS

HEAVY = (
    "sqlalchemy", "psycopg", "pydantic", "fastapi", "starlette", "celery", "requests", "httpx",
    "lxml", "pikepdf", "reportlab", "cryptography", "rich",
)  # fmt: skip
ENGLISH = (
    "Usage: ",
    "Show this",
    "Error:",
    "Missing",
    "No such",
    "Try '",
    "[required]",
    "TEXT ",
    "FILE ",
)
ALL = [*COMMANDS, "authority add", "authority list", "authority classification"]
ALL += ["token add", "token list", "token revoke", "work list", "work take", "work give-back"]


@pytest.mark.parametrize("command", ALL)
def test_the_help_of_each_command_is_french_and_gives_an_example(command: str) -> None:
    # In a process of its own: click keeps a help option from whoever asked first in this one.
    program = [sys.executable, "-m", "transmission.cli.main", *command.split(), "--help"]
    ended = subprocess.run(program, capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("Usage : transmission")
    assert not [word for word in ENGLISH if word in ended.stdout]
    assert "xemple" in ended.stdout or command == "authority"
    assert all(len(line) <= 80 for line in ended.stdout.splitlines())


def test_the_general_help_lists_every_command_and_the_exit_codes(
    run: Callable[..., SimpleNamespace],
) -> None:
    out = run("--help").out
    assert all(f"\n  {name} " in out for name in COMMANDS)
    assert all(f"\n    {code} " in out for code in ("0", "1", "2", "130"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["stauts"], "La commande « stauts » n'existe pas."),
        (["status"], "Il manque l'argument 'NUMERO'."),
        (["status", "A", "B"], "Argument en trop : B."),
        (["status", "A", "--foo"], "L'option --foo n'existe pas."),
        (["status", "A", "--date"], "L'option --date attend une valeur."),
        (["status", "A", "--date", "02/03/2023"], "« 02/03/2023 » n'est pas une date"),
        (["stamp", "A"], "Il manque l'option '-o' / '--output'."),
        (["stamp", "A", "-o", "/"], "« / » est un dossier, pas un fichier."),
        (["send"], "Il manque l'argument 'CHEMINS...'."),
        (["send", "/absent.pdf"], "« /absent.pdf » n'existe pas."),
        (["worker", "--pool", "x"], "« x » n'est pas parmi : 'prefork', 'solo'."),
        (["web", "--port", "x"], "« x » n'est pas un nombre entier."),
        (["authority", "add"], "Décrivez la collectivité"),
        (["send", "/", "--numero", "D1"], "--numero : pour un seul document"),
        (["reply", "x"], "'N' : « x » n'est pas un nombre entier."),
        (["reply", "1"], "Il manque l'argument 'FICHIER…'."),
        (["courrier", "1"], "Il manque l'option '--sortie'."),
        (["courrier", "0", "--sortie", "x"], "'N' : 0 est hors des bornes"),
        (["set-aside", "1"], "Il manque l'option '--motif'."),
    ],
)
def test_a_wrong_command_line_is_told_in_french_with_exit_code_2(
    run: Callable[..., SimpleNamespace], arguments: list[str], said: str
) -> None:
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert not [word for word in ENGLISH if word in ended.err]


def test_without_a_service_commands_say_how_to_start_it(
    run: Callable[..., SimpleNamespace], tmp_path
) -> None:
    ended = run("status", "D1", "--home", tmp_path)
    assert ended.code == 1
    assert "Le service n'est pas démarré" in ended.err
    assert str(tmp_path) in ended.err


@pytest.mark.parametrize(
    "place", [["--home", "{}", "status", "D1"], ["status", "--home", "{}", "D1"]]
)
def test_the_home_is_given_before_or_after_the_command(
    run: Callable[..., SimpleNamespace], tmp_path, place: list[str]
) -> None:
    assert str(tmp_path) in run(*(word.format(tmp_path) for word in place)).err


def test_a_home_that_cannot_be_used_is_told_without_a_traceback(
    run: Callable[..., SimpleNamespace], tmp_path
) -> None:
    (tmp_path / "fichier").touch()
    ended = run("up", "--home", tmp_path / "fichier" / "dessous")
    assert ended.code == 1
    assert "ce n'est pas un dossier" in ended.err


def _imported(arguments: list[str]) -> list[str]:
    """Modules in memory once the command has ended well, in a process of its own."""
    program = (
        "import sys\n"
        "from transmission.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    return ended.stderr.split()


@pytest.mark.parametrize("command", ["", *ALL])
def test_help_imports_nothing_heavy(command: str) -> None:
    assert not set(HEAVY) & set(_imported([*command.split(), "--help"]))


def test_the_general_help_imports_no_more_of_ours_than_it_shows() -> None:
    own = {name for name in _imported(["--help"]) if name.startswith("transmission.")}
    shown = {f"transmission.cli.{name}" for name in ("main", "exit_codes", "french", "groups")}
    assert own == {"transmission.cli", *shown}


def test_a_fault_of_the_program_is_not_told_as_a_refusal(
    run: Callable[..., SimpleNamespace], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transmission.cli.main.cli", lambda *_, **__: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        run("--help")


def test_a_terminal_that_is_not_in_utf_8_stops_nothing() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "transmission.cli.main", "--help"],
        capture_output=True,
        check=False,
        timeout=60,
        env={"PYTHONIOENCODING": "latin-1"},
    )
    assert ended.returncode == 0
    assert ended.stdout.decode("latin-1").startswith("Usage : transmission [OPTIONS] COMMANDE ?")
