"""Notices on their way: sent at least once, known by one name, put off, refused, given up."""

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.support.bench import Bench
from tests.support.limits import notices
from tests.support.scene import START
from transmission.domain.collectivite import Webhook
from transmission.domain.errors import NotFoundError
from transmission.ports.notices import Channel, Fate, NewNotice, Notice
from transmission.ports.outbound import Delivered, Delivery, Mail, Refused, Unavailable, WebhookCall
from transmission.services.deliver import (
    BATCH,
    LEASE,
    RETRIES,
    SHARE,
    SLOW,
    deliver,
    fate_of,
    replay,
    ring_deliveries,
)
from workers.queues import TIME_LIMIT

AGENT = "assemblees@example.org"
PROGRAM = Webhook("https://agenda.example.org/echeances", "secret.txt")


class Stopped(BaseException):
    """The process dies."""


@dataclass
class Outside:
    """A mail server and a program that answer what the test says, and remember."""

    answers: list[Any] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    calls: list[WebhookCall] = field(default_factory=list)

    def send(self, mail: Mail) -> Delivery:
        self.mails.append(mail)
        return self._answer()

    def post(self, call: WebhookCall) -> Delivery:
        self.calls.append(call)
        return self._answer()

    def _answer(self) -> Delivery:
        answer = self.answers.pop(0) if self.answers else Delivered("OK")
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        kept: Delivery = answer
        return kept


@pytest.fixture
def outside(bench: Bench) -> Outside:
    """The outside of a bench whose authority has a program to tell."""
    made = Outside()
    bench.tools = replace(bench.tools, mailer=made, webhooks=made)
    bench.changed(
        lambda owner: replace(
            owner,
            droit=replace(owner.droit, rappels_courriels=(AGENT,), rappels_webhooks=(PROGRAM,)),
        )
    )
    return made


def _add(bench: Bench, key: str = "k", channel: Channel = Channel.MAIL, **changes: Any) -> None:
    if channel is Channel.MAIL:
        values = {"target": AGENT, "content": {"subject": "s", "text": "t", "html": "h"}}
    else:
        values = {"target": PROGRAM.url, "content": {"id": f"event-{key}", "data": {"é": 1}}}
    new = NewNotice(
        collectivite_id=bench.authority_id, kind="rappel", key=key, channel=channel,
        **(values | changes),
    )  # fmt: skip
    with bench.tools.register() as unit:
        assert unit.add_notice(new, bench.clock.now())
        unit.commit()


def _deliver(bench: Bench) -> None:
    deliver(bench.tools, bench.authority_id)


def _row(bench: Bench) -> Any:
    (row,) = notices(bench.engine)
    return row


def test_a_mail_is_sent_as_it_was_written_and_is_then_over(bench: Bench, outside: Outside) -> None:
    _add(bench)
    bench.clock.advance(90)
    _deliver(bench)
    assert outside.mails == [
        Mail(
            key=f"123456782:{AGENT}:k",
            recipient=AGENT,
            subject="s",
            text="t",
            html="h",
            written_at=START,
        )
    ]
    row = _row(bench)
    assert (row.delivered_at, row.next_attempt_at, row.failure, row.attempts) == (
        bench.clock.now(), None, None, 1,
    )  # fmt: skip
    _deliver(bench)
    assert len(outside.mails) == 1


def test_an_event_is_posted_in_json_under_its_own_id_at_the_instant_of_the_attempt(
    bench: Bench, outside: Outside
) -> None:
    _add(bench, channel=Channel.WEBHOOK)
    bench.clock.advance(90)
    _deliver(bench)
    (call,) = outside.calls
    assert (call.key, call.address, call.secret_file) == (
        "event-k",
        PROGRAM.url,
        Path("secret.txt"),
    )
    assert call.sent_at == bench.clock.now()
    assert json.loads(call.body) == {"id": "event-k", "data": {"é": 1}}
    assert _row(bench).delivered_at == bench.clock.now()


def test_no_transaction_is_open_while_the_network_is_used(bench: Bench, outside: Outside) -> None:
    def look() -> Delivery:
        assert bench.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        # The intent is already durable.
        assert _row(bench).attempts == 1
        return Delivered("OK")

    outside.answers = [look]
    _add(bench)
    _deliver(bench)
    assert _row(bench).delivered_at is not None


@pytest.mark.parametrize("channel", [Channel.MAIL, Channel.WEBHOOK])
def test_a_process_that_dies_before_the_outcome_sends_again_under_the_same_name(
    bench: Bench, outside: Outside, channel: Channel
) -> None:
    outside.answers = [Stopped()]
    _add(bench, channel=channel)
    with pytest.raises(Stopped):
        _deliver(bench)
    _deliver(bench)
    ring_deliveries(bench.tools)
    assert ("deliver", bench.authority_id) not in bench.bells()
    bench.clock.advance(LEASE.total_seconds())
    ring_deliveries(bench.tools)
    assert ("deliver", bench.authority_id) in bench.bells()
    bench.run("deliver")
    if channel is Channel.MAIL:
        assert outside.mails[0] == outside.mails[1]
    else:
        assert outside.calls[0].key == outside.calls[1].key
        assert outside.calls[0].body == outside.calls[1].body
    assert len(outside.mails + outside.calls) == 2  # type: ignore[operator]
    assert _row(bench).delivered_at is not None


def test_a_claim_outlives_the_task_that_made_it() -> None:
    assert LEASE.total_seconds() >= TIME_LIMIT


def test_what_nobody_answers_is_tried_again_later_and_later_then_given_up(
    bench: Bench, outside: Outside
) -> None:
    outside.answers = [Unavailable("le serveur ne répond pas")] * 20
    _add(bench)
    begun = bench.clock.now()
    for wait in RETRIES:
        _deliver(bench)
        row = _row(bench)
        assert row.failure == "le serveur ne répond pas."
        assert row.next_attempt_at == bench.clock.now() + wait
        bench.clock.advance(wait.total_seconds() - 1)
        _deliver(bench)
        bench.clock.advance(1)
    assert len(outside.mails) == len(RETRIES)
    _deliver(bench)
    row = _row(bench)
    assert (row.next_attempt_at, row.delivered_at) == (None, None)
    assert row.failure == "Abandonné après 9 essais : le serveur ne répond pas."
    assert timedelta(days=2) < bench.clock.now() - begun < timedelta(days=4)
    bench.clock.advance(1e6)
    _deliver(bench)
    assert len(outside.mails) == len(RETRIES) + 1


def test_what_is_refused_is_kept_with_its_reason_and_not_tried_again(
    bench: Bench, outside: Outside
) -> None:
    outside.answers = [Refused("le serveur de courriel refuse : 550 inconnu")]
    _add(bench)
    _deliver(bench)
    row = _row(bench)
    assert row.failure == "Refusé : le serveur de courriel refuse : 550 inconnu."
    assert (row.next_attempt_at, row.delivered_at) == (None, None)


def test_a_server_that_is_away_is_asked_once_a_turn_and_the_others_are_not_held_back(
    bench: Bench, outside: Outside
) -> None:
    outside.answers = [Unavailable("le serveur ne répond pas")]
    for key in ("1", "2", "3"):
        _add(bench, key)
    _add(bench, channel=Channel.WEBHOOK)
    _deliver(bench)
    assert len(outside.mails) == 1
    assert len(outside.calls) == 1
    rows = notices(bench.engine, "mail")
    assert [row.attempts for row in rows] == [1, 0, 0]
    assert {row.failure for row in rows} == {"le serveur ne répond pas."}


def test_a_mail_that_always_fails_keeps_none_of_the_others(bench: Bench, outside: Outside) -> None:
    greylisted, other = "a@example.org", "b@example.org"

    def send(mail: Mail) -> Delivery:
        taken = mail.recipient != greylisted
        return Delivered("OK") if taken else Unavailable("450 plus tard")

    outside.send = send  # type: ignore[method-assign]
    _add(bench, "1", target=greylisted)
    _add(bench, "2", target=other)
    for _ in range(3):
        _deliver(bench)
        bench.clock.advance(60)
    first, second = notices(bench.engine)
    assert first.delivered_at is None
    assert second.delivered_at is not None


def test_one_program_that_is_away_holds_no_other_back(bench: Bench, outside: Outside) -> None:
    other = Webhook("https://autre.example.org/", "autre.txt")
    bench.changed(
        lambda owner: replace(owner, droit=replace(owner.droit, rappels_webhooks=(PROGRAM, other)))
    )
    outside.answers = [Unavailable("rien")]
    _add(bench, "1", Channel.WEBHOOK)
    _add(bench, "2", Channel.WEBHOOK, target=other.url)
    _deliver(bench)
    assert [row.delivered_at is None for row in notices(bench.engine)] == [True, False]


def test_a_fault_of_ours_is_an_attempt_like_another_and_stops_nothing(
    bench: Bench, outside: Outside
) -> None:
    outside.answers = [ZeroDivisionError("secret")]
    _add(bench)
    _add(bench, channel=Channel.WEBHOOK)
    with structlog.testing.capture_logs() as logs:
        _deliver(bench)
    mail, event = notices(bench.engine)
    assert mail.failure == "défaut du programme (ZeroDivisionError), à signaler."
    assert mail.next_attempt_at is not None
    assert event.delivered_at is not None
    assert [log["event"] for log in logs] == ["notice not sent"]


def test_a_program_that_is_no_longer_in_the_settings_is_not_called(
    bench: Bench, outside: Outside
) -> None:
    _add(bench, channel=Channel.WEBHOOK)
    bench.changed(lambda owner: replace(owner, droit=replace(owner.droit, rappels_webhooks=())))
    _deliver(bench)
    assert outside.calls == []
    assert "n'est plus dans les réglages" in _row(bench).failure
    assert _row(bench).next_attempt_at is None


def test_a_mail_waits_for_a_mail_server(bench: Bench, outside: Outside) -> None:
    _add(bench)
    usual, bench.tools = bench.tools, replace(bench.tools, mailer=None)
    _deliver(bench)
    assert _row(bench).failure == "aucun serveur de courriel n'est réglé."
    bench.tools = usual
    bench.clock.advance(60)
    _deliver(bench)
    assert _row(bench).delivered_at is not None


def test_a_long_queue_is_sent_in_several_tasks(bench: Bench, outside: Outside) -> None:
    for key in range(BATCH + 1):
        _add(bench, f"{key}")
    bench.silence()
    _deliver(bench)
    assert len(outside.mails) == BATCH
    assert bench.bells() == [("deliver", bench.authority_id)]
    bench.run("deliver")
    assert len(outside.mails) == BATCH + 1
    assert bench.bells() == []


def test_what_is_due_again_during_a_task_waits_for_the_next(bench: Bench, outside: Outside) -> None:
    def slow() -> Delivery:
        bench.clock.advance(120)
        return Unavailable("lent")

    outside.answers = [slow, slow]
    _add(bench)
    _add(bench, channel=Channel.WEBHOOK)
    _deliver(bench)
    mail, _ = notices(bench.engine)
    # It fell due while the program was awaited.
    assert mail.next_attempt_at == START + timedelta(seconds=120 + 60)
    assert mail.next_attempt_at < bench.clock.now()


def test_a_server_that_is_slow_is_left_to_the_next_turn_and_the_others_are_served(
    bench: Bench, outside: Outside
) -> None:
    def slow() -> Delivery:
        bench.clock.advance(SHARE.total_seconds() / 2 + 1)
        return Delivered("OK")

    outside.answers = [slow, slow]
    for key in ("1", "2", "3"):
        _add(bench, key)
    _add(bench, channel=Channel.WEBHOOK)
    _deliver(bench)
    assert (len(outside.mails), len(outside.calls)) == (2, 1)
    third = notices(bench.engine, "mail")[2]
    assert (third.attempts, third.failure) == (0, SLOW)
    bench.clock.advance(RETRIES[0].total_seconds())
    _deliver(bench)
    assert all(row.delivered_at for row in notices(bench.engine))


def test_a_bell_that_waits_is_not_rung_twice(bench: Bench, outside: Outside) -> None:
    _add(bench)
    bench.silence()
    ring_deliveries(bench.tools)
    ring_deliveries(bench.tools)
    assert bench.bells() == [("deliver", bench.authority_id)]


def test_a_notice_is_sent_again_by_hand_under_the_same_name(bench: Bench, outside: Outside) -> None:
    outside.answers = [Refused("non")]
    _add(bench)
    _deliver(bench)
    bench.silence()
    replay(bench.tools, _row(bench).id)
    assert bench.bells() == [("deliver", bench.authority_id)]
    bench.run("deliver")
    assert outside.mails[0] == outside.mails[1]
    row = _row(bench)
    assert (row.failure, row.attempts, row.delivered_at) == (None, 1, bench.clock.now())
    with pytest.raises(NotFoundError, match="Aucun avis n° 999"):
        replay(bench.tools, 999)


@pytest.mark.parametrize("attempts", [1, len(RETRIES), len(RETRIES) + 1, 99])
def test_every_attempt_has_a_fate(attempts: int) -> None:
    notice = Notice(
        id=1, collectivite_id=1, kind="rappel", key="k", channel=Channel.MAIL, target=AGENT,
        content={}, at=START, attempts=attempts,
    )  # fmt: skip
    assert fate_of(notice, Delivered("OK"), START) == Fate(at=START)
    assert fate_of(notice, Refused("non"), START) == Fate(at=START, failure="Refusé : non.")
    later = fate_of(notice, Unavailable("rien"), START).next_attempt_at
    expected = RETRIES[attempts - 1] if attempts <= len(RETRIES) else None
    assert later == (None if expected is None else START + expected)
