"""The legal story on the page of an act: states, dates and reasons, findings, « et si… »."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update

from transmission.domain.lifecycle import State
from transmission.store.tables import acte
from transmission.store.tables_legal import finding, legal_facts


def instant(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 9, tzinfo=UTC)


@pytest.fixture
def lettered(shelf: Any) -> tuple[int, int]:
    """A received and published act, a letter without answer; ids of the act and of the letter."""
    owner, acte_id, _ = shelf.acknowledged()
    with shelf.engine.begin() as connection:
        connection.execute(update(acte).values(date_mise_en_ligne=date(2026, 11, 24)))
    courrier_id = shelf.letter(
        owner, acte_id, "4-1", date_courrier=date(2027, 1, 18), received_at=instant(2027, 1, 20)
    )
    shelf.clock.at = instant(2027, 2, 10)
    return acte_id, courrier_id


def section(body: Any, name: str) -> Any:
    return body.cssselect(f"section:has(> #{name})")[0]


def found(shelf: Any, acte_id: int, code: str = "reception_tardive", **columns: Any) -> int:
    values = {
        "collectivite_id": 1, "acte_id": acte_id, "code": code, "key": f"acte:{acte_id}",
        "severity": "attention", "rule": "DT-1", "article": "CGCT, art. L. 2131-1",
        "message": "Reçu <b>trop tard</b>.", "remedy": "Vérifiez.", "evidence": [["Dû", "2 mai"]],
        "opened_at": shelf.ago(days=3),
    }  # fmt: skip
    return int(shelf.add(finding, **values | columns))


def test_the_page_gives_the_states_and_each_date_with_its_reason(
    lettered: tuple[int, int], site: Any
) -> None:
    body = section(site.page(f"/actes/{lettered[0]}"), "chronologie")
    states = [site.words_of(node) for node in body.cssselect(".etats dd")]
    assert states == ["Exécutoire", "Lettre d'observations en cours", "Expiré"]
    [defere] = body.cssselect("#date-defere")
    said = site.words_of(defere)
    assert said.startswith("Dernier jour du déféré 21 mai 2027 encore 100 jours Provisoire")
    assert "Lettre d'observations reçue le 20 janvier 2027" in said
    assert "Ce qui doit encore arriver : une réponse expresse à la lettre d'observations." in said
    assert "Attention : Répondez expressément à la lettre" in said
    assert "Règle DF-3, lu dans une source secondaire." in said
    assert "délai du déféré franc : oui (C-1)" in said
    assert "21 mai 2027" in site.words_of(section(site.page(f"/actes/{lettered[0]}"), "dates"))


def test_each_known_date_is_drawn_and_leads_to_its_reason(
    lettered: tuple[int, int], site: Any
) -> None:
    body = section(site.page(f"/actes/{lettered[0]}"), "chronologie")
    links = [node.get("href") for node in body.cssselect(".frise-nom a")]
    assert "#date-defere" in links
    assert "#date-rejet_tacite_lettre" in links
    assert all(body.cssselect(link) for link in links)
    drawings = body.cssselect(".frise svg")
    assert drawings
    assert not body.cssselect("[style], script, style")
    nested = [node for node in drawings if node.getparent().tag == "svg"]
    assert all(node.get("aria-hidden") == "true" for node in drawings if node not in nested)


def test_the_events_are_told_in_order_with_their_source_and_their_effect(
    lettered: tuple[int, int], shelf: Any, site: Any
) -> None:
    acte_id, _ = lettered
    shelf.letter(1, acte_id, "2-1", date_courrier=date(2027, 2, 2), received_at=instant(2027, 2, 3))
    body = section(site.page(f"/actes/{acte_id}"), "chronologie")
    events = [site.words_of(node) for node in body.cssselect(".evenement")]
    assert [event.split()[0] for event in events] == ["1", "2", "3", "4", "5"]
    assert "20 janvier 2027 Lettre d'observations (départ le 18 janvier 2027)" in events[3]
    assert "Source : courrier n° 1 (lettre d'observations)" in events[3]
    assert "Sans effet : un courrier simple" in events[4]


def test_a_long_story_is_folded_but_for_its_last_events(shelf: Any, site: Any) -> None:
    owner, acte_id, _ = shelf.acknowledged()
    for day in range(1, 20):
        shelf.letter(
            owner, acte_id, "2-1", date_courrier=date(2027, 1, day),
            received_at=instant(2027, 1, day),
        )  # fmt: skip
    shelf.clock.at = instant(2027, 2, 10)
    body = section(site.page(f"/actes/{acte_id}"), "chronologie")
    [folded] = body.cssselect("#evenements-anciens")
    assert site.words_of(folded.cssselect("summary")[0]) == "13 événements plus anciens"
    assert folded.get("open") is None
    assert len(folded.cssselect(".evenement")) == 13
    assert len(body.cssselect(".evenement")) == 21
    assert len(body.cssselect(".frise-repere")) <= 13


def test_an_answer_supposed_shows_before_and_after_and_leaves_the_story_alone(
    lettered: tuple[int, int], site: Any
) -> None:
    acte_id, _ = lettered
    plain = site.page(f"/actes/{acte_id}")
    body = site.page(f"/actes/{acte_id}?si=reponse_lettre&recu=2027-02-10&envoi=")
    rows = {
        site.words_of(row.cssselect("th")[0]): [site.words_of(cell) for cell in row.cssselect("td")]
        for row in body.cssselect(".changements tbody tr")
    }
    assert rows["Dernier jour du déféré"] == [
        "21 mai 2027 (provisoire)", "12 avril 2027", "39 jours plus tôt",
    ]  # fmt: skip
    said = site.words_of(section(body, "et-si"))
    assert "Hypothèse : rien de ceci n'est enregistré" in said
    assert "Réponse explicite à la lettre, reçue par l'État, le 10 février 2027" in said
    assert "21 mai 2027" in site.words_of(section(body, "chronologie"))
    assert "12 avril 2027" not in site.words_of(section(body, "chronologie"))
    assert not plain.cssselect(".hypothese")
    ids = [node.get("id") for node in body.cssselect("[id]")]
    assert len(ids) == len(set(ids))
    assert body.cssselect("[data-direct]")[0].get("data-direct") == ""


def test_the_form_keeps_what_was_typed_and_says_what_to_correct(
    lettered: tuple[int, int], site: Any
) -> None:
    body = site.page(f"/actes/{lettered[0]}?si=suspension&recu=&envoi=&si=&recu=&envoi=")
    [chosen] = body.cssselect("option[selected]")
    assert chosen.get("value") == "suspension"
    [problem] = body.cssselect(".probleme")
    assert "donnez sa date" in site.words_of(problem)
    assert not body.cssselect(".hypothese")
    assert len(body.cssselect(".suppose")) == 2


def test_an_event_that_would_change_nothing_says_why(lettered: tuple[int, int], site: Any) -> None:
    body = site.page(f"/actes/{lettered[0]}?si=courrier_simple&recu=2027-02-09")
    said = site.words_of(section(body, "et-si"))
    assert "Rien ne changerait." in said
    assert "Sans effet : Courrier simple de la préfecture, le 9 février 2027 :" in said


@pytest.mark.parametrize(
    "query",
    ["si=%00bidon&recu=2027-02-10", "si=pieces&recu=9999-12-31", "si=pieces&recu=%F0%9F%92%A9"],
)
def test_what_cannot_be_supposed_is_told_on_the_page(
    lettered: tuple[int, int], site: Any, query: str
) -> None:
    assert site.page(f"/actes/{lettered[0]}?{query}").cssselect(".probleme")


def test_no_more_events_are_read_than_a_person_would_type(
    lettered: tuple[int, int], site: Any
) -> None:
    many = "&".join(["si=pieces&recu=2027-02-10"] * 9)
    assert site.get(f"/actes/{lettered[0]}?{many}").status_code == 400


def test_the_findings_of_an_act_are_on_its_page_and_those_settled_are_folded(
    shelf: Any, site: Any
) -> None:
    _, acte_id, _ = shelf.acknowledged()
    assert not site.page(f"/actes/{acte_id}").cssselect("#constats")
    first = found(shelf, acte_id)
    seen = found(
        shelf, acte_id, "accuse_futur", severity="grave", rule="EL-7",
        acknowledged_at=shelf.ago(hours=1), acknowledged_by="directrice",
        acknowledged_reason="Panne du 17.",
    )  # fmt: skip
    closed = found(
        shelf, acte_id, closed_at=shelf.ago(hours=2), closed_reason="La cause a disparu."
    )
    body = section(site.page(f"/actes/{acte_id}"), "constats")
    assert [node.get("id") for node in body.cssselect("article")] == [
        f"constat-{seen}", f"constat-{first}", f"constat-{closed}",
    ]  # fmt: skip
    grave, late, over = (site.words_of(node) for node in body.cssselect("article"))
    assert "Pris acte" in grave
    assert "par directrice : Panne du 17." in grave
    assert "À vérifier" in grave
    assert "En prendre acte" not in grave
    assert "Reçu <b>trop tard</b>." in late
    assert f"En prendre acte : constat n° {first}" in late
    assert "La cause a disparu." in over
    assert [node.get("id") for node in body.cssselect("details article")] == [f"constat-{closed}"]


def test_an_act_outside_of_the_control_has_no_limit_and_says_why(shelf: Any, site: Any) -> None:
    owner = shelf.authority()
    acte_id, _ = shelf.acte(owner, "2026_001", state=State.SUBMITTED)
    with shelf.engine.begin() as connection:
        connection.execute(update(acte).values(nature=3, matiere="6.5"))
    shelf.add(
        legal_facts, collectivite_id=owner, acte_id=acte_id, author="directrice",
        facts={"categorie": "au_nom_de_l_etat"}, at=shelf.ago(hours=1),
    )  # fmt: skip
    body = site.page(f"/actes/{acte_id}")
    assert "Sans objet : Hors du contrôle de légalité." in site.words_of(section(body, "dates"))
    assert "Règle TR-5" in site.words_of(section(body, "chronologie"))
    assert not body.cssselect(".frise, .echeance")
