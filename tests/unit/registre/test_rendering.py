"""What the templates write, whatever they are given."""

import pytest

from transmission.registre.links import Links
from transmission.registre.rendering import asset, error_page, number, size


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0 octets"),
        (999, "999 octets"),
        (1000, "1 ko"),
        (999_999, "999 ko"),
        (2_345_678, "2,3 Mo"),
        (150_000_000, "150,0 Mo"),
    ],
)
def test_a_size_is_told_in_its_unit(count: int, told: str) -> None:
    assert size(count) == told


def test_a_number_has_its_thousands_apart() -> None:
    assert number(1_234_567) == "1 234 567"


def test_a_text_from_outside_is_escaped_and_its_marks_are_shown() -> None:
    page = bytes(error_page(404, Links(), "<b>\u202etitre\x07", "a\nb").body).decode()
    assert "<h1>&lt;b&gt;\ufffdtitre\ufffd</h1>" in page
    assert "<p>a b</p>" in page


def test_only_the_files_of_the_register_are_given_and_may_be_kept() -> None:
    assert asset("../rendering.py") is None
    assert asset("erreur.html") is None
    found = asset("registre.css")
    assert found is not None
    assert found.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in found.headers["cache-control"]
