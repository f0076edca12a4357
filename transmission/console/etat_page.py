"""The page of the service's health: what answers, what waits, what ends, and what to do."""

import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from markupsafe import Markup
from sqlalchemy import Connection

from transmission.clock import civil_day
from transmission.console.charts import POSTER, Column, columns
from transmission.console.expirations import Expiration
from transmission.console.words import duration, number, plural
from transmission.domain.delays import Period
from transmission.domain.pulses import (
    BELLS_AGE,
    QUEUE,
    QUEUE_SILENCE,
    RELAY,
    RELAY_SILENCE,
    RUN,
    STAMPS_AGE,
    UNREAD_AGE,
    is_silent,
)
from transmission.store.queries import Health, Heartbeat
from transmission.store.queries.delays import ReceptionDelays, reception_delays
from transmission.store.queries.service_health import Lane, TdtState, lanes, tdt_states
from transmission.store.room import Room, room_of

EXPIRATIONS_SHOWN = 100

LATE = timedelta(minutes=5)
"""Lateness of an automatic step from which it is told."""


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of a folder: what it serves to, its bytes free and in all, None when unreadable."""

    what: str
    free: int | None = None
    total: int | None = None

    @property
    def room(self) -> Room:
        """What is left is worth."""
        if self.free is None or self.total is None:
            return Room.NEARLY_NONE
        return room_of(self.free, self.total)


@dataclass(frozen=True, slots=True)
class Service:
    """What concerns the whole service, for those who look after all of it."""

    health: Health
    disks: Sequence[Disk]
    now: datetime

    @property
    def relay(self) -> Heartbeat | None:
        """The relay's last turn, None if it never made one."""
        return self.health.heartbeats.get(RELAY)

    @property
    def relay_is_silent(self) -> bool:
        return is_silent(self.relay.at if self.relay else None, RELAY_SILENCE, self.now)

    @property
    def queues(self) -> Sequence[tuple[str, Heartbeat, bool]]:
        """Each queue that was ever served: its name, its last work, whether it is silent."""
        return [
            (name.removeprefix(QUEUE), beat, is_silent(beat.at, QUEUE_SILENCE, self.now))
            for name, beat in sorted(self.health.heartbeats.items())
            if name.startswith(QUEUE)
        ]

    @property
    def runs(self) -> Sequence[tuple[str, Heartbeat]]:
        """Each periodic run, and when it last ended."""
        return [
            (name.removeprefix(RUN), beat)
            for name, beat in sorted(self.health.heartbeats.items())
            if name.startswith(RUN)
        ]

    @property
    def troubles(self) -> Sequence[str]:
        """What is wrong now, a sentence each."""
        return list(self._troubles())

    def _troubles(self) -> Iterable[str]:
        if self.relay_is_silent:
            yield "Le relais ne tourne pas : rien de nouveau ne commence. Relancez l'ordonnanceur."
        silent = [name for name, _, is_silent in self.queues if is_silent]
        if silent and not self.relay_is_silent:
            yield f"Files non servies : {', '.join(silent)}. Relancez les exécutants."
        for waiting, patience, what in (
            (self.health.bells, BELLS_AGE, "tâches attendent le relais"),
            (self.health.unread, UNREAD_AGE, "retours attendent d'être lus"),
            (self.health.unstamped, STAMPS_AGE, "horodatages n'ont pas été obtenus"),
        ):
            since = waiting.oldest_since
            if since is not None and self.now - since > patience:
                said = f"{number(waiting.count)} {what} depuis {duration(self.now - since)}."
                yield said
        if count := self.health.differing.count:
            yield f"{number(count)} différences relevées par la relecture : « transmission audit »."
        for disk in self.disks:
            if disk.room is Room.NEARLY_NONE:
                yield f"Le disque des {disk.what} est presque plein, ou ne peut pas être lu."


@dataclass(frozen=True, slots=True, kw_only=True)
class EtatPage:
    """Everything the page shows; ``service`` for those who look after the whole of it."""

    now: datetime
    names: Sequence[tuple[str, str]]
    siren: str
    everywhere: bool
    tdts: Sequence[TdtState]
    lanes: Sequence[Lane]
    delays: ReceptionDelays
    expirations: Sequence[Expiration]
    service: Service | None

    @property
    def next_expirations(self) -> Sequence[Expiration]:
        """Those that are shown: the first of all."""
        return self.expirations[:EXPIRATIONS_SHOWN]

    @property
    def later_expirations(self) -> int:
        """How many others there are, later."""
        return len(self.expirations) - len(self.next_expirations)

    @property
    def troubles(self) -> Sequence[str]:
        """What is wrong now."""
        said = list(self.service.troubles) if self.service else []
        for tdt in self.tdts:
            if tdt.failures and tdt.since is not None:
                said.append(
                    f"{tdt.nom} échoue depuis {duration(self.now - tdt.since)} : les envois y "
                    "attendent et reprendront d'eux-mêmes."
                )
        late = sum(lane.late for lane in self.lanes)
        if late:
            some = plural(late, "envoi est en retard", "envois sont en retard")
            said.append(f"{some} de plus de 5 minutes sur ce que le service devait faire.")
        over = sum(each.is_over(self.now) and not each.relieved for each in self.expirations)
        if over:
            said.append(
                f"{plural(over, 'chose a expiré', 'choses ont expiré')} : voyez ci-dessous."
            )
        return said

    @property
    def summary(self) -> str:
        """How the service is, in one sentence."""
        if not self.troubles:
            return "Tout va bien."
        return f"{plural(len(self.troubles), 'point demande', 'points demandent')} votre attention."

    @property
    def delays_chart(self) -> Markup:
        """The median delay of each month, in days."""
        medians = [(first, found.median, found.acts) for first, found in self.delays.months]
        most = max((median or 0 for _, median, _ in medians), default=0) or 1
        drawn = [
            Column(
                f"{first:%m}",
                "–" if median is None else str(median),
                (median or 0) / most,
                is_hatched=median is not None and median > 15,
            )
            for first, median, _ in medians
        ]
        told = "; ".join(
            f"{first:%m/%Y} : {plural(median, 'jour', 'jours')}, {plural(acts, 'acte', 'actes')}"
            for first, median, acts in medians
            if median is not None
        )
        title = "Délai médian entre la décision et la réception, par mois, en jours"
        return columns("delais", title, told or "Aucun acte reçu.", drawn, POSTER)

    @property
    def waiting_chart(self) -> Markup:
        """How many sendings wait in each state."""
        most = max((lane.waiting.count for lane in self.lanes), default=0) or 1
        drawn = [
            Column(str(rank), number(lane.waiting.count), lane.waiting.count / most)
            for rank, lane in enumerate(self.lanes, start=1)
        ]
        told = "; ".join(f"{lane.state.label} : {lane.waiting.count}" for lane in self.lanes)
        return columns("attentes", "Envois en attente, par état", told, drawn, POSTER)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is read in one transaction."""

    tdts: Sequence[TdtState]
    lanes: Sequence[Lane]
    delays: ReceptionDelays


def read_facts(
    connection: Connection, sirens: Collection[str] | None, siren: str, now: datetime
) -> Facts:
    """Of some authorities, of one, or of all."""
    period = Period.read("", "", civil_day(now, "Europe/Paris"))
    return Facts(
        tdt_states(connection, sirens),
        lanes(connection, sirens, now - LATE),
        reception_delays(connection, period, siren or None),
    )


def disks_of(folders: Mapping[str, Path]) -> Sequence[Disk]:
    """The disks of some folders; one that is not made yet is judged where it will be."""
    return [_disk(what, folder) for what, folder in folders.items()]


def _disk(what: str, folder: Path) -> Disk:
    try:
        place = next(each for each in (folder, *folder.absolute().parents) if each.exists())
        usage = shutil.disk_usage(place)
    except OSError:
        return Disk(what)
    return Disk(what, usage.free, usage.total)
