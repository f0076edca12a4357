"""The worker is stopped dead (SIGKILL) at every named point of the chain, then started again."""

import pytest
from sqlalchemy import select

from tests.support.service import PATIENCE, Service
from transmission.domain.lifecycle import State
from transmission.embedded.processes import wait_until
from transmission.store.tables import journal

POINTS = (
    "prepare.before_commit",
    "prepare.committed",
    "submit.before_intent",
    "submit.after_intent",
    "submit.after_post",
    "submit.after_outcome",
    "collect.bytes_kept",
    "collect.before_commit",
    "collect.committed",
    "apply.before_commit",
    "apply.committed",
)
ID_ACTE = "042-123456782-20230302-D2023_001-DE"


@pytest.mark.parametrize("point", POINTS)
def test_an_act_survives_the_death_of_the_worker_and_is_received_once(
    service: Service, point: str
) -> None:
    taken = service.scene.accept()
    service.start("scheduler")
    dying = service.start("worker", "--pool=solo", kill_at=point)
    assert wait_until(lambda: not dying.running, PATIENCE), service.scene.transmission(
        taken.acte_id
    )
    assert dying.exit_code == -9
    service.start("worker", "--pool=solo", kill_at=point)
    service.wait_for(taken.acte_id)
    assert service.scene.times_received(ID_ACTE) == 1
    assert service.scene.received()["totals"]["acts_accepted_twice"] == []
    assert _replayed(service, taken.acte_id) is State.ACKNOWLEDGED


@pytest.mark.parametrize("point", ["submit.after_intent", "submit.after_post"])
def test_the_death_of_one_process_of_the_pool_is_survived_without_a_restart(
    service: Service, point: str
) -> None:
    taken = service.scene.accept()
    service.start("scheduler")
    service.start("worker", "--pool=prefork", kill_at=point)
    service.wait_for(taken.acte_id)
    assert service.marker(point).exists()
    assert service.scene.times_received(ID_ACTE) == 1


def _replayed(service: Service, acte_id: int) -> State:
    """The state that the journal alone tells, each arrow leaving where the last arrived."""
    with service.scene.engine.connect() as connection:
        rows = connection.execute(
            select(journal.c.source, journal.c.target)
            .where(journal.c.acte_id == acte_id, journal.c.target.is_not(None))
            .order_by(journal.c.id)
        ).all()
    state = None
    for source, target in rows:
        assert source == state
        state = target
    assert state is not None
    return State.of(state)
