"""What programs are told: which type for which line, and nothing that may name a person."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from transmission.domain.cloud_events import (
    ANSWERS,
    PREFIX,
    ActeNamed,
    EventType,
    FindingChange,
    JournalLine,
    Speaker,
    numbered,
)
from transmission.domain.lifecycle import TABLE, Event, State
from transmission.domain.messages import label_of

AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
ACTE = ActeNamed(id=12, numero_interne="D2026_001", date_decision=date(2026, 3, 2), nature=1)
SILENT = {
    Event.PREPARED, Event.SUBMISSION_STARTED, Event.SUBMISSION_UNAVAILABLE,
}  # fmt: skip
"""What concerns the machine alone."""


def _line(event: str, target: State | None = None, **changes: Any) -> JournalLine:
    values: dict[str, Any] = {
        "id": 7, "at": AT, "details": {}, "acte": ACTE, "transmission_id": 3, "message": "1-1",
        "id_acte": "042-123456782-20260302-D2026_001-DE",
    }  # fmt: skip
    return JournalLine(event=event, target=target, **(values | changes))


@pytest.mark.parametrize("event", Event)
def test_every_arrow_of_an_act_is_told_unless_it_concerns_the_machine_alone(event: Event) -> None:
    for target in {cell for cell in TABLE[event].values() if isinstance(cell, State)}:
        told = _line(event.code, target).type
        if event in SILENT or target is State.DELIVERED:
            assert told is None, target
        else:
            assert told is not None, target
            assert told.code.startswith(f"{PREFIX}acte.")


@pytest.mark.parametrize(
    ("event", "target", "message", "expected"),
    [
        ("accepted", None, "1-1", EventType.ACTE_PRIS_EN_CHARGE),
        ("ar_received", State.ACKNOWLEDGED, "1-1", EventType.ACTE_RECU),
        ("ar_upheld", State.ACKNOWLEDGED, "1-1", EventType.ACTE_RECU),
        ("ar_received", State.HELD, "1-1", EventType.ACTE_EN_ATTENTE),
        ("cancel_refused", State.ACKNOWLEDGED, "1-1", EventType.ACTE_ANNULATION_REFUSEE),
        ("abandoned", State.REJECTED, "1-1", EventType.ACTE_ABANDONNE),
        ("withdrawn", State.CANCELLED, "1-1", EventType.ACTE_ANNULE),
        ("found_at_tdt", State.SUBMITTED, "1-1", EventType.ACTE_TRANSMIS),
        ("certified", None, "1-1", EventType.ACTE_CERTIFIE),
        ("accepted", State.ACCEPTED, "3-4", EventType.REPONSE_PRISE_EN_CHARGE),
        ("ar_received", State.ACKNOWLEDGED, "4-4", EventType.REPONSE_RECUE),
        ("delivered", State.DELIVERED, "2-2", EventType.REPONSE_REMISE),
        ("abandoned", State.REJECTED, "3-3", EventType.REPONSE_ABANDONNEE),
        ("held", State.HELD, "6-1", EventType.ANNULATION_EN_ATTENTE),
        ("accepted", State.ACCEPTED, "6-1", None),
        ("submission_accepted", State.SUBMITTED, "3-2", None),
        ("courrier_received", None, "1-1", EventType.COURRIER_RECU),
        ("published", None, None, EventType.PUBLICATION_EN_LIGNE),
        ("unpublished", None, "1-1", EventType.PUBLICATION_RETIREE),
        ("task_failed", None, "1-1", None),
        ("facts_declared", None, None, None),
    ],
)
def test_a_line_is_told_as(
    event: str, target: State | None, message: str | None, expected: EventType | None
) -> None:
    assert _line(event, target, message=message).type is expected


def test_the_answers_are_messages() -> None:
    assert all(label_of(code) for code in ANSWERS)


def test_every_type_but_three_comes_from_the_journal_or_the_findings() -> None:
    events = [*(each.code for each in Event), "accepted", "certified", "courrier_received"]
    events += ["published", "unpublished"]
    found = {
        _line(event, target, message=message).type
        for event in events
        for target in (None, *State)
        for message in ("1-1", "6-1", *ANSWERS)
    }
    others = {
        EventType.CONSTAT_OUVERT, EventType.CONSTAT_FERME, EventType.ECHEANCE_RAPPEL,
        EventType.ESSAI,
    }  # fmt: skip
    assert set(EventType) == (found - {None}) | others


def test_nothing_that_may_name_a_person_is_told_whatever_the_journal_says() -> None:
    details = {
        "anomalie": "Madame X", "nom": "Madame X", "fonction": "Madame X", "texte": "Madame X",
        "motif": "Madame X", "adresse": "https://x/Madame X", "objet": "Madame X",
        "date_reception": "2026-03-09", "date_mise_en_ligne": "2026-03-11",
    }  # fmt: skip
    speaker = Speaker("123456782")
    for event in ("accepted", "certified", "published", "courrier_received", "ar_received"):
        told = json.dumps(speaker.event(_line(event, State.ACKNOWLEDGED, details=details)))
        assert "Madame" not in told
        assert "2026-03-09" in told or event == "courrier_received"


def test_an_upheld_ar_is_told_with_its_date() -> None:
    line = _line("ar_upheld", State.ACKNOWLEDGED, date_reception=date(2026, 3, 9))
    assert line.told()["date_reception"] == "2026-03-09"
    assert "date_reception" not in _line("held", State.HELD, date_reception=date(2026, 3, 9)).told()


def test_a_finding_of_no_act_has_no_link() -> None:
    change = FindingChange(
        id=4, at=AT, opened=False, finding_id=9, check="trou_serie", severity="attention",
        rule=None, acte=None,
    )  # fmt: skip
    event = Speaker("123456782", "https://actes.example.org").event(change)
    assert event["type"] == EventType.CONSTAT_FERME.code
    assert event["id"] == "123456782:constat:4"
    assert "subject" not in event
    assert set(event["data"]) == {"siren", "constat"}


def test_links_are_whole_when_the_address_of_the_console_is_known() -> None:
    line = _line("accepted")
    assert Speaker("1").event(line)["data"]["liens"] == {"api": "/api/v1/actes/12"}
    assert Speaker("1", "https://a.example").event(line)["data"]["liens"] == {
        "api": "https://a.example/api/v1/actes/12",
        "console": "https://a.example/actes/12",
    }


def test_numbers_compare_as_text() -> None:
    texts = [numbered({}, each)["sequence"] for each in (1, 9, 10, 99, 100, 10**9)]
    assert texts == sorted(texts)
