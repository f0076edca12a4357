"""Retours: the same bytes from the same place are one; what became of them is kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from tests.support.bench import Bench
from transmission.domain.lifecycle import Event
from transmission.domain.retours import EchoDifference
from transmission.domain.transmission import SERVICE, RetourStatus, StoredFile
from transmission.ports import Arrived, Step
from transmission.store.tables import journal, retour

FILE = StoredFile("ab" * 32, 12)


def _added(bench: Bench, transmission_id: int | None = None, **changes: Any) -> int | None:
    given: dict[str, Any] = {
        "collectivite_id": bench.authority_id,
        "file": FILE,
        "source": "tdt:1",
        "at": bench.clock.now(),
        **changes,
    }
    with bench.tools.register() as unit:
        added = unit.add_retour(Arrived(transmission_id=transmission_id, **given))
        unit.commit()
    return added


def test_the_same_bytes_of_the_same_source_are_kept_once(bench: Bench) -> None:
    assert _added(bench) is not None
    assert _added(bench) is None
    assert len(bench.retours()) == 1


def test_the_arrival_of_a_retour_is_in_the_journal_once_by_the_same_commit(bench: Bench) -> None:
    retour_id = _added(bench, source="inbox:7")
    _added(bench, source="inbox:7")
    with bench.engine.connect() as connection:
        rows = connection.execute(select(journal).where(journal.c.event == "retour_received")).all()
    assert [(row.collectivite_id, row.acte_id) for row in rows] == [(bench.authority_id, None)]
    assert rows[0].details == {"retour": retour_id, "source": "inbox:7", "sha256": FILE.sha256}


def test_other_bytes_another_source_or_another_authority_make_another_retour(
    bench: Bench,
) -> None:
    _added(bench)
    assert _added(bench, file=StoredFile("cd" * 32, 12)) is not None
    assert _added(bench, source="tdt:2") is not None
    assert _added(bench, collectivite_id=bench.second_id) is not None


def test_a_retour_is_locked_by_one_reader_at_a_time(bench: Bench) -> None:
    retour_id = _added(bench)
    assert retour_id is not None
    with bench.tools.register() as one, bench.tools.register() as other:
        locked = one.lock_retour(retour_id)
        assert locked is not None
        assert (locked.file, locked.status) == (FILE, RetourStatus.STORED)
        assert other.lock_retour(retour_id) is None
        assert other.lock_retour(999) is None


def test_what_is_not_read_yet_is_found_again_after_its_delay_oldest_first(bench: Bench) -> None:
    now = bench.clock.now()
    ids = [_added(bench, source=f"tdt:{rank}") for rank in range(3)]
    with bench.tools.register() as unit:
        assert unit.unread_retours(now, 10) == []
        later = now + timedelta(seconds=1)
        assert unit.unread_retours(later, 10) == ids
        assert unit.unread_retours(later, 2) == ids[:2]
        unit.settle_retour(ids[0] or 0, RetourStatus.QUARANTINED, "?", reason="inconnu")
        assert unit.unread_retours(later, 10) == ids[1:]


def test_a_settlement_keeps_everything_that_was_learnt(bench: Bench) -> None:
    sent = bench.sent()
    retour_id = _added(bench, sent.id)
    assert retour_id is not None
    difference = EchoDifference("objet", "envoyé", "reçu")
    with bench.tools.register() as unit:
        unit.settle_retour(
            retour_id,
            RetourStatus.APPLIED,
            "1-2",
            transmission_id=sent.id,
            date_reception=date(2023, 3, 9),
            notes=("Objet est absent.",),
            differences=(difference,),
        )
        unit.commit()
    (kept,) = bench.retours()
    assert (kept.status, kept.kind, kept.reason) == ("applied", "1-2", None)
    assert (kept.transmission_id, kept.date_reception) == (sent.id, date(2023, 3, 9))
    assert kept.notes == ["Objet est absent."]
    assert kept.differences == [{"champ": "objet", "envoye": "envoyé", "recu": "reçu"}]


def test_the_ar_of_a_transmission_is_the_retour_that_dated_it(bench: Bench) -> None:
    sent = bench.sent()
    retour_id = _added(bench, sent.id)
    with bench.tools.register() as unit:
        assert unit.accuse_reception(sent.id) is None
        step = Step(date_reception=date(2023, 3, 9), retour_id=retour_id)
        unit.move(sent, Event.AR_RECEIVED, SERVICE, bench.clock.now(), step)
        unit.commit()
    with bench.tools.register() as unit:
        assert unit.accuse_reception(sent.id) == FILE


def test_an_anomaly_is_never_given_for_an_ar(bench: Bench) -> None:
    sent = bench.sent()
    retour_id = _added(bench, sent.id)
    with bench.tools.register() as unit:
        step = Step(retour_id=retour_id)
        unit.move(sent, Event.ANOMALIE_RECEIVED, SERVICE, bench.clock.now(), step)
        assert unit.accuse_reception(sent.id) is None


def test_collecting_from_many_places_at_once_keeps_one_copy(bench: Bench) -> None:
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda _: _added(bench), range(8)))
    assert len([found for found in added if found is not None]) == 1
    with bench.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(retour)).scalar_one() == 1
