"""Every command answers a program in JSON and says how it ends; the page tells the same."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path

import click
import pytest

from transmission.cli.exit_codes import codes_of
from transmission.cli.main import cli
from transmission.cli.told import json_option, quiet_option, tell

PAGE = Path(__file__).parents[3] / "docs" / "cli.md"

WITHOUT_JSON = {
    "demo": "shows itself to a person",
    "up": "a process",
    "web": "a process",
    "registre": "a process",
    "worker": "a process",
    "scheduler": "a process",
    "watch": "a process; its reports are JSON files",
    "migrate": "has nothing to say but that it is done",
    "lifecycle": "prints a diagram",
    "completion": "prints a script",
    "authority add": "has nothing to say but that it is done",
    "archive certificate": "gives a document of JSON, as it was made",
    "user export": "says all that it says in JSON",
    "token add": "its secret stands alone on the output",
}


def _leaves(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command)
    for each in command.list_commands(context):
        found = command.get_command(context, each)
        assert found is not None
        yield from _leaves(found, f"{name} {each}".strip())


LEAVES = dict(_leaves(cli))


def _options(command: click.Command) -> set[str]:
    return {option for param in command.params for option in param.opts}


@pytest.mark.parametrize("name", LEAVES)
def test_a_command_answers_in_json_unless_there_is_a_reason(name: str) -> None:
    assert ("--json" in _options(LEAVES[name])) == (name not in WITHOUT_JSON)


def test_no_reason_outlives_its_command() -> None:
    assert WITHOUT_JSON.keys() <= LEAVES.keys()


@pytest.mark.parametrize("name", LEAVES)
def test_a_command_says_in_its_help_how_it_ends(name: str) -> None:
    epilog = LEAVES[name].epilog or ""
    for code, said in codes_of(name.split()[-1]).items():
        assert re.search(rf"(?m)^  {code} +{re.escape(said)}$", epilog), name


def test_the_page_has_every_command_with_what_it_can() -> None:
    rows = re.findall(r"(?m)^\| `([a-z -]+)` \| (oui|–) \| (oui|–) \|", PAGE.read_text("utf-8"))
    told = {name: (json_told == "oui", far == "oui") for name, json_told, far in rows}
    there = {
        name: ("--json" in _options(command), "--service" in _options(command))
        for name, command in LEAVES.items()
    }
    assert told == there


def test_the_page_has_the_exit_codes_of_each_command() -> None:
    page = PAGE.read_text("utf-8")
    for name in LEAVES:
        for code, said in codes_of(name.split()[-1]).items():
            assert f"| {code} | {said} |" in page, name


class Kind(Enum):
    CODED = "coded"


@json_option
@quiet_option
@click.command()
def _command() -> None:
    document = {
        "jour": date(2023, 3, 2),
        "instant": datetime(2023, 3, 2, 10, tzinfo=UTC),
        "fichier": Path("é.pdf"),
        "sorte": Kind.CODED,
    }
    tell(lambda: document, lambda: click.echo("des mots"))


@pytest.mark.parametrize(
    ("arguments", "said"), [([], "des mots\n"), (["--quiet"], "")], ids=["words", "quiet"]
)
def test_a_person_is_told_in_words_or_not_at_all(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _command.main(arguments, standalone_mode=False)
    assert capsys.readouterr().out == said


def test_days_instants_paths_and_codes_are_texts(capsys: pytest.CaptureFixture[str]) -> None:
    _command.main(["--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out) == {
        "jour": "2023-03-02",
        "instant": "2023-03-02T10:00:00+00:00",
        "fichier": "é.pdf",
        "sorte": "coded",
    }
