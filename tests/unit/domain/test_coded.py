"""What is kept under a code is found by it, and nothing else is."""

import pytest

from transmission.domain.coded import Coded
from transmission.domain.decisions import Decision
from transmission.domain.desks import Desk
from transmission.domain.legal.findings import Severity
from transmission.domain.lifecycle import State
from transmission.domain.notifications import Kind, Pace
from transmission.domain.publication import Verdict
from transmission.domain.transmission import RetourStatus
from transmission.domain.webhooks import WebhookState

ALL = (Decision, Desk, Kind, Pace, RetourStatus, Severity, State, Verdict, WebhookState)


@pytest.mark.parametrize("coded", ALL)
def test_a_member_is_found_by_its_code(coded: type[Coded]) -> None:
    assert [coded.of(member.code) for member in coded] == list(coded)


@pytest.mark.parametrize("coded", ALL)
def test_an_unknown_code_is_refused_by_what_it_should_have_been(coded: type[Coded]) -> None:
    with pytest.raises(ValueError, match=f"unknown {coded.__name__.lower()} 'de_demain'"):
        coded.of("de_demain")
