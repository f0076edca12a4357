from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from transmission.console.charts import HATCHING, PANEL, POSTER, Column, Frame, columns

SVG = "{http://www.w3.org/2000/svg}"
COLUMNS = st.lists(
    st.builds(Column, st.text(max_size=9), st.text(max_size=9), st.floats(0, 1), st.booleans()),
    min_size=1,
    max_size=12,
)
STYLING = {"style", "onload", "onclick", "href"}


def drawn(*args: Any, **named: Any) -> Any:
    """A chart as a parsed tree. In a page, HTML gives it its namespace."""
    text = str(columns(*args, **named)).replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1)
    return etree.fromstring(text, etree.XMLParser(resolve_entities=False))


def bars(chart: Any) -> list[Any]:
    return list(chart.iter(f"{SVG}rect"))


def test_a_chart_is_told_to_those_who_do_not_see_it() -> None:
    chart = drawn("k", "Délibération", "3 actes.", [Column("0", "3", 1)])
    assert chart.get("role") == "img"
    assert chart.get("aria-labelledby") == "k-titre k-texte"
    told = {node.get("id"): node.text for node in chart if node.get("id")}
    assert told == {"k-titre": "Délibération", "k-texte": "3 actes."}


def test_heights_are_to_scale_and_stand_on_the_ground() -> None:
    chart = drawn("k", "t", "d", [Column("a", "", 1), Column("b", "", 0.5)])
    full, half = bars(chart)
    assert float(full.get("height")) == 2 * float(half.get("height"))
    for bar in (full, half):
        assert float(bar.get("y")) + float(bar.get("height")) == PANEL.ground


def test_nothing_is_drawn_for_nothing_and_little_is_still_seen() -> None:
    chart = drawn("k", "t", "d", [Column("a", "0 %", 0), Column("b", "< 1 %", 1e-9)])
    (bar,) = bars(chart)
    assert float(bar.get("height")) >= 1
    texts = [node.text for node in chart.iter(f"{SVG}text")]
    assert texts == ["0 %", "a", "< 1 %", "b"]


def test_what_is_hatched_differs_by_more_than_its_colour() -> None:
    plain, hatched = bars(drawn("k", "t", "d", [Column("a", "", 1), Column("b", "", 1, True)]))
    assert plain.get("fill") == "currentColor"
    assert hatched.get("fill") == f"url(#{HATCHING})"


def test_text_from_elsewhere_stays_text() -> None:
    hostile = "<script>alert(1)</script>\"'&"
    chart = drawn("k", hostile, hostile, [Column(hostile, hostile, 1)])
    assert not list(chart.iter(f"{SVG}script"))
    assert chart[0].text == hostile


@given(COLUMNS, st.sampled_from([PANEL, POSTER]))
def test_a_chart_is_well_formed_stays_in_its_frame_and_needs_no_style(
    shown: list[Column], frame: Frame
) -> None:
    printable = [
        Column(*("".join(filter(str.isprintable, text)) for text in (c.mark, c.figure)), c.height)
        for c in shown
    ]
    chart = drawn("k", "t", "d", printable, frame)
    assert chart.get("viewBox") == f"0 0 {frame.width} {frame.height}"
    for bar in bars(chart):
        left, top, width, height = (float(bar.get(n)) for n in ("x", "y", "width", "height"))
        assert 0 <= left < left + width <= frame.width
        assert 0 <= top < top + height <= frame.height
    for node in chart.iter():
        assert not STYLING.intersection(node.attrib)
        assert node.tag not in (f"{SVG}style", f"{SVG}script", f"{SVG}foreignObject")
