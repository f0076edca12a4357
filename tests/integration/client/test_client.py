"""The client knows every operation of the API, and keeps its token for itself."""

import json
import logging
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import pytest
import requests
from pydantic import BaseModel

from tests.support.web_server import Request, WebServer, web_server
from transmission.api import schemas, webhook_schemas
from transmission.client import (
    AddressError,
    BadRequestError,
    Client,
    NoAnswerError,
    Patience,
    ServiceFailedError,
    UnreadableAnswerError,
    answers,
    webhooks,
)
from transmission.client.operations import OPERATIONS
from transmission.mocktdt.pki import CertificateAuthority

QUICK = Patience(connect=5, read=5, tries=2)


@pytest.fixture
def server_of(tmp_path: Path) -> Iterator[Callable[..., tuple[WebServer, Path]]]:
    """A server by TLS under a name, and the file of the authority that vouches for it."""
    with ExitStack() as stack:

        def served(*names: str) -> tuple[WebServer, Path]:
            authority = CertificateAuthority()
            identity = authority.server(names or ("127.0.0.1",))
            ca_file, own = tmp_path / "ca.pem", tmp_path / "server.pem"
            ca_file.write_bytes(authority.pem)
            own.write_bytes(identity.certificate + identity.key)
            return stack.enter_context(web_server(str(own))), ca_file

        yield served


def _client(server: WebServer, ca_file: Path | None, waits: list[float]) -> Client:
    return Client(server.url(""), "tdt_secret", ca_file=ca_file, patience=QUICK, pause=waits.append)


def _page(request: Request) -> None:
    request.says(b'{"actes": [], "suivant": null}', Content_Type="application/json")


def test_every_operation_of_the_api_has_its_method(api: str) -> None:
    told = requests.get(f"{api}/api/v1/openapi.json", timeout=30).json()
    there = {
        (verb.upper(), path.removeprefix("/api/v1"))
        for path, verbs in told["paths"].items()
        for verb in verbs
    }
    # Besides what speaks of the protocol itself, or wraps another verb.
    there -= {("OPTIONS", "/televersements"), ("POST", "/televersements/{upload_id}")}
    assert there == OPERATIONS.keys()
    assert all(callable(getattr(Client, method)) for method in OPERATIONS.values())


@pytest.mark.parametrize(
    ("ours", "theirs", "renamed"),
    [(answers, schemas, {}), (webhooks, webhook_schemas, {"Essai": "EssaiWebhook"})],
    ids=["acts", "webhooks"],
)
def test_the_shapes_are_those_of_the_api(
    ours: ModuleType, theirs: ModuleType, renamed: dict[str, str]
) -> None:
    asked = getattr(theirs, "Demande", ())
    shapes = [
        shape
        for shape in vars(theirs).values()
        if isinstance(shape, type)
        and issubclass(shape, BaseModel)
        and shape.__module__ == theirs.__name__
        and not issubclass(shape, asked)
        and shape.__name__ not in ("Shape", "Erreur")
    ]
    for shape in shapes:
        known = getattr(ours, renamed.get(shape.__name__, shape.__name__))
        assert {field.name for field in fields(known)} == shape.model_fields.keys(), shape
    assert shapes


def test_the_authority_of_a_file_alone_is_trusted(
    server_of: Callable[..., tuple[WebServer, Path]], waits: list[float]
) -> None:
    server, ca_file = server_of()
    server.pages["/api/v1/actes"] = _page
    with _client(server, ca_file, waits) as client:
        assert list(client.actes()) == []
    assert server.asked[0].headers["authorization"] == "Bearer tdt_secret"


@pytest.mark.parametrize("names", [("127.0.0.1",), ("ailleurs.example.org",)])
def test_a_service_that_is_not_vouched_for_is_told_nothing(
    names: tuple[str, ...],
    server_of: Callable[..., tuple[WebServer, Path]],
    waits: list[float],
) -> None:
    server, ca_file = server_of(*names)
    with (
        _client(server, ca_file if names[0] != "127.0.0.1" else None, waits) as client,
        pytest.raises(AddressError) as raised,
    ):
        client.page_of_actes()
    assert "certificat" in str(raised.value)
    assert (server.asked, waits) == ([], [])


def test_the_token_follows_no_redirection(
    server_of: Callable[..., tuple[WebServer, Path]], waits: list[float]
) -> None:
    server, ca_file = server_of()
    server.pages["/api/v1/actes"] = lambda request: request.says(
        b"", 302, Location=server.url("/elsewhere")
    )
    with _client(server, ca_file, waits) as client, pytest.raises(BadRequestError):
        client.page_of_actes()
    assert [asked.path for asked in server.asked] == ["/api/v1/actes"]


@pytest.mark.parametrize(
    ("status", "body", "kind", "tries"),
    [
        (200, b"<html>", UnreadableAnswerError, 1),
        (200, b'{"actes": 3, "suivant": null}', UnreadableAnswerError, 1),
        (500, b"Internal Server Error", ServiceFailedError, 1),
        (502, b"Bad gateway", NoAnswerError, 2),
        (504, b"Gateway timeout", NoAnswerError, 2),
        (500, json.dumps({"problemes": 3}).encode(), ServiceFailedError, 1),
    ],
)
def test_what_answers_in_the_place_of_the_service_is_told_as_it_is(
    status: int,
    body: bytes,
    kind: type[Exception],
    tries: int,
    server_of: Callable[..., tuple[WebServer, Path]],
    waits: list[float],
) -> None:
    server, ca_file = server_of()
    media = "application/problem+json" if body.startswith(b'{"p') else "text/plain"
    server.pages["/api/v1/actes"] = lambda request: request.says(body, status, Content_Type=media)
    with _client(server, ca_file, waits) as client, pytest.raises(kind):
        client.page_of_actes()
    assert len(server.asked) == tries


def test_an_answer_without_length_that_is_cut_is_no_answer(
    server_of: Callable[..., tuple[WebServer, Path]], waits: list[float]
) -> None:
    server, ca_file = server_of()

    def cut(request: Request) -> None:
        request.begins(200, None, Content_Type="application/json")
        request.wfile.write(b'{"actes": [], "suivant": null}')
        request.cuts()

    server.pages["/api/v1/actes"] = cut
    with _client(server, ca_file, waits) as client, pytest.raises(NoAnswerError):
        client.page_of_actes()


def test_nothing_of_the_environment_changes_whom_the_token_is_shown_to(
    server_of: Callable[..., tuple[WebServer, Path]],
    waits: list[float],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, ca_file = server_of()
    server.pages["/api/v1/actes"] = _page
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with _client(server, ca_file, waits) as client:
        client.page_of_actes()
    assert server.asked[0].headers["authorization"] == "Bearer tdt_secret"


def test_the_token_is_in_no_text_and_no_log(
    server_of: Callable[..., tuple[WebServer, Path]],
    waits: list[float],
    caplog: pytest.LogCaptureFixture,
) -> None:
    server, ca_file = server_of()
    server.pages["/api/v1/actes"] = _page
    with caplog.at_level(logging.DEBUG), _client(server, ca_file, waits) as client:
        client.page_of_actes()
        shown = [repr(client), str(vars(client)), repr(client._transport)]
        shown.append(str(vars(client._transport)))
        shown.append(str(vars(client._transport._session.auth)))
    assert "tdt_secret" not in "".join([*shown, caplog.text])


def test_the_oldest_tls_is_not_spoken(tmp_path: Path, waits: list[float]) -> None:
    from transmission.client.trust import trusting

    context = trusting(None)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
