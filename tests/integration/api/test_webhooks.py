"""Programs that manage by themselves what they are told."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.bench import Bench
from tests.support.programs import is_genuine
from tests.support.web_server import WebServer, web_server
from transmission.store.sealing import KeyFileSealer
from transmission.store.tables import journal

URL = "/api/v1/webhooks"


@pytest.fixture
def bench(bench: Bench, tmp_path: Path) -> Bench:
    sealer = KeyFileSealer(tmp_path / "secrets.key", make=True)
    bench.tools = replace(bench.tools, sealer=sealer)
    return bench


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server(None) as server:
        server.pages["/hook"] = lambda request: request.says(b"merci")
        yield server


def _add(client: httpx.Client, web: WebServer, **changes: Any) -> dict[str, Any]:
    body = {"nom": "agenda", "url": web.url("/hook"), **changes}
    answer = client.post(URL, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["location"] == made["lien"]
    return made


def _run(bench: Bench) -> None:
    bench.run("announce", "tell")
    with bench.tools.register() as unit:
        unit.ring("announce", bench.authority_id)
        unit.commit()
    bench.run("announce", "tell")


def test_a_secret_is_shown_when_it_is_made_and_never_again(
    client: httpx.Client, web: WebServer
) -> None:
    made = _add(client, web, types=["acte.recu"])
    assert made["secret"].startswith("whsec_")
    assert made["types"] == ["fr.transmission.acte.recu"]
    assert made["etat"]["code"] == "active"
    assert made["cree_par"] == "api:assemblees"
    for path in (URL, made["lien"], f"{made['lien']}/envois"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "whsec_" not in answer.text
        assert made["secret"][6:] not in answer.text


def test_events_come_are_logged_and_may_be_sent_again(
    client: httpx.Client, bench: Bench, web: WebServer
) -> None:
    made = _add(client, web)
    acte = bench.acknowledged()
    _run(bench)
    assert len(web.asked) == 3
    assert all(is_genuine(asked, made["secret"]) for asked in web.asked)
    page = client.get(f"{made['lien']}/envois").json()
    assert [each["numero"] for each in page["envois"]] == [3, 2, 1]
    newest = page["envois"][0]
    assert newest["type"] == "fr.transmission.acte.recu"
    assert newest["acte"] == acte.acte_id
    assert newest["remis_le"] is not None
    (attempt,) = newest["tentatives"]
    assert (attempt["statut"], attempt["reponse"], attempt["echec"]) == (200, "merci", None)
    again = client.post(f"{made['lien']}/envois/{newest['id']}/renvoi")
    assert again.json() == {"nombre": 1}
    bench.run("tell")
    assert web.asked[-1].headers["webhook-id"] == web.asked[2].headers["webhook-id"]
    span = client.post(f"{made['lien']}/renvois", json={"depuis": "2023-03-03"})
    assert span.json() == {"nombre": 3}
    bench.run("tell")
    assert len(web.asked) == 7
    later = client.post(f"{made['lien']}/renvois", json={"depuis": "2023-03-11"})
    assert later.json() == {"nombre": 0}
    before = client.post(
        f"{made['lien']}/renvois", json={"depuis": "2023-03-01", "jusqu_au": "2023-03-09"}
    )
    assert before.json() == {"nombre": 0}


def test_a_log_is_read_page_by_page(
    client: httpx.Client, bench: Bench, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transmission.api.webhooks.PAGE", 2)
    made = _add(client, web)
    bench.acknowledged()
    _run(bench)
    first = client.get(f"{made['lien']}/envois").json()
    assert [each["numero"] for each in first["envois"]] == [3, 2]
    second = client.get(f"{made['lien']}/envois", params={"curseur": first["suivant"]}).json()
    assert [each["numero"] for each in second["envois"]] == [1]
    assert second["suivant"] is None
    failed = client.get(f"{made['lien']}/envois", params={"echecs": "true"}).json()
    assert failed["envois"] == []


def test_a_secret_is_changed_and_the_former_one_may_end_at_once(
    client: httpx.Client, bench: Bench, web: WebServer
) -> None:
    made = _add(client, web)
    rotated = client.post(f"{made['lien']}/rotation").json()
    assert rotated["secret"] != made["secret"]
    assert rotated["recouvrement_jusqu_au"] is not None
    bench.acte()
    _run(bench)
    assert is_genuine(web.asked[-1], made["secret"])
    assert is_genuine(web.asked[-1], rotated["secret"])
    last = client.post(f"{made['lien']}/rotation", json={"recouvrement_heures": 0}).json()
    assert last["recouvrement_jusqu_au"] is None
    bench.acte()
    _run(bench)
    assert is_genuine(web.asked[-1], last["secret"])
    assert not is_genuine(web.asked[-1], rotated["secret"])
    for wrong in (-1, 721, "deux", True):
        refused = client.post(f"{made['lien']}/rotation", json={"recouvrement_heures": wrong})
        assert refused.status_code == 422


def test_a_program_is_tried_at_once(client: httpx.Client, web: WebServer) -> None:
    made = _add(client, web)
    tested = client.post(f"{made['lien']}/essai").json()
    assert (tested["remis"], tested["statut"], tested["reponse"]) == (True, 200, "merci")
    assert b"fr.transmission.essai" in web.asked[0].body
    web.pages["/hook"] = lambda request: request.says(b"non", 500)
    tested = client.post(f"{made['lien']}/essai").json()
    assert (tested["remis"], tested["statut"]) == (False, 500)
    assert "500" in tested["echec"]


def test_a_webhook_is_paused_changed_resumed_and_ended(
    client: httpx.Client, bench: Bench, web: WebServer
) -> None:
    made = _add(client, web)
    paused = client.patch(made["lien"], json={"etat": "paused", "nom": "autre nom"}).json()
    assert (paused["etat"]["code"], paused["nom"]) == ("paused", "autre nom")
    bench.acte()
    _run(bench)
    assert web.asked == []
    web.pages["/bis"] = lambda request: request.says(b"")
    changed = client.patch(made["lien"], json={"etat": "active", "url": web.url("/bis")}).json()
    assert changed["etat"]["code"] == "active"
    _run(bench)
    assert [asked.path for asked in web.asked] == ["/bis"]
    assert client.delete(made["lien"], params={"motif": "remplacé"}).status_code == 204
    assert client.get(made["lien"]).status_code == 404
    assert client.get(URL).json() == {"webhooks": []}
    bench.acte()
    _run(bench)
    assert len(web.asked) == 1
    with bench.engine.connect() as connection:
        told = connection.execute(
            journal.select().where(journal.c.event.startswith("webhook")).order_by(journal.c.id)
        ).all()
    assert [row.event for row in told] == [
        "webhook_created", "webhook_changed", "webhook_paused", "webhook_changed",
        "webhook_resumed", "webhook_ended",
    ]  # fmt: skip
    assert {row.author for row in told} == {"api:assemblees"}
    assert told[-1].reason == "remplacé"


def test_everything_that_is_wrong_is_told_at_once(client: httpx.Client, web: WebServer) -> None:
    body = {"nom": "", "url": "http://192.0.2.1/", "types": ["acte.inconnu"]}
    answer = client.post(URL, json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problems = answer.json()["problemes"]
    assert [each["champ"] for each in problems] == ["nom", "types", "url"]
    for wrong in ({}, {"nom": 1, "url": "x"}, {**body, "secret": "x"}):
        assert client.post(URL, json=wrong).status_code == 422
    assert client.post(URL, content=b"x").status_code == 415
    assert client.get(URL).json() == {"webhooks": []}
    _add(client, web)
    again = client.post(URL, json={"nom": "agenda", "url": web.url("/hook")})
    assert again.status_code == 409
    assert "whsec_" not in again.text


def test_a_secret_given_as_a_name_is_not_repeated(client: httpx.Client, web: WebServer) -> None:
    secret = "whsec_" + "A" * 43 + "="
    answer = client.post(URL, json={"nom": secret, "url": web.url("/hook")})
    assert answer.status_code == 422
    assert secret not in answer.text


def test_what_is_another_authority_s_does_not_exist(desk: Any, web: WebServer) -> None:
    ours, theirs = desk.client(), desk.client("tdt_theirs")
    made = _add(ours, web)
    desk.bench.acte()
    _run(desk.bench)
    (sent,) = ours.get(f"{made['lien']}/envois").json()["envois"]
    one, unknown = made["lien"], f"{URL}/999"
    for ending, verb in (
        ("", "GET"), ("", "PATCH"), ("", "DELETE"), ("/rotation", "POST"), ("/essai", "POST"),
        ("/envois", "GET"), (f"/envois/{sent['id']}/renvoi", "POST"), ("/renvois", "POST"),
    ):  # fmt: skip
        body = {"json": {"depuis": "2023-01-01"} if "renvois" in ending else {}}
        given = body if verb in ("PATCH", "POST") else {}
        answers = [theirs.request(verb, path + ending, **given) for path in (one, unknown)]
        assert [answer.status_code for answer in answers] == [404, 404], (verb, ending)
        assert answers[0].text == answers[1].text
    assert theirs.get(URL).json() == {"webhooks": []}
    their_own = _add(theirs, web, nom="voisin")
    answer = theirs.post(f"{their_own['lien']}/envois/{sent['id']}/renvoi")
    assert answer.status_code == 404
    assert len(web.asked) == 1


def test_another_scope_is_not_enough(desk: Any, web: WebServer) -> None:
    for secret in ("tdt_lecteur", "tdt_deposant"):
        client = desk.client(secret)
        assert client.get(URL).status_code == 403
        body = {"nom": "agenda", "url": web.url("/hook")}
        assert client.post(URL, json=body).json()["portee"] == "webhooks:gerer"


def test_without_a_usable_key_no_secret_is_made(
    client: httpx.Client, tmp_path: Path, web: WebServer
) -> None:
    (tmp_path / "secrets.key").write_text("rien\n")
    answer = client.post(URL, json={"nom": "agenda", "url": web.url("/hook")})
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text
    assert client.get(URL).json() == {"webhooks": []}


def test_the_description_says_every_body(client: httpx.Client) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    mine = {path: set(verbs) for path, verbs in paths.items() if path.startswith(URL)}
    assert mine == {
        URL: {"get", "post"},
        f"{URL}/{{webhook_id}}": {"get", "patch", "delete"},
        f"{URL}/{{webhook_id}}/rotation": {"post"},
        f"{URL}/{{webhook_id}}/essai": {"post"},
        f"{URL}/{{webhook_id}}/envois": {"get"},
        f"{URL}/{{webhook_id}}/envois/{{envoi_id}}/renvoi": {"post"},
        f"{URL}/{{webhook_id}}/renvois": {"post"},
    }
    assert "url" in str(paths[URL]["post"]["requestBody"])


@pytest.mark.parametrize("content", [b'{"nom": "\\ud800", "url": "x"}', b'{"nom": "a\\u0000"}'])
def test_what_is_no_text_is_refused(client: httpx.Client, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert client.post(URL, content=content, headers=headers).status_code == 422
