"""``work``: what waits for a person, taken by an account that may, and given back."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.scene import AUTHOR, SIREN, Scene
from transmission.domain.lifecycle import Event
from transmission.ports import Step

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def waiting(served: Scene, send: Run, acte: Run, run: Run, tmp_path: Path) -> int:
    """A sending that waits for an operator, and the accounts of an operator and of a reader."""
    send()
    with served.tools.register() as unit:
        sent = unit.current_transmission(acte().id)
        step = Step(waiting_for="Échecs répétés")
        unit.move(sent, Event.HELD, AUTHOR, served.clock.now(), step)
        unit.commit()
    for login, role in (
        ("exploitation", "operateur"),
        ("astreinte", "operateur"),
        ("lecture", "lecteur"),
    ):
        given = ("--nom", f"service {login}", "--role", role, "--partout", "--sans-mot-de-passe")
        assert run("user", "add", login, *given).code == 0
    return sent.id


def listed(run: Run, *arguments: object) -> list[dict[str, object]]:
    ended = run("work", "list", *arguments, "--json")
    assert ended.code == 0
    told = json.loads(ended.out)
    assert told["complet"] is True
    found: list[dict[str, object]] = told["dossiers"]
    return found


def test_what_waits_is_listed_with_what_it_waits_for(run: Run, waiting: int) -> None:
    out = run("work", "list").out
    assert out.startswith(f"Dossier n° {waiting}\n")
    assert "Envois en attente d'un opérateur (en-attente)" in out
    assert "Échecs répétés" in out
    [line] = listed(run, "en-attente")
    assert (line["dossier"], line["acte"], line["charge"]) == (waiting, "D2023_001", None)
    assert run("work", "list", "courriers").out == "Aucun dossier n'attend.\n"
    assert listed(run, "--siren", "999999998") == []
    assert len(listed(run, "--siren", SIREN)) == 1


def test_an_item_is_taken_by_one_and_given_back(run: Run, waiting: int) -> None:
    taken = run("work", "take", "en-attente", waiting, "--compte", "exploitation")
    assert (taken.code, taken.out) == (
        0, f"Dossier n° {waiting} : service exploitation s'en charge.\n"
    )  # fmt: skip
    assert [each["charge"] for each in listed(run)] == ["service exploitation"]
    assert listed(run, "--libres") == listed(run, "--compte", "astreinte") == []
    assert len(listed(run, "--compte", "exploitation")) == 1
    other = run("work", "take", "en-attente", waiting, "--compte", "astreinte")
    assert other.code == 1
    assert "service exploitation s'en charge déjà" in other.err
    back = run("work", "give-back", "en-attente", waiting, "--json")
    assert json.loads(back.out) == {"bureau": "en-attente", "dossier": waiting, "charge": None}
    assert run("work", "take", "en-attente", waiting, "--compte", "astreinte").code == 0


def test_whoever_may_not_deal_with_it_does_not_take_it(
    run: Run, served: Scene, waiting: int
) -> None:
    refused = run("work", "take", "en-attente", waiting, "--compte", "lecture")
    assert refused.code == 1
    assert "n'a pas le droit de traiter ce dossier" in refused.err
    run("user", "disable", "exploitation", "--motif", "départ")
    assert run("work", "take", "en-attente", waiting, "--compte", "exploitation").code == 1
    assert run("work", "take", "en-attente", waiting, "--compte", "personne").code == 1
    assert [each["charge"] for each in listed(run)] == [None]


def test_an_item_that_is_not_on_that_desk_is_told(run: Run, waiting: int) -> None:
    for arguments in (
        ("take", "avis", waiting, "--compte", "lecture"),
        ("give-back", "avis", waiting),
    ):
        ended = run("work", *arguments)
        assert (ended.code, ended.out) == (1, "")
        assert "« transmission work list avis »" in ended.err
