"""What programs are told of an act: the whole contract of a date (legal clock §15.4)."""

import json
from datetime import date
from typing import Any

from tests.support.horloge import DELIBERATION, clock, log
from transmission.cli.explain_json import reading_json
from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.dates import Alternative, DateKind, LegalDate, unknown
from transmission.domain.legal.evenements import SUPPOSED, EventKind, LegalEvent
from transmission.domain.legal.horloge import read
from transmission.domain.legal.rules import RULES, Confidence
from transmission.domain.legal.settings import PRUDENT
from transmission.domain.legal.told import date_told

ABOUT = {"numero_interne": "2026_001"}
UNSOURCED = next(rule.id for rule in RULES.values() if rule.confidence is Confidence.TO_VERIFY)
LOG = "AR 2026-03-12, PU 2026-03-16, LO 2026-04-16/2026-04-15"
CONTRACT = {
    "name",
    "label",
    "date",
    "kind",
    "rule_id",
    "rule",
    "basis",
    "confidence_tag",
    "confidence",
    "to_verify",
    "explanation",
    "inputs_used",
    "calendar",
    "settings_used",
    "provisional",
    "warnings",
    "alternative_date",
    "alternative_reason",
    "awaits",
    "unknown",
}


def told(events: str = LOG) -> dict[str, Any]:
    reading = clock(DELIBERATION, events, today="2026-04-20")
    document: dict[str, Any] = json.loads(reading_json(ABOUT, reading))
    return document


def test_a_date_carries_all_that_it_takes_to_believe_it_or_to_doubt_it() -> None:
    found = date_told(
        LegalDate(
            name="defere",
            kind=DateKind.LAST_DAY,
            rule="DF-1",
            day=date(2026, 5, 13),
            explanation="Deux mois francs.",
            inputs=(("Réception en préfecture", date(2026, 3, 12)),),
            calendrier=Calendrier.MARTINIQUE,
            settings=(("franc_deferre", "oui"),),
            provisional=True,
            warnings=("Répondez.",),
            alternative=Alternative(date(2026, 5, 12), "si le délai n'est pas franc (C-1)"),
            awaits="une réponse",
        )
    )
    assert found == {
        "name": "defere",
        "label": "Dernier jour du déféré",
        "date": "2026-05-13",
        "kind": "last_day",
        "rule_id": "DF-1",
        "rule": RULES["DF-1"].titre,
        "basis": RULES["DF-1"].basis,
        "confidence_tag": "S",
        "confidence": "lu dans une source secondaire",
        "to_verify": False,
        "explanation": "Deux mois francs.",
        "inputs_used": [{"label": "Réception en préfecture", "date": "2026-03-12"}],
        "calendar": "FR-972",
        "settings_used": {"franc_deferre": "oui"},
        "provisional": True,
        "warnings": ["Répondez."],
        "alternative_date": "2026-05-12",
        "alternative_reason": "si le délai n'est pas franc (C-1)",
        "awaits": "une réponse",
        "unknown": None,
    }


def test_an_unknown_date_has_no_day_and_says_why() -> None:
    found = date_told(unknown("executoire", DateKind.STATUS, UNSOURCED, "rien n'est publié"))
    assert (found["date"], found["unknown"]) == (None, "rien n'est publié")
    assert (found["confidence_tag"], found["to_verify"]) == ("à vérifier", True)
    assert found["alternative_date"] is None


def test_every_date_of_a_reading_is_there_with_the_same_keys() -> None:
    document = told()
    assert {frozenset(each) for each in document["dates"]} == {frozenset(CONTRACT)}
    names = [each["name"] for each in document["dates"]]
    assert len(names) == len(set(names))
    assert {"defere", "executoire", "rejet_tacite_lettre", "tiers"} <= set(names)
    assert {each["kind"] for each in document["dates"]} == {"last_day", "due", "status_date"}


def test_the_document_says_of_which_act_on_which_day_and_where_it_stands() -> None:
    document = told()
    assert document["acte"] == ABOUT
    assert document["today"] == "2026-04-20"
    assert document["states"] == {
        "acte": {"code": "executoire", "label": "Exécutoire"},
        "controle": {"code": "gracieux_en_cours", "label": "Lettre d'observations en cours"},
        "tiers": {"code": "ouvert", "label": "Ouvert"},
    }
    scope = document["scope"]
    assert (scope["code"], scope["must_transmit"], scope["rule_id"]) == ("oui", True, "TR-1")
    assert "before" not in document
    assert "changes" not in document


def test_an_event_gives_both_its_days_and_whether_it_has_an_effect() -> None:
    receipt, _, letter, simple = told(f"{LOG}, CS 2026-04-18")["events"]
    assert receipt["kind"] == "accuse_reception"
    assert (letter["date_sent"], letter["date_received"]) == ("2026-04-15", "2026-04-16")
    assert letter["without_effect"] is None
    assert simple["without_effect"]
    assert not letter["supposed"]


def test_an_hypothesis_gives_the_reading_without_it_and_what_differs() -> None:
    before = clock(DELIBERATION, LOG, today="2026-04-20")
    answer = LegalEvent.at(EventKind.REPONSE_LETTRE, date(2026, 4, 17))
    supposed = LegalEvent(answer.kind, answer.received, answer.sent, source=SUPPOSED)
    after = read(DELIBERATION, before.owner, (*log(LOG), supposed), PRUDENT, before.today)
    document = json.loads(reading_json(ABOUT, after, before))
    assert [each["supposed"] for each in document["events"]] == [False, False, False, True]
    days = {each["name"]: each["date"] for each in document["dates"]}
    was = {each["name"]: each["date"] for each in document["before"]["dates"]}
    assert (was["defere"], days["defere"]) == ("2026-08-17", "2026-06-18")
    assert document["before"]["states"]["controle"]["code"] == "gracieux_en_cours"
    assert {"label", "before", "after", "gap"} == set(document["changes"][0])
