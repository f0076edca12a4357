"""Collecting by lists: thousands that wait cost a few calls, and what moved is asked alone."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from tests.support.bench import Bench
from tests.support.scene import Scene
from transmission.domain.lifecycle import State
from transmission.domain.outcomes import CannotTell
from transmission.domain.transmission import Transmission
from transmission.ports import Collected, Situation
from transmission.services.collect import FEW, LOOKS, collect
from transmission.store.tables import transmission

MANY = 10_000
WAITING = Collected(Situation.WAITING, b"", None, "transmis à l'État")
DELIVERED = Collected(Situation.DELIVERED, b"", None, "acquitté par l'État")
XML = b'<?xml version="1.0"?><retour/>'
ANSWERED = Collected(Situation.ANSWERED, b"OK\n4\n" + XML, XML)

# As the services would have left them, in two statements.
ACTES = text("""
    INSERT INTO acte (collectivite_id, numero_interne, date_decision, nature, matiere, objet,
                      date_classification, document_papier, fingerprint, accepted_at, accepted_by)
    SELECT :authority, 'B' || n, '2023-03-02', 1, '7.5', 'Subvention', '2023-01-02', false,
           n::text, :now, 'service'
    FROM generate_series(1, :many) AS n""")
SENDINGS = text("""
    INSERT INTO transmission (acte_id, collectivite_id, message, state, state_since, attempts,
                              next_attempt_at, waiting_for, id_acte, reference)
    SELECT id, collectivite_id, '1-1', 'submitted', :now, 1, :now, 'quelque chose',
           '042-123456782-20230302-' || numero_interne || '-DE', substr(numero_interne, 2)
    FROM acte""")


@pytest.fixture
def many(bench: Bench) -> Callable[[int], None]:
    """Fills the register with acts that the TdT has, whose time has come."""
    bench.tdt.capabilities_of_all = replace(bench.tdt.capabilities_of_all, lists_waiting=True)

    def fill(number: int) -> None:
        now = bench.clock.now()
        with bench.engine.begin() as connection:
            connection.execute(ACTES, {"authority": bench.authority_id, "now": now, "many": number})
            connection.execute(SENDINGS, {"now": now})

    return fill


Many = Callable[[int], None]


def _listed(number: int, without: tuple[int, ...] = ()) -> Mapping[str, Collected]:
    return {str(rank): WAITING for rank in range(1, number + 1) if rank not in without}


def _asked(bench: Bench) -> list[str]:
    return [about for name, about in bench.tdt.asked if name == "collect"]


def _sent(bench: Bench, reference: str) -> Transmission:
    with bench.engine.connect() as connection:
        statement = select(transmission.c.id).where(transmission.c.reference == reference)
        found = connection.execute(statement).scalar_one()
    return bench.now_of(found)


def _due(bench: Bench) -> int:
    with bench.engine.connect() as connection:
        statement = select(func.count()).where(transmission.c.next_attempt_at <= bench.clock.now())
        return connection.execute(statement).scalar_one()


def test_ten_thousand_acts_that_wait_cost_one_reading_of_the_lists(
    bench: Bench, many: Many
) -> None:
    many(MANY)
    bench.tdt.on_waiting = _listed(MANY)
    collect(bench.tools, bench.authority_id)
    assert [name for name, _ in bench.tdt.asked] == ["waiting"]
    assert _due(bench) == 0
    assert bench.bells() == []
    sent = _sent(bench, "4321")
    assert (sent.state, sent.polls) == (State.SUBMITTED, 1)
    assert sent.next_attempt_at == bench.clock.now() + timedelta(seconds=20)
    assert sent.waiting_for == (
        "l'accusé de réception de la préfecture (chez TdT d'essai : transmis à l'État)"
    )


def test_those_that_moved_are_asked_about_alone_whatever_their_number_waits(
    bench: Bench, many: Many
) -> None:
    many(MANY)
    bench.tdt.on_waiting = _listed(MANY, without=(17, 4242))
    bench.tdt.on_collect = ANSWERED
    collect(bench.tools, bench.authority_id)
    assert sorted(_asked(bench)) == ["17", "4242"]
    assert bench.tdt.times("waiting") == 1
    assert {kept.transmission_id for kept in bench.retours()} == {
        _sent(bench, "17").id, _sent(bench, "4242").id
    }  # fmt: skip


@pytest.mark.parametrize("answer", [CannotTell("liste trop longue"), {}])
def test_lists_that_say_nothing_leave_each_to_be_asked_about_in_as_many_tasks_as_it_takes(
    bench: Bench, many: Many, answer: object
) -> None:
    number = LOOKS + 50
    many(number)
    bench.tdt.on_waiting = answer
    collect(bench.tools, bench.authority_id)
    assert len(_asked(bench)) == LOOKS
    assert bench.bells() == [("collect", bench.authority_id)]
    bench.silence()
    collect(bench.tools, bench.authority_id)
    assert sorted(_asked(bench), key=int) == [str(rank) for rank in range(1, number + 1)]
    assert bench.bells() == []


def test_few_acts_are_asked_about_without_reading_the_lists(bench: Bench, many: Many) -> None:
    many(5)
    collect(bench.tools, bench.authority_id)
    assert bench.tdt.times("waiting") == 0
    assert bench.tdt.times("collect") == 5


def test_a_tdt_without_lists_is_never_asked_for_them(bench: Bench, many: Many) -> None:
    many(FEW + 1)
    bench.tdt.capabilities_of_all = replace(bench.tdt.capabilities_of_all, lists_waiting=False)
    collect(bench.tools, bench.authority_id)
    assert bench.tdt.times("waiting") == 0
    assert bench.tdt.times("collect") == FEW + 1


@pytest.mark.parametrize(
    "found", [ANSWERED, replace(WAITING, situation=Situation.UNKNOWN)], ids=lambda f: f.situation
)
def test_what_a_list_gives_for_anything_but_waiting_is_asked_about(
    bench: Bench, many: Many, found: Collected
) -> None:
    many(20)
    bench.tdt.on_waiting = {**_listed(20), "7": found}
    collect(bench.tools, bench.authority_id)
    assert _asked(bench) == ["7"]


def test_a_message_without_ar_ends_once_the_state_has_it(bench: Bench, many: Many) -> None:
    many(20)
    with bench.engine.begin() as connection:
        connection.execute(
            transmission.update().where(transmission.c.reference == "7").values(message="2-2")
        )
    bench.tdt.on_waiting = {**_listed(20), "7": DELIVERED, "8": DELIVERED}
    bench.tdt.on_collect = DELIVERED
    collect(bench.tools, bench.authority_id)
    assert _asked(bench) == ["7"]
    assert _sent(bench, "7").state is State.DELIVERED
    assert _sent(bench, "8").state is State.SUBMITTED


def test_the_lists_of_a_real_platform_spare_it_a_question_for_each_act(scene: Scene) -> None:
    numbers = [f"D2023_{rank:03d}" for rank in range(1, FEW + 3)]
    for number in numbers[:-1]:
        scene.manage("scenario", scenario="silence", number=number)
    taken = [scene.accept(number) for number in numbers]
    scene.run("prepare", "submit", "apply")
    before = scene.received()["totals"]["calls"].get("actes_transac_get_status.php", 0)
    scene.later(30)
    after = scene.received()["totals"]["calls"].get("actes_transac_get_status.php", 0)
    assert after - before == 1
    states = [scene.transmission(each.acte_id).state for each in taken]
    assert states == [State.SUBMITTED] * (len(numbers) - 1) + [State.ACKNOWLEDGED]
