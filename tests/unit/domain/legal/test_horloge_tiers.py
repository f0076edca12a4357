"""The appeals as a date of the clock: what opens them, what moves them, in which words."""

from dataclasses import replace

import pytest

from tests.support.horloge import (
    COMMUNE,
    DELIBERATION,
    DSP,
    ESPECE,
    INDIVIDUEL,
    OUTSIDE,
    PERMIS,
    REGLEMENT,
    SMALL,
    TACITE,
    clock,
    day,
    ignored,
    other,
    rule,
    shown,
    told,
)
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import Reading
from transmission.domain.legal.recours import ThirdPartyState
from transmission.domain.legal.sujets import LegalActe

TIERS = DateName.TIERS


def _provisional(found: Reading) -> bool:
    date = found.named(TIERS)
    assert date is not None
    return date.provisional


def test_of_two_notifications_the_last_ends_the_appeals() -> None:
    found = clock(INDIVIDUEL, "NO+ 2026-05-06, NO+ 2026-05-20")
    assert (shown(found, TIERS), other(found, TIERS)) == ("2026-07-21", "2026-07-07")
    assert _provisional(found)
    assert "plusieurs fois" in told(found, TIERS)
    assert "si seule compte la notification du 6 mai 2026" in told(found, TIERS)


def test_a_notification_of_which_nothing_says_that_it_told_the_remedies_leaves_a_year() -> None:
    found = clock(INDIVIDUEL, "NO 2026-05-06")
    assert (shown(found, TIERS), other(found, TIERS)) == ("2027-05-07", "2026-07-07")
    assert _provisional(found)
    assert "n'ont peut-être pas été mentionnées" in told(found, TIERS)


def test_a_notification_known_not_to_tell_the_remedies_leaves_a_year_for_sure() -> None:
    found = clock(INDIVIDUEL, "NO- 2026-05-06")
    assert (shown(found, TIERS), other(found, TIERS)) == ("2027-05-07", None)
    assert not _provisional(found)
    assert "les voies de recours n'ont pas été mentionnées" in told(found, TIERS).lower()


def test_a_year_is_not_shortened_by_an_appeal_nor_does_it_shorten_one() -> None:
    early = clock(INDIVIDUEL, "NO- 2026-05-06, RG 2026-06-01, RT 2026-06-10")
    assert (shown(early, TIERS), rule(early, TIERS)) == ("2027-05-07", "TP-4")
    late = clock(INDIVIDUEL, "NO- 2026-05-06, RG 2027-05-03")
    assert (shown(late, TIERS), rule(late, TIERS)) == ("2027-09-06", "TP-2")
    assert "Deux mois francs à compter du 3 juillet 2027" in told(late, TIERS)


def test_the_time_of_the_addressee_is_not_that_of_the_others() -> None:
    assert "envers les autres" in told(clock(INDIVIDUEL, "NO+ 2026-05-06"), TIERS)
    assert "envers les autres" not in told(clock(ESPECE, "PU 2026-03-16"), TIERS)


def test_an_act_not_yet_public_is_not_open() -> None:
    found = clock(ESPECE, "AR 2026-03-12, RG 2026-03-13")
    assert found.third_state is ThirdPartyState.NON_OUVERT
    assert shown(found, TIERS) is None
    assert "aucun délai de recours" in ignored(found)[EventKind.RECOURS_GRACIEUX]


def test_the_appeals_against_a_contract_run_from_the_publicity_of_its_conclusion() -> None:
    found = clock(DSP, "NO 2026-02-10, PU 2026-02-20")
    assert (shown(found, TIERS), rule(found, TIERS)) == ("2026-04-21", "DF-14")
    assert "Conclusion du contrat" in told(found, TIERS)
    notified = clock(DSP, "NO 2026-02-10")
    assert "publicité de la conclusion" in told(notified, TIERS)


@pytest.mark.parametrize("permit", [PERMIS, TACITE])
def test_third_parties_against_a_permit_have_two_months_from_its_posting(permit: LegalActe) -> None:
    found = clock(permit, "NO+ 2026-02-12, AFFICHAGE 2026-03-16, AR 2026-03-20")
    assert (shown(found, TIERS), rule(found, TIERS)) == ("2026-05-18", "UR-3")
    assert found.ignored == ()
    online = clock(permit, "NO+ 2026-02-12, PU 2026-03-16")
    assert (shown(online, TIERS), rule(online, TIERS)) == (None, "UR-3")
    assert "affichage sur le terrain" in told(online, TIERS)
    assert EventKind.PUBLICATION in ignored(online)


def test_an_older_permit_is_open_to_a_recours_gracieux() -> None:
    old = replace(PERMIS, date_decision=day("2025-11-20"))
    found = clock(old, "AFFICHAGE 2025-11-24, RG 2026-01-20")
    assert (shown(found, TIERS), rule(found, TIERS)) == ("2026-05-21", "TP-2")
    assert "Un recours gracieux se dépose" not in told(found, TIERS)


def test_a_request_to_the_prefet_about_a_permit_of_the_reform_still_counts() -> None:
    found = clock(PERMIS, "AFFICHAGE 2026-02-16, DF 2026-03-10")
    assert (shown(found, TIERS), rule(found, TIERS)) == ("2026-07-13", "TP-3")


def test_a_permit_told_by_its_matiere_alone_is_read_on_the_safe_side() -> None:
    guessed = replace(PERMIS, stated_categorie=None)
    found = clock(guessed, "NO+ 2026-02-12, AFFICHAGE 2026-02-16, RG 2026-03-10")
    assert (shown(found, TIERS), rule(found, TIERS)) == ("2026-07-13", "TP-2")
    assert _provisional(found)
    assert "La matière seule" in told(found, TIERS)
    assert shown(found, DateName.RETRAIT) == "2026-05-07"
    assert "La matière seule" in told(found, DateName.RETRAIT)


@pytest.mark.parametrize(
    ("events", "last"),
    [
        ("DF 2026-04-15, RT 2026-05-20", "2026-07-21"),
        ("DF 2026-04-15", "2026-08-17"),
        ("RG 2026-05-05/2026-05-05", "2026-05-04"),
        ("RG 2026-04-15, RG 2026-05-20", "2026-08-17"),
    ],
)
def test_an_appeal_moves_the_day_once_and_in_time(events: str, last: str) -> None:
    assert shown(clock(REGLEMENT, f"PU 2026-03-02, {events}"), TIERS) == last


def test_a_silence_to_a_third_party_is_told_and_awaited() -> None:
    log = "PU 2026-03-02, RG 2026-04-15"
    found = clock(ESPECE, log, today="2026-05-01")
    assert _provisional(found)
    assert "rejet implicite le 15 juin 2026" in told(found, TIERS)
    assert "Répondez expressément au recours gracieux" in told(found, TIERS)
    assert not _provisional(clock(ESPECE, log, today="2026-08-18"))
    answered = clock(ESPECE, f"{log}, RT 2026-05-20", today="2026-05-21")
    assert "réponse expresse notifiée le 20 mai 2026" in told(answered, TIERS)
    assert "Répondez" not in told(answered, TIERS)
    assert "Répondez" not in told(clock(REGLEMENT, log), TIERS)


@pytest.mark.parametrize(
    ("log", "last", "alternative"),
    [
        ("NO+ 2026-03-16", None, "2026-05-18"),
        ("PU 2026-03-16, NO+ 2026-03-20", "2026-05-21", "2026-05-18"),
        ("PU 2026-03-20, NO+ 2026-03-16", "2026-05-21", "2026-05-18"),
        ("PU 2026-03-16, NO+ 2026-03-10, NO+ 2026-03-20", "2026-05-21", "2026-05-18"),
        ("PU 2026-03-16", "2026-05-18", None),
    ],
)
def test_an_act_of_a_kind_not_declared_is_open_until_the_later(
    log: str, last: str | None, alternative: str | None
) -> None:
    found = clock(DELIBERATION, log)
    assert (shown(found, TIERS), other(found, TIERS)) == (last, alternative)
    assert "ne court que de sa notification" in told(found, TIERS)


def test_a_posting_of_which_nothing_says_that_it_counts_opens_nothing_for_sure() -> None:
    owner = replace(SMALL, population=None)
    found = clock(ESPECE, "AFFICHAGE 2026-03-14", owner=owner)
    assert (shown(found, TIERS), other(found, TIERS)) == (None, "2026-05-15")
    assert "si la publicité du 14 mars 2026 compte" in told(found, TIERS)
    assert shown(clock(ESPECE, "AFFICHAGE 2026-03-14", owner=SMALL), TIERS) == "2026-05-15"
    assert shown(clock(ESPECE, "AFFICHAGE 2026-03-14", owner=COMMUNE), TIERS) is None


def test_the_appeals_against_an_act_outside_the_control_are_not_followed() -> None:
    assert clock(OUTSIDE, "PU 2026-03-02").third_state is ThirdPartyState.NON_OUVERT


def test_whoever_lives_far_away_is_told_of_his_longer_time() -> None:
    assert "R. 421-7" in told(clock(ESPECE, "PU 2026-03-16"), TIERS)
