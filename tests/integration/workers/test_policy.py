"""Real processes with nothing to do tell all the same that every queue is served."""

from pathlib import Path

from tests.support.scene import Scene
from tests.support.service import service
from transmission.embedded.processes import wait_until
from transmission.store.queries import read_health
from workers.queues import TASKS, heartbeat_of
from workers.relay import RELAY, run_heartbeat

PATIENCE = 60


def test_probes_cross_every_queue_of_a_worker_that_has_no_work(
    scene: Scene, database_url: str, broker_url: str, tmp_path: Path
) -> None:
    expected = {RELAY, run_heartbeat("sweep"), *map(heartbeat_of, TASKS)}

    def told() -> set[str]:
        with scene.engine.connect() as connection:
            return set(read_health(connection).heartbeats)

    with service(scene, database_url, broker_url, tmp_path / "documents", tmp_path / "l") as made:
        made.start("scheduler")
        assert wait_until(lambda: RELAY in told(), PATIENCE)
        # Without a worker, a probe is rung and published, and no queue says that it came through.
        assert told() & set(map(heartbeat_of, TASKS)) == set()
        made.start("worker", "--pool=solo")
        assert wait_until(lambda: told() >= expected, PATIENCE), told()
