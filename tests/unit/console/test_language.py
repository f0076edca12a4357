"""The language of whoever is not known yet."""

import pytest

from transmission.console.language import preferred, wished


def scope(query: str = "", accepted: str = "") -> dict[str, object]:
    return {
        "type": "http",
        "query_string": query.encode(),
        "headers": [(b"accept-language", accepted.encode())],
    }


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [
        ("", "fr"),
        ("en", "en"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("fr;q=0.4, EN ; q=0.5", "en"),
        ("de,es", "fr"),
        ("de,en;q=0.1", "en"),
        ("en;q=0", "fr"),
        ("en;q=much", "fr"),
        ("en;level=1", "fr"),
        ("*", "fr"),
        ("," * 9000 + "en", "fr"),
    ],
)
def test_a_browser_says_what_it_prefers(accepted: str, spoken: str) -> None:
    assert preferred(accepted) == spoken


def test_what_is_asked_for_goes_before_what_the_browser_says() -> None:
    assert wished(scope("langue=en", "fr")) == "en"
    assert wished(scope("suite=/&langue=fr", "en")) == "fr"
    assert wished(scope("langue=klingon", "en")) == "en"
    assert wished(scope("langue=%ff")) == "fr"
