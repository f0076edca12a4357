"""The compliance page: what is open, the limits that come, and the same as files."""

import csv
import json
from io import StringIO
from typing import Any

import pytest

from transmission.console import compliance
from transmission.store.queries import findings
from transmission.store.tables_legal import finding

OTHER = "200000008"


def found(shelf: Any, owner: int, key: str, code: str = "reception_tardive", **columns: Any) -> int:
    values = {
        "collectivite_id": owner, "code": code, "key": key, "severity": "attention",
        "rule": "DT-1", "article": "CGCT, art. L. 2131-1", "message": f"Constat {key}.",
        "remedy": "Vérifiez.", "evidence": [["Dû", "2 mai"]], "opened_at": shelf.ago(days=3),
    }  # fmt: skip
    return int(shelf.add(finding, **values | columns))


def shown(site: Any, address: str) -> list[str]:
    """The findings of a page, in order."""
    return [node.get("id") for node in site.page(address).cssselect("#constats ~ article")]


def rows(site: Any, address: str) -> list[dict[str, str]]:
    """The rows of the file for spreadsheets."""
    text = site.get(address).text.removeprefix("\ufeff")
    return list(csv.DictReader(StringIO(text), delimiter=";"))


@pytest.fixture
def desk(shelf: Any) -> dict[str, int]:
    """Findings of two authorities; their numbers."""
    owner = shelf.authority()
    other = shelf.authority("Commune d'Ailleurs", siren=OTHER)
    acte_id, _ = shelf.acte(owner, "2026_001", "Tarifs")
    return {
        "late": found(shelf, owner, "a", acte_id=acte_id),
        "grave": found(shelf, owner, "b", "accuse_futur", severity="grave", rule="EL-7"),
        "seen": found(
            shelf, owner, "c", severity="info", rule=None, acknowledged_at=shelf.ago(hours=1),
            acknowledged_by="directrice", acknowledged_reason="Panne du 17.",
        ),
        "elsewhere": found(shelf, other, "d"),
        "closed": found(shelf, owner, "e", closed_at=shelf.ago(hours=2), closed_reason="Réglé."),
    }  # fmt: skip


def test_open_findings_are_told_the_gravest_first_with_what_to_do(
    desk: dict[str, int], site: Any
) -> None:
    order = [f"constat-{desk[name]}" for name in ("grave", "elsewhere", "late", "seen")]
    assert shown(site, "/conformite") == order
    body = site.page("/conformite")
    said = site.words_of(body.cssselect(f"#constat-{desk['late']}")[0])
    assert "Attention Acte reçu en préfecture après le délai de transmission" in said
    assert "2026_001 Tarifs · Commune de Saint-Exemple" in said
    assert "Constat a. À faire : Vérifiez. Dû2 mai Règle DT-1. CGCT, art. L. 2131-1" in said
    assert "Ouvert il y a 3 jours, le 20 novembre 2026 à 14 h 05." in said
    assert site.words_of(body.cssselect(".chapo")[0]) == (
        "4 constats ouverts, dont 1 grave ; 3 dont personne n'a pris acte."
    )
    assert body.cssselect("nav a[aria-current=page]")[0].get("href") == "/conformite"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("gravite=grave", ["grave"]),
        ("controle=reception_tardive&collectivite=123456782", ["late", "seen"]),
        ("collectivite=200 000 008", ["elsewhere"]),
        ("vu=oui", ["seen"]),
        ("vu=non&gravite=attention", ["elsewhere", "late"]),
        ("controle=inconnu", []),
    ],
)
def test_a_filter_narrows_the_page_and_both_files_alike(
    desk: dict[str, int], site: Any, query: str, names: list[str]
) -> None:
    wanted = [desk[name] for name in names]
    assert shown(site, f"/conformite?{query}") == [f"constat-{number}" for number in wanted]
    assert [int(row["N°"]) for row in rows(site, f"/conformite.csv?{query}")] == wanted
    document = site.get(f"/conformite.json?{query}").json()
    assert [each["id"] for each in document["findings"]] == wanted
    assert document["complete"] is True


def test_every_filter_of_the_page_leads_to_a_page(desk: dict[str, int], site: Any) -> None:
    links = [node.get("href") for node in site.page("/conformite").cssselect(".filtres a")]
    assert len(links) == 4 + 3 + 3
    for link in links:
        assert site.get(link).status_code == 200, link


@pytest.mark.parametrize("query", ["gravite=x", "vu=x"])
@pytest.mark.parametrize("form", ["", ".csv", ".json"])
def test_a_filter_that_means_nothing_is_refused(site: Any, query: str, form: str) -> None:
    assert site.get(f"/conformite{form}?{query}").status_code == 400


@pytest.mark.parametrize("place", ["x", "0-99999999999999999999", "-1-1"])
def test_a_place_in_the_list_that_means_nothing_is_refused(site: Any, place: str) -> None:
    assert site.get(f"/conformite?apres={place}").status_code == 400


def test_a_long_list_is_read_page_after_page(shelf: Any, site: Any) -> None:
    owner = shelf.authority()
    severities = ("info", "grave", "attention")
    for rank in range(75):
        found(shelf, owner, f"k{rank}", severity=severities[rank % 3])
    read_, address = [], "/conformite?collectivite=123456782"
    while address:
        body = site.page(address)
        page = [node.get("id") for node in body.cssselect("#constats ~ article")]
        assert len(page) <= findings.FINDINGS_PAGE
        read_ += page
        following = body.cssselect("#page-suite")
        address = following[0].get("href") if following else ""
    assert len(read_) == len(set(read_)) == 75
    graves = [f"constat-{number}" for number in range(74, 0, -3)]
    assert read_[:25] == graves


def test_a_file_that_stops_before_the_end_says_so(
    shelf: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compliance, "EXPORTED", 4)
    monkeypatch.setattr(compliance, "_BATCH", 2)
    owner = shelf.authority()
    for rank in range(4):
        found(shelf, owner, f"k{rank}")
    assert site.get("/conformite.json").json()["complete"] is True
    found(shelf, owner, "k5")
    document = site.get("/conformite.json").json()
    assert (len(document["findings"]), document["complete"]) == (4, False)


def test_a_file_is_saved_and_can_do_nothing_in_a_spreadsheet(shelf: Any, site: Any) -> None:
    owner = shelf.authority("=cmd|' /C calc'!A0")
    found(shelf, owner, "a", message="=HYPERLINK(1)", evidence=[["+1", "-2"]])
    response = site.get("/conformite.csv")
    assert response.headers["content-disposition"].startswith('attachment; filename="constats.csv"')
    assert "sandbox" in response.headers["content-security-policy"]
    [row] = rows(site, "/conformite.csv")
    assert row["Constat"] == "'=HYPERLINK(1)"
    assert row["Collectivité"].startswith("'=cmd")
    assert row["Preuves"].startswith("'+1")
    named = site.get("/conformite.json?collectivite=123456782")
    assert 'filename="constats-123456782.json"' in named.headers["content-disposition"]
    assert json.loads(named.text)["findings"][0]["message"] == "=HYPERLINK(1)"


def test_what_comes_from_outside_is_escaped(shelf: Any, site: Any) -> None:
    owner = shelf.authority()
    found(shelf, owner, "a", message="<script>x</script>", acknowledged_at=shelf.ago(hours=1),
          acknowledged_by="<b>", acknowledged_reason="\u202e<i>")  # fmt: skip
    text = site.get("/conformite").text
    assert "<script>x" not in text
    assert "&lt;script&gt;x" in text
    assert "\u202e" not in text


def test_an_empty_page_says_so(shelf: Any, site: Any) -> None:
    said = site.words("/conformite")
    assert "Aucun constat ouvert." in said
    assert "Aucune échéance" in said
    assert rows(site, "/conformite.csv") == []
    assert "Aucun constat ne correspond" in site.words("/conformite?gravite=grave")
