"""Files sent in pieces: by an independent client, cut, taken up again, and never mixed up."""

import asyncio
import base64
import hashlib
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from tusclient.client import TusClient

from tests.support.scene import pdf
from transmission.api import bodies, uploads
from transmission.domain import uploads as bounds
from transmission.services import uploads as service
from transmission.services.uploads import find_upload, forget_uploads, read_upload
from transmission.store.tables_uploads import upload_block

UPLOADS = "/api/v1/televersements"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


def begun(client: httpx.Client, length: int, **more: str) -> str:
    response = client.post(UPLOADS, headers={**TUS, "Upload-Length": str(length), **more})
    assert response.status_code == 201, response.text
    return response.headers["location"]


def extended(client: httpx.Client, place: str, offset: int, content: Any, **more: str) -> Any:
    headers = {**BYTES, "Upload-Offset": str(offset), **more}
    return client.patch(place, content=content, headers=headers)


def offset_of(client: httpx.Client, place: str) -> int:
    return int(client.head(place, headers=TUS).headers["upload-offset"])


def held(desk: Any, place: str, secret: str = "tdt_ours") -> bytes:
    tools, access = desk.bench.tools, desk.container.known[secret]
    target = desk.folder / f"read-{place.rpartition('/')[2]}"
    target.unlink(missing_ok=True)
    upload = find_upload(tools, access, int(place.rpartition("/")[2]))
    kept = read_upload(tools, upload, target)
    content = target.read_bytes()
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    return content


def digest(content: bytes) -> str:
    return f"sha256 {base64.b64encode(hashlib.sha256(content).digest()).decode()}"


def test_an_independent_client_sends_a_file_stops_and_takes_it_up_again(desk: Any) -> None:
    content = pdf(pages=3) * 40
    ours = TusClient(f"{desk.url}{UPLOADS}", headers={"Authorization": "Bearer tdt_ours"})
    first = ours.uploader(
        file_stream=BytesIO(content), chunk_size=5000, metadata={"filename": "délibération.pdf"}
    )
    first.upload(stop_at=10_000)
    # Another process, which only kept the address.
    again = ours.uploader(file_stream=BytesIO(content), chunk_size=7000, url=first.url)
    assert again.offset == 10_000
    again.upload()
    assert again.offset == len(content)
    assert held(desk, first.url) == content
    told = desk.client().head(first.url, headers=TUS)
    assert told.headers["upload-length"] == str(len(content))
    key, value = told.headers["upload-metadata"].split(" ")
    assert (key, base64.b64decode(value).decode()) == ("filename", "délibération.pdf")
    assert told.headers["cache-control"] == "no-store"


def test_the_independent_client_checks_what_it_sends(desk: Any) -> None:
    content = bytes(range(256)) * 100
    ours = TusClient(f"{desk.url}{UPLOADS}", headers={"Authorization": "Bearer tdt_ours"})
    sent = ours.uploader(file_stream=BytesIO(content), chunk_size=9999, upload_checksum=True)
    sent.upload()
    assert held(desk, sent.url) == content


@pytest.fixture
def block(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(uploads, "BLOCK", 1000)
    return 1000


def test_what_came_before_a_cut_is_kept(desk: Any, block: int) -> None:
    client = desk.client()
    place = begun(client, 5000)
    address = urlsplit(desk.url)
    head = (
        f"PATCH {place} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        "Authorization: Bearer tdt_ours\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
        "Content-Type: application/offset+octet-stream\r\nContent-Length: 5000\r\n\r\n"
    )
    content = bytes(range(250)) * 20
    with socket.create_connection((address.hostname, address.port)) as wire:
        wire.sendall(head.encode() + content[:2345])
        for _ in range(200):
            if offset_of(client, place) == 2345:
                break
            time.sleep(0.05)
    assert offset_of(client, place) == 2345
    assert extended(client, place, 2345, content[2345:]).status_code == 204
    assert held(desk, place) == content


def test_what_was_read_and_is_less_than_a_block_is_kept_too(
    desk: Any, client: httpx.Client
) -> None:
    place = begun(client, 9)
    names = {**BYTES, "Upload-Offset": "0", "Authorization": "Bearer tdt_ours", "Host": "localhost"}
    scope = {
        "type": "http",
        "method": "PATCH",
        "path": place,
        "raw_path": place.encode(),
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "headers": [(name.lower().encode(), value.encode()) for name, value in names.items()],
    }
    coming = [
        {"type": "http.request", "body": b"abc", "more_body": True},
        {"type": "http.request", "body": b"de", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Any:
        return coming.pop(0)

    async def send(_message: Any) -> None:
        return

    asyncio.run(desk.app(scope, receive, send))
    assert offset_of(client, place) == 5
    assert extended(client, place, 5, b"fghi").status_code == 204
    assert held(desk, place) == b"abcdefghi"


@given(cuts=st.lists(st.integers(0, 4000), max_size=6), block=st.integers(1, 3000))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_cutting_of_the_bytes_gives_the_same_file(
    desk: Any, monkeypatch: pytest.MonkeyPatch, cuts: list[int], block: int
) -> None:
    monkeypatch.setattr(uploads, "BLOCK", block)
    client = desk.client()
    content = hashlib.sha256(b"x").digest() * 125
    ends = [*sorted(cuts), len(content)]
    place, at = begun(client, len(content)), 0
    for rank, end in enumerate(ends):
        piece = content[at:end]
        more = {"Upload-Checksum": digest(piece)} if rank % 2 else {}
        answer = extended(client, place, at, piece, **more)
        assert answer.headers["upload-offset"] == str(end)
        at = end
    assert held(desk, place) == content
    client.delete(place, headers=TUS)
    client.close()


def test_the_beginning_may_come_with_the_announcement(desk: Any, client: httpx.Client) -> None:
    response = client.post(UPLOADS, content=b"abc", headers={**BYTES, "Upload-Length": "5"})
    assert response.status_code == 201
    assert response.headers["upload-offset"] == "3"
    assert extended(client, response.headers["location"], 3, b"de").status_code == 204
    assert held(desk, response.headers["location"]) == b"abcde"


def test_bytes_that_begin_elsewhere_are_refused_with_where_to_begin(
    desk: Any, client: httpx.Client
) -> None:
    place = begun(client, 10)
    assert extended(client, place, 0, b"12345").status_code == 204
    for offset in (0, 3, 7):
        refused = extended(client, place, offset, b"xx")
        assert refused.status_code == 409
        assert refused.headers["upload-offset"] == "5"
        assert refused.headers["tus-resumable"] == "1.0.0"
        assert refused.json()["type"].endswith(":decalage")
    assert extended(client, place, 5, b"67890").status_code == 204
    assert held(desk, place) == b"1234567890"


def test_of_two_who_send_the_same_bytes_at_once_one_is_refused(desk: Any, block: int) -> None:
    place, together = begun(desk.client(), 2000), Barrier(2)

    def slowly(mark: bytes) -> Iterator[bytes]:
        yield mark * 500
        together.wait(10)
        yield mark * 1500

    def send(mark: bytes) -> int:
        with desk.client() as own:
            return extended(own, place, 0, slowly(mark)).status_code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(send, (b"a", b"b"))) == [204, 409]
    content = held(desk, place)
    assert content in (b"a" * 2000, b"b" * 2000)


def test_bytes_of_another_digest_are_set_aside_whole(desk: Any, client: httpx.Client) -> None:
    place = begun(client, 6)
    refused = extended(client, place, 0, b"abcdef", **{"Upload-Checksum": digest(b"abcdeX")})
    assert refused.status_code == 460
    assert offset_of(client, place) == 0
    for wrong in ("md5 AAAA", "sha256 AAAA", "sha256 é", "sha256"):
        answer = extended(client, place, 0, b"abcdef", **{"Upload-Checksum": wrong.encode()})
        assert answer.status_code == 400
    good = extended(client, place, 0, b"abcdef", **{"Upload-Checksum": digest(b"abcdef")})
    assert good.status_code == 204
    assert held(desk, place) == b"abcdef"
    assert not list((desk.folder / "incoming").iterdir())


@pytest.mark.parametrize("chunked", [False, True])
def test_more_bytes_than_announced_are_refused(
    desk: Any, client: httpx.Client, chunked: bool
) -> None:
    place = begun(client, 4)
    content = iter([b"123", b"45"]) if chunked else b"12345"
    assert extended(client, place, 0, content).status_code == 413
    kept = offset_of(client, place)
    assert extended(client, place, kept, b"1234"[kept:]).status_code == 204
    assert held(desk, place) == b"1234"


def test_requests_that_are_no_tus_are_refused(client: httpx.Client) -> None:
    place = begun(client, 4)
    assert client.post(UPLOADS, headers={"Upload-Length": "4"}).status_code == 412
    assert client.head(place).headers["tus-version"] == "1.0.0"
    assert client.patch(place, headers={**TUS, "Upload-Offset": "0"}).status_code == 415
    for length in ("", "-1", "x", "1" * 16, "²"):
        wrong = {**TUS, "Upload-Length": length.encode()}
        assert client.post(UPLOADS, headers=wrong).status_code == 400
    assert client.post(UPLOADS, headers={**TUS, "Upload-Defer-Length": "1"}).status_code == 400
    large = {**TUS, "Upload-Length": str(bounds.LENGTH_MAX + 1)}
    assert client.post(UPLOADS, headers=large).status_code == 413
    for said in ("filename !", "a YQ==,a YQ==", ",", "é YQ==", f"a {'YWFh' * 2000}"):
        wrong = {**TUS, "Upload-Length": "4", "Upload-Metadata": said.encode()}
        assert client.post(UPLOADS, headers=wrong).status_code == 400, said
    told = client.options(UPLOADS)
    assert told.status_code == 204
    assert "creation-with-upload" in told.headers["tus-extension"]
    assert told.headers["tus-checksum-algorithm"] == "sha256,sha1"


def test_a_client_that_can_only_post_says_what_it_means(desk: Any, client: httpx.Client) -> None:
    place = begun(client, 2)
    patch = {**BYTES, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert client.post(place, content=b"ab", headers=patch).status_code == 204
    assert held(desk, place) == b"ab"
    assert client.post(place, headers=TUS).status_code == 405
    ended = client.post(place, headers={**TUS, "X-HTTP-Method-Override": "DELETE"})
    assert ended.status_code == 204


def test_an_upload_is_seen_by_its_authority_alone(desk: Any, client: httpx.Client) -> None:
    place = begun(client, 3)
    theirs = desk.client("tdt_theirs")
    for verb in ("HEAD", "PATCH", "DELETE"):
        headers = {**BYTES, "Upload-Offset": "0"}
        answer = theirs.request(verb, place, content=b"abc", headers=headers)
        unknown = theirs.request(verb, f"{UPLOADS}/999999", content=b"abc", headers=headers)
        assert answer.status_code == unknown.status_code == 404
        assert answer.content == unknown.content
    # Another token of the same authority goes on with it.
    assert extended(desk.client("tdt_deposant"), place, 0, b"abc").status_code == 204
    assert desk.client("tdt_lecteur").head(place, headers=TUS).status_code == 403


def test_an_ended_upload_leaves_nothing(desk: Any, client: httpx.Client) -> None:
    place = begun(client, 3)
    extended(client, place, 0, b"abc")
    assert client.delete(place, headers=TUS).status_code == 204
    assert client.head(place, headers=TUS).status_code == 404
    assert client.delete(place, headers=TUS).status_code == 404
    with desk.bench.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(upload_block)).scalar() == 0


def test_an_upload_lasts_a_day_after_its_last_byte_and_is_then_removed(
    desk: Any, client: httpx.Client
) -> None:
    place = begun(client, 3)
    desk.bench.clock.instant += timedelta(hours=23)
    answer = extended(client, place, 0, b"a")
    assert answer.headers["upload-expires"] == "Sun, 12 Mar 2023 08:00:00 GMT"
    desk.bench.clock.instant += timedelta(hours=24)
    assert client.head(place, headers=TUS).status_code == 404
    assert extended(client, place, 1, b"b").status_code == 404
    assert forget_uploads(desk.bench.tools) == 1
    assert forget_uploads(desk.bench.tools) == 0


def test_a_token_has_so_many_uploads_and_bytes_at_once(
    desk: Any, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "COUNT_MAX", 2)
    monkeypatch.setattr(service, "TOTAL_MAX", 10)
    announced = {**TUS, "Upload-Length": "6"}
    first = begun(client, 6)
    refused = client.post(UPLOADS, headers=announced)
    assert refused.status_code == 429
    assert refused.headers["retry-after"]
    begun(client, 4)
    assert client.post(UPLOADS, headers={**TUS, "Upload-Length": "0"}).status_code == 429
    # Those of another token are its own.
    begun(desk.client("tdt_deposant"), 6)
    client.delete(first, headers=TUS)
    begun(client, 6)


def test_a_sender_that_is_too_slow_is_told_so_and_what_came_is_kept(
    desk: Any, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.2)
    place, address = begun(client, 9), urlsplit(desk.url)
    head = (
        f"PATCH {place} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        "Authorization: Bearer tdt_ours\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
        "Content-Type: application/offset+octet-stream\r\nContent-Length: 9\r\n\r\nabc"
    )
    with socket.create_connection((address.hostname, address.port), timeout=20) as wire:
        wire.sendall(head.encode())
        answer = b""
        while block := wire.recv(4096):
            answer += block
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"application/problem+json" in answer
    assert offset_of(client, place) == 3
