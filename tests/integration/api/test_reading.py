"""What a program reads of its own acts, and of nobody else's."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from transmission.domain.lifecycle import State
from transmission.store.queries import own_actes

ACTES = "/api/v1/actes"


def _numbers(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [acte["numero"] for acte in response.json()["actes"]]


def test_the_newest_acts_come_first_a_page_at_a_time(
    desk: Any, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_actes, "OWN_PAGE", 2)
    for _ in range(5):
        desk.bench.acte()
    desk.bench.acte(authority_id=desk.bench.second_id)
    seen, cursor = [], None
    for _ in range(3):
        page = client.get(ACTES, params={"curseur": cursor} if cursor else {})
        seen.append(_numbers(page))
        cursor = page.json()["suivant"]
    assert seen == [["D2023_005", "D2023_004"], ["D2023_003", "D2023_002"], ["D2023_001"]]
    assert cursor is None


def test_a_filtered_list_goes_on_by_stretches_to_its_end(
    desk: Any, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_actes, "OWN_STRETCH", 2)
    desk.bench.sent()
    for _ in range(4):
        desk.bench.acte()
    found, cursor = [], ""
    for _ in range(4):
        after = {"curseur": cursor} if cursor else {}
        page = client.get(ACTES, params={"etat": "submitted", **after})
        found += _numbers(page)
        cursor = page.json()["suivant"]
        if cursor is None:
            break
    assert found == ["D2023_001"]
    assert cursor is None


def test_acts_are_found_by_number_state_and_day(desk: Any, client: httpx.Client) -> None:
    desk.bench.sent()
    desk.bench.acte()
    assert _numbers(client.get(ACTES, params={"numero": "D2023_001"})) == ["D2023_001"]
    assert _numbers(client.get(ACTES, params={"numero": "D2023_00\x00"})) == []
    both = client.get(ACTES, params={"etat": "submitted,accepted"})
    assert _numbers(both) == ["D2023_002", "D2023_001"]
    day = desk.bench.clock.now().date()
    assert len(_numbers(client.get(ACTES, params={"depuis": day.isoformat()}))) == 2
    later = (day + timedelta(days=1)).isoformat()
    assert _numbers(client.get(ACTES, params={"depuis": later})) == []


@pytest.mark.parametrize(
    "params",
    [
        {"etat": "x"},
        {"depuis": "hier"},
        {"depuis": "0001-01-01"},
        {"curseur": "-1"},
        {"apres": "x"},
    ],
)
def test_filters_that_mean_nothing_are_refused(
    client: httpx.Client, params: dict[str, str]
) -> None:
    path = "/api/v1/changements" if "apres" in params else ACTES
    response = client.get(path, params=params)
    assert response.status_code == 422
    problem = response.json()["problemes"][0]
    assert problem["champ"] in params
    assert problem["remede"]


def test_an_act_says_where_it_is_what_it_waits_for_and_its_dates(
    desk: Any, client: httpx.Client
) -> None:
    sent = desk.bench.acknowledged()
    told = client.get(f"{ACTES}/{sent.acte_id}").json()
    assert told["etat"]["code"] == State.ACKNOWLEDGED.code
    assert told["date_reception"] == "2023-03-09"
    assert told["attend"].startswith("Rien : la préfecture a reçu l'acte")
    assert told["lecture"]["jour"] == "2023-03-10"
    dates = {each["nom"]: each for each in told["lecture"]["dates"]}
    assert dates["defere"]["jour"] == "2023-05-10"
    assert dates["defere"]["regle"].startswith("DF-")
    assert told["tampon"] == f"{ACTES}/{sent.acte_id}/tampon"
    assert {file["type"] for file in told["fichiers"]} >= {"pdf", "xml", "tar.gz"}
    assert [each["message"]["code"] for each in told["envois"]] == ["1-1"]


def test_an_act_that_was_not_received_has_no_receipt_and_no_stamp(
    desk: Any, client: httpx.Client
) -> None:
    sent = desk.bench.acte()
    told = client.get(f"{ACTES}/{sent.acte_id}").json()
    assert told["accuse_reception"] is None
    assert told["tampon"] is None
    for path in ("accuse-reception", "tampon"):
        response = client.get(f"{ACTES}/{sent.acte_id}/{path}")
        assert response.status_code == 409
        assert response.json()["type"].endswith("pas_encore")


@pytest.mark.parametrize("acte_id", ["0", "-1", "x", str(2**63), "1.0", "9" * 30])
def test_what_is_no_number_of_an_act_is_not_found(client: httpx.Client, acte_id: str) -> None:
    assert client.get(f"{ACTES}/{acte_id}").status_code == 404


def test_changes_come_once_each_in_order_and_only_ours(desk: Any, client: httpx.Client) -> None:
    desk.bench.sent()
    desk.bench.acte(authority_id=desk.bench.second_id)
    page = client.get("/api/v1/changements").json()
    events = [each["evenement"] for each in page["changements"]]
    assert events[0] == "accepted"
    assert events[-1] == "submission_accepted"
    assert {each["numero"] for each in page["changements"]} == {"D2023_001"}
    assert page["encore"] is False
    again = client.get("/api/v1/changements", params={"apres": page["curseur"]}).json()
    assert again == {"changements": [], "curseur": page["curseur"], "encore": False}
    desk.bench.acte()
    more = client.get("/api/v1/changements", params={"apres": page["curseur"]}).json()
    assert [each["evenement"] for each in more["changements"]] == ["accepted"]
