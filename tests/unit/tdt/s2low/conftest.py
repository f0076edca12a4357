"""Connectors to the scripted server."""

from typing import Any

import pytest

from transmission.ports import TdtConnector
from transmission.tdt.s2low.connector import S2lowConnector


@pytest.fixture(params=["enveloppe", "champs"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connector(server: Any, open_link: Any, mode: str) -> TdtConnector:
    return S2lowConnector(open_link(server.url), mode)


@pytest.fixture
def enveloppe(server: Any, open_link: Any) -> TdtConnector:
    """For the calls that do not depend on the mode."""
    return S2lowConnector(open_link(server.url), "enveloppe")
