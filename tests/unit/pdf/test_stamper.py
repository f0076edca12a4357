"""The stamp of the founding document, from the facts of the register."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from transmission.pdf.errors import PdfError, UnprintableTextError
from transmission.pdf.stamper import TamponStamper
from transmission.ports import StampFacts
from transmission.services.enroll import CORNERS

FACTS = StampFacts(
    date_reception=date(2023, 3, 10),
    tdt_name="DOTELEC - iXBus",
    identifiant="99_DE-042-244200770-20230302-D20230009710",
    date_mise_en_ligne=None,
    corner="top-right",
)
FOUNDING_LINES = [
    "RECU EN PREFECTURE",
    "Le 10 mars 2023",
    "VIA DOTELEC - iXBus",
    "99_DE-042-244200770-20230302-D20230009710",
]


@pytest.fixture
def source(make_pdf: Callable[..., bytes], as_file: Callable[[bytes], Path]) -> Path:
    return as_file(make_pdf(pages=2, text="Page"))


def _stamped(source: Path, facts: StampFacts = FACTS) -> bytes:
    target = BytesIO()
    TamponStamper().stamp(source, target, facts)
    return target.getvalue()


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and "Page" not in line]


def test_the_first_page_bears_the_four_founding_lines_and_no_other(
    source: Path, text_of: Callable[..., str]
) -> None:
    stamped = _stamped(source)
    assert _lines(text_of(stamped)) == FOUNDING_LINES
    assert _lines(text_of(stamped, 1)) == []


def test_a_published_act_bears_the_day_of_its_publication_too(
    source: Path, text_of: Callable[..., str]
) -> None:
    facts = StampFacts(
        FACTS.date_reception, FACTS.tdt_name, FACTS.identifiant, date(2023, 4, 1), FACTS.corner
    )
    assert _lines(text_of(_stamped(source, facts))) == [
        *FOUNDING_LINES,
        "Date de mise en ligne : 1er avril 2023",
    ]


@pytest.mark.parametrize("corner", CORNERS)
def test_the_stamp_goes_to_the_corner_that_the_authority_chose(
    source: Path,
    picture_of: Callable[..., object],
    dark_box: Callable[..., tuple[int, int, int, int]],
    corner: str,
) -> None:
    facts = StampFacts(FACTS.date_reception, FACTS.tdt_name, FACTS.identifiant, None, corner)
    picture = picture_of(_stamped(source, facts), 0, 1)
    left, top, right, bottom = dark_box(picture)
    assert ("left" in corner) == (left < 30)
    assert ("right" in corner) == (right > 565)
    assert ("top" in corner) == (top < 30)
    assert ("bottom" in corner) == (bottom > 812)


def test_the_original_is_not_touched(source: Path) -> None:
    before = source.read_bytes()
    assert _stamped(source) != before
    assert source.read_bytes() == before


def test_what_cannot_be_printed_faithfully_is_refused(source: Path) -> None:
    facts = StampFacts(FACTS.date_reception, "TdT 中", FACTS.identifiant, None, FACTS.corner)
    with pytest.raises(UnprintableTextError) as refused:
        _stamped(source, facts)
    assert isinstance(refused.value, PdfError)
