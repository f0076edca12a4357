"""``transmission declare``: what no message tells of an act."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

Run = Callable[..., SimpleNamespace]
NUMBER = "D2023_001"


@pytest.fixture(autouse=True)
def handed_over(send: Run) -> None:
    assert send().code == 0


def test_what_is_declared_is_shown_and_says_who(run: Run) -> None:
    assert run("declare", NUMBER).out == f"Acte {NUMBER} : rien n'est déclaré.\n"
    done = run(
        "declare", NUMBER, "--signature", "2023-03-03", "--nature-juridique", "individuel",
        "--categorie", "dsp", "--montant-ht", "90000,50", "--tacite", "non", "--motif", "registre",
        "--par", "secrétariat",
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    for shown in (
        "Date de signature",
        "03/03/2023",
        "Décision individuelle",
        "délégation de service public",
        "90000,50 €",
        "secrétariat",
        "(registre)",
    ):
        assert shown in done.out, shown
    assert run("declare", NUMBER).out == done.out


def test_a_fact_is_withdrawn_for_a_reason(run: Run) -> None:
    run("declare", NUMBER, "--tacite", "oui", "--sous-scot", "oui")
    refused = run("declare", NUMBER, "--retirer", "tacite")
    assert refused.code == 1
    assert "doit porter un motif" in refused.err
    done = run("declare", NUMBER, "--retirer", "tacite", "--motif", "erreur de saisie")
    assert done.code == 0
    assert "SCoT" in done.out
    assert "tacite" not in done.out


def test_every_problem_is_told_with_the_number(run: Run) -> None:
    ended = run("declare", NUMBER, "--montant-ht", "cher", "--exercice", "2023")
    assert (ended.code, ended.out) == (1, "")
    assert f"Acte {NUMBER} :" in ended.err
    assert "« cher » doit être un montant" in ended.err
    assert "Document budgétaire manque" in ended.err


@pytest.mark.parametrize(
    "option",
    [
        ("--categorie", "autre"),
        ("--tacite", "peut-être"),
        ("--signature", "3 mars"),
        ("--retirer", "x"),
    ],
)
def test_a_value_that_is_none_of_the_choices_is_a_wrong_command(
    run: Run, option: tuple[str, str]
) -> None:
    assert run("declare", NUMBER, *option).code == 2


def test_an_act_that_is_not_there_is_told(run: Run) -> None:
    ended = run("declare", "D2023_999", "--tacite", "oui")
    assert (ended.code, "Aucun acte D2023_999" in ended.err) == (1, True)
