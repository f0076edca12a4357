"""Publicity: who may choose its mode, what counts, how long, what follows a meeting."""

from datetime import date

import pytest

from transmission.domain.legal.publicite import (
    chooses_its_mode,
    is_public,
    list_due,
    members_told_by,
    merged_commune_keeps_until,
    minutes_due,
    publicity_date,
    publicity_interrupted,
    publicity_mode,
    publicity_until,
)
from transmission.domain.legal.sujets import AuthorityKind, LegalAuthority, PublicityMode

DAY = date(2026, 3, 16)
ELECTRONIQUE, AFFICHAGE, PAPIER, GPU = PublicityMode
OPTION = ((date(2022, 9, 12), AFFICHAGE),)


def authority(
    population: int | None, kind: AuthorityKind = AuthorityKind.COMMUNE
) -> LegalAuthority:
    return LegalAuthority(kind, population=population, publicity=OPTION)


@pytest.mark.parametrize(
    ("kind", "population", "free"),
    [
        (AuthorityKind.COMMUNE, 3_499, True),
        (AuthorityKind.COMMUNE, 3_500, False),
        (AuthorityKind.COMMUNE, None, None),
        (AuthorityKind.ETABLISSEMENT_COMMUNAL, None, True),
        (AuthorityKind.SYNDICAT_COMMUNES, 60_000, True),
        (AuthorityKind.SYNDICAT_MIXTE_FERME, None, True),
        (AuthorityKind.SYNDICAT_MIXTE_OUVERT, 900, False),
        (AuthorityKind.EPCI_FISCALITE_PROPRE, 4_000, False),
        (AuthorityKind.DEPARTEMENT, None, False),
        (AuthorityKind.REGION, None, False),
        (AuthorityKind.INCONNUE, 900, None),
    ],
)
def test_only_small_communes_and_syndicats_choose_their_mode(
    kind: AuthorityKind, population: int | None, free: bool | None
) -> None:
    assert chooses_its_mode(authority(population, kind), DAY) is free


def test_an_option_counts_from_its_day_and_the_electronic_mode_before() -> None:
    small = authority(900)
    assert publicity_mode(small, date(2022, 9, 11)) is ELECTRONIQUE
    assert publicity_mode(small, date(2022, 9, 12)) is AFFICHAGE


def test_the_last_option_counts_whatever_the_order_of_the_log() -> None:
    options = ((date(2024, 1, 1), PAPIER), *OPTION, (date(2027, 1, 1), ELECTRONIQUE))
    assert publicity_mode(LegalAuthority(AuthorityKind.COMMUNE, 900, publicity=options), DAY) is (
        PAPIER
    )


def test_an_option_of_who_may_not_choose_does_not_count() -> None:
    assert publicity_mode(authority(5_000), DAY) is ELECTRONIQUE


def test_nothing_is_said_of_an_unknown_population_nor_of_before_the_reform() -> None:
    assert publicity_mode(authority(None), DAY) is None
    assert publicity_mode(LegalAuthority(AuthorityKind.COMMUNE), DAY) is ELECTRONIQUE
    assert publicity_mode(authority(900), date(2022, 6, 30)) is None
    assert publicity_mode(authority(900), date(2022, 7, 1)) is ELECTRONIQUE


def test_merged_communes_keep_their_choice_for_six_months() -> None:
    assert merged_commune_keeps_until(date(2026, 1, 1)) == date(2026, 7, 1)
    merged = LegalAuthority(
        AuthorityKind.COMMUNE, 5_000, publicity=OPTION, date_commune_nouvelle=date(2026, 1, 1)
    )
    assert publicity_mode(merged, date(2026, 7, 1)) is AFFICHAGE
    assert publicity_mode(merged, date(2026, 7, 2)) is ELECTRONIQUE


@pytest.mark.parametrize(
    ("used", "chosen", "found"),
    [
        (AFFICHAGE, AFFICHAGE, True),
        (AFFICHAGE, ELECTRONIQUE, False),
        (AFFICHAGE, PAPIER, False),
        (ELECTRONIQUE, AFFICHAGE, True),
        (AFFICHAGE, None, None),
    ],
)
def test_a_publication_counts_online_or_in_the_chosen_mode(
    used: PublicityMode, chosen: PublicityMode | None, found: bool | None
) -> None:
    assert is_public(used, chosen) is found


def test_a_list_of_titles_is_no_publication() -> None:
    assert is_public(ELECTRONIQUE, ELECTRONIQUE, whole_text=False) is False


def test_an_individual_decision_is_public_when_notified_and_any_other_when_published() -> None:
    notified, online, later = date(2026, 5, 6), date(2026, 5, 11), date(2026, 5, 18)
    assert publicity_date(individual=True, notified=notified, published=[online]) == notified
    assert publicity_date(individual=True, notified=None, published=[online]) is None
    assert publicity_date(individual=False, notified=notified, published=[later, online]) == online
    assert publicity_date(individual=False, notified=notified, published=[]) is None


def test_an_act_stays_public_for_two_months() -> None:
    assert publicity_until(date(2026, 12, 31)) == date(2027, 2, 28)
    assert publicity_until(DAY) == date(2026, 5, 16)
    assert publicity_interrupted(DAY, date(2026, 5, 16))
    assert not publicity_interrupted(DAY, date(2026, 5, 17))
    assert not publicity_interrupted(DAY, None)


def test_a_meeting_is_followed_by_its_list_and_its_minutes() -> None:
    assert list_due(date(2026, 3, 10)) == date(2026, 3, 17)
    assert minutes_due(date(2026, 4, 14)) == date(2026, 4, 21)
    assert members_told_by(date(2026, 3, 10)) == date(2026, 4, 10)
