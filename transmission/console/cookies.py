"""The cookie that says who comes: its name, where it travels, and what else comes from outside."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.requests import cookie_parser
from starlette.types import Scope

from transmission.domain.accounts import Origin
from transmission.domain.texte import printable

SESSION = "session"
"""Under which name the secret of a session is given to who recognises it."""

_SECURE_NAME = f"__Host-{SESSION}"
_BROWSER_MAX = 200


def is_secure(scope: Scope, *, served_as_https: bool) -> bool:
    """Whether a request travels by https, or people reach the console so."""
    return served_as_https or scope.get("scheme") == "https"


def session_cookie(scope: Scope, cookie: str, *, served_as_https: bool) -> Mapping[str, str]:
    """The secret of a request, as ``{SESSION: secret}``; empty without one.

    By https only the name that no other machine of the domain can set is looked at.
    """
    name = _name(secure=is_secure(scope, served_as_https=served_as_https))
    value = cookie_parser(cookie).get(name)
    return {} if value is None else {SESSION: value}


def secret_of(request: Request, *, served_as_https: bool) -> str:
    """The secret that came with a request, empty without one."""
    cookie = request.headers.get("cookie", "")
    found = session_cookie(request.scope, cookie, served_as_https=served_as_https)
    return found.get(SESSION, "")


def keep_secret(
    response: Response, request: Request, secret: str, *, served_as_https: bool
) -> None:
    """Give a browser the secret of its session: until it closes, out of reach of scripts and of
    other sites' forms."""
    secure = is_secure(request.scope, served_as_https=served_as_https)
    response.set_cookie(
        _name(secure=secure), secret, path="/", httponly=True, secure=secure, samesite="lax"
    )


def drop_secret(response: Response, request: Request, *, served_as_https: bool) -> None:
    """Take it back."""
    secure = is_secure(request.scope, served_as_https=served_as_https)
    response.delete_cookie(
        _name(secure=secure), path="/", httponly=True, secure=secure, samesite="lax"
    )


def origin_of(request: Request) -> Origin:
    """Where a request comes from, as it says."""
    address = request.client.host if request.client else None
    browser = printable(request.headers.get("user-agent", ""))[:_BROWSER_MAX]
    return Origin(address, browser or None)


def local_path(text: str, other: str = "/") -> str:
    """Where to go on after coming in: an address of ours, else ``other``.

    Browsers read ``//machine`` and ``/\\machine`` as another site, and drop tabs and ends of line
    before they do.
    """
    strange = any(ord(sign) <= 32 or ord(sign) == 127 or sign == "\\" for sign in text)
    if strange or not text.startswith("/") or text.startswith("//"):
        return other
    try:
        parts = urlsplit(text)
    except ValueError:
        return other
    if parts.scheme or parts.netloc or parts.path.startswith(("/connexion", "/deconnexion")):
        return other
    return text


def _name(*, secure: bool) -> str:
    return _SECURE_NAME if secure else SESSION
