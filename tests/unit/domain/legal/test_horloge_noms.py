"""Every date of the clock: an act for which it is known, one for which it is not."""

from dataclasses import replace

import pytest

from tests.support.horloge import (
    CIRCULATION,
    DSP,
    ESPECE,
    INDIVIDUEL,
    PERMIS,
    REGLEMENT,
    clock,
    day,
    shown,
)
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.sujets import BudgetDocument, BudgetKind, LegalActe

BUDGET = replace(ESPECE, nature=NatureActe.BUDGET, stated_kind=None)
PRIMITIF = replace(BUDGET, budget=BudgetDocument(BudgetKind.PRIMITIF, 2027, renouvellement=False))
COMPTE = replace(BUDGET, budget=BudgetDocument(BudgetKind.COMPTE, 2026))
EFFECT = replace(ESPECE, date_effet=day("2026-07-01"))
FORCE = "AR 2026-03-12, PU 2026-03-16"

KNOWN = {
    DateName.VOTE_BUDGET: (COMPTE, "", "2027-06-30"),
    DateName.TRANSMISSION: (INDIVIDUEL, "", "2026-05-15"),
    DateName.NOTIFICATION_PREFET: (DSP, "NO 2026-02-10", "2026-02-25"),
    DateName.LISTE_DELIBERATIONS: (ESPECE, "", "2026-03-17"),
    DateName.EXECUTOIRE: (ESPECE, FORCE, "2026-03-16"),
    DateName.PREND_EFFET: (EFFECT, FORCE, "2026-07-01"),
    DateName.DEFERE: (ESPECE, FORCE, "2026-05-13"),
    DateName.REFUS_TACITE_PIECES: (REGLEMENT, "AR 2026-03-02, DP 2026-04-20", "2026-06-20"),
    DateName.REJET_TACITE_LETTRE: (REGLEMENT, "AR 2026-01-15, LO 2026-03-10", "2026-05-10"),
    DateName.DEMANDE_ACTE: (CIRCULATION, "PU 2026-02-10", "2026-04-13"),
    DateName.SUSPENSION_AUTOMATIQUE: (DSP, "AR 2026-10-21", "2026-11-02"),
    DateName.REPRISE: (DSP, "AR 2026-09-07, SUSPENSION 2026-09-17", "2026-10-17"),
    DateName.ORDONNANCE_ATTENDUE: (ESPECE, "AR 2026-03-12, SUSPENSION 2026-08-31", "2026-09-30"),
    DateName.SAISINE_CRC: (PRIMITIF, "AR 2027-04-12", "2027-05-12"),
    DateName.TIERS: (ESPECE, FORCE, "2026-05-18"),
    DateName.PUBLICITE_MINIMUM: (ESPECE, "PU 2026-12-31", "2027-02-28"),
    DateName.RETRAIT: (ESPECE, "", "2026-07-10"),
}

UNKNOWN = {
    DateName.VOTE_BUDGET: (BUDGET, ""),
    DateName.TRANSMISSION: (ESPECE, ""),
    DateName.NOTIFICATION_PREFET: (DSP, ""),
    DateName.EXECUTOIRE: (ESPECE, "AR 2026-03-12"),
    DateName.PREND_EFFET: (EFFECT, "AR 2026-03-12"),
    DateName.DEFERE: (ESPECE, "PU 2026-03-16"),
    DateName.DEMANDE_ACTE: (CIRCULATION, ""),
    DateName.SUSPENSION_AUTOMATIQUE: (PERMIS, ""),
    DateName.REPRISE: (DSP, "SUSPENSION 2026-09-17"),
    DateName.SAISINE_CRC: (PRIMITIF, ""),
    DateName.TIERS: (ESPECE, "AR 2026-03-12"),
    DateName.PUBLICITE_MINIMUM: (ESPECE, "AR 2026-03-12"),
}

ABSENT = {
    DateName.VOTE_BUDGET: (ESPECE, FORCE),
    DateName.TRANSMISSION: (CIRCULATION, ""),
    DateName.NOTIFICATION_PREFET: (INDIVIDUEL, "NO 2026-05-06"),
    DateName.LISTE_DELIBERATIONS: (REGLEMENT, FORCE),
    DateName.PREND_EFFET: (ESPECE, FORCE),
    DateName.REFUS_TACITE_PIECES: (REGLEMENT, FORCE),
    DateName.REJET_TACITE_LETTRE: (REGLEMENT, FORCE),
    DateName.DEMANDE_ACTE: (ESPECE, FORCE),
    DateName.SUSPENSION_AUTOMATIQUE: (ESPECE, FORCE),
    DateName.REPRISE: (DSP, "AR 2026-09-07, SUSPENSION 2026-09-21"),
    DateName.ORDONNANCE_ATTENDUE: (ESPECE, "SUSPENSION 2026-08-31, ORDONNANCE 2026-09-10"),
    DateName.SAISINE_CRC: (COMPTE, "AR 2027-07-12"),
    DateName.PUBLICITE_MINIMUM: (INDIVIDUEL, "NO 2026-05-06, PU 2026-05-07"),
    DateName.RETRAIT: (DSP, ""),
}


@pytest.mark.parametrize("name", DateName, ids=lambda name: name.code)
def test_a_date_is_known_where_all_it_needs_is(name: DateName) -> None:
    acte, log, expected = KNOWN[name]
    assert shown(clock(acte, log), name) == expected


@pytest.mark.parametrize(("name", "given"), UNKNOWN.items(), ids=lambda each: str(each)[9:40])
def test_a_date_that_misses_something_says_what(
    name: DateName, given: tuple[LegalActe, str]
) -> None:
    found = clock(*given).named(name)
    assert found is not None
    assert found.day is None
    assert found.unknown


@pytest.mark.parametrize(("name", "given"), ABSENT.items(), ids=lambda each: str(each)[9:40])
def test_a_date_that_is_not_of_the_act_is_not_there(
    name: DateName, given: tuple[LegalActe, str]
) -> None:
    assert clock(*given).named(name) is None


def test_every_date_of_the_clock_is_known_for_an_act_and_not_for_another() -> None:
    assert set(KNOWN) == set(DateName)
    assert set(UNKNOWN) | set(ABSENT) == set(DateName)
