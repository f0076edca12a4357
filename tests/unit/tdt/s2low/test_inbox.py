"""The letters of the préfecture: which are listed, and what is taken for one."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from transmission.domain.outcomes import CannotTell
from transmission.ports import InboxItem, TdtConnector
from transmission.tdt.s2low import inbox

GZIP = b"\x1f\x8b\x08" + bytes(range(256)) * 1_000
ITEM = InboxItem("4730", "4730", "4711")


def letter(identifier: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "type": "3",
        "related_transaction_id": 4711,
        "number": "D2026_07",
        "unique_id": "042-123456782-20260312-D2026_07-DE",
        "last_status_id": 8,
    } | changes


def leads_to(steps: Any, location: str, code: str = "302 Found") -> Any:
    return steps.says(b"", code, f"Location: {location}")


def fetched(connector: TdtConnector) -> tuple[CannotTell | None, bytes]:
    target = BytesIO()
    return connector.fetch(ITEM, target), target.getvalue()


# --- listed ------------------------------------------------------------------------------------


@pytest.mark.parametrize("leaf", [str, lambda value: value], ids=["v4 texts", "v5 integers"])
def test_letters_are_listed_oldest_first(
    server: Any, steps: Any, enveloppe: TdtConnector, leaf: Callable[[Any], Any]
) -> None:
    listed = [letter(10_000), letter(4730, related_transaction_id=4712, type="5")]
    texts = [{key: leaf(value) for key, value in each.items()} for each in listed]
    server.steps = [steps.says(json.dumps(texts).encode())]
    assert enveloppe.inbox() == [
        InboxItem("4730", "4730", "4712"),
        InboxItem("10000", "10000", "4711"),
    ]
    assert server.requests[0].target == ("/modules/actes/api/list_document_prefecture.php?api=1")


@pytest.mark.parametrize("acte", [None, "", "0"])
def test_a_letter_may_name_no_act(
    server: Any, steps: Any, enveloppe: TdtConnector, acte: str | None
) -> None:
    body = json.dumps([letter(1, related_transaction_id=acte)]).encode()
    server.steps = [steps.says(body)]
    assert enveloppe.inbox() == [InboxItem("1", "1", None)]


def test_a_reply_that_an_old_version_lists_is_no_letter(
    server: Any, steps: Any, enveloppe: TdtConnector
) -> None:
    listed = [
        letter(1, type="2", last_status_id=3),
        letter(2, type="2", last_status_id="-1"),
        letter(3, type="2", last_status_id="21"),
        letter(4, type="5", last_status_id=21),
        letter(5, type="3", last_status_id=7),
    ]
    server.steps = [steps.says(json.dumps(listed).encode())]
    found = enveloppe.inbox()
    assert not isinstance(found, CannotTell)
    assert [item.key for item in found] == ["3", "4", "5"]


def test_the_oldest_letters_of_a_long_list_come_first(
    server: Any, steps: Any, enveloppe: TdtConnector
) -> None:
    server.steps = [steps.says(json.dumps([letter(n) for n in range(900, 0, -1)]).encode())]
    found = enveloppe.inbox()
    assert not isinstance(found, CannotTell)
    assert [item.key for item in found] == [str(n) for n in range(1, 501)]


@pytest.mark.parametrize(
    "choose",
    [
        lambda s: s.says(b"KO\nConnexion impossible\n"),
        lambda s: s.says(b"<html></html>"),
        lambda s: s.says(b""),
        lambda s: s.says(b"{}x"),
        lambda s: s.says(b'[{"id": 1}]'),
        lambda s: s.says(b"[3]"),
        lambda s: s.says(b"", "302 Found", "Location: /login.php"),
        lambda s: s.writes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[]"),
    ],
    ids=["KO", "page", "nothing", "no JSON", "short item", "numbers", "302", "cut"],
)
def test_an_unclear_list_is_not_an_empty_one(
    server: Any, steps: Any, enveloppe: TdtConnector, choose: Callable[[Any], Any]
) -> None:
    server.steps = [choose(steps)]
    assert isinstance(enveloppe.inbox(), CannotTell)


def test_an_empty_list_is_one(server: Any, steps: Any, enveloppe: TdtConnector) -> None:
    server.steps = [steps.says(b"[]")]
    assert enveloppe.inbox() == []


# --- fetched -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "location",
    [
        "actes_download_file.php?env=3120",
        "   actes_download_file.php?env=3120  ",
        "/modules/actes/actes_download_file.php?env=3120",
        "actes_download_file.php?env=3120&api=1",
    ],
)
def test_a_letter_is_written_to_the_byte(
    server: Any, steps: Any, enveloppe: TdtConnector, location: str
) -> None:
    server.steps = [leads_to(steps, location), steps.says(GZIP)]
    assert fetched(enveloppe) == (None, GZIP)
    assert [request.target for request in server.requests] == [
        "/modules/actes/actes_transac_get_document.php?id=4730&api=1",
        "/modules/actes/actes_download_file.php?env=3120&api=1",
    ]


def test_an_absolute_address_of_the_same_server_is_followed(
    server: Any, steps: Any, enveloppe: TdtConnector
) -> None:
    address = f"{server.url}/modules/actes/actes_download_file.php?env=3120"
    server.steps = [leads_to(steps, address), steps.says(GZIP)]
    assert fetched(enveloppe) == (None, GZIP)


@pytest.mark.parametrize(
    "location",
    [
        "https://ailleurs.example/modules/actes/actes_download_file.php?env=3120",
        "//ailleurs.example/modules/actes/actes_download_file.php?env=3120",
        "http://127.0.0.1/modules/actes/actes_download_file.php?env=3120",
        "/login.php",
        "/connexion-status",
        "/login.php?env=3120",
        "../actes_download_file.php?env=3120",
        "actes_download_file.php",
        "actes_download_file.php?file=3120",
        "actes_download_file.php?env=",
        "actes_download_file.php?env=../3120",
        "actes_download_file.php?env=1&env=2",
        "https://[",
        "",
    ],
)
def test_no_other_address_is_followed(
    server: Any, steps: Any, enveloppe: TdtConnector, location: str
) -> None:
    server.steps = [leads_to(steps, location)]
    silence, written = fetched(enveloppe)
    assert isinstance(silence, CannotTell)
    assert written == b""
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"KO\nInconnu", "Inconnu"), (b"<html>", "code HTTP 200"), (b"3-8-4730\n", "code HTTP 200")],
)
def test_an_answer_that_leads_nowhere_gives_no_letter(
    server: Any, steps: Any, enveloppe: TdtConnector, body: bytes, words: str
) -> None:
    server.steps = [steps.says(body)]
    silence, written = fetched(enveloppe)
    assert isinstance(silence, CannotTell)
    assert words in silence.reason
    assert written == b""


@pytest.mark.parametrize(
    "choose",
    [
        lambda s: s.says(b"<!DOCTYPE html><html></html>"),
        lambda s: s.says(b"KO\nnon"),
        lambda s: s.says(b"PK\x03\x04"),
        lambda s: s.says(b""),
        lambda s: s.says(b"\x1f"),
        lambda s: s.says(b"\x1f\x8c" + GZIP),
        lambda s: s.says(GZIP, "302 Found", "Location: /modules/actes/index.php"),
        lambda s: s.says(GZIP, "404 Not Found"),
        lambda s: s.resets_after_the_body,
    ],
    ids=["page", "KO", "zip", "nothing", "one byte", "near miss", "302", "404", "reset"],
)
def test_nothing_but_a_gzip_file_is_written(
    server: Any, steps: Any, enveloppe: TdtConnector, choose: Callable[[Any], Any]
) -> None:
    server.steps = [leads_to(steps, "actes_download_file.php?env=3120"), choose(steps)]
    silence, written = fetched(enveloppe)
    assert isinstance(silence, CannotTell)
    assert written == b""


def test_a_letter_cut_on_its_way_is_not_taken_for_whole(
    server: Any, steps: Any, enveloppe: TdtConnector
) -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(GZIP) + GZIP[:1_000]
    server.steps = [leads_to(steps, "actes_download_file.php?env=3120"), steps.writes(half)]
    silence, written = fetched(enveloppe)
    assert silence == CannotTell("la connexion a été coupée")
    assert GZIP.startswith(written)


def test_a_letter_that_comes_byte_by_byte_is_taken(
    server: Any, steps: Any, enveloppe: TdtConnector
) -> None:
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in GZIP[:20]) + b"0\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    server.steps = [leads_to(steps, "actes_download_file.php?env=3120"), steps.writes(answer)]
    assert fetched(enveloppe) == (None, GZIP[:20])


def test_an_endless_letter_is_given_up(
    server: Any, steps: Any, enveloppe: TdtConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "ARCHIVE_MAX", 1_000)
    server.steps = [leads_to(steps, "actes_download_file.php?env=3120"), steps.says(GZIP)]
    silence, _ = fetched(enveloppe)
    assert silence == CannotTell("la réponse dépasse la taille attendue")


def test_a_full_disk_is_not_the_fault_of_the_platform(
    server: Any, steps: Any, enveloppe: TdtConnector
) -> None:
    class FullDisk(BytesIO):
        def write(self, content: Any, /) -> int:
            raise OSError(28, "No space left on device")

    again = leads_to(steps, "actes_download_file.php?env=3120")
    server.steps = [again, steps.says(GZIP), again, steps.says(GZIP)]
    with pytest.raises(OSError, match="No space left"):
        enveloppe.fetch(ITEM, FullDisk())
    assert fetched(enveloppe) == (None, GZIP)


# --- confirmed ---------------------------------------------------------------------------------


def test_a_letter_is_marked_as_read(server: Any, steps: Any, enveloppe: TdtConnector) -> None:
    server.steps = [steps.says(b'{"result":"ok"}')]
    assert enveloppe.confirm(ITEM) is None
    assert server.requests[0].target == (
        "/modules/actes/api/document_prefecture_mark_as_read.php?transaction_id=4730&api=1"
    )


@pytest.mark.parametrize(
    "choose",
    [
        lambda s: s.says(b'{"result":"non"}'),
        lambda s: s.says(b'"ok"'),
        lambda s: s.says(b"KO\nConnexion impossible\n"),
        lambda s: s.says(b"<html>"),
        lambda s: s.says(b""),
        lambda s: s.says(b'{"result":"ok"}', "500 Internal Server Error"),
        lambda s: s.resets_after_the_body,
    ],
)
def test_a_mark_that_is_not_said_is_not_put(
    server: Any, steps: Any, enveloppe: TdtConnector, choose: Callable[[Any], Any]
) -> None:
    server.steps = [choose(steps)]
    assert isinstance(enveloppe.confirm(ITEM), CannotTell)
