"""The doors and the keys of a provider: asked for seldom, and never of another."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.support.oidc_provider import Provider, key_for, later, published, signed
from tests.support.web_server import Request, WebServer
from transmission.outbound.http import NoAnswerError, Timeouts
from transmission.outbound.jose import NotBelievedError, UnknownKeyError
from transmission.outbound.oidc_metadata import ANSWER_MAX, Metadata, Reply, Wire

WELL_KNOWN = "/.well-known/openid-configuration"


@pytest.fixture
def provider(web: WebServer, now: datetime) -> Provider:
    return Provider(web, now)


@pytest.fixture
def metadata(provider: Provider, pki: Any) -> Metadata:
    return Metadata(provider.issuer, Wire(pki.ca, Timeouts(5, 5, 5)))


def test_the_doors_are_those_of_the_description(provider: Provider, metadata: Metadata) -> None:
    doors = metadata.doors(provider.at)
    assert doors.authorization == provider.web.url("/authorize")
    assert doors.logout == provider.web.url("/logout")
    assert (doors.secret_in_form, doors.names_itself) == (False, False)


def test_the_description_and_the_keys_are_asked_for_once_an_hour(
    provider: Provider, metadata: Metadata
) -> None:
    token = signed({}, provider.key, "RS256")
    for minutes in (0, 1, 59):
        metadata.opened(token, later(provider.at, minutes=minutes))
    assert (provider.asked_for(WELL_KNOWN), provider.asked_for("/jwks")) == (1, 1)
    metadata.opened(token, later(provider.at, minutes=60))
    assert (provider.asked_for(WELL_KNOWN), provider.asked_for("/jwks")) == (2, 2)


def test_a_key_taken_back_serves_for_an_hour_at_most(
    provider: Provider, metadata: Metadata
) -> None:
    token = signed({}, provider.key, "RS256")
    metadata.opened(token, provider.at)
    provider.key = key_for("RS256", "k2")
    metadata.opened(token, later(provider.at, minutes=59))
    with pytest.raises(UnknownKeyError):
        metadata.opened(token, later(provider.at, minutes=60))


def test_a_new_key_is_asked_for_when_it_is_met(provider: Provider, metadata: Metadata) -> None:
    metadata.opened(signed({}, provider.key, "RS256"), provider.at)
    provider.key = key_for("ES256", "k2")
    _, claims = metadata.opened(
        signed({"x": 1}, provider.key, "ES256"), later(provider.at, hours=0.1)
    )
    assert claims == {"x": 1}
    assert (provider.asked_for(WELL_KNOWN), provider.asked_for("/jwks")) == (1, 2)


def test_unknown_keys_make_us_ask_once_a_minute_at_most(
    provider: Provider, metadata: Metadata
) -> None:
    metadata.opened(signed({}, provider.key, "RS256"), provider.at)
    forged = signed({}, key_for("RS256", "forged"), "RS256")
    for seconds in (59, 60, 61, 119, 120):
        with pytest.raises(UnknownKeyError):
            metadata.opened(forged, later(provider.at, seconds=seconds))
    assert provider.asked_for("/jwks") == 3


def test_a_bad_signature_makes_us_ask_for_nothing(provider: Provider, metadata: Metadata) -> None:
    metadata.opened(signed({}, provider.key, "RS256"), provider.at)
    with pytest.raises(NotBelievedError, match="signature"):
        metadata.opened(signed({}, key_for("RS256", "k1"), "RS256"), later(provider.at, minutes=30))
    assert provider.asked_for("/jwks") == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"issuer": "https://autre.example"}, "autre émetteur"),
        ({"issuer": None}, "autre émetteur"),
        ({"jwks_uri": None}, "« jwks_uri »"),
        ({"token_endpoint": None}, "« token_endpoint »"),
        ({"authorization_endpoint": None}, "« authorization_endpoint »"),
        ({"token_endpoint": "http://fournisseur.example/token"}, "pas en https"),
        ({"authorization_endpoint": "http://127.0.0.1.example/"}, "pas en https"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "pas en https"),
        ({"end_session_endpoint": "data:text/html,x"}, "pas en https"),
        ({"userinfo_endpoint": ["https://fournisseur.example"]}, "pas en https"),
        ({"jwks_uri": "https://moi:secret@fournisseur.example/"}, "pas en https"),
        ({"jwks_uri": "https://[fournisseur"}, "pas en https"),
    ],
)
def test_a_description_of_another_or_with_doors_in_clear_is_refused(
    provider: Provider, metadata: Metadata, changes: dict[str, Any], told: str
) -> None:
    provider.description = changes
    with pytest.raises(NotBelievedError, match=told):
        metadata.doors(provider.at)


def test_the_final_bar_of_the_issuer_counts(provider: Provider, pki: Any) -> None:
    barred = Metadata(f"{provider.issuer}/", Wire(pki.ca, Timeouts(5, 5, 5)))
    with pytest.raises(NotBelievedError, match="barre finale"):
        barred.doors(provider.at)
    provider.description = {"issuer": f"{provider.issuer}/"}
    assert barred.doors(provider.at).token


@pytest.mark.parametrize(
    ("methods", "in_form"),
    [
        (["client_secret_basic", "client_secret_post"], False),
        (["client_secret_post"], True),
        (None, False),
        ("client_secret_post", False),
    ],
)
def test_the_secret_goes_where_the_provider_wants_it(
    provider: Provider, metadata: Metadata, methods: Any, in_form: bool
) -> None:
    provider.description = {"token_endpoint_auth_methods_supported": methods}
    assert metadata.doors(provider.at).secret_in_form is in_form


@pytest.mark.parametrize("status", [301, 302, 307, 401, 404, 500, 204])
def test_nothing_but_a_plain_answer_is_read(
    provider: Provider, metadata: Metadata, status: int
) -> None:
    elsewhere = provider.web.url("/ailleurs")
    provider.web.pages["/ailleurs"] = lambda one: one.says(provider.described())
    provider.web.pages[WELL_KNOWN] = lambda one: one.says(
        provider.described() if status != 204 else b"", status, Location=elsewhere
    )
    with pytest.raises(NoAnswerError, match=f"répond {status}"):
        metadata.doors(provider.at)
    assert provider.asked_for("/ailleurs") == 0


def _endless(one: Request) -> None:
    one.begins(200, None)
    for _ in range(160):
        one.wfile.write(b" " * 65_536)


def _huge(one: Request) -> None:
    one.says(b" " * (10 << 20))


@pytest.mark.parametrize("page", [_endless, _huge])
def test_ten_megabytes_are_not_read(
    provider: Provider, metadata: Metadata, page: Callable[[Request], None]
) -> None:
    provider.web.pages[WELL_KNOWN] = page
    with pytest.raises(NoAnswerError, match=f"dépasse {ANSWER_MAX // 1024} Kio"):
        metadata.doors(provider.at)


def _drips(one: Request) -> None:
    one.begins(200, None)
    while not one.server.stopped.wait(0.05):
        one.wfile.write(b" ")


@pytest.mark.parametrize(
    ("page", "told"), [(Request.waits, "pas répondu à temps"), (_drips, "trop lente")]
)
def test_a_provider_that_takes_its_time_is_not_waited_for(
    provider: Provider, pki: Any, page: Callable[[Request], None], told: str
) -> None:
    provider.web.pages[WELL_KNOWN] = page
    hurried = Metadata(provider.issuer, Wire(pki.ca, Timeouts(5, 0.3, 0.3)))
    with pytest.raises(NoAnswerError, match=told):
        hurried.doors(provider.at)


def test_a_cut_answer_is_no_answer(provider: Provider, metadata: Metadata) -> None:
    def cut(one: Request) -> None:
        one.begins(200, 5000)
        one.wfile.write(provider.described())
        one.cuts()

    provider.web.pages[WELL_KNOWN] = cut
    with pytest.raises(NoAnswerError, match="coupée"):
        metadata.doors(provider.at)


def test_a_provider_that_nobody_vouches_for_is_not_spoken_to(
    start_web: Callable[..., WebServer], now: datetime, pki: Any
) -> None:
    stranger = Provider(start_web(pki.stranger), now)
    with pytest.raises(NoAnswerError, match="certificat du serveur est refusé"):
        Metadata(stranger.issuer, Wire(pki.ca, Timeouts(5, 5, 5))).doors(now)


def test_a_provider_in_clear_is_this_very_machine(
    start_web: Callable[..., WebServer], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Provider(start_web(None), now)
    metadata = Metadata(provider.issuer, Wire(None, Timeouts(5, 5, 5)))
    assert metadata.doors(now).token == provider.web.url("/token")
    found = [(2, 1, 6, "", ("192.0.2.7", 80))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: found)
    with pytest.raises(NoAnswerError, match="pas une adresse de cette machine même"):
        Metadata("http://localhost", Wire(None, Timeouts(5, 5, 5))).doors(now)


def test_the_keys_of_a_provider_that_fails_are_not_forgotten(
    provider: Provider, metadata: Metadata
) -> None:
    token = signed({"x": 1}, provider.key, "RS256")
    metadata.opened(token, provider.at)
    provider.web.pages["/jwks"] = lambda one: one.says(b"", 503)
    soon = later(provider.at, minutes=5)
    with pytest.raises(NoAnswerError, match="répond 503"):
        metadata.opened(signed({}, key_for("RS256", "k2"), "RS256"), soon)
    assert metadata.opened(token, soon) == ("RS256", {"x": 1})
    provider.web.pages["/jwks"] = lambda one: one.says(published(provider.key))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"error": "invalid_grant"}, "invalid_grant"),
        ({"error": "<b>\n"}, ""),
        ({"error": 5}, ""),
        ({"error": "x" * 101}, ""),
        ([], ""),
    ],
)
def test_the_code_of_an_error_is_shown_only_if_it_is_one(content: Any, code: str) -> None:
    assert Reply(400, "application/json", json.dumps(content).encode()).error() == code
