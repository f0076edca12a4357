"""``--tous``: the decisions of a person about all the sendings in a state."""

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from tests.support.scene import AUTHOR, SIREN, Scene
from transmission.domain.lifecycle import Event, State
from transmission.ports import Step

Run = Callable[..., SimpleNamespace]
NUMEROS = ("D2023_001", "D2023_002", "D2023_003")
WHY = ("--motif", "panne finie")


@pytest.fixture
def actes(send: Run, acte: Run) -> list[int]:
    """Three acts that have not left."""
    for numero in NUMEROS:
        assert send("--numero", numero, "--quiet").code == 0
    return [acte(numero).id for numero in NUMEROS]


def held(scene: Scene, *acte_ids: int) -> None:
    with scene.tools.register() as unit:
        for acte_id in acte_ids:
            sent = unit.current_transmission(acte_id)
            step = Step(waiting_for="Échecs répétés")
            unit.move(sent, Event.HELD, AUTHOR, scene.clock.now(), step)
        unit.commit()


def lines(ended: SimpleNamespace) -> list[dict[str, str]]:
    return [json.loads(line) for line in ended.out.splitlines()]


def states(scene: Scene, actes: list[int]) -> list[State]:
    return [scene.transmission(each).state for each in actes]


def test_all_those_in_a_state_are_decided_of_one_by_one(
    run: Run, served: Scene, actes: list[int]
) -> None:
    held(served, *actes[:2])
    ended = run("release", "--tous", "--etat", "held", "--siren", SIREN, *WHY, "--par", "DGS")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (
        "D2023_001 : Prise en charge.\nD2023_002 : Prise en charge.\n2\N{NO-BREAK SPACE}faits.\n"
    )
    with served.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT author, reason FROM journal WHERE event = 'released_to_prepare'"
        ).all()
    assert [tuple(row) for row in rows] == [("DGS", "panne finie")] * 2


def test_a_rehearsal_says_what_can_be_and_why_not_and_does_nothing(
    run: Run, served: Scene, actes: list[int]
) -> None:
    held(served, actes[0])
    could = run("abandon", "--tous", "--etat", "held", *WHY, "--essai")
    assert could.code == 0
    assert could.out == (
        "D2023_001 : possible.\n1\N{NO-BREAK SPACE}possible ; rien n'a été fait.\n"
    )
    not_there = run("abandon", "--tous", "--etat", "accepted", *WHY, "--essai", "--json")
    assert not_there.code == 1
    assert [(each["acte"], each["sort"]) for each in lines(not_there)] == [
        ("D2023_002", "impossible"), ("D2023_003", "impossible")
    ]  # fmt: skip
    assert "n'attend pas d'opérateur (« Prise en charge »)" in lines(not_there)[0]["raison"]
    assert states(served, actes) == [State.HELD, State.ACCEPTED, State.ACCEPTED]


def test_one_refusal_delays_no_other_and_makes_the_command_fail(
    run: Run, served: Scene, send: Run, acte: Run
) -> None:
    send("--numero", "ANOACT_1")
    send("--numero", "ANOACT_2")
    served.run()
    served.later(30)
    rejected = [acte("ANOACT_1").id, acte("ANOACT_2").id]
    assert states(served, rejected) == [State.REJECTED] * 2
    burnt = run("resend", "--tous", "--etat", "rejected", *WHY)
    assert burnt.code == 1
    assert burnt.err.count("serve deux fois") == 2
    assert "2\N{NO-BREAK SPACE}refusés." in burnt.out
    again = run("resend", "--tous", "--etat", "rejected", "--renumeroter", *WHY, "--json")
    assert again.code == 0
    assert {(each["acte"], each["envoye_sous"]) for each in lines(again)} == {
        ("ANOACT_1", "ANOACT_1_2"), ("ANOACT_2", "ANOACT_2_2")
    }  # fmt: skip
    assert {(each["etat"], each["etat_libelle"]) for each in lines(again)} == {
        ("accepted", "Prise en charge")
    }


def test_no_more_are_taken_than_asked_for_and_the_rest_is_told(
    run: Run, served: Scene, actes: list[int]
) -> None:
    ended = run("cancel", "--tous", "--etat", "accepted", "--limite", 2, *WHY, "--json")
    assert ended.code == 0
    assert [each["etat"] for each in lines(ended)] == ["cancelled"] * 2
    assert "seuls les 2 premiers sont pris" in ended.err
    assert states(served, actes) == [State.CANCELLED, State.CANCELLED, State.ACCEPTED]


def test_nothing_in_that_state_is_said(run: Run, served: Scene) -> None:
    ended = run("release", "--tous", "--etat", "held", *WHY)
    assert (ended.code, ended.out) == (
        0,
        "Aucun envoi n'est dans l'état « En attente d'un opérateur ».\n",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("D1", "--tous", "--etat", "held"), "NUMERO : sans --tous."),
        (("--tous", "--etat", "held", "--message", "1-1"), "--message : sans --tous."),
        (("--tous",), "dites lesquels avec --etat"),
        (("D1", "--essai", "--limite", "3"), "--limite, --essai : avec --tous."),
        ((), "Il manque l'argument 'NUMERO'."),
        (("--tous", "--etat", "gone"), "n'est pas parmi"),
    ],
)
def test_one_and_many_are_not_mixed(run: Run, arguments: tuple[str, ...], said: str) -> None:
    ended = run("release", *arguments, *WHY)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_a_reason_is_required_before_the_first(run: Run, served: Scene, actes: list[int]) -> None:
    ended = run("cancel", "--tous", "--etat", "accepted", "--motif", " ")
    assert ended.code == 1
    assert ended.err.count("doit porter un motif") == 1
    assert states(served, actes) == [State.ACCEPTED] * 3


def test_many_are_not_decided_of_from_afar(run: Run) -> None:
    ended = run(
        "cancel", "--tous", "--etat", "accepted", *WHY, "--service", "https://actes.example.org"
    )
    assert ended.code == 1
    assert "cancel --tous » ne se fait pas à distance" in ended.err
