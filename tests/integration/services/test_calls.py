"""A request under a key acts once, whatever becomes of it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.bench import Bench
from transmission.domain.uploads import REMEMBERED
from transmission.services.calls import DEAD_AFTER, CallUnderWayError, KeyUsedError, once
from transmission.services.uploads import forget_uploads

ANSWER = (201, {"fait": "é"})


def counted(done: list[int]) -> Any:
    def act() -> Any:
        done.append(1)
        return ANSWER

    return act


def test_a_key_acts_once_and_answers_the_same(bench: Bench) -> None:
    done: list[int] = []
    first = once(bench.tools, bench.authority_id, "k", "a", counted(done))
    again = once(bench.tools, bench.authority_id, "k", "a", counted(done))
    assert (first, again) == ((ANSWER, False), (ANSWER, True))
    assert len(done) == 1
    with pytest.raises(KeyUsedError):
        once(bench.tools, bench.authority_id, "k", "b", counted(done))
    once(bench.tools, bench.second_id, "k", "b", counted(done))
    once(bench.tools, bench.authority_id, None, "a", counted(done))
    assert len(done) == 3


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
def test_what_failed_gives_its_key_back(bench: Bench, kind: type[BaseException]) -> None:
    def fails() -> Any:
        raise kind

    with pytest.raises(kind):
        once(bench.tools, bench.authority_id, "k", "a", fails)
    assert once(bench.tools, bench.authority_id, "k", "b", counted([])) == (ANSWER, False)


def test_a_key_without_an_answer_waits_until_its_holder_is_dead(bench: Bench) -> None:
    now = bench.clock.now()
    with bench.tools.register() as unit:
        assert unit.begin_call(bench.authority_id, "k", "a", now, now) is None
        unit.commit()
    with pytest.raises(CallUnderWayError):
        once(bench.tools, bench.authority_id, "k", "a", counted([]))
    bench.clock.instant += DEAD_AFTER + timedelta(seconds=1)
    # Another demand under it is refused all the same.
    with pytest.raises(KeyUsedError):
        once(bench.tools, bench.authority_id, "k", "b", counted([]))
    assert once(bench.tools, bench.authority_id, "k", "a", counted([])) == (ANSWER, False)


def test_an_answer_is_forgotten_after_a_month(bench: Bench) -> None:
    once(bench.tools, bench.authority_id, "k", "a", counted([]))
    bench.clock.instant += REMEMBERED + timedelta(seconds=1)
    forget_uploads(bench.tools)
    assert once(bench.tools, bench.authority_id, "k", "b", counted([])) == (ANSWER, False)
