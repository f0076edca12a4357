"""The page on reminders says what the program recalls, of whom, when, and in which form."""

import json
import re
import tomllib
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.dates import DateKind
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.options import read_options
from transmission.domain.legal.rappels import USUAL_DAYS, Limit, Reminder, is_duty, is_recalled
from transmission.domain.legal.rappels_messages import Teller
from transmission.domain.legal.reading import ActeState
from transmission.domain.legal.recours import ThirdPartyState
from transmission.services.deliver import RETRIES

PAGE = (Path(__file__).parents[2] / "docs" / "reminders.md").read_text(encoding="utf-8")
CODES = {name.code: name for name in DateName}


def _rows(cells: int) -> dict[str, list[str]]:
    """Rows of the tables of that many cells whose first one is a date, by its code."""
    rows = (line.split(" | ") for line in re.findall(r"(?m)^\| (`.*) \|$", PAGE))
    return {row[0].strip("`"): row[1:] for row in rows if len(row) == cells}


def _blocks(start: str) -> str:
    """The indented block that begins so, without its indent."""
    (block,) = (
        text for text in re.findall(r"(?m)(?:^ {4}.*\n|^\n(?= {4}))+", PAGE)
        if text.lstrip().startswith(start)
    )  # fmt: skip
    return re.sub(r"(?m)^ {4}", "", block)


def test_every_date_is_in_one_of_the_two_tables() -> None:
    recalled, others = _rows(4), _rows(2)
    assert set(recalled) == {name.code for name in DateName if is_recalled(name)}
    assert set(others) == {name.code for name in DateName if not is_recalled(name)}


def test_what_is_for_information_is_said_to_be() -> None:
    told = {code: "for information" in row[0] for code, row in _rows(4).items()}
    assert told == {code: not is_duty(CODES[code]) for code in told}


def test_the_example_of_an_authority_is_accepted() -> None:
    options, faults = read_options(tomllib.loads(_blocks("[rappels]")))
    assert faults == []
    assert options.rappels_jours == USUAL_DAYS
    assert len(options.rappels_courriels) == 2
    (webhook,) = options.rappels_webhooks
    assert webhook.secret_file == "secrets/agenda"


def test_the_example_of_an_event_is_one_that_the_program_makes() -> None:
    shown = json.loads(_blocks("{"))
    data = shown["data"]
    limit = Limit(
        acte_id=data["acte"]["id"],
        numero=data["acte"]["numero_interne"],
        nature=NatureActe.DELIBERATION,
        objet="",
        date_decision=date.fromisoformat(data["acte"]["date_decision"]),
        name=CODES[data["echeance"]],
        day=date.fromisoformat(data["date"]),
        kind=DateKind.STATUS,
        rule=data["regle"],
        provisional=data["provisoire"],
        acte=ActeState.EXECUTOIRE,
        control=ControlState.GRACIEUX_EN_COURS,
        third=ThirdPartyState.OUVERT,
    )
    at = datetime.fromisoformat(shown["time"])
    teller = Teller("", data["siren"], at.date())
    assert teller.event(Reminder(limit, 2, data["jours_restants"]), at) == shown
    assert shown != teller.event(Reminder(replace(limit, numero="X"), 2, 2), at)


def test_the_waits_are_those_of_the_program() -> None:
    assert [each.total_seconds() / 60 for each in RETRIES] == [1, 5, 30, 120, 360, 720, 1440, 1440]
    assert "1, 5, 30 minutes, 2, 6, 12 hours, then twice a day later" in PAGE
