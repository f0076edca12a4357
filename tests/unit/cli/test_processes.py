"""Whom a process that serves pages believes about who calls."""

import asyncio
from typing import Any

import pytest
import uvicorn

from transmission.cli.processes import _serve

HEADERS = [(b"x-forwarded-for", b"198.51.100.9, 203.0.113.7"), (b"x-forwarded-proto", b"https")]


def _seen(monkeypatch: pytest.MonkeyPatch, proxies: tuple[str, ...], peer: str) -> tuple[str, str]:
    """Address and scheme that the application is told, for a request that came from a peer."""
    told: list[tuple[str, str]] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        told.append((scope["client"][0], scope["scheme"]))

    def run(app: Any, **options: Any) -> None:
        config = uvicorn.Config(app, **options)
        config.load()
        scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": HEADERS}
        # What speaks HTTP is not started: this is the innermost of what it calls.
        asyncio.run(config.loaded_app(scope, None, None))  # type: ignore[arg-type]

    monkeypatch.setattr(uvicorn, "run", run)
    _serve(app, "127.0.0.1", 0, proxies)
    return told[0]


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "172.18.0.1"])
def test_nobody_is_believed_unless_named(monkeypatch: pytest.MonkeyPatch, peer: str) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert _seen(monkeypatch, (), peer) == (peer, "http")


def test_a_named_proxy_is_believed_about_the_last_who_reached_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxies = ("172.18.0.0/16", "10.0.0.1")
    assert _seen(monkeypatch, proxies, "172.18.0.1") == ("203.0.113.7", "https")
    assert _seen(monkeypatch, proxies, "10.0.0.1") == ("203.0.113.7", "https")
    assert _seen(monkeypatch, proxies, "127.0.0.1") == ("127.0.0.1", "http")
