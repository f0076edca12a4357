"""What holds for every page."""

from itertools import pairwise
from typing import Any

import pytest
from lxml import html
from sqlalchemy import update

from transmission.console import pages
from transmission.domain.lifecycle import State
from transmission.store.tables import acte

HOSTILE = "<script>alert(1)</script>\"'&\u202efdp"


def test_hostile_text_is_harmless_wherever_it_is_shown(shelf: Any, site: Any) -> None:
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


def test_every_page_is_well_made_for_every_reader(shelf: Any, site: Any) -> None:
    owner, acte_id, sent = shelf.acknowledged(**shelf.parcel())
    shelf.acte(owner, "2026_001", state=State.HELD, waiting_for="Refus.")
    shelf.attempt(sent, 1, outcome="Accepted", request="r")
    shelf.retour(owner, sent, b"x", status="quarantined", reason="inconnu")
    for address in ("/", f"/actes/{acte_id}", "/actes/999"):
        body = html.fromstring(site.get(address).text)
        check_landmarks_and_headings(site, body)
        check_tables_and_marks(site, body)
        check_names(body)


def check_landmarks_and_headings(site: Any, body: Any) -> None:
    assert body.get("lang") == "fr"
    assert len(body.cssselect("h1")) == 1
    ranks = [int(node.tag[1]) for node in body.cssselect("h1, h2, h3, h4")]
    assert ranks[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(ranks))
    assert len(body.cssselect("main#contenu, body > header, body > footer")) == 3
    first = body.cssselect("a")[0]
    assert (first.get("href"), first.get("class")) == ("#contenu", "evitement")
    assert site.words_of(body.cssselect("title")[0]).endswith("– Transmission des actes")
    assert body.cssselect("[aria-live=polite]")


def check_tables_and_marks(site: Any, body: Any) -> None:
    for table in body.cssselect("table"):
        assert site.words_of(table.cssselect("caption")[0])
        assert all(node.get("scope") in ("col", "row") for node in table.cssselect("th"))
    for state in body.cssselect(".etat"):
        assert site.words_of(state)
        assert state.cssselect("svg[aria-hidden=true]")


def check_names(body: Any) -> None:
    ids = [node.get("id") for node in body.cssselect("[id]")]
    assert len(ids) == len(set(ids))
    for node in body.cssselect("input:not([type=hidden]), select"):
        assert body.cssselect(f"label[for={node.get('id')}]")
    for node in body.cssselect("[aria-labelledby]"):
        assert node.get("aria-labelledby") in ids


def test_a_page_reloads_by_itself_without_script_unless_asked_not_to(shelf: Any, site: Any) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001")
    for address in ("/", f"/actes/{acte_id}"):
        assert '<noscript><meta http-equiv="refresh" content="60">' in site.get(address).text
        still = site.get(address + "?fixe=1")
        assert "http-equiv" not in still.text
        assert site.tree(still).cssselect("[data-direct]")[0].get("data-direct") == ""


def test_no_page_sets_a_cookie_and_every_answer_is_protected(shelf: Any, site: Any) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001")
    for address in ("/", f"/actes/{acte_id}", "/rien", "/healthz", "/statique/console.css"):
        headers = site.get(address).headers
        assert "set-cookie" not in headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"


def test_nothing_but_reading_is_possible(site: Any) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        response = site.request(method, "/actes/1")
        assert response.status_code == 405
        allowed = "GET, HEAD" if method == "POST" else "GET, HEAD, POST"
        assert response.headers["allow"] == allowed
        assert "Cette action n'existe pas ici" in site.words_of(site.tree(response))


def test_a_head_is_a_get_without_its_body(shelf: Any, site: Any) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001")
    response = site.head(f"/actes/{acte_id}")
    assert (response.status_code, response.content) == (200, b"")


def test_a_foreign_host_name_is_refused(site: Any) -> None:
    response = site.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert "Cette adresse n'est pas correcte" in site.words_of(site.tree(response))


def test_an_absent_register_is_told_without_a_trace(site_of: Any) -> None:
    site = site_of("postgresql+psycopg://a:s3cret@127.0.0.1:1/b")
    assert site.get("/healthz").status_code == 200
    assert site.get("/readyz").status_code == 503
    response = site.get("/")
    assert response.status_code == 503
    assert "La base de données ne répond pas" in site.words_of(site.tree(response))
    assert response.headers["retry-after"] == "60"
    assert "s3cret" not in response.text
    assert "refused" not in response.text


def test_a_fault_of_ours_is_told_with_what_to_do(shelf: Any, site: Any) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001", state=State.SUBMITTED)
    with shelf.engine.begin() as connection:
        connection.execute(update(acte).values(nature=9))
    response = site.get(f"/actes/{acte_id}")
    assert response.status_code == 500
    assert "La console a rencontré une erreur" in response.text
    assert response.headers["x-frame-options"] == "DENY"
    assert "Traceback" not in response.text


def test_a_page_cannot_write_whatever_it_does(
    shelf: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001", "Tarifs de la cantine")

    def writing(connection: Any, *_: Any) -> None:
        connection.execute(update(acte).values(objet="changé"))
        connection.commit()

    monkeypatch.setattr(pages, "read_queue", writing)
    # The server drops the connection of a request that failed: it is not kept for the next.
    assert site.get("/", headers={"Connection": "close"}).status_code == 500
    assert "Tarifs de la cantine" in site.get(f"/actes/{acte_id}").text


def test_an_open_page_is_told_of_what_happens(shelf: Any, site: Any) -> None:
    owner = shelf.authority()
    acte_id, sent = shelf.acte(owner, "2026_001")
    with site.stream("GET", "/live") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        told = (line for line in stream.iter_lines() if line.startswith("data: "))
        first = int(next(told).removeprefix("data: "))
        shelf.move(owner, acte_id, sent, State.ACCEPTED, State.HELD)
        assert int(next(told).removeprefix("data: ")) > first
