"""Files handed to programs: whole, in part, or not at all when they have them."""

import json
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from sqlalchemy import insert, update

from tests.support.scene import pdf
from transmission.store.tables import retour, transmission

ACTES = "/api/v1/actes"
CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def address(desk: Any, client: httpx.Client) -> str:
    sent = desk.bench.acte(contents=(CONTENT,))
    return str(client.get(f"{ACTES}/{sent.acte_id}").json()["fichiers"][0]["lien"])


def test_a_file_comes_whole_under_its_digest(client: httpx.Client, address: str) -> None:
    response = client.get(address)
    assert response.content == CONTENT
    assert response.headers["content-length"] == str(len(CONTENT))
    assert response.headers["etag"] == f'"{address.rpartition("/")[2]}"'
    assert response.headers["content-type"] == "application/pdf"
    head = client.head(address)
    assert head.headers["content-length"] == str(len(CONTENT))
    assert head.content == b""


def test_a_file_that_the_program_has_is_not_sent_again(client: httpx.Client, address: str) -> None:
    etag = client.head(address).headers["etag"]
    for said in (etag, f'W/"x", {etag}', "*"):
        response = client.get(address, headers={"If-None-Match": said})
        assert response.status_code == 304
        assert response.content == b""
    assert client.get(address, headers={"If-None-Match": '"x"'}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=255990-", 255_990, 256_000),
        ("bytes=-10", 255_990, 256_000),
        ("bytes=-999999999", 0, 256_000),
        ("bytes=70000-999999", 70_000, 256_000),
    ],
)
def test_a_part_of_a_file(
    client: httpx.Client, address: str, asked: str, start: int, end: int
) -> None:
    response = client.get(address, headers={"Range": asked})
    assert response.status_code == 206
    assert response.content == CONTENT[start:end]
    assert response.headers["content-range"] == f"bytes {start}-{end - 1}/256000"
    assert response.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("asked", ["bytes=256000-", "bytes=-0", "bytes=999999-1000000"])
def test_a_part_beyond_the_end_is_refused(client: httpx.Client, address: str, asked: str) -> None:
    response = client.get(address, headers={"Range": asked})
    assert response.status_code == 416
    assert response.headers["content-range"] == "bytes */256000"


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=5-2", "octets=0-1", "bytes=0-1,4-5", "x"])
def test_a_part_that_nobody_can_read_is_the_whole(
    client: httpx.Client, address: str, asked: str
) -> None:
    assert client.get(address, headers={"Range": asked}).content == CONTENT


def test_a_part_of_a_file_that_changed_meanwhile_is_the_whole(
    client: httpx.Client, address: str
) -> None:
    other = client.get(address, headers={"Range": "bytes=0-1", "If-Range": '"x"'})
    assert other.status_code == 200


def test_a_damaged_file_is_never_sent(desk: Any, client: httpx.Client, address: str) -> None:
    digest = address.rpartition("/")[2]
    kept = next(p for p in (desk.folder / "documents").rglob("*") if p.name.endswith(digest[2:]))
    kept.chmod(0o600)
    kept.write_bytes(b"x" * len(CONTENT))
    response = client.get(address)
    assert response.status_code == 500
    assert response.json()["type"].endswith("document_endommage")


def test_the_dossier_is_made_for_whoever_asks_and_its_digest_is_told(
    desk: Any, client: httpx.Client
) -> None:
    sent = desk.bench.sent(contents=(pdf(),))
    address = f"{ACTES}/{sent.acte_id}/dossier"
    head = client.head(address)
    assert head.status_code == 200
    assert "dossier_made" not in desk.bench.events(sent.id)
    given = client.get(address)
    assert given.headers["content-type"] == "application/vnd.etsi.asic-e+zip"
    assert given.headers["etag"] == f'"{sha256(given.content).hexdigest()}"'
    assert f"{sent.id_acte}.asice" in given.headers["content-disposition"]
    with ZipFile(BytesIO(given.content)) as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("dossier.json"))["made_by"].startswith("api:")
    assert desk.bench.events(sent.id).count("dossier_made") == 1
    with desk.bench.tools.register() as unit:
        (access,) = unit.accesses_of(sent.acte_id, 9)
    assert access.reading.what == "dossier de preuve"


def test_the_stamped_act_and_its_receipt(desk: Any, client: httpx.Client) -> None:
    sent = desk.bench.acknowledged(contents=(pdf(),))
    file = desk.bench.tools.documents.put_bytes(b"<?xml version='1.0'?><AR/>")
    with desk.bench.engine.begin() as connection:
        values = {
            "collectivite_id": desk.bench.authority_id, "transmission_id": sent.id,
            "acte_id": sent.acte_id, "sha256": file.sha256, "size": file.size, "source": "tdt:1",
            "received_at": desk.bench.clock.now(), "status": "applied", "kind": "1-2",
        }  # fmt: skip
        made = connection.execute(insert(retour).values(values).returning(retour.c.id)).scalar_one()
        where = transmission.c.id == sent.id
        connection.execute(update(transmission).where(where).values(retour_id=made))
    receipt = client.get(f"{ACTES}/{sent.acte_id}/accuse-reception")
    assert receipt.content == b"<?xml version='1.0'?><AR/>"
    assert receipt.headers["etag"] == f'"{file.sha256}"'
    stamped = client.get(f"{ACTES}/{sent.acte_id}/tampon")
    assert stamped.content.startswith(b"%PDF")
    assert stamped.headers["content-length"] == str(len(stamped.content))
    part = client.get(f"{ACTES}/{sent.acte_id}/tampon", headers={"Range": "bytes=0-3"})
    assert part.content == b"%PDF"
