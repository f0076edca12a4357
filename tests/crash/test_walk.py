"""A real worker is killed (SIGKILL) at every named point, whatever it is doing, and started again.

Several points and several acts share a service: each point kills once, at the first that reaches
it. The product of all points and all passes, one at a time, is behind ``make chaos``.
"""

import pytest

from tests.support.service import Service
from tests.support.stories import STORIES, Story
from transmission.killpoints import POINTS

COUNT = 4
# Of the commands, and of the other process.
_NOT_OF_A_WORKER = ("accept.", "relay.")
_PLUMBING = ("link.", "documents.", "register.", "task.")
# What a use case has no reason to reach.
_NEVER = {"letters": ("prepare.", "submit.", "reconcile.", "collect.", "link.body_sent")}
_ONLY_LETTERS = ("inbox.",)


def _points(story: Story, *, plumbing: bool) -> list[str]:
    never = (*_NOT_OF_A_WORKER, *_NEVER.get(story.name, _ONLY_LETTERS))
    return [
        point
        for point in POINTS
        if not point.startswith(never) and point.startswith(_PLUMBING) is plumbing
    ]


@pytest.mark.parametrize("plumbing", [False, True], ids=["services", "plumbing"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_what_was_begun_survives_the_death_of_its_process_at_every_point(
    service: Service, story: Story, plumbing: bool
) -> None:
    over = story.begin(service, "D2023", COUNT)
    points = _points(story, plumbing=plumbing)
    dying = {"worker": points}
    if plumbing:
        dying["scheduler"] = ["relay.published", "register.before_commit", "register.committed"]
    deaths = service.outlive(over, dying)
    assert [(name, service.unreached(points, name)) for name, points in dying.items()] == [
        (name, []) for name in dying
    ]
    assert deaths == sum(map(len, dying.values()))
    service.check()
