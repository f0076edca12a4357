"""One address for people and for programs: what is under ``/api`` never reaches the pages."""

from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/api"


class Front:
    """Leads each request to the one application that is to see it, guards included."""

    def __init__(self, api: ASGIApp, pages: ASGIApp) -> None:
        self._api = api
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry. The beginning and the end of the process are told to the pages."""
        path = scope.get("path", "")
        is_api = scope["type"] != "lifespan" and (path == PREFIX or path.startswith(f"{PREFIX}/"))
        await (self._api if is_api else self._pages)(scope, receive, send)
