"""The contested points (§14): the other reading is given beside the day, wherever it differs."""

from dataclasses import replace

import pytest

from tests.support.horloge import (
    DSP,
    ESPECE,
    INDIVIDUEL,
    PERMIS,
    PLU,
    REGLEMENT,
    TACITE,
    clock,
    day,
    other,
    rule,
    shown,
    told,
)
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.periods import Carry, MonthEnd
from transmission.domain.legal.settings import (
    PRUDENT,
    AnnulationEffect,
    ArDate,
    LegalSettings,
    PartialPieces,
    Timeliness,
)
from transmission.domain.legal.sujets import BudgetDocument, BudgetKind, LegalActe

DEFERE, EXECUTOIRE = DateName.DEFERE, DateName.EXECUTOIRE
BUDGET = replace(
    ESPECE,
    nature=NatureActe.BUDGET,
    stated_kind=None,
    budget=BudgetDocument(BudgetKind.PRIMITIF, 2027, renouvellement=False),
)

CASES = [
    ("C-1", REGLEMENT, "AR 2026-01-12", {}, DEFERE, "2026-03-13", "2026-03-12"),
    (
        "C-1",
        REGLEMENT,
        "AR 2026-01-12",
        {"franc_deferre": False},
        DEFERE,
        "2026-03-12",
        "2026-03-13",
    ),
    ("C-2", REGLEMENT, "AR 2026-02-28", {}, DEFERE, "2026-04-29", "2026-05-04"),
    ("C-2", REGLEMENT, "PU 2026-02-28", {}, DateName.TIERS, "2026-04-29", "2026-05-04"),
    (
        "C-2",
        REGLEMENT,
        "AR 2026-02-28",
        {"month_end_rule": MonthEnd.DAY_AFTER},
        DEFERE,
        "2026-05-04",
        "2026-04-29",
    ),
    ("C-3", REGLEMENT, "AR 2026-06-08/2026-06-06", {}, DEFERE, "2026-08-10", "2026-08-07"),
    (
        "C-3",
        REGLEMENT,
        "AR 2026-06-08/2026-06-06, PU 2026-06-01",
        {},
        EXECUTOIRE,
        "2026-06-08",
        "2026-06-06",
    ),
    (
        "C-3",
        REGLEMENT,
        "AR 2026-06-08/2026-06-06",
        {"ar_date_source": ArDate.SENT},
        DEFERE,
        "2026-08-07",
        "2026-08-10",
    ),
    (
        "C-4",
        REGLEMENT,
        "AR 2026-01-15, LO 2026-03-18/2026-03-16",
        {},
        DEFERE,
        "2026-07-20",
        "2026-03-16",
    ),
    (
        "C-4",
        REGLEMENT,
        "AR 2026-01-15, LO 2026-03-18/2026-03-16",
        {"gracieux_timeliness": Timeliness.RECEIPT},
        DEFERE,
        "2026-03-16",
        "2026-07-20",
    ),
    (
        "C-5",
        REGLEMENT,
        "AR 2026-03-02, DP 2026-04-20, PC 2026-07-15",
        {},
        DEFERE,
        "2026-09-16",
        "2026-08-21",
    ),
    (
        "C-6",
        REGLEMENT,
        "AR 2026-01-15, LO 2026-02-20, DP 2026-03-09, PC 2026-04-30",
        {},
        DEFERE,
        "2026-07-01",
        "2026-06-22",
    ),
    (
        "C-7",
        REGLEMENT,
        "AR 2026-02-02, LO 2026-03-02, LO 2026-05-11",
        {},
        DEFERE,
        "2026-07-03",
        "2026-09-14",
    ),
    ("C-8", PERMIS, "AR 2026-02-12, LO 2026-04-01", {}, DEFERE, "2026-08-03", "2026-04-13"),
    (
        "C-8",
        PERMIS,
        "AR 2026-02-12, LO 2026-04-01",
        {"urba_lo_extends": False},
        DEFERE,
        "2026-04-13",
        "2026-08-03",
    ),
    (
        "C-9",
        ESPECE,
        "AR 2026-01-15, LO 2026-03-10",
        {"r4213_blocks_expiry": True},
        DEFERE,
        None,
        "2026-07-13",
    ),
    ("C-10", DSP, "AR 2026-09-07", {}, DateName.SUSPENSION_AUTOMATIQUE, "2026-09-18", "2026-09-17"),
    (
        "C-10",
        DSP,
        "AR 2026-10-21",
        {"suspension_10d_franc": False},
        DateName.SUSPENSION_AUTOMATIQUE,
        "2026-10-31",
        "2026-11-02",
    ),
    (
        "C-11",
        DSP,
        "AR 2026-09-07, SUSPENSION 2026-09-17",
        {},
        DateName.REPRISE,
        "2026-10-17",
        "2026-10-07",
    ),
    ("C-12", REGLEMENT, "AR 2026-03-12, PU 2026-03-16", {}, EXECUTOIRE, "2026-03-16", "2026-03-17"),
    (
        "C-12",
        REGLEMENT,
        "AR 2026-03-12, PU 2026-03-16",
        {"reglement_next_day": True},
        EXECUTOIRE,
        "2026-03-17",
        "2026-03-16",
    ),
    ("C-13", BUDGET, "", {}, DateName.VOTE_BUDGET, "2027-04-14", "2027-04-15"),
    (
        "C-14",
        replace(INDIVIDUEL, date_signature=day("2026-12-17")),
        "",
        {},
        DateName.TRANSMISSION,
        "2026-12-31",
        "2027-01-01",
    ),
    (
        "C-14",
        replace(INDIVIDUEL, date_signature=day("2026-12-17")),
        "",
        {"roll_own_obligations": Carry.FORWARD},
        DateName.TRANSMISSION,
        "2027-01-04",
        "2027-01-01",
    ),
    ("C-16", PLU, "AR 2026-03-05, GPU 2026-03-09", {}, EXECUTOIRE, "2026-04-06", "2026-04-05"),
    (
        "C-16",
        PLU,
        "AR 2026-03-05, GPU 2026-03-09",
        {"plu_month_plus_one": False},
        EXECUTOIRE,
        "2026-04-05",
        "2026-04-06",
    ),
    (
        "C-17",
        ESPECE,
        "AR 2026-03-02, PU 2026-03-05, ANNULATION 2026-03-10, AR 2026-03-12",
        {},
        EXECUTOIRE,
        "2026-03-12",
        "2026-03-05",
    ),
    (
        "C-17",
        ESPECE,
        "AR 2026-03-02, ANNULATION 2026-03-10",
        {"annulation_effect": AnnulationEffect.INFORMATIVE},
        DEFERE,
        "2026-05-04",
        None,
    ),
    ("C-17", ESPECE, "AR 2026-03-02, ANNULATION 2026-03-10", {}, DEFERE, None, "2026-05-04"),
    (
        "C-18",
        REGLEMENT,
        "AR 2026-03-02, DP 2026-04-20, PARTIE 2026-05-11",
        {},
        DEFERE,
        "2026-08-21",
        "2026-07-13",
    ),
    (
        "C-18",
        REGLEMENT,
        "AR 2026-03-02, DP 2026-04-20, PARTIE 2026-05-11",
        {"partial_pieces": PartialPieces.RESTART},
        DEFERE,
        "2026-07-13",
        "2026-08-21",
    ),
]


@pytest.mark.parametrize(("point", "acte", "log", "chosen", "name", "last", "alternative"), CASES)
def test_the_other_reading_of_a_point_is_given_beside_the_day(
    point: str,
    acte: LegalActe,
    log: str,
    chosen: dict[str, object],
    name: DateName,
    last: str | None,
    alternative: str | None,
) -> None:
    settings: LegalSettings = replace(PRUDENT, **chosen)  # type: ignore[arg-type]
    found = clock(acte, log, settings=settings)
    assert shown(found, name) == last
    if alternative is None:
        assert "C-17" not in told(found, name)
        return
    assert other(found, name) == alternative
    date = found.named(name)
    assert date is not None
    assert date.alternative is not None
    assert f"{point}" in date.alternative.why


def test_a_date_says_which_points_it_has_read_and_how() -> None:
    found = clock(REGLEMENT, "AR 2026-01-15, LO 2026-03-10").named(DEFERE)
    assert found is not None
    assert ("franc_deferre", "oui") in found.settings
    assert ("gracieux_timeliness", "dispatch") in found.settings
    assert "late_pieces_restart" not in dict(found.settings)


def test_a_letter_that_the_urban_reform_leaves_without_effect_gives_its_rule() -> None:
    strict = replace(PRUDENT, urba_lo_extends=False)
    found = clock(PERMIS, "AR 2026-02-12, LO 2026-04-01", settings=strict)
    assert rule(found, DEFERE) == "UR-4"
    assert rule(clock(PERMIS, "AR 2026-02-12", settings=strict), DEFERE) == "DF-1"


def test_a_second_letter_is_told_of_where_it_changes_nothing() -> None:
    log = "AR 2026-02-02, LO 2026-03-02, LO 2026-05-11"
    assert "Une seconde lettre" in told(clock(REGLEMENT, log), DEFERE)


def test_a_letter_never_answered_leaves_no_last_day_where_silence_is_no_rejection() -> None:
    settings = replace(PRUDENT, r4213_blocks_expiry=True)
    found = clock(ESPECE, "AR 2026-01-15, LO 2026-03-10", settings=settings)
    assert shown(found, DEFERE) is None
    assert rule(found, DEFERE) == "DF-3"
    answered = clock(ESPECE, "AR 2026-01-15, LO 2026-03-10, RJ 2026-04-02", settings=settings)
    assert shown(answered, DEFERE) == "2026-06-03"


def test_a_renunciation_that_ends_the_control_is_told_and_moves_no_day() -> None:
    settings = replace(PRUDENT, renonciation_ends_clock=True)
    found = clock(REGLEMENT, "AR 2026-01-12, RENONCIATION 2026-02-20", settings=settings)
    assert shown(found, DEFERE) == "2026-03-13"
    assert "Le préfet y a renoncé le 20 février 2026" in told(found, DEFERE)
    assert ("renonciation_ends_clock", "oui") in found.named(DEFERE).settings  # type: ignore[union-attr]
    without = clock(REGLEMENT, "AR 2026-01-12, RENONCIATION 2026-02-20")
    assert "renoncé" not in told(without, DEFERE)


def test_a_tacit_permit_has_no_other_reading_of_its_force() -> None:
    assert other(clock(TACITE, "AR 2026-03-20, ANNULATION 2026-04-01"), EXECUTOIRE) is None
