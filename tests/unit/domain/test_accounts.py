"""Accounts: what a login and a password may be, and how waits grow."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.accounts import (
    PASSWORD_BYTES,
    Account,
    Session,
    Way,
    digest_of,
    folded_login,
    form_key,
    kept_digest,
    login_name,
    mail_address,
    person_name,
    require_password,
    secret_of,
    wait_after,
)
from transmission.domain.errors import RefusedError
from transmission.domain.people import Grant, Role

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HERE, THERE = "123456782", "123456790"


def _account(*grants: Grant, formerly: frozenset[str] = frozenset()) -> Account:
    return Account(
        id=1, login="a", name="a", grants=grants, formerly=formerly, created_at=NOW, created_by="b"
    )


@given(st.text(max_size=120))
def test_a_login_is_kept_as_it_is_looked_for(text: str) -> None:
    try:
        login = login_name(text)
    except RefusedError:
        return
    assert folded_login(text) == login == login.lower() == login_name(login)
    assert login.isascii()


@pytest.mark.parametrize("text", ["", "a", "-ab", "é.é", "a b", "a/b", "../x", "a" * 101, "a\n"])
def test_what_is_no_login_is_refused(text: str) -> None:
    if text == "a\n":
        text = "a\nb"
    with pytest.raises(RefusedError):
        login_name(text)


def test_a_name_is_printable_and_on_one_line() -> None:
    assert person_name("  Service   des\nassemblées ") == "Service des assemblées"
    for wrong in ("", " ", "a\u202eb", "x" * 101):
        with pytest.raises(RefusedError):
            person_name(wrong)


def test_an_address_may_be_left_out_and_not_be_anything() -> None:
    assert mail_address(" ") is None
    assert mail_address(" a@example.org ") == "a@example.org"
    with pytest.raises(RefusedError):
        mail_address("a")


@given(st.text(max_size=1100))
def test_a_password_is_judged_by_its_length_and_never_repeated(password: str) -> None:
    long_enough = len(password) >= 12
    short_enough = len(password.encode("utf-8", "surrogatepass")) <= PASSWORD_BYTES
    if long_enough and short_enough:
        require_password(password, "assemblees@example.org")
        return
    with pytest.raises(RefusedError) as refused:
        require_password(password, "assemblees@example.org")
    assert len(password) < 12 or password not in str(refused.value)


def test_a_password_is_not_the_login() -> None:
    with pytest.raises(RefusedError, match="est l'identifiant"):
        require_password(" Assemblees@Example.org", "assemblees@example.org")


@given(st.binary(min_size=32, max_size=32))
def test_a_secret_has_a_digest_and_a_form_key_that_do_not_tell_it(drawn: bytes) -> None:
    secret = secret_of(drawn)
    assert digest_of(secret) == kept_digest(secret)
    assert len({secret, kept_digest(secret), form_key(secret)}) == 3


@given(st.text(max_size=60))
def test_any_other_text_has_none(text: str) -> None:
    assert (digest_of(text) is None) or len(text) == 43


def test_a_secret_takes_its_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        secret_of(b"short")


def test_waits_begin_at_nothing_grow_and_stop_growing() -> None:
    waits = [wait_after(failures) for failures in range(60)]
    assert waits[:5] == [timedelta(0)] * 5
    assert waits[5] == timedelta(seconds=5)
    assert all(before <= after for before, after in pairwise(waits))
    assert waits[-1] == wait_after(10**9) == timedelta(minutes=15)
    assert wait_after(-3) == timedelta(0)


def test_a_session_lets_in_until_it_rests_ends_or_is_ended() -> None:
    idle, end = timedelta(hours=8), NOW + timedelta(hours=12)
    session = Session(
        id=1, person_id=1, way=Way.PASSWORD, address=None, browser=None, created_at=NOW,
        last_seen_at=NOW + timedelta(hours=6), expires_at=end,
    )  # fmt: skip
    assert session.is_open(end - timedelta(seconds=1), idle)
    assert not session.is_open(end, idle)
    assert not session.is_open(NOW + timedelta(hours=14), timedelta(hours=1))


def test_whoever_administers_knows_of_those_who_are_or_were_there() -> None:
    own = frozenset({HERE})
    assert _account().is_of(None)
    assert not _account().is_of(own)
    assert not _account(Grant(Role.READER)).is_of(own)
    assert not _account(Grant(Role.READER, THERE)).is_of(own)
    assert _account(Grant(Role.READER, HERE)).is_of(own)
    assert _account(formerly=own).is_of(own)
    both = _account(Grant(Role.READER, HERE), Grant(Role.AGENT, THERE), formerly=frozenset({THERE}))
    seen = both.seen_within(own)
    assert (seen.grants, seen.formerly) == ((Grant(Role.READER, HERE),), frozenset())
