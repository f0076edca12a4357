"""The queue, over a real register."""

from datetime import date
from typing import Any

from transmission.domain.lifecycle import State


def test_an_empty_queue_says_so(site: Any) -> None:
    assert "Aucun acte ici pour le moment." in site.words("/")


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
