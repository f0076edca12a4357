"""Emptying the quarantine and taking note of findings, from the pages."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.support.bench import Bench
from tests.support.counter import CLERK, Counter, done, problems, words
from tests.support.prefecture import Prefecture, acte_received
from tests.support.scene import SIREN
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.lifecycle import State
from transmission.domain.people import Grant, Person, Role
from transmission.domain.transmission import Author, Transmission
from transmission.ports.findings import Examined
from transmission.services.check import acknowledge

DAY = date(2023, 3, 14)
REASON = "numéro mal recopié par la préfecture"


def lost(bench: Bench, prefecture: Prefecture, acte: Transmission) -> int:
    """An AR that names no act of ours, in quarantine."""
    named = replace(acte.id_acte, numero_interne="D2023_999")
    retour_id: int = prefecture.answers(None, acte_received(named, DAY))
    assert bench.retours()[-1].status == "quarantined"
    return retour_id


def test_a_retour_is_attached_to_the_act_that_a_person_names(
    bench: Bench, counter: Counter, prefecture: Prefecture
) -> None:
    acte = bench.sent()
    retour_id = lost(bench, prefecture, acte)
    assert f"/retours/{retour_id}/rattacher" in counter.offers("/")
    form = counter.form(f"/retours/{retour_id}/rattacher")
    numero = acte.id_acte.numero_interne
    told = counter.followed(form.send(numero=numero, motif=REASON))
    assert "rattaché à cet acte et pris en compte" in done(told)
    assert bench.now_of(acte.id).date_reception == DAY
    assert "n'a été suivi qu'une fois" in done(
        counter.followed(form.send(numero=numero, motif=REASON))
    )
    assert counter.offers("/") == []


def test_what_the_rules_do_not_allow_is_kept_and_said(
    bench: Bench, counter: Counter, prefecture: Prefecture
) -> None:
    retour_id = lost(bench, prefecture, bench.sent())
    other = bench.acte()
    told = counter.followed(
        counter.form(f"/retours/{retour_id}/rattacher").send(
            numero=other.id_acte.numero_interne, motif=REASON
        )
    )
    assert "reste comme il est" in done(told)
    assert bench.now_of(other.id).state is State.ACCEPTED


def test_an_act_that_is_not_found_is_told_beside_its_number(
    bench: Bench, counter: Counter, prefecture: Prefecture
) -> None:
    retour_id = lost(bench, prefecture, bench.sent())
    elsewhere = bench.acte(authority_id=bench.second_id)
    form = counter.form(f"/retours/{retour_id}/rattacher")
    response = form.send(
        numero=elsewhere.id_acte.numero_interne, date="x", courrier="douze", motif=""
    )
    assert response.status_code == 422
    assert set(problems(response)) == {"numero", "date", "courrier", "motif"}
    assert problems(form.send(numero="", motif=REASON)).keys() == {"numero"}
    assert bench.retours()[-1].status == "quarantined"


def test_of_two_acts_of_one_number_the_date_names_the_one(
    bench: Bench, counter: Counter, prefecture: Prefecture
) -> None:
    acte, other = bench.sent(), bench.sent()
    retour_id = lost(bench, prefecture, acte)
    numero = acte.id_acte.numero_interne
    with bench.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE acte SET numero_interne = %s, date_decision = %s WHERE id = %s",
            (numero, date(2022, 3, 2), other.acte_id),
        )
    form = counter.form(f"/retours/{retour_id}/rattacher")
    response = form.send(numero=numero, motif=REASON)
    assert "02/03/2023" in problems(response)["date"]
    counter.followed(form.send(numero=numero, date="2023-03-02", motif=REASON))
    assert bench.now_of(acte.id).date_reception == DAY


def test_a_retour_that_concerns_no_act_is_set_aside_once(
    bench: Bench, counter: Counter, prefecture: Prefecture
) -> None:
    retour_id = lost(bench, prefecture, bench.sent())
    form = counter.form(f"/retours/{retour_id}/classer")
    assert "classé sans suite" in done(counter.followed(form.send(motif="publicité")))
    kept = bench.retours()[-1]
    assert (kept.status, kept.reason) == (
        "set_aside", f"Classé sans suite par {CLERK.name} : publicité"
    )  # fmt: skip
    assert "n'a été suivi qu'une fois" in done(counter.followed(form.send(motif="publicité")))
    response = form.send(motif="autre motif")
    assert response.status_code == 422
    assert "n'est pas en quarantaine" in problems(response)[""]
    assert "« transmission" not in response.text
    page = counter.page(f"/retours/{retour_id}/rattacher", 409)
    assert "plus en quarantaine" in words(page.cssselect("p.refus")[0])


@pytest.mark.parametrize("action", ["rattacher", "classer"])
def test_only_those_who_may_unblock_empty_the_quarantine(
    bench: Bench, counter: Counter, prefecture: Prefecture, action: str
) -> None:
    path = f"/retours/{lost(bench, prefecture, bench.sent())}/{action}"
    counter.person = Person(2, "agente", (Grant(Role.AGENT, SIREN),))
    assert counter.client.get(path).status_code == 403
    assert counter.offers("/") == []
    counter.person = Person(2, "ailleurs", (Grant(Role.OPERATOR, "123456790"),))
    assert counter.client.get(path).status_code == 404
    assert bench.retours()[-1].status == "quarantined"


# --- findings ----------------------------------------------------------------------------------


def found(bench: Bench, acte_id: int | None, key: str = "1") -> int:
    finding = Finding(
        check="accuse_absent", key=key, severity=Severity.GRAVE, message="Rien n'est arrivé.",
        remedy="Voyez où il en est (« transmission status NUMERO »), puis prenez acte de l'alerte "
        "(« transmission check »).",
        rule=None, article="CGCT L. 2131-1", evidence=(), acte_id=acte_id,
        collectivite_id=bench.authority_id,
    )  # fmt: skip
    with bench.tools.register() as unit:
        unit.save_findings(
            bench.authority_id, Examined(("accuse_absent",), frozenset()), (finding,),
            bench.clock.now(),
        )  # fmt: skip
        unit.commit()
    with bench.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT max(id) FROM finding").scalar_one())


@pytest.fixture
def finding(bench: Bench) -> Any:
    acte_id = bench.acte().acte_id
    return acte_id, found(bench, acte_id)


def test_a_finding_is_taken_note_of_once_from_the_page_of_its_act(
    bench: Bench, counter: Counter, finding: Any
) -> None:
    acte_id, number = finding
    path = f"/constats/{number}/acquitter"
    assert path in counter.offers(f"/actes/{acte_id}")
    assert path in counter.offers("/conformite")
    form = counter.form(path)
    told = counter.followed(form.send(motif="retard dû à la panne du 17"))
    assert "vous avez pris acte" in done(told)
    assert "retard dû à la panne du 17" in words(told.cssselect(f"#constat-{number}")[0])
    assert path not in counter.offers(f"/actes/{acte_id}")
    assert "n'a été suivi qu'une fois" in done(
        counter.followed(form.send(motif="retard dû à la panne du 17"))
    )
    response = form.send(motif="un autre motif")
    assert response.status_code == 409
    assert "a déjà pris acte" in problems(response)[""]


def test_what_to_do_about_a_finding_is_said_with_the_buttons_of_the_page(
    counter: Counter, finding: Any
) -> None:
    said = words(counter.page("/conformite").cssselect(f"#constat-{finding[1]}")[0])
    assert "Voyez où il en est, puis prenez acte de l'alerte (« En prendre acte »)." in said
    assert "transmission check" not in said


def test_a_colleague_who_took_note_meanwhile_is_named(
    bench: Bench, counter: Counter, finding: Any
) -> None:
    form = counter.form(f"/constats/{finding[1]}/acquitter")
    acknowledge(bench.tools, finding[1], Author("une collègue", "vu"))
    response = form.send(motif="vu aussi")
    assert response.status_code == 409
    assert "une collègue a déjà pris acte" in problems(response)[""]


def test_a_reader_takes_note_of_nothing(counter: Counter, finding: Any) -> None:
    counter.person = Person(2, "lectrice", (Grant(Role.READER, SIREN),))
    path = f"/constats/{finding[1]}/acquitter"
    assert path not in counter.offers("/conformite")
    assert counter.client.get(path).status_code == 403
    assert counter.client.get("/constats/999/acquitter").status_code == 404
