"""What goes between the service and the process that reads files: a length, then JSON, no code."""

import json
import socket
from collections.abc import Sequence
from typing import Any

ANSWER_MAX = 64 * 1024 * 1024
"""Bytes of the longest answer that is read: the words of many pages."""

_LENGTH = 8


def send(link: socket.socket, content: Any, handles: Sequence[int] = ()) -> None:
    """Send a JSON value, and files that are open here. Raises OSError, TimeoutError."""
    body = json.dumps(content).encode()
    socket.send_fds(link, [len(body).to_bytes(_LENGTH, "big")], list(handles))
    link.sendall(body)


def receive(link: socket.socket, most_handles: int = 0) -> tuple[Any, list[int]]:
    """A JSON value and the files that came with it.

    Raises EOFError when the other side is gone, ValueError for what is no JSON or is too long,
    OSError, TimeoutError.
    """
    head, handles, _flags, _address = socket.recv_fds(link, _LENGTH, most_handles)
    head += _exactly(link, _LENGTH - len(head)) if head else b""
    if not head:
        raise EOFError
    length = int.from_bytes(head, "big")
    if length > ANSWER_MAX:
        raise ValueError("the answer is too long")
    return json.loads(_exactly(link, length)), handles


def _exactly(link: socket.socket, length: int) -> bytes:
    content = bytearray()
    while len(content) < length:
        block = link.recv(min(length - len(content), 1 << 20))
        if not block:
            raise EOFError
        content += block
    return bytes(content)
