"""A déféré after its last day, and the letters whose silence is about to decide."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.support.checks import INDIVIDUAL, at, checked, days, received
from transmission.domain.legal.checked import CheckedActe, Letter
from transmission.domain.legal.checks import check_acte
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.settings import PRUDENT

AR = received(date(2026, 1, 12))
LAST_DAY = date(2026, 3, 13)
LETTER = at(EventKind.LETTRE_OBSERVATIONS, date(2026, 3, 10))
ASKED = at(EventKind.DEMANDE_PIECES, date(2026, 3, 10))
TACIT = date(2026, 5, 10)
AFTER_SILENCE = date(2026, 7, 13)


def _of(acte: CheckedActe, check: str) -> list[Finding]:
    return [each for each in check_acte(acte) if each.check == check]


# --- late déféré ---


@pytest.mark.parametrize(("late", "count"), [(0, 0), (1, 1)])
def test_a_defere_filed_after_the_last_day_is_late_by_so_many_days(late: int, count: int) -> None:
    filed = at(EventKind.DEFERE, LAST_DAY + days(late))
    found = _of(checked(AR, filed, today=LAST_DAY + days(30)), "defere_tardif")
    assert [each.rule for each in found] == ["DF-1"] * count


def test_a_late_defere_shows_its_margin_and_both_days() -> None:
    filed = at(EventKind.DEFERE, LAST_DAY + days(9))
    (found,) = _of(checked(AR, filed, today=LAST_DAY + days(30)), "defere_tardif")
    assert found.severity is Severity.GRAVE
    assert found.message.endswith(
        "déféré déposé le 22 mars 2026, 9 jours après le 13 mars 2026, dernier jour."
    )
    assert ("Retard", "9 jours") in found.evidence
    assert ("Départ du délai", "12 janvier 2026") in found.evidence


def test_a_defere_that_another_reading_of_the_law_admits_is_less_grave() -> None:
    filed = at(EventKind.DEFERE, LAST_DAY)
    settings = replace(PRUDENT, franc_deferre=False)
    acte = checked(AR, filed, today=LAST_DAY + days(30), settings=settings)
    (found,) = _of(acte, "defere_tardif")
    assert found.severity is Severity.ATTENTION
    assert ("Dernier jour, autre lecture", "13 mars 2026") in found.evidence


def test_a_defere_of_an_act_never_received_is_not_late() -> None:
    filed = at(EventKind.DEFERE, LAST_DAY + days(9))
    assert _of(checked(filed, today=LAST_DAY + days(30)), "defere_tardif") == []


# --- letters ---


@pytest.mark.parametrize("event", [LETTER, ASKED], ids=["letter", "pieces"])
@pytest.mark.parametrize(
    ("today", "severity"),
    [
        (TACIT - days(8), None),
        (TACIT - days(7), Severity.ATTENTION),
        (TACIT, Severity.ATTENTION),
        (TACIT + days(1), Severity.GRAVE),
        (AFTER_SILENCE, Severity.GRAVE),
        (AFTER_SILENCE + days(1), None),
    ],
)
def test_a_silence_is_told_before_it_decides_and_grave_while_it_is_open(
    event: object, today: date, severity: Severity | None
) -> None:
    check = "lettre_sans_reponse" if event is LETTER else "pieces_sans_reponse"
    acte = checked(AR, event, acte=INDIVIDUAL, today=today)  # type: ignore[arg-type]
    found = _of(acte, check)
    assert [each.severity for each in found] == ([] if severity is None else [severity])


def test_a_letter_shows_its_number_its_days_and_what_silence_becomes() -> None:
    letters = (Letter(courrier_id=45, event=LETTER),)
    (found,) = _of(checked(AR, LETTER, today=TACIT, letters=letters), "lettre_sans_reponse")
    assert (found.rule, found.key) == ("DF-3", "acte:12:2026-03-10")
    assert found.evidence == (
        ("Courrier n°", "45"),
        ("Datée du", "10 mars 2026"),
        ("Reçue le", "10 mars 2026"),
        ("Rejet implicite", "10 mai 2026"),
        ("Dernier jour du déféré, si le silence dure", "13 juillet 2026"),
    )
    assert "le silence vaudra rejet implicite au 10 mai 2026" in found.message


def test_an_answer_that_left_and_was_not_received_yet_is_less_grave() -> None:
    left = Letter(courrier_id=45, event=ASKED, answered_at=datetime(2026, 5, 11, 9, tzinfo=UTC))
    acte = checked(AR, ASKED, today=TACIT + days(2), letters=(left,))
    (found,) = _of(acte, "pieces_sans_reponse")
    assert found.severity is Severity.ATTENTION
    assert ("Réponse partie le", "11/05/2026 à 11:00:00 (UTC+0200)") in found.evidence


@pytest.mark.parametrize(
    ("event", "answer", "check"),
    [
        (LETTER, EventKind.REPONSE_LETTRE, "lettre_sans_reponse"),
        (ASKED, EventKind.PIECES, "pieces_sans_reponse"),
        (ASKED, EventKind.REFUS_PIECES, "pieces_sans_reponse"),
    ],
)
def test_an_answer_received_by_the_state_ends_it(
    event: object, answer: EventKind, check: str
) -> None:
    acte = checked(AR, event, at(answer, TACIT - days(3)), today=TACIT)  # type: ignore[arg-type]
    assert _of(acte, check) == []


def test_a_holding_reply_is_no_answer() -> None:
    waiting = at(EventKind.REPONSE_ATTENTE, TACIT - days(3))
    assert len(_of(checked(AR, LETTER, waiting, today=TACIT), "lettre_sans_reponse")) == 1


def test_a_letter_out_of_time_wants_no_answer() -> None:
    late = at(EventKind.LETTRE_OBSERVATIONS, LAST_DAY + days(1))
    found = check_acte(checked(AR, late, today=LAST_DAY + days(58)))
    assert "lettre_sans_reponse" not in {each.check for each in found}


def test_the_silence_of_an_assembly_is_still_told_when_its_control_ends_under_reserve() -> None:
    acte = checked(AR, LETTER, today=AFTER_SILENCE + days(1))
    (found,) = _of(acte, "lettre_sans_reponse")
    assert found.severity is Severity.ATTENTION


def test_once_referred_to_the_court_an_act_is_past_its_letters() -> None:
    filed = at(EventKind.DEFERE, TACIT - days(1))
    found = check_acte(checked(AR, LETTER, ASKED, filed, today=TACIT))
    assert {"lettre_sans_reponse", "pieces_sans_reponse"} & {each.check for each in found} == set()
