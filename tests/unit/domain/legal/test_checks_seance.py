"""The acts of a meeting, by its list, against what left for the préfecture."""

from dataclasses import replace
from datetime import date

import pytest

from tests.support.checks import days
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.check import DEFAULTS
from transmission.domain.legal.checks_seance import (
    ListedActe,
    RegisteredActe,
    adopte_jamais_transmis,
)
from transmission.domain.legal.findings import Finding, Severity

MEETING = date(2026, 3, 2)
LISTED = ListedActe(
    collectivite_id=1,
    date_seance=MEETING,
    numero="2026_007",
    nature=NatureActe.DELIBERATION,
    objet="Subvention à une association",
)


def _found(*listed: ListedActe, age: int = 30) -> list[Finding]:
    return list(adopte_jamais_transmis(listed, MEETING + days(age), DEFAULTS))


def test_an_act_that_the_register_does_not_have_is_told() -> None:
    (found,) = _found(LISTED)
    assert (found.check, found.key) == ("adopte_jamais_transmis", "seance:2026-03-02:2026_007")
    assert (found.severity, found.rule, found.acte_id) == (Severity.ATTENTION, "EX-1", None)
    assert "n'est pas dans le registre" in found.message
    assert ("Objet", "Subvention à une association") in found.evidence


def test_an_act_that_was_sent_is_silent() -> None:
    assert _found(replace(LISTED, found=RegisteredActe(12, sent=True))) == []


def test_an_act_of_the_register_that_never_left_is_told_with_its_number() -> None:
    (found,) = _found(replace(LISTED, found=RegisteredActe(12, sent=False)))
    assert found.acte_id == 12
    assert "n'a pas été envoyé" in found.message
    assert "transmission status 2026_007" in found.remedy


def test_an_act_that_need_not_be_transmitted_is_silent() -> None:
    spared = RegisteredActe(12, sent=False, must_transmit=False)
    assert _found(replace(LISTED, found=spared)) == []


@pytest.mark.parametrize(("age", "count"), [(7, 0), (8, 1)])
def test_an_act_of_these_last_days_is_given_time(age: int, count: int) -> None:
    assert len(_found(LISTED, age=age)) == count


@pytest.mark.parametrize(
    ("age", "rule", "severity"),
    [(15, "EX-1", Severity.ATTENTION), (16, "DT-1", Severity.GRAVE)],
)
def test_an_individual_decision_is_grave_after_its_fifteen_days(
    age: int, rule: str, severity: Severity
) -> None:
    (found,) = _found(replace(LISTED, nature=NatureActe.INDIVIDUEL), age=age)
    assert (found.rule, found.severity) == (rule, severity)
    assert ("Dernier jour pour le transmettre", "17 mars 2026") in found.evidence


def test_a_contract_has_its_own_rule() -> None:
    assert _found(replace(LISTED, nature=NatureActe.CONTRAT))[0].rule == "DT-2"


def test_a_line_of_which_only_the_number_is_known_is_told() -> None:
    (found,) = _found(ListedActe(collectivite_id=1, date_seance=MEETING, numero="7"))
    assert [label for label, _ in found.evidence] == ["Séance du", "Numéro"]


def test_a_number_listed_twice_in_a_meeting_is_one_act() -> None:
    assert len(_found(LISTED, replace(LISTED, numero="2026_007", objet=None))) == 1
    assert len(_found(LISTED, replace(LISTED, date_seance=MEETING - days(30)))) == 2
