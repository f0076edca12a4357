"""A letter answered by a program."""

from io import BytesIO
from typing import Any

import httpx
import pytest

from tests.support.scene import pdf

COURRIERS = "/api/v1/courriers"
KEY = {"Idempotency-Key": "reponse-1"}


def files(*contents: bytes, said: bytes | None = None) -> list[tuple[str, Any]]:
    words = [] if said is None else [("reponse", (None, said, "application/json"))]
    given = contents or (pdf("Plan"),)
    return [*words, *(("documents", (f"{n}.pdf", BytesIO(each))) for n, each in enumerate(given))]


def _codes(response: httpx.Response) -> set[tuple[str, str]]:
    assert response.status_code == 422, response.text
    return {(each["champ"], each["code"]) for each in response.json()["problemes"]}


def test_a_letter_is_answered_by_files_that_come_with_the_answer(
    desk: Any, client: httpx.Client, thread: Any
) -> None:
    place = f"{COURRIERS}/{thread().id}"
    response = client.post(f"{place}/reponse", files=files(pdf("Plan"), pdf("Devis")))
    assert response.status_code == 201, response.text
    assert response.json()["envoi"]["message"]["code"] == "3-4"
    assert response.json()["courrier"] == place
    told = client.get(place).json()
    (answer,) = told["reponses"]
    assert [each["nom"] for each in answer["documents"]] == ["0.pdf", "1.pdf"]
    assert client.get(answer["documents"][1]["lien"]).content == pdf("Devis")
    assert told["reponse"]["code"] == "accepted"
    again = client.post(f"{place}/reponse", files=files(pdf("Plan"), pdf("Devis")))
    assert again.status_code == 200
    assert again.json()["deja_donnee"] is True
    other = client.post(f"{place}/reponse", files=files(pdf("Autre")))
    assert other.status_code == 409
    assert other.json()["etat"]["code"] == "acknowledged"


def test_a_letter_is_answered_by_uploads(
    desk: Any, client: httpx.Client, thread: Any, sent: Any
) -> None:
    place = f"{COURRIERS}/{thread().id}/reponse"
    document = {"televersement": sent(pdf("Motifs"), "motifs.pdf"), "typologie": "21_RP"}
    said = {"refus": True, "documents": [document]}
    response = client.post(place, json=said, headers=KEY)
    assert response.status_code == 201, response.text
    assert response.json()["envoi"]["message"]["code"] == "3-3"
    again = client.post(place, json=said, headers=KEY)
    assert again.status_code == 201
    assert again.json() == response.json()
    assert again.headers["idempotency-replayed"] == "true"


def test_the_same_files_under_the_same_key_are_one_answer(
    desk: Any, client: httpx.Client, thread: Any
) -> None:
    place = f"{COURRIERS}/{thread().id}/reponse"
    first = client.post(place, files=files(), headers=KEY)
    again = client.post(place, files=files(), headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    other = client.post(place, files=files(pdf("Autre")), headers=KEY)
    assert other.json()["type"].endswith(":cle_reutilisee")


def test_every_problem_of_an_answer_is_told(
    desk: Any, client: httpx.Client, thread: Any, sent: Any
) -> None:
    place = f"{COURRIERS}/{thread().id}/reponse"
    wrong = b'{"message": "2-2"}'
    codes = _codes(client.post(place, files=files(b"MZ", said=wrong)))
    assert codes >= {("message", "reponse_prevue"), ("documents[1]", "fichier_type")}
    both = client.post(place, files=files(said=b'{"message": "3-4", "refus": true}'))
    assert _codes(both) == {("refus", "message_ou_refus")}
    types = client.post(place, files=files(said=b'{"typologies": ["21_RP", null]}'))
    assert _codes(types) == {("typologies", "typologies_nombre")}
    assert ("x", "partie_inconnue") in _codes(client.post(place, files=[("x", b"y")]))
    unknown = client.post(place, json={"documents": [{"televersement": 999_999}]})
    assert _codes(unknown) == {("documents[1]", "televersement_inconnu")}
    assert _codes(client.post(place, json={"documents": []})) == {("documents", "longueur")}
    assert client.post(place, content=b"x", headers={"Content-Type": "text/csv"}).status_code == 415


def test_a_letter_that_wants_no_answer_gets_none(
    desk: Any, client: httpx.Client, thread: Any
) -> None:
    place = f"{COURRIERS}/{thread('5-1').id}"
    assert client.get(place).json()["reponses_possibles"] == []
    assert _codes(client.post(f"{place}/reponse", files=files())) == {
        ("courrier", "reponse_prevue")
    }


@pytest.mark.parametrize("secret", ["tdt_lecteur", "tdt_deposant"])
def test_whoever_may_not_act_answers_nothing(desk: Any, thread: Any, secret: str) -> None:
    place = f"{COURRIERS}/{thread().id}/reponse"
    assert desk.client(secret).post(place, files=files()).status_code == 403


def test_another_authoritys_letter_is_not_found(desk: Any, thread: Any) -> None:
    theirs = desk.client("tdt_theirs")
    answer = theirs.post(f"{COURRIERS}/{thread().id}/reponse", files=files(), headers=KEY)
    unknown = theirs.post(f"{COURRIERS}/999999/reponse", files=files(), headers=KEY)
    assert answer.status_code == unknown.status_code == 404
    assert answer.content == unknown.content
