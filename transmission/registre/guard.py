"""What every answer carries and what no request may do, whatever the page."""

from collections.abc import Callable, Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from transmission.served import PROBES, bare_host, protect

METHODS = ("GET", "HEAD")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""Set on every answer, unless the answer already says otherwise."""


class Guard:
    """Refuses host names that are not the register's, and every verb but reading.

    ``refusal`` makes the page of a status.
    """

    def __init__(
        self, app: ASGIApp, hosts: Collection[str], refusal: Callable[[int], Response]
    ) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                protect(MutableHeaders(scope=message), HEADERS)
            await send(message)

        if scope["type"] == "http":
            await (self._refused(scope) or self._app)(scope, receive, protected)

    def _refused(self, scope: Scope) -> ASGIApp | None:
        host = Headers(scope=scope).get("host", "")
        if scope["path"] not in PROBES and bare_host(host) not in self._hosts:
            return self._refusal(400)
        return None if scope["method"] in METHODS else self._refusal(405)
