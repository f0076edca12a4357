"""The Atom feed: valid (RFC 4287), in pages (RFC 5005), stable, and true to the files."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from lxml import etree

from transmission.registre.app import create_app
from transmission.store.queries import registre

A = "{http://www.w3.org/2005/Atom}"
M = "{urn:ietf:params:xml:ns:metalink}"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
PATH = "/123456782/atom.xml"
HOSTILE = "<b>&amp;\u202efdp\x07\x00"


def read(response: Any) -> Any:
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/atom+xml"
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(response.content, parser)


def links_of(node: Any, rel: str) -> list[Any]:
    return [link for link in node.findall(f"{A}link") if link.get("rel") == rel]


def href(node: Any, rel: str) -> str:
    (link,) = links_of(node, rel)
    return str(link.get("href"))


def check_one_of_each(node: Any, *names: str) -> None:
    for name in names:
        (child,) = node.findall(A + name)
        assert (child.text or "").strip() or len(child), name


def check_instants_and_addresses(node: Any) -> None:
    for instant in node.iter(f"{A}updated", f"{A}published"):
        assert RFC_3339.fullmatch(instant.text), instant.text
        assert datetime.fromisoformat(instant.text).tzinfo
    for name in node.iter(f"{A}id"):
        assert name.text.startswith("urn:uuid:")
        UUID(name.text)
    for link in node.iter(f"{A}link"):
        parts = urlsplit(link.get("href"))
        assert parts.scheme in ("http", "https"), link.get("href")
        assert parts.netloc


def check_valid(feed: Any) -> None:
    """What RFC 4287 §4.1 requires, and nothing of Atom's names that it does not know."""
    assert feed.tag == f"{A}feed"
    known = {"id", "title", "updated", "author", "link", "entry"}
    assert {child.tag for child in feed} <= {A + name for name in known}
    check_one_of_each(feed, "id", "title", "updated", "author")
    check_one_of_each(feed.find(f"{A}author"), "name")
    assert len(links_of(feed, "self")) == len(links_of(feed, "alternate")) == 1
    check_instants_and_addresses(feed)
    entries = feed.findall(f"{A}entry")
    for entry in entries:
        check_one_of_each(entry, "id", "title", "updated", "summary")
        assert len(links_of(entry, "alternate")) == 1
        assert entry.find(f"{A}category").get("term")
    names = [entry.find(f"{A}id").text for entry in entries]
    assert len(set(names)) == len(names)


def test_a_feed_is_valid_and_tells_each_act_with_its_file_and_digest(shelf: Any, site: Any) -> None:
    copy_id = shelf.on_line("D2026_001", "Tarifs de la cantine", content=b"%PDF tampon")
    feed = read(site.get(PATH))
    check_valid(feed)
    (entry,) = feed.findall(f"{A}entry")
    assert entry.find(f"{A}title").text == "Délibération D2026_001 : Tarifs de la cantine"
    assert entry.find(f"{A}updated").text == "2026-11-23T13:05:00+00:00"
    summary = entry.find(f"{A}summary").text
    for told in ("2 novembre 2026", "5 novembre 2026", "Mis en ligne le 9 novembre 2026"):
        assert told in summary
    (file,) = links_of(entry, "enclosure")
    assert (file.get("type"), file.get("length")) == ("application/pdf", "11")
    given = site.get(file.get("href"))
    assert given.content == b"%PDF tampon"
    assert file.get("href").endswith(f"/123456782/actes/{copy_id}.pdf")
    digest = entry.find(f"{M}hash")
    assert digest.get("type") == "sha-256"
    assert given.headers["etag"] == f'"{digest.text}"'
    assert digest.text in summary
    assert site.get(href(entry, "alternate")).status_code == 200


def test_a_feed_without_any_act_is_valid(shelf: Any, site: Any) -> None:
    shelf.authority()
    feed = read(site.get(PATH))
    check_valid(feed)
    assert feed.find(f"{A}updated").text == "2026-11-23T13:05:00+00:00"


def test_hostile_texts_make_a_valid_feed(shelf: Any, site: Any) -> None:
    shelf.authority(nom=HOSTILE.replace("\x00", ""))
    shelf.on_line("D2026_001", HOSTILE.replace("\x00", ""))
    feed = read(site.get(PATH))
    check_valid(feed)
    assert feed.find(f"{A}author/{A}name").text == "<b>&amp;\ufffdfdp\ufffd"


def test_pages_of_a_feed_hold_every_act_once_the_last_published_first(
    shelf: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transmission.registre.pages.FEED_PAGE", 4)
    published = [
        # What is published late bears an old date, and is still what is new.
        shelf.on_line(f"D2026_{rank:03d}", f"Objet {rank}", day=date(2026, 9, 30) - timedelta(rank))
        for rank in range(10)
    ]
    seen, address, pages = [], PATH, 0
    while address:
        feed = read(site.get(address))
        check_valid(feed)
        assert href(feed, "first").endswith(PATH)
        assert href(feed, "self").endswith(address)
        seen += [href(entry, "alternate") for entry in feed.findall(f"{A}entry")]
        following, pages = links_of(feed, "next"), pages + 1
        address = following[0].get("href") if following else ""
    assert pages == 3
    assert [int(each.rpartition("/")[2]) for each in seen] == published[::-1]
    assert registre.FEED_PAGE == 50


def test_names_stay_when_the_register_moves(shelf: Any, site: Any, site_of: Any) -> None:
    shelf.on_line()
    before = read(site.get(PATH))
    shelf.public_url = "https://actes.example.org/mairie"
    with site_of(shelf) as moved:
        after = read(moved.get(PATH))
    assert [each.text for each in before.iter(f"{A}id")] == [
        each.text for each in after.iter(f"{A}id")
    ]
    assert href(after, "self") == "https://actes.example.org/mairie/123456782/atom.xml"
    assert href(before, "self") == f"{str(site.base_url).rstrip('/')}{PATH}"


def test_a_publication_that_takes_the_place_of_another_is_another_entry(
    shelf: Any, site: Any
) -> None:
    first = shelf.on_line(content=b"%PDF un")
    (before,) = read(site.get(PATH)).findall(f"{A}entry/{A}id")
    shelf.withdraw(first)
    shelf.publish(1, content=b"%PDF deux")
    (after,) = read(site.get(PATH)).findall(f"{A}entry/{A}id")
    assert before.text != after.text


def test_who_has_the_feed_already_is_not_given_it_again(shelf: Any, site: Any) -> None:
    shelf.on_line("D2026_001")
    etag = site.get(PATH).headers["etag"]
    again = site.get(PATH, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    shelf.on_line("D2026_002")
    assert site.get(PATH, headers={"If-None-Match": etag}).status_code == 200


def test_a_page_of_the_list_names_its_feed(shelf: Any, site: Any) -> None:
    shelf.on_line()
    (link,) = site.page("/123456782/").cssselect("link[rel=alternate]")
    assert link.get("type") == "application/atom+xml"
    check_valid(read(site.get(link.get("href"))))


def test_an_app_is_made_without_opening_anything(shelf: Any) -> None:
    assert create_app(shelf) is not None
    assert shelf.engine.pool.checkedout() == 0
