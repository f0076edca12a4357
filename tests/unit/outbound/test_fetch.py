"""A look at a published file: what is seen, and everything that may go wrong on the way."""

import gzip
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.support.web_server import Request, WebServer
from transmission.outbound import wire
from transmission.outbound.addresses import Reach, resolve
from transmission.outbound.fetch import HttpFetcher
from transmission.outbound.http import Timeouts
from transmission.ports.outbound import Answered, Unavailable

FILE = b"%PDF-1.7 " + bytes(range(256)) * 1_000


@pytest.fixture
def fetch(pki: Any, now: datetime) -> Callable[..., Answered | Unavailable]:
    """Fetches an address, loopback allowed, with time-outs that a test can wait for."""

    def fetched(address: str, **options: Any) -> Answered | Unavailable:
        given = {"ca_file": pki.ca, "allow_private": True, "timeouts": Timeouts(5, 5)} | options
        return HttpFetcher(**given).fetch(address, now)

    return fetched


Fetch = Callable[..., Answered | Unavailable]


def _reason(outcome: Answered | Unavailable) -> str:
    assert isinstance(outcome, Unavailable), outcome
    assert not outcome.reason.endswith(".")
    return outcome.reason


def _redirects(to: str, status: int = 302) -> Callable[[Request], None]:
    return lambda request: request.says(b"", status, Location=to)


def test_what_a_published_file_answers_is_kept_whole(
    web: WebServer, fetch: Fetch, pki: Any, now: datetime
) -> None:
    web.pages["/acte.pdf"] = lambda request: request.says(FILE, Content_Type="application/pdf")
    seen = fetch(web.url("/acte.pdf"))
    assert isinstance(seen, Answered)
    assert (seen.status, seen.size) == (200, len(FILE))
    assert seen.sha256 == hashlib.sha256(FILE).hexdigest()
    assert seen.certificate_sha256 == hashlib.sha256(pki.good_der).hexdigest()
    assert seen.content_type == "application/pdf"
    assert seen.date is not None
    assert seen.date.endswith("GMT")
    assert seen.address == seen.final_address == web.url("/acte.pdf")
    assert seen.fetched_at == now
    (asked,) = web.asked
    assert asked.headers["accept-encoding"] == "identity"
    assert "cookie" not in asked.headers


def test_a_page_that_is_gone_is_an_answer_too(web: WebServer, fetch: Fetch) -> None:
    web.pages["/x"] = lambda request: request.says(b"rien", 404)
    seen = fetch(web.url("/x"))
    assert isinstance(seen, Answered)
    assert (seen.status, seen.sha256) == (404, hashlib.sha256(b"rien").hexdigest())
    assert seen.content_type is None


def test_a_file_whose_end_is_that_of_the_connection_keeps_its_certificate(
    web: WebServer, fetch: Fetch, pki: Any
) -> None:
    def page(request: Request) -> None:
        request.begins(200, None)
        request.wfile.write(FILE)
        request.wfile.flush()
        request.connection.unwrap()  # type: ignore[attr-defined]

    web.pages["/x"] = page
    seen = fetch(web.url("/x"))
    assert isinstance(seen, Answered)
    assert seen.size == len(FILE)
    assert seen.certificate_sha256 == hashlib.sha256(pki.good_der).hexdigest()


def test_redirects_are_followed_to_the_fifth_and_the_last_address_is_told(
    web: WebServer, fetch: Fetch
) -> None:
    for rank in range(6):
        web.pages[f"/{rank}"] = _redirects(f"/{rank + 1}", (301, 302, 303, 307, 308, 302)[rank])
    web.pages["/5"] = lambda request: request.says(FILE)
    seen = fetch(web.url("/0#page=2"))
    assert isinstance(seen, Answered)
    assert seen.address == web.url("/0#page=2")
    assert seen.final_address == web.url("/5")
    web.pages["/5"] = _redirects("/6")
    assert "plus de 5 redirections" in _reason(fetch(web.url("/0")))
    assert web.asked[-1].path == "/5"


@pytest.mark.parametrize("status", [300, 304])
def test_what_is_no_redirect_is_not_followed(web: WebServer, fetch: Fetch, status: int) -> None:
    web.pages["/x"] = _redirects("/y", status)
    seen = fetch(web.url("/x"))
    assert isinstance(seen, Answered)
    assert seen.status == status


def test_a_redirect_written_in_utf_8_leads_where_a_browser_goes(
    web: WebServer, fetch: Fetch
) -> None:
    web.pages["/x"] = _redirects("/délibération.pdf".encode().decode("iso-8859-1"))
    web.pages["/d%C3%A9lib%C3%A9ration.pdf"] = lambda request: request.says(FILE)
    assert isinstance(fetch(web.url("/x")), Answered)


def test_once_it_is_https_it_stays_https(
    web: WebServer, start_web: Callable[..., WebServer], fetch: Fetch
) -> None:
    clear = start_web(None)
    clear.pages["/up"] = _redirects(web.url("/x"))
    web.pages["/x"] = lambda request: request.says(FILE)
    seen = fetch(clear.url("/up"))
    assert isinstance(seen, Answered)
    assert seen.final_address == web.url("/x")
    web.pages["/x"] = _redirects(clear.url("/up"))
    assert "n'est pas protégée" in _reason(fetch(clear.url("/up")))
    assert len(clear.asked) == 2


@pytest.mark.parametrize(
    "target", ["ftp://127.0.0.1/x", "file:///etc/passwd", "https://", "javascript:alert(1)"]
)
def test_a_redirect_to_another_scheme_is_not_followed(
    web: WebServer, fetch: Fetch, target: str
) -> None:
    web.pages["/x"] = _redirects(target)
    assert "adresse" in _reason(fetch(web.url("/x")))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("ftp://site.example/x", "ne commence pas par https"),
        ("file:///etc/passwd", "ne commence pas par https"),
        ("", "mal formée"),
        ("https://", "mal formée"),
        ("https://a..b/", "mal formée"),
        ("https://[::1/", "mal formée"),
        ("https://site.example:99999/", "mal formée"),
        ("https://user:secret@site.example/", "mot de passe"),
    ],
)
def test_an_address_that_cannot_be_used_is_told(fetch: Fetch, address: str, told: str) -> None:
    assert told in _reason(fetch(address))


def test_nothing_private_is_reached_unless_allowed(web: WebServer, fetch: Fetch) -> None:
    web.pages["/x"] = lambda request: request.says(FILE)
    reason = _reason(fetch(web.url("/x"), allow_private=False))
    assert reason == "« 127.0.0.1 » a pour adresse 127.0.0.1, qui n'est pas une adresse publique"
    assert web.asked == []


def test_a_redirect_does_not_lead_to_a_private_address_either(
    web: WebServer, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The public site of the test is on loopback, which is held to be public for its name alone.
    def resolved(host: str, port: int, reach: Reach) -> Any:
        return resolve(host, port, Reach.ANYWHERE if host == "localhost" else reach)

    monkeypatch.setattr(wire, "resolve", resolved)
    web.pages["/x"] = _redirects(web.url("/secret"))
    assert "127.0.0.1, qui n'est pas" in _reason(
        fetch(web.url("/x", "localhost"), allow_private=False)
    )
    assert [asked.path for asked in web.asked] == ["/x"]


@pytest.mark.parametrize("length", [True, False])
def test_a_file_past_the_limit_is_read_no_further(
    web: WebServer, fetch: Fetch, *, length: bool
) -> None:
    def page(request: Request) -> None:
        request.begins(200, 1 << 30 if length else None)
        while True:
            request.wfile.write(bytes(65_536))

    web.pages["/x"] = page
    reason = _reason(fetch(web.url("/x"), limit=3 << 20))
    assert reason == "le fichier dépasse 3 Mio : sa lecture a été arrêtée"


def test_a_file_of_exactly_the_limit_is_read(web: WebServer, fetch: Fetch) -> None:
    web.pages["/x"] = lambda request: request.says(FILE)
    assert isinstance(fetch(web.url("/x"), limit=len(FILE)), Answered)
    assert isinstance(fetch(web.url("/x"), limit=len(FILE) - 1), Unavailable)


@pytest.mark.parametrize("length", [len(FILE), None])
def test_a_file_that_is_cut_is_not_taken_for_a_shorter_one(
    web: WebServer, fetch: Fetch, length: int | None
) -> None:
    def page(request: Request) -> None:
        request.begins(200, length)
        request.wfile.write(FILE[:1_000])
        request.cuts()

    web.pages["/x"] = page
    assert _reason(fetch(web.url("/x"))) == "la connexion a été coupée"


def test_a_silent_server_is_left_in_time(web: WebServer, fetch: Fetch) -> None:
    web.pages["/x"] = Request.waits
    reason = _reason(fetch(web.url("/x"), timeouts=Timeouts(5, 0.2)))
    assert reason == "le serveur n'a pas répondu à temps"


def test_a_server_that_stops_in_the_middle_is_left_in_time(web: WebServer, fetch: Fetch) -> None:
    def page(request: Request) -> None:
        request.begins(200, len(FILE))
        request.wfile.write(FILE[:1_000])
        request.wfile.flush()
        request.waits()

    web.pages["/x"] = page
    reason = _reason(fetch(web.url("/x"), timeouts=Timeouts(5, 0.2)))
    assert reason == "le serveur n'a pas répondu à temps"


def test_a_body_that_never_ends_is_left_in_time(web: WebServer, fetch: Fetch) -> None:
    def page(request: Request) -> None:
        request.begins(200, None)
        while not request.server.stopped.wait(0.02):
            request.wfile.write(b"x")
            request.wfile.flush()

    web.pages["/x"] = page
    reason = _reason(fetch(web.url("/x"), timeouts=Timeouts(5, 5, 0.2)))
    assert reason == "la réponse est trop lente : sa lecture a été arrêtée"


def test_a_compressed_answer_proves_nothing_of_the_file(web: WebServer, fetch: Fetch) -> None:
    squeezed = gzip.compress(FILE)
    web.pages["/x"] = lambda request: request.says(squeezed, Content_Encoding="gzip")
    assert "a compressé sa réponse (gzip)" in _reason(fetch(web.url("/x")))


def test_authorities_that_cannot_be_read_are_told(fetch: Fetch, pki: Any) -> None:
    missing = pki.ca.with_name("absent.pem")
    assert f"le fichier {missing} ne peut pas être lu" in _reason(
        fetch("https://127.0.0.1/", ca_file=missing)
    )
