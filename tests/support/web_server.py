"""A web server for a test, in clear or by TLS, whose pages are functions of the test."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Page = Callable[["Request"], None]


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Request(BaseHTTPRequestHandler):
    """What a page is given: it answers as it likes."""

    server: "WebServer"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._plays()

    def do_POST(self) -> None:
        self._plays()

    def _plays(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append(Asked(self.command, self.path, headers, body))
        with suppress(OSError):
            self.server.pages[self.path](self)

    def says(self, body: bytes, status: int = 200, **headers: str) -> None:
        """A whole answer; an underscore of a header's name is a dash."""
        self.begins(status, len(body), **headers)
        self.wfile.write(body)

    def begins(self, status: int, length: int | None, **headers: str) -> None:
        """The head of an answer; without a length, its end is that of the connection."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if length is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def cuts(self) -> None:
        """Drop the connection without a farewell."""
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(2)

    def waits(self) -> None:
        """Say nothing until the server stops."""
        self.server.stopped.wait(30)
        self.close_connection = True

    def log_message(self, *arguments: Any) -> None:
        pass


class WebServer(ThreadingHTTPServer):
    """Serves ``pages`` by path, and remembers what was asked."""

    daemon_threads = False

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        self.stopped = threading.Event()
        self.scheme = "http" if context is None else "https"
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Address of a path."""
        return f"{self.scheme}://{host}:{self.server_address[1]}{path}"

    def handle_error(self, *arguments: Any) -> None:
        # Clients that refuse the certificate, or leave: what the tests are about.
        pass


@contextmanager
def web_server(certificate: str | None) -> Iterator[WebServer]:
    """A running server; in clear without a certificate (PEM, with its key)."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = WebServer(context)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        thread.join(10)
        server.server_close()
