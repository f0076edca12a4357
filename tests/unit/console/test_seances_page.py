"""Where a page of sittings begins, and what became of an act."""

from datetime import date

import pytest

from transmission.console.seances_page import Imports, read_after, standing
from transmission.domain.errors import Problem
from transmission.domain.lifecycle import State
from transmission.store.queries.sitting_acts import SittingLine


def test_where_a_page_begins_is_read() -> None:
    assert read_after("") is None
    assert read_after("2026-11-20~12") == (date(2026, 11, 20), 12)
    for text in ("x", "2026-11-20", "2026-99-20~1", "2026-11-20~x"):
        with pytest.raises(ValueError, match=r"."):
            read_after(text)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (SittingLine(numero="A", objet=None, nature=None), "Absent du registre"),
        (SittingLine(numero="A", objet=None, nature=None, acte_id=1), "Connu, sans envoi"),
        (
            SittingLine(
                numero="A", objet=None, nature=None, acte_id=1, state=State.HELD, must_leave=False
            ),
            "N'a pas à être transmis",
        ),
        (
            SittingLine(numero="A", objet=None, nature=None, acte_id=1, state=State.HELD),
            State.HELD.label,
        ),
    ],
)
def test_what_became_of_an_act_is_said(line: SittingLine, said: str) -> None:
    assert standing(line) == said


def test_no_option_of_the_command_line_is_told_to_people() -> None:
    problems = (
        Problem("seance", "date", "La date manque.", "Donnez --seance AAAA-MM-JJ."),
        Problem("seance", "date", "Elle n'a pas eu lieu.", "Importez la liste ensuite."),
    )
    assert Imports(problems=problems).told == (
        ("date-seance", "La date manque. Donnez sa date."),
        ("date-seance", "Elle n'a pas eu lieu. Importez la liste ensuite."),
    )
