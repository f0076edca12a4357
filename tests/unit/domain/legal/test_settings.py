"""The two readings of the contested points."""

from transmission.domain.legal.settings import PROFILES, PRUDENT, STRICT, changed


def test_the_strict_profile_differs_on_four_points_alone() -> None:
    assert changed(STRICT) == {
        "late_pieces_restart": False,
        "pieces_after_lo": False,
        "urba_lo_extends": False,
        "suspension_10d_franc": False,
    }


def test_the_prudent_profile_changes_nothing() -> None:
    assert changed(PRUDENT) == {}
    assert PROFILES == {"prudent": PRUDENT, "strict": STRICT}
