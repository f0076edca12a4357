"""How much room a disk must keep."""

import pytest

from transmission.store.room import LEAST, LEAST_TEMPORARY, Room, room_of

BIG = 100 * LEAST


@pytest.mark.parametrize(
    ("free", "expected"),
    [
        (LEAST - 1, Room.NEARLY_NONE),
        (LEAST, Room.SCANT),
        (BIG // 10 - 1, Room.SCANT),
        (BIG // 10, Room.ENOUGH),
    ],
)
def test_room_is_judged_by_what_is_left_and_by_its_share(free: int, expected: Room) -> None:
    assert room_of(free, BIG) is expected


def test_less_is_asked_of_a_temporary_folder() -> None:
    assert room_of(LEAST_TEMPORARY, LEAST_TEMPORARY, LEAST_TEMPORARY) is Room.ENOUGH
