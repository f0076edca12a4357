"""Signed tokens: the right key, a believed algorithm, or nothing."""

import base64
import hashlib
import hmac
import json
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, Key, RSAKey

from tests.support.oidc_provider import encoded, key_for, published, raw_signed, signed
from transmission.outbound.jose import (
    ALGORITHMS,
    NotBelievedError,
    PublicKey,
    UnknownKeyError,
    opened,
    read_keys,
    read_object,
)

CLAIMS = {"sub": "agent-7", "exp": 1}


@pytest.fixture(scope="module")
def key() -> Key:
    return key_for("RS256", "k1")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_believed_algorithm_is_read(algorithm: str) -> None:
    own = key_for(algorithm, "k1")
    keys = read_keys(published(key_for("ES256", "k0"), own))
    assert opened(signed(CLAIMS, own, algorithm), keys) == (algorithm, CLAIMS)


def test_a_set_of_one_key_needs_no_name(key: Key) -> None:
    token = signed(CLAIMS, key, "RS256", kid=None)
    assert opened(token, read_keys(published(key)))[1] == CLAIMS
    with pytest.raises(UnknownKeyError, match="ne publie pas"):
        opened(token, read_keys(published(key, key_for("PS256", "k2"))))


def test_an_unsigned_token_is_refused(key: Key) -> None:
    header, payload = json.dumps({"alg": "none"}), json.dumps(CLAIMS)
    unsigned = f"{encoded(header.encode())}.{encoded(payload.encode())}."
    with pytest.raises(NotBelievedError, match="jeton signé"):
        opened(unsigned, read_keys(published(key)))
    with pytest.raises(NotBelievedError, match="procédé refusé"):
        opened(f"{unsigned}AAAA", read_keys(published(key)))


@pytest.mark.parametrize("form", ["pem", "der", "modulus", "jwk"])
def test_the_public_key_is_no_shared_secret(key: Key, form: str) -> None:
    secret = {
        "pem": key.as_pem(private=False),
        "der": key.as_der(private=False),
        "modulus": base64.urlsafe_b64decode(str(key.as_dict()["n"]) + "=="),
        "jwk": json.dumps(key.as_dict(private=False)).encode(),
    }[form]
    header = encoded(b'{"alg":"HS256","kid":"k1"}')
    content = f"{header}.{encoded(json.dumps(CLAIMS).encode())}"
    digest = hmac.new(secret, content.encode(), hashlib.sha256).digest()
    with pytest.raises(NotBelievedError, match="procédé refusé \\(« HS256 »\\)"):
        opened(f"{content}.{encoded(digest)}", read_keys(published(key)))


@pytest.mark.parametrize("algorithm", ["HS256", "RS384", "ES512", "nOnE", "", 5, None, ["RS256"]])
def test_an_algorithm_that_is_not_listed_is_refused(key: Key, algorithm: Any) -> None:
    header = json.dumps({"alg": algorithm, "kid": "k1"}).encode()
    token = raw_signed(header, json.dumps(CLAIMS).encode(), key, "RS256")
    with pytest.raises(NotBelievedError, match="procédé refusé"):
        opened(token, read_keys(published(key)))


def test_a_key_serves_its_own_algorithm_alone() -> None:
    own = RSAKey.generate_key(2048, {"kid": "k1", "alg": "PS256"})
    keys = read_keys(published(own))
    assert opened(signed(CLAIMS, own, "PS256"), keys)[1] == CLAIMS
    with pytest.raises(UnknownKeyError):
        opened(signed(CLAIMS, own, "RS256"), keys)


def test_a_token_of_another_key_under_the_same_name_is_refused(key: Key) -> None:
    token = signed(CLAIMS, key_for("RS256", "k1"), "RS256")
    with pytest.raises(NotBelievedError, match="signature"):
        opened(token, read_keys(published(key)))


def test_a_token_brings_no_key_along(key: Key) -> None:
    own = key_for("RS256", "k9")
    token = signed(CLAIMS, own, "RS256", jwk=own.as_dict(private=False), kid=None)
    with pytest.raises(NotBelievedError, match="signature"):
        opened(token, read_keys(published(key)))


@pytest.mark.parametrize("extension", [{"crit": ["exp"], "exp": 1}, {"b64": False}])
def test_an_extension_that_must_be_understood_is_refused(
    key: Key, extension: dict[str, Any]
) -> None:
    with pytest.raises(NotBelievedError, match="extensions"):
        opened(signed(CLAIMS, key, "RS256", **extension), read_keys(published(key)))


def test_a_header_that_may_be_ignored_is(key: Key) -> None:
    token = signed(CLAIMS, key, "RS256", typ="JWT", nouveau="x" * 1000)
    assert opened(token, read_keys(published(key)))[1] == CLAIMS


@pytest.mark.parametrize("payload", [b"[]", b"12", b"{", b"\xff", b"[" * 20_000])
def test_a_signed_token_that_says_nothing_readable_is_refused(key: Key, payload: bytes) -> None:
    token = raw_signed(b'{"alg":"RS256","kid":"k1"}', payload, key, "RS256")
    with pytest.raises(NotBelievedError, match="n'est pas un objet JSON"):
        opened(token, read_keys(published(key)))


def test_keys_that_cannot_sign_for_us_are_left_out(key: Key) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
    small = encoded(weak.public_numbers().n.to_bytes(128))
    written = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"},
        {"kty": "RSA", "n": small, "e": "AQAB", "kid": "weak"},
        {"kty": "RSA", "n": "_" * 1400, "e": "AQAB", "kid": "endless"},
        {**key.as_dict(private=False), "e": "_" * 8, "kid": "slow"},
        {**key.as_dict(private=True), "kid": "told"},
        {**key.as_dict(private=False), "kid": "ciphers", "use": "enc"},
        {**key.as_dict(private=False), "kid": 12},
        {**ECKey.generate_key("P-384").as_dict(private=False), "kid": "curve"},
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", "kid": "off the curve"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "kid": "short"},
        {"kty": "AKP", "kid": "of tomorrow"},
        "no key",
        key.as_dict(private=False),
    ]
    assert [each.kid for each in read_keys(json.dumps({"keys": written}).encode())] == ["k1"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"keys": {}}', b"\xff", b"[" * 100_000])
def test_what_is_no_set_of_keys_is_refused(content: bytes) -> None:
    with pytest.raises(NotBelievedError, match="jeu de clés"):
        read_keys(content)


_KEYS = [PublicKey("k1", None, key_for("ES256", "k1"))]
_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)
_FIELDS = st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "x5u", "kty", "n", "e", "crv", "x", "y", "use", "d"]),
    _JSON | st.sampled_from(["ES256", "RS256", "k1", "EC", "P-256", "RSA", "OKP", "Ed25519"]),
)


@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"))
def test_no_text_is_taken_for_a_token(text: str) -> None:
    with pytest.raises(NotBelievedError):
        opened(text, _KEYS)


@given(_FIELDS)
def test_no_header_brings_us_down(header: dict[str, Any]) -> None:
    with pytest.raises(NotBelievedError):
        opened(f"{encoded(json.dumps(header).encode())}.e30.AAAA", _KEYS)


@given(st.lists(_FIELDS | _JSON, max_size=5))
def test_no_set_of_keys_brings_us_down(written: list[Any]) -> None:
    assert len(read_keys(json.dumps({"keys": written}).encode())) <= len(written)


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_no_bytes_but_an_object_are_an_object(content: bytes | str) -> None:
    with suppress(NotBelievedError):
        assert isinstance(read_object(content, "la réponse"), dict)
