"""The seal of a budget in XML, judged before the act is taken."""

import hashlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

import transmission.services.budget_seal as budget_seal
from transmission.domain.acceptance import ExaminedFile
from transmission.domain.errors import RefusedError
from transmission.ports import Draft
from transmission.sandbox.adapters import ApartBudgets
from transmission.services.budget_seal import seal_notes
from transmission.services.files import DepositedFile, ExaminedDeposit

NAMESPACE = 'xmlns="http://www.minefi.gouv.fr/cp/demat/docbudgetaire"'
CANONICAL = f"<DocumentBudgetaire {NAMESPACE}><Budget></Budget></DocumentBudgetaire>".encode()
MD5, SHA1 = hashlib.md5(CANONICAL).hexdigest(), hashlib.sha1(CANONICAL).hexdigest()

Examined = Callable[..., ExaminedDeposit]


def _budget(seal: str, body: str = "<Budget/>") -> bytes:
    content = f"<DocumentBudgetaire {NAMESPACE}>{seal}{body}</DocumentBudgetaire>"
    return f"<?xml version='1.0'?>{content}".encode()


BUDGETS = ApartBudgets()

SEAL = f'<Scellement md5="{MD5}" sha1="{SHA1}"/>'


@pytest.fixture
def examined() -> Examined:
    """A deposited file as examination finds it."""

    def examine(content: bytes, kind: str = "xml") -> ExaminedDeposit:
        facts = ExaminedFile("budget.xml", len(content), kind, "", None, None)
        file = DepositedFile(Path("absent"), "budget.xml")
        return ExaminedDeposit(
            file, facts, (), cast(Draft, SimpleNamespace(read_again=lambda: BytesIO(content)))
        )

    return examine


def test_a_budget_as_it_was_sealed_needs_no_note(examined: Examined) -> None:
    assert seal_notes(BUDGETS, examined(_budget(SEAL))) == ()


def test_a_pdf_has_no_seal(examined: Examined) -> None:
    assert seal_notes(BUDGETS, examined(b"%PDF-1.7", kind="pdf")) == ()


def test_a_budget_that_changed_since_it_was_sealed_is_taken_with_a_note(
    examined: Examined,
) -> None:
    (note,) = seal_notes(BUDGETS, examined(_budget(SEAL, "<Budget>1</Budget>")))
    assert note.startswith("Sceau : « budget.xml » semble avoir été modifié")


@pytest.mark.parametrize(
    ("content", "rule", "said"),
    [
        (_budget(""), "budget_scelle", "n'a pas été scellé"),
        (_budget("<!-- <Scellement/> -->"), "budget_scelle", "n'a pas été scellé"),
        (b"<?xml version='1.0'?><a>", "budget_lisible", "bien formé"),
        (b"<?xml version='1.0'?><!DOCTYPE a><a/>", "budget_lisible", "DOCTYPE"),
        (b"<?xml version='1.0'?>" + b"<a>" * 9999, "budget_lisible", "bien formé"),
    ],
)
def test_an_unsealed_or_unreadable_budget_is_refused_with_the_remedy(
    content: bytes, rule: str, said: str, examined: Examined
) -> None:
    with pytest.raises(RefusedError) as refused:
        seal_notes(BUDGETS, examined(content))
    (problem,) = refused.value.problems
    assert (problem.field, problem.rule) == ("document", rule)
    assert "« budget.xml »" in problem.message
    assert said in problem.message
    assert "TotEM" in problem.remedy


def test_another_budget_format_is_taken_with_a_note(examined: Examined) -> None:
    (note,) = seal_notes(BUDGETS, examined(b"<?xml version='1.0'?><CompteFinancierUnique/>"))
    assert "rien n'a été vérifié" in note


def test_a_budget_too_large_to_be_verified_is_taken_unread_with_a_note(
    examined: Examined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget_seal, "BUDGET_MAX", 10)
    (note,) = seal_notes(BUDGETS, examined(b"<?xml version='1.0'?><a>"))
    assert "trop gros" in note
