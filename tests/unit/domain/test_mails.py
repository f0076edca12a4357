"""The HTML part of every e-mail."""

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from transmission.domain.mails import html_page


def test_a_page_is_in_french_and_bears_its_title() -> None:
    tree = html.fromstring(html_page("Rappels", "<p>Un</p>"))
    assert tree.get("lang") == "fr"
    assert (tree.findtext(".//title"), tree.findtext(".//p")) == ("Rappels", "Un")


@given(st.text(alphabet="<>&\"'/titlescrp", min_size=1))
def test_whatever_a_title_says_it_stays_a_title(title: str) -> None:
    tree = html.fromstring(html_page(title, "<p>Un</p>"))
    assert tree.findtext(".//title") == title
    assert not tree.cssselect("script")
