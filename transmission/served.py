"""What everything that is served over HTTP shares: the console, the API, the public register."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, cast

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from transmission.domain.transmission import Author
from transmission.services.dossier import make_dossier
from transmission.services.stamp import stamp
from transmission.services.toolbox import Toolbox

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""Names of what is only reached from its own machine."""

PROBES = ("/healthz", "/readyz")
"""Asked by supervisors under any name; they say nothing worth protecting."""

_logger = structlog.get_logger()


class LastResort:
    """Answers what nothing foresaw, and lets nothing of it reach the server.

    A server closes the connection of an application that raises: were a body still arriving, the
    answer would be lost with it, and whoever asked could not tell a fault from a cut.
    """

    def __init__(self, app: ASGIApp, answer: Callable[[], Response]) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry. Raises what the application raised when its answer had begun."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            if begun:
                raise
            _logger.exception("unforeseen", path=scope.get("path"))
            await self._answer()(scope, receive, send)


def protect(headers: MutableHeaders, protection: Mapping[str, str]) -> None:
    """Add the protective headers which are not there yet."""
    for name, value in protection.items():
        headers.setdefault(name, value)


def bare_host(host: str) -> str:
    """A ``Host`` header without its port, in lower case; brackets of IPv6 are kept."""
    name, separator, port = host.rpartition(":")
    return (name if separator and port.isdecimal() else host).lower()


def has_it(request: Request, etag: str) -> bool:
    """Whether whoever asks says that they have what bears a tag (RFC 9110 §13.1.2)."""
    said = request.headers.get("if-none-match", "")
    return said.strip() == "*" or etag in (
        each.strip().removeprefix("W/") for each in said.split(",")
    )


def storable(typed: str) -> str:
    """What somebody typed, without the spaces around: what PostgreSQL cannot hold cannot be found
    there either."""
    return typed.replace("\x00", "").encode("utf-8", "ignore").decode().strip()


def stamped(tools: Toolbox, acte_id: int, folder: Path | None = None) -> BinaryIO:
    """The stamped PDF of an act, from its beginning, in a nameless file which the caller closes.

    The file is in ``folder``, the machine's own for temporary files with None. Raises as
    :func:`transmission.services.stamp.stamp`.
    """
    written = cast("BinaryIO", tempfile.TemporaryFile(dir=folder))  # noqa: SIM115
    try:
        stamp(tools, acte_id, written)
    except BaseException:
        written.close()
        raise
    written.seek(0)
    return written


def proven(
    tools: Toolbox, acte_id: int, author: Author, folder: Path | None = None
) -> tuple[BinaryIO, str]:
    """The dossier de preuve of an act, from its beginning, in a nameless file which the caller
    closes; and the name to give it. ``folder`` and what is raised as for :func:`stamped`."""
    written = cast("BinaryIO", tempfile.TemporaryFile(dir=folder))  # noqa: SIM115
    try:
        made = make_dossier(tools, acte_id, author, written)
    except BaseException:
        written.close()
        raise
    written.seek(0)
    return written, made.name
