"""``explain``: the legal dates of one act, in words and as a document."""

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest

Run = Callable[..., SimpleNamespace]


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_dates_of_a_received_act_are_explained(run: Run, received: SimpleNamespace) -> None:
    ended = run("explain", "D2023_001", "--a-la-date", "2023-04-01")
    out = plain(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert out.startswith("Acte D2023_001\n  Collectivité  Commune de Saint-Exemple\n")
    assert "Lu le         1er avril 2023 (date demandée)" in out
    assert "  10/05/2023  Dernier jour du déféré, encore 39 jours\n" in out
    assert "Acte reçu en préfecture le 9 mars 2023." in out
    assert "Règle DF-1" in out
    assert all(len(line) <= 80 for line in out.splitlines())


def test_without_a_day_the_act_is_read_today(run: Run, received: SimpleNamespace) -> None:
    out = plain(run("explain", "D2023_001").out)
    assert "date demandée" not in out
    assert "Dernier jour du déféré, passé depuis" in out


def test_a_past_day_leaves_out_what_had_not_come(
    run: Run, write: Callable[..., int], received: SimpleNamespace
) -> None:
    write("lettre_observations", date="2023-03-20")
    assert "Lettre d'observations" in run("explain", "D2023_001").out
    before = run("explain", "D2023_001", "--a-la-date", "2023-03-31").out
    assert "Lettre d'observations" not in before
    assert "Contrôle de légalité     En cours" in before
    unborn = run("explain", "D2023_001", "--a-la-date", "2023-03-05").out
    assert "Contrôle de légalité     Non démarré" in unborn


def test_an_event_may_be_supposed_and_another_with_its_dispatch(
    run: Run, received: SimpleNamespace
) -> None:
    ended = run(
        "explain", "D2023_001", "--a-la-date", "2023-03-31",
        "--si", "lettre_observations 2023-05-11 2023-05-10", "--si", "publication 2023-03-12",
    )  # fmt: skip
    out = plain(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert "Hypothèse : rien de ceci n'est enregistré" in out
    assert "– Lettre d'observations, le 11 mai 2023 (départ le 10 mai 2023)" in out
    assert "  Dernier jour du déféré : 12 septembre 2023 (provisoire), soit 125 jours" in out
    assert "au lieu de : 10 mai 2023" in out
    assert "Acte : Exécutoire\n    au lieu de : Transmis\n" in out
    assert "[HYPOTHÈSE]" in out
    assert "Hypothèse" not in run("explain", "D2023_001").out


def test_the_document_holds_the_same_dates(run: Run, received: SimpleNamespace) -> None:
    ended = run("explain", "D2023_001", "--a-la-date", "2023-03-31", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    document = json.loads(ended.out)
    assert document["acte"] == {
        "numero_interne": "D2023_001",
        "date_decision": "2023-03-02",
        "nature": "1",
        "matiere": "7.5",
        "objet": document["acte"]["objet"],
        "siren": "123456782",
        "collectivite": "Commune de Saint-Exemple",
        "id_acte": "042-123456782-20230302-D2023_001-DE",
    }
    days = {each["name"]: each["date"] for each in document["dates"]}
    assert days["defere"] == "2023-05-10"
    assert "before" not in document
    supposed = json.loads(
        run(
            "explain", "D2023_001", "--a-la-date", "2023-03-31", "--format", "json",
            "--si", "publication 2023-03-12",
        ).out
    )  # fmt: skip
    assert {change["label"] for change in supposed["changes"]} >= {"Acte", "Caractère exécutoire"}


@pytest.mark.parametrize(
    ("hypothesis", "said"),
    [
        ("bidon 2023-05-11", "« bidon » n'est pas un événement connu"),
        ("pieces", "écrivez l'événement, puis son jour"),
        ("pieces 2023-05-11 2023-05-10 2023-05-09", "écrivez l'événement, puis son jour"),
        ("pieces 11/05/2023", "n'est pas une date"),
        ("pieces 2023-05-11 2023-05-12", "après son arrivée"),
        ("", "écrivez l'événement, puis son jour"),
    ],
)
def test_an_hypothesis_that_means_nothing_is_a_false_command_line(
    run: Run, received: SimpleNamespace, hypothesis: str, said: str
) -> None:
    ended = run("explain", "D2023_001", "--si", hypothesis)
    assert (ended.code, ended.out) == (2, "")
    assert said in plain(ended.err)


def test_too_many_hypotheses_are_refused(run: Run, received: SimpleNamespace) -> None:
    ended = run("explain", "D2023_001", *["--si", "pieces 2023-05-11"] * 9)
    assert ended.code == 2
    assert "au plus 8" in ended.err


def test_the_events_that_may_be_supposed_are_in_the_help(run: Run) -> None:
    out = run("explain", "--help").out
    assert "lettre_observations" in out
    assert "--a-la-date" in out
