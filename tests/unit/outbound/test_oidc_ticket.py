"""What a browser keeps: nobody else reads it, makes it, or keeps it for long."""

from datetime import datetime, timedelta

import pytest

from transmission.outbound.oidc_ticket import LASTS, Ticket, sealed, unsealed

TICKET = Ticket(
    state="etat", nonce="unique", verifier="preuve", back="https://console.example/", path="/é?q=1"
)
SECRET = "un secret de longueur raisonnable"


def test_a_ticket_comes_back_as_it_left(now: datetime) -> None:
    kept = sealed(TICKET, SECRET, now)
    assert unsealed(kept, SECRET, now) == TICKET
    assert unsealed(kept, SECRET, now + LASTS) == TICKET


def test_a_ticket_serves_for_ten_minutes(now: datetime) -> None:
    kept = sealed(TICKET, SECRET, now)
    assert unsealed(kept, SECRET, now + LASTS + timedelta(seconds=1)) is None


def test_a_ticket_tells_nothing_to_whoever_keeps_it(now: datetime) -> None:
    kept = sealed(TICKET, SECRET, now)
    assert kept.isascii()
    assert "preuve" not in kept
    assert sealed(TICKET, SECRET, now) != kept


@pytest.mark.parametrize("spoiled", ["", "é", "gAAAAA", "x" * 5000])
def test_what_is_no_ticket_is_none(now: datetime, spoiled: str) -> None:
    assert unsealed(spoiled, SECRET, now) is None


def test_a_ticket_that_was_touched_or_sealed_by_others_is_none(now: datetime) -> None:
    kept = sealed(TICKET, SECRET, now)
    middle = len(kept) // 2
    touched = f"{kept[:middle]}{'A' if kept[middle] != 'A' else 'B'}{kept[middle + 1 :]}"
    assert unsealed(touched, SECRET, now) is None
    assert unsealed(sealed(TICKET, f"{SECRET}!", now), SECRET, now) is None
