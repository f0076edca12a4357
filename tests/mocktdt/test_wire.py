"""Faults on the wire, and the HTTP of the server itself, seen from a raw socket."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
import requests

SUBMIT = "/modules/actes/actes_transac_submit.php"
STATUS = "/modules/actes/actes_transac_get_status.php"
LIST = "/modules/actes/api/list_actes.php"


@pytest.fixture
def raw(mock) -> Iterator[Callable[[], ssl.SSLSocket]]:
    files = mock.identity("123456782")
    context = ssl.create_default_context(cafile=str(mock.ca_file))
    context.load_cert_chain(files.certificate_file, files.key_file)
    opened: list[ssl.SSLSocket] = []

    def connect() -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", int(mock.url.rsplit(":", 1)[1])), 10)
        opened.append(context.wrap_socket(plain, server_hostname="localhost"))
        return opened[-1]

    yield connect
    for each in opened:
        each.close()


def _head(path: str, *headers: str, verb: str = "POST") -> bytes:
    return "\r\n".join([f"{verb} {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def _everything(connection: ssl.SSLSocket) -> bytes:
    content = b""
    try:
        while piece := connection.recv(65_536):
            content += piece
    except OSError:
        pass
    return content


def _until(connection: ssl.SSLSocket, end: bytes) -> bytes:
    content = b""
    while end not in content:
        piece = connection.recv(65_536)
        assert piece, content
        content += piece
    return content


def _form(archive) -> tuple[bytes, str]:
    one = archive()
    body = (
        b"--B\r\nContent-Disposition: form-data; name=api\r\n\r\n1\r\n"
        b'--B\r\nContent-Disposition: form-data; name=enveloppe; filename="%b"\r\n\r\n'
        b"%b\r\n--B--\r\n"
    ) % (one.name.encode(), one.content())
    return body, "Content-Type: multipart/form-data; boundary=B"


def test_expect_100_is_honoured(raw, archive):
    body, content_type = _form(archive)
    connection = raw()
    connection.sendall(
        _head(SUBMIT, content_type, f"Content-Length: {len(body)}", "Expect: 100-continue")
    )
    assert _until(connection, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(body)
    assert _until(connection, b"OK\n1\n4711\n\n").startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_body_too_large_is_refused_before_it_is_asked_for(raw):
    connection = raw()
    connection.sendall(_head(SUBMIT, "Content-Length: 300000000", "Expect: 100-continue"))
    assert _everything(connection).startswith(b"HTTP/1.1 413 ")


def test_the_connection_is_kept_for_the_next_call(raw):
    connection = raw()
    for _ in range(3):
        connection.sendall(_head("/api/test-connexion.php", verb="GET"))
        assert _until(connection, b"\r\n\r\nOK")


def test_a_location_may_have_several_spaces_before_it(raw, tdt, archive):
    act = tdt.submitted(archive())
    connection = raw()
    path = f"/modules/actes/actes_transac_get_tampon.php?transaction={act}"
    connection.sendall(_head(path, verb="GET"))
    head = _until(connection, b"\r\n\r\n")
    assert b"\r\nLocation:   actes_download_file.php?file=9002&tampon=true\r\n" in head


def test_two_calls_sent_together_are_both_answered(raw):
    connection = raw()
    head = _head("/api/test-connexion.php", verb="GET")
    connection.sendall(head + _head("/api/test-connexion.php", "Connection: close", verb="GET"))
    assert _everything(connection).count(b"\r\n\r\nOK") == 2


@pytest.mark.parametrize("length", ["abc", "-5", "1e3"])
def test_a_nonsensical_length_drops_the_connection(raw, length):
    connection = raw()
    connection.sendall(_head(SUBMIT, f"Content-Length: {length}"))
    assert _everything(connection) == b""


def test_garbage_does_not_take_the_server_down(raw, tdt):
    connection = raw()
    connection.sendall(b"\x00\xff garbage\r\n\r\n")
    _everything(connection)
    assert tdt.get("/api/test-connexion.php").content == b"OK"


def test_a_client_that_goes_away_mid_body_leaves_a_trace(raw, tdt, management, archive):
    body, content_type = _form(archive)
    connection = raw()
    connection.sendall(_head(SUBMIT, content_type, f"Content-Length: {len(body)}") + body[:50])
    connection.close()
    assert tdt.get("/api/test-connexion.php").content == b"OK"
    received = management.get("/received")
    assert received["receptions"] == []
    assert received["calls"][0]["complete"] is False


def _cut_connection(call: Callable[[], object]) -> None:
    with pytest.raises(requests.exceptions.RequestException):
        call()


@pytest.mark.parametrize("fault", ["cut_before_body", "cut_mid_body"])
def test_a_cut_before_the_end_of_the_body_accepts_nothing(tdt, management, archive, fault):
    management.post("/scenario", scenario=fault, next=True)
    _cut_connection(lambda: tdt.submit(archive()))
    received = management.get("/received")
    assert received["receptions"] == []
    (call,) = received["calls"]
    assert (call["fault"], call["complete"], call["status"]) == (fault, False, 0)
    tdt.submitted(archive())


def test_a_cut_before_the_body_does_not_ask_for_it(raw, management):
    management.post("/faults", fault="cut_before_body")
    connection = raw()
    connection.sendall(_head(SUBMIT, "Content-Length: 10", "Expect: 100-continue"))
    assert _everything(connection) == b""


@pytest.mark.parametrize(
    ("number", "accepted"),
    [("COUPEAV1", False), ("COUPEAP1", True), ("COUPEMI1", True)],
)
def test_a_cut_by_number_strikes_the_first_deposit(tdt, management, archive, number, accepted):
    _cut_connection(lambda: tdt.submit(archive(number=number)))
    act = management.get("/received")["acts"][f"042-123456782-20260312-{number}-DE"]
    assert (act["receptions"], act["accepted"]) == (1, int(accepted))
    again = tdt.submit(archive(number=number)).content
    if accepted:
        assert again.startswith(b"KO\nLe num\xe9ro ")
        assert tdt.status(4711).startswith(b"OK\n4\n")
    else:
        assert again == b"OK\n1\n4711\n\n"
    totals = management.get("/received?only=totals")["totals"]
    assert (totals["receptions"], totals["acts_accepted"]) == (2, 1)
    assert totals["acts_accepted_twice"] == []


def test_a_cut_mid_answer_sends_half_of_it(raw, management, archive):
    management.post("/faults", fault="cut_mid_answer")
    connection = raw()
    connection.sendall(_head(LIST, verb="GET"))
    head, _, body = _everything(connection).partition(b"\r\n\r\n")
    assert b"Content-Length: 81" in head
    assert len(body) == 40


@pytest.mark.parametrize(("number", "accepted"), [("ERR500A", True), ("ERRAVTA", False)])
def test_an_error_500_may_hide_an_accepted_act(tdt, management, archive, number, accepted):
    assert tdt.submit(archive(number=number)).status_code == 500
    assert management.get("/received")["totals"]["accepted"] == int(accepted)


def test_a_redirect_by_number_accepts_nothing(tdt, management, archive):
    answer = tdt.submit(archive(number="REDIRI1"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/connexion-status")
    assert management.get("/received")["totals"]["accepted"] == 0


def test_a_slow_answer_is_late_but_whole(tdt, management, archive):
    management.post("/scenario", scenario="slow", number="D1", seconds=0.2)
    answer = tdt.submit(archive(number="D1"))
    assert answer.content == b"OK\n1\n4711\n\n"
    assert answer.elapsed.total_seconds() >= 0.2


def test_a_fate_and_a_fault_may_go_together(tdt, management, archive):
    management.post("/scenario", scenario="silence", fault="error_500", next=True)
    assert tdt.submit(archive()).status_code == 500
    assert tdt.status(4711) == b"OK\n3\n"


def test_faults_strike_the_scripts_they_name_as_often_as_asked(tdt, management):
    management.post("/faults", fault="error_500", paths=["list_actes.php"], times=2)
    assert tdt.get(STATUS, transaction=1).status_code == 200
    assert [tdt.get(LIST).status_code for _ in range(3)] == [500, 500, 200]


def test_faults_may_spare_other_authorities(tdt, neighbour, management):
    management.post("/faults", fault="redirect", siren="111111118")
    assert tdt.get(LIST).status_code == 200
    assert neighbour.get(LIST).status_code == 302


@pytest.mark.parametrize("fault", ["error_500_before", "redirect", "cut_before_accept"])
def test_a_fault_before_acting_prevents_a_cancellation(tdt, management, archive, fault):
    act = tdt.submitted(archive())
    management.post("/faults", fault=fault)
    try:
        tdt.post("/modules/actes/actes_transac_cancel.php", data={"api": "1", "id": str(act)})
    except requests.exceptions.RequestException:
        assert fault == "cut_before_accept"
    assert tdt.status(act).startswith(b"OK\n4\n")


@pytest.mark.parametrize(("fault", "accepted"), [("cut_before_accept", 0), ("cut_after_accept", 1)])
def test_faults_of_the_wire_count_deposits_too(tdt, management, archive, fault, accepted):
    management.post("/faults", fault=fault)
    _cut_connection(lambda: tdt.submit(archive()))
    received = management.get("/received")
    (act,) = received["acts"].values()
    assert (act["receptions"], act["accepted"]) == (1, accepted)
    assert received["receptions"][0]["fault"] == fault


def test_cleared_faults_strike_no_more(tdt, management):
    management.post("/faults", fault="error_500", times=5)
    management.post("/faults", fault="clear")
    assert tdt.get(LIST).status_code == 200


def test_stopping_does_not_wait_for_open_connections(start_mock, connect, manage):
    mock = start_mock()
    client = connect(mock)
    client.get(LIST)
    manage(mock).get("/healthz")
    mock.stop()
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if "mock-tdt" in name or "process_request" in name]
    with (
        closing(socket.socket()) as plain,
        pytest.raises(ConnectionRefusedError),
    ):
        plain.connect(("127.0.0.1", int(mock.url.rsplit(":", 1)[1])))
