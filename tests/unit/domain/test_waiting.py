import pytest

from transmission.domain import waiting
from transmission.domain.lifecycle import FINAL, State


@pytest.mark.parametrize("state", [state for state in State if state not in FINAL])
def test_every_living_state_says_what_it_waits_for_even_when_nobody_wrote_it(state: State) -> None:
    assert waiting.awaited(state, None)
    assert waiting.awaited(state, "autre chose") == "autre chose"
