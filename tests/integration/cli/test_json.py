"""What commands tell programs: one document each, under the keys that the page gives."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.scene import AUTHOR, Scene
from transmission.domain.lifecycle import Event
from transmission.ports import Step

Run = Callable[..., SimpleNamespace]
PAGE = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8").partition("## JSON")[2]

ASKED = {
    "status": ("D2023_001",),
    "courriers": (),
    "quarantine": (),
    "notices": (),
    "timestamps": (),
    "sitting": (),
    "token list": (),
    "user list": (),
    "webhook list": (),
    "work list": (),
    "authority list": (),
    "declare": ("D2023_001",),
    "event": ("D2023_001",),
    "explain": ("D2023_001",),
    "check": (),
    "statistics": (),
    "anchors": ("--verifier",),
}


@pytest.mark.parametrize("command", ASKED)
def test_what_is_shown_is_one_document_under_the_keys_of_the_page(
    command: str, run: Run, received: SimpleNamespace
) -> None:
    ended = run(*command.split(), *ASKED[command], "--json")
    assert (ended.code, ended.err) == (0, "")
    document = json.loads(ended.out)
    [row] = re.findall(rf"(?m)^\| [^|]*`{command}`[^|]* \| (.*) \|$", PAGE)
    if command not in ("status", "explain", "check", "statistics"):
        assert document.keys() <= set(re.findall(r"`(\w+)`", row)), row


def test_lists_have_what_there_is(run: Run, write: Callable[..., int]) -> None:
    number = write("lettre_observations")
    [letter] = json.loads(run("courriers", "--json").out)["courriers"]
    assert (letter["id"], letter["acte"]["numero"]) == (number, "D2023_001")
    of_acte = json.loads(run("courriers", "D2023_001", "--json").out)["courriers"]
    assert [each["id"] for each in of_acte] == [number]


def test_each_act_that_is_handed_over_is_a_line(send: Run, run: Run, folder: Path) -> None:
    taken, again = (json.loads(send("--json").out) for _ in range(2))
    assert (taken["fichier"], taken["sort"], taken["numero"]) == (
        "acte.pdf",
        "accepte",
        "D2023_001",
    )
    assert (again["sort"], again["acte"]) == ("deja_remis", taken["acte"])
    refused = send("--json", document="photo.pdf", answer="o")
    told = json.loads(refused.out)
    assert (refused.code, told["sort"]) == (1, "refuse")
    wrong = run("send", folder / "plan.pdf", "--numero", "d 1", "--json", answer="o")
    told = json.loads(wrong.out)
    assert {each["champ"] for each in told["problemes"]} >= {"numero", "date"}
    assert wrong.err == ""


def test_nothing_is_asked_of_a_program_even_at_a_terminal(run: Run, folder: Path) -> None:
    ended = run("send", folder / "deliberation.md", "--matiere", "7.5", "--json", answer="o")
    assert ended.code == 1
    assert "--yes" in json.loads(ended.out)["raison"]


def test_quiet_tells_only_what_is_refused(send: Run) -> None:
    assert (send("--quiet").out, send("--quiet").err) == ("", "")
    refused = send("--quiet", document="photo.pdf")
    assert (refused.code, refused.out) == (1, "")
    assert "refusé" in refused.err


def test_a_decision_is_told_with_the_state_that_it_leads_to(send: Run, run: Run) -> None:
    send()
    told = json.loads(run("cancel", "D2023_001", "--motif", "retiré", "--json").out)
    assert told == {"acte": "D2023_001", "etat": "cancelled", "etat_libelle": "Annulée"}


@pytest.mark.parametrize("command", ["release", "abandon", "cancel", "resend"])
def test_every_decision_tells_the_code_of_the_state_and_its_label(
    command: str, send: Run, run: Run, acte: Run, served: Scene
) -> None:
    send()
    if command == "resend":
        run("cancel", "D2023_001", "--motif", "retiré")
    elif command != "cancel":
        with served.tools.register() as unit:
            sent = unit.current_transmission(acte().id)
            step = Step(waiting_for="Échecs répétés")
            unit.move(sent, Event.HELD, AUTHOR, served.clock.now(), step)
            unit.commit()
    told = json.loads(run(command, "D2023_001", "--motif", "décidé", "--json").out)
    state = served.transmission(acte().id).state
    assert (told["etat"], told["etat_libelle"]) == (state.code, state.label)
