"""What every answer carries and what no request may do, whatever the page."""

from collections.abc import Callable, Collection, Mapping
from urllib.parse import quote, urlsplit

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from transmission.console.cookies import session_cookie
from transmission.console.language import SPOKEN, wished
from transmission.console.visitor import VISIT, Visit
from transmission.domain.accounts import FRENCH
from transmission.served import PROBES, bare_host, protect

READING = ("GET", "HEAD")
METHODS = (*READING, "POST")

ENTRANCE = "/connexion"
OPEN = (*PROBES, "/metrics", ENTRANCE, f"{ENTRANCE}/", "/statique/", "/calendriers/")
"""Addresses, or their beginnings, that nobody has to be known for; some check by themselves."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not « no-referrer »: browsers would then hide from us the origin of our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Set on every answer, unless the answer already says otherwise."""


class Guard:
    """Refuses foreign host names (DNS rebinding), forms of other sites, and whoever is not known.

    ``visit`` tells who comes with the secret of a session (``cookies.SESSION``); ``refusal`` makes
    the page of a status.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str],
        visit: Callable[[Mapping[str, str]], Visit | None],
        refusal: Callable[[int], Response],
        *,
        served_as_https: bool = False,
    ) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._visit = visit
        self._refusal = refusal
        self._served_as_https = served_as_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        SPOKEN.set(FRENCH)
        responder = self._refused(scope) or await self._stranger(scope) or self._app

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                protect(MutableHeaders(scope=message), HEADERS)
            await send(message)

        await responder(scope, receive, protected)

    def _refused(self, scope: Scope) -> ASGIApp | None:
        host = Headers(scope=scope).get("host", "")
        if scope["path"] not in PROBES and bare_host(host) not in self._hosts:
            return self._refusal(400)
        if scope["method"] not in METHODS:
            return self._refusal(405)
        if scope["method"] not in READING and is_foreign(Headers(scope=scope)):
            return self._refusal(403)
        return None

    async def _stranger(self, scope: Scope) -> ASGIApp | None:
        """Where to send whoever must be known and is not; the visit of the others is kept."""
        headers = Headers(scope=scope)
        path: str = scope["path"]
        if path in (*PROBES, "/metrics") or path.startswith("/statique/"):
            return None
        cookies = session_cookie(
            scope, headers.get("cookie", ""), served_as_https=self._served_as_https
        )
        try:
            known = await run_in_threadpool(self._visit, cookies)
        except (OperationalError, InterfaceError, PoolTimeoutError):
            return self._refusal(503)
        if known is not None:
            scope[VISIT] = known
            SPOKEN.set(known.language)
            return None
        SPOKEN.set(wished(scope))
        if any(path == each or (each[-1] == "/" and path.startswith(each)) for each in OPEN):
            return None
        if scope["method"] not in READING:
            return self._refusal(403)
        asked = path + (f"?{scope['query_string'].decode('latin-1')}" * bool(scope["query_string"]))
        return RedirectResponse(f"{ENTRANCE}?suite={quote(asked, safe='')}", 303)


def is_foreign(headers: Headers) -> bool:
    """Whether a request that changes something comes from a page of another site.

    Browsers say so by ``Sec-Fetch-Site``, the older ones by ``Origin``; a program says neither.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")
