"""Every way for an exchange to fail, and what is certain after each."""

import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest

from transmission.tdt.http import TEXT_MAX, HttpsLink, NoAnswerError, NotSentError
from transmission.tdt.multipart import FilePart, Multipart

OK = b"OK\n4711\n\n"


@pytest.fixture
def form(archive: bytes) -> Multipart:
    part = FilePart("f", "f.gz", "application/gzip", len(archive), lambda: BytesIO(archive))
    return Multipart("B" * 30, [("api", b"1")], [part])


def failure_of(link: HttpsLink, form: Multipart) -> NoAnswerError:
    with pytest.raises(NoAnswerError) as caught:
        link.post("/x", form)
    return caught.value


# --- certain: nothing left ---------------------------------------------------------------------


def test_a_refused_port_sends_nothing(open_link: Any, form: Multipart) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure_of(open_link(f"https://127.0.0.1:{port}"), form)
    assert isinstance(error, NotSentError)
    assert str(error) == "le serveur refuse la connexion"


def test_what_is_late_at_the_last_moment_sends_nothing(open_link: Any, form: Multipart) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        link = open_link(f"https://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(NotSentError, match="trop de temps"):
            link.post("/x", form, lambda: True)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_an_unknown_name_sends_nothing(open_link: Any, form: Multipart) -> None:
    error = failure_of(open_link("https://inconnu.invalid"), form)
    assert isinstance(error, NotSentError)
    assert "introuvable" in str(error)


def test_a_server_that_never_shakes_hands_is_sent_nothing(account: Any, form: Multipart) -> None:
    from transmission.tdt.identity import client_context

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        link = HttpsLink(url, client_context(account), connect_timeout=0.2, read_timeout=20.0)
        error = failure_of(link, form)
    assert isinstance(error, NotSentError)
    assert str(error) == "le serveur n'a pas répondu à temps"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("unknown.pem", "unable to get local issuer certificate"),
        ("wrong-name.pem", "IP address mismatch"),
        ("expired.pem", "certificate has expired"),
    ],
)
def test_a_bad_server_certificate_gets_not_one_byte(
    start_server: Any,
    open_link: Any,
    form: Multipart,
    certificate: str,
    words: str,
    version: ssl.TLSVersion,
) -> None:
    server = start_server(certificate, version)
    error = failure_of(open_link(server.url), form)
    assert isinstance(error, NotSentError)
    assert str(error).startswith("le certificat du serveur est refusé : ")
    assert words in str(error)
    server.stop()
    assert (server.connections, server.application_bytes) == (1, 0)


def test_tls_1_1_is_refused(start_server: Any, open_link: Any, form: Multipart) -> None:
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        server = start_server(version=ssl.TLSVersion.TLSv1_1)
    error = failure_of(open_link(server.url), form)
    assert isinstance(error, NotSentError)
    assert server.application_bytes == 0


def test_a_client_certificate_refused_in_tls_1_2_sends_nothing(
    start_server: Any, open_link: Any, account: Any, pki: Any, form: Multipart
) -> None:
    server = start_server(version=ssl.TLSVersion.TLSv1_2)
    stranger = replace(account, certificate_file=pki.file("stranger.pem"), key_file=None)
    error = failure_of(open_link(server.url, account=stranger), form)
    assert isinstance(error, NotSentError)


def test_a_file_that_cannot_be_opened_is_told_before_any_connection(
    server: Any, open_link: Any
) -> None:
    def damaged() -> Any:
        raise RuntimeError("archive abîmée")

    form = Multipart("B", [], [FilePart("f", "f.gz", "application/gzip", 5, damaged)])
    with pytest.raises(RuntimeError, match="abîmée"):
        open_link(server.url).post("/x", form)
    assert server.connections == 0


# --- uncertain: it may have been taken ---------------------------------------------------------


@pytest.mark.parametrize(
    ("choose", "words"),
    [
        (lambda s: s.resets_before_the_body, "la connexion a été coupée"),
        (lambda s: s.resets_in_the_body, "la connexion a été coupée"),
        (lambda s: s.resets_after_the_body, "la connexion a été coupée"),
        (lambda s: s.closes_after_the_body, "la connexion a été coupée"),
        (
            lambda s: s.writes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nOK\n47"),
            "la connexion a été coupée",
        ),
        (lambda s: s.writes(b"HTTP/1.1 200 OK\r\n\r\nOK\n47"), "la connexion a été coupée"),
        (
            lambda s: s.bids_farewell(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nOK\n47\r\n"
            ),
            "la connexion a été coupée",
        ),
        (
            lambda s: s.writes(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nOK\n47\r\n"
            ),
            "la connexion a été coupée",
        ),
        (lambda s: s.writes(b"OK\n4711\n"), "l'échange a échoué"),
    ],
    ids=[
        "reset before the body",
        "reset in the body",
        "reset after the body",
        "closed before the answer",
        "cut in an answer of known length",
        "cut in an answer of unknown length",
        "last chunk missing",
        "invalid chunk",
        "not HTTP",
    ],
)
def test_whatever_fails_after_the_body_began_is_uncertain(
    server: Any,
    steps: Any,
    open_link: Any,
    form: Multipart,
    choose: Callable[[Any], Any],
    words: str,
) -> None:
    server.steps = [choose(steps)]
    error = failure_of(open_link(server.url), form)
    assert not isinstance(error, NotSentError)
    assert str(error).startswith(words)
    assert len(server.posts) == 1


def test_a_silent_server_is_uncertain(
    server: Any, steps: Any, open_link: Any, form: Multipart
) -> None:
    server.steps = [steps.never_answers]
    error = failure_of(open_link(server.url, read_timeout=0.2), form)
    assert not isinstance(error, NotSentError)
    assert str(error) == "le serveur n'a pas répondu à temps"
    assert len(server.posts) == 1


def test_the_patience_while_sending_is_that_of_reading(
    server: Any, steps: Any, open_link: Any
) -> None:
    server.steps = [steps.reads_after(1.5, OK)]
    # More than the buffers of a loopback connection can hold.
    size = 20_000_000
    part = FilePart("f", "f.gz", "application/gzip", size, lambda: BytesIO(bytes(size)))
    link = open_link(server.url, connect_timeout=1.0, read_timeout=20.0)
    assert link.post("/x", Multipart("B", [], [part])).body == OK


def test_a_client_certificate_refused_in_tls_1_3_is_learnt_too_late_to_be_sure(
    start_server: Any, open_link: Any, account: Any, pki: Any, form: Multipart
) -> None:
    # The handshake is over for us before the server has judged our certificate: whether the body
    # had begun to leave is a matter of microseconds, hence the question asked before a parcel.
    server = start_server(version=ssl.TLSVersion.TLSv1_3)
    stranger = replace(account, certificate_file=pki.file("stranger.pem"), key_file=None)
    failure_of(open_link(server.url, account=stranger), form)
    assert server.requests == []


def test_a_file_that_shrinks_while_leaving_is_uncertain(
    server: Any, steps: Any, open_link: Any
) -> None:
    server.steps = [steps.never_answers]
    part = FilePart("f", "f.gz", "application/gzip", 600_000, lambda: BytesIO(b"x" * 300_000))
    error = failure_of(open_link(server.url), Multipart("B", [], [part]))
    assert not isinstance(error, NotSentError)
    assert str(error) == "un fichier à envoyer est plus court que prévu"


def test_an_answer_without_end_is_cut_and_kept(
    server: Any, steps: Any, open_link: Any, form: Multipart
) -> None:
    server.steps = [steps.says(b"x" * (TEXT_MAX + 200_000))]
    error = failure_of(open_link(server.url), form)
    assert str(error) == "la réponse dépasse la taille attendue"
    assert len(error.received) == TEXT_MAX


def test_what_came_of_a_cut_answer_is_kept(
    server: Any, steps: Any, open_link: Any, form: Multipart
) -> None:
    half = b"HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 9\r\n\r\nOK\n47"
    server.steps = [steps.writes(half)]
    assert failure_of(open_link(server.url), form).received == half


# --- answers -----------------------------------------------------------------------------------


def test_an_answer_of_unknown_length_properly_ended_is_complete(
    server: Any, steps: Any, open_link: Any, form: Multipart
) -> None:
    server.steps = [steps.bids_farewell(b"HTTP/1.1 200 OK\r\n\r\n" + OK)]
    assert open_link(server.url).post("/x", form).body == OK


def test_an_answer_in_chunks_is_put_together(
    server: Any, steps: Any, open_link: Any, form: Multipart
) -> None:
    chunks = b"4\r\nOK\n4\r\n5\r\n711\n\n\r\n0\r\n\r\n"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    server.steps = [steps.writes(chunked)]
    assert open_link(server.url).post("/x", form).body == OK


def test_a_redirection_is_an_answer_like_another(
    server: Any, steps: Any, open_link: Any, form: Multipart
) -> None:
    server.steps = [steps.says(b"<html>", "302 Found", "Location:   /connexion-status")]
    answer = open_link(server.url).post("/x", form)
    assert (answer.status, answer.body) == (302, b"<html>")
    assert len(server.requests) == 1


def test_retry_after_is_not_obeyed(
    server: Any, steps: Any, open_link: Any, form: Multipart
) -> None:
    server.steps = [steps.says(b"", "503 Service Unavailable", "Retry-After: 0")]
    assert open_link(server.url).post("/x", form).status == 503
    assert len(server.requests) == 1


def test_an_early_refusal_is_read_although_the_body_could_not_leave(
    server: Any, open_link: Any, form: Multipart
) -> None:
    def refuse(peer: Any, request: Any) -> None:
        peer.answer(b"", "413 Request Entity Too Large", ("Connection: close",))
        peer.read_body(request)

    server.steps = [refuse]
    assert open_link(server.url).post("/x", form).status == 413


def test_the_answer_is_kept_raw_with_its_headers(
    server: Any, steps: Any, open_link: Any, form: Multipart
) -> None:
    server.steps = [steps.says(OK, "200 OK", "Content-Type: text/html", "X-A: 1", "X-A: 2")]
    assert open_link(server.url).post("/x", form).raw == (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-A: 1\r\nX-A: 2\r\n"
        b"Content-Length: 9\r\n\r\nOK\n4711\n\n"
    )


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("Date: Mon, 23 Nov 2026 12:00:00 GMT", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("Date: Mon, 23 Nov 2026 12:00:00", None),
        ("Date: demain", None),
        ("Date:", None),
        ("X-A: 1", None),
    ],
)
def test_the_clock_of_the_server_is_the_date_of_its_last_answer(
    server: Any, steps: Any, open_link: Any, header: str, told: datetime | None
) -> None:
    server.steps = [steps.says(OK, "200 OK", header)]
    link = open_link(server.url)
    assert link.told_at is None
    link.get("/x", {})
    assert link.told_at == told


# --- the request -------------------------------------------------------------------------------


def test_the_body_arrives_exact_and_of_announced_length(
    server: Any, steps: Any, open_link: Any, form: Multipart, archive: bytes
) -> None:
    server.steps = [steps.says(OK)]
    open_link(server.url + "/sous/chemin/").post("/x", form)
    (request,) = server.requests
    head = (
        b'--BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB\r\nContent-Disposition: form-data; name="api"\r\n\r\n'
        b"1\r\n--BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB\r\nContent-Disposition: form-data; "
        b'name="f"; filename="f.gz"\r\nContent-Type: application/gzip\r\n\r\n'
    )
    assert request.body == head + archive + b"\r\n--BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB--\r\n"
    assert request.target == "/sous/chemin/x"
    assert request.headers["content-length"] == str(len(request.body))
    assert "transfer-encoding" not in request.headers
    assert request.headers["accept-encoding"] == "identity"


def test_cookies_are_not_kept(server: Any, steps: Any, open_link: Any, form: Multipart) -> None:
    server.steps = [steps.says(OK, "200 OK", "Set-Cookie: PHPSESSID=1; path=/"), steps.says(OK)]
    link = open_link(server.url)
    link.post("/x", form)
    link.post("/x", form)
    assert [request.headers.get("cookie") for request in server.requests] == [None, None]
    assert server.connections == 1


def test_the_environment_is_not_read(
    server: Any, steps: Any, open_link: Any, form: Multipart, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nulle/part")
    server.steps = [steps.says(OK)]
    assert open_link(server.url).post("/x", form).body == OK


def test_public_authorities_are_not_added_to_ours(
    server: Any, steps: Any, account: Any, form: Multipart
) -> None:
    from transmission.tdt.identity import client_context

    context = client_context(account)
    link = HttpsLink(server.url, context)
    server.steps = [steps.says(OK)]
    link.post("/x", form)
    assert context.cert_store_stats()["x509_ca"] == 1
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_plain_http_is_not_spoken(open_link: Any, form: Multipart) -> None:
    assert isinstance(failure_of(open_link("http://127.0.0.1:9"), form), NotSentError)


# --- the kept connection -----------------------------------------------------------------------


def test_a_connection_is_kept_between_close_calls(
    server: Any, steps: Any, open_link: Any, hand_clock: Any
) -> None:
    server.steps = [steps.says(b"a"), steps.says(b"b")]
    link = open_link(server.url)
    assert not link.is_warm
    link.get("/a", {})
    hand_clock.seconds += 3.9
    assert link.is_warm
    link.get("/b", {"q": "é"})
    assert server.connections == 1
    assert server.requests[1].target == "/b?q=%C3%A9"


def test_a_connection_that_rested_is_replaced(
    server: Any, steps: Any, open_link: Any, hand_clock: Any
) -> None:
    server.steps = [steps.says(b"a"), steps.says(b"b")]
    link = open_link(server.url)
    link.get("/a", {})
    hand_clock.seconds += 4.1
    assert not link.is_warm
    assert link.get("/b", {}).body == b"b"
    assert server.connections == 2


def test_a_connection_that_the_server_closed_is_replaced_at_once(
    server: Any, steps: Any, open_link: Any, form: Multipart
) -> None:
    server.steps = [steps.bids_farewell(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")]
    server.steps.append(steps.says(OK))
    link = open_link(server.url)
    link.get("/a", {})
    assert link.post("/x", form).body == OK
    assert server.connections == 2


def test_after_a_failure_the_link_is_cold_and_works_again(
    server: Any, steps: Any, open_link: Any, form: Multipart
) -> None:
    server.steps = [steps.says(b"a"), steps.resets_after_the_body, steps.says(OK)]
    link = open_link(server.url)
    link.get("/a", {})
    failure_of(link, form)
    assert not link.is_warm
    assert link.post("/x", form).body == OK


# --- files -------------------------------------------------------------------------------------


class Blocks(list[bytes]):
    """What a target was given, block by block."""

    def write(self, content: bytes, /) -> None:
        self.append(bytes(content))


def test_a_file_is_written_block_by_block_to_the_byte(
    server: Any, steps: Any, open_link: Any, archive: bytes
) -> None:
    server.steps = [steps.says(archive)]
    target = Blocks()
    answer = open_link(server.url).download("/x", {"env": "1"}, target, len(archive))
    assert (answer.status, answer.body) == (200, b"")
    assert b"".join(target) == archive
    assert max(map(len, target)) <= 65_536 < len(archive)
    assert server.requests[0].target == "/x?env=1"


def test_a_file_above_its_limit_is_no_answer(
    server: Any, steps: Any, open_link: Any, archive: bytes
) -> None:
    server.steps = [steps.says(archive)]
    target = Blocks()
    with pytest.raises(NoAnswerError, match="taille attendue"):
        open_link(server.url).download("/x", {}, target, 1_000)
    assert len(b"".join(target)) <= 65_536


def test_an_answer_that_is_no_file_is_read_and_not_written(
    server: Any, steps: Any, open_link: Any
) -> None:
    server.steps = [steps.says(b"<html>", "302 Found", "Location:   /login.php")]
    target = Blocks()
    answer = open_link(server.url).download("/x", {}, target, 1_000)
    assert (answer.status, answer.body, target) == (302, b"<html>", [])
    assert answer.header("location") == "/login.php"
    assert answer.header("Retry-After") is None


def test_a_file_cut_on_its_way_is_no_answer(server: Any, steps: Any, open_link: Any) -> None:
    server.steps = [steps.writes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")]
    target = Blocks()
    with pytest.raises(NoAnswerError, match="coupée"):
        open_link(server.url).download("/x", {}, target, 1_000)
    assert b"".join(target) == b"half"


def test_a_target_that_refuses_is_heard_and_the_link_serves_again(
    server: Any, steps: Any, open_link: Any, archive: bytes
) -> None:
    class FullDisk:
        def write(self, content: bytes, /) -> None:
            raise OSError(28, "No space left on device")

    server.steps = [steps.says(archive), steps.says(OK)]
    link = open_link(server.url)
    with pytest.raises(OSError, match="No space left"):
        link.download("/x", {}, FullDisk(), len(archive))
    assert link.get("/x", {}).body == OK
    assert server.connections == 2


def test_a_handshake_asks_nothing(server: Any, open_link: Any) -> None:
    open_link(server.url).handshake()
    assert server.connections == 1
    assert server.requests == []


@pytest.mark.parametrize("certificate", ["wrong-name.pem", "expired.pem", "unknown.pem"])
def test_a_handshake_with_a_server_that_is_not_the_right_one_fails(
    start_server: Any, open_link: Any, certificate: str
) -> None:
    with pytest.raises(NotSentError, match="le certificat du serveur est refusé"):
        open_link(start_server(certificate).url).handshake()


def test_a_handshake_tells_in_tls_1_2_that_our_certificate_is_refused(
    start_server: Any, open_link: Any, account: Any, pki: Any
) -> None:
    stranger = replace(account, certificate_file=pki.file("stranger.pem"), key_file=None)
    server = start_server(version=ssl.TLSVersion.TLSv1_2)
    with pytest.raises(NotSentError):
        open_link(server.url, account=stranger).handshake()


@pytest.mark.parametrize("host", ["tdt.invalid", "a" * 64 + ".example"])
def test_a_handshake_with_a_name_that_nobody_bears_is_told(
    open_link: Any, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    def unknown(name: str, *_: Any) -> None:
        name.encode("idna")
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSentError, match=r"introuvable|échoué"):
        open_link(f"https://{host}/depot").handshake()
