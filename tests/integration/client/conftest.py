"""The client and the real API, served on loopback behind a front that cuts connections."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.bench import Bench
from tests.support.cutting import CuttingFront, cutting_front
from tests.support.scene import AUTHOR, pdf
from tests.support.serving import serving
from transmission.api.app import create_app
from transmission.api.wiring import WiredApi
from transmission.client import Client, Depot, Patience, Piece
from transmission.domain.access import Access, Scope
from transmission.services.tokens import create_token
from transmission.store.sealing import KeyFileSealer


class FailingApi(WiredApi):
    """The real wiring, which meets what a test says."""

    failing: list[Exception]

    def authenticate(self, secret: str) -> Access:
        if self.failing:
            raise self.failing.pop()
        return super().authenticate(secret)


@pytest.fixture
def failing() -> list[Exception]:
    """What the API meets when it looks at a token, once each."""
    return []


@pytest.fixture
def api(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: list[Exception]
) -> Iterator[str]:
    """Address of the real API over the bench."""
    (tmp_path / "incoming").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "incoming"))
    bench.classified()
    bench.tools = replace(bench.tools, sealer=KeyFileSealer(tmp_path / "secrets.key", make=True))
    container = FailingApi(bench.engine, bench.tools, (), incoming=tmp_path / "incoming")
    container.failing = failing
    with serving(create_app(container)) as url:
        yield url


@pytest.fixture
def token_of(bench: Bench) -> Callable[..., str]:
    """Makes a token of the authority for some scopes."""

    def token(*scopes: Scope) -> str:
        return create_token(
            bench.tools,
            bench.authority_id,
            f"programme {os.urandom(4).hex()}",
            frozenset(scopes),
            None,
            AUTHOR,
            randomness=os.urandom,
        )

    return token


@pytest.fixture
def front(api: str) -> Iterator[CuttingFront]:
    """The way to the API, which a test may cut."""
    with cutting_front(api) as made:
        yield made


@pytest.fixture
def waits() -> list[float]:
    """Seconds that the client wanted to wait, in order; it waits for none."""
    return []


@pytest.fixture
def client_of(
    front: CuttingFront, waits: list[float], token_of: Callable[..., str]
) -> Iterator[Callable[..., Client]]:
    """Makes a client, with every scope unless a test gives its token."""
    made: list[Client] = []

    def client(token: str | None = None, **more: Any) -> Client:
        given = {"patience": Patience(connect=5, read=20), "pause": waits.append, **more}
        made.append(Client(front.url, token or token_of(*Scope), **given))
        return made[-1]

    yield client
    for each in made:
        each.close()


@pytest.fixture
def client(client_of: Callable[..., Client]) -> Client:
    return client_of()


@pytest.fixture
def depot_of(tmp_path: Path) -> Callable[..., Depot]:
    """An act that would be taken, with an annexe; a test may say otherwise."""
    document, plan = tmp_path / "délibération.pdf", tmp_path / "plan.pdf"
    document.write_bytes(pdf("Délibération"))
    plan.write_bytes(pdf("Plan"))

    def depot(**changes: Any) -> Depot:
        said = {
            "numero": "D2023_001",
            "date": "2023-03-02",
            "nature": "DE",
            "matiere": "7.5",
            "objet": "Subvention à l'école",
            "document": Piece(document),
            "annexes": (Piece(plan, "21_RP"),),
        }
        return Depot(**{**said, **changes})

    return depot
