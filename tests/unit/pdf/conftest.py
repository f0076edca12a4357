"""Small PDFs made for each test, and what they look like once drawn."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

MakePdf = Callable[..., bytes]
Edit = Callable[[pikepdf.Pdf], object]


@pytest.fixture
def make_pdf() -> MakePdf:
    """Bytes of a PDF of `pages` pages; `edit` changes the open document, `options` go to save."""

    def make(
        edit: Edit | None = None,
        *,
        pages: int = 1,
        size: tuple[float, float] = (595, 842),
        text: str = "",
        **options: object,
    ) -> bytes:
        drawn = io.BytesIO()
        canvas = Canvas(drawn, pagesize=size, invariant=1)
        for number in range(pages):
            canvas.drawString(60, size[1] / 3, text and f"{text} {number + 1}")
            canvas.showPage()
        canvas.save()
        with pikepdf.open(drawn) as pdf:
            if edit:
                edit(pdf)
            saved = io.BytesIO()
            pdf.save(saved, static_id="encryption" not in options, **options)
        return saved.getvalue()

    return make


@pytest.fixture
def as_file(tmp_path: Path) -> Callable[[bytes], Path]:
    """Write bytes to a file of their own."""

    def write(content: bytes) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.pdf"
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def text_of() -> Callable[..., str]:
    """Selectable text of one page."""

    def read(content: bytes, page: int = 0) -> str:
        document = pypdfium2.PdfDocument(content)
        try:
            return str(document[page].get_textpage().get_text_range())
        finally:
            document.close()

    return read


@pytest.fixture
def picture_of() -> Callable[..., Image.Image]:
    """One page as a reader shows it, in grey; `scale` pixels to the unit of the page."""

    def draw(content: bytes, page: int = 0, scale: float = 2) -> Image.Image:
        document = pypdfium2.PdfDocument(content)
        try:
            return document[page].render(scale=scale).to_pil().convert("L")
        finally:
            document.close()

    return draw


@pytest.fixture
def dark_box() -> Callable[[Image.Image], tuple[int, int, int, int]]:
    """The rectangle of pixels (left, top, right, bottom) outside which everything is white."""

    def find(picture: Image.Image) -> tuple[int, int, int, int]:
        box = picture.point(lambda grey: 255 if grey < 160 else 0).getbbox()
        assert box is not None, "nothing is drawn on the page"
        return box

    return find
