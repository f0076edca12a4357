from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.console.queue_page import Filters
from transmission.domain.lifecycle import State
from transmission.store.queries import LIVING


def test_the_queue_shows_what_waits() -> None:
    assert Filters().states == LIVING
    assert Filters().wanted.oldest_first


def test_a_search_looks_everywhere_unless_told_where() -> None:
    assert Filters(q="eau").states == tuple(State)
    assert Filters(q="eau", etat="en-cours").states == LIVING
    assert Filters(q="eau", etat="held").states == (State.HELD,)


@pytest.mark.parametrize("etat", ["unknown", "HELD", "rejeté"])
def test_an_unknown_state_is_refused(etat: str) -> None:
    with pytest.raises(ValueError, match="unknown state"):
        _ = Filters(etat=etat).states


def test_the_plain_queue_has_the_plainest_address() -> None:
    assert Filters().url() == "/"


def test_changing_one_filter_keeps_the_others_and_leaves_the_page() -> None:
    filters = Filters(etat="held", collectivite="123456782", q="eau", apres="12")
    assert filters.url(etat="tous") == "/?etat=tous&collectivite=123456782&q=eau"


@given(st.text(max_size=50), st.text(max_size=20), st.booleans())
def test_an_address_carries_any_text_back(q: str, apres: str, fixe: bool) -> None:
    address = urlsplit(Filters(q=q, fixe=fixe).url(apres=apres))
    carried = dict(parse_qsl(address.query))
    assert address.path == "/"
    assert carried.get("q", "") == q
    assert carried.get("apres", "") == apres
    assert carried.get("fixe", "") == ("1" if fixe else "")
