"""What a clerk reads at a terminal: 80 columns, and every word that prevents a mistake."""

import re
from dataclasses import replace

import pytest

from tests.support.horloge import CIRCULATION, DELIBERATION, INDIVIDUEL, PLU, UNCERTAIN, clock
from transmission.cli.explain_text import show_changes, show_timeline
from transmission.console.timeline import Timeline
from transmission.console.whatif import changes
from transmission.domain.legal.reading import Reading

LOG = "AR 2026-03-12, PU 2026-03-16, LO 2026-04-16/2026-04-15, CS 2026-04-18"
Capture = pytest.CaptureFixture[str]


def printed(capsys: Capture, reading: Reading) -> str:
    show_timeline(Timeline(reading))
    return capsys.readouterr().out.replace("\u00a0", " ")


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(
    ("acte", "log"),
    [
        (DELIBERATION, LOG),
        (DELIBERATION, ""),
        (INDIVIDUEL, "NO- 2026-05-02"),
        (PLU, "AR 2026-03-05"),
        (CIRCULATION, "PU 2026-03-16, DP 2026-03-20"),
        (UNCERTAIN, "ANOMALIE 2026-01-09"),
    ],
)
def test_no_line_is_longer_than_a_terminal(capsys: Capture, acte: object, log: str) -> None:
    out = printed(capsys, clock(acte, log, today="2026-05-04"))  # type: ignore[arg-type]
    assert all(len(line) <= 80 for line in out.splitlines())
    assert not any(line.endswith(" ") for line in out.splitlines())


def test_a_date_begins_with_its_day_and_gives_its_reason_and_its_rule(capsys: Capture) -> None:
    out = printed(capsys, clock(DELIBERATION, LOG, today="2026-05-04"))
    assert "\n  17/08/2026  Dernier jour du déféré, encore 105 jours [PROVISOIRE]\n" in out
    said = one_line(out)
    assert "Acte reçu en préfecture le 12 mars 2026." in said
    assert "Ce qui doit encore arriver : une réponse expresse à la lettre d'observations." in said
    assert "Règle DF-3, lu dans une source secondaire." in said
    assert "Autre lecture : " in said
    assert "Calendrier : jours fériés nationaux." in said
    assert "délai du déféré franc : oui (C-1)" in said
    assert "Compté de : Réception en préfecture 12/03/2026" in said


def test_what_runs_comes_before_what_is_unknown_and_what_is_over(capsys: Capture) -> None:
    out = printed(capsys, clock(INDIVIDUEL, "AR 2026-05-02", today="2026-05-04"))
    headings = [line for line in out.splitlines() if line and not line.startswith(" ")]
    assert headings == [
        "Situation",
        "Délais en cours et dates à venir",
        "Dates inconnues",
        "Délais finis et dates atteintes",
        "Ce qui est arrivé",
    ]


def test_an_unknown_date_says_why_it_is(capsys: Capture) -> None:
    out = one_line(printed(capsys, clock(DELIBERATION, "", today="2026-05-04")))
    assert "? Caractère exécutoire, date inconnue Inconnue, car" in out


def test_a_rule_without_source_is_marked(capsys: Capture) -> None:
    reading = clock(DELIBERATION, LOG, today="2026-05-04")
    unsourced = tuple(replace(each, rule="EL-6") for each in reading.dates)
    out = printed(capsys, replace(reading, dates=unsourced))
    assert "[PROVISOIRE] [À VÉRIFIER]" in one_line(out)
    assert "Règle EL-6, à vérifier." in out


def test_an_event_without_effect_says_so(capsys: Capture) -> None:
    out = printed(capsys, clock(DELIBERATION, LOG, today="2026-05-04"))
    assert "  16/04/2026  Lettre d'observations (départ le 15 avril 2026)\n" in out
    assert "              Sans effet : un courrier simple" in out


def test_what_would_change_is_told_as_an_hypothesis(capsys: Capture) -> None:
    before = clock(DELIBERATION, LOG, today="2026-05-04")
    after = clock(DELIBERATION, f"{LOG}, RJ 2026-05-04", today="2026-05-04")
    show_changes(["Une réponse"], changes(before, after), ["un autre est sans effet."])
    out = capsys.readouterr().out.replace("\u00a0", " ")
    assert out.startswith("Hypothèse : rien de ceci n'est enregistré\n")
    assert "    – Une réponse\n" in out
    assert "  Dernier jour du déféré : 6 juillet 2026, soit 42 jours plus tôt\n" in out
    assert "    au lieu de : 17 août 2026 (provisoire)\n" in out
    assert "  Sans effet : un autre est sans effet.\n" in out


def test_nothing_that_changes_is_said(capsys: Capture) -> None:
    show_changes(["Un courrier"], [], [])
    assert "Ce qui changerait\n  Rien.\n" in capsys.readouterr().out


def test_what_comes_from_outside_cannot_drive_the_terminal(capsys: Capture) -> None:
    reading = clock(DELIBERATION, LOG, today="2026-05-04")
    source = "saisie par \x1b[31mrouge"
    events = tuple(replace(each, source=source) for each in reading.events)
    assert "\x1b" not in printed(capsys, replace(reading, events=events))
