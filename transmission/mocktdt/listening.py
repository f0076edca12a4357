"""Servers that stop at once and leave no thread and no socket behind."""

import logging
import socket
from contextlib import suppress
from http.server import ThreadingHTTPServer
from socketserver import TCPServer
from threading import Lock, Thread, current_thread
from typing import Any

_LOG = logging.getLogger("mock-tdt")
_PATIENCE = 5.0


class StoppableServer(ThreadingHTTPServer):
    """A threading server that knows the connection of each of its threads."""

    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        self._guard = Lock()
        self._connections: dict[Thread, socket.socket] = {}
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)
        self._listener = Thread(target=self.serve_forever, name="mock-tdt-listener", daemon=True)

    @property
    def bound_port(self) -> int:
        """The port really listened on."""
        return int(self.server_address[1])

    def server_bind(self) -> None:
        # The base class asks the resolver for a name that nobody reads, and may wait for it.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "mock-tdt", self.bound_port

    def start(self) -> None:
        """Serve in the background."""
        self._listener.start()

    def stop(self) -> None:
        """Close every connection, then wait for the threads to notice."""
        # A listening socket shut down is ready at once: the loop need not poll often to stop fast.
        cut(self.socket)
        self.shutdown()
        self.server_close()
        with self._guard:
            connections = dict(self._connections)
        for connection in connections.values():
            cut(connection)
        for thread in (*connections, self._listener):
            thread.join(_PATIENCE)

    def track(self, connection: socket.socket) -> None:
        """Say that the present thread now talks through `connection`."""
        with self._guard:
            self._connections[current_thread()] = connection

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with self._guard:
            self._connections[thread] = request
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._guard:
                self._connections.pop(current_thread()).close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        _LOG.warning("connection failed", exc_info=True)


def cut(connection: socket.socket) -> None:
    """End a connection under whatever layer speaks over it."""
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
