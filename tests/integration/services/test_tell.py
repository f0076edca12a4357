"""Events on their way to programs: in order, at least once, nobody waiting for anybody else."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.support.bench import Bench
from tests.support.programs import Programs, is_genuine
from tests.support.scene import AUTHOR
from tests.support.web_server import Request, WebServer, web_server
from transmission.domain.webhooks import WebhookState
from transmission.mocktdt.pki import CertificateAuthority
from transmission.outbound.http import Timeouts
from transmission.outbound.webhook import USUAL, HttpWebhookSender
from transmission.services import tell as telling
from transmission.services.deliver import RETRIES
from transmission.services.tell import CALLERS, DISABLED_AFTER, HOLD, ROUND, SHARE
from transmission.services.webhooks import pause_webhook, resume_webhook, rotate_secret
from workers.queues import TIME_LIMIT


@pytest.fixture
def tls(tmp_path: Path, bench: Bench, programs: Programs) -> Iterator[WebServer]:
    """A server by TLS, which the bench trusts."""
    authority = CertificateAuthority()
    identity = authority.server(("127.0.0.1",))
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    (tmp_path / "server.pem").write_bytes(identity.certificate + identity.key)
    bench.tools = replace(bench.tools, webhooks=HttpWebhookSender(ca_file=tmp_path / "ca.pem"))
    with web_server(str(tmp_path / "server.pem")) as server:
        yield server


def _minutes(bench: Bench, minutes: float) -> None:
    bench.clock.advance(minutes * 60)


def test_an_event_comes_by_tls_signed_in_the_structured_mode_of_cloud_events(
    bench: Bench, programs: Programs, tls: WebServer
) -> None:
    program = programs.add(web=tls)
    bench.acknowledged()
    programs.run()
    assert program.webhook.url.startswith("https://")
    assert program.types == ["acte.pris_en_charge", "acte.transmis", "acte.recu"]
    for asked, event in zip(program.asked, program.events, strict=True):
        assert is_genuine(asked, program.secret)
        assert asked.headers["content-type"] == "application/cloudevents+json; charset=UTF-8"
        assert asked.headers["webhook-id"] == event["id"]
        assert int(asked.headers["webhook-timestamp"]) == int(bench.clock.now().timestamp())
    assert all(row.delivered_at and row.attempts == 1 for row in programs.notices(program))
    (first, *_) = programs.attempts(program)
    assert (first.status, first.failure, first.finished_at) == (200, None, bench.clock.now())
    assert programs.now_of(program).last_success_at == bench.clock.now()


def test_every_attempt_is_kept_with_what_the_program_said(bench: Bench, programs: Programs) -> None:
    program = programs.add(page=lambda r: r.says(b"non\r\n\x1b[31m" + b"x" * 9000, 503))
    bench.acte()
    programs.run()
    (attempt,) = programs.attempts(program)
    assert attempt.status == 503
    assert attempt.answer.startswith("non \ufffd[31mxx")
    assert len(attempt.answer) == 300
    assert attempt.failure.startswith("le programme appelé n'y parvient pas : 503 non")


def test_a_receiver_down_three_days_gets_everything_in_order_once(
    bench: Bench, programs: Programs
) -> None:
    program = programs.add(page=Request.cuts)
    bench.acknowledged()
    spent = 0
    while spent < 3 * 24 * 60:
        programs.run()
        _minutes(bench, 7)
        spent += 7
    bench.acknowledged()
    tries = len(program.asked)
    # Once each time, for all that waits: 1, 6, 36, 156, 516, 1236, 2676 and 4116 minutes later.
    assert tries == len(RETRIES) + 1
    program.answers(200)
    _minutes(bench, 1440)
    programs.run()
    assert program.sequences[tries:] == [1, 2, 3, 4, 5, 6]
    assert all(row.delivered_at for row in programs.notices(program))
    healthy = programs.now_of(program)
    assert (healthy.state, healthy.failures, healthy.failing_since) == (
        WebhookState.ACTIVE, 0, None,
    )  # fmt: skip


def test_a_program_that_takes_nothing_for_days_is_stopped_and_loses_nothing(
    bench: Bench, programs: Programs
) -> None:
    program = programs.add(page=500)
    bench.acknowledged()
    begun = bench.clock.now()
    with structlog.testing.capture_logs() as logs:
        while programs.now_of(program).state is WebhookState.ACTIVE:
            programs.run()
            _minutes(bench, 60)
    assert DISABLED_AFTER <= bench.clock.now() - begun < DISABLED_AFTER + timedelta(days=2)
    assert [log["event"] for log in logs] == ["webhook disabled"]
    stopped = programs.now_of(program)
    assert stopped.state is WebhookState.DISABLED
    assert "500" in (stopped.state_reason or "")
    before = len(program.asked)
    bench.acte()
    _minutes(bench, 10_000)
    programs.run()
    assert len(program.asked) == before
    program.answers(200)
    resume_webhook(bench.tools, bench.authority_id, program.webhook.id, AUTHOR)
    bench.run("announce", "tell")
    assert program.sequences[before:] == [1, 2, 3, 4]


def test_a_program_that_says_gone_is_told_nothing_more(bench: Bench, programs: Programs) -> None:
    program = programs.add(page=410)
    bench.acknowledged()
    programs.run()
    _minutes(bench, 10_000)
    programs.run()
    assert len(program.asked) == 1
    assert programs.now_of(program).state is WebhookState.DISABLED
    program.answers(200)
    resume_webhook(bench.tools, bench.authority_id, program.webhook.id, AUTHOR)
    bench.run("announce", "tell")
    assert program.sequences == [1, 1, 2, 3]


def test_one_event_that_is_refused_holds_no_other_back_and_is_given_up(
    bench: Bench, programs: Programs
) -> None:
    def page(request: Request) -> None:
        poisoned = b'"000000000002"' in request.server.asked[-1].body
        request.says(b"", 422 if poisoned else 200)

    program = programs.add(page=page)
    bench.acknowledged()
    programs.run()
    assert program.sequences == [1, 2, 3]
    bench.acte()
    programs.run()
    assert program.sequences == [1, 2, 3, 4]
    for wait in RETRIES:
        bench.clock.advance(wait.total_seconds())
        bench.acte()
        programs.run()
    refused = programs.notices(program)[1]
    assert refused.next_attempt_at is None
    assert refused.failure.startswith("Abandonné après 9 essais : le programme appelé refuse : 422")
    assert programs.now_of(program).state is WebhookState.ACTIVE
    assert program.sequences.count(2) == len(RETRIES) + 1
    assert [row.delivered_at is None for row in programs.notices(program)].count(True) == 1


def test_two_events_refused_in_a_row_are_the_fault_of_the_program(
    bench: Bench, programs: Programs
) -> None:
    program = programs.add(page=404)
    bench.acknowledged()
    programs.run()
    assert program.sequences == [1, 2]
    resting = programs.now_of(program)
    assert resting.rests_until == bench.clock.now() + RETRIES[0]
    program.answers(200)
    _minutes(bench, 1)
    programs.run()
    assert program.sequences == [1, 2, 1, 2, 3]


def test_what_was_not_taken_goes_first_once_the_program_is_back(
    bench: Bench, programs: Programs
) -> None:
    program = programs.add(page=422)
    bench.acte()
    programs.run()
    for wait in RETRIES[:2]:
        bench.clock.advance(wait.total_seconds())
        programs.run()
    program.answers(Request.cuts)
    bench.clock.advance(RETRIES[2].total_seconds())
    programs.run()
    # Its own fourth wait is of two hours, that of the program one of a minute.
    program.answers(200)
    bench.acte()
    _minutes(bench, 1)
    programs.run()
    assert program.sequences == [1, 1, 1, 1, 1, 2]


def test_a_pause_holds_from_the_very_next_call(bench: Bench, programs: Programs) -> None:
    program = programs.add()

    def page(request: Request) -> None:
        pause_webhook(bench.tools, bench.authority_id, program.webhook.id, AUTHOR)
        request.says(b"")

    program.answers(page)
    bench.acknowledged()
    programs.run()
    assert program.sequences == [1]
    program.answers(200)
    resume_webhook(bench.tools, bench.authority_id, program.webhook.id, AUTHOR)
    bench.run("tell")
    assert program.sequences == [1, 2, 3]


def test_both_secrets_sign_until_the_end_of_the_overlap(bench: Bench, programs: Programs) -> None:
    program = programs.add()
    bench.acte()
    programs.run()
    _, new = rotate_secret(
        bench.tools, bench.authority_id, program.webhook.id, AUTHOR, randomness=os.urandom
    )
    assert new != program.secret
    bench.acte()
    programs.run()
    bench.clock.advance(24 * 3600 - 1)
    bench.acte()
    programs.run()
    bench.clock.advance(1)
    bench.acte()
    programs.run()
    old = [is_genuine(asked, program.secret) for asked in program.asked]
    assert old == [True, True, True, False]
    assert [is_genuine(asked, new) for asked in program.asked] == [False, True, True, True]
    signatures = [asked.headers["webhook-signature"].count("v1,") for asked in program.asked]
    assert signatures == [1, 2, 2, 1]


def test_a_slow_program_delays_no_other_one_of_any_authority(
    bench: Bench, programs: Programs
) -> None:
    slow = programs.add("lent")
    quick = programs.add("vif")
    theirs = programs.add("voisin", authority_id=bench.second_id)
    all_others = threading.Event()

    def drag(request: Request) -> None:
        # Answers once everybody else was told everything, however long it takes.
        assert all_others.wait(20)
        request.says(b"")

    def watch(request: Request) -> None:
        request.says(b"")
        if len(quick.asked) == 30 and len(theirs.asked) == 1:
            all_others.set()

    slow.answers(drag)
    quick.answers(watch)
    theirs.answers(watch)
    for _ in range(10):
        bench.acknowledged()
    bench.acte(authority_id=bench.second_id)
    programs.run()
    assert all_others.is_set()
    assert [len(each.asked) for each in (slow, quick, theirs)] == [30, 30, 1]


def test_a_program_gives_its_place_to_the_next_after_its_share(
    bench: Bench, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "CALLERS", 1)
    order: list[str] = []

    def page(name: str) -> Any:
        def play(request: Request) -> None:
            order.append(name)
            bench.clock.advance(SHARE.total_seconds() / 2)
            request.says(b"")

        return play

    for name in ("a", "b"):
        programs.add(name, page=page(name))
    bench.acknowledged()
    programs.announce()
    bench.silence()
    programs.tell()
    assert order == ["a", "a", "b", "b", "a", "b"]
    for _ in range(6):
        bench.acknowledged()
    programs.announce()
    bench.silence()
    order.clear()
    programs.tell()
    # Its time is over, and there is more to do.
    assert len(order) * SHARE / 2 == ROUND
    assert bench.bells() == [("tell", 0)]


def test_nobody_else_calls_a_program_that_is_being_called(bench: Bench, programs: Programs) -> None:
    program = programs.add()

    def page(request: Request) -> None:
        if len(program.asked) == 1:
            programs.tell()
        request.says(b"")

    program.answers(page)
    bench.acknowledged()
    programs.run()
    assert program.sequences == [1, 2, 3]


CHILD = """
import sys
from pathlib import Path
from transmission.bootstrap import wire
from transmission.clock import SystemClock
from transmission.services.tell import tell
from transmission.settings import Settings
from transmission.store.unit_of_work import open_engine
settings = Settings(secrets_key_file=Path(sys.argv[2]))
engine = open_engine(sys.argv[1])
class Clock:
    def now(self):
        from datetime import datetime
        return datetime.fromisoformat(sys.argv[3])
tell(wire(settings, engine, Clock()))
"""


def test_a_process_killed_between_the_call_and_its_outcome_calls_again_under_the_same_name(
    bench: Bench, programs: Programs, database_url: str, tmp_path: Path
) -> None:
    program = programs.add()
    bench.acknowledged()
    programs.announce()
    children: list[subprocess.Popen[bytes]] = []

    def kill(request: Request) -> None:
        if len(program.asked) == 2:
            os.kill(children[0].pid, signal.SIGKILL)
            children[0].wait(20)
            return
        request.says(b"")

    program.answers(kill)
    now = bench.clock.now().isoformat()
    arguments = [database_url, str(tmp_path / "secrets.key"), now]
    ready = threading.Lock()
    with ready:
        children.append(subprocess.Popen([sys.executable, "-c", CHILD, *arguments]))
    assert children[0].wait(30) == -signal.SIGKILL
    assert program.sequences == [1, 2]
    program.answers(200)
    # Somebody may still be calling it.
    programs.tell()
    assert program.sequences == [1, 2]
    bench.clock.advance(HOLD.total_seconds())
    programs.run()
    assert program.sequences == [1, 2, 2, 3]
    first, second = program.asked[1:3]
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    interrupted = programs.attempts(program)[1]
    assert (interrupted.finished_at, interrupted.status) == (None, None)
    assert all(row.delivered_at for row in programs.notices(program))


def test_without_the_key_nothing_is_called_and_everything_waits(
    bench: Bench, programs: Programs, tmp_path: Path
) -> None:
    program = programs.add()
    bench.acte()
    key = tmp_path / "secrets.key"
    kept = key.read_text()
    key.write_text("AAAA\n")
    programs.run()
    assert program.asked == []
    assert programs.now_of(program).rests_until is not None
    key.write_text(kept)
    _minutes(bench, 1)
    programs.run()
    assert program.sequences == [1]


def test_a_fault_of_ours_is_an_attempt_like_another(
    bench: Bench, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = programs.add()
    bench.acte()

    def post(_self: Any, _call: Any) -> Any:
        raise ZeroDivisionError(program.secret)

    with monkeypatch.context() as patched, structlog.testing.capture_logs() as logs:
        patched.setattr(HttpWebhookSender, "post", post)
        programs.run()
    assert [log["event"] for log in logs] == ["event not sent"]
    (attempt,) = programs.attempts(program)
    assert attempt.failure == "défaut du programme (ZeroDivisionError), à signaler."
    _minutes(bench, 1)
    programs.run()
    assert program.sequences == [1]


def test_a_turn_is_over_before_another_may_take_its_program() -> None:
    call = timedelta(seconds=USUAL.connect + (USUAL.whole or 0))
    assert SHARE + call < HOLD
    assert ROUND + SHARE + call < timedelta(seconds=TIME_LIMIT)
    assert isinstance(USUAL, Timeouts)
    assert CALLERS > 1
