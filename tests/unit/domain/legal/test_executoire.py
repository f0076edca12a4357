"""Force: the reference's own examples, and what holds for any act."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.legal.executoire import (
    Effect,
    Signature,
    contract_signature,
    executory_from,
    may_be_certified,
    tacit_executory_from,
)

DAYS = st.dates(date(2022, 7, 1), date(2035, 12, 31))
MAYBE = st.none() | DAYS
_day = date.fromisoformat


def test_a_deliberation_has_force_once_received_and_public() -> None:
    effect = executory_from(
        transmissible=True, received=_day("2026-03-12"), publicity=_day("2026-03-16")
    )
    assert effect == Effect(_day("2026-03-16"), _day("2026-03-16"))


@pytest.mark.parametrize(("received", "publicity"), [(None, "2026-03-16"), ("2026-03-12", None)])
def test_it_has_none_while_a_formality_is_missing(
    received: str | None, publicity: str | None
) -> None:
    effect = executory_from(
        transmissible=True,
        received=_day(received) if received else None,
        publicity=_day(publicity) if publicity else None,
        effect=_day("2026-03-01"),
    )
    assert effect == Effect(None, None)


def test_an_act_that_need_not_be_transmitted_waits_for_no_receipt() -> None:
    published = _day("2026-05-04")
    effect = executory_from(transmissible=False, received=None, publicity=published)
    assert effect.executoire == published
    sent_anyway = executory_from(
        transmissible=False, received=_day("2026-05-11"), publicity=published
    )
    assert sent_anyway.executoire == published


def test_a_posting_in_urgency_gives_force_before_the_publication() -> None:
    posted = _day("2026-06-05")
    effect = executory_from(
        transmissible=True, received=posted, publicity=_day("2026-06-09"), posted_in_urgency=posted
    )
    assert effect.executoire == posted
    alone = executory_from(
        transmissible=True, received=posted, publicity=None, posted_in_urgency=posted
    )
    assert alone.executoire == posted


def test_a_date_that_the_act_fixes_holds_when_it_is_to_come() -> None:
    day, later = _day("2026-06-15"), _day("2026-07-01")
    effect = executory_from(transmissible=True, received=day, publicity=day, effect=later)
    assert effect == Effect(day, later)
    same = executory_from(transmissible=True, received=day, publicity=day, effect=day)
    assert same == Effect(day, day)


def test_a_date_already_past_is_signalled_and_does_not_hold() -> None:
    day = _day("2026-03-16")
    effect = executory_from(
        transmissible=True, received=day, publicity=day, effect=_day("2026-03-01")
    )
    assert effect == Effect(day, day, retroactive=True)


@pytest.mark.parametrize(
    ("received", "day"),
    [("2026-03-12", "2026-03-17"), ("2026-03-17", "2026-03-17"), ("2026-03-20", "2026-03-20")],
)
def test_a_regulation_may_be_read_to_start_the_day_after_its_publicity(
    received: str, day: str
) -> None:
    effect = executory_from(
        transmissible=True, received=_day(received), publicity=_day("2026-03-16"), next_day=True
    )
    assert effect.executoire == _day(day)


def test_a_tacit_permit_has_force_untransmitted() -> None:
    assert tacit_executory_from(_day("2026-03-10")).executoire == _day("2026-03-10")


def test_nothing_is_certified_before_it_has_force() -> None:
    effect = Effect(_day("2026-03-16"), _day("2026-03-16"))
    assert not may_be_certified(effect, _day("2026-03-15"))
    assert may_be_certified(effect, _day("2026-03-16"))
    assert not may_be_certified(Effect(None, None), _day("2099-01-01"))


@pytest.mark.parametrize(
    ("signed", "found"),
    [
        ("2026-03-11", Signature(unlawful=True, imprudent=True)),
        ("2026-03-12", Signature(unlawful=False, imprudent=True)),
        ("2026-03-16", Signature(unlawful=False, imprudent=False)),
        ("2026-03-17", Signature(unlawful=False, imprudent=False)),
    ],
)
def test_a_contract_is_not_signed_before_its_deliberation_was_received(
    signed: str, found: Signature
) -> None:
    read = contract_signature(_day(signed), _day("2026-03-12"), _day("2026-03-16"))
    assert read == found


def test_a_contract_without_a_received_deliberation_is_signed_too_early() -> None:
    found = contract_signature(_day("2026-03-17"), None, None)
    assert found == Signature(unlawful=True, imprudent=True)


@given(st.booleans(), MAYBE, MAYBE, MAYBE, MAYBE, st.booleans())
def test_no_act_has_force_before_its_formalities(
    transmissible: bool,
    received: date | None,
    publicity: date | None,
    posted: date | None,
    fixed: date | None,
    next_day: bool,
) -> None:
    effect = executory_from(
        transmissible=transmissible,
        received=received,
        publicity=publicity,
        posted_in_urgency=posted,
        effect=fixed,
        next_day=next_day,
    )
    seen = [day for day in (publicity, posted) if day is not None]
    missing = not seen or (transmissible and received is None)
    assert (effect.executoire is None) == missing
    if effect.executoire is None or effect.prend_effet is None:
        assert effect == Effect(None, None)
        return
    assert effect.executoire >= min(seen) + timedelta(days=next_day)
    assert not transmissible or (received is not None and effect.executoire >= received)
    assert effect.prend_effet >= effect.executoire
    assert effect.retroactive == (fixed is not None and fixed < effect.executoire)
