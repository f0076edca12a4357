"""What an ID token and the answer of userinfo must say (OpenID Connect Core §3.1.3.7, §5.3)."""

import hmac
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from transmission.outbound.jose import NotBelievedError
from transmission.outbound.reasons import excerpt

LEEWAY = 60.0
"""Seconds by which two clocks may differ."""
AGE_MAX = 600.0
"""Seconds since an ID token was made, at most: it was made for this very return."""

_SUBJECT_MAX = 255
"""Characters of a subject (OpenID Connect Core §2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What was asked, by whom, of whom; ``acr_values`` are the levels that will do, any if none."""

    issuer: str
    client_id: str
    nonce: str
    acr_values: tuple[str, ...]


def check_id_token(
    claims: Mapping[str, Any],
    algorithm: str,
    access_token: str,
    expected: Expected,
    at: datetime,
) -> str:
    """The subject of an ID token that came with ``access_token``. Raises NotBelievedError."""
    _check_origin(claims, expected)
    _check_times(claims, at.timestamp())
    if not _is_same(claims.get("nonce"), expected.nonce):
        raise NotBelievedError("le jeton d'identité répond à une autre demande (nonce)")
    made_with = claims.get("at_hash")
    if made_with is not None and not _is_same(made_with, _half_hash(access_token, algorithm)):
        raise NotBelievedError("le jeton d'identité va avec un autre jeton d'accès (at_hash)")
    level = claims.get("acr")
    if expected.acr_values and level not in expected.acr_values:
        raise NotBelievedError(
            f"le niveau d'authentification est {_told(level)}, et non l'un de ceux qui ont été "
            f"demandés ({', '.join(expected.acr_values)})"
        )
    return _subject(claims)


def check_userinfo(
    claims: Mapping[str, Any], subject: str, expected: Expected, at: datetime, *, signed: bool
) -> None:
    """Raises NotBelievedError unless userinfo speaks of the subject, and a signed one to us.

    A signed answer should name its issuer and its audience: those that it names are checked.
    """
    if not _is_same(claims.get("sub"), subject):
        raise NotBelievedError("la réponse de userinfo parle d'une autre personne (sub)")
    if not signed:
        return
    if "iss" in claims:
        _check_issuer(claims, expected)
    if "aud" in claims:
        _check_audience(claims, expected)
    if "exp" in claims:
        _check_end(claims, at.timestamp())


def _check_origin(claims: Mapping[str, Any], expected: Expected) -> None:
    _check_issuer(claims, expected)
    several = _check_audience(claims, expected)
    party = claims.get("azp")
    if (party is not None or several) and party != expected.client_id:
        raise NotBelievedError(f"le jeton a été remis à une autre application, {_told(party)}")


def _check_issuer(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise NotBelievedError(f"le jeton vient d'un autre émetteur, {_told(claims.get('iss'))}")


def _check_audience(claims: Mapping[str, Any], expected: Expected) -> bool:
    """Whether a token is for others besides us."""
    written = claims.get("aud")
    audience = written if isinstance(written, list) else [written]
    if expected.client_id not in audience:
        raise NotBelievedError(f"le jeton est fait pour une autre application, {_told(written)}")
    return len(audience) > 1


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    _check_end(claims, now)
    made = _instant(claims, "iat")
    if made > now + LEEWAY:
        raise NotBelievedError("le jeton est daté de l'avenir (iat) : une horloge est déréglée")
    if made < now - AGE_MAX - LEEWAY:
        raise NotBelievedError("le jeton a été fait il y a trop longtemps (iat)")
    if "nbf" in claims and _instant(claims, "nbf") > now + LEEWAY:
        raise NotBelievedError("le jeton n'est pas encore valable (nbf)")


def _check_end(claims: Mapping[str, Any], now: float) -> None:
    if _instant(claims, "exp") <= now - LEEWAY:
        raise NotBelievedError("le jeton a expiré (exp)")


def _instant(claims: Mapping[str, Any], name: str) -> float:
    """Seconds since 1970 (RFC 7519 §2). Raises NotBelievedError for what no clock can be held to:
    nothing is ever before or after « not a number »."""
    written = claims.get(name)
    if isinstance(written, bool) or not isinstance(written, int | float):
        raise NotBelievedError(f"le jeton ne dit pas son instant « {name} »")
    if isinstance(written, float) and not math.isfinite(written):
        raise NotBelievedError(f"l'instant « {name} » du jeton n'est pas un nombre fini")
    return written


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT_MAX:
        raise NotBelievedError("le jeton ne nomme personne (sub)")
    if not (subject.isascii() and subject.isprintable()):
        raise NotBelievedError("le jeton nomme la personne par un texte illisible (sub)")
    return subject


def _half_hash(access_token: str, algorithm: str) -> str:
    from authlib.oidc.core.util import create_half_hash  # type: ignore[import-untyped]

    # The library knows the curve by its first name alone.
    known = "EdDSA" if algorithm == "Ed25519" else algorithm
    half: bytes = create_half_hash(access_token, known)
    return half.decode("ascii")


def _is_same(written: object, expected: str) -> bool:
    if not isinstance(written, str):
        return False
    return hmac.compare_digest(
        written.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass")
    )


def _told(value: object) -> str:
    return f"« {excerpt(str(value)[:200].encode('utf-8', 'replace'))} »"
