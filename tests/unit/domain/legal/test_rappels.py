"""Which limit is recalled on which day, once, with the days that are truly left."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.dates import DateKind
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.rappels import (
    Limit,
    Reminder,
    due_reminders,
    is_duty,
    is_open,
    is_recalled,
)
from transmission.domain.legal.reading import ActeState
from transmission.domain.legal.recours import ThirdPartyState

DAY = date(2026, 11, 30)
LETTER = Limit(
    acte_id=12,
    numero="D2026_012",
    nature=NatureActe.DELIBERATION,
    objet="Subvention",
    date_decision=date(2026, 9, 2),
    name=DateName.REJET_TACITE_LETTRE,
    day=DAY,
    kind=DateKind.STATUS,
    rule="DF-3",
    provisional=True,
    acte=ActeState.EXECUTOIRE,
    control=ControlState.GRACIEUX_EN_COURS,
    third=ThirdPartyState.OUVERT,
)


def _limit(name: DateName, control: ControlState, **changes: Any) -> Limit:
    return replace(LETTER, name=name, control=control, provisional=False, **changes)


def _told(limit: Limit, left: int, *days: int) -> tuple[Reminder, ...]:
    return due_reminders([limit], limit.day - timedelta(days=left), days or (7, 2))


@pytest.mark.parametrize(
    ("left", "asked"),
    [(8, None), (7, 7), (6, 7), (3, 7), (2, 2), (1, 2), (0, 2), (-1, None)],
)
def test_a_limit_is_recalled_for_the_nearest_day_reached_with_the_days_that_are_left(
    left: int, asked: int | None
) -> None:
    expected = () if asked is None else (Reminder(LETTER, asked, left),)
    assert _told(LETTER, left) == expected


def test_two_days_missed_are_caught_up_as_one() -> None:
    assert len(_told(LETTER, 1)) == 1


def test_the_order_of_the_days_chosen_changes_nothing() -> None:
    assert _told(LETTER, 2, 2, 7) == _told(LETTER, 2, 7, 2)


def test_an_authority_that_chose_no_day_is_told_nothing() -> None:
    assert due_reminders([LETTER], DAY, ()) == ()


def test_the_key_is_that_of_the_act_the_limit_its_day_and_the_days_before() -> None:
    (told,) = _told(LETTER, 5)
    assert told.key == "rappel:12:rejet_tacite_lettre:2026-11-30:7"


def test_a_limit_keeps_its_key_from_one_day_to_the_next_until_a_nearer_day_is_reached() -> None:
    keys = [told.key for left in (7, 5, 3, 2, 0) for told in _told(LETTER, left)]
    assert [key[-1] for key in keys] == ["7", "7", "7", "2", "2"]
    assert len(set(keys)) == 2


def test_a_limit_whose_day_moved_has_another_key() -> None:
    moved = replace(LETTER, day=DAY + timedelta(days=1))
    assert _told(moved, 2)[0].key != _told(LETTER, 2)[0].key


def test_a_limit_that_is_no_longer_provisional_has_the_same_key() -> None:
    duty = _limit(DateName.TRANSMISSION, ControlState.NON_DEMARRE)
    assert _told(replace(duty, provisional=True), 2)[0].key == _told(duty, 2)[0].key


def test_what_is_only_for_information_is_recalled_once_the_last_time() -> None:
    defere = _limit(DateName.DEFERE, ControlState.EN_COURS)
    assert _told(defere, 7) == ()
    assert [told.asked for told in _told(defere, 2)] == [2]
    assert [told.asked for told in _told(defere, 7, 7)] == [7]


def test_duties_come_first_then_the_nearest_day() -> None:
    defere = _limit(DateName.DEFERE, ControlState.EN_COURS, day=DAY - timedelta(days=1))
    later = replace(LETTER, acte_id=1)
    sooner = replace(LETTER, day=DAY - timedelta(days=1))
    found = due_reminders([later, defere, sooner], DAY - timedelta(days=2))
    assert [told.limit for told in found] == [sooner, later, defere]


@pytest.mark.parametrize(
    ("name", "control", "recalled"),
    [
        (DateName.TRANSMISSION, ControlState.NON_DEMARRE, True),
        (DateName.TRANSMISSION, ControlState.EN_COURS, False),
        (DateName.TRANSMISSION, ControlState.DEFERE, False),
        (DateName.DEFERE, ControlState.EN_COURS, True),
        (DateName.DEFERE, ControlState.APRES_REJET, True),
        (DateName.DEFERE, ControlState.DEFERE, False),
        (DateName.DEFERE, ControlState.EXPIRE, False),
        (DateName.RETRAIT, ControlState.EN_COURS, False),
        (DateName.RETRAIT, ControlState.GRACIEUX_EN_COURS, True),
        (DateName.RETRAIT, ControlState.DEFERE, True),
        (DateName.LISTE_DELIBERATIONS, ControlState.SANS_OBJET, True),
        (DateName.NOTIFICATION_PREFET, ControlState.EN_COURS, True),
        (DateName.PUBLICITE_MINIMUM, ControlState.EXPIRE, True),
    ],
)
def test_a_limit_is_recalled_while_somebody_still_needs_it(
    name: DateName, control: ControlState, recalled: bool
) -> None:
    assert bool(_told(_limit(name, control), 2)) is recalled


@pytest.mark.parametrize("name", [DateName.REFUS_TACITE_PIECES, DateName.REJET_TACITE_LETTRE])
@pytest.mark.parametrize("control", [ControlState.PIECES_DEMANDEES, ControlState.APRES_PIECES])
def test_an_answer_is_awaited_as_long_as_the_silence_is_provisional(
    name: DateName, control: ControlState
) -> None:
    # The state alone would hide a letter behind a request for documents.
    silence = _limit(name, control)
    assert _told(silence, 2) == ()
    assert _told(replace(silence, provisional=True), 2)


def test_a_limit_stays_open_when_it_is_past_or_of_no_use_to_recall() -> None:
    assert is_open(_limit(DateName.DEFERE, ControlState.EXPIRE))
    assert is_open(_limit(DateName.RETRAIT, ControlState.EN_COURS))
    assert is_open(_limit(DateName.TIERS, ControlState.EN_COURS))
    assert not is_open(_limit(DateName.DEFERE, ControlState.DEFERE))
    assert not is_open(_limit(DateName.VOTE_BUDGET, ControlState.EN_COURS))


def test_a_withdrawal_is_recalled_while_a_third_party_asks_for_it() -> None:
    asked = _limit(DateName.RETRAIT, ControlState.EN_COURS, third=ThirdPartyState.GRACIEUX_TIERS)
    assert _told(asked, 2)


@pytest.mark.parametrize(
    "state", [ActeState.RETIRE, ActeState.ANNULE_JUGE, ActeState.TRANSMISSION_ANNULEE]
)
def test_nothing_is_recalled_of_an_act_that_is_no_more(state: ActeState) -> None:
    gone = replace(LETTER, acte=state)
    assert _told(gone, 2) == ()
    assert not is_open(gone)


@pytest.mark.parametrize(
    "name",
    [
        DateName.VOTE_BUDGET,
        DateName.EXECUTOIRE,
        DateName.PREND_EFFET,
        DateName.DEMANDE_ACTE,
        DateName.SUSPENSION_AUTOMATIQUE,
        DateName.REPRISE,
        DateName.ORDONNANCE_ATTENDUE,
        DateName.SAISINE_CRC,
        DateName.TIERS,
    ],
)
def test_a_day_that_asks_for_nothing_here_is_never_recalled(name: DateName) -> None:
    assert not is_recalled(name)
    assert not is_duty(name)
    assert _told(_limit(name, ControlState.EN_COURS), 0) == ()


def test_a_rule_without_a_source_is_to_be_verified_and_so_is_an_unknown_one() -> None:
    assert replace(LETTER, rule="DT-2").to_verify
    assert replace(LETTER, rule="ZZ-9").to_verify
    assert not replace(LETTER, rule="DF-1").to_verify


def test_the_basis_of_a_limit_is_its_rule_then_the_articles() -> None:
    assert LETTER.basis.startswith("DF-3, CE, 18 avril 1986")
    assert replace(LETTER, rule="ZZ-9").basis == "ZZ-9"


@given(
    st.sets(st.integers(0, 60), min_size=1, max_size=4),
    st.lists(st.integers(-5, 70), min_size=1, max_size=40, unique=True),
)
def test_whatever_the_days_of_outage_each_day_chosen_is_told_at_most_once(
    days: set[int], lefts: list[int]
) -> None:
    told: dict[str, Reminder] = {}
    for left in sorted(lefts, reverse=True):
        for reminder in _told(LETTER, left, *days):
            told.setdefault(reminder.key, reminder)
    assert len(told) <= len(days)
    assert all(0 <= each.left <= each.asked for each in told.values())
    # A service that saw the limit near enough has said so.
    assert bool(told) == any(0 <= left <= max(days) for left in lefts)
