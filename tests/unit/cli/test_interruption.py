"""Whatever asks the program to stop is heeded at a pause, and never while things are undone."""

import signal

import pytest

from transmission.cli.interruption import interruptible, pause

ALL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.mark.parametrize("number", ALL)
def test_a_signal_is_heeded_at_the_next_pause(number: signal.Signals) -> None:
    with interruptible():
        signal.raise_signal(number)
        reached = True
        with pytest.raises(KeyboardInterrupt):
            pause(0)
    assert reached


def test_a_second_signal_does_not_cut_the_stop_short() -> None:
    with interruptible():
        for number in (*ALL, *ALL):
            signal.raise_signal(number)
        with pytest.raises(KeyboardInterrupt):
            pause(0)
    assert not signal.sigpending() & set(ALL)


def test_a_pause_without_signal_ends_by_itself() -> None:
    with interruptible():
        pause(0)


def test_signals_do_what_they_did_once_it_is_over() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with interruptible():
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) >= set(ALL)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_the_end_of_the_session_is_ignored_under_nohup() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            signal.raise_signal(signal.SIGHUP)
            pause(0)
    finally:
        signal.signal(signal.SIGHUP, before)
