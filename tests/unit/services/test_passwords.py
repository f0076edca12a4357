"""Passwords: kept by Argon2id, with a salt of their own, compared a few at a time."""

from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Event

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from transmission.services import passwords
from transmission.services.passwords import CrowdedError, hashed, is_dated, is_password

PASSWORD = "une phrase assez longue\ud800 é"


def test_a_password_is_kept_by_argon2id_with_at_least_the_memory_that_is_recommended() -> None:
    kept = hashed(PASSWORD)
    parameters = extract_parameters(kept)
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 19 * 1024
    assert hashed(PASSWORD) != kept
    assert is_password(kept, PASSWORD)
    assert not is_password(kept, PASSWORD + " ")
    assert not is_dated(kept)


def test_without_a_password_none_is_the_right_one() -> None:
    assert not is_password(None, "the password of nobody")
    assert not is_password("not a hash", PASSWORD)


def test_a_hash_of_other_parameters_is_dated() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD[:5])
    assert is_dated(weak)
    assert is_password(weak, PASSWORD[:5])


def test_whoever_waits_too_long_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    began, goes_on = Event(), Event()

    class Slow:
        def hash(self, _password: bytes) -> str:
            began.set()
            goes_on.wait(30)
            return "kept"

    monkeypatch.setattr(passwords, "_hasher", Slow)
    monkeypatch.setattr(passwords, "_AT_ONCE", BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "_PATIENCE_SECONDS", 0.01)
    with ThreadPoolExecutor(1) as together:
        first = together.submit(hashed, PASSWORD)
        assert began.wait(30)
        with pytest.raises(CrowdedError, match="dans une minute"):
            hashed(PASSWORD)
        goes_on.set()
        assert first.result() == "kept"
    assert hashed(PASSWORD) == "kept"
