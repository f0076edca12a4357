"""Addresses as they travel; the rest is judged on the two users of this module."""

import pytest

from transmission.outbound.http import checked


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://site.example", "https://site.example/"),
        ("https://site.example/é à?q=ç#page", "https://site.example/%C3%A9%20%C3%A0?q=%C3%A7"),
        ("https://préfecture.example/", "https://xn--prfecture-c4a.example/"),
        ("  http://127.0.0.1:80/x", "http://127.0.0.1:80/x"),
    ],
)
def test_an_address_is_written_as_the_wire_wants_it(written: str, sent: str) -> None:
    assert checked(written) == sent
