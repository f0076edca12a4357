"""What the compliance page counts, and the limits that come, over a real register."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from tests.support.limits import give, read
from transmission.console import compliance_page
from transmission.domain.legal.noms import DateName
from transmission.store.queries import findings
from transmission.store.tables_legal import finding

OTHER = "200000008"
TODAY = date(2026, 11, 23)


def fill(shelf: Any, owner: int, count: int) -> None:
    """That many open findings."""
    rows = [
        {
            "collectivite_id": owner, "code": "reception_tardive", "key": f"k{rank}",
            "severity": "attention", "article": "a", "message": "m", "remedy": "r",
            "evidence": [], "opened_at": shelf.ago(days=1),
        }
        for rank in range(count)
    ]  # fmt: skip
    with shelf.engine.begin() as connection:
        connection.execute(insert(finding), rows)


def test_counts_stop_where_they_help_nobody(
    shelf: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "FINDINGS_CEILING", 3)
    monkeypatch.setattr(compliance_page, "FINDINGS_CEILING", 3)
    fill(shelf, shelf.authority(), 6)
    assert "Plus de 3 constats ouverts" in site.words("/conformite")


def test_ten_thousand_open_findings_still_make_a_light_page(shelf: Any, site: Any) -> None:
    fill(shelf, shelf.authority(), 10_000)
    response = site.get("/conformite")
    assert "Plus de 5" in site.words_of(site.tree(response))
    assert len(response.content) < 100_000


def test_the_next_limits_are_told_by_authority_and_lead_to_their_reason(
    shelf: Any, site: Any
) -> None:
    owner = shelf.authority()
    other = shelf.authority("Commune d'Ailleurs", siren=OTHER)
    for who, days in ((owner, 9), (other, 2)):
        acte_id, _ = shelf.acte(who, f"2026_00{who}", "Tarifs")
        read(shelf.engine, who, acte_id)
        soon = TODAY + timedelta(days=days)
        give(shelf.engine, who, acte_id, soon, DateName.REJET_TACITE_LETTRE, rule="DF-3")
        give(shelf.engine, who, acte_id, TODAY, DateName.DEFERE, provisional=False)
        give(shelf.engine, who, acte_id, TODAY + timedelta(days=40), DateName.RETRAIT)
        give(shelf.engine, who, acte_id, TODAY + timedelta(days=1), DateName.TIERS)
        give(shelf.engine, who, acte_id, TODAY - timedelta(days=1), DateName.PUBLICITE_MINIMUM)
    body = site.page("/conformite")
    limits = {
        site.words_of(node.cssselect("summary h3")[0]): [
            site.words_of(row) for row in node.cssselect("tbody tr")
        ]
        for node in body.cssselect("#echeances ~ details")
    }
    assert set(limits) == {"Commune de Saint-Exemple", "Commune d'Ailleurs"}
    today, letter = limits["Commune de Saint-Exemple"]
    assert today.startswith("23 novembre 2026 aujourd'hui Dernier jour du déféré règle")
    assert letter.startswith(
        "2 décembre 2026 9 jours Rejet implicite de la lettre d'observations À faire Provisoire"
    )
    link = body.cssselect(f"#echeances-{OTHER} tbody a")[1].get("href")
    assert link.endswith("#date-rejet_tacite_lettre")
    alone = site.page(f"/conformite?collectivite={OTHER}")
    assert len(alone.cssselect("#echeances ~ details")) == 1


def test_limits_of_acts_that_are_no_more_are_not_told(shelf: Any, site: Any) -> None:
    owner = shelf.authority()
    acte_id, _ = shelf.acte(owner, "2026_001")
    read(shelf.engine, owner, acte_id, acte="retire")
    give(shelf.engine, owner, acte_id, TODAY, DateName.DEFERE)
    assert "Aucune échéance dans les 30 jours" in site.words("/conformite")


def test_more_limits_than_are_shown_are_said(
    shelf: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compliance_page, "LIMITS_SHOWN", 2)
    owner = shelf.authority()
    for rank in range(3):
        acte_id, _ = shelf.acte(owner, f"2026_00{rank}")
        read(shelf.engine, owner, acte_id)
        give(shelf.engine, owner, acte_id, TODAY, DateName.DEFERE)
    body = site.page("/conformite")
    assert len(body.cssselect("#echeances ~ details tbody tr")) == 2
    [more] = body.cssselect("#echeances ~ details caption a")
    assert len(site.page(more.get("href")).cssselect("#echeances ~ details tbody tr")) == 3
