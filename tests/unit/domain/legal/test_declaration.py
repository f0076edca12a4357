"""What a person declares: typed or as text, every problem at once, the same back from JSON."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain import typed
from transmission.domain.acte import Matiere
from transmission.domain.errors import RefusedError
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.declaration import (
    LABELS,
    NOTHING,
    Declaration,
    declared,
    impossible,
    read_declaration,
    value_label,
)
from transmission.domain.legal.sujets import (
    ActeKind,
    BudgetDocument,
    BudgetKind,
    Categorie,
    LegalActe,
    Marche,
)

DECIDED, TODAY = date(2026, 3, 2), date(2026, 3, 20)
ACTE = LegalActe(NatureActe.DELIBERATION, Matiere((7, 5)), DECIDED)
maybe_day, maybe = st.none() | st.dates(), st.none() | st.booleans()
euros = st.none() | st.decimals(0, 10**9, places=2)
declarations = st.builds(
    Declaration,
    date_signature=maybe_day,
    kind=st.none() | st.sampled_from(ActeKind),
    categorie=st.none() | st.sampled_from(Categorie),
    par_delegation=maybe,
    marche=st.builds(Marche, euros, euros, maybe_day, maybe_day),
    budget=st.none()
    | st.builds(BudgetDocument, st.sampled_from(BudgetKind), st.integers(1982, 2999), maybe),
    date_effet=maybe_day,
    date_execution=maybe_day,
    date_deliberation_recue=maybe_day,
    creates_rights=maybe,
    tacite=maybe,
    sous_scot=maybe,
    voies_de_recours=maybe,
)


def problems(**stated: Any) -> list[str]:
    with pytest.raises(RefusedError) as refused:
        read_declaration(stated)
    assert all(problem.remedy for problem in refused.value.problems)
    return [problem.message for problem in refused.value.problems]


@given(declarations)
def test_a_declaration_comes_back_the_same_from_json(made: Declaration) -> None:
    values = json.loads(json.dumps(declared(made)))
    assert read_declaration(values) == made
    assert set(values) <= set(LABELS)
    assert all(value_label(name, value) for name, value in values.items())


@given(declarations)
def test_nothing_declared_is_lost_on_the_way_to_the_rules(made: Declaration) -> None:
    acte = made.of(ACTE)
    assert (acte.date_signature, acte.stated_kind) == (made.date_signature, made.kind)
    assert (acte.stated_categorie, acte.marche) == (made.categorie, made.marche)
    assert (acte.budget, acte.date_effet) == (made.budget, made.date_effet)
    assert acte.date_deliberation_recue == made.date_deliberation_recue
    assert (acte.creates_rights, acte.sous_scot) == (made.creates_rights, made.sous_scot)
    assert (acte.par_delegation, acte.tacite) == (bool(made.par_delegation), bool(made.tacite))
    assert (acte.nature, acte.date_decision) == (ACTE.nature, ACTE.date_decision)


def test_nothing_declared_changes_nothing() -> None:
    assert NOTHING.of(ACTE) == ACTE
    assert declared(NOTHING) == {}
    assert read_declaration({}) == NOTHING
    assert read_declaration({"date_signature": None}) == NOTHING


def test_every_name_that_may_be_declared_has_its_label_and_is_taken() -> None:
    every = read_declaration(
        {
            "date_signature": "2026-03-02",
            "nature_juridique": "contrat",
            "categorie": "marche",
            "par_delegation": "oui",
            "montant_ht": "250 000,50",
            "total_lots_ht": "300000",
            "date_consultation": "2026-01-05",
            "date_signature_marche": "2026-03-01",
            "document_budgetaire": "primitif",
            "exercice": "2026",
            "renouvellement": "non",
            "date_effet": "2026-04-01",
            "date_execution": "2026-04-02",
            "date_deliberation_recue": "2026-02-27",
            "cree_des_droits": "oui",
            "tacite": "non",
            "sous_scot": "oui",
            "voies_de_recours": "oui",
        }
    )
    assert set(declared(every)) == set(LABELS)
    assert every.marche.montant_ht == Decimal("250000.50")
    assert every.budget == BudgetDocument(BudgetKind.PRIMITIF, 2026, renouvellement=False)


def test_every_problem_is_told_at_once() -> None:
    assert problems(
        date_signature="hier", categorie="x", exercice="26", montant_ht="cher", autre=1
    ) == [
        "Date de signature : « hier » doit être une date AAAA-MM-JJ.",
        "Catégorie : « x » : choisissez parmi " + ", ".join(c.code for c in Categorie) + ".",
        f"Montant du marché hors taxes : « cher » {typed.AMOUNT}.",
        "Document budgétaire manque.",
        "Exercice : « 26 » doit être une année.",
        "autre : « 1 » : ce nom est inconnu.",
    ]


@pytest.mark.parametrize(
    ("stated", "missing"),
    [
        ({"exercice": 2026}, "Document budgétaire manque."),
        ({"document_budgetaire": "primitif"}, "Exercice manque."),
        ({"renouvellement": True}, "Document budgétaire manque."),
    ],
)
def test_a_budget_takes_its_document_and_its_year(stated: dict[str, Any], missing: str) -> None:
    assert missing in problems(**stated)


@pytest.mark.parametrize(
    "name",
    [
        "date_signature",
        "date_consultation",
        "date_signature_marche",
        "date_execution",
        "date_deliberation_recue",
    ],
)
def test_what_has_not_happened_cannot_be_declared(name: str) -> None:
    tomorrow, today = date(2026, 3, 21), TODAY
    late = read_declaration({name: tomorrow})
    (problem,) = impossible(late, NatureActe.DELIBERATION, DECIDED, TODAY)
    assert (problem.field, "21/03/2026" in problem.message) == (name, True)
    on_time = read_declaration({name: today})
    assert not list(impossible(on_time, NatureActe.DELIBERATION, DECIDED, TODAY))


def test_an_act_may_fix_a_date_of_effect_to_come_or_past() -> None:
    for day in ("2020-01-01", "2030-01-01"):
        made = read_declaration({"date_effet": day})
        assert not list(impossible(made, NatureActe.DELIBERATION, DECIDED, TODAY))


@pytest.mark.parametrize(
    ("nature", "refused"), [(NatureActe.DELIBERATION, True), (NatureActe.CONTRAT, False)]
)
def test_only_a_contract_is_signed_before_its_decision(nature: NatureActe, refused: bool) -> None:
    made = read_declaration({"date_signature": "2026-03-01"})
    assert bool(list(impossible(made, nature, DECIDED, TODAY))) is refused


def test_values_are_shown_as_people_read_them() -> None:
    assert value_label("categorie", "dsp") == "délégation de service public"
    assert value_label("nature_juridique", "espece") == ActeKind.ESPECE.label
    assert value_label("document_budgetaire", "compte") == BudgetKind.COMPTE.label
    assert value_label("date_signature", "2026-03-02") == "02/03/2026"
    assert value_label("montant_ht", "90000.50") == "90000,50 €"
    assert value_label("tacite", False) == "non"
    assert value_label("exercice", 2026) == "2026"
