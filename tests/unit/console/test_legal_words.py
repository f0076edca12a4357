"""Calendars and contested points have words, whatever a date has read."""

from dataclasses import fields, replace
from enum import Enum

import pytest

from transmission.console.legal_words import calendar_label, setting_label
from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.dates import settings_read
from transmission.domain.legal.settings import PRUDENT, LegalSettings

NAMES = [field.name for field in fields(LegalSettings)]


def _values(name: str) -> list[object]:
    default = getattr(PRUDENT, name)
    return list(type(default)) if isinstance(default, Enum) else [True, False]


@pytest.mark.parametrize("name", NAMES)
def test_every_contested_point_has_a_question_an_answer_and_its_number(name: str) -> None:
    labels = set()
    for value in _values(name):
        [(_, text)] = settings_read(replace(PRUDENT, **{name: value}), name)
        label = setting_label(name, text)
        assert name not in label
        assert label.count(" : ") == 1
        assert label.endswith(")")
        assert not isinstance(value, Enum) or f" : {text} (" not in label
        labels.add(label)
    assert len(labels) == len(_values(name))


def test_an_unknown_point_is_shown_as_it_is() -> None:
    assert setting_label("autre_point", "valeur") == "autre_point : valeur"


@pytest.mark.parametrize("calendrier", Calendrier)
def test_every_calendar_has_words(calendrier: Calendrier) -> None:
    assert calendar_label(calendrier).startswith("jours fériés ")
