"""Facts stated by a person: added to those of before, changed with a reason, read again."""

from datetime import date
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text

from tests.support.bench import Bench
from transmission.domain.errors import NotFoundError, RefusedError
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.declaration import NOTHING, declared
from transmission.domain.legal.sujets import ActeKind, Categorie
from transmission.domain.transmission import Author
from transmission.services.declare import declaration_of, declare

CLERK, REASONED = Author("secrétariat"), Author("secrétariat", "erreur de saisie")


def state(bench: Bench, acte_id: int, author: Author = CLERK, **stated: Any) -> dict[str, Any]:
    withdrawn = stated.pop("withdrawn", ())
    return declared(declare(bench.tools, acte_id, stated, author, withdrawn))


def kept(bench: Bench, acte_id: int) -> dict[str, Any]:
    with bench.tools.register() as unit:
        return declared(declaration_of(unit, acte_id))


def marks(engine: Engine) -> int:
    with engine.connect() as connection:
        count: int = connection.execute(text("SELECT count(*) FROM legal_stale")).scalar_one()
    return count


def test_what_is_stated_is_kept_and_its_act_read_again(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acte().acte_id
    before = marks(engine)
    with bench.tools.register() as unit:
        assert declaration_of(unit, acte_id) == NOTHING
    made = declare(
        bench.tools, acte_id, {"date_signature": "2023-03-03", "categorie": "dsp"}, CLERK
    )
    assert (made.date_signature, made.categorie) == (date(2023, 3, 3), Categorie.DSP)
    assert kept(bench, acte_id) == {"date_signature": "2023-03-03", "categorie": "dsp"}
    assert marks(engine) == before + 1


def test_what_is_not_named_stays(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    state(bench, acte_id, date_signature=date(2023, 3, 3))
    both = state(bench, acte_id, nature_juridique="individuel")
    assert both == {"date_signature": "2023-03-03", "nature_juridique": "individuel"}
    assert kept(bench, acte_id) == both
    with bench.tools.register() as unit:
        newest, oldest = unit.legal_facts(acte_id)
    assert newest.declaration.kind is ActeKind.INDIVIDUEL
    assert oldest.declaration.kind is None


def test_to_change_or_to_withdraw_a_fact_takes_a_reason(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    state(bench, acte_id, tacite="oui", sous_scot="non")
    for change in ({"tacite": "non"}, {"withdrawn": ["tacite"]}):
        with pytest.raises(RefusedError, match="motif"):
            state(bench, acte_id, **change)
    assert kept(bench, acte_id) == {"tacite": True, "sous_scot": False}
    assert state(bench, acte_id, REASONED, tacite="non") == {"tacite": False, "sous_scot": False}
    assert state(bench, acte_id, REASONED, withdrawn=["tacite"]) == {"sous_scot": False}
    with bench.tools.register() as unit:
        assert [each.reason for each in unit.legal_facts(acte_id)] == [
            "erreur de saisie",
            "erreur de saisie",
            None,
        ]


def test_to_state_again_what_is_known_writes_nothing(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acte().acte_id
    state(bench, acte_id, exercice=2023, document_budgetaire="primitif")
    before = marks(engine)
    state(bench, acte_id, exercice="2023")
    assert marks(engine) == before
    with bench.tools.register() as unit:
        assert len(unit.legal_facts(acte_id)) == 1


def test_part_of_a_budget_cannot_be_withdrawn_alone(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    state(bench, acte_id, exercice=2023, document_budgetaire="primitif")
    with pytest.raises(RefusedError, match="Document budgétaire manque"):
        state(bench, acte_id, REASONED, withdrawn=["document_budgetaire"])
    gone = state(bench, acte_id, REASONED, withdrawn=["document_budgetaire", "exercice"])
    assert gone == {}


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        ({"date_signature": "2023-03-11"}, "date_signature"),
        ({"date_signature": "2023-03-01"}, "date_signature"),
        ({"date_deliberation_recue": "2023-03-11"}, "date_deliberation_recue"),
        ({"categorie": "autre"}, "categorie"),
        ({"inconnu": 1}, "inconnu"),
    ],
)
def test_what_is_impossible_is_refused_and_nothing_is_written(
    bench: Bench, stated: dict[str, Any], field: str
) -> None:
    acte_id = bench.acte().acte_id
    with pytest.raises(RefusedError) as refused:
        state(bench, acte_id, tacite="oui", **stated)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert kept(bench, acte_id) == {}


def test_today_is_the_day_of_the_authority(bench: Bench) -> None:
    # 23:30 on 10 March in London, the day after in Paris.
    bench.clock.instant = bench.clock.instant.replace(hour=23, minute=30)
    acte_id = bench.acte().acte_id
    assert state(bench, acte_id, date_signature="2023-03-11")


def test_a_contract_may_be_signed_before_its_decision(bench: Bench) -> None:
    acte_id = bench.acte(nature=NatureActe.CONTRAT).acte_id
    assert state(bench, acte_id, date_signature="2023-03-01")


def test_nothing_is_declared_of_an_act_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        state(bench, 99, tacite="oui")


def test_two_people_who_declare_at_once_lose_nothing_of_each_other(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    facts = [{"tacite": "oui"}, {"sous_scot": "oui"}, {"categorie": "plu"}, {"exercice": None}]
    threads = [Thread(target=declare, args=(bench.tools, acte_id, each, CLERK)) for each in facts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert kept(bench, acte_id) == {"tacite": True, "sous_scot": True, "categorie": "plu"}
