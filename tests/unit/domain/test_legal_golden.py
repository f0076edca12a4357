"""The golden cases of the legal clock (§16), each through the public functions of the rules."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.support.golden import GOLDEN, Row, pairs, parts, text
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal import budgetaire, defere, echeances, publicite, retrait, urbanisme
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.executoire import executory_from, tacit_executory_from
from transmission.domain.legal.non_transmissible import exposure, provoked
from transmission.domain.legal.periods import franc_days, franc_months, tacit_date
from transmission.domain.legal.recours import third_party_last_day
from transmission.domain.legal.suspension import automatic_suspension


def _defere(row: Row) -> Mapping[str, Any]:
    control = defere.control_of(
        row.known("recu"), row.events, row.calendrier, row.settings, row.day("urba_decision")
    )
    return {
        "last_day": control.last_day,
        "tacit": control.letter and control.letter.tacit,
        "tacit_pieces": control.asked and control.asked.tacit,
    }


def _tiers(row: Row) -> Mapping[str, Any]:
    start, distance = row.known("publication"), row.number("distance")
    return {"last_day": third_party_last_day(start, row.events, row.calendrier, distance)}


def _executoire(row: Row) -> Mapping[str, Any]:
    received = row.day("recu")
    effect = executory_from(
        transmissible=row.yes("soumis"),
        received=received,
        publicity=row.day("publication"),
        posted_in_urgency=row.day("affichage_urgence"),
        effect=row.day("effet"),
    )
    control = received and defere.control_of(received, (), row.calendrier, row.settings)
    return {
        "executoire": effect.executoire,
        "prend_effet": effect.prend_effet,
        "alerte": "retroactivite" if effect.retroactive else None,
        "defere": control and control.last_day,
        "tiers": third_party_last_day(row.known("publication"), (), row.calendrier),
    }


def _transmission(row: Row) -> Mapping[str, Any]:
    signed = row.known("signature")
    individual, contract = (
        echeances.transmission_due(nature, signed, row.calendrier, row.settings)
        for nature in (NatureActe.INDIVIDUEL, NatureActe.CONTRAT)
    )
    reported = echeances.notification_report_due(signed, row.calendrier, row.settings)
    assert individual is not None
    assert contract is not None
    assert {(each.day, each.safe) for each in (individual, contract)} == {
        (reported.day, reported.safe)
    }
    return {"due": reported.day, "due_safe": reported.safe}


def _budget(row: Row) -> Mapping[str, Any]:
    year, how = row.number("annee"), (row.calendrier, row.settings)
    if row.texts["doc"] == "BP":
        limit = budgetaire.budget_vote_limit(year, renewal=row.yes("renouvellement"))
        due = echeances.budget_due(limit, *how)
        return {"vote": limit.last, "vote_safe": limit.safe, "transmission": due.day}
    if row.texts["doc"] == "CFU":
        vote, due = echeances.accounts_vote_due(year, *how), echeances.accounts_due(year, *how)
        return {"vote": vote.day, "transmission": due.day}
    end = echeances.year_end(year, *how)
    return {"vote": end.vote.day, "transmission": end.transmission.day, "paiements": end.payments}


def _crc(row: Row) -> Mapping[str, Any]:
    return {
        "saisine_max": budgetaire.referral_limit(row.known("recu"), row.calendrier),
        "propositions": budgetaire.proposals_limit(row.known("saisine"), row.calendrier),
        "delib_max": budgetaire.new_vote_limit(row.known("communication")),
        "envoi_max": budgetaire.new_vote_sending_limit(row.known("nouvelle")),
        "avis": budgetaire.opinion_limit(row.known("recu_crc"), row.calendrier),
    }


def _suspension(row: Row) -> Mapping[str, Any]:
    franc = row.settings.suspension_10d_franc
    suspension = automatic_suspension(
        row.known("recu"), row.known("demande"), row.calendrier, franc=franc
    )
    return {
        "auto": "oui" if suspension.automatic else "non",
        "reprise_litterale": suspension.resumes_literal,
        "reprise_prudente": suspension.resumes_prudent,
    }


def _non_transmissible(row: Row) -> Mapping[str, Any]:
    found = exposure(
        row.known("executoire"), row.day("demande"), row.day("communication"), row.calendrier
    )
    return {
        "recevable": "oui" if found.admissible else "non",
        "demande_max": found.ask_until,
        "last_day": found.last_day,
    }


def _provoque_nt(row: Row) -> Mapping[str, Any]:
    return {"last_day": provoked(row.known("saisine"), row.calendrier)}


def _plu(row: Row) -> Mapping[str, Any]:
    covered = row.yes("scot")
    return {
        "executoire": urbanisme.plan_executory(row.day("recu"), row.day("gpu"), covered=covered)
    }


def _urba_tiers(row: Row) -> Mapping[str, Any]:
    appeals = urbanisme.permit_appeals(
        row.known("decision"), row.known("affichage"), row.events, row.calendrier
    )
    return {"rg_max": appeals.gracieux, "last_day": appeals.last_day}


def _urba_tacite(row: Row) -> Mapping[str, Any]:
    acquired = row.known("acquis")
    start = urbanisme.tacit_permit_start(acquired, row.day("dossier"))
    assert start is not None
    control = defere.control_of(start, (), row.calendrier, row.settings)
    return {
        "executoire": tacit_executory_from(acquired).executoire,
        "defere": control.last_day,
    }


def _jours_francs(row: Row) -> Mapping[str, Any]:
    return {"last_day": franc_days(row.known("depart"), row.number("jours"), row.calendrier)}


def _mois_francs(row: Row) -> Mapping[str, Any]:
    return {"last_day": franc_months(row.known("depart"), row.number("mois"), row.calendrier)}


def _tacite(row: Row) -> Mapping[str, Any]:
    return {"date": tacit_date(row.known("recu"), row.number("mois"))}


def _retrait(row: Row) -> Mapping[str, Any]:
    what = {each.months: each for each in retrait.Withdrawn}[row.number("mois")]
    due = retrait.withdrawal(what, row.known("signature"), row.calendrier, row.settings)
    return {"last_day": due.day, "due_safe": due.safe}


def _publicite(row: Row) -> Mapping[str, Any]:
    return {
        "liste": publicite.list_due(row.known("seance")),
        "pv": publicite.minutes_due(row.known("pv_arrete")),
        "min_until": publicite.publicity_until(row.known("publication")),
    }


def _annulation(row: Row) -> Mapping[str, Any]:
    log = (
        LegalEvent.at(EventKind.ACCUSE_RECEPTION, row.known("recu")),
        LegalEvent.at(EventKind.ANNULATION, row.known("annule")),
        LegalEvent.at(EventKind.ACCUSE_RECEPTION, row.known("nouveau_recu")),
    )
    control = defere.running_control(log, row.calendrier, row.settings)
    assert control is not None
    effect = executory_from(
        transmissible=True, received=control.received, publicity=row.day("publication")
    )
    return {"executoire": effect.executoire, "defere": control.last_day}


OPERATIONS: dict[str, Callable[[Row], Mapping[str, Any]]] = {
    "defere": _defere,
    "tiers": _tiers,
    "executoire": _executoire,
    "transmission": _transmission,
    "budget": _budget,
    "crc": _crc,
    "suspension": _suspension,
    "non_transmissible": _non_transmissible,
    "provoque_nt": _provoque_nt,
    "plu": _plu,
    "urba_tiers": _urba_tiers,
    "urba_tacite": _urba_tacite,
    "jours_francs": _jours_francs,
    "mois_francs": _mois_francs,
    "tacite": _tacite,
    "retrait": _retrait,
    "publicite": _publicite,
    "annulation": _annulation,
}


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: row[:3])
def test_golden_case(row: str) -> None:
    _, op, inputs, read_with, expected = parts(row)
    found = OPERATIONS[op](Row(op, inputs, read_with))
    wanted = pairs(expected)
    assert {name: text(found[name]) for name in wanted} == wanted


def test_every_operation_and_every_case_is_there() -> None:
    rows = [parts(row) for row in GOLDEN]
    assert [row[0] for row in rows] == [f"G{number:02}" for number in range(1, 95)]
    assert {row[1] for row in rows} == set(OPERATIONS)
