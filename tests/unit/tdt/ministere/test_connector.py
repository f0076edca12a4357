"""What each answer of a ministry comes to, and how many requests it took."""

import ssl
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from transmission.domain.collectivite import Mailbox
from transmission.domain.outcomes import Accepted, CannotTell, InDoubt, Refused, Unavailable
from transmission.ports import InboxItem, Parcel
from transmission.tdt.identity import mailbox_context, mailbox_password
from transmission.tdt.imap import ImapMailbox
from transmission.tdt.ministere.connector import MinistereConnector

PATH = "/ministere/depot"
ITEM = InboxItem("1.1")


@pytest.fixture
def mailbox(account: Any, pki: Any) -> ImapMailbox:
    """Of a server that nobody runs: port 1 refuses connections."""
    files = pki.file("password"), pki.file("ca.pem")
    described = Mailbox("127.0.0.1", "retours@saint-exemple.example", *files, port=1)
    secret, context = mailbox_password(account, described), mailbox_context(account, described)
    return ImapMailbox(described, secret, context, connect_timeout=5.0, read_timeout=5.0)


@pytest.fixture
def connect(open_link: Any, mailbox: ImapMailbox) -> Callable[..., MinistereConnector]:
    def connector_at(url: str, **options: Any) -> MinistereConnector:
        return MinistereConnector(open_link(url, **options), PATH, mailbox)

    return connector_at


def test_a_deposit_is_posted_to_the_byte_and_keeps_its_evidence(
    server: Any, steps: Any, connect: Any, parcel: Parcel, archive: bytes
) -> None:
    server.steps = [steps.says(b"merci", "200 OK", "Content-Type: text/plain")]
    exchange = connect(server.url).submit(parcel)
    (post,) = server.requests
    name = parcel.archive_name.encode()
    assert exchange.outcome == Accepted(parcel.archive_name)
    assert (post.method, post.target) == ("POST", PATH)
    assert b'name="' + name + b'"; filename="' + name + b'"\r\n' in post.body
    assert b"\r\n\r\n" + archive + b"\r\n--" in post.body
    assert post.body.count(b"form-data") == 1
    assert exchange.response.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")
    assert exchange.response.endswith(b"\r\n\r\nmerci")
    assert f"POST {server.url}{PATH}\nbody: {len(post.body)} bytes\n" in exchange.request
    assert f"archive {parcel.archive_name}: {len(archive)} bytes" in exchange.request
    assert parcel.archive_sha256 in exchange.request


def test_a_burst_keeps_its_connection_and_a_rest_makes_a_new_one(
    server: Any, steps: Any, connect: Any, parcel: Parcel, hand_clock: Any
) -> None:
    server.steps = [steps.says(b"")] * 3
    connector = connect(server.url)
    connector.submit(parcel)
    connector.submit(parcel)
    assert server.connections == 1
    hand_clock.seconds += 60
    connector.submit(parcel)
    assert server.connections == 2
    assert [request.method for request in server.requests] == ["POST"] * 3


def test_a_classification_is_asked_for_by_a_deposit_and_never_fetched(
    server: Any, steps: Any, connect: Any, parcel: Parcel
) -> None:
    server.steps = [steps.says(b"")]
    connector = connect(server.url)
    assert connector.request_classification(parcel).outcome == Accepted(parcel.archive_name)
    assert connector.fetch_classification() is None
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("401 Unauthorized", Unavailable),
        ("403 Forbidden", Unavailable),
        ("404 Not Found", Unavailable),
        ("405 Method Not Allowed", Unavailable),
        ("413 Content Too Large", Refused),
        ("302 Found", InDoubt),
        ("500 Internal Server Error", InDoubt),
    ],
)
def test_a_status_is_one_outcome_after_one_request(
    server: Any, steps: Any, connect: Any, parcel: Parcel, status: str, kind: type
) -> None:
    server.steps = [steps.says(b"<html>", status, "Location: /ailleurs")]
    exchange = connect(server.url).submit(parcel)
    assert isinstance(exchange.outcome, kind)
    assert exchange.response.endswith(b"<html>")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "choose",
    [
        lambda s: s.resets_before_the_body,
        lambda s: s.resets_in_the_body,
        lambda s: s.resets_after_the_body,
        lambda s: s.closes_after_the_body,
        lambda s: s.writes(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nmer"),
        lambda s: s.writes(b"HTTP/1.1 200"),
    ],
    ids=["reset", "reset in the body", "reset after", "closed", "cut answer", "cut status"],
)
def test_a_cut_once_the_body_has_begun_is_a_doubt_after_one_request(
    server: Any, steps: Any, connect: Any, parcel: Parcel, choose: Callable[[Any], Any]
) -> None:
    server.steps = [choose(steps)]
    exchange = connect(server.url).submit(parcel)
    assert isinstance(exchange.outcome, InDoubt)
    assert exchange.outcome.reason
    assert len(server.requests) == 1


def test_an_answer_too_late_is_a_doubt(
    server: Any, steps: Any, connect: Any, parcel: Parcel
) -> None:
    server.steps = [steps.never_answers]
    exchange = connect(server.url, read_timeout=0.5).submit(parcel)
    assert exchange.outcome == InDoubt("le serveur n'a pas répondu à temps")


def test_a_server_that_is_away_is_unavailable(
    start_server: Any, connect: Any, parcel: Parcel
) -> None:
    stopped = start_server()
    stopped.stop()
    exchange = connect(stopped.url).submit(parcel)
    assert exchange.outcome == Unavailable("le serveur refuse la connexion")


def test_a_server_that_is_not_the_right_one_gets_nothing(
    start_server: Any, connect: Any, parcel: Parcel
) -> None:
    impostor = start_server("unknown.pem")
    assert isinstance(connect(impostor.url).submit(parcel).outcome, Unavailable)
    assert impostor.application_bytes == 0


def test_a_refused_certificate_costs_a_wait_where_tls_tells_it_in_time(
    start_server: Any, connect: Any, account: Any, pki: Any, parcel: Parcel
) -> None:
    stranger = replace(account, certificate_file=pki.file("stranger.pem"), key_file=None)
    early = start_server(version=ssl.TLSVersion.TLSv1_2)
    outcome = connect(early.url, account=stranger).submit(parcel).outcome
    assert isinstance(outcome, Unavailable)
    late = start_server(version=ssl.TLSVersion.TLSv1_3)
    outcome = connect(late.url, account=stranger).submit(parcel).outcome
    assert isinstance(outcome, InDoubt | Unavailable)


def test_the_ministry_cannot_be_asked(server: Any, connect: Any, parcel: Parcel) -> None:
    connector = connect(server.url)
    for silence in (connector.find(parcel), connector.collect("x"), connector.waiting()):
        assert isinstance(silence, CannotTell)
        assert "courriel" in silence.reason
    assert server.requests == []


def test_what_the_ministry_can_do_is_said(server: Any, connect: Any) -> None:
    told = connect(server.url).capabilities
    assert (told.objet_max, told.annexes_max) == (500, 99)
    bounded = told.numero_unique, told.has_status, told.lists_waiting
    assert (*bounded, told.sends_receipts, told.gives_classification) == (False,) * 5


def test_a_check_shakes_hands_with_the_deposit_then_opens_the_mailbox(
    server: Any, connect: Any
) -> None:
    silence = connect(server.url).check()
    assert silence == CannotTell("le serveur de courriel refuse la connexion")
    assert server.connections == 1
    assert server.requests == []


def test_a_check_says_that_the_deposit_is_away(start_server: Any, connect: Any) -> None:
    stopped = start_server()
    stopped.stop()
    silence = connect(stopped.url).check()
    assert silence == CannotTell("adresse de dépôt du ministère : le serveur refuse la connexion")


def test_the_inbox_is_the_mailbox(server: Any, connect: Any) -> None:
    connector = connect(server.url)
    away = CannotTell("le serveur de courriel refuse la connexion")
    assert connector.inbox() == away
    assert connector.fetch(ITEM, BytesIO()) == away
    assert connector.confirm(ITEM) == away
