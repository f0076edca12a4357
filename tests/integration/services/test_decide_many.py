"""One of many is decided of as it was seen on the list, or not at all."""

from dataclasses import replace

import pytest

from tests.support.bench import Bench
from transmission.domain.decisions import Decision
from transmission.domain.errors import ConflictError
from transmission.domain.lifecycle import State
from transmission.domain.transmission import Author
from transmission.services.decide_many import decide, why_closed
from transmission.store.queries import ActeLine
from transmission.store.queries.queue import sendings

WHO = Author("DGS", "rapporté")


def listed(bench: Bench, transmission_id: int) -> ActeLine:
    with bench.engine.connect() as connection:
        return sendings(connection, [transmission_id])[transmission_id]


def test_what_moved_since_it_was_listed_is_left_as_it_is(bench: Bench) -> None:
    made = bench.acte()
    seen = listed(bench, made.id)
    bench.clock.advance(60)
    decide(bench.tools, Decision.CANCEL, seen, WHO)
    with pytest.raises(ConflictError, match="A changé depuis l'aperçu"):
        decide(bench.tools, Decision.CANCEL, seen, WHO)
    gone = listed(bench, made.id)
    with pytest.raises(ConflictError):
        decide(bench.tools, Decision.RESEND, replace(gone, state_since=seen.state_since), WHO)
    assert bench.now_of(made.id).state is State.CANCELLED


def test_a_decision_is_closed_to_a_sending_that_another_replaced(bench: Bench) -> None:
    made = bench.acte()
    decide(bench.tools, Decision.CANCEL, listed(bench, made.id), WHO)
    gone = listed(bench, made.id)
    assert why_closed(Decision.RESEND, gone, made.id) == ""
    assert "(« Annulée »)" in why_closed(Decision.CANCEL, gone, made.id)
    assert "remplacé" in why_closed(Decision.RESEND, gone, made.id + 1)
