"""What the legal clock says of an act in plain text; its JSON is judged with ``explain``."""

from tests.support.horloge import DELIBERATION, clock
from transmission.domain.legal.told import reading_text, reading_told

LOG = "AR 2026-03-12, PU 2026-03-16, LO 2026-04-16/2026-04-15, CS 2026-04-18"


def test_the_text_gives_every_date_with_its_reason_its_rule_and_its_article() -> None:
    reading = clock(DELIBERATION, LOG, today="2026-04-20")
    text = reading_text(reading)
    assert text.startswith("Lu le 20 avril 2026.\nActe : Exécutoire.\n")
    for date in reading.dates:
        assert date.explanation in text
        assert f"{date.rule}, {date.titre} ; {date.basis}" in text
        assert not date.day or f"{date.day:%d/%m/%Y}" in text


def test_the_text_tells_what_happened_and_what_has_no_effect() -> None:
    text = reading_text(clock(DELIBERATION, LOG, today="2026-04-20"))
    assert "16/04/2026  Lettre d'observations" in text
    assert "Sans effet : " in text


def test_text_and_document_are_the_same_whenever_the_reading_is() -> None:
    first, second = (clock(DELIBERATION, LOG, today="2026-04-20") for _ in range(2))
    assert reading_text(first) == reading_text(second)
    assert reading_told(first) == reading_told(second)
