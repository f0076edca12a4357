"""What every request must show and every answer carries, whatever the route.

A program proves who it is by a bearer token alone: no cookie is read or set, and no other site is
ever allowed to read an answer from a browser (no CORS header).
"""

from collections.abc import Callable, Collection
from contextlib import ExitStack

import structlog
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from transmission.api.problems import (
    RefusalError,
    answered,
    malformed,
    too_large,
    unauthorised,
)
from transmission.api.rates import Caller, Rates, caller
from transmission.domain.access import Access, AccessDeniedError
from transmission.domain.acte import ARCHIVE_MAX
from transmission.served import bare_host, protect

BODY_MAX = ARCHIVE_MAX + (1 << 20)
"""Bytes of a whole request: all the files that an archive can hold, and what is said of them."""

READING = ("GET", "HEAD")
METHODS = (*READING, "POST", "PATCH", "DELETE", "OPTIONS")
ACCESS = "transmission.access"
"""Where a request carries who it comes from."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_logger = structlog.get_logger()


class Guard:
    """Refuses foreign host names, unknown verbs, callers without a living token, those that call
    too often, and large bodies.

    ``open_paths`` are told to anybody.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str],
        authenticate: Callable[[str], Access],
        rates: Rates,
        open_paths: Collection[str],
    ) -> None:
        self._app = app
        self._hosts = frozenset(name.lower() for name in hosts)
        self._authenticate = authenticate
        self._rates = rates
        self._open = frozenset(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] != "http":
            return

        told: dict[str, str] = {}

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                protect(headers, HEADERS)
                headers.update(told)
            await send(message)

        with ExitStack() as held:
            try:
                self._check(scope)
                if scope["path"] not in self._open:
                    who, secret = _shown(scope)
                    scope[ACCESS] = await self._access(who, secret)
                    told.update(self._rates.came(who).headers())
                    if scope["method"] not in READING:
                        held.enter_context(self._rates.sending(who))
            except RefusalError as error:
                await answered(error)(scope, receive, protected)
                return
            await self._app(scope, _bounded(receive), protected)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if bare_host(headers.get("host", "")) not in self._hosts:
            raise malformed("Ce nom de machine n'est pas celui de ce service (en-tête Host).")
        if scope["method"] not in METHODS:
            raise not_allowed(METHODS)
        length = headers.get("content-length", "0")
        # More digits than that is more than any limit; int() has one of its own.
        if not (length.isascii() and length.isdecimal()):
            raise malformed("L'en-tête Content-Length n'est pas un nombre d'octets.")
        if len(length) > 15 or int(length) > BODY_MAX:
            raise too_large(BODY_MAX)

    async def _access(self, who: Caller, secret: str) -> Access:
        self._rates.check(who)
        try:
            return await run_in_threadpool(self._authenticate, secret)
        except AccessDeniedError as error:
            self._rates.refused(who)
            raise unauthorised(str(error), "invalid_token") from None
        except (OperationalError, InterfaceError, PoolTimeoutError) as error:
            _logger.error("register away", error=type(error).__name__)  # noqa: TRY400 - no secret
            raise away() from None


def _shown(scope: Scope) -> tuple[Caller, str]:
    """Who calls, by the secret that it shows, and that secret. Raises RefusalError without one."""
    given = Headers(scope=scope).getlist("authorization")
    scheme, _, shown = (given[0] if len(given) == 1 else "").partition(" ")
    secret = shown.strip()
    if scheme.lower() != "bearer" or not secret:
        raise unauthorised("Donnez votre jeton dans l'en-tête « Authorization: Bearer … ».")
    address, _ = scope.get("client") or ("", 0)
    return caller(secret, address), secret


def not_allowed(methods: Collection[str]) -> RefusalError:
    """A verb that this address does not know."""
    return RefusalError(
        405,
        "methode",
        "Cette action n'existe pas ici",
        "Cette adresse ne connaît pas ce verbe HTTP.",
        headers={"Allow": ", ".join(methods)},
    )


def away() -> RefusalError:
    """The register or its documents cannot be reached."""
    return RefusalError(
        503,
        "indisponible",
        "Le service ne répond pas pour le moment",
        "Réessayez dans une minute, avec la même clé d'idempotence : rien ne sera fait deux fois.",
        headers={"Retry-After": "60"},
    )


def _bounded(receive: Receive) -> Receive:
    """The body as it comes, whatever length was told; RefusalError once over the limit."""
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > BODY_MAX:
            raise too_large(BODY_MAX)
        return message

    return counted
