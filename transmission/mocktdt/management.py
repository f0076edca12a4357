"""The management port: plain HTTP and JSON, for whoever runs the mock, never for its clients.

Each call is shown with an example in the help of the program.
"""

import json
import logging
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from transmission.mocktdt import actions
from transmission.mocktdt.arguments import ActionError
from transmission.mocktdt.courrier import courrier
from transmission.mocktdt.deployment import sae, switches
from transmission.mocktdt.listening import StoppableServer
from transmission.mocktdt.mailing import mails
from transmission.mocktdt.oracle import received
from transmission.mocktdt.overview import overview, refusal
from transmission.mocktdt.users import account, users

if TYPE_CHECKING:
    from transmission.mocktdt.mock import MockTdt

_LOG = logging.getLogger("mock-tdt")
_MAX_BODY = 1_048_576
_IDLE_SECONDS = 75
_HTML = "text/html; charset=utf-8"

Action = Callable[["MockTdt", dict[str, Any]], dict[str, Any]]

GETS: dict[str, Action] = {
    "/healthz": actions.healthz,
    "/received": received,
    "/settings": actions.settings,
}
POSTS: dict[str, Action] = {
    "/scenario": actions.scenario,
    "/faults": actions.faults,
    "/clock": actions.clock,
    "/delays": actions.delays,
    "/authorities": actions.authorities,
    "/account": account,
    "/reception-date": actions.reception_date,
    "/classification": actions.classification,
    "/retour": actions.retour,
    "/courrier": courrier,
    "/mails": mails,
    "/users": users,
    "/switches": switches,
    "/sae": sae,
}
# What the forms of the page may ask.
FORMS: dict[str, Action] = {
    "/page/clock": actions.clock,
    "/page/retour": actions.retour,
    "/page/courrier": courrier,
}
_NUMBERS = frozenset({"transaction", "advance"})


class ManagementServer(StoppableServer):
    """The management port of one mock."""

    def __init__(self, address: tuple[str, int], mock: "MockTdt") -> None:
        self.mock = mock
        super().__init__(address, ManagementHandler)


class ManagementHandler(BaseHTTPRequestHandler):
    """GET tells, POST changes. Errors are 400 with `{"error": …}`."""

    server: ManagementServer
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Tell: `/` is a page, the rest is JSON."""
        path, _, query = self.path.partition("?")
        if path == "/":
            self._send(200, overview(self.server.mock), _HTML)
            return
        arguments = {name: values[-1] for name, values in parse_qs(query).items()}
        self._act(GETS.get(path), arguments)

    def do_POST(self) -> None:
        """Change something, asked in JSON, or by a form of the page."""
        if self.headers.get("Origin", self._own_origin()) != self._own_origin():
            # Another site, open in the same browser, does not play the ministry.
            self.close_connection = True
            self._send_json(403, {"error": "origine refusée"})
            return
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MAX_BODY:
            self.close_connection = True
            self._send_json(413, {"error": "corps trop grand ou sans longueur"})
            return
        content = self.rfile.read(int(length)) or b"{}"
        if form := FORMS.get(self.path):
            self._act_on_form(form, content)
            return
        try:
            arguments = json.loads(content)
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            self._send_json(400, {"error": "un objet JSON est attendu"})
            return
        self._act(POSTS.get(self.path), arguments)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - name of the base class
        _LOG.debug(format, *args)

    def _act(self, action: Action | None, arguments: dict[str, Any]) -> None:
        if action is None:
            self._send_json(404, {"error": f"{self.path} n'existe pas", **_paths()})
            return
        try:
            self._send_json(200, action(self.server.mock, arguments))
        except ActionError as error:
            self._send_json(400, {"error": str(error)})
        except Exception:  # noqa: BLE001 - a bug of the mock must be told, not drop the connection
            self.server.mock.platform.record.internal_errors.append(traceback.format_exc())
            self._send_json(500, {"error": "erreur du simulateur, décrite par GET /healthz"})

    def _act_on_form(self, action: Action, content: bytes) -> None:
        pairs = parse_qs(content.decode("utf-8", "replace"))
        try:
            action(self.server.mock, {name: _typed(name, v[-1]) for name, v in pairs.items()})
        except ActionError as error:
            self._send(400, refusal(str(error)), _HTML)
            return
        self.send_response(303)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.wfile.flush()

    def _own_origin(self) -> str:
        return f"http://{self.headers.get('Host', '')}"

    def _send_json(self, status: int, value: object) -> None:
        content = json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"
        self._send(status, content, "application/json")

    def _send(self, status: int, content: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()


def _typed(name: str, value: str) -> object:
    return int(value) if name in _NUMBERS and value.isdecimal() and len(value) < 10 else value


def _paths() -> dict[str, list[str]]:
    return {"get": ["/", *GETS], "post": list(POSTS)}
