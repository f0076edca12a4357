"""What is asked: always in the dialect of programs, never following a redirection."""

from io import BytesIO
from typing import Any

import pytest

from transmission.tdt.s2low.errors import UndecidedError
from transmission.tdt.s2low.questions import Questions


def test_every_question_says_that_a_program_asks(
    server: Any, steps: Any, questions: Questions
) -> None:
    server.steps = [steps.says(b"OK\n3\n"), steps.says(b"\x1f\x8b")]
    assert questions.ask("/x.php", {"id": "1"}) == b"OK\n3\n"
    questions.save("/y.php", {"env": "2"}, BytesIO(), 10)
    assert [request.target for request in server.requests] == [
        "/x.php?id=1&api=1",
        "/y.php?env=2&api=1",
    ]


@pytest.mark.parametrize("status", ["302 Found", "500 Error", "206 Partial Content"])
def test_any_other_code_decides_nothing(
    server: Any, steps: Any, questions: Questions, status: str
) -> None:
    server.steps = [steps.says(b"OK", status, "Location: /x.php")] * 2
    with pytest.raises(UndecidedError, match=status[:3]):
        questions.ask("/x.php")
    target = BytesIO()
    with pytest.raises(UndecidedError, match=status[:3]):
        questions.save("/x.php", {}, target, 10)
    assert target.getvalue() == b""
    assert len(server.requests) == 2


def test_pages_are_asked_for_until_an_empty_one(
    server: Any, steps: Any, questions: Questions
) -> None:
    listed = [{"id": str(n), "number": "A", "date": "x", "type": "1"} for n in range(5)]
    server.scripts = {"list_actes.php": steps.lists({"3": listed}, page=2)}
    pages = list(questions.pages(3))
    assert [[each.reference for each in page] for page in pages] == [["0", "1"], ["2", "3"], ["4"]]
    assert len(server.requests) == 4


def test_pages_without_end_decide_nothing(server: Any, steps: Any, questions: Questions) -> None:
    endless = b'{"transactions": [{"id": "1", "number": "A", "date": "x", "type": "1"}]}'
    server.scripts = {"list_actes.php": steps.says(endless)}
    with pytest.raises(UndecidedError, match="trop d'actes dans le statut 3"):
        list(questions.pages(3))
    assert len(server.requests) == 40
