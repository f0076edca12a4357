"""What supervisors ask: is the process alive, can it serve, and what waits since when.

They are answered within seconds even when PostgreSQL is frozen: on connections and threads of
their own, which pages that wait for it do not use up.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import TypeVar

import anyio
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from transmission.console.container import ConsoleContainer
from transmission.store.migrations import is_behind
from transmission.store.queries import Health, Waiting, read_health

CONNECT_SECONDS = 2
STATEMENT_SECONDS = 3
PATIENCE = CONNECT_SECONDS + STATEMENT_SECONDS + 1
"""Seconds in which a probe is answered whatever happens to PostgreSQL."""

_AT_ONCE = 4

_Read = TypeVar("_Read")


def router(container: ConsoleContainer) -> APIRouter:
    """The three addresses of supervisors."""
    probes, routes = Probes(container, probing_engine(container.engine)), APIRouter()
    for path, endpoint in (
        ("/healthz", probes.alive),
        ("/readyz", probes.ready),
        ("/metrics", probes.metrics),
    ):
        routes.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)
    return routes


def probing_engine(engine: Engine) -> Engine:
    """Connections to the same register, one for each probe, that nobody waits for long."""
    named = {"application_name": "transmission probe", "connect_timeout": CONNECT_SECONDS}
    return create_engine(engine.url, connect_args=named, poolclass=NullPool)


@dataclass(frozen=True)
class Probes:
    """The answers, computed from the register at each call."""

    container: ConsoleContainer
    engine: Engine
    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_AT_ONCE))

    async def alive(self) -> Response:
        """The process answers; nothing else is looked at."""
        return PlainTextResponse("vivant\n")

    async def ready(self) -> Response:
        """The register answers, and holds what this program needs; 503 and a reason otherwise."""
        behind = await self._read(is_behind)
        if behind is None:
            return _unready(
                "La base de données ne répond pas : démarrez-la ou débloquez-la. « transmission "
                "doctor » dit ce qui ne va pas."
            )
        if behind:
            return _unready(
                "La base de données n'est pas à la version du programme : lancez "
                "« transmission migrate »."
            )
        return JSONResponse({"ready": True})

    async def metrics(self, request: Request) -> Response:
        """Gauges in the text format of Prometheus; TdTs have their address for this machine alone.

        The address of a TdT may say whose it is: others get a digest of it, the same each time.
        """
        registry = CollectorRegistry()
        health = await self._read(read_health)
        registry.register(_Gauges(health, self.container.clock.now(), named=_is_near(request)))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    async def _read(self, read: Callable[[Connection], _Read]) -> _Read | None:
        """What is read of the register, None when it does not answer in time."""
        with anyio.move_on_after(PATIENCE):
            return await run_sync(
                self._read_now, read, abandon_on_cancel=True, limiter=self.threads
            )
        return None

    def _read_now(self, read: Callable[[Connection], _Read]) -> _Read | None:
        try:
            with self.engine.connect() as connection:
                # Here rather than at connection, where a PgBouncer refuses it.
                connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'"))
                return read(connection)
        except SQLAlchemyError:
            return None


def _unready(reason: str) -> Response:
    return JSONResponse({"ready": False, "reason": reason}, 503)


def _is_near(request: Request) -> bool:
    """Whether a program of this very machine asks, and not a proxy there for somebody else."""
    forwarded = {"forwarded", "x-forwarded-for"} & {name.lower() for name in request.headers}
    try:
        return (
            not forwarded and ip_address(request.client.host if request.client else "").is_loopback
        )
    except ValueError:
        return False


class _Gauges(Collector):
    """One scrape: ages in seconds at an instant; None when the register could not be read."""

    def __init__(self, health: Health | None, now: datetime, *, named: bool) -> None:
        self._health = health
        self._now = now
        self._named = named

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every gauge, in a fixed order."""
        up = "Whether the register could be read for this scrape."
        yield GaugeMetricFamily("transmission_register_up", up, self._health is not None)
        if self._health is not None:
            yield from self._sendings(self._health)
            yield from self._queues(self._health)
            yield from self._others(self._health)

    def _sendings(self, health: Health) -> Iterator[GaugeMetricFamily]:
        sendings = {state.code: waiting for state, waiting in health.waiting.items()}
        yield from self._pair("transmission_sendings", "Sendings that wait", "state", sendings)
        yield GaugeMetricFamily(
            "transmission_sendings_retrying", "Sendings whose last try failed.", health.tried
        )

    def _queues(self, health: Health) -> Iterator[GaugeMetricFamily]:
        yield from self._pair(
            "transmission_outbox", "Bells not relayed yet", "", {"": health.bells}
        )
        ages = GaugeMetricFamily(
            "transmission_heartbeat_age_seconds",
            "Since work of that name was last finished: a queue, a periodic run, the relay.",
            labels=["name"],
        )
        for beat in health.heartbeats.values():
            ages.add_metric([beat.name], self._age(beat.at))
        yield ages

    def _others(self, health: Health) -> Iterator[GaugeMetricFamily]:
        retours = {"stored": health.unread, "quarantined": health.quarantined}
        yield from self._pair("transmission_retours", "Retours to be looked at", "status", retours)
        unstamped = {"": health.unstamped}
        yield from self._pair(
            "transmission_time_stamps_missing", "Time stamps not yet obtained", "", unstamped
        )
        yield from self._reread(health)
        failures = GaugeMetricFamily(
            "transmission_tdt_failures", "Failures in a row of a TdT.", labels=["tdt"]
        )
        for tdt in health.failing:
            address = tdt.address if self._named else _digest(tdt.address)
            failures.add_metric([address], tdt.failures)
        yield failures
        findings = GaugeMetricFamily(
            "transmission_findings",
            "Open findings of the compliance checks that nobody acknowledged.",
            labels=["severity"],
        )
        for severity, count in health.findings.items():
            findings.add_metric([severity.code], count)
        yield findings

    def _reread(self, health: Health) -> Iterator[GaugeMetricFamily]:
        name, differing = "transmission_audit_differences", {"": health.differing}
        yield from self._pair(name, "Differences that the audit found", "", differing)
        if health.reread_at is not None:
            yield GaugeMetricFamily(
                "transmission_audit_last_complete_timestamp",
                "End of the last whole round of the audit.",
                value=health.reread_at.timestamp(),
            )

    def _pair(
        self, name: str, told: str, label: str, of: dict[str, Waiting]
    ) -> Iterator[GaugeMetricFamily]:
        """How many wait, and the age of the oldest (0 when none does), by value of a label."""
        labels = [label] if label else []
        counts = GaugeMetricFamily(name, f"{told}.", labels=labels)
        ages = GaugeMetricFamily(
            f"{name}_oldest_seconds", f"{told}: age of the oldest.", labels=labels
        )
        for value, waiting in of.items():
            values = [value] if label else []
            counts.add_metric(values, waiting.count)
            ages.add_metric(values, self._age(waiting.oldest_since))
        yield from (counts, ages)

    def _age(self, since: datetime | None) -> float:
        return 0.0 if since is None else max(0.0, (self._now - since).total_seconds())


def _digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:12]
