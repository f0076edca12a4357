"""A test of a program, and telling again: one event, or all since an instant."""

from datetime import timedelta

import pytest

from tests.support.bench import Bench
from tests.support.programs import Programs, is_genuine
from tests.support.scene import AUTHOR
from transmission.domain.errors import NotFoundError
from transmission.services.deliver import RETRIES, replay
from transmission.services.webhook_log import replay_event, replay_events, try_webhook
from transmission.services.webhooks import pause_webhook
from transmission.store.queries.notices import failed_notices, list_notices
from transmission.store.queries.webhooks import deliveries


def test_a_test_is_a_signed_call_of_its_own_kept_in_the_log(
    bench: Bench, programs: Programs
) -> None:
    program = programs.add(page=lambda request: request.says(b"bien", 202))
    key = (bench.authority_id, program.webhook.id)
    pause_webhook(bench.tools, *key, AUTHOR)
    tested = try_webhook(bench.tools, *key, AUTHOR)
    assert tested.delivered
    assert (tested.ended.status, tested.ended.answer, tested.ended.failure) == (202, "bien", None)
    (asked,) = program.asked
    assert is_genuine(asked, program.secret)
    (event,) = program.events
    assert event["type"] == "fr.transmission.essai"
    assert "sequence" not in event
    try_webhook(bench.tools, *key, AUTHOR)
    assert program.events[1]["id"] != event["id"]
    with bench.engine.connect() as connection:
        second, first = deliveries(connection, program.webhook.id)
    assert (first.id, first.sequence, first.tries) == (tested.notice_id, None, 1)
    assert [each.status for each in (*first.attempts, *second.attempts)] == [202, 202]


def test_a_test_that_fails_is_tried_no_more_and_waits_on_no_desk(
    bench: Bench, programs: Programs
) -> None:
    program = programs.add(page=500)
    tested = try_webhook(bench.tools, bench.authority_id, program.webhook.id, AUTHOR)
    assert not tested.delivered
    assert tested.ended.failure is not None
    assert "500" in tested.ended.failure
    bench.clock.advance(10**6)
    programs.run()
    assert len(program.asked) == 1
    with bench.engine.connect() as connection:
        assert failed_notices(connection, bench.clock.now() - timedelta(days=30)).count == 0
        assert list_notices(connection, None, 10) == []
    with pytest.raises(NotFoundError):
        replay(bench.tools, tested.notice_id)
    with pytest.raises(NotFoundError):
        replay_event(bench.tools, bench.authority_id, program.webhook.id, tested.notice_id, AUTHOR)


def test_an_event_is_told_again_under_the_same_name(bench: Bench, programs: Programs) -> None:
    program = programs.add()
    bench.acknowledged()
    programs.run()
    second = programs.notices(program)[1]
    replay_event(bench.tools, bench.authority_id, program.webhook.id, second.id, AUTHOR)
    bench.run("tell")
    assert program.sequences == [1, 2, 3, 2]
    assert program.asked[3].headers["webhook-id"] == program.asked[1].headers["webhook-id"]
    assert program.asked[3].body == program.asked[1].body
    assert [len(programs.attempts(program)), programs.notices(program)[1].attempts] == [4, 1]
    other = programs.add("autre")
    with pytest.raises(NotFoundError):
        replay_event(bench.tools, bench.authority_id, other.webhook.id, second.id, AUTHOR)


def test_all_since_an_instant_are_told_again_in_order(bench: Bench, programs: Programs) -> None:
    program = programs.add()
    for _ in range(3):
        bench.acte()
        programs.run()
        bench.clock.advance(3600)
    since = bench.clock.now() - timedelta(hours=2)
    key = (bench.authority_id, program.webhook.id)
    assert replay_events(bench.tools, *key, since, None, AUTHOR) == 2
    bench.run("tell")
    assert program.sequences == [1, 2, 3, 2, 3]
    assert replay_events(bench.tools, *key, since, since + timedelta(hours=1), AUTHOR) == 1
    bench.run("tell")
    assert program.sequences[5:] == [2]


def test_only_what_was_given_up_may_be_told_again(bench: Bench, programs: Programs) -> None:
    program = programs.add(
        page=lambda r: r.says(b"", 422 if b'"000000000001"' in r.server.asked[-1].body else 200)
    )
    bench.acte()
    programs.run()
    for wait in RETRIES:
        bench.acte()
        programs.run()
        bench.clock.advance(wait.total_seconds())
        programs.run()
    assert programs.notices(program)[0].next_attempt_at is None
    program.answers(200)
    before = len(program.asked)
    key = (bench.authority_id, program.webhook.id)
    since = programs.notices(program)[0].at
    assert replay_events(bench.tools, *key, since, None, AUTHOR, failed=True) == 1
    bench.run("tell")
    assert program.sequences[before:] == [1]


def test_the_desk_of_notices_sends_an_event_again_too(bench: Bench, programs: Programs) -> None:
    program = programs.add()
    bench.acte()
    programs.run()
    replay(bench.tools, programs.notices(program)[0].id)
    programs.run()
    assert program.sequences == [1, 1]
