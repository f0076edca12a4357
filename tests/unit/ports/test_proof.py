"""Three answers about trust, never two."""

from transmission.ports.proof import Trust


def test_what_is_not_known_is_never_called_approved_nor_refused() -> None:
    assert len({each.code for each in Trust}) == len({each.label for each in Trust}) == 3
    assert Trust.UNKNOWN.label == "on ne sait pas"
    assert not any("valide" in each.label for each in Trust)
