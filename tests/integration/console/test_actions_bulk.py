"""Many at once: chosen, looked at, done one by one, told one by one, undone where that can be."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from lxml import html

from tests.support.bench import Bench
from tests.support.counter import CLERK, Counter, Form, problems, words
from tests.support.prefecture import Prefecture, acte_refused
from tests.support.scene import SIREN
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.lifecycle import State
from transmission.domain.people import Grant, Person, Role
from transmission.domain.transmission import Author, Transmission
from transmission.ports.findings import Examined
from transmission.services.release import abandon, release

REASON = "panne du tiers terminée"


def held(bench: Bench, count: int, **changes: Any) -> list[Transmission]:
    """New acts, held before their envelope."""
    made = [bench.acte(**changes) for _ in range(count)]
    with bench.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE transmission SET state = 'held', waiting_for = 'Certificat expiré' "
            "WHERE id = ANY(%s)",
            ([each.id for each in made],),
        )
    return [bench.now_of(each.id) for each in made]


def states(bench: Bench, made: list[Transmission]) -> list[State]:
    return [bench.now_of(each.id).state for each in made]


def chosen(counter: Counter, action: str, made: list[Transmission], **more: str) -> Any:
    """The page before, of some that were ticked on the list."""
    ids = [str(each.id) for each in made]
    response = counter.client.get("/lot", params={"action": action, "envoi": ids, **more})
    assert response.status_code == 200, response.text
    return html.fromstring(response.text)


def confirmed(counter: Counter, page: Any, **typed: str) -> Any:
    """What the form of the page before leads to."""
    response = counter.form_in(page, "/lot").send(**{"motif": REASON, **typed})
    assert response.status_code == 200, response.text
    return html.fromstring(response.text)


def told(page: Any) -> str:
    return words(page.cssselect("[role=status]")[0])


# --- from the list to the page after -----------------------------------------------------------


def test_ticked_acts_of_the_queue_are_released_together(bench: Bench, counter: Counter) -> None:
    first, second, third = held(bench, 3)
    bench.prepared()
    queue = counter.page("/")
    boxes = {each.get("value") for each in queue.cssselect("input[name=envoi]")}
    assert {str(each.id) for each in (first, second, third)} <= boxes
    form = counter.form_in(queue, "/", "form#lot")
    page = html.fromstring(form.send(action="relancer", envoi=[str(first.id), str(third.id)]).text)
    assert "2 envois" in words(page.cssselect(".chapo")[0])
    assert "Peut-on revenir en arrière ?" in words(page.cssselect(".suites")[0])
    assert [words(each) for each in page.cssselect(".choses .numero")] == [
        first.id_acte.numero_interne, third.id_acte.numero_interne
    ]  # fmt: skip
    after = confirmed(counter, page)
    assert told(after) == "2 envois relancés."
    assert states(bench, [first, second, third]) == [State.ACCEPTED, State.HELD, State.ACCEPTED]
    with bench.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT author, reason FROM journal WHERE event = 'released_to_prepare'"
        ).all()
    assert [tuple(row) for row in rows] == [(CLERK.name, REASON)] * 2


def test_what_cannot_be_is_left_aside_and_said_why_before(bench: Bench, counter: Counter) -> None:
    [waiting], sent = held(bench, 1), bench.sent()
    page = chosen(counter, "relancer", [waiting, sent])
    assert "1 autre ne le peut pas" in words(page.cssselect(".chapo")[0])
    [aside] = page.cssselect("section:has(> #exclus) li")
    assert "n'attend pas d'opérateur (« Transmise »)" in words(aside)
    assert told(confirmed(counter, page)) == "1 envoi relancé."


def test_nothing_that_can_be_offers_nothing_to_confirm(bench: Bench, counter: Counter) -> None:
    page = chosen(counter, "annuler", [bench.sent()])
    assert not page.cssselect("form.remise")
    assert "pour aucun" in words(page.cssselect(".vide-message")[0])
    empty = counter.page("/lot?action=relancer")
    assert "cochez au moins une ligne" in words(empty.cssselect(".vide-message")[0])
    assert counter.client.get("/lot?action=detruire").status_code == 400


def test_a_reason_is_asked_for_and_what_was_chosen_stays(bench: Bench, counter: Counter) -> None:
    made = held(bench, 2)
    form = counter.form_in(chosen(counter, "relancer", made), "/lot")
    response = form.send(motif="x" * 501)
    assert response.status_code == 422
    assert problems(response).keys() == {"motif"}
    assert states(bench, made) == [State.HELD] * 2
    again = confirmed(counter, html.fromstring(response.text))
    assert told(again) == "2 envois relancés."


def test_all_those_of_the_filter_are_taken_up_to_a_bound(
    bench: Bench, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = held(bench, 3)
    bench.acte()
    page = counter.page("/lot?action=relancer&tous=1&etat=held")
    assert "3 envois" in words(page.cssselect(".chapo")[0])
    monkeypatch.setattr("transmission.console.actions.bulk_choice.MOST", 2)
    page = counter.page("/lot?action=relancer&tous=1&etat=held")
    assert "seuls les 2 premiers sont pris" in words(page.cssselect(".consigne")[0])
    assert told(confirmed(counter, page)) == "2 envois relancés."
    assert states(bench, made).count(State.HELD) == 1
    assert counter.client.get("/lot?action=relancer&tous=1&etat=rien").status_code == 400
    many = "&".join(f"envoi={each.id}" for each in made)
    assert counter.client.get(f"/lot?action=relancer&{many}").status_code == 400


# --- each by itself ----------------------------------------------------------------------------


def test_one_refusal_delays_no_other_and_each_outcome_is_told(
    bench: Bench, counter: Counter
) -> None:
    made = held(bench, 3)
    page = chosen(counter, "relancer", made)
    release(bench.tools, made[1].acte_id, Author("une collègue", "vu"))
    after = confirmed(counter, page)
    assert told(after) == "2 envois relancés ; 1 n'a pas pu l'être."
    [failed] = after.cssselect("section:has(> #refuses) li")
    assert made[1].id_acte.numero_interne in words(failed)
    assert "n'attend pas d'opérateur" in words(failed)
    assert len(after.cssselect("section:has(> #faits) li")) == 2


def test_what_was_held_again_meanwhile_is_not_decided_by_the_old_page(
    bench: Bench, counter: Counter
) -> None:
    [sent] = held(bench, 1)
    page = chosen(counter, "relancer", [sent])
    bench.clock.advance(60)
    release(bench.tools, sent.acte_id, Author("une collègue", "vu"))
    with bench.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE transmission SET state = 'held' WHERE id = %s", (sent.id,)
        )
    after = confirmed(counter, page)
    assert "A changé depuis l'aperçu" in words(after.cssselect("section:has(> #refuses)")[0])
    assert bench.now_of(sent.id).state is State.HELD


@pytest.mark.parametrize("action", ["relancer", "abandonner", "annuler", "renvoyer"])
def test_the_same_form_sent_twice_even_at_once_is_obeyed_once(
    bench: Bench, counter: Counter, action: str
) -> None:
    made = [bench.acte() for _ in range(3)] if action == "annuler" else held(bench, 3)
    if action == "renvoyer":
        for each in made:
            abandon(bench.tools, each.acte_id, Author("x", "y"))
    form = counter.form_in(chosen(counter, action, made), "/lot")
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: form.send(motif=REASON), range(2)))
    answers.append(form.send(motif=REASON))
    for answer in answers:
        assert answer.status_code == 200
        assert told(html.fromstring(answer.text)).startswith("3 "), told(
            html.fromstring(answer.text)
        )
        assert "n'a" not in told(html.fromstring(answer.text))
    with bench.engine.connect() as connection:
        written = connection.exec_driver_sql(
            "SELECT count(*) FROM journal WHERE reason = %s", (REASON,)
        ).scalar_one()
    assert written == 3


# --- steps -------------------------------------------------------------------------------------


def test_three_hundred_are_done_in_steps_that_a_person_follows_without_a_script(
    bench: Bench, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = held(bench, 300)
    monkeypatch.setattr("transmission.console.actions.bulk.STEP_SECONDS", 0.7)
    page = counter.page("/lot?action=relancer&tous=1&etat=held")
    assert len(page.cssselect(".choses li")) == 50
    assert "les 50 premiers" in words(page.cssselect("#choisis")[0])
    assert "Relancer : 300 envois" in words(page.cssselect("form.remise button")[0])
    after, steps = confirmed(counter, page), 1
    while after.cssselect("progress"):
        assert f"sur {300}" in told(after)
        after = confirmed(counter, after)
        steps += 1
    assert steps > 1
    assert told(after) == "300 envois relancés."
    assert states(bench, made) == [State.ACCEPTED] * 300


def test_whoever_stops_half_way_knows_what_is_left(
    bench: Bench, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = held(bench, 3)
    monkeypatch.setattr("transmission.console.actions.bulk.STEP_SECONDS", 0.0)
    after = confirmed(counter, chosen(counter, "abandonner", made))
    assert told(after) == "1 envoi abandonné ; il en reste 2 sur 3."
    assert "pas faite tant que vous ne la demandez pas" in words(after)
    assert states(bench, made).count(State.HELD) == 2
    assert not after.cssselect("button.secondaire")


def test_what_a_form_gives_back_is_only_read_as_what_we_gave(
    bench: Bench, counter: Counter
) -> None:
    form = counter.form_in(chosen(counter, "relancer", held(bench, 1)), "/lot")
    for forged in ("{", "[[1]]", '[["n","//ailleurs.example","x",""]]', '[["n",1,[],""]]'):
        assert form.send(motif=REASON, fait=forged).status_code == 400
    script = json.dumps([["<b>n</b>", "https://ailleurs.example/", 0, "<i>x</i>"]])
    page = html.fromstring(form.send(motif=REASON, fait=script, retour="//ailleurs.example/").text)
    assert "ailleurs.example" not in html.tostring(page).decode()
    assert not page.cssselect("li b, li i")
    many = " ".join(str(rank) for rank in range(1, 1002))
    assert form.send(motif=REASON, lot=many).status_code == 400


# --- undo --------------------------------------------------------------------------------------


def undo_of(counter: Counter, page: Any) -> Form:
    """The form of the page after that undoes what was done."""
    forms = page.cssselect("section form.remise")
    return counter.form_in(page, "/lot", "section form.remise") if forms else None  # type: ignore[return-value]


@pytest.mark.parametrize("action", ["abandonner", "annuler"])
def test_what_was_ended_before_it_left_is_sent_again_in_one_go(
    bench: Bench, counter: Counter, action: str
) -> None:
    made = held(bench, 2) if action == "abandonner" else [bench.acte(), bench.prepared()]
    page = chosen(counter, action, made)
    assert "pourr" in words(page.cssselect(".suites")[0])
    after = confirmed(counter, page)
    before = html.fromstring(undo_of(counter, after).send().text)
    assert "Renvoyer : 2 actes" in words(before.cssselect("form.remise button")[0])
    again = confirmed(counter, before, motif="tout compte fait")
    assert told(again) == "2 actes renvoyés."
    for each in made:
        assert bench.about(each.acte_id)[-1].state is State.ACCEPTED
    # And those are withdrawn in their turn.
    back = html.fromstring(undo_of(counter, again).send().text)
    assert "Annuler ces actes : 2 actes" in words(back.cssselect("form.remise button")[0])


def test_an_annulation_asked_of_the_state_is_said_to_be_for_good_before(
    bench: Bench, counter: Counter
) -> None:
    received, unsent = bench.acknowledged(), bench.acte()
    page = chosen(counter, "annuler", [received, unsent])
    for_good, undone = page.cssselect(".suites > div")[::-1]
    assert "1 acte est reçu" in words(for_good)
    assert "Non. Une annulation demandée à l'État ne se retire pas" in words(for_good)
    assert "vous pourrez le renvoyer" in words(undone)
    after = confirmed(counter, page)
    assert told(after) == "2 actes retirés, ou dont l'annulation est demandée."
    before = html.fromstring(undo_of(counter, after).send().text)
    assert "1 autre ne le peut pas" in words(before.cssselect(".chapo")[0])


def test_refused_acts_are_sent_again_under_free_numbers_where_it_is_asked(
    bench: Bench, counter: Counter, prefecture: Prefecture
) -> None:
    made = []
    for _ in range(2):
        sent = bench.sent()
        prefecture.answers(sent, acte_refused(sent.id_acte, "002"))
        made.append(bench.now_of(sent.id))
    page = chosen(counter, "renvoyer", made)
    form = counter.form_in(page, "/lot")
    kept = html.fromstring(form.send(motif=REASON, renumeroter=[]).text)
    assert told(kept) == "0 acte renvoyé ; 2 n'ont pas pu l'être."
    assert "refuse que le numéro" in words(kept.cssselect("section:has(> #refuses)")[0])
    assert told(confirmed(counter, page)) == "2 actes renvoyés."
    numbers = [bench.about(each.acte_id)[-1].id_acte.numero_interne for each in made]
    assert numbers == [f"{each.id_acte.numero_interne}_2" for each in made]


def test_a_sending_that_was_replaced_is_left_aside(bench: Bench, counter: Counter) -> None:
    [sent] = held(bench, 1)
    abandon(bench.tools, sent.acte_id, Author("x", "y"))
    page = chosen(counter, "renvoyer", [sent])
    confirmed(counter, page)
    again = chosen(counter, "renvoyer", [sent])
    assert "remplacé par un autre" in words(again.cssselect("section:has(> #exclus) li")[0])


# --- rights ------------------------------------------------------------------------------------


def test_a_person_decides_in_their_authority_alone_and_sees_no_other(
    bench: Bench, counter: Counter
) -> None:
    [mine], [theirs] = held(bench, 1), held(bench, 1, authority_id=bench.second_id)
    before = chosen(counter, "relancer", [mine, theirs])
    counter.person = Person(2, "opératrice", (Grant(Role.OPERATOR, SIREN),))
    page = chosen(counter, "relancer", [mine, theirs])
    assert theirs.id_acte.numero_interne not in words(page)
    assert "1 envoi." in words(page.cssselect(".chapo")[0])
    # What somebody else's page named is not there for them either.
    after = confirmed(counter, before)
    assert told(after) == "1 envoi relancé ; 1 n'a pas pu l'être."
    assert theirs.id_acte.numero_interne not in words(after)
    assert states(bench, [mine, theirs]) == [State.ACCEPTED, State.HELD]
    all_of_them = counter.client.get("/lot?action=relancer&tous=1&collectivite=123456790")
    assert theirs.id_acte.numero_interne not in all_of_them.text


def test_a_reader_is_offered_no_choice_and_does_nothing(bench: Bench, counter: Counter) -> None:
    [sent] = held(bench, 1)
    form = counter.form_in(chosen(counter, "relancer", [sent]), "/lot")
    counter.person = Person(2, "agente", (Grant(Role.AGENT, SIREN),))
    assert not counter.page("/").cssselect("input[name=envoi], form#lot")
    page = chosen(counter, "relancer", [sent])
    assert "Votre compte ne le permet pas" in words(page.cssselect("section:has(> #exclus)")[0])
    after = html.fromstring(form.send(motif=REASON).text)
    assert told(after) == "0 envoi relancé ; 1 n'a pas pu l'être."
    assert bench.now_of(sent.id).state is State.HELD


# --- findings ----------------------------------------------------------------------------------


def test_findings_are_taken_note_of_together(bench: Bench, counter: Counter) -> None:
    findings = tuple(
        Finding(
            check="numero_manquant", key=str(rank), severity=Severity.ATTENTION,
            message=f"Le numéro {rank} manque.", remedy="Cherchez-le.", rule=None,
            article="CGCT", evidence=(), collectivite_id=bench.authority_id,
        )
        for rank in range(3)
    )  # fmt: skip
    with bench.tools.register() as unit:
        known = Examined(("numero_manquant",), frozenset())
        unit.save_findings(bench.authority_id, known, findings, bench.clock.now())
        unit.commit()
    listed = counter.page("/conformite")
    boxes = [each.get("value") for each in listed.cssselect("input[name=constat]")]
    assert len(boxes) == 3
    form = counter.form_in(listed, "/conformite", "form#lot")
    page = html.fromstring(form.send(action="acquitter", constat=boxes[:2]).text)
    assert "2 constats" in words(page.cssselect(".chapo")[0])
    confirm = counter.form_in(page, "/lot")
    for _ in range(2):
        after = html.fromstring(confirm.send(motif="numéros annulés en séance").text)
        assert told(after) == "2 constats dont vous avez pris acte."
    assert not after.cssselect("button.secondaire")
    every = counter.page("/lot?action=acquitter&tous=1&vu=non")
    assert "1 constat." in words(every.cssselect(".chapo")[0])
