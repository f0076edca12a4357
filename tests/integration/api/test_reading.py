"""What a program reads of its own acts, and of nobody else's."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.scene import AUTHOR
from tests.support.signed_pdfs import Town, blank
from transmission.api import listing
from transmission.domain.collectivite import SigningKey
from transmission.domain.identifiers import NatureActe, NumeroInterne
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.lifecycle import State
from transmission.domain.sitting_list import SittingActe
from transmission.ports.findings import Examined
from transmission.services.sitting import SittingFile, content_of, import_sitting
from transmission.store.queries import own_actes, story

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


# --- lists by any field -------------------------------------------------------------------------


def _listed(client: httpx.Client, **filters: Any) -> list[str]:
    return _numbers(client.get(ACTES, params=filters))


@pytest.fixture
def shelf(desk: Any) -> dict[str, Any]:
    """One act of each kind: received, sent, decided another day, individual, not ours."""
    bench = desk.bench
    made = {
        "recu": bench.acknowledged(),
        "envoye": bench.sent(),
        "ancien": bench.acte(decided=date(2022, 12, 1)),
        "individuel": bench.acte(nature=NatureActe.INDIVIDUEL),
    }
    bench.acknowledged(authority_id=bench.second_id)
    return made


def test_each_filter_keeps_what_it_says(client: httpx.Client, shelf: Any) -> None:
    recu, envoye, ancien, individuel = (f"D2023_00{rank}" for rank in (1, 2, 3, 4))
    every = [individuel, ancien, envoye, recu]
    expected: list[tuple[dict[str, Any], list[str]]] = [
        ({}, every),
        ({"numero": envoye}, [envoye]),
        ({"objet": "ECOLE subvention"}, every),
        ({"objet": "d2023_002"}, [envoye]),
        ({"objet": "piscine"}, []),
        ({"id_acte": str(shelf["recu"].id_acte).lower()}, [recu]),
        ({"id_acte": "042-123456790-20230302-D2023_005-DE"}, []),
        ({"nature": "AI"}, [individuel]),
        ({"nature": "AI,DE"}, every),
        ({"matiere": "7"}, every),
        ({"matiere": "7.5"}, every),
        ({"matiere": "7.50"}, []),
        ({"matiere": "75"}, []),
        ({"etat": "submitted,acknowledged"}, [envoye, recu]),
        ({"etat": "acknowledged"}, [recu]),
        ({"decision_au": "2022-12-31"}, [ancien]),
        ({"decision_du": "2022-12-01", "decision_au": "2022-12-01"}, [ancien]),
        ({"decision_du": "2023-01-01"}, [individuel, envoye, recu]),
        ({"recu_du": "2023-03-09"}, [recu]),
        ({"recu_au": "2023-03-08"}, []),
        ({"jusqu_au": "2023-03-10"}, every),
        ({"jusqu_au": "2023-03-09"}, []),
        ({"depuis": "2023-03-11"}, []),
        ({"tdt": "s2low"}, [envoye, recu]),
        ({"tdt": "autre"}, []),
        ({"courrier_ouvert": "false"}, every),
        ({"courrier_ouvert": "true"}, []),
        ({"nature": "DE", "etat": "accepted", "objet": "subvention"}, [ancien]),
    ]
    for filters, numbers in expected:
        assert _listed(client, **filters) == numbers, filters


def test_down_the_list_the_same_are_found_as_by_an_index(
    client: httpx.Client, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    filters = [
        {"objet": "subvention"},
        {"etat": "submitted"},
        {"decision_du": "2023-01-01"},
        {"numero": "D2023_001"},
        {"courrier_ouvert": "false", "nature": "DE"},
    ]
    usual = [_listed(client, **each) for each in filters]
    monkeypatch.setattr(own_actes, "few", lambda *_: None)
    assert [_listed(client, **each) for each in filters] == usual


def test_a_list_that_ends_on_a_day_begins_there(
    desk: Any, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_actes, "OWN_STRETCH", 2)
    for _ in range(6):
        desk.bench.acte()
        desk.bench.clock.instant += timedelta(days=3)
    desk.bench.clock.instant += timedelta(days=30)
    for _ in range(20):
        desk.bench.acte()
    # Days 10, 13, 16, 19, 22, 25, then a month later.
    found = client.get(ACTES, params={"jusqu_au": "2023-03-14", "nature": "DE"})
    assert _numbers(found) == ["D2023_002", "D2023_001"]


def test_an_open_letter_is_a_field_of_its_act(desk: Any, client: httpx.Client, thread: Any) -> None:
    opened, other = thread(), desk.bench.acknowledged()
    assert _listed(client, courrier_ouvert="true") == ["D2023_001"]
    assert _listed(client, courrier_ouvert="false") == [str(other.id_acte.numero_interne)]
    (line,) = client.get("/api/v1/courriers").json()["courriers"]
    assert line["id"] == opened.id
    assert line["texte"] == "Plan de financement"
    assert line["acte"]["numero"] == "D2023_001"
    whole = client.get(line["lien"]).json()
    assert whole["reponses_possibles"][0]["code"] == "3-4"
    (document,) = whole["documents"]
    assert client.get(document["lien"]).status_code == 200
    acte = client.get(whole["acte"]["lien"]).json()
    assert [each["id"] for each in acte["courriers"]] == [opened.id]
    theirs = desk.client("tdt_theirs")
    assert theirs.get("/api/v1/courriers").json() == {"courriers": [], "suivant": None}
    assert theirs.get(line["lien"]).content == theirs.get("/api/v1/courriers/999999").content


def test_letters_are_listed_by_pages(
    desk: Any, client: httpx.Client, thread: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LETTERS_PAGE", 1)
    first, second = thread(), thread("4-1")
    page = client.get("/api/v1/courriers").json()
    assert [each["id"] for each in page["courriers"]] == [first.id]
    page = client.get("/api/v1/courriers", params={"curseur": page["suivant"]}).json()
    assert [each["id"] for each in page["courriers"]] == [second.id]
    assert page["suivant"] is None


def test_the_events_of_an_act_are_read_by_pages(
    desk: Any, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(story, "JOURNAL_PAGE", 2)
    sent = desk.bench.acknowledged()
    place, seen, cursor = f"{ACTES}/{sent.acte_id}/evenements", [], None
    for _ in range(9):
        page = client.get(place, params={"curseur": cursor} if cursor else {}).json()
        seen += [each["evenement"] for each in page["evenements"]]
        cursor = page["suivant"]
        if cursor is None:
            break
    assert seen == list(reversed(desk.bench.events(sent.id)))
    acte = client.get(f"{ACTES}/{sent.acte_id}").json()
    assert acte["suite"] == place
    assert acte["evenements"][0]["evenement"] == "ar_received"
    assert acte["evenements"][0]["vers"] == "acknowledged"


def test_a_sitting_tells_what_was_handed_over_of_its_list(desk: Any, client: httpx.Client) -> None:
    sent = desk.bench.sent()
    desk.bench.acte(decided=date(2022, 3, 2))
    desk.bench.acte()
    content = content_of([SittingActe(NumeroInterne(f"D2023_00{rank}")) for rank in (1, 2)])
    given = SittingFile(content=content, nom_fichier="seance.json", date_seance=date(2023, 3, 2))
    import_sitting(desk.bench.tools, desk.bench.authority_id, given, AUTHOR)
    told = client.get("/api/v1/seances/2023-03-02").json()
    assert (told["attendus"], told["remis"], told["liste"]) == (2, 1, "seance.json")
    first, second, third = told["actes"]
    assert first["acte"]["id"] == sent.acte_id
    assert (third["numero"], third["sur_la_liste"]) == ("D2023_003", False)
    # That number was decided another year.
    assert (second["numero"], second["acte"]) == ("D2023_002", None)
    assert _listed(client, seance="2023-03-02") == ["D2023_001"]
    assert _listed(client, seance="2023-03-03") == []
    for address in ("/api/v1/seances/2023-03-03", "/api/v1/seances/hier"):
        assert client.get(address).status_code == 404
    assert desk.client("tdt_theirs").get("/api/v1/seances/2023-03-02").status_code == 404
    unlisted = client.get("/api/v1/seances/2022-03-02").json()
    assert (unlisted["liste"], unlisted["attendus"]) == (None, 0)
    assert [each["numero"] for each in unlisted["actes"]] == ["D2023_002"]


def test_findings_are_listed_the_gravest_first_and_with_their_act(
    desk: Any, client: httpx.Client
) -> None:
    sent = desk.bench.acknowledged()
    for owner, about in ((desk.bench.authority_id, sent.acte_id), (desk.bench.second_id, None)):
        found = Finding(
            check="essai", key="1", severity=Severity.GRAVE, message="Un écart.",
            remedy="Corrigez.", rule=None, article="CGCT L. 2131-1", evidence=(("jour", "10"),),
            acte_id=about, collectivite_id=owner,
        )  # fmt: skip
        with desk.bench.tools.register() as unit:
            checked = Examined(frozenset({"essai"}), None)
            unit.save_findings(owner, checked, (found,), desk.bench.clock.now())
            unit.commit()
    (line,) = client.get("/api/v1/constats").json()["constats"]
    assert line["gravite"] == {"code": "grave", "libelle": "Grave"}
    assert line["preuves"] == [{"libelle": "jour", "valeur": "10"}]
    assert line["acte"]["id"] == sent.acte_id
    for filters, count in (({"gravite": "info"}, 0), ({"code": "essai"}, 1), ({"vu": "true"}, 0)):
        page = client.get("/api/v1/constats", params=filters).json()
        assert len(page["constats"]) == count, filters
    acte = client.get(f"{ACTES}/{sent.acte_id}").json()
    assert [each["code"] for each in acte["constats"]] == ["essai"]


@pytest.mark.parametrize(
    ("path", "params", "field", "code"),
    [
        (ACTES, {"etats": "held"}, "etats", "inconnu"),
        (ACTES, {"etat": "held,"}, "etat", "forme"),
        (ACTES, {"nature": "XX"}, "nature", "forme"),
        (ACTES, {"matiere": "%"}, "matiere", "forme"),
        (ACTES, {"recu_du": "10/03/2023"}, "recu_du", "date"),
        (ACTES, {"jusqu_au": "9999-12-31"}, "jusqu_au", "filtre"),
        (ACTES, {"objet": ""}, "objet", "longueur"),
        (ACTES, {"courrier_ouvert": "peut-être"}, "courrier_ouvert", "booleen"),
        ("/api/v1/courriers", {"curseur": "x"}, "curseur", "forme"),
        ("/api/v1/constats", {"gravite": "x"}, "gravite", "forme"),
        ("/api/v1/constats", {"curseur": "1"}, "curseur", "forme"),
    ],
)
def test_a_filter_that_is_wrong_says_which_and_what_to_write(
    client: httpx.Client, path: str, params: dict[str, str], field: str, code: str
) -> None:
    answer = client.get(path, params=params)
    assert answer.status_code == 422, answer.text
    (problem,) = answer.json()["problemes"]
    assert (problem["champ"], problem["code"]) == (field, code)
    assert problem["message"]
    assert problem["remede"]


def test_an_act_gives_the_signatures_found_and_the_sealed_copies_sent(
    desk: Any, client: httpx.Client, tmp_path: Path
) -> None:
    key = tmp_path / "cachet.pem"
    key.write_bytes(Town().own_key())
    desk.bench.changed(lambda c: replace(c, signing_key=SigningKey(str(key)), seals_pdf="b"))
    made = desk.bench.prepared(contents=(Town().sign(blank()), b"%PDF rien"))
    whole = client.get(f"{ACTES}/{made.acte_id}").json()
    sealed, left = whole["documents_scelles"]
    assert (sealed["envoi"], sealed["rang"], sealed["niveau"]) == (made.id, 1, "B-B")
    assert client.get(sealed["lien"]).content.startswith(blank())
    assert sealed["sha256"] in {file["sha256"] for file in whole["fichiers"]}
    assert (left["rang"], left["lien"], left["sha256"]) == (2, None, None)
    assert left["motif"]
    (signature,) = whole["signatures"]
    assert signature["reponse"] == {"code": "inconnue", "libelle": "on ne sait pas"}
    assert signature["signataire"] == "CN=Saint-Exemple\\, maire"
    assert signature["source"]["code"] == "declaration"
