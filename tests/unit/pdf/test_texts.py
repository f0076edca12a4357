"""The words of a PDF."""

from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from transmission.pdf.texts import PdfTexts


def test_the_words_of_a_pdf_are_read_to_its_last_page(tmp_path: Path) -> None:
    written = tmp_path / "acte.pdf"
    canvas = Canvas(str(written))
    for words in ("Vu le code général", "Article 1"):
        canvas.drawString(72, 700, words)
        canvas.showPage()
    canvas.save()
    text = PdfTexts().text_of(written)
    assert "Vu le code général" in text
    assert "Article 1" in text


def test_what_is_no_pdf_has_no_words(tmp_path: Path) -> None:
    written = tmp_path / "acte.pdf"
    written.write_bytes(b"%PDF-1.7 rien")
    assert PdfTexts().text_of(written) == ""
