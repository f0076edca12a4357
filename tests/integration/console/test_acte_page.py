"""The page of an act, over a real register."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import update

from transmission.domain.lifecycle import State
from transmission.store.tables import acte, retour, transmission
from transmission.store.tables_time_stamps import time_stamp


def test_an_act_tells_its_whole_story(shelf: Any, site: Any) -> None:
    owner, acte_id, sent = shelf.acknowledged(**shelf.parcel())
    shelf.event(
        owner, acte_id, sent, "released_to_submit", State.HELD, State.PREPARED,
        author="responsable des assemblées", reason="Le certificat est renouvelé.",
    )  # fmt: skip
    shelf.event(
        owner, acte_id, sent, "ar_received", State.SUBMITTED, State.ACKNOWLEDGED,
        details={"date_reception": "2026-11-20"},
    )  # fmt: skip
    events = [site.words_of(node) for node in site.page(f"/actes/{acte_id}").cssselect(".quoi")]
    assert events[0] == (
        "Accusé de réception reçu Transmise →vers Accusé de réception reçu "
        "Par le service Reçu en préfecture le20 novembre 2026"
    )
    assert "Relancée pour envoi" in events[1]
    assert "Par responsable des assemblées : Le certificat est renouvelé." in events[1]
    assert events[2].startswith("Prise en charge")


def test_an_act_gives_its_identity_and_its_dates(shelf: Any, site: Any) -> None:
    owner, acte_id, sent = shelf.acknowledged()
    shelf.event(
        owner, acte_id, sent, "submission_accepted", State.SUBMITTING, State.SUBMITTED,
        at=shelf.ago(minutes=30),
    )  # fmt: skip
    with shelf.engine.begin() as connection:
        connection.execute(
            update(acte).values(
                date_mise_en_ligne=date(2026, 11, 21), adresse_publication="https://x.example/a"
            )
        )
    body = site.page(f"/actes/{acte_id}")
    facts = {
        site.words_of(entry.cssselect("dt")[0]): site.words_of(entry.cssselect("dd")[0])
        for entry in body.cssselect(".fiche > div")
    }
    assert facts["Numéro de l'acte"] == "D20260009710"
    assert facts["Nature"] == "Délibération"
    assert facts["Matière"] == "7.1"
    assert facts["Identifiant de télétransmission"] == "042-123456782-20261120-D20260009710-DE"
    assert facts["Identifiant imprimé"] == "99_DE-042-123456782-20261120-D20260009710"
    assert facts["Date de la décision"] == "20 novembre 2026"
    assert facts["Pris en charge par DOTELEC - iXBus"] == "23 novembre 2026 à 13 h 35"
    assert facts["Reçu en préfecture le"].startswith("20 novembre 2026")
    assert facts["Dernier jour du déféré"].startswith("21 janvier 2027 encore 59 jours")
    assert "deux mois francs" in facts["Dernier jour du déféré"]
    assert "L. 2131-6" in facts["Dernier jour du déféré"]
    assert facts["Mise en ligne"] == "21 novembre 2026 https://x.example/a"
    assert site.words_of(body.cssselect(".mention p")[0]) == (
        "RECU EN PREFECTURELe 20 novembre 2026VIA DOTELEC - iXBus"
        "99_DE-042-123456782-20261120-D20260009710"
    )


def test_the_days_left_are_counted_in_the_civil_day_of_the_authority(shelf: Any, site: Any) -> None:
    _, acte_id, _ = shelf.acknowledged()
    shelf.clock.at = shelf.clock.at.replace(year=2027, month=1, day=21, hour=22, minute=30)
    assert "aujourd'hui" in site.get(f"/actes/{acte_id}").text
    shelf.clock.at += timedelta(hours=1)
    assert "passé" in site.get(f"/actes/{acte_id}").text


def test_no_date_of_receipt_is_shown_before_the_ar(shelf: Any, site: Any) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001", state=State.SUBMITTED)
    body = site.page(f"/actes/{acte_id}")
    assert "seul l'accusé de réception donne cette date" in site.words_of(body)
    dates = site.words_of(body.cssselect("section:has(> #dates)")[0])
    assert "Dernier jour du déféréInconnue, car " in dates
    assert "aucune réception en préfecture n'est connue" in dates
    assert not body.cssselect(".mention, #tampon, #accuse")


def test_the_echo_of_the_state_is_set_beside_what_was_sent(shelf: Any, site: Any) -> None:
    owner, acte_id, sent = shelf.acknowledged()
    found = shelf.retour(
        owner, sent, b"<?xml version='1.0'?><ar/>", date_reception=date(2026, 11, 20),
        notes=["la nature est écrite sur un chiffre"],
        differences=[{"champ": "objet", "envoye": "Été", "recu": "?t?"}],
    )  # fmt: skip
    with shelf.engine.begin() as connection:
        connection.execute(update(transmission).values(retour_id=found))
    section = site.page(f"/actes/{acte_id}").cssselect(f"#retour-{found}")[0]
    assert site.words_of(section.cssselect("h3")[0]) == "Accusé de réception (1-2) fait foi"
    assert "la nature est écrite sur un chiffre" in site.words_of(section)
    assert [site.words_of(c) for c in section.cssselect("tbody th, tbody td")] == [
        "Objet",
        "Été",
        "?t?",
    ]


def test_a_rejected_sending_stays_beside_the_one_that_followed(shelf: Any, site: Any) -> None:
    owner = shelf.authority()
    acte_id, _ = shelf.acte(owner, "2026_001", state=State.REJECTED, **shelf.parcel(1))
    shelf.sending(
        owner, acte_id, "2026_001", State.SUBMITTED, shelf.ago(minutes=5), **shelf.parcel(2)
    )
    headings = [site.words_of(h) for h in site.page(f"/actes/{acte_id}").cssselect("#envois ~ h3")]
    assert [heading.split(" : ")[1] for heading in headings] == ["Transmise", "Rejetée (anomalie)"]
    assert site.numbers("/") == ["2026_001"]
    assert site.numbers("/?etat=rejected") == []


def test_a_long_story_is_read_page_after_page_and_stays_light(shelf: Any, site: Any) -> None:
    owner = shelf.authority()
    acte_id, sent = shelf.acte(owner, "2026_001", state=State.PREPARED)
    for number in range(1, 131):
        shelf.attempt(sent, number, outcome="Unavailable", detail="connexion refusée", request="r")
        shelf.event(
            owner, acte_id, sent, "submission_unavailable", State.SUBMITTING, State.PREPARED,
            details={"issue": "Unavailable", "detail": "connexion refusée"},
        )  # fmt: skip
    attempts, events, address = [], [], f"/actes/{acte_id}"
    response = site.get(address)
    assert len(response.content) < 100_000
    while True:
        body = site.tree(response)
        attempts += [site.words_of(n) for n in body.cssselect(".tentatives tbody th")]
        following = body.cssselect("#tentatives-suite")
        if not following:
            break
        response = site.get(following[0].get("href"))
    assert attempts == [str(number) for number in range(130, 0, -1)]
    response = site.get(address)
    while True:
        body = site.tree(response)
        events += [node.get("id") for node in body.cssselect(".journal > li")]
        following = body.cssselect("#journal-suite")
        if not following:
            break
        response = site.get(following[0].get("href"))
    assert len(events) == len(set(events)) == 131


def test_what_does_not_exist_has_a_page_that_helps(site: Any) -> None:
    for address in (
        "/actes/999", "/actes/0", "/actes/-1", "/actes/x", f"/actes/{2**63}", "/retours/9",
        "/rien", "/statique/app.py", "/collectivites/123456782/actes/X",
    ):  # fmt: skip
        response = site.get(address)
        assert response.status_code == 404, address
        assert "Page introuvable" in site.words_of(site.tree(response))
        assert 'lang="fr"' in response.text


def test_an_act_is_reached_by_its_authority_and_number(shelf: Any, site: Any) -> None:
    acte_id, _ = shelf.acte(shelf.authority(), "2026_001")
    response = site.get("/collectivites/123456782/actes/2026_001")
    assert response.status_code == 302
    assert response.headers["location"] == f"/actes/{acte_id}"


def test_a_number_used_twice_leads_to_the_list(shelf: Any, site: Any) -> None:
    owner = shelf.authority()
    first, _ = shelf.acte(owner, "2026_001")
    with shelf.engine.begin() as connection:
        connection.execute(
            update(acte).where(acte.c.id == first).values(date_decision=date(2025, 1, 2))
        )
    shelf.acte(owner, "2026_001")
    response = site.get("/collectivites/123456782/actes/2026_001", follow_redirects=True)
    assert site.numbers_of(response) == ["2026_001", "2026_001"]


def gestes(node: Any) -> list[tuple[str, str]]:
    """Label and address of every action offered in a part of a page."""
    return [(link.text, link.get("href")) for link in node.cssselect(".gestes a")]


def test_a_letter_is_shown_with_its_documents_and_the_ways_to_answer(shelf: Any, site: Any) -> None:
    owner, acte_id, _ = shelf.acknowledged()
    courrier_id = shelf.letter(
        owner, acte_id, "3-1", ("plan.pdf",), texte="Merci d'envoyer <le plan>."
    )
    letter = site.page(f"/actes/{acte_id}").cssselect(f"#courrier-{courrier_id}")[0]
    said = site.words_of(letter)
    assert "Demande de pièces complémentaires du 21 novembre 2026" in said
    assert "Merci d'envoyer <le plan>." in said
    assert "La collectivité doit envoyer les pièces demandées, ou son refus." in said
    answers = f"/actes/{acte_id}/courriers/{courrier_id}/repondre"
    assert gestes(letter) == [
        ("Envoyer les pièces", f"{answers}/3-4"),
        ("Refuser", f"{answers}/3-3"),
    ]
    assert "courrier-ouvert" in letter.get("class")


def test_an_answer_is_shown_in_the_thread_of_its_letter_with_the_date_of_its_ar(
    shelf: Any, site: Any
) -> None:
    owner, acte_id, _ = shelf.acknowledged()
    first = shelf.letter(owner, acte_id, "4-1")
    other = shelf.letter(owner, acte_id, "2-1")
    sent = shelf.answer(
        owner, acte_id, "4-4", State.ACKNOWLEDGED, "réponse.pdf", courrier_id=first,
        date_reception=date(2026, 11, 22),
    )  # fmt: skip
    receipt = shelf.answer(owner, acte_id, "4-2", State.DELIVERED, courrier_id=first)
    body = site.page(f"/actes/{acte_id}")
    [answer] = body.cssselect(f"#courrier-{first} #envoi-{sent}")
    assert "Reçu en préfecture le 22 novembre 2026" in site.words_of(answer)
    assert "réponse.pdf" in site.words_of(answer)
    assert body.cssselect(f"#courrier-{first} #envoi-{receipt}")
    assert not body.cssselect(f"#courrier-{first} .gestes")
    assert not body.cssselect(f"#courrier-{other} .reponse")
    assert [node.get("id") for node in body.cssselect("article.courrier")] == [
        f"courrier-{other}",
        f"courrier-{first}",
    ]


def test_a_held_answer_offers_to_go_on_or_to_give_up(shelf: Any, site: Any) -> None:
    owner, acte_id, _ = shelf.acknowledged()
    courrier_id = shelf.letter(owner, acte_id, "3-1")
    sent = shelf.answer(
        owner, acte_id, "3-4", State.HELD, courrier_id=courrier_id, waiting_for="Refus du TdT : KO"
    )
    letter = site.page(f"/actes/{acte_id}").cssselect(f"#courrier-{courrier_id}")[0]
    assert "La décision d'une personne. Motif : Refus du TdT : KO." in site.words_of(letter)
    assert gestes(letter) == [
        ("Relancer", f"/actes/{acte_id}/envois/{sent}/relancer"),
        ("Abandonner", f"/actes/{acte_id}/envois/{sent}/abandonner"),
    ]


def test_what_follows_an_act_does_not_pass_for_its_state(shelf: Any, site: Any) -> None:
    owner, acte_id, _ = shelf.acknowledged()
    sent = shelf.answer(owner, acte_id, "6-1", State.HELD, waiting_for="Refus du TdT : KO")
    body = site.page(f"/actes/{acte_id}")
    assert site.words_of(body.cssselect(".situation .etat")[0]) == "Accusé de réception reçu"
    annulation = body.cssselect("section:has(> #annulation)")[0]
    assert "En attente d'un opérateur" in site.words_of(annulation)
    assert gestes(annulation)[0] == ("Relancer", f"/actes/{acte_id}/envois/{sent}/relancer")
    assert "annulation de la transmission" in site.words_of(body.cssselect(".journal")[0]).lower()


def test_a_rejected_act_is_offered_to_be_sent_again(shelf: Any, site: Any) -> None:
    acte_id, _ = shelf.acte(
        shelf.authority(), "2026_001", state=State.REJECTED, waiting_for="Anomalie 005"
    )
    situation = site.page(f"/actes/{acte_id}").cssselect(".situation")[0]
    assert gestes(situation) == [("Corriger et renvoyer", f"/actes/{acte_id}/renvoyer")]


def test_the_former_sendings_of_an_act_say_their_number_and_why_they_failed(
    shelf: Any, site: Any
) -> None:
    owner = shelf.authority()
    acte_id, _ = shelf.acte(
        owner, "2026_001", state=State.REJECTED, waiting_for="Anomalie 005 : numéro"
    )
    shelf.sending(owner, acte_id, "2026_001_2", State.SUBMITTED, shelf.ago(minutes=5))
    body = site.page(f"/actes/{acte_id}")
    former = site.words_of(body.cssselect("section:has(> #anciens)")[0])
    assert "Sous le numéro 2026_001 " in former
    assert "Anomalie 005 : numéro" in former
    assert "2026_001_2" not in former
    identity = site.words_of(body.cssselect("section:has(> #identite)")[0])
    assert "Envoyé sous le numéro2026_001_2" in identity
    assert "042-123456782-20261120-2026_001_2-DE" in identity
    assert not gestes(body.cssselect(".situation")[0])


def test_a_defere_calls_for_no_command(shelf: Any, site: Any) -> None:
    owner, acte_id, _ = shelf.acknowledged()
    courrier_id = shelf.letter(owner, acte_id, "5-1", texte="Incompétence")
    letter = site.page(f"/actes/{acte_id}").cssselect(f"#courrier-{courrier_id}")[0]
    assert "tribunal administratif" in site.words_of(letter)
    assert not letter.cssselect(".gestes")


def test_an_act_may_be_sent_again_when_it_was_withdrawn_and_not_when_the_state_had_it(
    shelf: Any, site: Any
) -> None:
    owner = shelf.authority()
    withdrawn, _ = shelf.acte(owner, "2026_001", state=State.CANCELLED)
    cancelled, _ = shelf.acte(
        owner, "2026_002", state=State.CANCELLED, date_reception=date(2026, 11, 20)
    )
    again = [("Corriger et renvoyer", f"/actes/{withdrawn}/renvoyer")]
    assert gestes(site.page(f"/actes/{withdrawn}").cssselect(".situation")[0]) == again
    assert not gestes(site.page(f"/actes/{cancelled}").cssselect(".situation")[0])


def test_time_stamps_are_shown_with_their_tokens_and_the_holes_with_their_reasons(
    shelf: Any, site: Any
) -> None:
    owner, acte_id, sent = shelf.acknowledged(**shelf.parcel())
    received = shelf.retour(owner, sent, b"<ar/>")
    token = shelf.documents.put_bytes(b"jeton")
    asked = {"collectivite_id": owner, "sha256": "1" * 64, "asked_at": shelf.clock.at}
    shelf.add(
        time_stamp, kind="seal", subject_id=sent, token_sha256=token.sha256, token_size=5,
        at=shelf.clock.at, obtained_at=shelf.clock.at, tsa="CN=Unité 1", oddity="Trop tôt.",
        **asked,
    )  # fmt: skip
    shelf.add(
        time_stamp, kind="ar", subject_id=received, next_attempt_at=shelf.clock.at,
        reason="connexion refusée.", **asked,
    )  # fmt: skip
    with shelf.engine.begin() as connection:
        connection.execute(update(retour).values(acte_id=acte_id))
    body = site.page(f"/actes/{acte_id}")
    seal, ar = map(site.words_of, body.cssselect("section:has(> #horodatages) tbody tr"))
    assert "23 novembre 2026 à 14 h 05" in seal
    assert "Trop tôt.CN=Unité 1" in seal
    assert "Pas encore obtenu" in ar
    assert "connexion refusée." in ar
    [link] = body.cssselect(f"#horodatage-seal-{sent}")
    given = site.get(link.get("href"))
    assert (given.status_code, given.content) == (200, b"jeton")
