"""When an act has force and takes effect: which events count, what is missing, in which words."""

from dataclasses import replace

import pytest

from tests.support.horloge import (
    CIRCULATION,
    COMMUNE,
    DELIBERATION,
    DSP,
    ESPECE,
    INDIVIDUEL,
    PERMIS,
    PLU,
    REGLEMENT,
    SMALL,
    TACITE,
    UNCERTAIN,
    clock,
    day,
    ignored,
    other,
    rule,
    shown,
    told,
)
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import ActeState, Reading
from transmission.domain.legal.settings import PRUDENT
from transmission.domain.legal.sujets import (
    ActeKind,
    AuthorityKind,
    BudgetDocument,
    BudgetKind,
    Categorie,
    LegalActe,
)

EXECUTOIRE, EFFET = DateName.EXECUTOIRE, DateName.PREND_EFFET


def _provisional(found: Reading, name: DateName = EXECUTOIRE) -> bool:
    date = found.named(name)
    assert date is not None
    return date.provisional


@pytest.mark.parametrize(
    ("log", "awaits"),
    [
        ("", "la publication et la réception en préfecture"),
        ("AR 2026-03-12", "la publication"),
        ("PU 2026-03-12", "la réception en préfecture"),
        ("URGENCE 2026-03-12", "la réception en préfecture"),
    ],
)
def test_a_formality_that_misses_is_awaited(log: str, awaits: str) -> None:
    date = clock(ESPECE, log).named(EXECUTOIRE)
    assert date is not None
    assert (date.day, date.awaits) == (None, awaits)


@pytest.mark.parametrize("acte", [INDIVIDUEL, DSP, PERMIS])
def test_an_act_that_is_notified_awaits_its_notification_and_not_a_publication(
    acte: object,
) -> None:
    found = clock(acte, "AR 2026-05-12, PU 2026-05-13")  # type: ignore[arg-type]
    assert shown(found, EXECUTOIRE) is None
    assert "la notification" in told(found, EXECUTOIRE)


def test_an_individual_decision_is_not_published() -> None:
    found = clock(INDIVIDUEL, "AR 2026-05-12, PU 2026-05-13, URGENCE 2026-05-13")
    assert set(ignored(found)) == {EventKind.PUBLICATION, EventKind.AFFICHAGE_URGENCE}


def test_an_act_that_is_not_individual_is_not_notified() -> None:
    found = clock(REGLEMENT, "AR 2026-05-12, NO 2026-05-13")
    assert shown(found, EXECUTOIRE) is None
    assert "PU-6" in ignored(found)[EventKind.NOTIFICATION]


def test_of_two_publications_or_notifications_the_first_gives_force() -> None:
    twice = clock(ESPECE, "AR 2026-03-12, PU 2026-03-16, PU 2026-03-20")
    assert shown(twice, EXECUTOIRE) == "2026-03-16"
    assert "déjà public" in ignored(twice)[EventKind.PUBLICATION]
    notified = clock(INDIVIDUEL, "NO+ 2026-05-06, NO+ 2026-05-20, AR 2026-05-01")
    assert shown(notified, EXECUTOIRE) == "2026-05-06"


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("PU 2026-03-16", "mis en ligne le 16 mars 2026 et reçu en préfecture le 12 mars 2026"),
        ("AFFICHAGE 2026-03-16", "affiché le 16 mars 2026"),
        ("URGENCE 2026-03-16", "affiché en urgence le 16 mars 2026"),
    ],
)
def test_the_reasons_of_force_are_told_in_words(log: str, words: str) -> None:
    found = clock(ESPECE, f"AR 2026-03-12, {log}", owner=SMALL)
    assert words in told(found, EXECUTOIRE)
    assert shown(found, EXECUTOIRE) == "2026-03-16"


def test_a_posting_in_urgency_before_the_publication_gives_force_by_its_own_rule() -> None:
    found = clock(ESPECE, "AR 2026-06-05, URGENCE 2026-06-05, PU 2026-06-09")
    assert (shown(found, EXECUTOIRE), rule(found, EXECUTOIRE)) == ("2026-06-05", "EX-2")
    assert "la publication ordinaire" not in told(found, EXECUTOIRE)
    assert shown(found, DateName.TIERS) == "2026-08-10"


def test_a_posting_in_urgency_after_the_publication_changes_nothing() -> None:
    found = clock(ESPECE, "AR 2026-03-12, PU 2026-03-16, URGENCE 2026-03-17")
    assert (shown(found, EXECUTOIRE), rule(found, EXECUTOIRE)) == ("2026-03-16", "EX-1")


# --- what nobody declared ---


def test_a_posting_that_the_authority_did_not_choose_is_no_publicity() -> None:
    found = clock(ESPECE, "AR 2026-03-12, AFFICHAGE 2026-03-11")
    assert found.acte_state is ActeState.TRANSMIS
    assert "n'a pas déclaré avoir choisi ce mode" in told(found, EXECUTOIRE)
    assert EventKind.PUBLICATION in ignored(found)


def test_a_posting_of_an_authority_of_unknown_population_gives_no_day_for_sure() -> None:
    owner = replace(SMALL, population=None)
    found = clock(ESPECE, "AR 2026-03-12, AFFICHAGE 2026-03-14", owner=owner)
    assert (shown(found, EXECUTOIRE), other(found, EXECUTOIRE)) == (None, "2026-03-14")
    assert "la population de la collectivité n'est pas connue" in told(found, EXECUTOIRE)
    online = clock(ESPECE, "AR 2026-03-12, AFFICHAGE 2026-03-14, PU 2026-03-18", owner=owner)
    assert (shown(online, EXECUTOIRE), other(online, EXECUTOIRE)) == ("2026-03-18", "2026-03-14")
    assert _provisional(online)
    before = clock(ESPECE, "AR 2026-03-12, AFFICHAGE 2026-03-18, PU 2026-03-14", owner=owner)
    assert not _provisional(before)


def test_an_act_of_a_kind_not_declared_may_be_posted_in_a_mode_not_checked() -> None:
    owner = replace(SMALL, population=None)
    found = clock(DELIBERATION, "AR 2026-03-12, AFFICHAGE 2026-03-14", owner=owner)
    for name in (EXECUTOIRE, DateName.TIERS):
        assert shown(found, name) is None
        assert "rien ne dit que la publicité du 14 mars 2026 compte" in told(found, name)
        assert "si la publicité du 14 mars 2026 compte" in told(found, name)
        assert "la population de la collectivité" in told(found, name)
        assert "réglementaire, individuel ou d'espèce" in told(found, name)


def test_a_publication_before_the_reform_is_provisional() -> None:
    old = replace(ESPECE, date_decision=day("2022-06-20"))
    found = clock(old, "AR 2022-06-21, PU 2022-06-30")
    assert shown(found, EXECUTOIRE) == "2022-06-30"
    assert _provisional(found)
    assert "d'avant le 1er juillet 2022" in told(found, EXECUTOIRE)
    assert "en vigueur depuis le 1er juillet 2022" in told(found, EXECUTOIRE)
    after = clock(replace(ESPECE, date_decision=day("2022-07-01")), "AR 2022-07-01, PU 2022-07-01")
    assert not _provisional(after)


def test_an_act_of_a_kind_not_declared_that_was_only_notified_may_have_force() -> None:
    found = clock(DELIBERATION, "AR 2026-03-12, NO 2026-03-16")
    assert (shown(found, EXECUTOIRE), other(found, EXECUTOIRE)) == (None, "2026-03-16")
    assert "si l'acte est individuel" in told(found, EXECUTOIRE)


@pytest.mark.parametrize(
    ("log", "expected", "alternative"),
    [
        ("PU 2026-03-16, NO 2026-03-20", "2026-03-20", "2026-03-16"),
        ("NO 2026-03-16, PU 2026-03-20", "2026-03-20", "2026-03-16"),
    ],
)
def test_an_act_of_a_kind_not_declared_has_force_from_the_later_of_both(
    log: str, expected: str, alternative: str
) -> None:
    found = clock(DELIBERATION, f"AR 2026-03-12, {log}")
    assert (shown(found, EXECUTOIRE), other(found, EXECUTOIRE)) == (expected, alternative)
    assert _provisional(found)


@pytest.mark.parametrize(
    "acte",
    [
        replace(DELIBERATION, stated_kind=ActeKind.ESPECE),
        replace(DELIBERATION, budget=BudgetDocument(BudgetKind.AUTRE, 2026)),
    ],
)
def test_what_is_declared_makes_the_day_certain(acte: LegalActe) -> None:
    assert not _provisional(clock(acte, "AR 2026-03-12, PU 2026-03-16"))


def test_a_transmission_to_confirm_is_read_as_needed_and_the_other_day_is_given() -> None:
    found = clock(UNCERTAIN, "PU 2026-01-07, AR 2026-02-10")
    assert (shown(found, EXECUTOIRE), other(found, EXECUTOIRE)) == ("2026-02-10", "2026-01-07")
    assert found.portee.raison in told(found, EXECUTOIRE)
    waiting = clock(UNCERTAIN, "PU 2026-01-07")
    assert (shown(waiting, EXECUTOIRE), other(waiting, EXECUTOIRE)) == (None, "2026-01-07")


# --- special rules ---


def test_a_regulation_waits_for_the_next_day_where_the_setting_says_so() -> None:
    settings = replace(PRUDENT, reglement_next_day=True)
    log = "AR 2026-03-12, PU 2026-03-16"
    found = clock(REGLEMENT, log, settings=settings)
    assert shown(found, EXECUTOIRE) == "2026-03-17"
    assert "le lendemain de sa publicité" in told(found, EXECUTOIRE)
    assert shown(clock(ESPECE, log, settings=settings), EXECUTOIRE) == "2026-03-16"
    assert shown(clock(DELIBERATION, log, settings=settings), EXECUTOIRE) == "2026-03-17"


def test_a_tacit_permit_has_force_when_it_is_acquired() -> None:
    found = clock(TACITE, today="2026-03-10")
    assert found.acte_state is ActeState.EXECUTOIRE
    assert (shown(found, EXECUTOIRE), rule(found, EXECUTOIRE)) == ("2026-03-10", "UR-2")
    assert not _provisional(found)


def test_a_tacit_permit_is_certain_even_where_its_transmission_is_to_confirm() -> None:
    unknown = replace(COMMUNE, kind=AuthorityKind.INCONNUE)
    found = clock(TACITE, "AR 2026-03-20", owner=unknown)
    assert found.portee.to_confirm
    assert not _provisional(found)
    assert _provisional(found, DateName.DEFERE)


@pytest.mark.parametrize("nature", [NatureActe.DELIBERATION, NatureActe.AUTRE])
def test_a_permit_is_individual_whatever_carries_it(nature: NatureActe) -> None:
    found = clock(replace(PERMIS, nature=nature), "PU 2026-02-12, AR 2026-02-12")
    assert shown(found, EXECUTOIRE) is None
    assert "la notification" in told(found, EXECUTOIRE)


def test_a_permit_has_force_by_its_own_rule() -> None:
    assert rule(clock(PERMIS, "NO+ 2026-02-12, AR 2026-02-12"), EXECUTOIRE) == "UR-1"


@pytest.mark.parametrize(
    ("covered", "expected", "alternative"),
    [(True, "2026-03-09", None), (False, "2026-04-06", None), (None, "2026-04-06", "2026-03-09")],
)
def test_a_plan_has_force_at_once_only_under_a_scot(
    covered: bool | None, expected: str, alternative: str | None
) -> None:
    found = clock(replace(PLU, sous_scot=covered), "AR 2026-03-05, GPU 2026-03-09")
    assert (shown(found, EXECUTOIRE), rule(found, EXECUTOIRE)) == (expected, "UR-5")
    assert _provisional(found) == (covered is None)
    if alternative:
        assert other(found, EXECUTOIRE) == alternative


def test_a_plan_put_online_elsewhere_than_on_the_geoportail_has_a_provisional_day() -> None:
    found = clock(PLU, "AR 2026-03-05, PU 2026-03-09")
    assert _provisional(found)
    assert "Géoportail" in told(found, EXECUTOIRE)
    on_gpu = clock(PLU, "AR 2026-03-05, PU 2026-03-09, GPU 2026-04-20")
    assert shown(on_gpu, EXECUTOIRE) == "2026-04-20"
    assert shown(on_gpu, DateName.TIERS) == "2026-06-22"
    assert not _provisional(on_gpu)
    posted = clock(PLU, "AR 2026-03-05, AFFICHAGE 2026-03-09", owner=SMALL)
    assert shown(posted, EXECUTOIRE) is None
    assert "la publication sur le Géoportail" in told(posted, EXECUTOIRE)


def test_an_ordinary_act_is_not_published_on_the_geoportail() -> None:
    found = clock(ESPECE, "AR 2026-03-05, GPU 2026-03-09")
    assert shown(found, EXECUTOIRE) is None
    assert "que les plans" in ignored(found)[EventKind.PUBLICATION]


def test_a_scot_has_force_two_months_after_its_transmission() -> None:
    scot = replace(PLU, stated_categorie=Categorie.SCOT)
    found = clock(scot, "AR 2026-03-05, GPU 2026-03-09")
    assert shown(found, EXECUTOIRE) == "2026-05-06"
    assert "deux mois après" in told(found, EXECUTOIRE)


def test_a_plan_before_its_rule_is_said_to_be() -> None:
    old = replace(PLU, date_decision=day("2022-12-31"))
    assert "UR-5" in told(clock(old, "AR 2023-01-05, GPU 2023-01-09"), EXECUTOIRE)


# --- the day that the act fixes ---


@pytest.mark.parametrize(
    ("fixed", "expected"), [("2026-07-01", "2026-07-01"), ("2026-06-15", "2026-06-15")]
)
def test_an_act_takes_effect_on_the_day_that_it_fixes(fixed: str, expected: str) -> None:
    acte = replace(ESPECE, date_effet=day(fixed))
    found = clock(acte, "AR 2026-06-15, PU 2026-06-15")
    assert shown(found, EFFET) == expected
    assert "Rétroactivité" not in told(found, EFFET)


def test_an_effect_before_force_is_retroactive_and_waits_for_it() -> None:
    found = clock(replace(ESPECE, date_effet=day("2026-03-01")), "AR 2026-03-12, PU 2026-03-16")
    assert shown(found, EFFET) == "2026-03-16"
    assert "Rétroactivité" in told(found, EFFET)


def test_an_effect_follows_the_doubts_and_the_other_day_of_force() -> None:
    acte = replace(UNCERTAIN, date_effet=day("2026-01-20"))
    found = clock(acte, "PU 2026-01-07, AR 2026-02-10")
    assert (shown(found, EFFET), other(found, EFFET)) == ("2026-02-10", "2026-01-20")
    assert _provisional(found, EFFET)
    later = replace(UNCERTAIN, date_effet=day("2026-03-01"))
    assert other(clock(later, "PU 2026-01-07, AR 2026-02-10"), EFFET) is None


def test_an_effect_is_unknown_while_the_act_has_no_force() -> None:
    found = clock(replace(ESPECE, date_effet=day("2026-07-01")), "PU 2026-03-16")
    assert shown(found, EFFET) is None
    assert "la réception en préfecture" in told(found, EFFET)


def test_an_act_that_need_not_be_transmitted_says_so() -> None:
    found = clock(CIRCULATION, "PU 2026-05-04", owner=COMMUNE)
    assert "non soumis à transmission" in told(found, EXECUTOIRE)
