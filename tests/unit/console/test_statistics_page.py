from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from transmission.console.statistics_page import Asked, StatisticsPage

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def test_the_plain_page_has_the_plainest_address() -> None:
    assert Asked().url("/statistiques.csv") == "/statistiques.csv"


@given(TEXT, TEXT, TEXT)
def test_the_exports_are_asked_for_what_the_page_shows(
    collectivite: str, depuis: str, jusqu_a: str
) -> None:
    asked = Asked(collectivite, depuis, jusqu_a)
    address = urlsplit(asked.url("/statistiques.json"))
    carried = dict(parse_qsl(address.query))
    assert address.path == "/statistiques.json"
    assert Asked(**carried) == asked


def test_what_was_typed_stays_in_the_form_when_it_cannot_be_read() -> None:
    asked = Asked("1", "mars", "2026-04")
    assert StatisticsPage(asked, (), problem="non").shown == asked
