import pytest

from transmission.domain.journal_words import EVENTS, event_label
from transmission.domain.lifecycle import Event


@pytest.mark.parametrize("event", Event)
def test_every_event_of_the_lifecycle_has_its_label(event: Event) -> None:
    assert event_label(event.code) == event.label


@pytest.mark.parametrize("code", EVENTS)
def test_every_line_of_the_journal_has_a_label(code: str) -> None:
    assert event_label(code) != code


def test_an_unknown_code_is_shown_rather_than_hidden() -> None:
    assert event_label("unheard_of") == "unheard_of"
