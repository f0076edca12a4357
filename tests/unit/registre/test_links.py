"""Addresses of the register's pages, whole or within a page, wherever a site keeps it."""

from datetime import date

import pytest

from transmission.registre.links import Links
from transmission.store.queries.registre import Place, Sifted

SIREN = "123456782"


def test_a_page_names_its_neighbours_from_the_top_of_the_site() -> None:
    links = Links.within(None)
    assert links.home() == "/"
    assert links.liste(SIREN) == "/123456782/"
    assert links.acte(SIREN, 7) == "/123456782/actes/7"
    assert links.pdf(SIREN, 7) == "/123456782/actes/7.pdf"
    assert links.feed(SIREN) == "/123456782/atom.xml"
    assert links.feed(SIREN, 50) == "/123456782/atom.xml?avant=50"
    assert links.asset("registre.css", "a1") == "/statique/registre.css?v=a1"


@pytest.mark.parametrize("end", ["", "/"])
def test_a_site_may_keep_the_register_in_a_path(end: str) -> None:
    links = Links.within(f"https://www.example.org/mairie/actes{end}")
    assert links.home() == "/mairie/actes/"
    assert links.pdf(SIREN, 7) == "/mairie/actes/123456782/actes/7.pdf"


def test_what_was_asked_for_follows_from_page_to_page() -> None:
    links, place = Links(), Place(date(2026, 11, 9), 31)
    asked = Sifted("école & marché", 2026)
    assert links.liste(SIREN, asked) == "/123456782/?q=%C3%A9cole+%26+march%C3%A9&annee=2026"
    assert links.liste(SIREN, Sifted(), place) == "/123456782/?apres=2026-11-09.31"
