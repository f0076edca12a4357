"""Answering the préfecture from the page of an act: with files, once, every problem told."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from lxml import html

from tests.support.bench import Bench
from tests.support.counter import CLERK, Counter, done, problems, words
from tests.support.prefecture import Prefecture, letter
from tests.support.scene import SIREN, pdf
from transmission.domain.lifecycle import Event, State
from transmission.domain.people import Grant, Person, Role
from transmission.domain.transmission import SERVICE, KeptCourrier
from transmission.ports import Step

REASON = "pièces réunies par le service"
Files = list[tuple[str, tuple[str, bytes]]]


@pytest.fixture
def opened(bench: Bench, prefecture: Prefecture, counter: Counter) -> Any:
    """Opens a thread under a new act."""

    def made(code: str) -> KeptCourrier:
        acte = bench.acknowledged()
        prefecture.sends(letter(code, acte.id_acte), reference="812")
        return bench.letters(acte.acte_id)[-1]

    return made


def path(about: KeptCourrier, code: str) -> str:
    return f"/actes/{about.acte_id}/courriers/{about.id}/repondre/{code}"


def one(name: str = "plan.pdf", text: str = "Plan", row: int = 1) -> tuple[str, tuple[str, bytes]]:
    return f"fichiers_{row}", (name, pdf(text))


@pytest.mark.parametrize(
    ("letter_code", "code", "button"),
    [
        ("2-1", "2-2", "Répondre"),
        ("3-1", "3-4", "Envoyer les pièces"),
        ("3-1", "3-3", "Refuser"),
        ("4-1", "4-4", "Répondre"),
        ("4-1", "4-3", "Rejeter les observations"),
    ],
)
def test_every_letter_is_answered_with_a_document(
    bench: Bench, counter: Counter, opened: Any, letter_code: str, code: str, button: str
) -> None:
    about = opened(letter_code)
    assert path(about, code) in counter.offers(f"/actes/{about.acte_id}")
    page = counter.page(path(about, code))
    assert words(page.cssselect("form.remise button")[0]) == button
    told = counter.followed(
        counter.form(path(about, code)).send(motif=REASON, files=[one("réponse.pdf")])
    )
    assert "la réponse est prise en charge" in done(told)
    sent = bench.about(about.acte_id)[-1]
    assert (sent.message, sent.state, sent.courrier_id) == (code, State.ACCEPTED, about.id)
    with bench.tools.register() as unit:
        assert [each.nom_original for each in unit.pieces_sent(sent)] == ["réponse.pdf"]
    with bench.engine.connect() as connection:
        row = connection.exec_driver_sql(
            "SELECT author, reason FROM journal WHERE transmission_id = %s", (sent.id,)
        ).one()
    assert tuple(row) == (CLERK.name, REASON)


def test_several_documents_are_sent_in_order_each_with_its_typology(
    bench: Bench, counter: Counter, opened: Any
) -> None:
    about = opened("3-1")
    files: Files = [one("a.pdf", "A"), one("b.pdf", "B"), one("c.pdf", "C", row=2)]
    counter.followed(
        counter.form(path(about, "3-4")).send(
            motif=REASON, files=files, typologie_1="21_RP", typologie_2="99_DE"
        )
    )
    sent = bench.about(about.acte_id)[-1]
    with bench.tools.register() as unit:
        pieces = unit.pieces_sent(sent)
    assert [(each.nom_original, each.code_type_pj) for each in pieces] == [
        ("a.pdf", "21_RP"),
        ("b.pdf", "21_RP"),
        ("c.pdf", "99_DE"),
    ]
    assert bench.tools.documents.read(pieces[2].file) == pdf("C")


def test_all_problems_are_told_at_once_each_beside_its_field(
    bench: Bench, counter: Counter, opened: Any
) -> None:
    about = opened("3-1")
    files: Files = [
        one("bon.pdf"),
        ("fichiers_1", ("vide.pdf", b"")),
        ("fichiers_2", ("macro.exe", b"MZ\x90")),
    ]
    response = counter.form(path(about, "3-4")).send(
        motif="", files=files, typologie_1="99_DE", typologie_2="99_ZZ"
    )
    assert response.status_code == 422
    found = problems(response)
    assert set(found) == {"fichiers_1", "fichiers_2", "typologie_2", "motif"}
    assert "« vide.pdf » est vide" in found["fichiers_1"]
    assert "99_ZZ" in found["typologie_2"]
    page = html.fromstring(response.text)
    assert page.cssselect("#fichiers_2")[0].get("aria-invalid") == "true"
    assert "un navigateur ne les garde pas" in words(page.cssselect("form.remise")[0])
    assert len(bench.about(about.acte_id)) == 1


def test_an_answer_without_a_document_is_refused(
    bench: Bench, counter: Counter, opened: Any
) -> None:
    about = opened("4-1")
    response = counter.form(path(about, "4-4")).send(motif=REASON)
    assert response.status_code == 422
    assert "il en faut un, et un seul" in problems(response)["fichiers_1"]
    assert html.fromstring(response.text).cssselect("#motif")[0].text == REASON


def test_the_same_answer_twice_even_at_once_is_one(
    bench: Bench, counter: Counter, opened: Any
) -> None:
    about = opened("3-1")
    form = counter.form(path(about, "3-4"))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: form.send(motif=REASON, files=[one()]), range(2)))
    assert [each.status_code for each in answers] == [303, 303]
    assert form.send(motif=REASON, files=[one()]).status_code == 303
    assert [each.message for each in bench.about(about.acte_id)] == ["1-1", "3-4"]


def test_another_answer_than_the_one_given_is_refused_and_says_why(
    bench: Bench, counter: Counter, opened: Any
) -> None:
    about = opened("3-1")
    form = counter.form(path(about, "3-3"))
    counter.followed(counter.form(path(about, "3-4")).send(motif=REASON, files=[one()]))
    response = form.send(motif=REASON, files=[one("refus.pdf", "Refus")])
    assert response.status_code == 409
    assert "a déjà reçu une réponse" in problems(response)[""]
    assert len(bench.about(about.acte_id)) == 2


def test_received_documents_are_completed(bench: Bench, counter: Counter, opened: Any) -> None:
    about = opened("3-1")
    counter.followed(counter.form(path(about, "3-4")).send(motif=REASON, files=[one()]))
    assert path(about, "3-4") not in counter.offers(f"/actes/{about.acte_id}")
    bench.run("prepare", "submit")
    sent = bench.about(about.acte_id)[-1]
    with bench.tools.register() as unit:
        step = Step(date_reception=bench.clock.now().date())
        unit.move(unit.transmission(sent.id), Event.AR_RECEIVED, SERVICE, bench.clock.now(), step)
        unit.commit()
    page = counter.page(f"/actes/{about.acte_id}")
    [link] = page.cssselect(f"#courrier-{about.id} .gestes a")
    assert link.text == "Compléter les pièces"
    counter.followed(
        counter.form(path(about, "3-4")).send(motif="suite", files=[one("suite.pdf", "Suite")])
    )
    assert [each.message for each in bench.about(about.acte_id)] == ["1-1", "3-4", "3-4"]


def test_a_letter_about_a_cancelled_act_is_not_answered(
    bench: Bench, counter: Counter, opened: Any
) -> None:
    about = opened("3-1")
    form = counter.form(path(about, "3-4"))
    with bench.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE transmission SET state = 'cancelled' WHERE acte_id = %s", (about.acte_id,)
        )
    response = form.send(motif=REASON, files=[one()])
    assert response.status_code == 409
    assert "annulée" in problems(response)[""]
    assert len(bench.about(about.acte_id)) == 1


def test_a_form_that_weighs_too_much_is_told_so_on_its_own_page(
    bench: Bench, counter: Counter, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transmission.console.forms.BODY_MAX", 1000)
    about = opened("3-1")
    response = counter.form(path(about, "3-4")).send(motif=REASON, files=[one()])
    assert response.status_code == 413
    assert "n'ont pas été gardés" in problems(response)["fichiers_1"]
    assert len(bench.about(about.acte_id)) == 1


def test_a_letter_is_answered_from_its_number_alone(
    bench: Bench, counter: Counter, opened: Any
) -> None:
    plain, asking = opened("2-1"), opened("3-1")
    answer = counter.client.get(f"/courriers/{plain.id}/repondre")
    assert answer.headers["location"] == path(plain, "2-2")
    several = counter.client.get(f"/courriers/{asking.id}/repondre")
    assert several.headers["location"] == f"/actes/{asking.acte_id}#courrier-{asking.id}"
    assert counter.client.get("/courriers/999999/repondre").status_code == 404
    counter.person = Person(2, "ailleurs", (Grant(Role.AGENT, "123456790"),))
    assert counter.client.get(f"/courriers/{plain.id}/repondre").status_code == 404


def test_only_those_who_may_follow_answer(bench: Bench, counter: Counter, opened: Any) -> None:
    about = opened("3-1")
    form = counter.form(path(about, "3-4"))
    counter.person = Person(2, "lectrice", (Grant(Role.READER, SIREN),))
    assert counter.offers(f"/actes/{about.acte_id}") == []
    assert counter.client.get(path(about, "3-4")).status_code == 403
    assert form.send(motif=REASON, files=[one()]).status_code == 403
    assert counter.client.get(path(about, "4-4")).status_code == 404
    assert len(bench.about(about.acte_id)) == 1
