"""Who wants to be told what, how soon, and of whom they may be told."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.accounts import Account
from transmission.domain.notifications import Kind, Pace
from transmission.domain.people import Grant, Role
from transmission.domain.wishes import Listener, Wishes, paces_of, usual_pace

HERE, THERE = "123456782", "123456790"
AT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
ACCOUNT = Account(
    id=1, login="assemblees", name="assemblées", email="a@example.org",
    grants=(Grant(Role.AGENT, HERE),), created_at=AT, created_by="essai",
)  # fmt: skip
GRANTS = st.lists(st.builds(Grant, st.sampled_from(Role), st.sampled_from([None, HERE, THERE])))
WISHES = st.dictionaries(st.sampled_from(Kind), st.sampled_from(Pace))


def test_an_agent_is_told_at_once_of_letters_and_anomalies_and_daily_of_receipts() -> None:
    told = {kind: Listener(ACCOUNT).pace(kind, HERE) for kind in Kind}
    assert told == {
        Kind.COURRIER: Pace.AT_ONCE,
        Kind.ANOMALIE: Pace.AT_ONCE,
        Kind.INCERTAIN: Pace.NEVER,
        Kind.BLOQUE: Pace.NEVER,
        Kind.CERTIFICAT: Pace.NEVER,
        Kind.ECHEANCE: Pace.DAILY,
        Kind.AR: Pace.DAILY,
    }


def test_those_who_only_read_are_told_nothing_unless_they_ask() -> None:
    for role in (Role.READER, Role.AUDITOR):
        account = replace(ACCOUNT, grants=(Grant(role, HERE),))
        assert not Listener(account).hears(HERE)
        assert Listener(account, {Kind.AR: Pace.DAILY}).hears(HERE)


def test_roles_add_up_to_the_soonest() -> None:
    assert usual_pace({Role.READER, Role.OPERATOR}, Kind.BLOQUE) is Pace.AT_ONCE
    assert usual_pace((), Kind.BLOQUE) is Pace.NEVER
    account = replace(ACCOUNT, grants=(Grant(Role.AGENT, HERE), Grant(Role.READER)))
    assert Listener(account).pace(Kind.AR, HERE) is Pace.DAILY
    assert Listener(account).pace(Kind.AR, THERE) is Pace.NEVER


def test_whoever_wants_limits_alone_hears_nothing_of_events() -> None:
    limits = dict.fromkeys(Kind, Pace.NEVER) | {Kind.ECHEANCE: Pace.DAILY}
    assert not Listener(ACCOUNT, limits).hears(HERE)


@given(GRANTS, WISHES)
def test_nobody_is_ever_told_of_what_they_may_not_read(grants: list[Grant], chosen: Wishes) -> None:
    listener = Listener(replace(ACCOUNT, grants=tuple(grants)), chosen)
    if not {None, HERE} & {each.siren for each in grants}:
        assert {listener.pace(kind, HERE) for kind in Kind} == {Pace.NEVER}


@pytest.mark.parametrize("lacking", [{"email": None}, {"disabled_at": AT}])
def test_who_has_no_address_or_is_disabled_is_told_nothing(lacking: dict[str, object]) -> None:
    every = dict.fromkeys(Kind, Pace.AT_ONCE)
    assert not Listener(replace(ACCOUNT, **lacking), every).hears(HERE)  # type: ignore[arg-type]


@given(GRANTS, WISHES, WISHES)
def test_what_was_chosen_is_what_is_shown_and_what_is_usual_is_not_kept(
    grants: list[Grant], chosen: Wishes, wanted: Wishes
) -> None:
    listener = Listener(replace(ACCOUNT, grants=tuple(grants)), chosen)
    after = Listener(listener.account, listener.after(wanted))
    assert after.shown == {**listener.shown, **wanted}
    roles = {each.role for each in grants}
    assert all(pace is not usual_pace(roles, kind) for kind, pace in after.chosen.items())


def test_limits_and_ends_are_looked_at_once_a_day() -> None:
    for kind in (Kind.ECHEANCE, Kind.CERTIFICAT):
        assert list(paces_of(kind)) == [Pace.DAILY, Pace.NEVER]
    assert list(paces_of(Kind.AR)) == list(Pace)
