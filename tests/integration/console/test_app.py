"""The pages and the files of the console, over a real register."""

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import httpx
import psycopg
import pytest
from lxml import html
from sqlalchemy import event, update
from sqlalchemy.exc import InternalError

from transmission.domain.lifecycle import State
from transmission.store.tables import acte, transmission

HOSTILE = "<script>alert(1)</script>\"'&\u202efdp"


def page(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    return html.fromstring(response.text)


def words_of(node: Any) -> str:
    return re.sub(r"\s+", " ", node.text_content()).strip()


def said_by(response: httpx.Response) -> str:
    return words_of(html.fromstring(response.text))


def numbers(response: httpx.Response) -> list[str]:
    return [node.text for node in page(response).cssselect("tbody .numero")]


# --- the queue ---------------------------------------------------------------------------------


def test_an_empty_queue_says_so(site: httpx.Client) -> None:
    assert "Aucun acte ici pour le moment." in words_of(page(site.get("/")))


def test_the_longest_wait_comes_first_and_final_acts_are_elsewhere(
    shelf: Any, site: httpx.Client
) -> None:
    owner = shelf.authority()
    shelf.acte(owner, "B", since=shelf.ago(hours=1))
    shelf.acte(owner, "A", state=State.SUBMITTED, since=shelf.ago(days=3))
    shelf.acte(owner, "DONE", state=State.ACKNOWLEDGED, date_reception=date(2026, 11, 20))
    assert numbers(site.get("/")) == ["A", "B"]
    assert numbers(site.get("/?etat=acknowledged")) == ["DONE"]
    assert set(numbers(site.get("/?etat=tous"))) == {"A", "B", "DONE"}


def test_a_row_says_what_the_act_is_and_what_it_waits_for(shelf: Any, site: httpx.Client) -> None:
    owner = shelf.authority(time_zone="America/Cayenne")
    shelf.acte(
        owner, "2026_001", "Tarifs de la cantine", state=State.IN_DOUBT, since=shelf.ago(hours=5),
        waiting_for="de savoir si le TdT a reçu l'envoi",
    )  # fmt: skip
    row = page(site.get("/")).cssselect("tbody tr")[0]
    said = words_of(row)
    for expected in (
        "2026_001", "Tarifs de la cantine", "Commune de Saint-Exemple", "Délibération",
        "042-123456782-20261120-2026_001-DE", "Envoi incertain",
        "Attend de savoir si le TdT a reçu l'envoi", "il y a 5 h",
        "23 novembre 2026 à 5 h 05 (heure de Cayenne)",
    ):  # fmt: skip
        assert expected in said
    assert row.cssselect("time")[0].get("datetime") == "2026-11-23T08:05:00+00:00"


def test_counts_and_ages_are_told_by_state(shelf: Any, site: httpx.Client) -> None:
    owner = shelf.authority()
    shelf.acte(owner, "A", state=State.HELD, since=shelf.ago(days=4), waiting_for="Refus.")
    shelf.acte(owner, "B", state=State.HELD, since=shelf.ago(days=2), waiting_for="Refus.")
    body = page(site.get("/"))
    held = words_of(body.cssselect("#filtre-held")[0])
    assert held == "En attente d'un opérateur le plus ancien depuis 4 jours 2"
    assert "2 actes à suivre, dont 2 attendent la décision" in words_of(body)


def test_filters_stay_in_the_links(shelf: Any, site: httpx.Client) -> None:
    shelf.acte(shelf.authority(), "A", state=State.HELD, waiting_for="Refus.")
    body = page(site.get("/?collectivite=123456782&etat=held"))
    assert body.cssselect("#filtre-submitted")[0].get("href") == (
        "/?etat=submitted&collectivite=123456782"
    )
    assert body.cssselect("#filtre-held")[0].get("aria-current") == "true"
    assert body.cssselect("#direct")[0].get("href") == "/?etat=held&collectivite=123456782&fixe=1"


def test_one_authority_can_be_looked_at_alone(shelf: Any, site: httpx.Client) -> None:
    shelf.acte(shelf.authority(), "A")
    other = shelf.authority("Commune d'Essai", "732829320")
    shelf.acte(other, "B", siren="732829320")
    assert numbers(site.get("/?collectivite=732829320")) == ["B"]


def test_an_act_is_found_by_any_name_that_it_bears(shelf: Any, site: httpx.Client) -> None:
    owner = shelf.authority()
    shelf.acte(owner, "2026_042", "Réfection du réseau d'assainissement", state=State.REJECTED)
    shelf.acte(owner, "2026_017", "Tarifs de la cantine")
    for typed in (
        "2026_042",
        "2026_04",
        "REFECTION assainissement",
        "042-123456782-20261120-2026_042-DE",
        "99_DE-042-123456782-20261120-2026_042",
        "99_DE-042-123456782-20261120-2026_042-DE-1-1_1.pdf",
    ):
        assert numbers(site.get("/", params={"q": typed})) == ["2026_042"], typed


def test_a_search_without_result_says_so(shelf: Any, site: httpx.Client) -> None:
    shelf.acte(shelf.authority(), "2026_017", "Tarifs de la cantine")
    for typed in ("rien de tel", "100%", "a_b", "\\", "'; DROP TABLE acte; --"):
        assert "Aucun acte ne correspond" in said_by(site.get("/", params={"q": typed})), typed


def test_a_null_character_is_searched_as_nothing(shelf: Any, site: httpx.Client) -> None:
    shelf.acte(shelf.authority(), "A")
    assert numbers(site.get("/?q=%00")) == ["A"]


def test_a_long_queue_is_read_page_after_page(shelf: Any, site: httpx.Client) -> None:
    owner = shelf.authority()
    wanted = [f"N{rank:03d}" for rank in range(120)]
    for rank, numero in enumerate(wanted):
        shelf.acte(owner, numero, since=shelf.ago(minutes=500 - rank // 2))
    seen, address = [], "/"
    while address:
        response = site.get(address)
        assert len(response.content) < 100_000
        seen += numbers(response)
        following = page(response).cssselect("#page-suite")
        address = following[0].get("href") if following else ""
    assert seen == wanted


def test_an_address_that_means_nothing_is_told_so(site: httpx.Client) -> None:
    for address in ("/?etat=inconnu", "/?apres=x", "/?apres=1@hier", "/?q=" + "x" * 201):
        response = site.get(address)
        assert response.status_code == 400, address
        assert "Cette adresse n'est pas correcte" in said_by(response)


def test_the_quarantine_is_on_the_desk_with_its_reason(shelf: Any, site: httpx.Client) -> None:
    owner = shelf.authority()
    found = shelf.retour(
        owner, None, b"<?xml version='1.0'?><x/>", status="quarantined", kind="non rattaché",
        reason="Aucun envoi ne correspond.",
    )  # fmt: skip
    shelf.retour(owner, None, b"applied")
    body = page(site.get("/"))
    rows = body.cssselect("section:has(#quarantaine) tbody tr")
    assert len(rows) == 1
    assert "Aucun envoi ne correspond." in words_of(rows[0])
    assert rows[0].cssselect("a")[0].get("href") == f"/retours/{found}"
    assert not page(site.get("/?etat=held")).cssselect("#quarantaine")


# --- one act -----------------------------------------------------------------------------------


def acknowledged(shelf: Any, **columns: Any) -> tuple[int, int, int]:
    owner = shelf.authority()
    acte_id, sent = shelf.acte(
        owner, "D20260009710", state=State.ACKNOWLEDGED, date_reception=date(2026, 11, 20),
        reference="4217", attempts=1, **columns,
    )  # fmt: skip
    return owner, acte_id, sent


def test_an_act_tells_its_whole_story(shelf: Any, site: httpx.Client) -> None:
    owner, acte_id, sent = acknowledged(shelf, **shelf.parcel())
    shelf.event(
        owner, acte_id, sent, "released_to_submit", State.HELD, State.PREPARED,
        author="responsable des assemblées", reason="Le certificat est renouvelé.",
    )  # fmt: skip
    shelf.event(
        owner, acte_id, sent, "ar_received", State.SUBMITTED, State.ACKNOWLEDGED,
        details={"date_reception": "2026-11-20"},
    )  # fmt: skip
    events = [words_of(node) for node in page(site.get(f"/actes/{acte_id}")).cssselect(".quoi")]
    assert events[0] == (
        "Accusé de réception reçu Transmise →vers Accusé de réception reçu "
        "Par le service Reçu en préfecture le20 novembre 2026"
    )
    assert "Relancée pour envoi" in events[1]
    assert "Par responsable des assemblées : Le certificat est renouvelé." in events[1]
    assert events[2].startswith("Prise en charge")


def test_an_act_gives_its_identity_and_its_dates(shelf: Any, site: httpx.Client) -> None:
    owner, acte_id, sent = acknowledged(shelf)
    shelf.event(
        owner, acte_id, sent, "submission_accepted", State.SUBMITTING, State.SUBMITTED,
        at=shelf.ago(minutes=30),
    )  # fmt: skip
    with shelf.engine.begin() as connection:
        connection.execute(
            update(acte).values(
                date_mise_en_ligne=date(2026, 11, 21), adresse_publication="https://x.example/a"
            )
        )
    body = page(site.get(f"/actes/{acte_id}"))
    facts = {
        words_of(entry.cssselect("dt")[0]): words_of(entry.cssselect("dd")[0])
        for entry in body.cssselect(".fiche > div")
    }
    assert facts["Numéro de l'acte"] == "D20260009710"
    assert facts["Nature"] == "Délibération"
    assert facts["Matière"] == "7.1"
    assert facts["Identifiant de télétransmission"] == "042-123456782-20261120-D20260009710-DE"
    assert facts["Identifiant imprimé"] == "99_DE-042-123456782-20261120-D20260009710"
    assert facts["Date de la décision"] == "20 novembre 2026"
    assert facts["Pris en charge par DOTELEC - iXBus"] == "23 novembre 2026 à 13 h 35"
    assert facts["Reçu en préfecture le"].startswith("20 novembre 2026")
    assert facts["Dernier jour du déféré"].startswith("21 janvier 2027 encore 59 jours")
    assert "deux mois francs" in facts["Dernier jour du déféré"]
    assert "L. 2131-6" in facts["Dernier jour du déféré"]
    assert facts["Mise en ligne"] == "21 novembre 2026 https://x.example/a"
    assert words_of(body.cssselect(".mention p")[0]) == (
        "RECU EN PREFECTURELe 20 novembre 2026VIA DOTELEC - iXBus"
        "99_DE-042-123456782-20261120-D20260009710"
    )


def test_the_days_left_are_counted_in_the_civil_day_of_the_authority(
    shelf: Any, site: httpx.Client
) -> None:
    _, acte_id, _ = acknowledged(shelf)
    shelf.clock.at = shelf.clock.at.replace(year=2027, month=1, day=21, hour=22, minute=30)
    assert "aujourd'hui" in site.get(f"/actes/{acte_id}").text
    shelf.clock.at += timedelta(hours=1)
    assert "passé" in site.get(f"/actes/{acte_id}").text


def test_no_date_of_receipt_is_shown_before_the_ar(shelf: Any, site: httpx.Client) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001", state=State.SUBMITTED)
    body = page(site.get(f"/actes/{acte_id}"))
    assert "seul l'accusé de réception donne cette date" in words_of(body)
    assert "Inconnu avant l'accusé de réception" in words_of(body)
    assert not body.cssselect(".mention, #tampon")


def test_the_echo_of_the_state_is_set_beside_what_was_sent(shelf: Any, site: httpx.Client) -> None:
    owner, acte_id, sent = acknowledged(shelf)
    found = shelf.retour(
        owner, sent, b"<?xml version='1.0'?><ar/>", date_reception=date(2026, 11, 20),
        notes=["la nature est écrite sur un chiffre"],
        differences=[{"champ": "objet", "envoye": "Été", "recu": "?t?"}],
    )  # fmt: skip
    with shelf.engine.begin() as connection:
        connection.execute(update(transmission).values(retour_id=found))
    section = page(site.get(f"/actes/{acte_id}")).cssselect(f"#retour-{found}")[0]
    assert words_of(section.cssselect("h3")[0]) == "Accusé de réception (1-2) fait foi"
    assert "la nature est écrite sur un chiffre" in words_of(section)
    assert [words_of(c) for c in section.cssselect("tbody th, tbody td")] == ["Objet", "Été", "?t?"]


def test_a_rejected_sending_stays_beside_the_one_that_followed(
    shelf: Any, site: httpx.Client
) -> None:
    owner = shelf.authority()
    acte_id, _ = shelf.acte(owner, "2026_001", state=State.REJECTED, **shelf.parcel(1))
    shelf.sending(
        owner, acte_id, "2026_001", State.SUBMITTED, shelf.ago(minutes=5), **shelf.parcel(2)
    )
    headings = [words_of(h) for h in page(site.get(f"/actes/{acte_id}")).cssselect("#envois ~ h3")]
    assert [heading.split(" : ")[1] for heading in headings] == ["Transmise", "Rejetée (anomalie)"]
    assert numbers(site.get("/")) == ["2026_001"]
    assert numbers(site.get("/?etat=rejected")) == []


def test_a_long_story_is_read_page_after_page_and_stays_light(
    shelf: Any, site: httpx.Client
) -> None:
    owner = shelf.authority()
    acte_id, sent = shelf.acte(owner, "2026_001", state=State.PREPARED)
    for number in range(1, 131):
        shelf.attempt(sent, number, outcome="Unavailable", detail="connexion refusée", request="r")
        shelf.event(
            owner, acte_id, sent, "submission_unavailable", State.SUBMITTING, State.PREPARED,
            details={"issue": "Unavailable", "detail": "connexion refusée"},
        )  # fmt: skip
    attempts, events, address = [], [], f"/actes/{acte_id}"
    response = site.get(address)
    assert len(response.content) < 100_000
    while True:
        body = page(response)
        attempts += [words_of(n) for n in body.cssselect(".tentatives tbody th")]
        following = body.cssselect("#tentatives-suite")
        if not following:
            break
        response = site.get(following[0].get("href"))
    assert attempts == [str(number) for number in range(130, 0, -1)]
    response = site.get(address)
    while True:
        body = page(response)
        events += [node.get("id") for node in body.cssselect(".journal > li")]
        following = body.cssselect("#journal-suite")
        if not following:
            break
        response = site.get(following[0].get("href"))
    assert len(events) == len(set(events)) == 131


def test_what_does_not_exist_has_a_page_that_helps(site: httpx.Client) -> None:
    for address in (
        "/actes/999", "/actes/0", "/actes/-1", "/actes/x", f"/actes/{2**63}", "/retours/9",
        "/rien", "/statique/app.py", "/collectivites/123456782/actes/X",
    ):  # fmt: skip
        response = site.get(address)
        assert response.status_code == 404, address
        assert "Page introuvable" in said_by(response)
        assert 'lang="fr"' in response.text


def test_an_act_is_reached_by_its_authority_and_number(shelf: Any, site: httpx.Client) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001")
    response = site.get("/collectivites/123456782/actes/2026_001")
    assert response.status_code == 302
    assert response.headers["location"] == f"/actes/{acte_id}"


def test_a_number_used_twice_leads_to_the_list(shelf: Any, site: httpx.Client) -> None:
    owner = shelf.authority()
    first, _ = shelf.acte(owner, "2026_001")
    with shelf.engine.begin() as connection:
        connection.execute(
            update(acte).where(acte.c.id == first).values(date_decision=date(2025, 1, 2))
        )
    shelf.acte(owner, "2026_001")
    response = site.get("/collectivites/123456782/actes/2026_001", follow_redirects=True)
    assert numbers(response) == ["2026_001", "2026_001"]


# --- files -------------------------------------------------------------------------------------


def test_a_file_leaves_whole_under_its_name_as_nothing_but_a_file(
    shelf: Any, site: httpx.Client
) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001", name="délibération.pdf")
    link = page(site.get(f"/actes/{acte_id}")).cssselect("#piece-1")[0].get("href")
    response = site.get(link)
    assert response.content == b"%PDF-1.7 act"
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"] == (
        "attachment; filename=\"deliberation.pdf\"; filename*=UTF-8''d%C3%A9lib%C3%A9ration.pdf"
    )
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"].startswith("sandbox;")


def test_a_hostile_name_changes_neither_header_nor_type(shelf: Any, site: httpx.Client) -> None:
    acte_id, _ = shelf.acte(
        shelf.authority(), "2026_001", name='../../x"\r\nSet-Cookie: a=b\u202e.html'
    )
    link = page(site.get(f"/actes/{acte_id}")).cssselect("#piece-1")[0].get("href")
    response = site.get(link)
    assert "set-cookie" not in response.headers
    assert 'filename="_.._x_Set-Cookie_ a=b.html.pdf"' in response.headers["content-disposition"]
    assert response.headers["content-type"] == "application/pdf"


def test_everything_sent_and_answered_can_be_taken_out(shelf: Any, site: httpx.Client) -> None:
    owner, acte_id, sent = acknowledged(shelf, **shelf.parcel(signature="-----BEGIN PKCS7-----\n"))
    answer = shelf.documents.put_bytes(b"HTTP/1.1 200 OK\r\n\r\nOK\n4217\n")
    number = shelf.attempt(
        sent, 1, outcome="Accepted", detail="référence 4217", request="POST /actes — clé tue",
        response_sha256=answer.sha256, response_size=answer.size,
    )  # fmt: skip
    kept = shelf.retour(owner, sent, b"<?xml version='1.0'?><ar/>")
    body = page(site.get(f"/actes/{acte_id}"))

    def taken(anchor: str) -> httpx.Response:
        response = site.get(body.cssselect(f"#{anchor}")[0].get("href"))
        assert response.status_code == 200
        assert response.headers["content-disposition"].startswith("attachment;")
        return response

    assert taken(f"archive-{sent}").content == b"archive 1"
    assert taken(f"archive-{sent}").headers["content-type"] == "application/gzip"
    assert taken(f"message-{sent}").headers["content-type"] == "application/xml"
    assert taken(f"cachet-{sent}").content == b"seal 1"
    assert taken(f"signature-{sent}-1").content == b"-----BEGIN PKCS7-----\n"
    assert taken(f"requete-{number}").text == "POST /actes — clé tue"
    assert taken(f"reponse-{number}").content == b"HTTP/1.1 200 OK\r\n\r\nOK\n4217\n"
    assert taken(f"octets-{kept}").content == b"<?xml version='1.0'?><ar/>"
    assert taken(f"octets-{kept}").headers["content-type"] == "application/xml"


def test_a_retour_that_is_no_xml_is_not_called_one(shelf: Any, site: httpx.Client) -> None:
    kept = shelf.retour(shelf.authority(), None, b"KO\nrefus\n")
    assert site.get(f"/retours/{kept}").headers["content-type"] == "application/octet-stream"


def test_a_file_of_another_act_cannot_be_taken(shelf: Any, site: httpx.Client) -> None:
    owner = shelf.authority()
    mine, sent = shelf.acte(owner, "2026_001", content=b"%PDF mine", **shelf.parcel(signature="S"))
    other, _ = shelf.acte(owner, "2026_002", content=b"%PDF other")
    number = shelf.attempt(sent, 1, request="r")
    digest = shelf.documents.put_bytes(b"%PDF mine").sha256
    assert site.get(f"/fichiers/{mine}/{digest}").status_code == 200
    assert site.get(f"/fichiers/{other}/{digest}").status_code == 404
    assert site.get(f"/actes/{mine}/tentatives/{number}/requete").status_code == 200
    assert site.get(f"/actes/{other}/tentatives/{number}/requete").status_code == 404
    assert site.get(f"/actes/{mine}/transmissions/{sent}/signatures/1").status_code == 200
    assert site.get(f"/actes/{other}/transmissions/{sent}/signatures/1").status_code == 404
    assert site.get(f"/actes/{mine}/transmissions/{sent}/signatures/2").status_code == 404


def test_only_a_digest_names_a_file(shelf: Any, site: httpx.Client) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001")
    for digest in ("x", "A" * 64, "0" * 63, "0" * 64, "..%2f..%2fetc%2fpasswd"):
        assert site.get(f"/fichiers/{acte_id}/{digest}").status_code == 404, digest


def test_a_damaged_document_is_never_handed_out(
    shelf: Any, site: httpx.Client, tmp_path: Any
) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001", content=b"%PDF true")
    kept = shelf.documents.put_bytes(b"%PDF true")
    path = shelf.documents.path(kept)
    path.chmod(0o600)
    path.write_bytes(b"%PDF fals")
    response = site.get(f"/fichiers/{acte_id}/{kept.sha256}")
    assert response.status_code == 500
    assert "Document endommagé" in response.text
    assert "Restaurez-le depuis une sauvegarde" in response.text
    assert "attachment" not in response.headers.get("content-disposition", "")
    assert str(tmp_path) not in response.text


def test_the_stamped_act_is_read_in_its_own_tab_or_saved(shelf: Any, site: httpx.Client) -> None:
    _, acte_id, _ = acknowledged(shelf)
    shelf.stamped = b"%PDF-1.7 stamped"
    shown = site.get(f"/actes/{acte_id}/tampon")
    assert shown.content == b"%PDF-1.7 stamped"
    assert shown.headers["content-type"] == "application/pdf"
    assert shown.headers["content-disposition"].startswith(
        'inline; filename="99_DE-042-123456782-20261120-D20260009710.pdf"'
    )
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
    saved = site.get(f"/actes/{acte_id}/tampon?enregistrer=1")
    assert saved.headers["content-disposition"].startswith("attachment;")


def test_nothing_is_stamped_before_the_ar(shelf: Any, site: httpx.Client) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001")
    response = site.get(f"/actes/{acte_id}/tampon")
    assert response.status_code == 409
    assert "ne peut pas être tamponné" in response.text
    assert site.get("/actes/999/tampon").status_code == 404


# --- whatever the page -------------------------------------------------------------------------


def test_hostile_text_is_harmless_wherever_it_is_shown(shelf: Any, site: httpx.Client) -> None:
    owner = shelf.authority(nom=HOSTILE)
    acte_id, sent = shelf.acte(
        owner, "2026_001", HOSTILE, state=State.HELD, name=HOSTILE, waiting_for=HOSTILE,
        reference=HOSTILE, attempts=1,
    )  # fmt: skip
    shelf.event(
        owner, acte_id, sent, HOSTILE, State.PREPARED, State.HELD, author=HOSTILE, reason=HOSTILE,
        details={HOSTILE: HOSTILE},
    )  # fmt: skip
    shelf.attempt(sent, 1, outcome=HOSTILE, detail=HOSTILE, connector=HOSTILE, request=HOSTILE)
    shelf.retour(
        owner, sent, b"x", status="quarantined", reason=HOSTILE, kind=HOSTILE, source=HOSTILE,
        notes=[HOSTILE], differences=[{"champ": HOSTILE, "envoye": HOSTILE, "recu": HOSTILE}],
    )  # fmt: skip
    for address in ("/", f"/actes/{acte_id}"):
        text = site.get(address, params={"q": HOSTILE} if address == "/" else {}).text
        text += site.get(address).text
        assert "<script>alert" not in text
        assert "\u202e" not in text
        assert "⟨U+202E⟩" in text
        body = html.fromstring(text)
        assert {node.get("src", "").split("?")[0] for node in body.iter("script")} == {
            "/statique/console.js"
        }
        assert not [name for node in body.iter() for name in node.attrib if name.startswith("on")]


def test_every_page_is_well_made_for_every_reader(shelf: Any, site: httpx.Client) -> None:
    owner, acte_id, sent = acknowledged(shelf, **shelf.parcel())
    shelf.acte(owner, "2026_001", state=State.HELD, waiting_for="Refus.")
    shelf.attempt(sent, 1, outcome="Accepted", request="r")
    shelf.retour(owner, sent, b"x", status="quarantined", reason="inconnu")
    for address in ("/", f"/actes/{acte_id}", "/actes/999"):
        body = html.fromstring(site.get(address).text)
        check_landmarks_and_headings(body)
        check_tables_and_marks(body)
        check_names(body)


def check_landmarks_and_headings(body: Any) -> None:
    assert body.get("lang") == "fr"
    assert len(body.cssselect("h1")) == 1
    ranks = [int(node.tag[1]) for node in body.cssselect("h1, h2, h3, h4")]
    assert ranks[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(ranks))
    assert len(body.cssselect("main#contenu, body > header, body > footer")) == 3
    first = body.cssselect("a")[0]
    assert (first.get("href"), first.get("class")) == ("#contenu", "evitement")
    assert words_of(body.cssselect("title")[0]).endswith("– Transmission des actes")
    assert body.cssselect("[aria-live=polite]")


def check_tables_and_marks(body: Any) -> None:
    for table in body.cssselect("table"):
        assert words_of(table.cssselect("caption")[0])
        assert all(node.get("scope") in ("col", "row") for node in table.cssselect("th"))
    for state in body.cssselect(".etat"):
        assert words_of(state)
        assert state.cssselect("svg[aria-hidden=true]")


def check_names(body: Any) -> None:
    ids = [node.get("id") for node in body.cssselect("[id]")]
    assert len(ids) == len(set(ids))
    for node in body.cssselect("input, select"):
        assert body.cssselect(f"label[for={node.get('id')}]")
    for node in body.cssselect("[aria-labelledby]"):
        assert node.get("aria-labelledby") in ids


def test_a_page_reloads_by_itself_without_script_unless_asked_not_to(
    shelf: Any, site: httpx.Client
) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001")
    for address in ("/", f"/actes/{acte_id}"):
        assert '<noscript><meta http-equiv="refresh" content="60">' in site.get(address).text
        still = site.get(address + "?fixe=1")
        assert "http-equiv" not in still.text
        assert page(still).cssselect("[data-direct]")[0].get("data-direct") == ""


def test_no_page_sets_a_cookie_and_every_answer_is_protected(
    shelf: Any, site: httpx.Client
) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001")
    for address in ("/", f"/actes/{acte_id}", "/rien", "/healthz", "/statique/console.css"):
        headers = site.get(address).headers
        assert "set-cookie" not in headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"


def test_nothing_but_reading_is_possible(site: httpx.Client) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        response = site.request(method, "/actes/1")
        assert response.status_code == 405
        assert response.headers["allow"] == "GET, HEAD"
        assert "Cette action n'existe pas ici" in said_by(response)


def test_a_head_is_a_get_without_its_body(shelf: Any, site: httpx.Client) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001")
    response = site.head(f"/actes/{acte_id}")
    assert (response.status_code, response.content) == (200, b"")


def test_a_foreign_host_name_is_refused(site: httpx.Client) -> None:
    response = site.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert "Cette adresse n'est pas correcte" in said_by(response)


def test_a_supervisor_learns_that_the_process_and_the_register_answer(site: httpx.Client) -> None:
    assert (site.get("/healthz").status_code, site.get("/healthz").text) == (200, "vivant\n")
    assert (site.get("/readyz").status_code, site.get("/readyz").text) == (200, "prêt\n")


def test_an_absent_register_is_told_without_a_trace(shelf: Any, site: httpx.Client) -> None:
    def refused(*_: Any) -> None:
        raise psycopg.OperationalError("connection refused by the test")

    shelf.engine.dispose()
    event.listen(shelf.engine, "do_connect", refused)
    assert site.get("/healthz").status_code == 200
    assert site.get("/readyz").status_code == 503
    response = site.get("/")
    assert response.status_code == 503
    assert "La base de données ne répond pas" in said_by(response)
    assert response.headers["retry-after"] == "60"
    assert "refused by the test" not in response.text


def test_a_fault_of_ours_is_told_with_what_to_do(shelf: Any, site: httpx.Client) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001", state=State.SUBMITTED)
    with shelf.engine.begin() as connection:
        connection.execute(update(acte).values(nature=9))
    response = site.get(f"/actes/{acte_id}")
    assert response.status_code == 500
    assert "La console a rencontré une erreur" in response.text
    assert response.headers["x-frame-options"] == "DENY"
    assert "Traceback" not in response.text


def test_a_page_cannot_write_whatever_it_does(shelf: Any) -> None:
    reading = shelf.engine.execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
    with reading.connect() as connection, pytest.raises(InternalError):
        connection.execute(update(acte).values(nature=1))


def test_an_open_page_is_told_of_what_happens(shelf: Any, site: httpx.Client) -> None:
    owner = shelf.authority()
    acte_id, sent = shelf.acte(owner, "2026_001")
    with site.stream("GET", "/live") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        told = (line for line in stream.iter_lines() if line.startswith("data: "))
        first = int(next(told).removeprefix("data: "))
        shelf.move(owner, acte_id, sent, State.ACCEPTED, State.HELD)
        assert int(next(told).removeprefix("data: ")) > first
