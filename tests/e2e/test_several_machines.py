"""Several machines: nothing is shared but PostgreSQL, the broker, and the documents in either."""

import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select, update

from tests.support.brokers import MASTER, PASSWORD, SENTINEL_PASSWORD, Watched, watched
from tests.support.scene import Scene, pdf
from tests.support.scene import scene as open_scene
from tests.support.service import PATIENCE, QUICK, Service
from transmission.clock import SystemClock
from transmission.domain.accounts import Purpose
from transmission.domain.lifecycle import State
from transmission.domain.people import Grant, Role
from transmission.domain.transmission import Author
from transmission.embedded.addresses import free_port
from transmission.embedded.processes import wait_until
from transmission.services.accounts import create_person, password_link
from transmission.settings import PREFIX, Settings
from transmission.store.documents import DamagedDocumentError
from transmission.store.tables import document_block
from transmission.store.unit_of_work import open_engine

ACTS = 24
Machine = Callable[[str], Service]


@pytest.fixture
def scene(database_url: str, tmp_path: Path) -> Iterator[Scene]:
    """The machine where acts are deposited; its documents are in the database."""
    engine = open_engine(database_url)
    settings = Settings(**QUICK, home=tmp_path / "deposit", documents="database")
    try:
        with open_scene(engine, tmp_path, settings) as made:
            # The processes live in real time; the scene's clock must not lag behind them.
            made.clock.instant = SystemClock().now()
            yield made
    finally:
        engine.dispose()


@contextmanager
def machines(scene: Scene, folder: Path, **settings: str) -> Iterator[Machine]:
    """Makes machines, each with a home and a folder of temporary files of its own."""
    with ExitStack() as stack:

        def machine(name: str) -> Service:
            home = folder / name
            (home / "tmp").mkdir(parents=True)
            texts = {key: json.dumps(value) for key, value in QUICK.items()}
            texts |= {"home": str(home), "documents": "database", **settings}
            environment = {f"{PREFIX}{key.upper()}": text for key, text in texts.items()}
            environment["TMPDIR"] = str(home / "tmp")
            made = Service(scene, os.environ | environment, home)
            stack.callback(made.stop)
            return made

        yield machine


def _accepted(scene: Scene, prefix: str) -> list[int]:
    return [
        scene.accept(f"{prefix}_{rank:03d}", contents=(pdf(f"Délibération {rank}"),)).acte_id
        for rank in range(ACTS)
    ]


def _each_once(scene: Scene, number: int) -> None:
    totals = scene.received()["totals"]
    assert (totals["acts_accepted"], totals["acts_accepted_twice"]) == (number, [])


def test_what_one_machine_takes_the_others_send_once_and_a_third_shows(
    scene: Scene, database_url: str, broker_url: str, tmp_path: Path
) -> None:
    urls = {"database_url": database_url, "broker_url": broker_url}
    with machines(scene, tmp_path, **urls) as machine:
        for name in ("first", "second"):
            sending = machine(name)
            sending.start("scheduler")
            sending.start("worker")
        port, showing = free_port(), machine("third")
        showing.start("web", "--port", str(port))
        taken = _accepted(scene, "D2023")
        sending.wait_for(*taken)
        _each_once(scene, ACTS)
        console = f"http://127.0.0.1:{port}"
        assert wait_until(lambda: _answers(console), PATIENCE)
        content = scene.tools.documents.read(_document(scene, taken[0]))
        with _browser(scene, console) as browser:
            link = _link(browser, taken[0])
            assert browser.get(link).content == content
            _spoil(scene.engine, _document(scene, taken[0]).sha256)
            refused = browser.get(link)
        assert (refused.status_code, content in refused.content) == (500, False)
        assert "Document endommagé" in refused.text
    # Nothing of a document stays behind: logs, the sign of life of each worker, digests.
    left = [path for name in ("first", "second", "third") for path in (tmp_path / name).rglob("*")]
    files = [path for path in left if path.is_file() and path.suffix != ".log"]
    names = {path.relative_to(path.parents[1]).as_posix() for path in files}
    assert {name for name in names if not name.startswith("anchors/")} == {"pulse/worker"}


def _answers(console: str) -> bool:
    try:
        return httpx.get(f"{console}/connexion").status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def _browser(scene: Scene, console: str) -> Iterator[httpx.Client]:
    """Somebody who may read, let in by a link."""
    by = Author("essai")
    create_person(scene.tools, "lecteur", "lecteur", [Grant(Role.READER)], by)
    link = password_link(
        scene.tools, "lecteur", by, randomness=secrets.token_bytes, purpose=Purpose.ENTER
    )
    with httpx.Client(base_url=console, timeout=30) as browser:
        browser.get(f"/connexion/directe/{link}")
        yield browser


def _link(browser: httpx.Client, acte_id: int) -> str:
    page = browser.get(f"/actes/{acte_id}").text
    found = re.search(
        rf'href="(/actes/{acte_id}/[^"]*)"[^>]*id="piece-1"|id="piece-1"[^>]*href="([^"]*)"', page
    )
    assert found is not None, page
    return found[1] or found[2]


def _document(scene: Scene, acte_id: int) -> Any:
    with scene.tools.register() as unit:
        return unit.acte(acte_id).pieces[0].file


def _spoil(engine: Engine, sha256: str) -> None:
    with engine.begin() as connection:
        here = document_block.c.sha256 == sha256
        before = connection.execute(select(document_block.c.content).where(here)).scalar_one()
        after = before[:-1] + bytes([before[-1] ^ 1])
        connection.execute(update(document_block).where(here).values(content=after))


def test_a_document_spoilt_since_it_was_taken_never_leaves(
    scene: Scene, database_url: str, broker_url: str, tmp_path: Path
) -> None:
    spoilt = scene.accept("D2023_SPOILT", contents=(pdf("Délibération altérée"),)).acte_id
    sound = scene.accept("D2023_SOUND", contents=(pdf("Délibération intacte"),)).acte_id
    file = _document(scene, spoilt)
    _spoil(scene.engine, file.sha256)
    with pytest.raises(DamagedDocumentError, match="empreinte"):
        scene.tools.documents.read(file)
    urls = {"database_url": database_url, "broker_url": broker_url}
    with machines(scene, tmp_path, **urls) as machine:
        only = machine("only")
        only.start("scheduler")
        only.start("worker")
        only.wait_for(sound)
        only.wait_for(spoilt, state=State.HELD)
    assert "son empreinte a changé" in (scene.transmission(spoilt).waiting_for or "")
    _each_once(scene, 1)


@pytest.fixture
def sentinels(tmp_path: Path) -> Iterator[Watched]:
    with watched(tmp_path) as made:
        yield made


def test_the_broker_of_two_machines_is_lost_and_its_replica_rings_on(
    scene: Scene, database_url: str, sentinels: Watched, tmp_path: Path
) -> None:
    given = {
        "database_url": database_url,
        "broker_url": sentinels.url,
        "broker_master": MASTER,
        "broker_sentinel_password": SENTINEL_PASSWORD,
    }
    with machines(scene, tmp_path, **given) as machine:
        for name in ("first", "second"):
            sending = machine(name)
            sending.start("scheduler")
            sending.start("worker")
        before = _accepted(scene, "D2023_A")
        sending.wait_for(before[0])
        sentinels.lose_the_master()
        sending.wait_for(*before, *_accepted(scene, "D2023_B"))
    _each_once(scene, 2 * ACTS)
    logs = "".join(log.read_text() for log in tmp_path.glob("*/*.log"))
    assert "Connection" in logs
    assert not any(secret in logs for secret in (PASSWORD, SENTINEL_PASSWORD))
