"""What a token must say to be believed; the tokens here are well signed, all of them."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.oidc_provider import ACCESS_TOKEN, half_hash
from transmission.outbound.jose import ALGORITHMS, NotBelievedError
from transmission.outbound.oidc_claims import (
    AGE_MAX,
    LEEWAY,
    Expected,
    check_id_token,
    check_userinfo,
)

AT = datetime.fromisoformat("2026-03-16T09:30:00+00:00")
NOW = AT.timestamp()
EXPECTED = Expected(
    issuer="https://fournisseur.example", client_id="console", nonce="n-1", acr_values=()
)
RIGHT: dict[str, Any] = {
    "iss": "https://fournisseur.example",
    "aud": "console",
    "sub": "agent-7",
    "iat": NOW,
    "exp": NOW + 300,
    "nonce": "n-1",
}


def checked(claims: dict[str, Any], algorithm: str = "RS256", **expected: Any) -> str:
    asked = {name: getattr(EXPECTED, name) for name in Expected.__slots__} | expected
    return check_id_token(claims, algorithm, ACCESS_TOKEN, Expected(**asked), AT)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": ["console"]},
        {"aud": ["autre", "console"], "azp": "console"},
        {"azp": "console"},
        {"exp": NOW - LEEWAY + 1},
        {"iat": NOW + LEEWAY},
        {"iat": NOW - AGE_MAX - LEEWAY},
        {"nbf": NOW + LEEWAY},
        {"exp": 10**400},
        {"acr": "eidas1"},
    ],
)
def test_a_right_token_names_its_subject(changes: dict[str, Any]) -> None:
    assert checked(RIGHT | changes) == "agent-7"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"iss": "https://fournisseur.example/"}, "autre émetteur"),
        ({"iss": "https://FOURNISSEUR.example"}, "autre émetteur"),
        ({"iss": None}, "autre émetteur"),
        ({"iss": ["https://fournisseur.example"]}, "autre émetteur"),
        ({"aud": "autre"}, "autre application, « autre »"),
        ({"aud": "console2"}, "autre application"),
        ({"aud": []}, "autre application"),
        ({"aud": None}, "autre application"),
        ({"aud": {"console": 1}}, "autre application"),
        ({"aud": ["console", "autre"]}, "autre application, « None »"),
        ({"aud": ["console", "autre"], "azp": "autre"}, "autre application, « autre »"),
        ({"azp": "autre"}, "autre application"),
        ({"exp": NOW - LEEWAY}, "expiré"),
        ({"exp": 0}, "expiré"),
        ({"exp": None}, "« exp »"),
        ({"exp": True}, "« exp »"),
        ({"exp": str(NOW + 300)}, "« exp »"),
        ({"exp": float("nan")}, "pas un nombre fini"),
        ({"exp": float("inf")}, "pas un nombre fini"),
        ({"iat": None}, "« iat »"),
        ({"iat": NOW + LEEWAY + 1}, "avenir"),
        ({"iat": NOW - AGE_MAX - LEEWAY - 1}, "trop longtemps"),
        ({"nbf": NOW + LEEWAY + 1}, "pas encore valable"),
        ({"nbf": "demain"}, "« nbf »"),
        ({"nonce": "n-2"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": "é\ud800"}, "nonce"),
        ({"at_hash": half_hash("un autre", "RS256")}, "at_hash"),
        ({"at_hash": 7}, "at_hash"),
        ({"at_hash": ""}, "at_hash"),
        ({"sub": ""}, "ne nomme personne"),
        ({"sub": None}, "ne nomme personne"),
        ({"sub": 7}, "ne nomme personne"),
        ({"sub": "x" * 256}, "ne nomme personne"),
        ({"sub": "a\x00b"}, "illisible"),
        ({"sub": "аgent-7"}, "illisible"),
    ],
)
def test_a_token_that_says_anything_else_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(NotBelievedError, match=told):
        checked(RIGHT | changes)


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "iat", "exp", "nonce"])
def test_what_a_token_must_say_cannot_be_left_out(missing: str) -> None:
    with pytest.raises(NotBelievedError):
        checked({name: value for name, value in RIGHT.items() if name != missing})


def test_two_clocks_may_differ_by_a_minute_and_a_token_is_ten_minutes_old_at_most() -> None:
    assert checked(RIGHT | {"iat": NOW - 660, "exp": NOW - 59}) == "agent-7"
    for wrong in ({"iat": NOW - 661}, {"exp": NOW - 60}, {"iat": NOW + 61}):
        with pytest.raises(NotBelievedError):
            checked(RIGHT | wrong)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_may_name_the_access_token_it_came_with(algorithm: str) -> None:
    made_with = {"at_hash": half_hash(ACCESS_TOKEN, algorithm)}
    assert checked(RIGHT | made_with, algorithm) == "agent-7"


def test_a_level_that_was_asked_for_must_be_reached() -> None:
    levels = ("eidas2", "eidas3")
    assert checked(RIGHT | {"acr": "eidas3"}, acr_values=levels) == "agent-7"
    for level in ("eidas1", None, ["eidas2"], "eidas2 eidas3"):
        with pytest.raises(NotBelievedError, match="niveau d'authentification"):
            checked(RIGHT | {"acr": level}, acr_values=levels)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "agent-7"},
        {"sub": "agent-7", "iss": EXPECTED.issuer, "aud": "console", "exp": NOW + 1},
        {"sub": "agent-7", "aud": ["autre", "console"]},
    ],
)
def test_userinfo_speaks_of_the_same_person(claims: dict[str, Any]) -> None:
    check_userinfo(claims, "agent-7", EXPECTED, AT, signed=True)
    check_userinfo(claims, "agent-7", EXPECTED, AT, signed=False)


@pytest.mark.parametrize("claims", [{}, {"sub": "agent-8"}, {"sub": None}, {"sub": ["agent-7"]}])
def test_userinfo_of_another_person_is_refused(claims: dict[str, Any]) -> None:
    for signed in (True, False):
        with pytest.raises(NotBelievedError, match="autre personne"):
            check_userinfo(claims, "agent-7", EXPECTED, AT, signed=signed)


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://autre.example"}, {"aud": "autre"}, {"aud": None}, {"exp": NOW - LEEWAY}],
)
def test_signed_userinfo_made_for_others_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(NotBelievedError):
        check_userinfo({"sub": "agent-7"} | claims, "agent-7", EXPECTED, AT, signed=True)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(st.sampled_from([*RIGHT, "azp", "nbf", "acr"]), _JSON)
def test_whatever_a_claim_is_it_is_judged(name: str, value: Any) -> None:
    try:
        subject = checked(RIGHT | {name: value})
    except NotBelievedError:
        return
    assert subject == (value if name == "sub" else "agent-7")
