"""The date of an AR is held against all that is known, in every time zone, and never changed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.checks import (
    DECIDED,
    ID_ACTE,
    RECEIVED,
    SENT_AT,
    TODAY,
    accuse,
    checked,
    days,
    received,
    sending,
)
from transmission.domain.legal.check import CheckSettings
from transmission.domain.legal.checked import CheckedActe
from transmission.domain.legal.checks import check_acte
from transmission.domain.legal.findings import Finding, Severity

CAYENNE, REUNION = ZoneInfo("America/Cayenne"), ZoneInfo("Indian/Reunion")
ABOUT_DATES = (
    "accuse_avant_decision",
    "accuse_avant_envoi",
    "accuse_futur",
    "accuse_loin_des_horloges",
    "accuses_contradictoires",
)


def _odd(acte: CheckedActe) -> list[Finding]:
    return [each for each in check_acte(acte) if each.check in ABOUT_DATES]


def _codes(acte: CheckedActe) -> list[str]:
    return [each.check for each in _odd(acte)]


def test_an_ar_of_the_day_after_is_plain() -> None:
    assert _odd(checked(received(), sendings=(sending(accuse()),))) == []


def test_an_ar_of_the_day_of_decision_and_of_sending_is_plain() -> None:
    assert _odd(checked(received(DECIDED), sendings=(sending(accuse(DECIDED)),))) == []


def test_an_ar_older_than_the_decision_is_grave_and_said_once() -> None:
    before = DECIDED - days(1)
    (found,) = _odd(checked(received(before), sendings=(sending(accuse(before)),)))
    assert (found.check, found.severity) == ("accuse_avant_decision", Severity.GRAVE)
    assert found.key == "acte:12:envoi:7:2026-03-01"
    assert ("Empreinte de l'accusé (SHA-256)", "a" * 64) in found.evidence
    assert ("Date de réception de l'accusé", "1er mars 2026") in found.evidence


def test_an_ar_older_than_its_sending_is_grave_and_said_once() -> None:
    sent = sending(accuse(), sent_at=datetime(2026, 3, 9, 9, tzinfo=UTC))
    assert _codes(checked(received(), sendings=(sent,))) == ["accuse_avant_envoi"]


def test_an_impossible_day_is_not_told_again_because_it_is_far() -> None:
    early = sending(
        accuse(taken_at=datetime(2026, 3, 10, 9, tzinfo=UTC)),
        sent_at=datetime(2026, 3, 9, 9, tzinfo=UTC),
    )
    future = sending(accuse(date(2026, 3, 20), taken_at=datetime(2026, 3, 10, 9, tzinfo=UTC)))
    assert _codes(checked(sendings=(early,))) == ["accuse_avant_envoi"]
    assert _codes(checked(sendings=(future,))) == ["accuse_futur"]


def test_an_odd_ar_is_shown_with_its_sending_where_it_is_known() -> None:
    before = accuse(DECIDED - days(1))
    (found,) = _odd(checked(sendings=(sending(before),)))
    assert ("Envoyé le", "02/03/2026 à 17:30:00 (UTC+0100)") in found.evidence
    (found,) = _odd(checked(sendings=(sending(before, sent_at=None),)))
    assert "Envoyé le" not in [label for label, _ in found.evidence]


def test_an_ar_newer_than_its_arrival_is_grave_and_stays_so() -> None:
    early = accuse(TODAY, taken_at=datetime(2026, 3, 4, 9, tzinfo=UTC))
    for today in (date(2026, 3, 4), TODAY, TODAY + days(30)):
        acte = checked(received(TODAY), today=today, sendings=(sending(early),))
        assert _codes(acte) == ["accuse_futur"]


def test_an_ar_whose_arrival_is_not_known_is_compared_with_the_present() -> None:
    unknown = accuse(TODAY + days(1), taken_at=None)
    assert _codes(checked(sendings=(sending(unknown),))) == ["accuse_futur"]
    assert _codes(checked(today=TODAY + days(1), sendings=(sending(unknown),))) == []


def test_the_evening_of_cayenne_is_the_next_day_for_the_state() -> None:
    evening = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    early = accuse(RECEIVED, taken_at=evening)
    sent = sending(early, sent_at=evening - timedelta(hours=1))
    assert _codes(checked(received(), zone=CAYENNE, sendings=(sent,))) == []


def test_the_first_hours_of_la_reunion_are_the_day_before_for_the_state() -> None:
    night = datetime(2026, 3, 3, 20, 30, tzinfo=UTC)
    sent = sending(accuse(RECEIVED, taken_at=night), sent_at=night)
    assert _codes(checked(received(), zone=REUNION, sendings=(sent,))) == []


@pytest.mark.parametrize(("late", "codes"), [(4, []), (5, ["accuse_loin_des_horloges"])])
def test_an_ar_far_from_every_clock_is_odd(late: int, codes: list[str]) -> None:
    taken_at = datetime(2026, 3, 3, 9, tzinfo=UTC) + days(late)
    acte = checked(
        received(), today=TODAY + days(9), sendings=(sending(accuse(taken_at=taken_at)),)
    )
    assert _codes(acte) == codes


def test_an_ar_that_we_took_in_late_is_explained_by_the_time_of_the_tdt() -> None:
    late = accuse(
        taken_at=datetime(2026, 3, 20, 9, tzinfo=UTC), tdt_at=datetime(2026, 3, 4, 9, tzinfo=UTC)
    )
    assert _codes(checked(received(), today=date(2026, 3, 21), sendings=(sending(late),))) == []


def test_an_ar_that_the_tdt_also_had_late_is_odd() -> None:
    late = accuse(
        taken_at=datetime(2026, 3, 20, 9, tzinfo=UTC), tdt_at=datetime(2026, 3, 19, 9, tzinfo=UTC)
    )
    (found,) = _odd(checked(received(), today=date(2026, 3, 21), sendings=(sending(late),)))
    assert (found.check, found.severity) == ("accuse_loin_des_horloges", Severity.ATTENTION)
    assert "16 jours" in found.message


def test_how_far_is_a_setting() -> None:
    sent = sending(accuse(taken_at=datetime(2026, 3, 9, 9, tzinfo=UTC)))
    acte = checked(received(), today=date(2026, 3, 10), sendings=(sent,))
    assert check_acte(acte, CheckSettings(accuse_days_apart=6, formality_days=99)) == ()


def test_an_ar_repeated_a_year_later_is_no_other_fact() -> None:
    again = accuse(sha256="b" * 64, taken_at=datetime(2027, 3, 3, 9, tzinfo=UTC))
    acte = checked(received(), today=date(2027, 3, 4), sendings=(sending(again, accuse()),))
    assert _odd(acte) == []


def test_two_ar_of_two_days_contradict_each_other() -> None:
    other = accuse(RECEIVED + days(1), sha256="b" * 64)
    (found,) = _odd(checked(received(), sendings=(sending(accuse(), other),)))
    assert (found.check, found.severity) == ("accuses_contradictoires", Severity.GRAVE)
    assert found.key == "acte:12"
    assert "3 mars 2026" in found.message
    assert "4 mars 2026" in found.message
    assert len([label for label, _ in found.evidence if "SHA-256" in label]) == 2


def test_two_ar_of_one_sending_with_two_identifiers_contradict_each_other() -> None:
    other = accuse(id_acte=ID_ACTE.replace("001", "002"), sha256="b" * 64)
    assert _codes(checked(received(), sendings=(sending(accuse(), other),))) == [
        "accuses_contradictoires"
    ]


def test_the_same_ar_twice_whatever_its_capitals_is_no_contradiction() -> None:
    other = accuse(id_acte=ID_ACTE.lower(), sha256="b" * 64)
    assert _odd(checked(received(), sendings=(sending(accuse(), other),))) == []


def test_an_annulled_sending_and_the_next_do_not_contradict_each_other() -> None:
    first = sending(accuse(), over=True)
    second = sending(accuse(TODAY), id=8, sent_at=SENT_AT + days(1))
    assert _odd(checked(received(TODAY), sendings=(first, second))) == []


def test_the_oddities_of_an_annulled_sending_are_of_the_past() -> None:
    odd = sending(accuse(DECIDED - days(1)), over=True)
    assert _odd(checked(sendings=(odd,))) == []


def test_two_sendings_that_stand_and_were_received_on_two_days_contradict_each_other() -> None:
    second = sending(accuse(TODAY), id=8, sent_at=SENT_AT + days(1))
    acte = checked(received(), sendings=(sending(accuse()), second))
    assert _codes(acte) == ["accuses_contradictoires"]


def test_each_odd_ar_of_each_sending_is_one_finding() -> None:
    before, earlier = DECIDED - days(1), DECIDED - days(2)
    sent = (sending(accuse(before)), sending(accuse(before), accuse(earlier), id=8))
    found = [each.key for each in _odd(checked(sendings=sent))]
    assert sorted(found) == [
        "acte:12",
        "acte:12:envoi:7:2026-03-01",
        "acte:12:envoi:8:2026-02-28",
        "acte:12:envoi:8:2026-03-01",
    ]
