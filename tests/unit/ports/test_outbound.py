"""What is told outside has a key that no header and no signature can be split by."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from transmission.ports.outbound import WebhookCall

AT = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)


def _call(key: str) -> WebhookCall:
    return WebhookCall(
        key=key, address="https://x", body=b"", sent_at=AT, secret_file=Path("unused")
    )


@pytest.mark.parametrize("key", ["1", "rappel:12:defere_7", "msg_p5jXN8AQM9LWM0D4", "x" * 255])
def test_a_key_is_letters_digits_and_a_few_marks(key: str) -> None:
    assert _call(key).key == key


@pytest.mark.parametrize("key", ["", "a.b", "a b", "a\r\nx: y", "a\n", "é", "x" * 256])
def test_anything_else_is_no_key(key: str) -> None:
    with pytest.raises(ValueError, match="no key of a webhook"):
        _call(key)


@pytest.mark.parametrize("given", [{}, {"secret_file": Path("x"), "secrets": (bytes(32),)}])
def test_a_call_is_signed_in_one_way(given: Any) -> None:
    with pytest.raises(ValueError, match="signed"):
        WebhookCall(key="k", address="https://x", body=b"", sent_at=AT, **given)
