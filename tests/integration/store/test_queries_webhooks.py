"""What programs were told and what waits, as lists show it."""

from datetime import timedelta

from tests.support.bench import Bench
from tests.support.programs import Programs
from tests.support.scene import AUTHOR
from transmission.domain.transmission import Author
from transmission.domain.webhooks import WebhookState
from transmission.services.tell import DISABLED_AFTER
from transmission.services.webhooks import end_webhook, pause_webhook
from transmission.store.queries import webhooks as queries
from transmission.store.queries.webhooks import (
    ATTEMPTS_SHOWN,
    Backlog,
    backlogs,
    deliveries,
    has_webhooks,
    owner_of_webhook,
    troubled_webhooks,
)


def test_what_waits_is_counted_for_each(bench: Bench, programs: Programs) -> None:
    quick, slow = programs.add("vif"), programs.add("sourd", page=500)
    at = bench.clock.now()
    bench.acknowledged()
    programs.run()
    with bench.engine.connect() as connection:
        ids = [quick.webhook.id, slow.webhook.id, 999]
        assert backlogs(connection, ids) == {
            quick.webhook.id: Backlog(),
            slow.webhook.id: Backlog(3, at, 0),
            999: Backlog(),
        }
        assert backlogs(connection, []) == {}


def test_the_last_attempts_of_an_event_are_shown_newest_first(
    bench: Bench, programs: Programs
) -> None:
    program = programs.add(page=500)
    bench.acte()
    for _ in range(3):
        programs.run()
        bench.clock.advance(3600)
    with bench.engine.connect() as connection:
        (line,) = deliveries(connection, program.webhook.id)
    assert line.tries == 3
    assert len(line.attempts) == 3 <= ATTEMPTS_SHOWN
    begun = [each.started_at for each in line.attempts]
    assert begun == sorted(begun, reverse=True)
    assert line.attempts[0].milliseconds == 0
    assert (line.numero_interne, line.sequence, line.delivered_at) == ("D2023_001", 1, None)


def test_only_so_many_attempts_are_shown(bench: Bench, programs: Programs) -> None:
    program = programs.add(page=500)
    bench.acte()
    for _ in range(3):
        programs.run()
        bench.clock.advance(3600)
    queries_shown, queries.ATTEMPTS_SHOWN = queries.ATTEMPTS_SHOWN, 2
    try:
        with bench.engine.connect() as connection:
            (line,) = deliveries(connection, program.webhook.id)
    finally:
        queries.ATTEMPTS_SHOWN = queries_shown
    assert len(line.attempts) == 2


def test_who_takes_nothing_is_told_once_it_lasts_or_is_stopped(
    bench: Bench, programs: Programs
) -> None:
    program, paused = programs.add(page=500), programs.add("autre", page=500)
    bench.acknowledged()
    programs.run()
    pause_webhook(bench.tools, bench.authority_id, paused.webhook.id, AUTHOR)
    began = bench.clock.now()
    with bench.engine.connect() as connection:
        assert troubled_webhooks(connection, began - timedelta(seconds=1)) == []
        (failing,) = troubled_webhooks(connection, began)
    assert (failing.name, failing.state, failing.since) == ("agenda", WebhookState.ACTIVE, began)
    assert failing.collectivite == "Commune de Saint-Exemple"
    while programs.now_of(program).state is WebhookState.ACTIVE:
        bench.clock.advance(DISABLED_AFTER.total_seconds() / 5)
        programs.run()
    with bench.engine.connect() as connection:
        (stopped,) = troubled_webhooks(connection, began - timedelta(days=30))
    assert (stopped.state, stopped.since) == (WebhookState.DISABLED, began)
    assert stopped.reason is not None


def test_what_was_ended_needs_no_key_and_has_no_owner(bench: Bench, programs: Programs) -> None:
    with bench.engine.connect() as connection:
        assert not has_webhooks(connection)
    number = programs.add().webhook.id
    with bench.engine.connect() as connection:
        assert has_webhooks(connection)
        assert owner_of_webhook(connection, number) == (bench.authority_id, "123456782")
        assert owner_of_webhook(connection, 999) is None
    end_webhook(bench.tools, bench.authority_id, number, Author("a", "b"))
    with bench.engine.connect() as connection:
        assert not has_webhooks(connection)
        assert owner_of_webhook(connection, number) is None
