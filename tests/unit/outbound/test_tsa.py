"""Authorities of time over HTTP: honest, away, slow or lying, on real sockets."""

import base64
import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support import tsa
from tests.support.tsa import OpensslTsa, ServedTsa, served
from transmission.outbound.http import Timeouts
from transmission.outbound.tsa import ANSWER_MAX, REST, HttpTimeStamper, TsaAccess
from transmission.ports.time_stamps import NotStamped, Stamped
from transmission.signature.time_stamp import TimeStampFormat, build_request

DIGEST = hashlib.sha256(b"une ancre").digest()
QUICK = Timeouts(connect=2.0, read=0.3, body=0.5, whole=1.0)
Serve = Callable[..., ServedTsa]


class Ticking:
    """A clock that stands still unless told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> OpensslTsa:
    return OpensslTsa(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def serve(authority: OpensslTsa) -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda answer=authority.answer: stack.enter_context(served(answer))


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


def _stamper(
    authority: OpensslTsa,
    clock: Ticking,
    *addresses: str,
    policy: str | None = None,
    **access: Any,
) -> HttpTimeStamper:
    return HttpTimeStamper(
        TsaAccess(addresses=addresses, timeouts=QUICK, **access),
        TimeStampFormat(authority.roots_file, policy),
        lambda size: b"\x99" * size,
        clock,
    )


def test_a_token_is_asked_for_checked_and_given(
    authority: OpensslTsa, serve: Serve, clock: Ticking
) -> None:
    there = serve()
    given = _stamper(authority, clock, there.address, policy=tsa.POLICY).stamp(DIGEST)
    assert isinstance(given, Stamped)
    assert authority.accepts(given.token, DIGEST)
    (asked,) = there.asked
    assert asked.headers["Content-Type"] == "application/timestamp-query"
    assert asked.body == build_request(DIGEST, 0x01_99999999_99999999, tsa.POLICY)
    assert "Authorization" not in asked.headers


def _other_digest(authority: OpensslTsa, request: bytes) -> bytes:
    return authority.answer(request.replace(DIGEST, bytes(32)))


def _other_nonce(authority: OpensslTsa, request: bytes) -> bytes:
    return authority.answer(request.replace(b"\x99" * 8, b"\x98" * 8))


def _altered(authority: OpensslTsa, request: bytes) -> bytes:
    return authority.answer(request)[:-1] + b"\0"


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        (_other_digest, "autre empreinte"),
        (_other_nonce, "autre demande"),
        (_altered, "signature"),
        (lambda *_: b"\0" * 500, "n'est pas celle d'une autorité"),
        (lambda *_: b"", "n'est pas celle d'une autorité"),
        (lambda *_: b"0" * (ANSWER_MAX + 1), "dépasse 65536 octets"),
    ],
)
def test_a_lie_is_told_and_nothing_is_kept(
    authority: OpensslTsa,
    serve: Serve,
    clock: Ticking,
    lie: Callable[[OpensslTsa, bytes], bytes],
    why: str,
) -> None:
    there = serve(lambda request: lie(authority, request))
    given = _stamper(authority, clock, there.address).stamp(DIGEST)
    assert isinstance(given, NotStamped)
    assert why in given.reason
    assert given.reason.startswith("127.0.0.1 : ")


def test_an_expired_certificate_stamps_nothing(
    tmp_path: Path, serve: Serve, clock: Ticking
) -> None:
    ended = tsa.tsa_certificate(end=datetime(2020, 6, 1, tzinfo=UTC))
    expired = OpensslTsa(tmp_path, ended)
    given = _stamper(expired, clock, serve(expired.answer).address).stamp(DIGEST)
    assert isinstance(given, NotStamped)
    assert "avait expiré le 01/06/2020" in given.reason


def test_another_policy_than_the_one_wanted_stamps_nothing(
    authority: OpensslTsa, serve: Serve, clock: Ticking
) -> None:
    there = serve()
    given = _stamper(authority, clock, there.address, policy="1.2.3.4").stamp(DIGEST)
    assert given == NotStamped("127.0.0.1 : l'autorité refuse : politique inconnue ; " + _SAID)
    # One that stamps under its own all the same is found out.
    there.answer = lambda _: authority.answer(build_request(DIGEST, 0x01_99999999_99999999))
    clock.now += REST
    given = _stamper(authority, clock, there.address, policy="1.2.3.4").stamp(DIGEST)
    assert isinstance(given, NotStamped)
    assert "autre politique" in given.reason


_SAID = "Requested policy is not supported."


@pytest.mark.parametrize(
    ("status", "headers", "why"),
    [
        (500, {"Content-Type": "application/timestamp-reply"}, "répond 500"),
        (302, {"Location": "https://ailleurs.example/"}, "répond 302"),
        (401, {}, "répond 401"),
        (200, {"Content-Type": "text/html"}, "pas du type application/timestamp-reply"),
        (200, {}, "pas du type application/timestamp-reply"),
    ],
)
def test_an_answer_of_another_kind_is_told(
    authority: OpensslTsa,
    serve: Serve,
    clock: Ticking,
    status: int,
    headers: dict[str, str],
    why: str,
) -> None:
    there = serve()
    there.status, there.headers = status, headers
    given = _stamper(authority, clock, there.address).stamp(DIGEST)
    assert isinstance(given, NotStamped)
    assert why in given.reason
    assert len(there.asked) == 1


def test_a_silent_authority_is_left_and_the_next_is_asked(
    authority: OpensslTsa, serve: Serve, clock: Ticking
) -> None:
    over = threading.Event()

    def silent(_: bytes) -> bytes:
        over.wait(30)
        return b""

    slow, good = serve(silent), serve()
    stamper = _stamper(authority, clock, slow.address, good.address)
    try:
        assert isinstance(stamper.stamp(DIGEST), Stamped)
        # It rests meanwhile: nobody waits for it again.
        assert isinstance(stamper.stamp(DIGEST), Stamped)
        assert (len(slow.asked), len(good.asked)) == (1, 2)
        clock.now += REST
        assert isinstance(stamper.stamp(DIGEST), Stamped)
        assert (len(slow.asked), len(good.asked)) == (2, 3)
    finally:
        over.set()


def test_nobody_answers_and_each_is_told(
    authority: OpensslTsa, serve: Serve, clock: Ticking
) -> None:
    bad = serve(lambda _: b"")
    gone = f"http://localhost:{_free_port()}/"
    stamper = _stamper(authority, clock, gone, bad.address)
    first, second = stamper.stamp(DIGEST), stamper.stamp(DIGEST)
    assert isinstance(first, NotStamped)
    assert first == second
    assert first.reason.split(" ; ")[0].startswith("localhost : ")
    assert first.reason.split(" ; ")[1].startswith("127.0.0.1 : la réponse n'est pas")
    assert len(bad.asked) == 1


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_the_password_is_read_at_each_request_and_shown_nowhere(
    authority: OpensslTsa, serve: Serve, clock: Ticking, tmp_path: Path
) -> None:
    there, file = serve(), tmp_path / "password"
    file.write_text("premier\n", encoding="utf-8")
    access: dict[str, Any] = {"user": "saint-exemple", "password_file": file}
    stamper = _stamper(authority, clock, there.address, **access)
    assert isinstance(stamper.stamp(DIGEST), Stamped)
    file.write_text("second", encoding="utf-8")
    there.status = 401
    refused = stamper.stamp(DIGEST)
    assert [asked.headers["Authorization"] for asked in there.asked] == [
        "Basic " + base64.b64encode(f"saint-exemple:{each}".encode()).decode()
        for each in ("premier", "second")
    ]
    assert "second" not in repr(refused)
    clock.now += REST
    file.unlink()
    gone = stamper.stamp(DIGEST)
    assert isinstance(gone, NotStamped)
    assert str(file) in gone.reason
