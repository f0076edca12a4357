import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.embedded.addresses import free_port, serves_as_socket


def test_a_short_plain_path_serves_as_a_socket() -> None:
    assert serves_as_socket(Path("/srv/transmission/var/valkey.sock"))


@pytest.mark.parametrize(
    "path", ["relative/valkey.sock", "/srv/été/s", "/srv/a,b/s", "/srv/a b/s", "/srv/a%20/s"]
)
def test_a_path_that_a_url_would_distort_does_not_serve(path: str) -> None:
    assert not serves_as_socket(Path(path))


@given(st.integers(min_value=1, max_value=200))
def test_a_path_serves_only_below_a_hundred_bytes(length: int) -> None:
    assert serves_as_socket(Path("/" + "a" * length)) == (length + 1 < 100)


def test_a_free_port_can_be_listened_on() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))
        listener.listen()
