"""The queue, over a real register."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from transmission.domain.lifecycle import State
from transmission.store.tables import collectivite


def test_an_empty_queue_says_so(site: Any) -> None:
    assert "Rien ici pour le moment." in site.words("/")


def test_the_longest_wait_comes_first_and_final_acts_are_elsewhere(shelf: Any, site: Any) -> None:
    owner = shelf.authority()
    shelf.acte(owner, "B", since=shelf.ago(hours=1))
    shelf.acte(owner, "A", state=State.SUBMITTED, since=shelf.ago(days=3))
    shelf.acte(owner, "DONE", state=State.ACKNOWLEDGED, date_reception=date(2026, 11, 20))
    assert site.numbers("/") == ["A", "B"]
    assert site.numbers("/?etat=acknowledged") == ["DONE"]
    assert set(site.numbers("/?etat=tous")) == {"A", "B", "DONE"}


def test_a_row_says_what_the_act_is_and_what_it_waits_for(shelf: Any, site: Any) -> None:
    owner = shelf.authority(time_zone="America/Cayenne")
    shelf.acte(
        owner, "2026_001", "Tarifs de la cantine", state=State.IN_DOUBT, since=shelf.ago(hours=5),
        waiting_for="de savoir si le TdT a reçu l'envoi",
    )  # fmt: skip
    row = site.page("/").cssselect("tbody tr")[0]
    said = site.words_of(row)
    for expected in (
        "2026_001", "Tarifs de la cantine", "Commune de Saint-Exemple", "Délibération",
        "042-123456782-20261120-2026_001-DE", "Envoi incertain",
        "Attend de savoir si le TdT a reçu l'envoi", "il y a 5 h",
        "23 novembre 2026 à 5 h 05 (heure de Cayenne)",
    ):  # fmt: skip
        assert expected in said
    assert row.cssselect("time")[0].get("datetime") == "2026-11-23T08:05:00+00:00"


def test_a_contradiction_is_shown_beside_the_date_that_it_disputes(shelf: Any, site: Any) -> None:
    shelf.acte(
        shelf.authority(), "A", state=State.HELD, date_reception=date(2026, 11, 20),
        waiting_for="Une anomalie puis un accusé de réception.",
    )  # fmt: skip
    row = site.words_of(site.page("/").cssselect("tbody tr")[0])
    assert "Reçu en préfecture le 20 novembre 2026" in row
    assert "Une anomalie puis un accusé de réception." in row


def test_counts_and_ages_are_told_by_state(shelf: Any, site: Any) -> None:
    owner = shelf.authority()
    shelf.acte(owner, "A", state=State.HELD, since=shelf.ago(days=4), waiting_for="Refus.")
    shelf.acte(owner, "B", state=State.HELD, since=shelf.ago(days=2), waiting_for="Refus.")
    body = site.page("/")
    held = site.words_of(body.cssselect("#filtre-held")[0])
    assert held == "En attente d'un opérateur plus ancien : 4 jours 2"
    assert "2 envois à suivre, dont 2 attendent la décision" in site.words_of(body)


def test_filters_stay_in_the_links(shelf: Any, site: Any) -> None:
    shelf.acte(shelf.authority(), "A", state=State.HELD, waiting_for="Refus.")
    body = site.page("/?collectivite=123456782&etat=held")
    assert body.cssselect("#filtre-submitted")[0].get("href") == (
        "/?etat=submitted&collectivite=123456782"
    )
    assert body.cssselect("#filtre-held")[0].get("aria-current") == "true"
    assert body.cssselect("#direct")[0].get("href") == "/?etat=held&collectivite=123456782&fixe=1"


def test_one_authority_can_be_looked_at_alone(shelf: Any, site: Any) -> None:
    shelf.acte(shelf.authority(), "A")
    other = shelf.authority("Commune d'Essai", "732829320")
    shelf.acte(other, "B", siren="732829320")
    assert site.numbers("/?collectivite=732829320") == ["B"]
    assert site.numbers("/?collectivite=732 829 320") == ["B"]


def test_an_act_is_found_by_any_name_that_it_bears(shelf: Any, site: Any) -> None:
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
        assert site.numbers("/", params={"q": typed}) == ["2026_042"], typed


def test_a_search_without_result_says_so(shelf: Any, site: Any) -> None:
    shelf.acte(shelf.authority(), "2026_017", "Tarifs de la cantine")
    for typed in ("rien de tel", "100%", "a_b", "\\", "'; DROP TABLE acte; --"):
        assert "Aucun acte ne correspond" in site.words("/", params={"q": typed}), typed


def test_a_null_character_is_searched_as_nothing(shelf: Any, site: Any) -> None:
    shelf.acte(shelf.authority(), "A")
    assert site.numbers("/?q=%00") == ["A"]


def test_a_long_queue_is_read_page_after_page(shelf: Any, site: Any) -> None:
    owner = shelf.authority()
    wanted = [f"N{rank:03d}" for rank in range(120)]
    for rank, numero in enumerate(wanted):
        shelf.acte(owner, numero, since=shelf.ago(minutes=500 - rank // 2))
    seen, address = [], "/"
    while address:
        response = site.get(address)
        assert len(response.content) < 100_000
        seen += site.numbers_of(response)
        following = site.tree(response).cssselect("#page-suite")
        address = following[0].get("href") if following else ""
    assert seen == wanted


def test_an_address_that_means_nothing_is_told_so(site: Any) -> None:
    for address in ("/?etat=inconnu", "/?apres=x", "/?apres=1@hier", "/?q=" + "x" * 201):
        response = site.get(address)
        assert response.status_code == 400, address
        assert "Cette adresse n'est pas correcte" in site.words_of(site.tree(response))


def test_the_quarantine_is_on_the_desk_with_its_reason(shelf: Any, site: Any) -> None:
    owner = shelf.authority()
    found = shelf.retour(
        owner, None, b"<?xml version='1.0'?><x/>", status="quarantined", kind="non rattaché",
        reason="Aucun envoi ne correspond.",
    )  # fmt: skip
    shelf.retour(owner, None, b"applied")
    body = site.page("/")
    rows = body.cssselect("section:has(#quarantaine) tbody tr")
    assert len(rows) == 1
    assert "Aucun envoi ne correspond." in site.words_of(rows[0])
    assert rows[0].cssselect("a")[0].get("href") == f"/retours/{found}"
    assert not site.page("/?etat=held").cssselect("#quarantaine")


def test_an_answer_that_waits_has_a_line_of_its_own_that_says_so(shelf: Any, site: Any) -> None:
    owner, acte_id, _ = shelf.acknowledged()
    courrier_id = shelf.letter(owner, acte_id, "3-1")
    sent = shelf.answer(
        owner, acte_id, "3-4", State.HELD, courrier_id=courrier_id, waiting_for="Refus du TdT : KO"
    )
    body = site.page("/")
    [row] = body.cssselect("section:has(> #liste) tbody tr")
    assert "Pièces complémentaires" in site.words_of(row)
    assert "Refus du TdT : KO" in site.words_of(row)
    assert row.cssselect(".acte-lien")[0].get("href") == f"/actes/{acte_id}#envoi-{sent}"
    assert site.page(f"/actes/{acte_id}").cssselect(f"#envoi-{sent}")
    assert "1 envoi à suivre, dont 1 attend la décision" in site.words_of(body)


def test_what_is_over_is_listed_and_counted_for_acts_alone(shelf: Any, site: Any) -> None:
    owner, acte_id, _ = shelf.acknowledged()
    courrier_id = shelf.letter(owner, acte_id, "4-1")
    for message, state in (("4-4", State.ACKNOWLEDGED), ("4-2", State.DELIVERED)):
        shelf.answer(owner, acte_id, message, state, courrier_id=courrier_id)
    shelf.answer(owner, acte_id, "6-1", State.REJECTED)
    assert site.numbers("/?etat=acknowledged") == ["D20260009710"]
    assert site.numbers("/?etat=rejected") == []
    assert site.numbers("/?etat=tous") == ["D20260009710"]
    assert site.words_of(site.page("/").cssselect("#filtre-acknowledged")[0]).endswith(" 1")
    assert not site.page("/").cssselect("#filtre-delivered")


def test_a_letter_without_an_answer_is_on_the_desk(shelf: Any, site: Any) -> None:
    owner, acte_id, _ = shelf.acknowledged()
    waits = shelf.letter(owner, acte_id, "4-1", texte="Sans convention.")
    answered = shelf.letter(owner, acte_id, "2-1")
    shelf.answer(owner, acte_id, "2-2", State.DELIVERED, courrier_id=answered)
    body = site.page("/")
    [row] = body.cssselect("section:has(> #courriers) tbody tr")
    assert row.get("id") == f"courrier-{waits}"
    assert "Lettre d'observations du 21 novembre 2026" in site.words_of(row)
    assert "Sans convention." in site.words_of(row)
    assert "1 courrier sans réponse" in site.words_of(body)
    assert not site.page("/?etat=held").cssselect("#courriers")


def test_a_retour_in_quarantine_says_its_number_its_file_and_its_envelope(
    shelf: Any, site: Any
) -> None:
    owner = shelf.authority()
    container = shelf.retour(owner, None, b"\x1f\x8b archive", container=True, source="inbox:1")
    found = shelf.retour(
        owner, None, b"<?xml?>", status="quarantined", kind="non rattaché", parent_id=container,
        nom_fichier="042-123456782-20261120-X-DE-3-1_12.xml",
    )  # fmt: skip
    [row] = site.page("/").cssselect("section:has(> #quarantaine) tbody tr")
    said = site.words_of(row)
    assert f"Retour n° {found}" in said
    assert "042-123456782-20261120-X-DE-3-1_12.xml" in said
    assert "Demande de pièces complémentaires" in said
    whole = site.get(row.cssselect(f"#enveloppe-{found}")[0].get("href"))
    assert whole.content == b"\x1f\x8b archive"
    assert whole.headers["content-type"] == "application/gzip"


def test_an_act_is_found_by_the_number_that_it_was_sent_under(shelf: Any, site: Any) -> None:
    owner = shelf.authority()
    acte_id, _ = shelf.acte(owner, "2026_001", state=State.REJECTED)
    shelf.sending(owner, acte_id, "2026_001_2", State.ACKNOWLEDGED, shelf.ago(minutes=5))
    for typed in ("2026_001", "2026_001_2", "042-123456782-20261120-2026_001_2-DE"):
        assert site.numbers("/", params={"q": typed}) == ["2026_001"], typed


def test_the_queue_is_filtered_by_tdt_and_the_address_keeps_it(shelf: Any, site: Any) -> None:
    one, two = shelf.authority(), shelf.authority("Commune d'Ailleurs", siren="200000008")
    with shelf.engine.begin() as connection:
        settings = connection.execute(
            select(collectivite.c.settings).where(collectivite.c.id == two)
        ).scalar_one()
        settings["tdt"]["nom"] = "TdT & Cie"
        connection.execute(
            update(collectivite).where(collectivite.c.id == two).values(settings=settings)
        )
    shelf.acte(one, "2026_001", state=State.HELD)
    shelf.acte(two, "2026_002", siren="200000008", state=State.HELD)
    shelf.acte(two, "2026_003", siren="200000008", state=State.ACKNOWLEDGED)
    page = site.page("/?tdt=TdT+%26+Cie")
    assert [node.text for node in page.cssselect("tbody .numero")] == ["2026_002"]
    assert page.cssselect("#tdt option[selected]")[0].get("value") == "TdT & Cie"
    held = page.cssselect("#filtre-held")[0]
    assert held.cssselect(".compte")[0].text == "1"
    assert "tdt=TdT+%26+Cie" in held.get("href")
    for query, numbers in (
        ("etat=acknowledged", ["2026_003"]), ("etat=tous", ["2026_003", "2026_002"]),
        ("q=2026_001", []), ("q=2026_002", ["2026_002"]),
    ):  # fmt: skip
        assert site.numbers(f"/?tdt=TdT+%26+Cie&{query}") == numbers, query


@pytest.mark.parametrize(
    "typed",
    [
        "042-123456782-20261120-2026_001-DE",
        "042-123456782-20261120-2026_001-DE-1-1_1.pdf",
        "99_DE-042-123456782-20261120-2026_001-DE-1-1_1.pdf",
    ],
)
def test_an_act_is_found_by_its_identifier_and_by_that_of_a_file(
    shelf: Any, site: Any, typed: str
) -> None:
    owner = shelf.authority()
    shelf.acte(owner, "2026_001")
    shelf.acte(owner, "2026_002")
    assert site.numbers(f"/?q={typed}") == ["2026_001"]
