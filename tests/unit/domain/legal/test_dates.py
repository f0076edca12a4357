"""A legal date carries its rule, its reasons and its doubts."""

from dataclasses import replace
from datetime import date

import pytest

from transmission.domain.legal.dates import DateKind, LegalDate, settings_read, unknown
from transmission.domain.legal.periods import MonthEnd
from transmission.domain.legal.rules import RULES
from transmission.domain.legal.settings import PRUDENT

RECEIVED = date(2026, 1, 12)
LAST_DAY = LegalDate(
    name="defere_dernier_jour",
    kind=DateKind.LAST_DAY,
    rule="DF-1",
    day=date(2026, 3, 13),
    explanation="Deux mois francs après la réception du 12/01/2026.",
    inputs=(("réception par la préfecture", RECEIVED),),
)


def test_a_date_shows_the_titre_the_basis_and_the_confidence_of_its_rule() -> None:
    rule = RULES["DF-1"]
    assert (LAST_DAY.titre, LAST_DAY.basis) == (rule.titre, rule.basis)
    assert LAST_DAY.confidence is rule.confidence
    assert replace(LAST_DAY, rule="EL-6").confidence is RULES["EL-6"].confidence


def test_a_date_of_a_rule_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="XX-9"):
        replace(LAST_DAY, rule="XX-9")


def test_a_date_without_a_day_must_say_why() -> None:
    with pytest.raises(ValueError, match="defere_dernier_jour"):
        replace(LAST_DAY, day=None)


def test_a_date_with_a_day_cannot_be_unknown() -> None:
    with pytest.raises(ValueError, match="defere_dernier_jour"):
        replace(LAST_DAY, unknown="l'acte n'est pas reçu")


def test_a_missing_input_gives_no_day_and_a_sentence_that_names_it() -> None:
    executoire = unknown(
        "executoire",
        DateKind.STATUS,
        "EX-1",
        "l'acte n'est pas encore publié",
        inputs=(("réception par la préfecture", RECEIVED),),
        awaits="la publication de l'acte",
        warnings=("Une liste de titres n'est pas une publication.",),
    )
    assert executoire.day is None
    assert executoire.unknown == "l'acte n'est pas encore publié"
    assert executoire.explanation == "Date inconnue : l'acte n'est pas encore publié."
    assert executoire.awaits == "la publication de l'acte"
    assert executoire.warnings == ("Une liste de titres n'est pas une publication.",)
    assert executoire.inputs == (("réception par la préfecture", RECEIVED),)


def test_the_contested_points_that_were_read_are_kept_as_texts() -> None:
    settings = replace(PRUDENT, franc_deferre=False, month_end_rule=MonthEnd.DAY_AFTER)
    assert settings_read(settings, "franc_deferre", "month_end_rule", "urba_lo_extends") == (
        ("franc_deferre", "non"),
        ("month_end_rule", "day_after"),
        ("urba_lo_extends", "oui"),
    )
