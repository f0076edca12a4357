"""Sessions, links and failures in the register."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from tests.support.bench import Bench
from tests.support.scene import START
from transmission.domain.accounts import Origin, Purpose, Way
from transmission.domain.people import Grant, Role
from transmission.domain.transmission import Author
from transmission.ports.people import Attempts, NewAccount, NewSession

MAKER = Author("administratrice")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def _do(bench: Bench, work: Callable[[Any], Any]) -> Any:
    with bench.tools.register() as unit:
        done = work(unit)
        unit.commit()
    return done


@pytest.fixture
def someone(bench: Bench) -> int:
    new = NewAccount(login="assemblees", name="service des assemblées")
    made: int = _do(bench, lambda unit: unit.add_account(new, MAKER, START))
    return made


def _open(bench: Bench, someone: int, digest: str) -> int:
    new = NewSession(
        digest=digest,
        person_id=someone,
        way=Way.PASSWORD,
        origin=Origin("192.0.2.1", "Firefox"),
        expires_at=START + 12 * HOUR,
    )
    made: int = _do(bench, lambda unit: unit.open_session(new, START))
    return made


def test_a_session_comes_with_its_person_and_their_roles(bench: Bench, someone: int) -> None:
    made = _open(bench, someone, "d")
    _do(bench, lambda unit: unit.grant_role(someone, Role.AUDITOR, None, MAKER, START))
    session, account = _do(bench, lambda unit: unit.session_by_digest("d"))
    assert (session.id, session.way, session.address) == (made, Way.PASSWORD, "192.0.2.1")
    assert (account.id, account.grants) == (someone, (Grant(Role.AUDITOR, None),))
    assert session.is_open(START + HOUR, 8 * HOUR)
    assert not session.is_open(START + 8 * HOUR, 8 * HOUR)
    assert not session.is_open(START + 12 * HOUR, 48 * HOUR)
    assert _do(bench, lambda unit: unit.session_by_digest("e")) is None


def test_a_session_is_seen_once_a_minute_and_waits_for_nobody(bench: Bench, someone: int) -> None:
    made = _open(bench, someone, "d")
    with bench.tools.register() as holder:
        holder.see_session(made, START + HOUR, START)
        # Held by somebody else: left as it is, at once.
        _do(bench, lambda unit: unit.see_session(made, START + 2 * HOUR, START + HOUR))
    now = START + 30 * timedelta(seconds=1)
    _do(bench, lambda unit: unit.see_session(made, now, now - MINUTE))
    assert _do(bench, lambda unit: unit.session_by_digest("d"))[0].last_seen_at == START
    now = START + MINUTE
    _do(bench, lambda unit: unit.see_session(made, now, now - MINUTE))
    assert _do(bench, lambda unit: unit.session_by_digest("d"))[0].last_seen_at == now


def test_sessions_end_one_by_one_or_all_but_one(bench: Bench, someone: int) -> None:
    first, second, third = (_open(bench, someone, digest) for digest in "abc")
    assert _do(bench, lambda unit: unit.end_sessions(someone, START, only=first)) == 1
    assert _do(bench, lambda unit: unit.end_sessions(someone + 1, START, only=second)) == 0
    left = _do(bench, lambda unit: unit.sessions(someone, START))
    assert {each.id for each in left} == {second, third}
    assert _do(bench, lambda unit: unit.end_sessions(someone, START, but=third)) == 1
    assert _do(bench, lambda unit: unit.end_sessions(someone, START)) == 1
    assert _do(bench, lambda unit: unit.sessions(someone, START)) == []
    ended, _account = _do(bench, lambda unit: unit.session_by_digest("a"))
    assert not ended.is_open(START, HOUR)


def test_a_session_that_expired_is_no_longer_listed(bench: Bench, someone: int) -> None:
    _open(bench, someone, "a")
    assert _do(bench, lambda unit: unit.sessions(someone, START + 12 * HOUR)) == []


def test_a_link_serves_once_for_its_purpose_and_until_its_end(bench: Bench, someone: int) -> None:
    def add(digest: str) -> None:
        _do(
            bench,
            lambda unit: unit.add_link(digest, someone, Purpose.CHOOSE, MAKER, START, START + HOUR),
        )

    def use(digest: str, purpose: Purpose = Purpose.CHOOSE, **later: float) -> Any:
        now = START + timedelta(**later)
        return _do(bench, lambda unit: unit.use_link(digest, purpose, now))

    add("a")
    add("b")
    assert use("a") is None, "replaced by the second"
    assert use("b", Purpose.ENTER) is None
    assert use("b", minutes=60) is None
    assert _do(bench, lambda unit: unit.link_person("b", Purpose.CHOOSE, START)) == someone
    with ThreadPoolExecutor(4) as together:
        got = list(together.map(lambda _: use("b"), range(4)))
    assert sorted(got, key=str) == [someone, None, None, None]
    assert _do(bench, lambda unit: unit.link_person("b", Purpose.CHOOSE, START)) is None


def test_whoever_came_from_an_address_is_known_there(bench: Bench, someone: int) -> None:
    _open(bench, someone, "a")

    def came(login: str, address: str, later: timedelta = -MINUTE) -> Any:
        return _do(bench, lambda unit: unit.came_from(login, address, START + later))

    assert came("assemblees", "192.0.2.1")
    assert not came("assemblees", "192.0.2.2")
    assert not came("juriste", "192.0.2.1")
    assert not came("assemblees", "192.0.2.1", MINUTE)


def test_failures_are_held_one_at_a_time_and_forgotten(bench: Bench) -> None:
    def fail(_: int) -> None:
        with bench.tools.register() as unit:
            held = unit.hold_attempts("login:x", START)
            unit.keep_attempts("login:x", Attempts(held.failures + 1, START, START + MINUTE))
            unit.commit()

    with ThreadPoolExecutor(4) as together:
        list(together.map(fail, range(8)))
    kept = _do(bench, lambda unit: unit.hold_attempts("login:x", START + HOUR))
    assert kept == Attempts(8, START, START + MINUTE)
    _do(bench, lambda unit: unit.forget_attempts(START))
    assert _do(bench, lambda unit: unit.hold_attempts("login:x", START)).failures == 8
    _do(bench, lambda unit: unit.forgive_attempts("login:x"))
    assert _do(bench, lambda unit: unit.hold_attempts("login:x", START)).failures == 0
    _do(bench, lambda unit: unit.forget_attempts(START + HOUR))
