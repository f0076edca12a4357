"""Limits on a clock that the test holds: who waits, how long, and what is kept in memory."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits.storage import Storage

from transmission.api import rates
from transmission.api.problems import RefusalError
from transmission.api.rates import Caller, Counters, Limit, Rates, caller

OURS = caller("tdt_ours", "192.0.2.1")
STRANGER = caller("tdt_faux", "192.0.2.1")


@dataclass
class Hand:
    """A clock that moves when it is told to."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hand() -> Hand:
    return Hand()


def _refusal(act: Callable[[Caller], object], who: Caller) -> RefusalError:
    with pytest.raises(RefusalError) as refused:
        act(who)
    assert refused.value.status == 429
    return refused.value


def test_a_token_calls_as_often_as_its_limit_says_and_again_when_the_window_ends(
    hand: Hand,
) -> None:
    limits = Rates(calls="3/minute", clock=hand)
    left = [limits.came(OURS).left for _ in range(3)]
    assert left == [2, 1, 0]
    hand.at += 18.5
    refused = _refusal(limits.check, OURS)
    assert refused.headers == {
        "Retry-After": "42",
        "RateLimit-Policy": '"jeton";q=3;w=60',
        "RateLimit": '"jeton";r=0;t=42',
    }
    assert "42 s" in refused.detail
    hand.at += 41.5
    limits.check(OURS)
    assert limits.came(OURS).left == 2


def test_calls_that_came_in_together_are_counted_one_by_one(hand: Hand) -> None:
    limits = Rates(calls="1/minute", clock=hand)
    for _ in range(2):
        limits.check(OURS)
    limits.came(OURS)
    _refusal(limits.came, OURS)


def test_a_token_has_its_own_limit_wherever_it_calls_from(hand: Hand) -> None:
    limits = Rates(calls="1/minute", clock=hand)
    limits.came(OURS)
    limits.came(caller("tdt_autre", "192.0.2.1"))
    _refusal(limits.check, caller("tdt_ours", "192.0.2.2"))


def test_an_address_that_shows_refused_tokens_waits(hand: Hand) -> None:
    limits = Rates(failures="2/minute", clock=hand)
    for rank in range(2):
        who = caller(f"tdt_{rank}", "192.0.2.1")
        limits.check(who)
        limits.refused(who)
    refused = _refusal(limits.check, STRANGER)
    assert refused.headers["Retry-After"] == "60"
    assert refused.headers["RateLimit"] == '"refus";r=0;t=60'
    limits.check(caller("tdt_faux", "192.0.2.2"))
    hand.at += 60
    limits.check(STRANGER)


def test_a_token_that_came_in_before_is_not_held_up_by_its_neighbours(hand: Hand) -> None:
    limits = Rates(failures="1/minute", clock=hand)
    limits.came(OURS)
    limits.refused(STRANGER)
    limits.check(OURS)
    # Until it is revoked: then it is one more that is refused.
    limits.refused(OURS)
    _refusal(limits.check, OURS)


def test_known_tokens_are_forgotten_the_oldest_first(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "MOST", 2)
    limits = Rates(failures="1/minute", clock=hand)
    for name in ("un", "deux", "un", "trois"):
        limits.came(caller(name, "192.0.2.1"))
    limits.refused(STRANGER)
    for name in ("un", "trois"):
        limits.check(caller(name, "192.0.2.1"))
    _refusal(limits.check, caller("deux", "192.0.2.1"))


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:ffff:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("", ""),
        ("un nom", ""),
    ],
)
def test_a_network_of_ipv6_counts_as_one_address(address: str, counted: str) -> None:
    assert caller("x", address).address == counted


def test_a_secret_is_kept_as_its_digest_alone() -> None:
    assert "tdt_ours" not in repr(OURS)
    assert len(OURS.secret) == 64


def test_a_token_sends_so_many_bodies_at_once(hand: Hand) -> None:
    limits = Rates(uploads=2, clock=hand)
    with ExitStack() as sending:
        for _ in range(2):
            sending.enter_context(limits.sending(OURS))
        refused = _refusal(lambda who: sending.enter_context(limits.sending(who)), OURS)
        assert refused.headers == {"Retry-After": "5"}
        with limits.sending(caller("tdt_autre", "192.0.2.1")):
            pass
    with pytest.raises(OSError), limits.sending(OURS):  # noqa: PT011 - of the test itself
        raise OSError
    for _ in range(3):
        with limits.sending(OURS):
            pass


def test_memory_is_bounded_whatever_the_number_of_addresses(hand: Hand) -> None:
    counters = Counters(hand, 100)
    for rank in range(1000):
        counters.incr(str(rank), 60)
        assert len(counters) <= 100
    assert counters.get("999") == 1
    assert counters.get("899") == 0
    # What ended makes room at once, though nothing be full.
    hand.at += 60
    counters.incr("un", 60)
    assert len(counters) == 1


def test_a_limit_counts_no_more_callers_than_there_is_room_for(hand: Hand) -> None:
    limit = Limit("refus", "1/minute", hand)
    for rank in range(rates.MOST + 10):
        limit.count(str(rank))
    assert len(limit.counters) == rates.MOST
    assert not limit.is_spent("0")
    assert limit.is_spent(str(rates.MOST))


def test_the_counters_are_those_that_the_library_asks_for(hand: Hand) -> None:
    counters = Counters(hand, 10)
    assert isinstance(counters, Storage)
    assert counters.check()
    assert counters.get_expiry("un") == hand.at
    counters.incr("un", 60, 3)
    counters.incr("deux", 60)
    assert (counters.get("un"), counters.get_expiry("un")) == (3, hand.at + 60)
    counters.clear("un")
    assert counters.get("un") == 0
    assert (counters.reset(), len(counters)) == (1, 0)


STEPS = st.lists(st.tuples(st.floats(0, 40), st.sampled_from("abc")), max_size=60)


@given(steps=STEPS, most=st.integers(1, 5))
def test_no_window_lets_more_calls_through_than_its_limit(
    steps: Iterable[tuple[float, str]], most: int
) -> None:
    hand = Hand()
    limit = Limit("jeton", f"{most}/minute", hand)
    begun: dict[str, float] = {}
    let: dict[str, int] = {}
    for wait, who in steps:
        hand.at += wait
        if who not in begun or hand.at >= begun[who] + 60:
            begun[who], let[who] = hand.at, 0
        was_spent = limit.is_spent(who)
        passed = limit.count(who)
        assert passed is not was_spent
        let[who] += passed
        assert let[who] <= most
        assert 0 < limit.allowance(who).seconds <= 60
        assert limit.allowance(who).left == max(0, most - let[who])
