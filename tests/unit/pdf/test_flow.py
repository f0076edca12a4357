"""Text that flows over pages."""

from io import BytesIO

import pypdfium2

from transmission.pdf.flow import Flow, shown


def _pages(flow: Flow) -> list[str]:
    target = BytesIO()
    flow.write(target, title="Un titre", author="Un auteur", subject="Un sujet")
    document = pypdfium2.PdfDocument(target.getvalue())
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def test_rows_go_on_where_the_page_ends_and_none_is_cut() -> None:
    flow = Flow("pied")
    flow.rows((f"ligne {rank}", f"première {rank}\nseconde {rank}") for rank in range(80))
    pages = _pages(flow)
    assert len(pages) == 2
    for rank in range(80):
        assert sum(f"première {rank}" in page and f"seconde {rank}" in page for page in pages) >= 1


def test_each_page_says_of_what_it_is_and_its_number() -> None:
    flow = Flow("Dossier de preuve")
    flow.items((f"élément {rank}", "") for rank in range(120))
    for number, page in enumerate(_pages(flow), start=1):
        assert f"Dossier de preuve · page {number}" in page


def test_a_heading_never_stands_alone_at_the_foot_of_a_page() -> None:
    for count in range(38, 48):
        flow = Flow("pied")
        flow.items((f"élément {rank}", "") for rank in range(count))
        flow.heading("Un titre")
        flow.text("Ce qui le suit.")
        (page,) = [page for page in _pages(flow) if "Un titre" in page]
        assert "Ce qui le suit." in page


def test_what_the_font_has_is_printed_as_it_is() -> None:
    assert shown("Délibération n° 12 – œuvre") == "Délibération n° 12 – œuvre"
    assert shown("a\u4e00b") == "a[U+4E00]b"
