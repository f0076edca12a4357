"""A real worker is killed (SIGKILL) at every named point, whatever it is doing, and started again.

Several points and several acts share a service: each point kills once, at the first that reaches
it. Each point and each pass alone, for each use case, is behind ``make chaos``.
"""

import pytest

from tests.support.service import Service
from tests.support.stories import ACTS, STORIES, Story
from transmission.embedded.processes import wait_until
from transmission.killpoints import POINTS

COUNT = 2
PASSES = 4
_PLUMBING = ("link.", "documents.", "register.", "task.")
_OF_SENDING = ("prepare.", "submit.", "reconcile.", "collect.", "link.body_sent")
# Of the commands, and of the other process.
_NOT_OF_A_WORKER = ("accept.", "relay.")
_OF_A_SCHEDULER = ["relay.published", "register.before_commit", "register.committed"]
# Whose answer is lost, so that there is something to ask about.
_POSTS = [
    "actes_transac_submit.php",
    "actes_transac_reponse_create.php",
    "actes_transac_cancel.php",
]
_EXCHANGES = tuple(story for story in STORIES if story is not ACTS)


def _reached(stories: tuple[Story, ...]) -> list[str]:
    """The points that a worker passes in these use cases."""
    never: tuple[str, ...] = _NOT_OF_A_WORKER
    if not any(story.reads_letters for story in stories):
        never += ("inbox.",)
    if not any(story.sends for story in stories):
        never += _OF_SENDING
    return [point for point in POINTS if not point.startswith(never)]


@pytest.mark.parametrize(
    ("stories", "plumbing"),
    [
        pytest.param((ACTS,), False, id="acts"),
        pytest.param((ACTS,), True, id="acts-plumbing"),
        pytest.param(_EXCHANGES, False, id="exchanges"),
        pytest.param(_EXCHANGES, True, id="exchanges-plumbing", marks=pytest.mark.chaos),
    ],
)
def test_what_was_begun_survives_the_death_of_its_process_at_every_point(
    service: Service, stories: tuple[Story, ...], plumbing: bool
) -> None:
    overs = [story.begin(service, f"D{rank}", COUNT) for rank, story in enumerate(stories)]
    points = [each for each in _reached(stories) if each.startswith(_PLUMBING) is plumbing]
    dying = {"worker": points}
    if plumbing:
        dying["scheduler"] = _OF_A_SCHEDULER
    deaths = service.outlive(lambda: all(over() for over in overs), dying)
    unreached = {name: service.unreached(points, name) for name, points in dying.items()}
    assert unreached == {name: [] for name in dying}
    assert deaths == sum(map(len, dying.values()))
    service.check()


@pytest.mark.parametrize(
    "point", [pytest.param("submit.after_intent", marks=pytest.mark.chaos), "submit.after_post"]
)
def test_the_death_of_one_process_of_the_pool_is_survived_without_a_restart(
    service: Service, point: str
) -> None:
    over = ACTS.begin(service, "D2023", 2)
    service.start("scheduler")
    service.start("worker", "--pool=prefork", kill_at=point)
    assert wait_until(over, 60), service.whereabouts()
    assert service.marker(point).exists()
    service.check()


@pytest.mark.chaos
@pytest.mark.parametrize(
    ("story", "point"),
    [
        pytest.param(story, point, id=f"{story.name}-{point}")
        for story in STORIES
        for point in _reached((story,))
    ],
)
def test_a_use_case_survives_each_pass_of_each_point_alone(
    service: Service, story: Story, point: str
) -> None:
    for passes in range(PASSES):
        over = story.begin(service, f"D{passes}", 1)
        if point.startswith("reconcile."):
            service.scene.manage("faults", fault="cut_after_accept", paths=_POSTS)
        where = f"{point}+{passes}" if passes else point
        service.outlive(over, {"worker": [where]})
        service.check()
        if service.unreached([where]):
            break
    assert not service.unreached([point])


@pytest.mark.chaos
@pytest.mark.parametrize("point", _OF_A_SCHEDULER)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_use_case_survives_each_pass_of_each_point_of_the_relay(
    service: Service, story: Story, point: str
) -> None:
    for passes in range(PASSES):
        over = story.begin(service, f"D{passes}", 1)
        service.outlive(over, {"scheduler": [f"{point}+{passes}"]})
        service.check()
    assert not service.unreached([f"{point}+0"], "scheduler")
