"""Draw on a page whatever its own content has done to the graphics state."""

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, Stream

from transmission.pdf.page_geometry import Matrix, media_box

_OPENERS = {"q": "Q", "BT": "ET", "BMC": "EMC", "BDC": "EMC"}
_CLOSERS = {"Q", "ET", "EMC"}


class Overlay:
    """Draws one form object above the content of pages; pages of one shape share its streams."""

    def __init__(self, pdf: Pdf, form: Object) -> None:
        self._pdf = pdf
        self._form = form
        self._streams: dict[str, Stream] = {}

    def draw(self, page: Page, matrix: Matrix) -> None:
        """Draw last, with `matrix` applied to the page's initial coordinates."""
        if not _leaves_state_clean(self._pdf, page):
            _enclose(self._pdf, page)
        name = _named(page, self._form, "Tampon")
        numbers = " ".join(f"{number:.4f}" for number in matrix)
        page.contents_add(self._stream("q"), prepend=True)
        page.contents_add(self._stream(f"Q\nq {numbers} cm {name} Do Q"))

    def _stream(self, content: str) -> Stream:
        if content not in self._streams:
            self._streams[content] = self._pdf.make_stream(content.encode("ascii"))
        return self._streams[content]


def _leaves_state_clean(pdf: Pdf, page: Page) -> bool:
    """Tell whether every q, text object and marked content is closed, and none closed twice."""
    pdf.get_warnings()
    counts = dict.fromkeys(_CLOSERS, 0)
    try:
        for instruction in pikepdf.parse_content_stream(page, " ".join([*_OPENERS, *_CLOSERS])):
            operator = str(instruction.operator)
            closer = _OPENERS.get(operator, operator)
            # A mistyped operator such as `Q38` comes through pikepdf's filter too.
            counts[closer] = counts.get(closer, 0) + (1 if operator in _OPENERS else -1)
            if counts[closer] < 0:
                return False
    except (pikepdf.PikepdfError, TypeError):
        return False
    # qpdf gives up silently on a content with many errors, save for a warning.
    return not any(counts.values()) and not pdf.get_warnings()


def _enclose(pdf: Pdf, page: Page) -> None:
    """Move the content into a form object, where readers contain what it leaves open."""
    content = pdf.make_stream(
        _content_bytes(page),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array(media_box(page)),
        Resources=page.obj.get("/Resources", Dictionary()),
    )
    page.obj.Resources = Dictionary()
    name = _named(page, content, "Contenu")
    page.obj.Contents = pdf.make_stream(f"{name} Do".encode("ascii"))


def _content_bytes(page: Page) -> bytes:
    contents = page.obj.get("/Contents")
    streams = contents if isinstance(contents, Array) else [contents]
    return b"\n".join(part.read_bytes() for part in streams if isinstance(part, Stream))


def _named(page: Page, form: Object, prefix: str) -> str:
    """Add the form to the resources under a free name; pages may share one dictionary of them."""
    if not isinstance(page.obj.get("/Resources"), Dictionary):
        page.obj.Resources = Dictionary()
    resources = page.obj.Resources
    if not isinstance(resources.get("/XObject"), Dictionary):
        resources.XObject = Dictionary()
    forms = resources.XObject
    number = 1
    while (name := f"/{prefix}{number}") in forms and not _is_same(forms[name], form):
        number += 1
    forms[Name(name)] = form
    return name


def _is_same(one: object, other: Object) -> bool:
    return isinstance(one, Object) and one.is_same_object_as(other)
