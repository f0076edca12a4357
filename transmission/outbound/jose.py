"""Signed tokens (JWS, RFC 7515): who signed them. What they say is judged by whoever reads them.

The token chooses neither its key nor, outside a short list, its algorithm: what it says of either
(``jku``, ``jwk``, ``x5u``, ``none``, a shared secret) is not looked at.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode

from transmission.domain.errors import TransmissionError
from transmission.outbound.reasons import excerpt

ALGORITHMS = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP", "Ed25519": "OKP"}
"""Algorithms that are believed, and the type of their key. Nothing symmetric: our secret is not a
signature of theirs, and their public key is no secret."""

TOKEN_MAX, KEYS_MAX = 65_536, 100
"""Characters of a token, and keys looked at in a set."""

_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,4096})\.[A-Za-z0-9_-]{1,60000}\.[A-Za-z0-9_-]{1,1400}")
_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,1400}")
_MODULUS_BITS = range(2048, 8193)
_EXPONENT_BYTES = 4


class NotBelievedError(TransmissionError):
    """What the provider says cannot be believed; the text is a French reason, without a stop."""


class UnknownKeyError(NotBelievedError):
    """No key that is known signed it: the provider may have a new one."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key of a provider; ``kid`` and ``algorithm`` are None when it does not say."""

    kid: str | None
    algorithm: str | None
    key: Key


class _Registry(jws.JWSRegistry):
    """The library's, with our list instead of its own. A header that it does not know is no fault
    (RFC 7515 §4), one that must be understood is (``crit``)."""

    max_header_length = 4096

    def __init__(self) -> None:
        super().__init__(algorithms=list(ALGORITHMS), strict_check_header=False)

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in ALGORITHMS:
            raise JoseError(f"{name} is not believed")
        # Without the library's warning of EdDSA, which providers still write for Ed25519.
        return self.algorithms[name]


def read_object(content: bytes | str, what: str) -> dict[str, Any]:
    """The JSON object of an answer. Raises NotBelievedError for anything else."""
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise NotBelievedError(f"{what} n'est pas un objet JSON")
    return read


def read_keys(content: bytes) -> Sequence[PublicKey]:
    """The keys of a set (RFC 7517) that can sign for us; the others are left out, as they must.

    Raises NotBelievedError when it is no set of keys.
    """
    written = read_object(content, "le jeu de clés du fournisseur").get("keys")
    if not isinstance(written, list):
        raise NotBelievedError("le jeu de clés du fournisseur n'a pas de liste « keys »")
    usable = (_usable(each) for each in written[:KEYS_MAX] if isinstance(each, dict))
    return [key for key in usable if key is not None]


def opened(token: str, keys: Sequence[PublicKey]) -> tuple[str, dict[str, Any]]:
    """The algorithm of a token, and the claims that one of these keys signed.

    Raises UnknownKeyError when none of them is named by it, NotBelievedError.
    """
    parts = _TOKEN.fullmatch(token) if len(token) <= TOKEN_MAX else None
    if parts is None:
        raise NotBelievedError("le jeton n'est pas un jeton signé (JWS)")
    algorithm, key = _chosen(_header(parts[1]), keys)
    try:
        signed = jws.deserialize_compact(token, key.key, registry=_Registry())
    except (JoseError, ValueError) as error:
        raise NotBelievedError("la signature du jeton n'est pas bonne") from error
    return algorithm, read_object(signed.payload or b"", "le contenu du jeton")


def _header(segment: str) -> dict[str, Any]:
    try:
        header = read_object(urlsafe_b64decode(segment.encode("ascii")), "l'en-tête du jeton")
    except ValueError as error:
        raise NotBelievedError("l'en-tête du jeton est illisible") from error
    if "crit" in header or "b64" in header:
        raise NotBelievedError("le jeton demande des extensions qui ne sont pas connues ici")
    return header


def _chosen(header: Mapping[str, Any], keys: Sequence[PublicKey]) -> tuple[str, PublicKey]:
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        told = excerpt(str(algorithm)[:40].encode("utf-8", "replace"))
        raise NotBelievedError(
            f"le jeton est signé par un procédé refusé (« {told} »), et non par l'un de ceux-ci : "
            f"{', '.join(ALGORITHMS)}"
        )
    fitting = [
        key
        for key in keys
        if key.key.key_type == ALGORITHMS[algorithm] and key.algorithm in (None, algorithm)
    ]
    named = fitting if kid is None else [key for key in fitting if key.kid == kid]
    # Several keys and no name (OpenID Connect Core §10.1): nothing to choose by.
    if not named or (kid is None and len(named) > 1):
        raise UnknownKeyError("le jeton est signé par une clé que le fournisseur ne publie pas")
    return algorithm, named[0]


def _usable(written: dict[str, Any]) -> PublicKey | None:
    kid, algorithm = written.get("kid"), written.get("alg")
    if not isinstance(kid, str | None) or not isinstance(algorithm, str | None):
        return None
    # A private key that is published signs for anybody.
    if written.get("use", "sig") != "sig" or "d" in written:
        return None
    try:
        return next((PublicKey(kid, algorithm, key) for key in _imported(written)), None)
    except (JoseError, ValueError, TypeError):
        return None


def _imported(written: dict[str, Any]) -> Iterator[Key]:
    match written:
        case {"kty": "RSA", "n": str(n), "e": str(e)} if _is_sound(n, e):
            yield RSAKey.import_key({"kty": "RSA", "n": n, "e": e})
        case {"kty": "EC", "crv": "P-256", "x": str(x), "y": str(y)} if _are_numbers(x, y):
            yield ECKey.import_key({"kty": "EC", "crv": "P-256", "x": x, "y": y})
        case {"kty": "OKP", "crv": "Ed25519", "x": str(x)} if _are_numbers(x):
            yield OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x})


def _is_sound(modulus: str, exponent: str) -> bool:
    """Whether a key of RSA is neither weak nor long enough to keep us busy."""
    if not _are_numbers(modulus, exponent):
        return False
    number = int.from_bytes(urlsafe_b64decode(modulus.encode("ascii")))
    small = len(urlsafe_b64decode(exponent.encode("ascii"))) <= _EXPONENT_BYTES
    return number.bit_length() in _MODULUS_BITS and small


def _are_numbers(*texts: str) -> bool:
    return all(_NUMBER.fullmatch(text) for text in texts)
