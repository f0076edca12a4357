"""Events told to programs: signed, once, to whom they were meant for."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.web_server import Request, WebServer
from transmission.outbound.http import Timeouts
from transmission.outbound.webhook import ANSWER_MAX, HttpWebhookSender, signature
from transmission.ports.outbound import (
    Delivered,
    Delivery,
    Heard,
    Refused,
    Unavailable,
    WebhookCall,
)

SECRET = bytes(range(32))
BODY = json.dumps({"type": "rappel", "acte": "D2026_001", "objet": "École"}).encode()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(f"whsec_{base64.b64encode(SECRET).decode()}\n")
    return file


@pytest.fixture
def post(pki: Any, secret: Path, now: datetime) -> Callable[..., Delivery]:
    """Posts an event to an address."""

    def posted(address: str, wait: float = 5, **changes: Any) -> Delivery:
        fields = {
            "key": "msg_7",
            "address": address,
            "body": BODY,
            "sent_at": now,
            "secret_file": secret,
        }
        whole = changes.pop("whole", None)
        sender = HttpWebhookSender(ca_file=pki.ca, timeouts=Timeouts(5, wait, whole=whole))
        return sender.post(WebhookCall(**(fields | changes)))

    return posted


Post = Callable[..., Delivery]


def test_the_signature_is_that_of_the_published_example(now: datetime) -> None:
    # The test vector of the specification's reference implementations.
    call = WebhookCall(
        key="msg_p5jXN8AQM9LWM0D4loKWxJek",
        address="https://site.example/",
        body=b'{"test": 2432232314}',
        sent_at=datetime.fromtimestamp(1614265330, tz=now.tzinfo),
        secret_file=Path("unused"),
    )
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert signature(secret, call) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_program_receives_the_event_and_can_tell_who_sent_it(
    web: WebServer, post: Post, now: datetime
) -> None:
    web.pages["/hook?x=1"] = lambda request: request.says(b"merci", 202)
    assert post(web.url("/hook?x=1")) == Delivered("202 merci", Heard(202, "merci"))
    (asked,) = web.asked
    assert (asked.method, asked.body) == ("POST", BODY)
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["webhook-id"] == "msg_7"
    stamp = asked.headers["webhook-timestamp"]
    assert int(stamp) == int(now.timestamp())
    signed = b".".join([b"msg_7", stamp.encode(), BODY])
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert asked.headers["webhook-signature"] == f"v1,{expected}"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, Delivered), (204, Delivered), (301, Refused), (307, Refused), (400, Refused),
        (401, Refused), (404, Refused), (408, Unavailable), (410, Refused), (425, Unavailable),
        (429, Unavailable), (500, Unavailable), (502, Unavailable), (503, Unavailable),
    ],
)  # fmt: skip
def test_the_status_says_what_became_of_it(
    web: WebServer, post: Post, status: int, kind: type
) -> None:
    web.pages["/hook"] = lambda request: request.says(b"", status, Location="/elsewhere")
    assert isinstance(post(web.url("/hook")), kind)
    assert [asked.path for asked in web.asked] == ["/hook"]


def test_a_long_answer_is_not_read_to_its_end(web: WebServer, post: Post) -> None:
    def page(request: Request) -> None:
        request.begins(200, None)
        while True:
            request.wfile.write(b"x" * ANSWER_MAX)

    web.pages["/hook"] = page
    outcome = post(web.url("/hook"))
    assert isinstance(outcome, Delivered)
    assert len(outcome.detail) < 400


def test_an_answer_cut_after_its_status_is_an_answer(web: WebServer, post: Post) -> None:
    def page(request: Request) -> None:
        request.begins(200, 1_000)
        request.wfile.write(b"mer")
        request.cuts()

    web.pages["/hook"] = page
    assert post(web.url("/hook")) == Delivered("200 mer", Heard(200, "mer"))


def test_what_the_program_says_is_shown_on_one_harmless_line(web: WebServer, post: Post) -> None:
    web.pages["/hook"] = lambda request: request.says(b"non\r\n\x1b[31m rouge\xff", 422)
    outcome = post(web.url("/hook"))
    said = "non \ufffd[31m rouge\ufffd"
    assert outcome == Refused(f"le programme appelé refuse : 422 {said}", Heard(422, said))


@pytest.mark.parametrize("page", [Request.cuts, Request.waits])
def test_without_an_answer_nobody_knows(
    web: WebServer, post: Post, page: Callable[[Request], None]
) -> None:
    web.pages["/hook"] = page
    assert isinstance(post(web.url("/hook"), 0.2), Unavailable)
    assert len(web.asked) == 1


def test_an_event_travels_in_clear_to_this_very_machine_alone(
    start_web: Callable[..., WebServer], post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    clear = start_web(None)
    clear.pages["/hook"] = lambda request: request.says(b"")
    assert post(clear.url("/hook")) == Delivered("200", Heard(200, ""))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("192.0.2.1", 80))])
    outcome = post(clear.url("/hook", "site.example"))
    assert isinstance(outcome, Unavailable)
    assert "192.0.2.1, qui n'est pas une adresse de cette machine même" in outcome.reason
    assert len(clear.asked) == 1


def test_a_program_that_does_not_prove_who_it_is_is_told_nothing(
    start_web: Callable[..., WebServer], post: Post, pki: Any
) -> None:
    server = start_web(pki.stranger)
    outcome = post(server.url("/hook"))
    assert isinstance(outcome, Unavailable)
    assert "certificat du serveur est refusé" in outcome.reason
    assert server.asked == []


@pytest.mark.parametrize(
    "content",
    [
        b"", b"whsec_", b"whsec_AAAA", b"whsec_" + b"!" * 40, b"whsec_" + b"A" * 31,
        base64.b64encode(SECRET), b"whsec_" + base64.b64encode(bytes(65)), b"\xff\xfe",
        "whsec_é".encode(),
    ],
)  # fmt: skip
def test_a_secret_that_cannot_be_used_is_told_and_shown_to_nobody(
    web: WebServer, post: Post, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "wrong"
    file.write_bytes(content)
    outcome = post(web.url("/hook"), secret_file=file)
    assert isinstance(outcome, Unavailable)
    assert str(file) in outcome.reason
    assert "AAAA" not in outcome.reason
    assert web.asked == []


def test_a_missing_secret_is_told(web: WebServer, post: Post, tmp_path: Path) -> None:
    outcome = post(web.url("/hook"), secret_file=tmp_path / "absent")
    assert isinstance(outcome, Unavailable)
    assert "ne peut pas être lu" in outcome.reason


def test_two_secrets_sign_together_and_neither_is_shown(
    web: WebServer, post: Post, now: datetime
) -> None:
    web.pages["/hook"] = lambda request: request.says(b"")
    former = bytes(24)
    post(web.url("/hook"), secret_file=None, secrets=(SECRET, former), content_type="text/x")
    (asked,) = web.asked
    signed = b".".join([b"msg_7", asked.headers["webhook-timestamp"].encode(), BODY])
    expected = [
        "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        for key in (SECRET, former)
    ]
    assert asked.headers["webhook-signature"].split(" ") == expected
    assert asked.headers["content-type"] == "text/x"
    call = WebhookCall(key="k", address="https://x", body=b"", sent_at=now, secrets=(SECRET,))
    assert repr(SECRET) not in repr(call)


def _trickles(request: Request) -> None:
    """A status that never comes to its end, one byte after the other."""
    request.wfile.write(b"HTTP/1.1 ")
    while not request.server.stopped.wait(0.05):
        request.wfile.write(b"x")


def test_a_program_that_trickles_is_cut_at_the_end_of_its_time(
    web: WebServer, start_web: Callable[..., WebServer], post: Post
) -> None:
    for server in (web, start_web(None)):
        server.pages["/hook"] = _trickles
        # No wait is ever longer than that of a byte: only the whole is bounded.
        assert isinstance(post(server.url("/hook"), 20, whole=0.5), Unavailable)


def test_the_time_of_a_call_that_was_answered_cuts_nothing(web: WebServer, post: Post) -> None:
    web.pages["/hook"] = lambda request: request.says(b"ok")
    before = threading.active_count()
    assert isinstance(post(web.url("/hook"), whole=30), Delivered)
    assert all(not isinstance(each, threading.Timer) for each in threading.enumerate()), before


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("ftp://site.example/", "https:// ou http://"),
        ("https://moi:secret@site.example/", "mot de passe"),
        ("https://", "mal formée"),
        ("http://192.0.2.1/", "n'est pas une adresse de cette machine même"),
        ("https://absent.invalid/", "introuvable"),
    ],
)
def test_an_address_that_will_not_be_called_is_told_before(address: str, why: str) -> None:
    refusal = HttpWebhookSender().refusal(address)
    assert refusal is not None
    assert why in refusal
    assert "secret" not in refusal


def test_an_address_of_this_machine_may_be_called_unless_the_public_alone_may() -> None:
    for address in ("http://127.0.0.1:8000/hook", "https://127.0.0.1/hook", "http://[::1]/"):
        assert HttpWebhookSender().refusal(address) is None
        assert HttpWebhookSender(public_only=True).refusal(address) is not None
    assert HttpWebhookSender(public_only=True).refusal("https://8.8.8.8/hook") is None
    assert HttpWebhookSender(public_only=True).refusal("http://8.8.8.8/hook") is not None


def test_the_private_network_is_not_called_when_the_public_alone_may_be(
    web: WebServer, pki: Any, now: datetime
) -> None:
    sender = HttpWebhookSender(ca_file=pki.ca, public_only=True)
    call = WebhookCall(key="k", address=web.url("/hook"), body=b"", sent_at=now, secrets=(SECRET,))
    outcome = sender.post(call)
    assert isinstance(outcome, Unavailable)
    assert "n'est pas une adresse publique" in outcome.reason
    assert web.asked == []
