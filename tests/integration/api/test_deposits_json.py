"""An act handed over in JSON, by files that were sent before."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from tests.support.scene import pdf
from transmission.store.tables_uploads import upload_block

ACTES = "/api/v1/actes"


def _codes(response: httpx.Response) -> set[tuple[str, str]]:
    assert response.status_code == 422, response.text
    return {(each["champ"], each["code"]) for each in response.json()["problemes"]}


@pytest.fixture
def said(words_of: Any, sent: Any) -> dict[str, Any]:
    annexes = [{"televersement": sent(pdf("Plan"), "plan.pdf"), "typologie": "21_RP"}]
    return words_of(document=sent(pdf()), annexes=annexes)


def _blocks(desk: Any) -> int:
    with desk.bench.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(upload_block)).scalar_one()


def test_an_act_is_made_of_uploads_and_their_bytes_are_not_kept_twice(
    desk: Any, client: httpx.Client, said: Any
) -> None:
    response = client.post(ACTES, json=said, headers={"Idempotency-Key": "k1"})
    assert response.status_code == 201, response.text
    files = client.get(response.headers["location"]).json()["fichiers"]
    assert [file["nom"] for file in files] == ["acte.pdf", "plan.pdf"]
    with desk.bench.tools.register() as unit:
        pieces = unit.acte(response.json()["acte"]["id"]).pieces
    assert [piece.code_type_pj for piece in pieces] == ["99_DE", "21_RP"]
    assert desk.bench.tools.documents.read(pieces[0].file) == pdf()
    assert _blocks(desk) == 0
    assert not list((desk.folder / "incoming").iterdir())


def test_the_same_demand_again_gives_the_same_act_even_weeks_later(
    desk: Any, client: httpx.Client, said: Any
) -> None:
    first = client.post(ACTES, json=said, headers={"Idempotency-Key": "k1"})
    desk.bench.clock.instant += timedelta(days=29)
    again = client.post(ACTES, json=said, headers={"Idempotency-Key": "k1"})
    assert again.status_code == 200, again.text
    assert again.headers["location"] == first.headers["location"]
    assert desk.count() == 1


def test_both_ways_of_handing_over_make_the_same_act(
    desk: Any, client: httpx.Client, said: Any, form_of: Any, words_of: Any
) -> None:
    first = client.post(ACTES, json=said)
    words = words_of(annexes=[{"typologie": "21_RP"}])
    again = client.post(ACTES, files=form_of(words))
    assert (first.status_code, again.status_code) == (201, 200)
    other = client.post(ACTES, json={**said, "objet": "Autre"})
    assert other.status_code == 409
    assert other.json()["differences"] == ["objet"]


def test_a_rehearsal_leaves_the_uploads_as_they_are(
    desk: Any, client: httpx.Client, said: Any
) -> None:
    response = client.post(ACTES, params={"dry_run": 1}, json=said)
    assert response.json() == {"serait_accepte": True, "deja_remis": None, "notes": []}
    assert _blocks(desk) == 2
    assert desk.count() == 0


def test_uploads_that_cannot_serve_are_all_told_with_everything_else(
    desk: Any, client: httpx.Client, said: Any, sent: Any
) -> None:
    theirs = sent(pdf(), own=desk.client("tdt_theirs"))
    began = client.post(
        "/api/v1/televersements", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "9"}
    )
    part = int(began.headers["location"].rpartition("/")[2])
    wrong = {
        **said,
        "nature": "ZZ",
        "document": theirs,
        "annexes": [{"televersement": part}, {"televersement": 999_999}],
    }
    assert _codes(client.post(ACTES, json=wrong)) == {
        ("nature", "nature_connue"),
        ("document", "televersement_inconnu"),
        ("annexes[1]", "televersement_incomplet"),
        ("annexes[2]", "televersement_inconnu"),
    }
    assert desk.count() == 0


@pytest.mark.parametrize("number", [None, "12", True, 0, -1, 1.5, 2**63, [1]])
def test_what_is_no_number_of_an_upload_is_refused(
    client: httpx.Client, said: Any, number: Any
) -> None:
    assert ("document", "televersement") in _codes(
        client.post(ACTES, json={**said, "document": number})
    )
    annexes = [{"televersement": number}]
    assert ("annexes[1]", "televersement") in _codes(
        client.post(ACTES, json={**said, "annexes": annexes})
    )


def test_a_body_that_is_no_object_is_refused(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    for content in (b"", b"[]", b"{", b'{"a":1,"a":2}', b"\xff", b"[" * 100_000):
        assert client.post(ACTES, content=content, headers=headers).status_code in (400, 413)
    large = client.post(ACTES, content=b" " * 70_000, headers=headers)
    assert large.status_code == 413


def test_one_file_may_serve_twice(client: httpx.Client, said: Any, words_of: Any) -> None:
    shared = said["annexes"]
    assert client.post(ACTES, json=said).status_code == 201
    second = {**said, "numero": "D2023_002", "annexes": [*shared, *shared]}
    response = client.post(ACTES, json=second)
    assert response.status_code == 201, response.text
