"""What a program decides: once, with its reason, where the act allows it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import httpx
import pytest

from transmission.api import acting
from transmission.domain.lifecycle import Event
from transmission.domain.transmission import SERVICE
from transmission.services import calls
from transmission.services.uploads import forget_uploads

ACTES = "/api/v1/actes"
REASON = {"motif": "Erreur de pièce jointe"}
KEY = {"Idempotency-Key": "decision-1"}


def _codes(response: httpx.Response) -> set[tuple[str, str]]:
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problems = response.json()["problemes"]
    assert all(each["message"] and each["remede"] for each in problems)
    return {(each["champ"], each["code"]) for each in problems}


def _rejected(desk: Any) -> Any:
    sent = desk.bench.sent()
    with desk.bench.tools.register() as unit:
        moved = unit.move(sent, Event.ANOMALIE_RECEIVED, SERVICE, desk.bench.clock.now())
        unit.commit()
    return moved


def test_an_act_that_was_received_is_asked_to_be_cancelled(desk: Any, client: httpx.Client) -> None:
    sent = desk.bench.acknowledged()
    response = client.post(f"{ACTES}/{sent.acte_id}/annulation", json=REASON)
    assert response.status_code == 200, response.text
    assert response.json()["acte"]["etat"]["code"] == "cancelling"
    story = client.get(f"{ACTES}/{sent.acte_id}").json()
    told = {(each["evenement"], each["auteur"], each["motif"]) for each in story["evenements"]}
    assert ("cancel_requested", "api:assemblees", "Erreur de pièce jointe") in told


def test_a_decision_that_means_nothing_any_more_is_answered_with_the_state(
    desk: Any, client: httpx.Client
) -> None:
    sent = desk.bench.acknowledged()
    place = f"{ACTES}/{sent.acte_id}"
    client.post(f"{place}/annulation", json=REASON)
    for action in ("annulation", "renvoi"):
        moved = client.post(f"{place}/{action}", json=REASON)
        assert moved.status_code == 409, moved.text
        assert moved.headers["content-type"] == "application/problem+json"
        assert moved.json()["etat"]["code"] == "cancelling"
        assert moved.json()["acte"] == place
        assert moved.json()["detail"]


def test_a_refused_act_is_sent_again_under_another_number(desk: Any, client: httpx.Client) -> None:
    sent = _rejected(desk)
    said = {**REASON, "numero": "D2023_001_2"}
    response = client.post(f"{ACTES}/{sent.acte_id}/renvoi", json=said)
    assert response.status_code == 200, response.text
    acte = response.json()["acte"]
    assert acte["etat"]["code"] == "accepted"
    assert acte["id_acte"].endswith("-D2023_001_2-DE")
    assert acte["numero"] == "D2023_001"


def test_a_wrong_number_is_told_beside_its_field(desk: Any, client: httpx.Client) -> None:
    sent = _rejected(desk)
    response = client.post(f"{ACTES}/{sent.acte_id}/renvoi", json={**REASON, "numero": "d é"})
    assert _codes(response) == {("numero", "numero_forme")}


def test_an_act_is_put_on_line_and_taken_off(desk: Any, client: httpx.Client) -> None:
    sent = desk.bench.acknowledged()
    place = f"{ACTES}/{sent.acte_id}/publication"
    said = {"date": "2023-03-10", "adresse": "https://example.org/7.pdf"}
    response = client.post(place, json=said)
    assert response.status_code == 200, response.text
    assert response.json() == {
        "acte": f"{ACTES}/{sent.acte_id}",
        "date": "2023-03-10",
        "date_minimum": "2023-05-10",
        "adresse": "https://example.org/7.pdf",
        "avertissements": [],
    }
    early = client.post(f"{place}/retrait", json=REASON)
    assert _codes(early) == {("retirer", "PU-4")}
    assert "« forcer »" in early.json()["problemes"][0]["remede"]
    assert "--" not in early.text
    off = client.post(f"{place}/retrait", json={**REASON, "forcer": True})
    assert off.status_code == 200, off.text
    assert off.json()["avertissements"]
    again = client.post(f"{place}/retrait", json=REASON)
    assert again.status_code == 409
    published = client.get(f"{ACTES}/{sent.acte_id}").json()["publications"]
    assert [each["motif_du_retrait"] for each in published] == ["Erreur de pièce jointe"]
    assert published[0]["adresse"] == "https://example.org/7.pdf"


def test_a_publication_that_the_law_refuses_says_each_reason(
    desk: Any, client: httpx.Client
) -> None:
    sent = desk.bench.acte()
    said = {"date": "2023-01-01", "adresse": "nowhere"}
    response = client.post(f"{ACTES}/{sent.acte_id}/publication", json=said)
    assert {field for field, _ in _codes(response)} == {"date", "adresse"}


@pytest.mark.parametrize("action", ["annulation", "renvoi", "publication/retrait"])
def test_a_decision_has_a_reason(desk: Any, client: httpx.Client, action: str) -> None:
    place = f"{ACTES}/{desk.bench.acknowledged().acte_id}/{action}"
    assert ("motif", "absent") in _codes(client.post(place, json={}))
    blank = client.post(place, json={"motif": "  "})
    assert blank.status_code in (409, 422)
    assert ("motif", "texte") in _codes(client.post(place, json={"motif": 3}))
    assert ("motif", "longueur") in _codes(client.post(place, json={"motif": "x" * 1001}))
    assert ("autre", "inconnu") in _codes(client.post(place, json={**REASON, "autre": 1}))
    assert client.post(place, data={"motif": "x"}).status_code == 415
    unread = client.post(place, content=b"[", headers={"Content-Type": "application/json"})
    assert unread.status_code == 400


def test_the_same_decision_under_the_same_key_acts_once(desk: Any, client: httpx.Client) -> None:
    sent = desk.bench.acknowledged()
    place = f"{ACTES}/{sent.acte_id}/annulation"
    first = client.post(place, json=REASON, headers=KEY)
    again = client.post(place, json=REASON, headers=KEY)
    assert again.status_code == first.status_code == 200
    assert again.json() == first.json()
    assert again.headers[acting.REPLAYED] == "true"
    assert acting.REPLAYED not in first.headers
    assert len(desk.bench.about(sent.acte_id, "6-1")) == 1


def test_the_answer_is_told_again_for_thirty_days(desk: Any, client: httpx.Client) -> None:
    place = f"{ACTES}/{desk.bench.acknowledged().acte_id}/annulation"
    client.post(place, json=REASON, headers=KEY)
    desk.bench.clock.instant += timedelta(days=29)
    forget_uploads(desk.bench.tools)
    assert client.post(place, json=REASON, headers=KEY).status_code == 200
    desk.bench.clock.instant += timedelta(days=2)
    forget_uploads(desk.bench.tools)
    assert client.post(place, json=REASON, headers=KEY).status_code == 409


def test_a_key_stands_for_one_decision_of_one_authority(desk: Any, client: httpx.Client) -> None:
    sent = desk.bench.acknowledged()
    place = f"{ACTES}/{sent.acte_id}"
    client.post(f"{place}/annulation", json=REASON, headers=KEY)
    for path, said in (("annulation", {"motif": "autre"}), ("renvoi", REASON)):
        other = client.post(f"{place}/{path}", json=said, headers=KEY)
        assert other.status_code == 409
        assert other.json()["type"].endswith(":cle_reutilisee")
    theirs = desk.bench.acknowledged(authority_id=desk.bench.second_id)
    answer = desk.client("tdt_theirs").post(
        f"{ACTES}/{theirs.acte_id}/annulation", json=REASON, headers=KEY
    )
    assert answer.status_code == 200, answer.text


def test_a_refused_decision_gives_its_key_back(desk: Any, client: httpx.Client) -> None:
    sent = desk.bench.acknowledged()
    place = f"{ACTES}/{sent.acte_id}/publication"
    wrong = client.post(place, json={"date": "2023-01-01"}, headers=KEY)
    assert wrong.status_code == 422
    assert client.post(place, json={"date": "2023-03-10"}, headers=KEY).status_code == 200


def test_of_two_at_once_under_one_key_one_acts(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent, together = desk.bench.acknowledged(), Barrier(2)
    usual = acting.cancel

    def slowly(*given: Any) -> Any:
        together.wait(10)
        return usual(*given)

    monkeypatch.setattr(acting, "cancel", slowly)

    def post(rank: int) -> int:
        with desk.client() as own:
            if rank:
                together.wait(10)
            answer = own.post(f"{ACTES}/{sent.acte_id}/annulation", json=REASON, headers=KEY)
            return answer.status_code

    with ThreadPoolExecutor(2) as threads:
        statuses = list(threads.map(post, range(2)))
    # The second one comes while the first acts, or just after.
    assert statuses[0] == 200
    assert statuses[1] in (200, 409)
    assert len(desk.bench.about(sent.acte_id, "6-1")) == 1


def test_a_key_whose_process_died_serves_again_and_the_state_tells(
    desk: Any, client: httpx.Client
) -> None:
    sent = desk.bench.acknowledged()
    place = f"{ACTES}/{sent.acte_id}/annulation"
    asked = acting.digest_of(["annulation", sent.acte_id, REASON])
    with desk.bench.tools.register() as unit:
        now, key = desk.bench.clock.now(), KEY["Idempotency-Key"]
        assert unit.begin_call(desk.bench.authority_id, key, asked, now, now) is None
        unit.commit()
    waiting = client.post(place, json=REASON, headers=KEY)
    assert waiting.status_code == 409
    assert waiting.json()["type"].endswith(":en_cours")
    assert waiting.headers["retry-after"]
    desk.bench.clock.instant += calls.DEAD_AFTER + timedelta(seconds=1)
    assert client.post(place, json=REASON, headers=KEY).status_code == 200


def test_a_program_without_the_scope_decides_nothing(desk: Any) -> None:
    sent = desk.bench.acknowledged()
    for action in ("annulation", "renvoi", "publication", "publication/retrait"):
        for secret in ("tdt_lecteur", "tdt_deposant"):
            answer = desk.client(secret).post(f"{ACTES}/{sent.acte_id}/{action}", json=REASON)
            assert answer.status_code == 403
            assert answer.json()["portee"] == "actes:agir"


def test_another_authoritys_act_is_not_found(desk: Any) -> None:
    sent = desk.bench.acknowledged()
    theirs = desk.client("tdt_theirs")
    for action in ("annulation", "renvoi", "publication", "publication/retrait"):
        said = {"date": date(2023, 3, 10).isoformat()} if action == "publication" else REASON
        answer = theirs.post(f"{ACTES}/{sent.acte_id}/{action}", json=said, headers=KEY)
        unknown = theirs.post(f"{ACTES}/999999/{action}", json=said, headers=KEY)
        assert answer.status_code == unknown.status_code == 404, answer.text
        assert answer.content == unknown.content
