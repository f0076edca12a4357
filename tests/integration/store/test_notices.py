"""Notices in the register: once for each target, claimed by one, settled by whoever tells last."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.bench import Bench
from tests.support.limits import give, notices, read
from tests.support.scene import START
from transmission.domain.errors import NotFoundError
from transmission.domain.legal.noms import DateName
from transmission.ports.notices import Channel, Fate, NewNotice, Notice

LEASE = timedelta(minutes=15)


def _new(bench: Bench, key: str = "k", **changes: Any) -> NewNotice:
    made = NewNotice(
        collectivite_id=bench.authority_id,
        kind="rappel",
        key=key,
        channel=Channel.MAIL,
        target="assemblees@example.org",
        content={"subject": "s", "text": "t", "html": "h"},
    )
    return replace(made, **changes)


def _do(bench: Bench, work: Callable[[Any], Any]) -> Any:
    with bench.tools.register() as unit:
        done = work(unit)
        unit.commit()
    return done


def _add(bench: Bench, key: str = "k", **changes: Any) -> bool:
    return bool(_do(bench, lambda unit: unit.add_notice(_new(bench, key, **changes), START)))


def _claim(bench: Bench, after: timedelta = timedelta()) -> Notice | None:
    now = START + after
    claimed: Notice | None = _do(
        bench, lambda unit: unit.claim_notice(bench.authority_id, now, now + LEASE)
    )
    return claimed


def _claimed(bench: Bench) -> Notice:
    claimed = _claim(bench)
    assert claimed is not None
    return claimed


def _settle(bench: Bench, notice: Notice, fate: Fate) -> bool:
    return bool(_do(bench, lambda unit: unit.settle_notice(notice, fate)))


def test_a_notice_is_kept_once_for_a_target_and_a_key(bench: Bench) -> None:
    assert [_add(bench), _add(bench)] == [True, False]
    assert _add(bench, target="autre@example.org")
    assert _add(bench, channel=Channel.WEBHOOK)
    assert _add(bench, collectivite_id=bench.second_id)
    assert len(notices(bench.engine)) == 4


def test_two_that_write_at_once_write_once(bench: Bench) -> None:
    with bench.tools.register() as first:
        assert first.add_notice(_new(bench), START)
        with ThreadPoolExecutor() as pool:
            other = pool.submit(_add, bench)
            # The second waits for the first, whose commit decides.
            assert not other.done()
            first.commit()
            assert other.result(timeout=20) is False
    assert len(notices(bench.engine)) == 1


def test_a_notice_is_due_at_once_and_what_was_only_told_never_is(bench: Bench) -> None:
    _add(bench)
    _add(bench, channel=Channel.TOLD)
    mail, told = notices(bench.engine)
    assert (mail.next_attempt_at, told.next_attempt_at) == (START, None)
    assert _claim(bench) is not None
    assert _claim(bench) is None


def test_a_claim_counts_the_attempt_and_holds_the_notice_until_its_end(bench: Bench) -> None:
    _add(bench)
    claimed = _claimed(bench)
    assert claimed == Notice(
        id=claimed.id,
        collectivite_id=bench.authority_id,
        kind="rappel",
        key="k",
        channel=Channel.MAIL,
        target="assemblees@example.org",
        content={"subject": "s", "text": "t", "html": "h"},
        at=START,
        attempts=1,
    )
    assert _claim(bench, LEASE - timedelta(seconds=1)) is None
    again = _claim(bench, LEASE)
    assert again is not None
    assert again.attempts == 2


def test_the_oldest_is_claimed_first_and_another_authority_has_its_own(bench: Bench) -> None:
    _add(bench, "1", collectivite_id=bench.second_id)
    _add(bench, "2")
    _add(bench, "3")
    assert [_claimed(bench).key, _claimed(bench).key] == ["2", "3"]
    assert _claim(bench) is None


def test_two_that_claim_at_once_get_different_notices_and_none_waits(bench: Bench) -> None:
    _add(bench, "1")
    _add(bench, "2")
    with bench.tools.register() as first:
        one = first.claim_notice(bench.authority_id, START, START + LEASE)
        with ThreadPoolExecutor() as pool:
            other = pool.submit(_claim, bench).result(timeout=20)
        first.commit()
    assert one is not None
    assert other is not None
    assert {one.key, other.key} == {"1", "2"}


def test_what_was_delivered_is_due_no_more(bench: Bench) -> None:
    _add(bench)
    assert _settle(bench, _claimed(bench), Fate(at=START))
    (row,) = notices(bench.engine)
    assert (row.delivered_at, row.next_attempt_at, row.failure) == (START, None, None)


def test_a_failure_is_kept_with_its_reason_and_its_next_attempt(bench: Bench) -> None:
    _add(bench)
    later = START + timedelta(minutes=1)
    assert _settle(bench, _claimed(bench), Fate(at=START, failure="Non.", next_attempt_at=later))
    (row,) = notices(bench.engine)
    assert (row.delivered_at, row.next_attempt_at, row.failure) == (None, later, "Non.")
    assert row.attempts == 1


def test_an_attempt_that_was_not_made_is_not_counted(bench: Bench) -> None:
    _add(bench)
    fate = Fate(at=START, failure="Non.", next_attempt_at=START, tried=False)
    assert _settle(bench, _claimed(bench), fate)
    assert notices(bench.engine)[0].attempts == 0


def test_an_old_attempt_tells_that_it_succeeded_and_never_that_it_failed(bench: Bench) -> None:
    _add(bench)
    slow = _claimed(bench)
    assert _claim(bench, LEASE) is not None
    assert not _settle(bench, slow, Fate(at=START, failure="Non."))
    assert notices(bench.engine)[0].failure is None
    assert _settle(bench, slow, Fate(at=START))
    assert notices(bench.engine)[0].delivered_at == START


def test_a_failure_never_takes_a_delivery_back(bench: Bench) -> None:
    _add(bench)
    claimed = _claimed(bench)
    _settle(bench, claimed, Fate(at=START))
    assert not _settle(bench, claimed, Fate(at=START, failure="Non."))
    assert notices(bench.engine)[0].delivered_at == START


def test_a_notice_that_is_replayed_is_as_new(bench: Bench) -> None:
    _add(bench)
    claimed = _claimed(bench)
    _settle(bench, claimed, Fate(at=START, failure="Refusé."))
    assert _claim(bench, timedelta(days=9)) is None
    owner = _do(bench, lambda unit: unit.replay_notice(claimed.id, START))
    assert owner == bench.authority_id
    assert _claimed(bench) == claimed


def test_what_goes_nowhere_or_does_not_exist_is_not_replayed(bench: Bench) -> None:
    _add(bench, channel=Channel.TOLD)
    (told,) = notices(bench.engine)
    for number in (told.id, told.id + 1):
        with pytest.raises(NotFoundError, match=f"Aucun avis n° {number}"):
            _do(bench, lambda unit, number=number: unit.replay_notice(number, START))


def test_authorities_of_which_a_notice_is_due_are_told_once(bench: Bench) -> None:
    def due(after: timedelta = timedelta()) -> list[int]:
        return list(_do(bench, lambda unit: unit.authorities_with_notices(START + after)))

    assert due() == []
    _add(bench, "1")
    _add(bench, "2")
    assert due(-timedelta(seconds=1)) == []
    assert due() == [bench.authority_id]
    _claim(bench)
    _claim(bench)
    assert due() == []
    assert due(LEASE) == [bench.authority_id]


def test_a_mail_is_known_to_be_written_since_an_instant_to_its_target_alone(bench: Bench) -> None:
    def told(after: int = 0, target: str = "assemblees@example.org", kind: str = "rappel") -> bool:
        since = START + timedelta(seconds=after)
        return bool(
            _do(bench, lambda unit: unit.told_since(bench.authority_id, target, kind, since))
        )

    _add(bench, channel=Channel.TOLD)
    assert not told()
    _add(bench)
    assert told()
    assert not told(1)
    assert not told(0, "autre@example.org")
    assert not told(0, kind="anomalie")


def test_the_limits_of_an_authority_are_those_of_a_span_of_days_bounds_included(
    bench: Bench,
) -> None:
    acte = bench.acte()
    read(bench.engine, bench.authority_id, acte.acte_id)
    give(bench.engine, bench.authority_id, acte.acte_id, date(2023, 3, 12))
    give(bench.engine, bench.authority_id, acte.acte_id, date(2023, 3, 14), DateName.DEFERE)

    def between(first: int, last: int, owner: int = bench.authority_id) -> list[DateName]:
        days = date(2023, 3, first), date(2023, 3, last)
        found = _do(bench, lambda unit: unit.limits_between(owner, *days))
        return [each.name for each in found]

    assert between(12, 14) == [DateName.REJET_TACITE_LETTRE, DateName.DEFERE]
    assert between(13, 13) == []
    assert between(12, 14, bench.second_id) == []
