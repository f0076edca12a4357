"""What a provider says of itself: where its doors are (OpenID Connect Discovery), and its keys.

Both are kept for a while, so that a login costs no more calls than it must; a key that is not known
is asked for again, and not more than once a minute, whatever tokens say.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from transmission.outbound.addresses import Reach
from transmission.outbound.http import Line, NoAnswerError, Timeouts, asked, checked
from transmission.outbound.jose import (
    NotBelievedError,
    PublicKey,
    UnknownKeyError,
    opened,
    read_keys,
    read_object,
)
from transmission.outbound.reasons import excerpt
from transmission.outbound.trust import trusting

ANSWER_MAX = 262_144
"""Bytes read of an answer: 256 KiB, a hundred times a usual set of keys."""
KEPT_FOR = timedelta(hours=1)
ASKED_AGAIN_AFTER = timedelta(minutes=1)

_WELL_KNOWN = "/.well-known/openid-configuration"
_ERROR = re.compile(r"[\x20-\x7e]{1,100}")


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer; ``kind`` is its media type in lower case, without parameters."""

    status: int
    kind: str
    content: bytes

    def error(self) -> str:
        """The code of an error of OAuth (RFC 6749 §5.2), empty when there is none."""
        try:
            code = read_object(self.content, "la réponse").get("error")
        except NotBelievedError:
            return ""
        return code if isinstance(code, str) and _ERROR.fullmatch(code) else ""


@dataclass(frozen=True, slots=True)
class Wire:
    """How the provider is spoken to: https alone, or http to this very machine; no redirect is
    followed, and no more than ``ANSWER_MAX`` is read."""

    ca_file: Path | None
    timeouts: Timeouts

    def get(self, address: str, **headers: str) -> Reply:
        """Raises NoAnswerError, UnusableFileError."""
        return self._asked("GET", address, headers, None)

    def post(self, address: str, body: bytes, **headers: str) -> Reply:
        """Raises NoAnswerError, UnusableFileError."""
        kind = "application/x-www-form-urlencoded"
        return self._asked("POST", address, {**headers, "Content-Type": kind}, body)

    def _asked(
        self, method: str, address: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply:
        target = checked(address)
        reach = Reach.ANYWHERE if urlsplit(target).scheme == "https" else Reach.LOOPBACK
        line = Line(trusting(self.ca_file), reach, self.timeouts)
        with asked(method, target, headers, body, line) as answer:
            content = bytearray()
            for block in answer.blocks():
                content += block
                if len(content) > ANSWER_MAX:
                    raise NoAnswerError(f"la réponse dépasse {ANSWER_MAX // 1024} Kio")
            kind = (answer.header("Content-Type") or "").partition(";")[0].strip().lower()
            return Reply(answer.status, kind, bytes(content))


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Addresses of a provider, and two habits of it: whether it wants our secret in the form rather
    than in a header, and whether it signs its returns (RFC 9207)."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    logout: str | None
    secret_in_form: bool
    names_itself: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read, and when."""

    doors: Doors
    doors_at: datetime
    keys: Sequence[PublicKey] = ()
    keys_at: datetime | None = None


class Metadata:
    """What a provider says of itself, as fresh as it must be.

    Threads may call at once: they may then ask the same twice, which harms nobody.
    """

    def __init__(self, issuer: str, wire: Wire) -> None:
        self._issuer, self._wire = issuer, wire
        self._known: _Known | None = None

    def doors(self, at: datetime) -> Doors:
        """Raises NoAnswerError, UnusableFileError, NotBelievedError."""
        return self._current(at).doors

    def check(self, at: datetime) -> None:
        """Raises as above for what would let nobody in."""
        keys, _ = self._keys(at)
        if not keys:
            raise NotBelievedError("le fournisseur ne publie aucune clé qui puisse servir")

    def opened(self, token: str, at: datetime) -> tuple[str, dict[str, Any]]:
        """The algorithm and the claims of a token that the provider signed. Raises as above."""
        keys, asked_at = self._keys(at)
        try:
            return opened(token, keys)
        except UnknownKeyError:
            if at - asked_at < ASKED_AGAIN_AFTER:
                raise
        return opened(token, self._asked_keys(self._current(at), at))

    def _current(self, at: datetime) -> _Known:
        known = self._known
        if known is None or at - known.doors_at >= KEPT_FOR:
            doors = _doors(self._said(f"{self._issuer.rstrip('/')}{_WELL_KNOWN}"), self._issuer)
            known = _Known(doors, at) if known is None else replace(known, doors=doors, doors_at=at)
            self._known = known
        return known

    def _keys(self, at: datetime) -> tuple[Sequence[PublicKey], datetime]:
        known = self._current(at)
        if known.keys_at is None or at - known.keys_at >= KEPT_FOR:
            return self._asked_keys(known, at), at
        return known.keys, known.keys_at

    def _asked_keys(self, known: _Known, at: datetime) -> Sequence[PublicKey]:
        keys = read_keys(self._said(known.doors.keys))
        self._known = replace(known, keys=keys, keys_at=at)
        return keys

    def _said(self, address: str) -> bytes:
        reply = self._wire.get(address, Accept="application/json")
        if reply.status != 200:
            raise NoAnswerError(f"il répond {reply.status} à l'adresse {address}")
        return reply.content


def _doors(content: bytes, issuer: str) -> Doors:
    """Raises NotBelievedError for a document that is not that of this very issuer."""
    said = read_object(content, "la description du fournisseur")
    if said.get("issuer") != issuer:
        told = excerpt(str(said.get("issuer"))[:200].encode("utf-8", "replace"))
        raise NotBelievedError(
            f"l'adresse {issuer} décrit un autre émetteur, « {told} » : les deux doivent être "
            "identiques, barre finale comprise"
        )
    methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    in_form = isinstance(methods, list) and "client_secret_basic" not in methods
    return Doors(
        authorization=_needed(said, "authorization_endpoint"),
        token=_needed(said, "token_endpoint"),
        keys=_needed(said, "jwks_uri"),
        userinfo=_address(said, "userinfo_endpoint"),
        logout=_address(said, "end_session_endpoint"),
        secret_in_form=in_form,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def _needed(said: Mapping[str, Any], name: str) -> str:
    address = _address(said, name)
    if address is None:
        raise NotBelievedError(f"la description du fournisseur ne donne pas « {name} »")
    return address


def _address(said: Mapping[str, Any], name: str) -> str | None:
    """An address of https, or of http on this very machine: browsers are sent to some of them."""
    written = said.get(name)
    if written is None:
        return None
    try:
        address = checked(written) if isinstance(written, str) else ""
    except NoAnswerError:
        address = ""
    parts = urlsplit(address)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise NotBelievedError(f"l'adresse « {name} » du fournisseur n'est pas en https://")
    return address
