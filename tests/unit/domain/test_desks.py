"""The desks: their codes, and who may deal with what lies there."""

import pytest

from transmission.domain.desks import Desk
from transmission.domain.people import Right, Role


def test_a_desk_is_found_by_its_code() -> None:
    assert [Desk.of(desk.code) for desk in Desk] == list(Desk)
    with pytest.raises(ValueError, match="unknown desk"):
        Desk.of("ailleurs")


def test_only_what_nothing_else_takes_off_may_be_set_aside() -> None:
    assert [desk for desk in Desk if desk.may_be_set_aside] == [Desk.ANOMALIES, Desk.NOTICES]


def test_an_operator_may_deal_with_every_desk_and_a_reader_with_none() -> None:
    assert {desk.right for desk in Desk} <= Role.OPERATOR.rights
    assert not {desk.right for desk in Desk} & Role.READER.rights
    assert Desk.LETTERS.right is Right.FOLLOW
