"""What is told of an act from its page: on line, declared, entered, certified; and taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from lxml import html

from tests.support.bench import RECEPTION, Bench
from tests.support.counter import Counter, done, problems, words
from tests.support.prefecture import Prefecture, acte_received
from tests.support.scene import SIREN, pdf
from transmission.domain.identifiers import NatureActe
from transmission.domain.people import Grant, Person, Role
from transmission.domain.transmission import Author, Transmission
from transmission.services.declare import declare
from transmission.services.publish import publish
from transmission.services.record_event import events_entered
from transmission.store.queries.publications import current_publication

REASON = "à la demande du service juridique"
ELSEWHERE = "https://mairie.example.org/7.pdf"


def received(bench: Bench, prefecture: Prefecture, **changes: Any) -> Transmission:
    """An act whose AR came, in its bytes."""
    sent = bench.sent(contents=(pdf(),), **changes)
    prefecture.answers(sent, acte_received(sent.id_acte, RECEPTION))
    return bench.now_of(sent.id)


def journal(bench: Bench, acte_id: int, event: str) -> list[Any]:
    with bench.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT details, reason FROM journal WHERE acte_id = %s AND event = %s ORDER BY id",
            (acte_id, event),
        )
        return list(rows)


def online(bench: Bench, acte_id: int) -> Any:
    with bench.engine.connect() as connection:
        return current_publication(connection, acte_id)


# --- on line -----------------------------------------------------------------------------------


def test_an_act_is_put_on_line_elsewhere_then_taken_off(bench: Bench, counter: Counter) -> None:
    acte_id = bench.acknowledged().acte_id
    page = f"/actes/{acte_id}"
    form = counter.form(f"{page}/publier")
    told = counter.followed(
        form.send(le="2023-03-09", lieu="ailleurs", adresse=ELSEWHERE, motif=REASON)
    )
    assert "la mise en ligne est enregistrée" in done(told)
    assert (online(bench, acte_id).address, online(bench, acte_id).date_mise_en_ligne) == (
        ELSEWHERE, date(2023, 3, 9)
    )  # fmt: skip
    assert form.send(
        le="2023-03-09", lieu="ailleurs", adresse=ELSEWHERE, motif=REASON
    ).status_code == 303  # fmt: skip
    assert len(journal(bench, acte_id, "published")) == 1
    away = counter.form(f"{page}/depublier")
    response = away.send(motif="erreur")
    assert response.status_code == 422
    assert "jusqu'au 09/05/2023" in problems(response)["forcer"]
    assert "--forcer" not in response.text
    told = counter.followed(away.send(motif="erreur", forcer="oui"))
    assert "n'est plus en ligne" in done(told)
    assert online(bench, acte_id) is None
    assert f"{page}/depublier" not in counter.offers(page)
    assert "n'a été suivi qu'une fois" in done(
        counter.followed(away.send(motif="erreur", forcer="oui"))
    )
    assert counter.page(f"{page}/depublier", 409).cssselect("p.refus")


def test_the_register_serves_the_stamped_act(
    bench: Bench, counter: Counter, prefecture: Prefecture
) -> None:
    acte_id = received(bench, prefecture).acte_id
    form = counter.form(f"/actes/{acte_id}/publier")
    counter.followed(form.send(motif=REASON))
    assert online(bench, acte_id).is_served
    copy_id = online(bench, acte_id).id
    counter.followed(form.send(motif=REASON))
    assert online(bench, acte_id).id == copy_id


def test_every_problem_of_a_publication_is_told_at_once_in_words_of_the_page(
    bench: Bench, counter: Counter
) -> None:
    acte_id = bench.sent(nature=NatureActe.INDIVIDUEL).acte_id
    form = counter.form(f"/actes/{acte_id}/publier")
    response = form.send(le="2030-01-01", motif="")
    assert response.status_code == 422
    found = problems(response)
    assert set(found) == {"le", "lieu", "individuel", "motif"}
    assert "cochez la case" in found["individuel"]
    assert "--" not in "".join(found.values())
    page = html.fromstring(response.text)
    assert page.cssselect("#le")[0].get("value") == "2030-01-01"
    again = form.send(le="pas une date", lieu="ailleurs", motif=REASON)
    assert set(problems(again)) == {"le", "adresse"}
    assert online(bench, acte_id) is None


# --- declared ----------------------------------------------------------------------------------


def facts(bench: Bench, acte_id: int) -> Any:
    with bench.tools.register() as unit:
        return unit.legal_facts(acte_id)


def test_a_fact_is_declared_corrected_and_withdrawn(bench: Bench, counter: Counter) -> None:
    acte_id = bench.acknowledged().acte_id
    path = f"/actes/{acte_id}/declarer"
    told = counter.followed(
        counter.form(path).send(date_signature="2023-03-03", montant_ht="90000,50", motif=REASON)
    )
    assert "la déclaration est enregistrée" in done(told)
    page = counter.page(path)
    assert page.cssselect("#date_signature")[0].get("value") == "2023-03-03"
    bench.clock.advance(60)
    counter.followed(counter.form(path).send(date_signature="", tacite="oui", motif="erreur"))
    newest = facts(bench, acte_id)[0]
    assert newest.declaration.date_signature is None
    assert newest.declaration.tacite is True
    assert str(newest.declaration.marche.montant_ht) == "90000.50"
    assert newest.reason == "erreur"


def test_wrong_facts_are_told_all_at_once(bench: Bench, counter: Counter) -> None:
    acte_id = bench.acknowledged().acte_id
    response = counter.form(f"/actes/{acte_id}/declarer").send(
        montant_ht="beaucoup", exercice="hier", categorie="rien", motif=REASON
    )
    assert response.status_code == 422
    assert set(problems(response)) == {
        "montant_ht", "exercice", "categorie", "document_budgetaire"
    }  # fmt: skip
    [field] = html.fromstring(response.text).cssselect("#montant_ht")
    assert field.get("value") == "beaucoup"
    assert not facts(bench, acte_id)


def test_declaring_twice_or_nothing_changes_nothing(bench: Bench, counter: Counter) -> None:
    acte_id = bench.acknowledged().acte_id
    form = counter.form(f"/actes/{acte_id}/declarer")
    assert "Rien n'est changé" in problems(form.send(motif=REASON))["date_signature"]
    for _ in range(2):
        counter.followed(form.send(tacite="non", motif=REASON))
    assert len(facts(bench, acte_id)) == 1


def test_what_a_colleague_declared_meanwhile_is_not_undone_by_an_old_page(
    bench: Bench, counter: Counter
) -> None:
    acte_id = bench.acknowledged().acte_id
    form = counter.form(f"/actes/{acte_id}/declarer")
    declare(bench.tools, acte_id, {"date_signature": "2023-03-03"}, Author("une collègue"))
    response = form.send(tacite="oui", motif=REASON)
    assert response.status_code == 409
    assert "a changé depuis" in problems(response)[""]
    assert facts(bench, acte_id)[0].declaration.date_signature == date(2023, 3, 3)


# --- entered -----------------------------------------------------------------------------------


def entered(bench: Bench, acte_id: int) -> Any:
    with bench.tools.register() as unit:
        return events_entered(unit, acte_id)


def test_an_event_is_entered_once_then_taken_back(bench: Bench, counter: Counter) -> None:
    acte_id = bench.acknowledged().acte_id
    path = f"/actes/{acte_id}/evenements"
    form = counter.form(path)
    typed = {
        "evenement": "recours_gracieux",
        "recu": "2023-03-10",
        "envoye": "2023-03-09",
        "preuve": "recommandé",
        "motif": REASON,
    }
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: form.send(**typed), range(2)))
    assert [each.status_code for each in answers] == [303, 303]
    [recorded] = entered(bench, acte_id)
    assert (recorded.entry.preuve, recorded.reason) == ("recommandé", REASON)
    assert recorded.entry.event.sent == date(2023, 3, 9)
    assert "n'a été suivi qu'une fois" in done(counter.followed(form.send(**typed)))
    back = f"{path}/{recorded.id}/retirer"
    assert counter.offers(path) == [back]
    away = counter.form(back)
    for _ in range(2):
        counter.followed(away.send(motif="erreur de saisie"))
    [taken] = entered(bench, acte_id)
    assert taken.retracted.reason == "erreur de saisie"
    assert counter.offers(path) == []
    assert len(journal(bench, acte_id, "event_retracted")) == 1
    assert "déjà retirée" in words(counter.page(back, 409).cssselect("p.refus")[0])
    assert counter.client.get(f"{path}/999/retirer").status_code == 404


def test_an_event_that_cannot_be_is_told_with_every_reason(bench: Bench, counter: Counter) -> None:
    acte_id = bench.acknowledged().acte_id
    form = counter.form(f"/actes/{acte_id}/evenements")
    response = form.send(evenement="publication", recu="2023-03-11", partiel="oui", motif=REASON)
    assert response.status_code == 422
    found = problems(response)
    assert set(found) == {"recu", "mode", "partiel"}
    assert "« Mettre en ligne »" in found["mode"]
    assert problems(form.send(motif=REASON)).keys() == {"evenement"}
    undated = form.send(evenement="defere", motif=REASON)
    assert problems(undated) == {
        "recu": "Il manque la date de réception de l'événement. Donnez-la."
    }
    page = html.fromstring(undated.text)
    assert page.cssselect("#evenement option[selected]")[0].get("value") == "defere"
    assert not entered(bench, acte_id)


# --- certified ---------------------------------------------------------------------------------


def test_a_certificate_is_issued_once_kept_and_taken(
    bench: Bench, counter: Counter, prefecture: Prefecture
) -> None:
    acte_id = received(bench, prefecture).acte_id
    publish(bench.tools, acte_id, date(2023, 3, 10), ELSEWHERE, Author("secrétariat"))
    path = f"/actes/{acte_id}/certificat"
    form = counter.form(path)
    for _ in range(2):
        told = counter.followed(form.send(fonction="Le maire", motif=REASON))
    [issued] = journal(bench, acte_id, "certified")
    assert issued.reason == REASON
    assert "n'a été suivi qu'une fois" in done(told)
    [link] = told.cssselect("#certificat-1 a")
    taken = counter.client.get(link.get("href"))
    assert taken.status_code == 200
    assert taken.content.startswith(b"%PDF")
    assert "attachment" in taken.headers["content-disposition"]
    assert link.get("href").endswith(issued.details["sha256"])
    unknown = counter.client.get(f"/actes/{acte_id}/certificats/{'0' * 64}")
    assert unknown.status_code == 404
    counter.person = Person(2, "ailleurs", (Grant(Role.AGENT, "123456790"),))
    assert counter.client.get(link.get("href")).status_code == 404


def test_every_formality_that_is_missing_is_told_before_and_refused_after(
    bench: Bench, counter: Counter
) -> None:
    acte_id = bench.sent().acte_id
    path = f"/actes/{acte_id}/certificat"
    page = counter.page(path, 409)
    missing = words(page.cssselect(".consigne")[0])
    assert "L'accusé de réception de la préfecture n'est pas arrivé." in missing
    assert "Aucune publicité" in missing
    assert "« transmission" not in missing
    assert not journal(bench, acte_id, "certified")


def test_a_formality_undone_meanwhile_refuses_the_certificate(
    bench: Bench, counter: Counter, prefecture: Prefecture
) -> None:
    acte_id = received(bench, prefecture).acte_id
    publish(bench.tools, acte_id, date(2023, 3, 10), ELSEWHERE, Author("secrétariat"))
    form = counter.form(f"/actes/{acte_id}/certificat")
    no_function = form.send(motif=REASON)
    assert problems(no_function).keys() == {"fonction"}
    with bench.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE transmission SET state = 'cancelled' WHERE acte_id = %s", (acte_id,)
        )
    response = form.send(fonction="Le maire", motif=REASON)
    assert response.status_code == 422
    assert "annulée" in problems(response)[""]
    assert html.fromstring(response.text).cssselect("#fonction")[0].get("value") == "Le maire"
    assert not journal(bench, acte_id, "certified")


# --- rights ------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["publier", "declarer", "evenements", "certificat"])
def test_only_those_who_may_follow_complete_the_file(
    bench: Bench, counter: Counter, action: str
) -> None:
    acte_id = bench.acknowledged().acte_id
    path = f"/actes/{acte_id}/{action}"
    assert path in counter.offers(f"/actes/{acte_id}")
    counter.person = Person(2, "lectrice", (Grant(Role.READER, SIREN),))
    assert counter.offers(f"/actes/{acte_id}") == []
    refused = counter.client.get(path)
    assert refused.status_code == 403
    assert "répondre, publier, déclarer et annuler" in words(html.fromstring(refused.text))
    posted = counter.client.post(path, data={"jeton_formulaire": "jeton", "motif": "x"})
    assert posted.status_code == 403
