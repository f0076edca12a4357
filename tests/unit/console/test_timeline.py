"""The legal story of an act, in the words that the pages and the command line share."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.support.horloge import (
    CIRCULATION,
    DELIBERATION,
    DSP,
    ESPECE,
    INDIVIDUEL,
    OUTSIDE,
    UNCERTAIN,
    clock,
    day,
)
from transmission.console.timeline import Standing, Timeline, Told
from transmission.domain.legal.dates import Alternative, DateKind, LegalDate, unknown
from transmission.domain.legal.evenements import SUPPOSED, EventKind, LegalEvent
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.rules import RULES, Confidence
from transmission.domain.legal.sujets import PublicityMode

TODAY = date(2026, 5, 4)
UNSOURCED = next(rule.id for rule in RULES.values() if rule.confidence is Confidence.TO_VERIFY)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def told(kind: DateKind, on: str | None, today: date = TODAY, **more: Any) -> Told:
    fields: dict[str, Any] = {
        "name": DateName.DEFERE.code,
        "kind": kind,
        "rule": "DF-1",
        "day": day(on) if on else None,
        "explanation": "Deux mois francs.",
        "awaits": "une réponse",
        **more,
    }
    if on is None:
        fields["unknown"] = "l'acte n'est pas publié"
    return Told(LegalDate(**fields), today)


@pytest.mark.parametrize(
    ("kind", "on", "standing", "when"),
    [
        (DateKind.LAST_DAY, "2026-05-03", Standing.PAST, "passé depuis 1 jour"),
        (DateKind.LAST_DAY, "2026-05-04", Standing.RUNNING, "dernier jour aujourd'hui"),
        (DateKind.LAST_DAY, "2026-05-05", Standing.RUNNING, "encore 1 jour"),
        (DateKind.DUE, "2026-05-16", Standing.RUNNING, "encore 12 jours"),
        (DateKind.STATUS, "2026-05-03", Standing.PAST, "depuis 1 jour"),
        (DateKind.STATUS, "2026-05-04", Standing.PAST, "aujourd'hui"),
        (DateKind.STATUS, "2026-05-06", Standing.COMING, "dans 2 jours"),
        (DateKind.STATUS, None, Standing.UNKNOWN, "date inconnue"),
    ],
)
def test_a_limit_runs_until_its_day_included_and_a_status_stands_from_its_day(
    kind: DateKind, on: str | None, standing: Standing, when: str
) -> None:
    found = told(kind, on)
    assert found.standing is standing
    assert plain(found.when) == when


@pytest.mark.parametrize("on", ["2026-05-01", "2026-06-01", None])
def test_a_duty_that_awaits_nothing_is_done_whatever_its_day(on: str | None) -> None:
    found = told(DateKind.DUE, on, awaits=None)
    assert (found.standing, found.when) == (Standing.MET, "fait")


def test_a_rule_without_a_source_is_never_shown_as_certain() -> None:
    assert told(DateKind.STATUS, "2026-05-06", rule=UNSOURCED).marks == ("à vérifier",)
    unsourced = Told(unknown("executoire", DateKind.STATUS, UNSOURCED, "rien"), TODAY)
    assert unsourced.marks == ("à vérifier",)
    assert told(DateKind.STATUS, "2026-05-06").marks == ()


def test_a_provisional_day_says_so_and_what_would_move_it() -> None:
    waiting = told(DateKind.LAST_DAY, "2026-06-01", provisional=True)
    assert waiting.marks == ("provisoire",)
    assert "si ce qui est attendu arrive" in waiting.finality
    doubtful = told(DateKind.LAST_DAY, "2026-06-01", provisional=True, awaits=None)
    assert "quand le doute sera levé" in doubtful.finality
    assert "définitive" in told(DateKind.LAST_DAY, "2026-06-01").finality
    assert told(DateKind.LAST_DAY, None).finality == ""


def test_an_unknown_date_says_why() -> None:
    assert told(DateKind.STATUS, None).reason == "Inconnue, car l'acte n'est pas publié."
    assert told(DateKind.STATUS, "2026-06-01").reason == "Deux mois francs."


def test_the_other_reading_of_a_contested_point_is_given_with_its_why() -> None:
    other = Alternative(date(2026, 6, 2), "si le délai n'est pas franc (C-1)")
    found = told(DateKind.LAST_DAY, "2026-06-01", alternative=other)
    assert plain(found.alternative) == "2 juin 2026, si le délai n'est pas franc (C-1)."
    assert told(DateKind.LAST_DAY, "2026-06-01").alternative == ""


def test_a_date_gives_its_rule_its_articles_its_calendar_and_the_points_it_read() -> None:
    reading = clock(ESPECE, "AR 2026-03-12, PU 2026-03-16", today="2026-04-01")
    found = {each.legal.name: each for each in Timeline(reading).dates}["defere"]
    assert found.source.startswith(
        "Règle DF-1, lu dans une source secondaire. CGCT, art. L. 2131-6"
    )
    assert found.calendar == "jours fériés nationaux"
    assert "délai du déféré franc : oui (C-1)" in found.settings
    assert ("Réception en préfecture", date(2026, 3, 12)) in found.inputs


def test_a_date_stands_in_one_place_and_every_date_is_in_one() -> None:
    reading = clock(ESPECE, "AR 2026-03-12, PU 2026-03-16, LO 2026-04-16", today="2026-05-20")
    timeline = Timeline(reading)
    placed = [*timeline.ahead, *timeline.past, *timeline.unknown]
    assert sorted(each.legal.name for each in placed) == sorted(d.name for d in reading.dates)
    assert "rejet_tacite_lettre" in [each.legal.name for each in timeline.ahead]
    assert "executoire" in [each.legal.name for each in timeline.past]
    assert all(each.day is None for each in timeline.unknown)


def test_what_must_still_happen_is_unknown_before_the_ar() -> None:
    names = [each.legal.name for each in Timeline(clock(ESPECE, today=TODAY)).unknown]
    assert "defere" in names
    assert "executoire" in names


def test_the_transmission_of_a_received_act_is_done() -> None:
    before = Timeline(clock(INDIVIDUEL, today="2026-05-04"))
    assert "transmission" in [each.legal.name for each in before.ahead]
    after = Timeline(clock(INDIVIDUEL, "AR 2026-05-04", today="2026-05-04"))
    done = {each.legal.name: each for each in after.past}
    assert done["transmission"].when == "fait"


def test_the_limit_of_the_prefet_is_the_one_that_the_act_has() -> None:
    received = Timeline(clock(ESPECE, "AR 2026-03-12", today=TODAY)).limit
    assert received is not None
    assert (received.legal.name, received.day) == ("defere", date(2026, 5, 13))
    waiting = Timeline(clock(ESPECE, today=TODAY)).limit
    assert waiting is not None
    assert (waiting.legal.name, waiting.day) == ("defere", None)
    # Not to be transmitted: the préfet may ask for it until a day.
    asked = Timeline(clock(CIRCULATION, "PU 2026-03-16", today=TODAY)).limit
    assert asked is not None
    assert asked.legal.name == "demande_acte"
    assert Timeline(clock(OUTSIDE, today=TODAY)).limit is None


def test_the_scope_says_what_gives_it_and_how_well_it_was_read() -> None:
    timeline = Timeline(clock(UNCERTAIN, today=TODAY))
    assert timeline.scope.startswith("À transmettre (à confirmer). ")
    assert timeline.scope_source.startswith("Règle TR-1, texte lu dans une version antérieure")


def test_the_three_states_are_told() -> None:
    timeline = Timeline(clock(ESPECE, "AR 2026-03-12, PU 2026-03-16", today="2026-04-01"))
    assert [label for _, label, _ in timeline.states] == ["Exécutoire", "En cours", "Ouvert"]


def test_the_decision_begins_the_story_and_events_are_numbered_in_order() -> None:
    timeline = Timeline(clock(DELIBERATION, "PU 2026-03-16, AR 2026-03-12, CS 2026-03-20"))
    assert [(each.number, each.day, each.label) for each in timeline.events][:3] == [
        (1, date(2026, 3, 10), "Décision"),
        (2, date(2026, 3, 12), EventKind.ACCUSE_RECEPTION.label),
        (3, date(2026, 3, 16), EventKind.PUBLICATION.label),
    ]


def test_an_event_without_effect_says_why() -> None:
    events = Timeline(clock(DELIBERATION, "AR 2026-03-12, LO 2026-06-01")).events
    assert events[2].without_effect.startswith("Sans effet : ")
    assert "après le dernier jour" in events[2].without_effect
    assert events[1].without_effect == ""


def test_an_event_tells_its_dispatch_its_mode_and_what_it_lacks() -> None:
    reading = clock(DSP, "AR 2026-03-12/2026-03-11, NO- 2026-03-20, DP 2026-04-02/2026-04-01")
    details = [each.details for each in Timeline(reading).events]
    assert [tuple(map(plain, each)) for each in details] == [
        (),
        ("envoi le 11 mars 2026",),
        ("voies de recours non mentionnées",),
        ("départ le 1er avril 2026",),
    ]
    posted = LegalEvent(
        EventKind.PUBLICATION, TODAY, TODAY, mode=PublicityMode.AFFICHAGE, source="saisie n° 3"
    )
    partial = LegalEvent(EventKind.PIECES, TODAY, TODAY, complete=False, source=SUPPOSED)
    shown = Timeline(replace(reading, events=(posted, partial))).events[1:]
    assert [each.details for each in shown] == [("affichage",), ("en partie seulement",)]
    assert [each.source for each in shown] == ["saisie n° 3", SUPPOSED]
    assert [each.is_supposed for each in shown] == [False, True]


def test_a_warning_is_told_once() -> None:
    reading = clock(UNCERTAIN, today=TODAY)
    twice = replace(reading, warnings=("Regardez.", "Regardez.", *reading.portee.warnings))
    assert Timeline(twice).warnings.count("Regardez.") == 1
