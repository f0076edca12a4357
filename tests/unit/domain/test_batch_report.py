"""The report of a batch, for people and for programs."""

import json
from datetime import UTC, date, datetime
from typing import Any

from transmission.domain.batch_report import BatchReport, Entry, Fate
from transmission.domain.errors import Problem

PROBLEM = Problem("date", "date_calendrier", "« hier » n'est pas une date.", "Écrivez AAAA-MM-JJ.")
ENTRIES = (
    Entry("ligne 2", "D1", Fate.ACCEPTED, 1, notes=("Objet : accents recomposés",)),
    Entry("ligne 3", "D2", Fate.REPEATED, 2),
    Entry("ligne 4", "D3\u202e", Fate.REFUSED, problems=(PROBLEM,)),
)


def report(**changes: Any) -> BatchReport:
    fields: dict[str, Any] = {
        "lot": "seance",
        "siren": "123456782",
        "at": datetime(2023, 3, 10, 23, 30, tzinfo=UTC),
        "time_zone": "Europe/Paris",
        "entries": ENTRIES,
        "date_seance": date(2023, 3, 2),
        "seance_actes": 3,
        **changes,
    }
    return BatchReport(**fields)


def test_people_read_what_is_to_be_mended_first() -> None:
    text = report().as_text().decode()
    assert "lu le 11/03/2023 à 00:30" in text
    assert "Actes : 1 pris en charge, 1 déjà remis, 1 refusé.\n" in text
    assert text.index("ligne 4") < text.index("ligne 2")
    assert f"  - {PROBLEM}\n" in text
    assert "\u202e" not in text
    assert "Corrigez ce qui est refusé" in text


def test_programs_read_every_problem() -> None:
    told = json.loads(report().as_json())
    assert told["actes"] == {"accepte": 1, "deja_remis": 1, "refuse": 1}
    assert told["seance"] == {"date_seance": "2023-03-02", "actes": 3}
    assert told["lignes"][2]["problemes"] == [
        {
            "field": "date",
            "rule": "date_calendrier",
            "message": "« hier » n'est pas une date.",
            "remedy": "Écrivez AAAA-MM-JJ.",
        }
    ]
    assert [line["acte"] for line in told["lignes"]] == [1, 2, None]


def test_a_batch_is_refused_when_anything_is_left_to_be_mended() -> None:
    assert report().refused
    assert not report(entries=ENTRIES[:2]).refused
    assert report(entries=ENTRIES[:2], problems=(PROBLEM,)).refused
    assert report(entries=()).summary() == "aucun acte"


def test_bytes_that_are_no_text_are_written_all_the_same() -> None:
    odd = report(lot="\ud800", problems=(Problem("\ud800", "x", "\ud800", ""),))
    assert odd.as_json().decode()
    assert odd.as_text().decode()
