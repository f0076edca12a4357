"""A person logs in by a provider, which may be wrong, slow, or somebody else."""

import dataclasses
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.support.oidc_provider import (
    BACK,
    CLIENT_ID,
    SECRET,
    Provider,
    errand_of,
    key_for,
    later,
    provider_mock,
    signed,
)
from tests.support.web_server import Request, WebServer
from transmission.clock import SystemClock
from transmission.domain.accounts import Identity
from transmission.outbound.http import Timeouts
from transmission.outbound.oidc import Client, OidcProvider
from transmission.ports.oidc import Declined, Departure, Homecoming, Identified
from transmission.ports.outbound import Unavailable


@pytest.fixture
def provider(web: WebServer, now: datetime) -> Provider:
    return Provider(web, now)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    return file


@pytest.fixture
def ours(provider: Provider, pki: Any, secret: Path) -> Callable[..., OidcProvider]:
    """Our side of the provider, by what the settings change."""

    def made(**changes: Any) -> OidcProvider:
        usual = {
            "issuer": provider.issuer,
            "client_id": CLIENT_ID,
            "secret_file": secret,
            "name": "Fournisseur",
            "ca_file": pki.ca,
        }
        drawn = random.Random(7).randbytes
        return OidcProvider(Client(**(usual | changes)), drawn, Timeouts(5, 1, 2))

    return made


Ours = Callable[..., OidcProvider]


def leaving(ours: OidcProvider, at: datetime, path: str = "/") -> Departure:
    departure = ours.begin(BACK, path, at)
    assert isinstance(departure, Departure), departure
    return departure


def login(ours: OidcProvider, provider: Provider) -> Any:
    """Whatever comes of a login that the person agrees to."""
    return ours.finish(provider.sends_back(leaving(ours, provider.at)), provider.at)


def test_a_browser_leaves_with_all_that_the_protocol_asks(ours: Ours, provider: Provider) -> None:
    one = ours(scopes=("openid", "email", "siret"), acr_values=("eidas1", "eidas2"))
    departure = leaving(one, provider.at)
    door = urlsplit(departure.address)
    assert f"{door.scheme}://{door.netloc}{door.path}" == provider.web.url("/authorize")
    errand = errand_of(departure)
    assert len({errand.state, errand.nonce, errand.challenge}) == 3
    assert all(len(drawn) == 43 for drawn in (errand.state, errand.nonce, errand.challenge))
    del errand.asked["state"], errand.asked["nonce"], errand.asked["code_challenge"]
    assert errand.asked == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": BACK,
        "scope": "openid email siret",
        "code_challenge_method": "S256",
        "acr_values": "eidas1 eidas2",
    }
    assert errand_of(leaving(one, provider.at)).state != errand.state


def test_an_address_that_has_a_query_keeps_it(ours: Ours, provider: Provider) -> None:
    provider.description = {"authorization_endpoint": provider.web.url("/authorize?royaume=a")}
    assert errand_of(leaving(ours(), provider.at)).asked["royaume"] == "a"


def test_a_person_comes_back_identified(ours: Ours, provider: Provider) -> None:
    one = ours()
    departure = leaving(one, provider.at, "/actes?etat=held")
    provider.at = later(provider.at, minutes=9)
    who = one.finish(provider.sends_back(departure), provider.at)
    assert isinstance(who, Identified), who
    assert who.identity == Identity(provider.issuer, "agent-7")
    assert (who.email, who.login) == ("agent@saint-exemple.example", None)
    assert who.path == "/actes?etat=held"
    assert who.id_token.count(".") == 2
    assert provider.asked_for("/token") == provider.asked_for("/userinfo") == 1


def test_the_secret_and_the_verifier_go_to_the_provider_and_nowhere_else(
    ours: Ours, provider: Provider
) -> None:
    who = login(ours(), provider)
    assert isinstance(who, Identified)
    for asked in provider.web.asked:
        said = f"{asked.path}{asked.body.decode()}"
        assert SECRET not in said
        assert ("code_verifier" in said) is (asked.path == "/token")


@pytest.mark.parametrize("algorithm", ["PS256", "ES256", "EdDSA"])
def test_userinfo_may_be_a_signed_token(ours: Ours, provider: Provider, algorithm: str) -> None:
    provider.key, provider.algorithm = key_for(algorithm, "k2"), algorithm
    provider.userinfo_signed = True
    provider.userinfo = {"iss": provider.issuer, "aud": CLIENT_ID, "uid": "7", "siret": "1"}
    who = login(ours(login_claim="uid"), provider)
    assert isinstance(who, Identified), who
    assert (who.email, who.login) == ("agent@saint-exemple.example", "7")


def test_a_provider_without_userinfo_says_it_all_in_its_token(
    ours: Ours, provider: Provider
) -> None:
    provider.description = {"userinfo_endpoint": None}
    provider.claims = {"email": "agent@saint-exemple.example", "email_verified": True}
    who = login(ours(), provider)
    assert isinstance(who, Identified), who
    assert who.email == "agent@saint-exemple.example"


def test_the_secret_goes_in_the_form_when_the_provider_wants_it(
    ours: Ours, provider: Provider
) -> None:
    provider.description = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert isinstance(login(ours(), provider), Identified)
    asked = next(each for each in provider.web.asked if each.path == "/token")
    assert "authorization" not in asked.headers


@pytest.mark.parametrize(
    ("claim", "verified", "email"),
    [
        ("sub", True, "agent@saint-exemple.example"),
        ("sub", None, None),
        ("sub", False, None),
        ("sub", "true", None),
        ("sub", 1, None),
        ("uid", None, None),
        ("email", None, "agent@saint-exemple.example"),
        ("email", True, "agent@saint-exemple.example"),
        ("email", False, None),
        ("email", "false", None),
    ],
)
def test_an_address_counts_if_it_is_verified_or_if_the_settings_believe_the_provider(
    ours: Ours, provider: Provider, claim: str, verified: Any, email: str | None
) -> None:
    provider.userinfo = {"email_verified": verified}
    who = login(ours(login_claim=claim), provider)
    assert isinstance(who, Identified), who
    assert who.email == email


@pytest.mark.parametrize("written", ["agent", 7, "a@b.example\nBcc: c@d.example", ["a@b.example"]])
def test_what_is_no_address_is_none(ours: Ours, provider: Provider, written: Any) -> None:
    provider.userinfo = {"email": written}
    assert login(ours(), provider).email is None


# --- the way back, forged ---


def test_a_return_without_its_ticket_asks_the_provider_for_nothing(
    ours: Ours, provider: Provider
) -> None:
    one = ours()
    brought = provider.sends_back(leaving(one, provider.at))
    other = leaving(one, provider.at).ticket
    for ticket in ("", "forgé", other):
        forged = dataclasses.replace(brought, ticket=ticket)
        outcome = one.finish(forged, provider.at)
        assert isinstance(outcome, Declined)
        assert "aucune connexion commencée" in outcome.reason
        assert not outcome.suspect
    assert provider.asked_for("/token") == 0


@pytest.mark.parametrize("state", ["", "forgé", "é\ud800"])
def test_a_return_with_another_state_is_refused(ours: Ours, provider: Provider, state: str) -> None:
    one = ours()
    brought = provider.sends_back(leaving(one, provider.at))
    assert isinstance(one.finish(dataclasses.replace(brought, state=state), provider.at), Declined)
    assert provider.asked_for("/token") == 0


def test_a_return_that_took_more_than_ten_minutes_is_refused(
    ours: Ours, provider: Provider
) -> None:
    one = ours()
    brought = provider.sends_back(leaving(one, provider.at))
    late = one.finish(brought, later(provider.at, minutes=10, seconds=1))
    assert isinstance(late, Declined)
    assert "10 minutes" in late.reason


def test_a_return_serves_once(ours: Ours, provider: Provider) -> None:
    one = ours()
    brought = provider.sends_back(leaving(one, provider.at))
    assert isinstance(one.finish(brought, provider.at), Identified)
    again = one.finish(brought, provider.at)
    assert isinstance(again, Declined)
    assert "déjà servi" in again.reason


def test_a_code_given_to_another_browser_is_refused(ours: Ours, provider: Provider) -> None:
    one = ours()
    stolen = provider.sends_back(leaving(one, provider.at), "stolen")
    mine = provider.sends_back(leaving(one, provider.at), "mine")
    # PKCE: the thief has the code, and not the verifier.
    outcome = one.finish(dataclasses.replace(mine, code=stolen.code), provider.at)
    assert isinstance(outcome, Declined)


def test_a_code_given_to_another_browser_is_refused_even_without_pkce(
    ours: Ours, provider: Provider
) -> None:
    one = ours()
    stolen, mine = (leaving(one, provider.at) for _ in range(2))
    brought = provider.sends_back(mine)
    provider.errands[brought.code] = dataclasses.replace(
        errand_of(mine), nonce=errand_of(stolen).nonce
    )
    outcome = one.finish(brought, provider.at)
    assert isinstance(outcome, Declined)
    assert "nonce" in outcome.reason
    assert outcome.suspect


@pytest.mark.parametrize(
    ("says", "brings", "believed"),
    [
        (None, "", True),
        (None, "itself", True),
        (None, "https://autre.example", False),
        (True, "itself", True),
        (True, "", False),
        (True, "https://autre.example", False),
    ],
)
def test_a_return_from_another_provider_is_refused(
    ours: Ours, provider: Provider, says: Any, brings: str, believed: bool
) -> None:
    provider.description = {"authorization_response_iss_parameter_supported": says}
    one = ours()
    brought = provider.sends_back(leaving(one, provider.at))
    issuer = provider.issuer if brings == "itself" else brings
    outcome = one.finish(dataclasses.replace(brought, issuer=issuer), provider.at)
    assert isinstance(outcome, Identified if believed else Declined)
    assert provider.asked_for("/token") == believed


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        ("access_denied", Declined, "vous avez refusé"),
        ("invalid_scope", Declined, "« invalid_scope »"),
        ("<script>\x1b[31m", Declined, "refuse la connexion"),
        ("server_error", Unavailable, "« server_error »"),
        ("temporarily_unavailable", Unavailable, "« temporarily_unavailable »"),
    ],
)
def test_a_person_who_refuses_or_is_refused_is_told(
    ours: Ours, provider: Provider, error: str, kind: type, told: str
) -> None:
    one = ours()
    departure = leaving(one, provider.at)
    brought = Homecoming(ticket=departure.ticket, state=errand_of(departure).state, error=error)
    outcome = one.finish(brought, provider.at)
    assert isinstance(outcome, kind)
    assert told in outcome.reason
    assert "\x1b" not in outcome.reason
    assert provider.asked_for("/token") == 0


def test_a_refusal_without_a_ticket_or_with_another_state_is_not_repeated(
    ours: Ours, provider: Provider
) -> None:
    one = ours()
    for brought in (
        Homecoming(error="access_denied"),
        Homecoming(ticket=leaving(one, provider.at).ticket, state="x", error="access_denied"),
    ):
        outcome = one.finish(brought, provider.at)
        assert isinstance(outcome, Declined)
        assert "aucune connexion commencée" in outcome.reason


@pytest.mark.parametrize("code", ["", "x" * 2049, "é", "a\nb"])
def test_what_is_no_code_is_not_sent(ours: Ours, provider: Provider, code: str) -> None:
    one = ours()
    brought = provider.sends_back(leaving(one, provider.at))
    outcome = one.finish(dataclasses.replace(brought, code=code), provider.at)
    assert isinstance(outcome, Declined)
    assert provider.asked_for("/token") == 0


# --- the provider, wrong ---


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"iss": "https://autre.example"}, "autre émetteur"),
        ({"aud": "autre"}, "autre application"),
        ({"azp": "autre"}, "autre application"),
        ({"exp": 1}, "expiré"),
        ({"nonce": "autre"}, "nonce"),
        ({"at_hash": "AAAA"}, "at_hash"),
        ({"sub": None}, "ne nomme personne"),
    ],
)
def test_a_token_that_says_wrong_identifies_nobody(
    ours: Ours, provider: Provider, changes: dict[str, Any], told: str
) -> None:
    provider.claims = changes
    outcome = login(ours(), provider)
    assert isinstance(outcome, Declined)
    assert told in outcome.reason
    assert outcome.suspect
    assert provider.asked_for("/userinfo") == 0


def test_a_level_below_the_one_asked_identifies_nobody(ours: Ours, provider: Provider) -> None:
    provider.claims = {"acr": "eidas1"}
    outcome = login(ours(acr_values=("eidas2",)), provider)
    assert isinstance(outcome, Declined)
    assert "« eidas1 »" in outcome.reason


@pytest.mark.parametrize(
    "answer",
    [
        {"id_token": None},
        {"id_token": 7},
        {"id_token": "a.b.c"},
        {"id_token": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZ2VudC03In0."},
        {"access_token": None},
        {"access_token": "a\r\nX-Forged: 1"},
        {"token_type": "mac"},
        {"token_type": None},
    ],
)
def test_an_answer_without_its_two_tokens_identifies_nobody(
    ours: Ours, provider: Provider, answer: dict[str, Any]
) -> None:
    provider.answer, provider.claims = answer, {"at_hash": None}
    outcome = login(ours(), provider)
    assert isinstance(outcome, Declined)
    assert outcome.suspect


def test_a_token_that_another_signed_identifies_nobody(ours: Ours, provider: Provider) -> None:
    one = ours()
    departure = leaving(one, provider.at)
    brought = provider.sends_back(departure)
    claims = {"iss": provider.issuer, "aud": CLIENT_ID, "sub": "agent-7"}
    stranger = key_for("RS256", "k1")
    provider.answer = {"id_token": signed(claims, stranger, "RS256")}
    outcome = one.finish(brought, provider.at)
    assert isinstance(outcome, Declined)
    assert "signature" in outcome.reason


@pytest.mark.parametrize("changes", [{"sub": "agent-8"}, {"sub": None}])
def test_userinfo_of_another_person_identifies_nobody(
    ours: Ours, provider: Provider, changes: dict[str, Any]
) -> None:
    provider.userinfo = changes
    outcome = login(ours(), provider)
    assert isinstance(outcome, Declined)
    assert "autre personne" in outcome.reason


def test_userinfo_that_another_signed_identifies_nobody(ours: Ours, provider: Provider) -> None:
    forged = signed({"sub": "agent-7"}, key_for("RS256", "k1"), "RS256").encode()
    provider.web.pages["/userinfo"] = lambda one: one.says(forged, Content_Type="application/jwt")
    assert isinstance(login(ours(), provider), Declined)


def test_the_keys_may_change_between_two_logins(ours: Ours, provider: Provider) -> None:
    one = ours()
    assert isinstance(login(one, provider), Identified)
    provider.key = key_for("RS256", "k2")
    assert isinstance(login(one, provider), Declined)
    provider.at = later(provider.at, minutes=1)
    assert isinstance(login(one, provider), Identified)


# --- the provider, away ---


def _huge(one: Request) -> None:
    one.says(b" " * (10 << 20))


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (lambda one: one.says(b"", 302, Location="/ailleurs"), "302"),
        (lambda one: one.says(b"{}", 500), "500"),
        (_huge, "Kio"),
        (Request.waits, "pas répondu à temps"),
        (Request.cuts, "coupée"),
    ],
)
@pytest.mark.parametrize("door", ["/token", "/userinfo", "/jwks"])
def test_a_provider_that_fails_is_told_as_away(
    ours: Ours, provider: Provider, door: str, page: Callable[[Request], None], told: str
) -> None:
    provider.web.pages[door] = page
    outcome = login(ours(), provider)
    assert isinstance(outcome, Unavailable)
    assert told in outcome.reason
    assert provider.asked_for("/ailleurs") == 0


def test_a_secret_that_the_provider_does_not_know_is_told_as_such(
    ours: Ours, provider: Provider, secret: Path
) -> None:
    secret.write_text("un tout autre secret")
    outcome = login(ours(), provider)
    assert isinstance(outcome, Unavailable)
    assert "401 invalid_client" in outcome.reason


@pytest.mark.parametrize("content", [None, "", "court", "x" * 15])
def test_nobody_leaves_without_a_secret_worth_the_name(
    ours: Ours, provider: Provider, secret: Path, content: str | None
) -> None:
    secret.unlink() if content is None else secret.write_text(content)
    outcome = ours().begin(BACK, "/", provider.at)
    assert isinstance(outcome, Unavailable)
    assert str(secret) in outcome.reason
    assert ours().trouble(provider.at) == outcome.reason


def test_an_address_is_not_vouched_for_by_what_is_said_of_another(
    ours: Ours, provider: Provider
) -> None:
    provider.claims = {"email": "elle@saint-exemple.example", "email_verified": True}
    provider.userinfo = {"email": "autre@saint-exemple.example", "email_verified": None}
    assert login(ours(), provider).email is None
    provider.userinfo = {"email": None, "email_verified": None}
    assert login(ours(), provider).email == "elle@saint-exemple.example"


def test_what_keeps_people_out_is_said(ours: Ours, provider: Provider) -> None:
    assert ours().trouble(provider.at) is None
    provider.web.pages["/jwks"] = lambda one: one.says(b'{"keys": []}')
    assert "aucune clé" in str(ours().trouble(provider.at))
    provider.description = {"issuer": "https://autre.example"}
    assert "autre émetteur" in str(ours().trouble(provider.at))
    assert isinstance(ours().begin(BACK, "/", provider.at), Unavailable)


# --- the way out ---


def test_the_session_at_the_provider_ends_where_it_says(ours: Ours, provider: Provider) -> None:
    address = ours().farewell("a.b.c", "https://console.example/connexion", provider.at)
    assert str(address).startswith(f"{provider.web.url('/logout')}?")
    assert parse_qs(urlsplit(str(address)).query) == {
        "id_token_hint": ["a.b.c"],
        "client_id": [CLIENT_ID],
        "post_logout_redirect_uri": ["https://console.example/connexion"],
    }
    assert "id_token_hint" not in str(ours().farewell("", BACK, provider.at))


def test_without_a_way_out_at_the_provider_there_is_none(ours: Ours, provider: Provider) -> None:
    provider.description = {"end_session_endpoint": None}
    assert ours().farewell("a.b.c", BACK, provider.at) is None
    provider.web.pages["/.well-known/openid-configuration"] = lambda one: one.says(b"", 500)
    assert ours().farewell("a.b.c", BACK, later(provider.at, days=1)) is None


# --- a provider that others wrote ---


@pytest.mark.parametrize("verified", [True, False])
def test_we_understand_each_other_with_a_provider_that_others_wrote(
    ours: Ours, verified: bool
) -> None:
    person = {"email": "agent@saint-exemple.example", "email_verified": verified}
    now = SystemClock().now()
    with provider_mock(agent=person) as issuer:
        one = ours(issuer=issuer)
        departure = leaving(one, now)
        agreed = httpx.post(departure.address, data={"sub": "agent"})
        assert agreed.status_code == 302
        back = {name: value for name, (value,) in parse_qs(
            urlsplit(agreed.headers["location"]).query
        ).items()}  # fmt: skip
        brought = Homecoming(ticket=departure.ticket, state=back["state"], code=back["code"])
        who = one.finish(brought, now)
        assert isinstance(who, Identified), who
        assert who.identity == Identity(issuer, "agent")
        assert who.email == ("agent@saint-exemple.example" if verified else None)
        again = one.finish(brought, now)
        assert isinstance(again, Declined), again
        assert "déjà servi" in again.reason
        farewell = httpx.get(str(one.farewell(who.id_token, BACK, now)))
        assert farewell.status_code == 200


def test_a_person_who_refuses_at_a_provider_that_others_wrote_is_told(ours: Ours) -> None:
    now = SystemClock().now()
    with provider_mock() as issuer:
        one = ours(issuer=issuer)
        departure = leaving(one, now)
        refused = httpx.post(departure.address, data={"action": "deny"})
        back = parse_qs(urlsplit(refused.headers["location"]).query)
        assert back["error"] == ["access_denied"]
        # It leaves the state out, which it should not (RFC 6749 §4.1.2.1).
        assert "state" not in back
        brought = Homecoming(ticket=departure.ticket, error="access_denied")
        outcome = one.finish(brought, now)
        assert isinstance(outcome, Declined)
        assert "vous avez refusé" in outcome.reason
