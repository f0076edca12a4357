"""The console to whoever reads English: what it says is English, or marked as French."""

import json
import re
from typing import Any

import httpx
from lxml import html

from tests.support.pages import EVERYBODY, Visited

FRENCH = re.compile(
    r"\b(le|la|les|des|du|une|un|et|est|sont|ou|qui|que|par|pour|sur|dans|avec|sans|aucune?|cette"
    r"|acte|actes|envoi|envois|courrier|reçue?|bureau|motif|retour|constat|dossier|séance|depuis"
    r"|jour|jours|compte|nouveau|voir|fichier|échéance|chez|état)\b",
    re.IGNORECASE,
)
"""Words that no page in English has outside what is marked as French."""

ENGLISH = {"accept-language": "en-GB,en;q=0.9"}


def said_in_english(page: Any) -> str:
    """What a page says in English: its texts and the names of its parts.

    What it announces repeats its texts, where nothing can be marked.
    """
    for marked in page.xpath("//*[@lang='fr']|//code|//script"):
        tail = marked.tail
        marked.clear()
        marked.tail = tail
    named = page.xpath("//@aria-label|//@placeholder|//@title")
    # Proper names are in no language (WCAG 3.1.2).
    return " | ".join([*page.itertext(), *named]).replace("Transmission des actes", "")


def test_every_page_speaks_english_and_says_where_it_does_not(visited: Visited) -> None:
    visited.shelf.language = "en"
    told, seen = {}, 0
    with httpx.Client(
        base_url=visited.url, timeout=30, cookies=visited.cookies, headers=ENGLISH
    ) as client:
        for address in visited.pages():
            page = html.fromstring(client.get(address).content.decode())
            assert page.get("lang") == "en", address
            said = said_in_english(page)
            found = FRENCH.finditer(said)
            told[address] = [said[max(0, one.start() - 40) : one.end() + 40] for one in found]
            seen += 1
    broken = {address: found for address, found in told.items() if found}
    assert not broken, json.dumps(broken, indent=1, ensure_ascii=False)
    assert seen > 40


def test_whoever_chose_nothing_reads_french_whatever_their_browser_says(
    visited: Visited,
) -> None:
    visited.shelf.person = EVERYBODY
    with httpx.Client(base_url=visited.url, timeout=30, headers=ENGLISH) as client:
        french = client.get("/").text
        assert '<html lang="fr">' in french
        assert "<h1>File d'attente</h1>" in french
        assert 'lang="en"' not in french


def test_a_stranger_reads_what_their_browser_prefers_or_what_they_press(visited: Visited) -> None:
    visited.shelf.person = None
    with httpx.Client(base_url=visited.url, timeout=30, headers=ENGLISH) as client:
        english = client.get("/connexion?suite=/bureaux")
        assert "<h1>Sign in</h1>" in english.text
        link = html.fromstring(english.text).xpath("//a[@hreflang='fr']/@href")[0]
        french = client.get(link)
        assert "<h1>Se connecter</h1>" in french.text
        assert html.fromstring(french.text).xpath("//input[@name='suite']/@value") == ["/bureaux"]
        again = html.fromstring(french.text).xpath("//form/@action")[0]
        refused = client.post(again, data={"identifiant": "personne", "mot_de_passe": "rien"})
        assert refused.status_code == 422
        assert '<html lang="fr">' in refused.text
