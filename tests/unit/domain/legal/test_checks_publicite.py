"""A received act waits for a publicity that counts, and keeps it two months."""

from dataclasses import replace
from datetime import date

import pytest

from tests.support.checks import (
    COMMUNE,
    INDIVIDUAL,
    RECEIVED,
    REGULATION,
    TODAY,
    at,
    checked,
    days,
    online,
    received,
)
from transmission.domain.legal.check import CheckSettings
from transmission.domain.legal.checked import Absence, CheckedActe
from transmission.domain.legal.checks import check_acte
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.sujets import PublicityMode

LATER = RECEIVED + days(8)
SMALL = replace(COMMUNE, population=900)


def _of(acte: CheckedActe, check: str) -> list[Finding]:
    return [each for each in check_acte(acte) if each.check == check]


# --- no publicity ---


@pytest.mark.parametrize(("age", "count"), [(7, 0), (8, 1)])
def test_a_received_act_that_nothing_made_public_has_no_force(age: int, count: int) -> None:
    found = _of(checked(received(), today=RECEIVED + days(age)), "publicite_manquante")
    assert [each.rule for each in found] == ["EX-1"] * count


def test_how_long_it_may_wait_is_a_setting() -> None:
    acte = checked(received(), today=LATER)
    assert check_acte(acte, CheckSettings(formality_days=8)) == ()


def test_a_published_act_is_silent() -> None:
    assert _of(checked(received(), online(TODAY), today=LATER), "publicite_manquante") == []


def test_an_individual_decision_put_on_line_still_wants_its_notification() -> None:
    published = checked(received(), online(TODAY), acte=INDIVIDUAL, today=LATER)
    (found,) = _of(published, "publicite_manquante")
    assert "aucune notification qui compte" in found.message
    notified = at(EventKind.NOTIFICATION, TODAY)
    assert _of(checked(received(), notified, acte=INDIVIDUAL, today=LATER), found.check) == []


def test_a_publication_that_may_not_count_says_why() -> None:
    unknown = replace(COMMUNE, population=None, publicity=((date(2022, 9, 12), AFFICHAGE),))
    acte = checked(received(), online(TODAY, AFFICHAGE), owner=unknown, today=LATER)
    (found,) = _of(acte, "publicite_manquante")
    assert any(label == "Incertain" for label, _ in found.evidence)


@pytest.mark.parametrize(("age", "count"), [(7, 0), (8, 1)])
def test_an_act_posted_in_urgency_is_still_to_be_published(age: int, count: int) -> None:
    urgent = at(EventKind.AFFICHAGE_URGENCE, RECEIVED)
    found = _of(checked(received(), urgent, today=RECEIVED + days(age)), "publicite_manquante")
    assert [each.rule for each in found] == ["EX-2"] * count
    published = checked(received(), urgent, online(TODAY), today=LATER)
    assert _of(published, "publicite_manquante") == []


def test_a_withdrawn_act_wants_no_publicity() -> None:
    withdrawn = at(EventKind.RETRAIT, TODAY)
    assert _of(checked(received(), withdrawn, today=LATER), "publicite_manquante") == []


# --- a mode that does not count ---

AFFICHAGE = PublicityMode.AFFICHAGE


def test_a_posting_without_an_option_gives_no_force_and_is_said_once() -> None:
    acte = checked(received(), online(TODAY, AFFICHAGE), today=LATER)
    (found,) = _of(acte, "publication_invalide")
    assert (found.rule, found.severity) == ("PU-2", Severity.GRAVE)
    assert "affichage du 5 mars 2026" in found.message
    assert ("Population", "12 000 habitants") in found.evidence
    assert _of(acte, "publicite_manquante") == []


def test_a_posting_in_a_commune_that_chose_it_counts() -> None:
    chosen = replace(SMALL, publicity=((date(2022, 9, 12), AFFICHAGE),))
    acte = checked(received(), online(TODAY, AFFICHAGE), owner=chosen, today=LATER)
    assert _of(acte, "publication_invalide") == []


def test_a_posting_in_a_small_commune_that_chose_nothing_does_not_count() -> None:
    acte = checked(received(), online(TODAY, AFFICHAGE), owner=SMALL, today=LATER)
    assert len(_of(acte, "publication_invalide")) == 1


def test_a_posting_beside_a_publication_on_line_is_harmless() -> None:
    both = (online(TODAY, AFFICHAGE), online(TODAY + days(1)))
    assert _of(checked(received(), *both, today=LATER), "publication_invalide") == []


def test_an_individual_decision_is_not_published_at_all() -> None:
    acte = checked(received(), online(TODAY, AFFICHAGE), acte=INDIVIDUAL, today=LATER)
    assert _of(acte, "publication_invalide") == []


# --- interrupted ---


def _absent(first: date, last: date) -> list[Finding]:
    acte = checked(
        received(), online(TODAY), today=date(2026, 7, 1), absences=(Absence(first, last),)
    )
    return _of(acte, "publicite_interrompue")


def test_an_act_absent_at_two_looks_within_two_months_is_grave() -> None:
    (found,) = _absent(date(2026, 4, 1), date(2026, 4, 2))
    assert (found.rule, found.severity) == ("PU-4", Severity.GRAVE)
    assert found.key == "acte:12:2026-04-01"
    assert "devait rester public jusqu'au 5 mai 2026" in found.message


def test_one_look_that_misses_is_no_interruption() -> None:
    assert _absent(date(2026, 4, 1), date(2026, 4, 1)) == []


@pytest.mark.parametrize(("first", "count"), [(date(2026, 5, 5), 1), (date(2026, 5, 6), 0)])
def test_the_two_months_end_with_their_last_day(first: date, count: int) -> None:
    assert len(_absent(first, date(2026, 5, 20))) == count


def test_each_absence_is_a_finding() -> None:
    two = (
        Absence(date(2026, 4, 1), date(2026, 4, 2)),
        Absence(date(2026, 4, 9), date(2026, 4, 20)),
    )
    acte = checked(received(), online(TODAY), today=date(2026, 7, 1), absences=two)
    assert len({each.key for each in _of(acte, "publicite_interrompue")}) == 2


def test_an_act_never_published_is_never_interrupted() -> None:
    acte = checked(received(), acte=REGULATION, absences=(Absence(TODAY, TODAY + days(3)),))
    assert _of(acte, "publicite_interrompue") == []
