"""One exchange on a real wire: whom it reaches, and what it says when it reaches nobody."""

import hashlib
import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.web_server import Request, WebServer
from transmission.outbound.addresses import Reach
from transmission.outbound.http import Line, NoAnswerError, Timeouts, asked
from transmission.outbound.trust import trusting


@pytest.fixture
def line(pki: Any) -> Line:
    return Line(trusting(pki.ca), Reach.ANYWHERE, Timeouts(5, 5))


def _read(address: str, line: Line) -> bytes:
    with asked("GET", address, {}, None, line) as answer:
        return b"".join(answer.blocks())


def _reason(address: str, line: Line) -> str:
    with pytest.raises(NoAnswerError) as refused:
        _read(address, line)
    return str(refused.value)


def _says_hello(request: Request) -> None:
    request.says(b"bonjour", 201, X_Essai="oui")


def test_an_answer_has_a_status_headers_and_the_proof_of_who_gave_it(
    web: WebServer, line: Line, pki: Any
) -> None:
    web.pages["/x"] = _says_hello
    with asked("GET", web.url("/x"), {"X-Ours": "1"}, None, line) as answer:
        assert answer.status == 201
        assert answer.header("x-essai") == "oui"
        assert answer.header("x-other") is None
        assert answer.certificate_sha256 == hashlib.sha256(pki.good_der).hexdigest()
    assert web.asked[0].headers["x-ours"] == "1"


def test_in_clear_nobody_proves_who_it_is(start_web: Callable[..., WebServer], line: Line) -> None:
    clear = start_web(None)
    clear.pages["/x"] = _says_hello
    with asked("GET", clear.url("/x"), {}, None, line) as answer:
        assert answer.certificate_sha256 is None


def test_a_name_is_resolved_once_so_that_it_cannot_change_its_mind(
    web: WebServer, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved: list[str] = []
    real = socket.getaddrinfo

    def once(host: str, port: int, *arguments: Any, **options: Any) -> Any:
        if host == "site.example":
            resolved.append(host)
            host = "127.0.0.1"
        return real(host, port, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", once)
    web.pages["/x"] = _says_hello
    assert _read(web.url("/x", "site.example"), line) == b"bonjour"
    assert resolved == ["site.example"]
    assert web.asked[0].headers["host"].startswith("site.example:")


def test_another_address_of_the_name_is_tried_when_the_first_does_not_answer(
    web: WebServer, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def two(host: str, port: int, *arguments: Any, **options: Any) -> Any:
        if host != "site.example":
            return real(host, port, *arguments, **options)
        # Nobody listens at the first.
        return [(2, 1, 6, "", (address, port)) for address in ("127.0.0.2", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    web.pages["/x"] = _says_hello
    assert _read(web.url("/x", "site.example"), line) == b"bonjour"


def test_no_proxy_of_the_environment_is_used(
    web: WebServer, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    web.pages["/x"] = _says_hello
    assert _read(web.url("/x"), line) == b"bonjour"


@pytest.mark.parametrize("which", ["wrong_name", "stranger"])
def test_a_server_that_does_not_prove_who_it_is_is_not_read(
    start_web: Callable[..., WebServer], line: Line, pki: Any, which: str
) -> None:
    server = start_web(getattr(pki, which))
    assert _reason(server.url("/x"), line).startswith("le certificat du serveur est refusé : ")
    assert server.asked == []


def test_a_server_that_speaks_no_tls_is_told(
    start_web: Callable[..., WebServer], line: Line
) -> None:
    clear = start_web(None)
    address = clear.url("/x").replace("http:", "https:")
    assert _reason(address, line) in (
        "la liaison chiffrée a échoué (TLS)",
        "la connexion a été coupée",
    )


def test_nobody_at_the_address_is_told(line: Line) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert _reason(f"https://127.0.0.1:{port}/", line) == "le serveur refuse la connexion"


def test_what_is_no_http_is_told(web: WebServer, line: Line) -> None:
    def page(request: Request) -> None:
        request.wfile.write(b"SSH-2.0-bonjour\r\n\r\n")
        request.cuts()

    web.pages["/x"] = page
    assert _reason(web.url("/x"), line) == "la réponse du serveur est incompréhensible"
