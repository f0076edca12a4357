"""A program of each side, its connector, and letters about its acts."""

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from typing import Any

import pytest

from tests.support.parcels import Thread, new_act
from tests.support.sides import SIDES, SIREN, Mock, Side, running
from transmission.domain.outcomes import Accepted
from transmission.ports import Parcel, TdtConnector
from transmission.tdt.registry import ConnectorRegistry, Timeouts


@pytest.fixture(params=SIDES, ids=lambda side: side.name)
def side(request: pytest.FixtureRequest) -> Side:
    chosen: Side = request.param
    return chosen


@pytest.fixture(scope="session")
def mocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Side], Mock]]:
    """Programs of the sides, each started when a test first needs it."""
    programs: dict[tuple[str, ...], Mock] = {}
    with ExitStack() as stack:

        def started(side: Side) -> Mock:
            if side.options not in programs:
                program = side.start(tmp_path_factory.mktemp("calm"))
                programs[side.options] = stack.enter_context(program)
            return programs[side.options]

        yield started


@pytest.fixture
def mock(mocks: Callable[[Side], Mock], side: Side) -> Iterator[Mock]:
    """The calm program of the side, its rules forgotten after each test."""
    calm = mocks(side)
    yield calm
    calm.set("/faults", fault="clear")
    calm.set("/scenario", scenario="clear")
    calm.set("/delays", check=0, sending=0, answer=0)
    calm.set("/account", siren=SIREN, permission="RW", enabled=True, rgs=True)
    calm.set("/classification", date="2025-01-15", known_to_platform=True)
    side.forget(calm)


@pytest.fixture(scope="session")
def start_mock(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Starts another program, with options of its own, for the time of a ``with``."""

    def start(*options: str) -> Any:
        return running(tmp_path_factory.mktemp("mock"), *options)

    return start


@pytest.fixture(scope="session")
def registry() -> ConnectorRegistry:
    return ConnectorRegistry(Timeouts(connect=5.0, read=30.0))


@pytest.fixture
def connector(registry: ConnectorRegistry, side: Side, mock: Mock) -> TdtConnector:
    return registry.connector(side.account(mock))


@pytest.fixture
def requires() -> Callable[[bool], None]:
    """Skips a test of what the TdT says that it cannot do."""

    def require(capability: bool) -> None:
        if not capability:
            pytest.skip("this kind of TdT cannot: see its capabilities")

    return require


@pytest.fixture
def write(mock: Mock, side: Side, connector: TdtConnector) -> Callable[..., Thread]:
    """The préfecture writes about an act, a new one unless given with its reference."""

    def write(
        kind: str,
        *,
        act: Parcel | None = None,
        reference: str | None = None,
        day: str = "2026-03-16",
        files: tuple[bytes, ...] | None = None,
    ) -> Thread:
        if act is None:
            act = new_act()
            outcome = connector.submit(act).outcome
            assert isinstance(outcome, Accepted)
            reference = outcome.reference
        side.settle(mock)
        before = _keys(connector)
        contents = {} if files is None else {"files": [base64.b64encode(f).decode() for f in files]}
        mock.set("/courrier", kind=kind, id_acte=str(act.message.id_acte), date=day, **contents)
        side.settle(mock)
        items = connector.inbox()
        assert isinstance(items, list | tuple)
        (item,) = (each for each in items if each.key not in before)
        return Thread(act, reference or "", item, date.fromisoformat(day))

    return write


def _keys(connector: TdtConnector) -> set[str]:
    items = connector.inbox()
    assert isinstance(items, list | tuple)
    return {item.key for item in items}
