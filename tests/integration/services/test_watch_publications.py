"""The daily proof: what is due is looked at once, by one worker, and no site delays another."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from datetime import date, datetime, timedelta
from hashlib import sha256
from threading import Event, Lock
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from tests.support.bench import Bench
from tests.support.scene import AUTHOR, pdf
from tests.support.serving import serving
from transmission.domain.publication import DAILY, SELDOM, Verdict
from transmission.domain.transmission import Author
from transmission.outbound.fetch import HttpFetcher
from transmission.ports.outbound import Answered, Unavailable
from transmission.registre.app import create_app
from transmission.services import watch_publications as module
from transmission.services.publish import publish
from transmission.services.unpublish import unpublish
from transmission.services.watch_publications import (
    LEASE,
    PUT_OFF,
    TURN,
    ring_watch,
    watch_publications,
)
from transmission.store.tables_legal import publication_check, published_copy

DAY = date(2023, 3, 10)
ACT = pdf("Délibération")


@dataclass
class Sites:
    """A fetcher: every site gives the act, unless told otherwise; ``asked`` are the hosts."""

    asked: list[str] = dataclass_field(default_factory=list)
    told: dict[str, Callable[[], Any]] = dataclass_field(default_factory=dict)

    def fetch(self, address: str, at: datetime) -> Answered | Unavailable:
        host = urlsplit(address).netloc
        self.asked.append(host)
        other = self.told[host]() if host in self.told else None
        return other or Answered(
            address=address,
            final_address=address,
            status=200,
            sha256=sha256(ACT).hexdigest(),
            size=len(ACT),
            content_type="application/pdf",
            date=None,
            certificate_sha256=None,
            fetched_at=at,
        )


@pytest.fixture
def sites(bench: Bench) -> Sites:
    played = Sites()
    bench.tools = replace(bench.tools, fetcher=played)
    return played


def on_line(bench: Bench, host: str | None = None) -> int:
    """An act on line elsewhere, or on our register."""
    acte_id = bench.acknowledged(contents=(ACT,)).acte_id
    address = f"https://{host}/{acte_id}.pdf" if host else None
    publish(bench.tools, acte_id, DAY, address, AUTHOR, on_register=host is None)
    return acte_id


def looks(bench: Bench) -> list[str]:
    with bench.engine.connect() as connection:
        statement = select(publication_check.c.outcome).order_by(publication_check.c.id)
        return list(connection.execute(statement).scalars())


def dues(bench: Bench) -> list[timedelta]:
    """How long until the next look at each publication."""
    with bench.engine.connect() as connection:
        statement = select(published_copy.c.next_check_at).order_by(published_copy.c.id)
        found = connection.execute(statement).scalars().all()
    return [at - bench.clock.now() for at in found if at is not None]


def test_what_is_due_is_looked_at_once_a_day_until_the_end_of_the_two_months(
    bench: Bench, sites: Sites
) -> None:
    on_line(bench, "a.example")
    on_line(bench)
    assert watch_publications(bench.tools) == 2
    assert looks(bench) == ["conforme"] * 2
    assert dues(bench) == [DAILY] * 2
    assert watch_publications(bench.tools) == 0
    bench.clock.advance(DAILY.total_seconds())
    assert watch_publications(bench.tools) == 2
    bench.clock.advance(100 * DAILY.total_seconds())
    assert watch_publications(bench.tools) == 2
    assert dues(bench) == [SELDOM] * 2


def test_a_silence_is_looked_at_again_sooner(bench: Bench, sites: Sites) -> None:
    on_line(bench, "a.example")
    sites.told["a.example"] = lambda: Unavailable("délai dépassé")
    watch_publications(bench.tools)
    assert dues(bench) == [timedelta(minutes=15)]
    bench.clock.advance(15 * 60)
    watch_publications(bench.tools)
    assert (looks(bench), dues(bench)) == (["injoignable"] * 2, [timedelta(hours=1)])


def test_what_is_withdrawn_is_looked_at_no_more(bench: Bench, sites: Sites) -> None:
    acte_id = on_line(bench, "a.example")
    unpublish(bench.tools, acte_id, Author("a", "erreur"), early=True)
    assert watch_publications(bench.tools) == 0


def test_what_is_withdrawn_during_the_look_has_no_look(bench: Bench, sites: Sites) -> None:
    acte_id = on_line(bench, "a.example")

    def meanwhile() -> None:
        unpublish(bench.tools, acte_id, Author("a", "erreur"), early=True)

    sites.told["a.example"] = meanwhile
    watch_publications(bench.tools)
    assert (looks(bench), dues(bench)) == ([], [])


def test_two_workers_never_make_the_same_look(bench: Bench, sites: Sites) -> None:
    on_line(bench, "a.example")
    other: list[int] = []
    sites.told["a.example"] = lambda: other.append(watch_publications(bench.tools))
    assert watch_publications(bench.tools) == 1
    assert other == [0]
    assert looks(bench) == ["conforme"]


def test_the_looks_of_a_worker_that_died_come_again(bench: Bench, sites: Sites) -> None:
    on_line(bench, "a.example")
    with bench.tools.register() as unit:
        now = bench.clock.now()
        assert len(unit.claim_copies(now, now + LEASE, 10)) == 1
        unit.commit()
    assert watch_publications(bench.tools) == 0
    bench.clock.advance(LEASE.total_seconds())
    assert watch_publications(bench.tools) == 1


def test_a_slow_site_delays_no_other_whatever_is_due_there(
    bench: Bench, sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    for _ in range(3):
        on_line(bench, "lent.example")
    for host in ("b.example", "c.example"):
        on_line(bench, host)
    others = Event()

    def waits() -> None:
        assert others.wait(20)

    def last_of_the_others() -> None:
        others.set()

    sites.told = {"lent.example": waits, "c.example": last_of_the_others}
    assert watch_publications(bench.tools) == 5
    assert looks(bench) == ["conforme"] * 5


def test_one_site_is_asked_for_one_file_at_a_time(
    bench: Bench, sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 1)
    for _ in range(4):
        on_line(bench, "a.example")
    within, most = Lock(), []

    def alone() -> None:
        most.append(within.acquire(blocking=False))
        # Long enough for another to come, were it allowed.
        Event().wait(0.05)
        within.release()

    sites.told["a.example"] = alone
    assert watch_publications(bench.tools) == 4
    assert most == [True] * 4
    assert looks(bench) == ["conforme"] * 4


def test_a_site_that_takes_too_long_ends_its_turn_and_has_another(
    bench: Bench, sites: Sites
) -> None:
    for _ in range(4):
        on_line(bench, "lent.example")
    sites.told["lent.example"] = lambda: bench.clock.advance(TURN.total_seconds() / 2)
    assert watch_publications(bench.tools) == 2
    assert dues(bench) == [DAILY - TURN / 2, DAILY, PUT_OFF, PUT_OFF]
    bench.clock.advance(PUT_OFF.total_seconds())
    assert watch_publications(bench.tools) == 2


def test_what_a_site_has_beyond_measure_waits_without_keeping_others_waiting(
    bench: Bench, sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HELD", 1)
    for host in ("a.example", "a.example", "a.example", "b.example"):
        on_line(bench, host)
    assert watch_publications(bench.tools) == 2
    assert sites.asked.count("b.example") == 1
    assert sorted(dues(bench)) == [PUT_OFF, PUT_OFF, DAILY, DAILY]


def test_a_fault_about_one_publication_hides_no_other(
    bench: Bench, sites: Sites, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RuntimeError("a fault of ours")

    on_line(bench, "a.example")
    on_line(bench, "a.example")
    faults = iter([broken, lambda: None])
    sites.told["a.example"] = lambda: next(faults)()
    assert watch_publications(bench.tools) == 2
    assert looks(bench) == ["conforme"]
    assert sorted(dues(bench)) == [LEASE, DAILY]
    assert "look failed" in capsys.readouterr().err


def test_the_run_rings_only_when_something_is_due_and_once(bench: Bench, sites: Sites) -> None:
    ring_watch(bench.tools)
    assert bench.bells() == []
    on_line(bench, "a.example")
    ring_watch(bench.tools)
    ring_watch(bench.tools)
    assert bench.bells() == [("watch", 0)]
    bench.run("watch")
    assert looks(bench) == ["conforme"]


@contextmanager
def register_of(bench: Bench) -> Iterator[str]:
    """Our register over the bench, by real HTTP."""

    @dataclass
    class Container:
        engine: Any
        documents: Any
        hosts: frozenset[str] = frozenset({"127.0.0.1"})
        public_url: str | None = None

    with serving(create_app(Container(bench.engine, bench.tools.documents))) as url:
        yield url


def test_our_own_register_is_read_as_the_public_reads_it(bench: Bench) -> None:
    own = HttpFetcher(allow_private=True)
    with register_of(bench) as url:
        bench.tools = replace(bench.tools, registre_url=url, own_fetcher=own)
        acte_id = on_line(bench)
        watch_publications(bench.tools)
        with bench.engine.connect() as connection:
            (check,) = connection.execute(select(publication_check)).all()
        assert check.outcome == Verdict.CONFORME.code
        assert check.proof["adresse"] == f"{url}/123456782/actes/1.pdf"
        assert check.proof["statut"] == 200
        with bench.tools.register() as unit:
            copy = unit.current_copy(acte_id)
        assert copy is not None
        assert copy.file is not None
        assert (check.sha256, check.size) == (copy.file.sha256, copy.file.size)
        path = bench.tools.documents.path(copy.file)
        path.chmod(0o600)
        content = path.read_bytes()
        path.write_bytes(b"%PDF-1.7 autre chose")
        bench.clock.advance(DAILY.total_seconds())
        watch_publications(bench.tools)
        assert looks(bench) == ["conforme", "endommage"]
    path.unlink()
    bench.tools.documents.put_bytes(content)
    bench.clock.advance(DAILY.total_seconds())
    watch_publications(bench.tools)
    # The file is whole again, and the register is down.
    assert looks(bench) == ["conforme", "endommage", "injoignable"]
