"""What supervisors ask: is the process alive, can it serve, and what waits since when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from transmission.console.container import ConsoleContainer
from transmission.store.migrations import is_behind
from transmission.store.queries import Health, Waiting, read_health


def router(container: ConsoleContainer, engine: Engine) -> APIRouter:
    """The three addresses of supervisors. ``engine`` opens read-only transactions."""
    probes, routes = Probes(container, engine), APIRouter()
    for path, endpoint in (
        ("/healthz", probes.alive),
        ("/readyz", probes.ready),
        ("/metrics", probes.metrics),
    ):
        routes.add_api_route(path, endpoint, methods=["GET", "HEAD"], response_model=None)
    return routes


@dataclass(frozen=True)
class Probes:
    """The answers, computed from the register at each call."""

    container: ConsoleContainer
    engine: Engine

    def alive(self) -> Response:
        """The process answers; nothing else is looked at."""
        return PlainTextResponse("vivant\n")

    def ready(self) -> Response:
        """The register answers, and holds what this program needs; 503 and a reason otherwise."""
        try:
            with self.engine.connect() as connection:
                behind = is_behind(connection)
        except SQLAlchemyError:
            return _unready("La base de données ne répond pas.")
        if behind:
            return _unready(
                "La base de données n'est pas à la version du programme : lancez "
                "« transmission migrate »."
            )
        return JSONResponse({"ready": True})

    def metrics(self) -> Response:
        """Gauges in the text format of Prometheus."""
        registry = CollectorRegistry()
        registry.register(_Gauges(self._health(), self.container.clock.now()))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    def _health(self) -> Health | None:
        try:
            with self.engine.connect() as connection:
                return read_health(connection)
        except SQLAlchemyError:
            return None


def _unready(reason: str) -> Response:
    return JSONResponse({"ready": False, "reason": reason}, 503)


class _Gauges(Collector):
    """One scrape: ages in seconds at an instant; None when the register could not be read."""

    def __init__(self, health: Health | None, now: datetime) -> None:
        self._health = health
        self._now = now

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
        failures = GaugeMetricFamily(
            "transmission_tdt_failures", "Failures in a row of a TdT.", labels=["tdt"]
        )
        for tdt in health.failing:
            failures.add_metric([tdt.address], tdt.failures)
        yield failures

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
