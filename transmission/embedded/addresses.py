"""Where an embedded engine listens: a Unix socket, or a loopback port when its path will not do."""

import re
import socket
from pathlib import Path

# The kernel allows 107 bytes; libpq, SQLAlchemy and kombu each give a meaning to some punctuation.
_LONGEST_SOCKET_PATH = 100
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9._/-]+")


def serves_as_socket(path: Path) -> bool:
    """Whether `path` is short enough for a Unix socket and safe in a URL as it stands."""
    return len(str(path)) < _LONGEST_SOCKET_PATH and bool(_PLAIN_PATH.fullmatch(str(path)))


def free_port() -> int:
    """A loopback port nobody listens on now; another may take it first: be ready to retry."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
