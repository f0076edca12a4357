import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.people import Grant, Person, Right, Role

HERE, THERE = "123456782", "123456790"


def person(*grants: Grant) -> Person:
    return Person(1, "service des assemblées", grants)


def test_a_role_in_one_authority_gives_nothing_in_another() -> None:
    agent = person(Grant(Role.AGENT, HERE))
    assert agent.may(Right.HAND_OVER, HERE)
    assert not agent.may(Right.READ, THERE)
    assert not agent.may(Right.READ, None)


def test_a_role_of_the_whole_installation_holds_everywhere() -> None:
    auditor = person(Grant(Role.AUDITOR))
    assert auditor.may(Right.AUDIT, THERE)
    assert auditor.may(Right.READ, None)
    assert auditor.sirens() is None


def test_roles_add_up_authority_by_authority() -> None:
    both = person(Grant(Role.READER, HERE), Grant(Role.OPERATOR, THERE))
    assert both.sirens() == {HERE, THERE}
    assert both.sirens(Right.UNBLOCK) == {THERE}


def test_whoever_keeps_accounts_sends_nothing_and_whoever_audits_changes_nothing() -> None:
    assert not person(Grant(Role.ADMINISTRATOR)).may(Right.HAND_OVER, HERE)
    assert Role.AUDITOR.rights == {Right.READ, Right.AUDIT}


@pytest.mark.parametrize("role", Role)
def test_every_role_may_read(role: Role) -> None:
    assert Right.READ in role.rights


def test_somebody_without_a_role_may_nothing() -> None:
    assert person().sirens() == frozenset()


@given(st.lists(st.builds(Grant, st.sampled_from(Role), st.sampled_from([HERE, THERE, None]))))
def test_the_authorities_of_a_right_are_those_where_one_may_use_it(grants: list[Grant]) -> None:
    somebody = person(*grants)
    for right in Right:
        sirens = somebody.sirens(right)
        for siren in (HERE, THERE):
            assert somebody.may(right, siren) == (sirens is None or siren in sirens)
