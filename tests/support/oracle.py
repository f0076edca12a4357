"""What must hold whatever broke: register, journal, documents and the TdT tell one story."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Engine, select

from transmission.domain.errors import TransmissionError
from transmission.domain.lifecycle import FINAL, Event, State, transition
from transmission.domain.messages import ACTE, ANNULATION, ANSWERS
from transmission.domain.transmission import StoredFile
from transmission.ports import DocumentStore
from transmission.store.rows import load_transmission
from transmission.store.tables import answer_piece, journal, piece, retour, transmission

_OURS = {ACTE, ANNULATION, *(code for codes in ANSWERS.values() for code in codes)}
_EVENTS = {event.code: event for event in Event}
_RECEIVED = (State.ACKNOWLEDGED, State.DELIVERED, State.CANCELLING, State.CANCELLED)


def replayed(engine: Engine) -> dict[int, State]:
    """State of every transmission as the journal alone tells it.

    Each arrow leaves where the last one arrived, and is one of the lifecycle's.
    """
    columns = (journal.c.transmission_id, journal.c.event, journal.c.source, journal.c.target)
    moves = select(*columns).where(
        journal.c.target.is_not(None), journal.c.transmission_id.is_not(None)
    )
    states: dict[int, State] = {}
    with engine.connect() as connection:
        for about, event, source, target in connection.execute(moves.order_by(journal.c.id)):
            before = states.get(about)
            assert source == (before.code if before else None), (about, event, source, before)
            states[about] = State.of(target)
            if before is not None:
                assert transition(before, _EVENTS[event]).target is states[about]
    return states


def faults(
    engine: Engine, documents: DocumentStore, received: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """Everything that is not as it must be, once all is quiet: nothing, if nothing was lost."""
    with engine.connect() as connection:
        rows = [load_transmission(row) for row in connection.execute(select(transmission))]
    told = replayed(engine)
    found: list[tuple[Any, ...]] = [
        ("journal", each.id, each.state, told.get(each.id))
        for each in rows
        if told.get(each.id) is not each.state
    ]
    found += [
        ("no next step", each.id, each.state)
        for each in rows
        if each.state not in FINAL and each.next_attempt_at is None and not each.waiting_for
    ]
    found += [("document", name) for name in _damaged(engine, documents)]
    return found + list(_miscounted(rows, received))


def _miscounted(rows: list[Any], received: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Messages that the TdT holds more or less often than the register says."""
    sent = Counter((str(each.id_acte), each.message) for each in rows if each.state in _RECEIVED)
    may_be = Counter((str(each.id_acte), each.message) for each in rows)
    there = _held(received)
    for key in sorted(sent.keys() | there.keys()):
        if not sent[key] <= there[key] <= may_be[key]:
            yield ("lost" if there[key] < sent[key] else "doubled", *key, there[key], sent[key])


def _held(received: Mapping[str, Any]) -> Counter[tuple[str, str]]:
    held: Counter[tuple[str, str]] = Counter()
    for id_acte, act in received["acts"].items():
        waiting = list(act["transactions"])
        while waiting:
            one = waiting.pop()
            waiting += one["related"]
            if one["code"] in _OURS:
                held[id_acte, one["code"]] += 1
    return held


def _damaged(engine: Engine, documents: DocumentStore) -> Iterator[str]:
    named: set[tuple[str, int]] = set()
    with engine.connect() as connection:
        for table in (piece, answer_piece, retour):
            named |= {(row.sha256, row.size) for row in connection.execute(select(table))}
    for sha256, size in sorted(named):
        try:
            documents.check(StoredFile(sha256, size))
        except TransmissionError as error:
            yield str(error)
