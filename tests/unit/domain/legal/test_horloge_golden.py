"""The golden cases of the legal clock (§16), read as whole acts with their log."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.support.golden import GOLDEN, Row, pairs, parts, text
from tests.support.horloge import (
    CIRCULATION,
    COMMUNE,
    DSP,
    ESPECE,
    INDIVIDUEL,
    LATER,
    PERMIS,
    PLU,
    REGLEMENT,
    SMALL,
    TACITE,
)
from transmission.domain.french_dates import long_date
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.horloge import read
from transmission.domain.legal.horloge_echeance import text_day
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import Reading
from transmission.domain.legal.sujets import (
    BudgetDocument,
    BudgetKind,
    Categorie,
    LegalActe,
    PublicityMode,
)

at = LegalEvent.at
AR, PU = EventKind.ACCUSE_RECEPTION, EventKind.PUBLICATION


def _read(row: Row, acte: LegalActe, *events: LegalEvent, owner: Any = COMMUNE) -> Reading:
    whole = (*events, *row.events)
    return read(acte, replace(owner, calendrier=row.calendrier), whole, row.settings, LATER)


def _told(kind: EventKind, when: date) -> LegalEvent:
    return replace(at(kind, when), remedies=True)


def _posted(when: date) -> LegalEvent:
    return replace(at(PU, when), mode=PublicityMode.AFFICHAGE)


def _due(reading: Reading, name: DateName) -> date | None:
    found = reading.named(name)
    return text_day(found) if found else None


def _defere(row: Row) -> Mapping[str, Any]:
    decided = row.day("urba_decision")
    acte = replace(PERMIS, date_decision=decided) if decided else REGLEMENT
    found = _read(row, acte, at(AR, row.known("recu")))
    return {
        "last_day": found.day(DateName.DEFERE),
        "tacit": found.day(DateName.REJET_TACITE_LETTRE),
        "tacit_pieces": found.day(DateName.REFUS_TACITE_PIECES),
    }


def _tiers(row: Row) -> Mapping[str, Any]:
    found = _read(row, REGLEMENT, at(PU, row.known("publication")))
    return {"last_day": found.day(DateName.TIERS)}


def _executoire(row: Row) -> Mapping[str, Any]:
    acte, owner = (ESPECE, COMMUNE) if row.yes("soumis") else (CIRCULATION, SMALL)
    mode = None if row.yes("soumis") else PublicityMode.AFFICHAGE
    events = [replace(at(PU, row.known("publication")), mode=mode)]
    for name, kind in (("recu", AR), ("affichage_urgence", EventKind.AFFICHAGE_URGENCE)):
        when = row.day(name)
        events += [at(kind, when)] if when else []
    return _force(_read(row, replace(acte, date_effet=row.day("effet")), *events, owner=owner))


def _executoire_notified(row: Row) -> Mapping[str, Any]:
    spared = {} if row.yes("soumis") else {"stated_categorie": Categorie.RENFORT}
    acte = replace(INDIVIDUEL, date_effet=row.day("effet"), **spared)
    events = [_told(EventKind.NOTIFICATION, row.known("publication"))]
    when = row.day("recu")
    events += [at(AR, when)] if when else []
    return _force(_read(row, acte, *events))


def _force(found: Reading) -> Mapping[str, Any]:
    effect = found.named(DateName.PREND_EFFET)
    retroactive = effect is not None and any("Rétroactivité" in each for each in effect.warnings)
    return {
        "executoire": found.day(DateName.EXECUTOIRE),
        "prend_effet": found.day(DateName.PREND_EFFET),
        "alerte": "retroactivite" if retroactive else None,
        "defere": found.day(DateName.DEFERE),
        "tiers": found.day(DateName.TIERS),
    }


def _transmission(row: Row) -> Mapping[str, Any]:
    signed = row.known("signature")
    notified = at(EventKind.NOTIFICATION, signed)
    found = [
        (_due(reading, name), reading.day(name))
        for acte, name in (
            (INDIVIDUEL, DateName.TRANSMISSION),
            (DSP, DateName.TRANSMISSION),
            (DSP, DateName.NOTIFICATION_PREFET),
        )
        for reading in [_read(row, replace(acte, date_signature=signed), notified)]
    ]
    assert len(set(found)) == 1
    return {"due": found[0][0], "due_safe": found[0][1]}


def _budget(row: Row) -> Mapping[str, Any]:
    kinds = {"BP": BudgetKind.PRIMITIF, "CFU": BudgetKind.COMPTE, "DM21": BudgetKind.FIN_EXERCICE}
    document = BudgetDocument(
        kinds[row.texts["doc"]], row.number("annee"), row.yes("renouvellement")
    )
    acte = replace(ESPECE, nature=NatureActe.BUDGET, stated_kind=None, budget=document)
    found = _read(row, acte)
    return {
        "vote": _due(found, DateName.VOTE_BUDGET),
        "vote_safe": found.day(DateName.VOTE_BUDGET),
        "transmission": _due(found, DateName.TRANSMISSION),
    }


def _crc(row: Row) -> Mapping[str, Any]:
    document = BudgetDocument(BudgetKind.PRIMITIF, 2027, renouvellement=False)
    acte = replace(ESPECE, nature=NatureActe.BUDGET, stated_kind=None, budget=document)
    return {"saisine_max": _read(row, acte, at(AR, row.known("recu"))).day(DateName.SAISINE_CRC)}


def _suspension(row: Row) -> Mapping[str, Any]:
    received, asked = row.known("recu"), row.known("demande")
    found = _read(row, DSP, at(AR, received), at(EventKind.SUSPENSION, asked))
    resumes = found.named(DateName.REPRISE)
    other = resumes.alternative.day if resumes and resumes.alternative else None
    return {
        "auto": "oui" if resumes else "non",
        "reprise_litterale": other,
        "reprise_prudente": resumes and resumes.day,
    }


def _non_transmissible(row: Row) -> Mapping[str, Any]:
    events = [at(PU, row.known("executoire")), at(EventKind.DEMANDE_PIECES, row.known("demande"))]
    when = row.day("communication")
    events += [at(EventKind.PIECES, when)] if when else []
    found = _read(row, CIRCULATION, *events)
    return {
        "recevable": "oui" if found.day(DateName.DEFERE) else "non",
        "demande_max": found.day(DateName.DEMANDE_ACTE),
        "last_day": found.day(DateName.DEFERE),
    }


def _provoque_nt(row: Row) -> Mapping[str, Any]:
    asked = at(EventKind.DEMANDE_AU_PREFET, row.known("saisine"))
    found = _read(row, CIRCULATION, at(PU, date(2026, 2, 10)), asked)
    return {"last_day": found.day(DateName.DEFERE)}


def _plu(row: Row) -> Mapping[str, Any]:
    on_gpu = replace(at(PU, row.known("gpu")), mode=PublicityMode.GPU)
    plan = replace(PLU, sous_scot=row.yes("scot"))
    found = _read(row, plan, at(AR, row.known("recu")), on_gpu)
    return {"executoire": found.day(DateName.EXECUTOIRE)}


def _urba_tiers(row: Row) -> Mapping[str, Any]:
    permit = replace(PERMIS, date_decision=row.known("decision"))
    found = _read(row, permit, _posted(row.known("affichage"))).named(DateName.TIERS)
    assert found is not None
    said = _gracieux_until(found.explanation)
    return {"rg_max": said, "last_day": found.day}


def _gracieux_until(explanation: str) -> str | None:
    """The day until which a recours gracieux may be filed, where the explanation says it."""
    _, found, rest = explanation.partition("Un recours gracieux se dépose jusqu'au ")
    if not found:
        return None
    days = (date.fromordinal(number) for number in range(738_000, 741_000))
    return next(each.isoformat() for each in days if rest.startswith(f"{long_date(each)} "))


def _urba_tacite(row: Row) -> Mapping[str, Any]:
    permit = replace(TACITE, date_decision=row.known("acquis"))
    found = _read(row, permit, at(AR, row.known("dossier")))
    return {
        "executoire": found.day(DateName.EXECUTOIRE),
        "defere": found.day(DateName.DEFERE),
    }


def _retrait(row: Row) -> Mapping[str, Any]:
    signed = row.known("signature")
    acte = PERMIS if row.number("mois") == 3 else INDIVIDUEL
    found = _read(row, replace(acte, date_decision=signed, date_signature=signed))
    return {
        "last_day": _due(found, DateName.RETRAIT),
        "due_safe": found.day(DateName.RETRAIT),
    }


def _publicite(row: Row) -> Mapping[str, Any]:
    acte = replace(ESPECE, date_decision=row.known("seance"))
    found = _read(row, acte, at(PU, row.known("publication")))
    return {
        "liste": found.day(DateName.LISTE_DELIBERATIONS),
        "min_until": found.day(DateName.PUBLICITE_MINIMUM),
    }


def _annulation(row: Row) -> Mapping[str, Any]:
    found = _read(
        row,
        ESPECE,
        at(AR, row.known("recu")),
        at(PU, row.known("publication")),
        at(EventKind.ANNULATION, row.known("annule")),
        at(AR, row.known("nouveau_recu")),
    )
    return {
        "executoire": found.day(DateName.EXECUTOIRE),
        "defere": found.day(DateName.DEFERE),
    }


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
    "retrait": _retrait,
    "publicite": _publicite,
    "annulation": _annulation,
}
NOT_OF_AN_ACT = {"jours_francs", "mois_francs", "tacite"}
"""Counted from a day alone: no act, no log."""
A_CLAIMANT_FAR_AWAY = "G52"
"""One claimant's own distance, which no log of an act tells."""
NOT_SAID_BY_THE_CLOCK = {
    *("paiements", "propositions", "delib_max", "envoi_max", "avis"),
    "pv",
}
"""What follows a budget or a meeting, and is no date of an act."""

CASES = [
    (row, operation)
    for row in GOLDEN
    if row[:3] != A_CLAIMANT_FAR_AWAY
    for operation in [OPERATIONS.get(parts(row)[1])]
    if operation is not None
]


@pytest.mark.parametrize(("row", "operation"), CASES, ids=lambda given: str(given)[:3])
def test_golden_case_of_a_whole_act(
    row: str, operation: Callable[[Row], Mapping[str, Any]]
) -> None:
    _, op, inputs, read_with, expected = parts(row)
    found = operation(Row(op, inputs, read_with))
    wanted = pairs(expected)
    assert {name: text(found[name]) for name in wanted if name in found} == {
        name: value for name, value in wanted.items() if name not in NOT_SAID_BY_THE_CLOCK
    }


@pytest.mark.parametrize("row", [row for row in GOLDEN if row[4:14] == "executoire"])
def test_a_decision_that_is_notified_has_force_on_the_same_days(row: str) -> None:
    _, op, inputs, read_with, expected = parts(row)
    read_row = Row(op, inputs, read_with)
    if "affichage_urgence" in read_row.texts:
        return
    found, wanted = _executoire_notified(read_row), pairs(expected)
    assert {name: text(found[name]) for name in wanted} == wanted


def test_every_case_is_read_but_those_that_tell_of_no_act() -> None:
    left = {parts(row)[1] for row in GOLDEN} - set(OPERATIONS)
    assert left == NOT_OF_AN_ACT
    assert len(CASES) == 94 - 4 - 1
