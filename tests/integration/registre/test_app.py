"""What holds for every page of the public register."""

from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text, update

from transmission.registre import pages
from transmission.store.documents import DiskDocumentStore, DocumentsAwayError
from transmission.store.tables import acte
from transmission.store.unit_of_work import open_engine

HOSTILE = "<script>alert(1)</script>\"'&\u202efdp\x07 onload=alert(1)"


def every_page(copy_id: int) -> tuple[str, ...]:
    return ("/123456782/", f"/123456782/actes/{copy_id}", "/123456782/?q=x", "/rien", "/statique/x")


def test_hostile_text_is_harmless_wherever_it_is_shown(shelf: Any, site: Any) -> None:
    shelf.authority(nom=HOSTILE)
    copy_id = shelf.on_line("D2026_001", HOSTILE, nom_fichier=HOSTILE)
    for path in (*every_page(copy_id), f"/123456782/?q={quote(HOSTILE)}"):
        response = site.get(path)
        assert "<script" not in response.text
        assert "\u202e" not in response.text
        assert "\x07" not in response.text
        body = site.tree(response)
        assert not list(body.iter("script"))
        assert not [name for node in body.iter() for name in node.attrib if name.startswith("on")]
        assert not body.cssselect("[style]")


def test_every_page_is_well_made_for_every_reader(shelf: Any, site: Any) -> None:
    for rank in range(30):
        copy_id = shelf.on_line(f"D2026_{rank:03d}")
    for path in every_page(copy_id):
        body = site.tree(site.get(path))
        check_landmarks_and_headings(site, body)
        check_names(site, body)
    shelf.authority("Autre", "123456790")
    shelf.on_line(siren="123456790")
    check_landmarks_and_headings(site, site.page("/"))


def check_landmarks_and_headings(site: Any, body: Any) -> None:
    assert body.get("lang") == "fr"
    assert len(body.cssselect("h1")) == 1
    ranks = [int(node.tag[1]) for node in body.cssselect("h1, h2, h3, h4")]
    assert ranks[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(ranks))
    assert len(body.cssselect("main#contenu, body > header, body > footer")) == 3
    first = body.cssselect("a")[0]
    assert (first.get("href"), first.get("class")) == ("#contenu", "evitement")
    assert site.words_of(body.cssselect("title")[0]).endswith("– Registre des actes")


def check_names(site: Any, body: Any) -> None:
    ids = [node.get("id") for node in body.cssselect("[id]")]
    assert len(ids) == len(set(ids))
    for node in body.cssselect("input, select"):
        assert body.cssselect(f"label[for={node.get('id')}]")
    for node in body.cssselect("[aria-labelledby]"):
        assert node.get("aria-labelledby") in ids
    # Each link to a file says of which act it is, out of its context too.
    told = [site.words_of(link) for link in body.cssselect(".fichier a")]
    assert len(told) == len(set(told))


def test_every_answer_is_protected_and_no_page_sets_a_cookie(shelf: Any, site: Any) -> None:
    copy_id = shelf.on_line()
    for path in (*every_page(copy_id), "/healthz", "/123456782/atom.xml", "/statique/registre.css"):
        headers = site.get(path).headers
        assert "set-cookie" not in headers
        assert "server" not in headers or headers["server"] == "uvicorn"
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"


def test_pages_are_kept_a_minute_and_errors_never(shelf: Any, site: Any) -> None:
    copy_id = shelf.on_line()
    for path in ("/123456782/", f"/123456782/actes/{copy_id}", "/123456782/atom.xml"):
        assert site.get(path).headers["cache-control"] == "public, max-age=60"
    assert site.get("/rien").headers["cache-control"] == "no-store"


def test_nothing_but_reading_is_possible(shelf: Any, site: Any) -> None:
    copy_id = shelf.on_line()
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        response = site.request(method, f"/123456782/actes/{copy_id}")
        assert response.status_code == 405
        assert response.headers["allow"] == "GET, HEAD"
        assert "rien ne s'y modifie" in site.words_of(site.tree(response))


def test_a_head_is_a_get_without_its_body(shelf: Any, site: Any) -> None:
    copy_id = shelf.on_line()
    paths = (*every_page(copy_id), f"/123456782/actes/{copy_id}.pdf", "/123456782/atom.xml", "/")
    for path in (*paths, "/healthz", "/readyz", "/statique/registre.css"):
        got, head = site.get(path), site.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        for name in ("content-type", "content-length", "etag", "cache-control", "location"):
            assert head.headers.get(name) == got.headers.get(name), (path, name)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_a_foreign_host_name_is_refused(shelf: Any, site: Any, host: str) -> None:
    shelf.on_line()
    response = site.get("/123456782/", headers={"Host": host})
    assert response.status_code == 400
    assert host == "" or host not in response.text
    assert site.get("/healthz", headers={"Host": host}).status_code == 200


def test_names_of_the_register_are_taken_whatever_their_port_and_case(
    shelf: Any, site_of: Any
) -> None:
    shelf.hosts = frozenset({"actes.example.org", "127.0.0.1"})
    shelf.on_line()
    with site_of(shelf) as site:
        response = site.get("/123456782/atom.xml", headers={"Host": "Actes.Example.org:8443"})
        assert response.status_code == 200


def test_within_the_path_of_a_site_every_link_begins_by_it(shelf: Any, site_of: Any) -> None:
    shelf.public_url = "https://www.example.org/mairie"
    copy_id = shelf.on_line()
    with site_of(shelf) as site:
        assert site.get("/").headers["location"] == "/mairie/123456782/"
        assert site.get("/123456782").headers["location"] == "/mairie/123456782/"
        for path in every_page(copy_id):
            body = site.tree(site.get(path))
            told = [node.get("href") for node in body.cssselect("[href]")]
            told += [node.get("action") for node in body.cssselect("form")]
            assert all(each.startswith(("/mairie/", "#")) for each in told), told


def test_the_last_sign_of_an_address_may_be_left_out(shelf: Any, site: Any) -> None:
    shelf.on_line()
    response = site.get("/123456782")
    assert (response.status_code, response.headers["location"]) == (301, "/123456782/")


def test_an_absent_register_is_told_without_a_trace(shelf: Any, site_of: Any) -> None:
    shelf.engine = open_engine("postgresql+psycopg://a:s3cret@127.0.0.1:1/b")
    with site_of(shelf) as site:
        assert site.get("/healthz").status_code == 200
        assert site.get("/readyz").status_code == 503
        response = site.get("/")
        assert response.status_code == 503
        assert response.headers["retry-after"] == "60"
        assert "Le registre ne répond pas" in response.text
        assert "s3cret" not in response.text


def test_a_question_that_takes_too_long_is_ended(
    shelf: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PATIENCE", text("SET LOCAL statement_timeout = '50ms'"))
    monkeypatch.setattr(
        pages, "publishers", lambda connection: connection.execute(text("SELECT pg_sleep(20)"))
    )
    shelf.on_line()
    assert site.get("/").status_code == 503


def test_documents_that_cannot_be_reached_are_not_said_to_be_changed(
    shelf: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_id = shelf.on_line()

    def away(*_: Any) -> Any:
        raise DocumentsAwayError("SlowDown")

    monkeypatch.setattr(DiskDocumentStore, "path", away)
    response = site.get(f"/123456782/actes/{copy_id}.pdf")
    assert (response.status_code, response.headers["retry-after"]) == (503, "60")
    assert "identique" not in response.text


def test_a_fault_of_ours_is_told_with_what_to_do(shelf: Any, site: Any) -> None:
    copy_id = shelf.on_line()
    with shelf.engine.begin() as connection:
        connection.execute(update(acte).values(nature=9))
    response = site.get(f"/123456782/actes/{copy_id}")
    assert response.status_code == 500
    assert "Le registre a rencontré une erreur" in response.text
    assert response.headers["x-frame-options"] == "DENY"
    assert "Traceback" not in response.text


def test_a_page_cannot_write_whatever_it_does(
    shelf: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_id = shelf.on_line("D2026_001", "Tarifs")

    def writing(connection: Any) -> None:
        connection.execute(update(acte).values(objet="changé"))
        connection.commit()

    monkeypatch.setattr(pages, "publishers", writing)
    # The server drops the connection of a request that failed: it is not kept for the next.
    assert site.get("/", headers={"Connection": "close"}).status_code == 500
    assert "Tarifs" in site.words(f"/123456782/actes/{copy_id}")


def test_it_is_ready_once_the_register_answers(shelf: Any, site: Any) -> None:
    assert site.get("/readyz").status_code == 200
    assert site.get("/healthz").text == "vivant\n"
