"""Release, abandon, cancel, resend from the pages: as the state and the rights allow, once each."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from lxml import html

from tests.support.bench import Bench
from tests.support.counter import CLERK, Counter, done, problems, words
from tests.support.prefecture import Prefecture, acte_refused, letter
from tests.support.scene import SIREN
from transmission.domain.lifecycle import Event, State
from transmission.domain.people import Grant, Person, Role
from transmission.domain.transmission import SERVICE, Author, Transmission
from transmission.ports import Opening, Step
from transmission.services.release import abandon, release

REASON = "certificat renouvelé"


def held(bench: Bench, made: Transmission) -> Transmission:
    with bench.tools.register() as unit:
        moved = unit.move(
            made, Event.HELD, SERVICE, bench.clock.now(), Step(waiting_for="Certificat expiré")
        )
        unit.commit()
    return moved


def refused(bench: Bench, prefecture: Prefecture) -> Transmission:
    sent = bench.sent()
    prefecture.answers(sent, acte_refused(sent.id_acte, "002"))
    return bench.now_of(sent.id)


def journal(bench: Bench, sent: Transmission) -> Any:
    with bench.engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT event, author, reason FROM journal WHERE transmission_id = %s ORDER BY id",
            (sent.id,),
        )
        return [tuple(row) for row in found]


# --- release and abandon -----------------------------------------------------------------------


def test_a_held_act_is_released_in_the_name_of_who_did_it(bench: Bench, counter: Counter) -> None:
    sent = held(bench, bench.prepared())
    page = f"/actes/{sent.acte_id}"
    assert f"{page}/envois/{sent.id}/relancer" in counter.offers(page)
    form = counter.form(f"{page}/envois/{sent.id}/relancer")
    told = counter.followed(form.send(motif=REASON))
    assert done(told) == "C'est fait : l'envoi reprend."
    assert bench.now_of(sent.id).state is State.PREPARED
    assert journal(bench, sent)[-1] == ("released_to_submit", CLERK.name, REASON)
    assert f"{page}/envois/{sent.id}/relancer" not in counter.offers(page)


def test_the_page_says_what_will_happen_and_whether_it_can_be_undone(
    bench: Bench, counter: Counter
) -> None:
    never_sent = held(bench, bench.acte())
    path = f"/actes/{never_sent.acte_id}/envois/{never_sent.id}"
    said = words(counter.page(f"{path}/relancer").cssselect(".suites")[0])
    assert "L'enveloppe est préparée de nouveau, puis envoyée à TdT d'essai." in said
    assert "Peut-on revenir en arrière ?" in said
    tried = held(bench, bench.in_doubt())
    page = counter.page(f"/actes/{tried.acte_id}/envois/{tried.id}/relancer")
    assert "la même enveloppe, octet pour octet" in words(page.cssselect(".suites")[0])
    assert "pourrait le recevoir deux fois" in words(page.cssselect(".consigne")[0])


def test_a_contradicted_ar_is_upheld_and_said_to_be(bench: Bench, counter: Counter) -> None:
    received = bench.acknowledged()
    with bench.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE transmission SET state = 'held' WHERE id = %s", (received.id,)
        )
    path = f"/actes/{received.acte_id}/envois/{received.id}/relancer"
    assert "Rien n'est renvoyé" in words(counter.page(path).cssselect(".suites")[0])
    counter.followed(counter.form(path).send(motif="la préfecture confirme"))
    assert bench.now_of(received.id).state is State.ACKNOWLEDGED


def test_a_held_act_is_abandoned_then_sent_again(bench: Bench, counter: Counter) -> None:
    sent = held(bench, bench.prepared())
    page = f"/actes/{sent.acte_id}"
    form = counter.form(f"{page}/envois/{sent.id}/abandonner")
    told = counter.followed(form.send(motif="erreur de document"))
    assert done(told) == "C'est fait : cet envoi est abandonné."
    assert bench.now_of(sent.id).state is State.REJECTED
    assert f"{page}/renvoyer" in counter.offers(page)
    told = counter.followed(counter.form(f"{page}/renvoyer").send(motif="tout compte fait"))
    assert "nouvelle transmission" in done(told)
    assert [each.state for each in bench.about(sent.acte_id)] == [State.REJECTED, State.ACCEPTED]


# --- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", "   ", "é" * 501])
def test_a_reason_is_asked_for_and_bounded_and_what_was_typed_stays(
    bench: Bench, counter: Counter, reason: str
) -> None:
    sent = held(bench, bench.prepared())
    response = counter.form(f"/actes/{sent.acte_id}/envois/{sent.id}/relancer").send(motif=reason)
    assert response.status_code == 422
    assert list(problems(response)) == ["motif"]
    page = html.fromstring(response.text)
    [field] = page.cssselect("#motif")
    assert (field.text or "").strip() == reason.strip()
    assert field.get("aria-invalid") == "true"
    assert "probleme-motif" in field.get("aria-describedby")
    assert words(page.cssselect("#probleme-motif")[0]) == problems(response)["motif"]
    assert page.cssselect("title")[0].text.startswith("Erreur : ")
    assert bench.now_of(sent.id).state is State.HELD


@pytest.mark.parametrize("decide", [release, abandon])
def test_a_state_that_moved_meanwhile_is_told_and_nothing_is_done(
    bench: Bench, counter: Counter, decide: Callable[..., Transmission]
) -> None:
    sent = held(bench, bench.prepared())
    form = counter.form(f"/actes/{sent.acte_id}/envois/{sent.id}/relancer")
    decide(bench.tools, sent.acte_id, Author("une collègue", "déjà vu"))
    events = bench.events(sent.id)
    response = form.send(motif=REASON)
    assert response.status_code == 409
    assert "a changé depuis que cette page a été ouverte" in problems(response)[""]
    page = html.fromstring(response.text)
    assert page.cssselect("#motif")[0].text == REASON
    assert not page.cssselect("form.remise button")
    assert bench.events(sent.id) == events


def test_an_act_held_again_meanwhile_is_not_released_by_the_old_page(
    bench: Bench, counter: Counter
) -> None:
    sent = held(bench, bench.prepared())
    form = counter.form(f"/actes/{sent.acte_id}/envois/{sent.id}/relancer")
    release(bench.tools, sent.acte_id, Author("une collègue", "essai"))
    bench.clock.advance(60)
    held(bench, bench.now_of(sent.id))
    response = form.send(motif=REASON)
    assert response.status_code == 409
    assert bench.now_of(sent.id).state is State.HELD
    # The page that comes back is of now: confirming it is deciding of now.
    again = counter.form_in(html.fromstring(response.text), form.action)
    counter.followed(again.send(motif=REASON))
    assert bench.now_of(sent.id).state is State.PREPARED


def test_the_page_of_a_decision_that_is_not_open_says_why(bench: Bench, counter: Counter) -> None:
    sent = bench.sent()
    for action in (f"envois/{sent.id}/relancer", "annuler", "renvoyer"):
        page = counter.page(f"/actes/{sent.acte_id}/{action}", 409)
        assert "« Transmise »" in words(page.cssselect("p.refus")[0])
        assert not page.cssselect("form.remise")


# --- once --------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["relancer", "abandonner"])
def test_the_same_form_sent_twice_is_obeyed_once(
    bench: Bench, counter: Counter, action: str
) -> None:
    sent = held(bench, bench.prepared())
    form = counter.form(f"/actes/{sent.acte_id}/envois/{sent.id}/{action}")
    counter.followed(form.send(motif=REASON))
    events = bench.events(sent.id)
    assert "n'a été suivi qu'une fois" in done(counter.followed(form.send(motif=REASON)))
    assert bench.events(sent.id) == events


def test_a_double_click_cancels_once(bench: Bench, counter: Counter) -> None:
    received = bench.acknowledged()
    form = counter.form(f"/actes/{received.acte_id}/annuler")
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: form.send(motif=REASON), range(2)))
    assert [each.status_code for each in answers] == [303, 303]
    assert [each.message for each in bench.about(received.acte_id)] == ["1-1", "6-1"]


def test_a_double_click_sends_again_once(
    bench: Bench, counter: Counter, prefecture: Prefecture
) -> None:
    sent = refused(bench, prefecture)
    form = counter.form(f"/actes/{sent.acte_id}/renvoyer")
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: form.send(motif=REASON), range(2)))
    assert [each.status_code for each in answers] == [303, 303]
    assert len(bench.about(sent.acte_id)) == 2
    assert form.send(motif=REASON).status_code == 303
    assert len(bench.about(sent.acte_id)) == 2


# --- cancel and resend -------------------------------------------------------------------------


def test_an_act_that_has_not_left_is_withdrawn(bench: Bench, counter: Counter) -> None:
    sent = bench.prepared()
    page = f"/actes/{sent.acte_id}"
    assert f"{page}/annuler" in counter.offers(page)
    form = counter.form(f"{page}/annuler")
    assert "rien n'en parvient à la préfecture" in words(
        counter.page(f"{page}/annuler").cssselect(".suites")[0]
    )
    assert "rien n'est parti" in done(counter.followed(form.send(motif="acte rapporté")))
    assert bench.now_of(sent.id).state is State.CANCELLED


def test_the_state_is_asked_to_cancel_and_that_it_cannot_be_undone_is_said_before(
    bench: Bench, counter: Counter
) -> None:
    received = bench.acknowledged()
    path = f"/actes/{received.acte_id}/annuler"
    page = counter.page(path)
    assert "Demander l'annulation" in words(page.cssselect("form.remise button")[0])
    assert "Une annulation demandée à l'État ne se retire pas" in words(
        page.cssselect(".suites")[0]
    )
    told = counter.followed(counter.form(path).send(motif="acte rapporté"))
    assert "l'annulation est demandée à l'État" in done(told)
    assert bench.now_of(received.id).state is State.CANCELLING


def test_a_refused_act_goes_again_under_the_free_number_that_is_proposed(
    bench: Bench, counter: Counter, prefecture: Prefecture
) -> None:
    sent = refused(bench, prefecture)
    path = f"/actes/{sent.acte_id}/renvoyer"
    page = counter.page(path)
    proposed = f"{sent.id_acte.numero_interne}_2"
    assert page.cssselect("#numero")[0].get("value") == proposed
    assert "refuse qu'un numéro serve deux fois" in words(page.cssselect(".consigne")[0])
    counter.followed(counter.form(path).send(motif="classification à jour"))
    assert bench.about(sent.acte_id)[-1].id_acte.numero_interne == proposed


def test_a_number_that_cannot_serve_is_told_beside_its_field_with_one_that_can(
    bench: Bench, counter: Counter, prefecture: Prefecture
) -> None:
    sent, other = refused(bench, prefecture), bench.acte()
    form = counter.form(f"/actes/{sent.acte_id}/renvoyer")
    taken = form.send(motif=REASON, numero=other.id_acte.numero_interne)
    assert taken.status_code == 422
    assert "a déjà servi à un autre acte" in problems(taken)["numero"]
    wrong = form.send(motif=REASON, numero="pas un numéro du tout")
    assert list(problems(wrong)) == ["numero"]
    [field] = html.fromstring(wrong.text).cssselect("#numero")
    assert field.get("value") == "pas un numéro du tout"
    assert len(bench.about(sent.acte_id)) == 1


def test_of_two_held_answers_the_one_whose_button_was_pressed_moves(
    bench: Bench, counter: Counter, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    for rank, day in enumerate((date(2023, 3, 6), date(2023, 3, 7)), start=1):
        prefecture.sends(letter("3-1", acte.id_acte, day=day, rank=rank), reference=str(rank))
    first, second = (answered(bench, acte, each.id) for each in bench.letters(acte.acte_id))
    counter.followed(
        counter.form(f"/actes/{acte.acte_id}/envois/{second.id}/abandonner").send(motif=REASON)
    )
    assert bench.now_of(first.id).state is State.HELD
    assert bench.now_of(second.id).state is State.REJECTED


def answered(bench: Bench, acte: Transmission, courrier_id: int) -> Transmission:
    """Documents given to a letter, whose sending is held."""
    now = bench.clock.now()
    with bench.tools.register() as unit:
        opening = Opening(
            acte.acte_id, acte.collectivite_id, "3-4", acte.id_acte, courrier_id=courrier_id
        )
        opened = unit.open_transmission(opening, SERVICE, now, now)
        unit.commit()
    return held(bench, opened)


# --- rights ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.READER, []),
        (Role.AGENT, []),
        (Role.OPERATOR, ["relancer", "abandonner"]),
        (Role.AUDITOR, []),
    ],
)
def test_only_those_who_may_unblock_are_offered_to(
    bench: Bench, counter: Counter, role: Role, expected: list[str]
) -> None:
    sent = held(bench, bench.prepared())
    form = counter.form(f"/actes/{sent.acte_id}/envois/{sent.id}/relancer")
    counter.person = Person(2, "quelqu'un", (Grant(role, SIREN),))
    page = counter.page(f"/actes/{sent.acte_id}").cssselect(".situation")[0]
    offered = [link.get("href").rpartition("/")[2] for link in page.cssselect(".gestes a")]
    assert offered == expected
    answer = form.send(motif=REASON)
    assert answer.status_code == (303 if expected else 403)
    assert (bench.now_of(sent.id).state is State.HELD) == (not expected)


def test_another_authority_is_not_told_that_the_act_exists(bench: Bench, counter: Counter) -> None:
    sent = held(bench, bench.prepared())
    path = f"/actes/{sent.acte_id}/envois/{sent.id}/relancer"
    form = counter.form(path)
    counter.person = Person(2, "ailleurs", (Grant(Role.OPERATOR, "123456790"),))
    unknown = counter.client.get("/actes/999999/envois/1/relancer")
    assert (unknown.status_code, counter.client.get(path).status_code) == (404, 404)
    assert counter.client.get(path).text == unknown.text
    assert form.send(motif=REASON).status_code == 404
    assert bench.now_of(sent.id).state is State.HELD


def test_a_form_that_no_page_of_ours_gave_is_refused(bench: Bench, counter: Counter) -> None:
    sent = held(bench, bench.prepared())
    path = f"/actes/{sent.acte_id}/envois/{sent.id}/relancer"
    answer = counter.client.post(path, data={"motif": REASON, "jeton_formulaire": "faux"})
    assert answer.status_code == 403
    assert bench.now_of(sent.id).state is State.HELD
