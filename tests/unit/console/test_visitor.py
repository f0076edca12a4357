from typing import Any

import pytest
from fastapi import HTTPException, Request

from transmission.console.visitor import (
    VISIT,
    ForbiddenError,
    Visit,
    readable,
    require,
    signed,
)
from transmission.domain.people import Grant, Person, Right, Role

HERE, THERE = "123456782", "123456790"
READER = Person(1, "service des assemblées", (Grant(Role.READER, HERE),))


def request_of(person: Person) -> Request:
    scope: dict[str, Any] = {"type": "http", VISIT: Visit(person, "jeton")}
    return Request(scope)


def test_whoever_has_the_right_is_told_who_they_are() -> None:
    assert require(request_of(READER), Right.READ, HERE) is READER


def test_what_one_sees_and_may_not_change_is_refused_with_the_right_it_takes() -> None:
    with pytest.raises(ForbiddenError, match=Right.UNBLOCK.label):
        require(request_of(READER), Right.UNBLOCK, HERE)


@pytest.mark.parametrize("right", Right)
def test_what_one_may_not_see_does_not_exist(right: Right) -> None:
    with pytest.raises(HTTPException) as refused:
        require(request_of(READER), right, THERE)
    assert refused.value.status_code == 404


def test_a_decision_bears_the_name_and_the_reason() -> None:
    author = signed(READER, "certificat renouvelé")
    assert (author.name, author.reason) == ("service des assemblées", "certificat renouvelé")


def test_one_reads_of_all_of_some_or_is_told_that_it_is_of_none() -> None:
    assert readable(request_of(READER)) == {HERE}
    assert readable(request_of(Person(1, "x", (Grant(Role.AUDITOR),)))) is None
    with pytest.raises(ForbiddenError, match="aucun rôle"):
        readable(request_of(Person(1, "x", ())))
