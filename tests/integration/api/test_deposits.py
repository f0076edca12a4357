"""An act handed over by HTTP: each answer, and nothing left of what is refused."""

import json
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.scene import pdf
from transmission.api import guard, parts

ACTES = "/api/v1/actes"
PROBLEM = "application/problem+json"


def _codes(response: Any) -> set[tuple[str, str]]:
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == PROBLEM
    problems = response.json()["problemes"]
    assert all(each["message"] and each["remede"] for each in problems)
    return {(each["champ"], each["code"]) for each in problems}


def test_an_act_is_taken_in_charge_and_has_an_address(desk: Any, client: Any, form_of: Any) -> None:
    response = client.post(ACTES, files=form_of(), headers={"Idempotency-Key": "k1"})
    assert response.status_code == 201, response.text
    answer = response.json()
    assert response.headers["location"] == answer["acte"]["lien"]
    assert answer["deja_remis"] is False
    assert answer["acte"]["numero"] == "D2023_001"
    assert answer["acte"]["etat"]["code"] == "accepted"
    assert answer["acte"]["remis_par"] == "api:assemblees"
    assert client.get(response.headers["location"]).json()["fichiers"][1]["nom"] == "plan.pdf"
    assert not list((desk.folder / "incoming").iterdir())


def test_the_same_act_again_is_the_same_act(desk: Any, client: Any, form_of: Any) -> None:
    first = client.post(ACTES, files=form_of(), headers={"Idempotency-Key": "k1"})
    for headers in ({"Idempotency-Key": "k1"}, {}):
        again = client.post(ACTES, files=form_of(), headers=headers)
        assert again.status_code == 200
        assert again.json()["deja_remis"] is True
        assert again.headers["location"] == first.headers["location"]
    assert desk.count() == 1


def test_the_same_act_twice_at_once_is_one_act(desk: Any, form_of: Any) -> None:
    together = Barrier(4)

    def post(_rank: int) -> Any:
        with desk.client() as own:
            together.wait(10)
            return own.post(ACTES, files=form_of(), headers={"Idempotency-Key": "k1"})

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(post, range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert desk.count() == 1


@pytest.mark.parametrize("address", [ACTES, f"{ACTES}?dry_run=1"])
def test_another_content_under_the_same_number_is_a_conflict_that_says_what_differs(
    desk: Any, client: Any, form_of: Any, words_of: Any, address: str
) -> None:
    first = client.post(ACTES, files=form_of())
    other = form_of(words_of(objet="Autre chose"), ("document", "a.pdf", pdf("Autre")))
    response = client.post(address, files=other)
    assert response.status_code == 409
    assert response.headers["content-type"] == PROBLEM
    assert response.json()["differences"] == ["objet", "fichiers"]
    assert response.json()["acte"] == first.headers["location"]
    assert desk.count() == 1


def test_a_key_that_already_stands_for_another_act_is_a_conflict(
    desk: Any, client: Any, form_of: Any, words_of: Any
) -> None:
    client.post(ACTES, files=form_of(), headers={"Idempotency-Key": "k1"})
    other = form_of(words_of(numero="D2023_002"))
    response = client.post(ACTES, files=other, headers={"Idempotency-Key": "k1"})
    assert response.status_code == 409
    assert response.json()["differences"] == ["numero"]
    assert desk.count() == 1


@pytest.mark.parametrize("address", [ACTES, f"{ACTES}?dry_run=1"])
def test_every_problem_is_told_at_once_and_nothing_is_stored(
    desk: Any, client: Any, form_of: Any, words_of: Any, address: str
) -> None:
    words = words_of(
        numero=None, date=20230302, nature="ZZ", objet="", inconnu=1, document_papier="oui"
    )
    codes = _codes(client.post(address, files=form_of(words, ("document", "a.pdf", b"MZ"))))
    assert {
        ("numero", "numero_absent"),
        ("date", "champ_type"),
        ("nature", "nature_connue"),
        ("objet", "objet_vide"),
        ("inconnu", "champ_inconnu"),
        ("document_papier", "champ_type"),
        ("document", "fichier_type"),
    } == codes
    assert desk.count() == 0
    assert not [path for path in desk.left() if "part" in path.name or path.stat().st_size == 2]


def test_a_rehearsal_says_that_an_act_would_be_taken_and_stores_nothing(
    desk: Any, client: Any, form_of: Any
) -> None:
    before = desk.left()
    response = client.post(ACTES, params={"dry_run": 1}, files=form_of())
    assert response.status_code == 200
    assert response.json() == {"serait_accepte": True, "deja_remis": None, "notes": []}
    assert desk.count() == 0
    assert desk.left() == before
    taken = client.post(ACTES, files=form_of())
    again = client.post(ACTES, params={"dry_run": 1}, files=form_of())
    assert again.json()["deja_remis"] == taken.headers["location"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([("annexes", "a.pdf", pdf())], ("document", "document_absent")),
        ([("document", "a.pdf", pdf())] * 2, ("document", "document_double")),
        ([("document", "a.pdf", pdf()), ("../x", "b", b"y")], ("../x", "partie_inconnue")),
    ],
)
def test_parts_that_make_no_act_are_refused(
    desk: Any, client: Any, form_of: Any, words_of: Any, files: Any, expected: Any
) -> None:
    assert expected in _codes(client.post(ACTES, files=form_of(words_of(), *files)))
    assert desk.count() == 0


def test_typologies_are_those_that_are_given(
    desk: Any, client: Any, form_of: Any, words_of: Any
) -> None:
    words = words_of(typologie="99_DE", annexes=[{"typologie": "21_RP"}])
    taken = client.post(ACTES, files=form_of(words))
    assert taken.status_code == 201, taken.text
    with desk.bench.tools.register() as unit:
        given = [piece.code_type_pj for piece in unit.acte(taken.json()["acte"]["id"]).pieces]
    assert given == ["99_DE", "21_RP"]
    wrong = words_of(numero="D2", annexes=[{"typologie": "99_XX"}])
    assert ("annexes[1]", "typologie") in _codes(client.post(ACTES, files=form_of(wrong)))
    missing = words_of(numero="D2", annexes=[])
    assert ("annexes", "annexes_nombre") in _codes(client.post(ACTES, files=form_of(missing)))


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"numero": "A", "numero": "B"}', 400),
        (b"[" * 30_000, 400),
        (b'{"numero": ' + b"9" * 30_000 + b"}", 400),
        (b'{"numero": NaN, "objet": "\\ud800"}', 422),
        (b'{"objet": "\\u0000", "numero": "\\u0000"}', 422),
        (b'{"\\ud800": 1}', 422),
        (b'{"objet": "' + b"x" * 70_000 + b'"}', 413),
    ],
)
def test_hostile_words_are_refused(
    desk: Any, client: Any, form_of: Any, content: bytes, status: int
) -> None:
    response = client.post(ACTES, files=form_of(content))
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    assert desk.count() == 0
    assert not list((desk.folder / "incoming").iterdir())


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/cron.d/x", "a\u202efdp.exe", "é" * 900])
def test_a_hostile_name_is_only_text(desk: Any, client: Any, form_of: Any, name: str) -> None:
    files = form_of(None, ("document", name, pdf()))
    response = client.post(ACTES, files=files)
    assert response.status_code in (201, 400), response.text
    if response.status_code == 201:
        shown = client.get(response.headers["location"]).json()["fichiers"][0]
        assert len(shown["nom"]) <= 200
        assert "\u202e" not in shown["nom"]
        kept = client.get(shown["lien"])
        assert kept.content == pdf()
        assert "/" not in kept.headers["content-disposition"]


def test_other_types_of_content_are_refused(desk: Any, client: Any, form_of: Any) -> None:
    assert client.post(ACTES, data={"numero": "A"}).status_code == 415
    compressed = client.post(ACTES, files=form_of(), headers={"Content-Encoding": "gzip"})
    assert compressed.status_code == 415
    files = [("acte", (None, b"<acte/>", "text/xml")), *form_of()[1:]]
    assert client.post(ACTES, files=files).status_code == 415
    assert client.post(ACTES, files=form_of()[1:]).status_code == 400
    assert desk.count() == 0


@pytest.mark.parametrize("key", ["", "a b", "é".encode(), "x" * 201])
def test_a_key_that_nobody_can_write_again_is_refused(
    desk: Any, client: Any, form_of: Any, key: Any
) -> None:
    response = client.post(ACTES, files=form_of(), headers={"Idempotency-Key": key})
    assert response.status_code == 400
    assert desk.count() == 0


def test_a_body_over_the_limit_is_refused_whether_its_length_is_told_or_not(
    desk: Any, client: Any, form_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "BODY_MAX", 100_000)
    big = form_of(None, ("document", "a.pdf", b"x" * 300_000))
    assert client.post(ACTES, files=big).status_code == 413

    def chunks() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="document"; filename="a"\r\n\r\n'
        for _ in range(30):
            yield b"x" * 10_000

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    response = desk.client().post(ACTES, content=chunks(), headers=headers)
    assert response.status_code == 413
    assert desk.count() == 0
    assert not list((desk.folder / "incoming").iterdir())


def test_too_many_parts_are_refused(desk: Any, client: Any, form_of: Any) -> None:
    files = [("document", "a.pdf", b"x")] * parts.ACTE.parts_max
    assert client.post(ACTES, files=form_of(None, *files)).status_code == 400
    assert not list((desk.folder / "incoming").iterdir())


@pytest.mark.parametrize("told", [True, False])
def test_a_body_that_is_cut_leaves_nothing(
    desk: Any, form_of: Any, client: Any, told: bool
) -> None:
    before = desk.left()
    request = client.build_request("POST", ACTES, files=form_of())
    body = request.read()
    if told:
        # Its sender believes that it is whole: only the last boundary is missing.
        headers = {"Content-Type": request.headers["content-type"]}
        response = client.post(ACTES, content=body[:-40], headers=headers)
        assert response.status_code == 400
        assert response.json()["type"].endswith("corps_incomplet")
    else:
        _cut(desk.url, request.headers, body)
        # The next answer comes after the cut one was seen.
        assert client.get(ACTES).status_code == 200
        _until(lambda: desk.left() == before)
    assert desk.left() == before
    assert desk.count() == 0


def _cut(url: str, headers: Any, body: bytes) -> None:
    place = urlsplit(url)
    with socket.create_connection((place.hostname or "", place.port or 0)) as wire:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        wire.sendall(f"POST {ACTES} HTTP/1.1\r\n{head}\r\n".encode() + body[: len(body) // 2])


def _until(is_so: Any) -> None:
    from time import sleep

    for _ in range(500):
        if is_so():
            return
        sleep(0.01)


def test_a_token_never_appears_in_what_is_logged(
    desk: Any, form_of: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "tdt_" + "s3cret" * 7
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    for failing in (None, RuntimeError("panne"), OSError("panne")):
        desk.container.failing = failing
        own = desk.client(secret)
        said += [own.get(ACTES).text, own.post(ACTES, files=form_of()).text]
    desk.container.failing = None
    desk.container.known[secret] = desk.container.known["tdt_ours"]
    own = desk.client(secret)
    said += [own.post(ACTES, files=form_of()).text, own.get(f"{ACTES}/999999").text]
    said += [own.get("/api/v1/changements").text]
    printed = capfd.readouterr()
    ours = "\n".join(
        record.getMessage()
        for record in caplog.records
        # What the client of the test says of its own requests.
        if not record.name.startswith(("httpx", "httpcore"))
    )
    assert secret not in json.dumps(said) + ours + printed.out + printed.err
