"""Every file that a person or a program is given leaves a row, and an infected one is given to
nobody."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.support.bench import Bench
from tests.support.people import add_person, browsing, enter, make_hashes_cheap
from tests.support.scene import AUTHOR, pdf
from tests.support.serving import serving
from transmission.api.app import create_app
from transmission.api.wiring import WiredApi
from transmission.domain.access import Scope
from transmission.domain.people import Grant, Role
from transmission.domain.transmission import KeptCourrier, Transmission
from transmission.ports.file_accesses import Channel, FileReading
from transmission.ports.scans import KeptScan, Verdict
from transmission.services.hand_out import hand_out
from transmission.services.screen import InfectedFileError
from transmission.services.tokens import create_token
from transmission.store.tables_protection import file_access

Open = Callable[[str], KeptCourrier]


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    make_hashes_cheap(monkeypatch)


@pytest.fixture
def browser(bench: Bench) -> Iterator[httpx.Client]:
    add_person(bench, "assemblees", Grant(Role.AUDITOR), name="service des assemblées")
    with browsing(bench) as opened:
        enter(opened)
        yield opened


@pytest.fixture
def program(bench: Bench) -> Iterator[httpx.Client]:
    secret = create_token(
        bench.tools, bench.authority_id, "finances", {Scope.READ}, None, AUTHOR,
        randomness=secrets.token_bytes,
    )  # fmt: skip
    headers = {"Authorization": f"Bearer {secret}"}
    with (
        serving(create_app(WiredApi(bench.engine, bench.tools, ()))) as url,
        httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=20) as client,
    ):
        yield client


def told(bench: Bench) -> list[tuple[str, str, str, int | None]]:
    with bench.engine.connect() as connection:
        rows = connection.execute(select(file_access).order_by(file_access.c.id)).all()
    assert all(row.collectivite_id == bench.authority_id for row in rows)
    assert all(row.at == bench.clock.now() for row in rows)
    return [(row.channel, row.reader, row.what, row.acte_id) for row in rows]


def file_of(bench: Bench, sent: Transmission) -> Any:
    with bench.tools.register() as unit:
        return unit.pieces_sent(sent)[0].file


def infect(bench: Bench, sha256: str) -> None:
    with bench.tools.register() as unit:
        kept = KeptScan(Verdict.FOUND, "Essai.Virus", "base 1", bench.clock.now())
        unit.keep_scan(sha256, kept)
        unit.commit()


def test_what_the_console_gives_is_told_and_shown_to_whoever_audits(
    bench: Bench, browser: httpx.Client, thread: Open
) -> None:
    opened = thread("2-1")
    acte = bench.acknowledged(contents=(pdf(),))
    digest = file_of(bench, acte).sha256
    for path in (f"/fichiers/{acte.acte_id}/{digest}", f"/actes/{acte.acte_id}/tampon"):
        assert browser.get(path).status_code == 200, path
    assert browser.get(f"/retours/{opened.retour_id}").status_code == 200
    who = "service des assemblées"
    assert told(bench) == [
        ("console", who, "piece-1.pdf", acte.acte_id),
        ("console", who, "acte tamponné", acte.acte_id),
        ("console", who, f"retour n° {opened.retour_id}", None),
    ]
    page = browser.get(f"/actes/{acte.acte_id}").text
    assert "Consultations" in page
    assert "acte tamponné" in page


def test_whoever_only_reads_does_not_see_who_read(bench: Bench) -> None:
    acte = bench.acknowledged()
    add_person(bench, "assemblees", Grant(Role.READER))
    with browsing(bench) as browser:
        enter(browser)
        assert "Consultations" not in browser.get(f"/actes/{acte.acte_id}").text


def test_what_the_api_gives_is_told(bench: Bench, program: httpx.Client) -> None:
    acte = bench.acknowledged(contents=(pdf(),))
    digest = file_of(bench, acte).sha256
    assert program.get(f"/actes/{acte.acte_id}/fichiers/{digest}").status_code == 200
    assert program.get(f"/actes/{acte.acte_id}/tampon").status_code == 200
    assert told(bench) == [
        ("api", "finances", "piece-1.pdf", acte.acte_id),
        ("api", "finances", "acte tamponné", acte.acte_id),
    ]


def test_an_infected_file_is_given_by_no_door(
    bench: Bench, browser: httpx.Client, program: httpx.Client
) -> None:
    acte = bench.acknowledged(contents=(pdf(),))
    digest = file_of(bench, acte).sha256
    infect(bench, digest)
    for client, path in (
        (browser, f"/fichiers/{acte.acte_id}/{digest}"),
        (browser, f"/actes/{acte.acte_id}/tampon"),
        (program, f"/actes/{acte.acte_id}/fichiers/{digest}"),
        (program, f"/actes/{acte.acte_id}/tampon"),
    ):
        refused = client.get(path)
        assert refused.status_code == 409, path
        assert "Essai.Virus" in refused.text
        assert b"%PDF" not in refused.content
    assert told(bench) == []


def test_nobody_can_change_or_remove_what_was_told(bench: Bench) -> None:
    acte = bench.acte()
    reading = FileReading(Channel.COMMAND, "agent", "acte", acte.acte_id)
    hand_out(bench.tools, reading, file_of(bench, acte))
    for statement in (
        update(file_access).values(reader="personne"), delete(file_access),
        text("TRUNCATE file_access"),
    ):  # fmt: skip
        with bench.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(statement)
    infect(bench, file_of(bench, acte).sha256)
    with pytest.raises(InfectedFileError):
        hand_out(bench.tools, reading, file_of(bench, acte))
    assert len(told(bench)) == 1
