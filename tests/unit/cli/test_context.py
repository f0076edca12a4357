"""Who acts, and which day is meant."""

import os
from datetime import date

import click
import pytest

from transmission.cli.context import Day, author


def test_the_author_is_the_name_given() -> None:
    made = author("service des assemblées", "certificat renouvelé")
    assert (made.name, made.reason) == ("service des assemblées", "certificat renouvelé")


def test_what_a_terminal_gives_that_is_no_text_is_made_printable() -> None:
    made = author("M\udce9lanie", "a\0b\nc")
    assert (made.name, made.reason) == ("M\ufffdlanie", "a\ufffdb c")
    assert author("x").reason is None


@pytest.mark.parametrize("failure", [KeyError("uid not found"), OSError("no user name")])
def test_an_account_without_a_name_is_told_by_its_number(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def unknown() -> str:
        raise failure

    monkeypatch.setattr("getpass.getuser", unknown)
    assert author(None).name == f"compte {os.getuid()}"


def test_a_day_is_a_civil_date() -> None:
    assert Day().convert("2023-03-02", None, None) == date(2023, 3, 2)


@pytest.mark.parametrize("text", ["02/03/2023", "2023-02-30", "hier", ""])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="n'est pas une date"):
        Day().convert(text, None, None)
