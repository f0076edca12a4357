"""Markdown to reportlab flowables: everything in the source is printed, nothing is interpreted."""

import re
from collections.abc import Callable, Iterator, Sequence
from xml.sax.saxutils import escape

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, HRFlowable, Paragraph, Preformatted, Spacer, Table

from transmission.pdf.errors import UnprintableTextError
from transmission.pdf.typography import (
    BODY_FONT,
    BOLD_FONT,
    body_style,
    cell_style,
    heading_style,
    literal_style,
    printable,
)

# The parser drops what is nested deeper than its own limit: ours stops before it does.
_PARSER_NESTING = 60
_MAX_NESTING = 40
_LITERAL_WIDTH = 88
_NARROWEST_COLUMN = 24.0

_SCRIPT_TAG = re.compile(r"<(?P<close>/?)(?P<name>sup|sub)>", re.IGNORECASE)
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)
_GLUED_SPACE = re.compile(r"(?<=«) | (?=[»;:!?€%])|(?<=\d) (?=\d{3}(?!\d))")
_ALIGNMENTS = {"text-align:center": TA_CENTER, "text-align:right": TA_RIGHT}

Nodes = Sequence[SyntaxTreeNode]


def markdown_flowables(text: str, width: float) -> list[Flowable]:
    """Lay out CommonMark with tables for a column of `width` points.

    `<sup>`, `<sub>` and `<br>` are honoured; other HTML is printed as typed, comments included. An
    image is replaced by a mention and a link is followed by its address: nothing is fetched.
    Raises `UnprintableTextError`.
    """
    tokens = _parser().parse(text)
    if any(token.level > _MAX_NESTING for token in tokens):
        raise UnprintableTextError(
            "Le texte imbrique trop de listes ou de citations pour être mis en page. "
            "Simplifiez-le, ou déposez l'acte au format PDF."
        )
    return list(_Layout(width).blocks(SyntaxTreeNode(tokens).children, 0))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": _PARSER_NESTING})
    # A reference definition would vanish from the page.
    return parser.enable(["table", "strikethrough"]).disable("reference")


class _Layout:
    """Turns block nodes into flowables; knows only the width of the column."""

    def __init__(self, width: float) -> None:
        self._width = width
        self._by_type: dict[str, Callable[[SyntaxTreeNode, int], Iterator[Flowable]]] = {
            "heading": self._heading,
            "paragraph": self._paragraph,
            "bullet_list": self._list,
            "ordered_list": self._list,
            "blockquote": self._quotation,
            "code_block": self._literal,
            "fence": self._literal,
            "html_block": self._html,
            "hr": self._rule,
            "table": self._table,
        }

    def blocks(self, nodes: Nodes, depth: int) -> Iterator[Flowable]:
        for node in nodes:
            yield from self._by_type[node.type](node, depth)

    def _heading(self, node: SyntaxTreeNode, _depth: int) -> Iterator[Flowable]:
        yield Paragraph(_markup_of(node), heading_style(int(node.tag[1])))

    def _paragraph(self, node: SyntaxTreeNode, depth: int) -> Iterator[Flowable]:
        yield Paragraph(_markup_of(node), body_style(depth, tight=node.hidden))

    def _list(self, node: SyntaxTreeNode, depth: int) -> Iterator[Flowable]:
        for item in node.children:
            yield from self._item(item, _marker(node, item, depth), depth + 1)
        yield Spacer(1, 4)

    def _item(self, item: SyntaxTreeNode, marker: str, depth: int) -> Iterator[Flowable]:
        following = list(item.children)
        markup, tight = "\u00a0", True
        if following and following[0].type == "paragraph":
            first = following.pop(0)
            markup, tight = _markup_of(first), first.hidden
        yield Paragraph(markup, body_style(depth, tight=tight), bulletText=marker)
        yield from self.blocks(following, depth)

    def _quotation(self, node: SyntaxTreeNode, depth: int) -> Iterator[Flowable]:
        yield from self.blocks(node.children, depth + 1)

    def _literal(self, node: SyntaxTreeNode, depth: int) -> Iterator[Flowable]:
        style = literal_style(BODY_FONT, depth)
        text = printable(node.content.rstrip("\n"))
        yield Preformatted(text, style, maxLineLength=_LITERAL_WIDTH)

    def _html(self, node: SyntaxTreeNode, depth: int) -> Iterator[Flowable]:
        lines = escape(printable(node.content.strip("\n"))).split("\n")
        yield Paragraph("<br/>".join(lines), body_style(depth))

    def _rule(self, _node: SyntaxTreeNode, _depth: int) -> Iterator[Flowable]:
        yield HRFlowable(width="100%", thickness=0.5, color=colors.grey, spaceAfter=8)

    def _table(self, node: SyntaxTreeNode, depth: int) -> Iterator[Flowable]:
        rows = [row for part in node.children for row in part.children]
        if self._width / len(rows[0].children) < _NARROWEST_COLUMN:
            for row in rows:
                cells = " | ".join(_markup_of(cell) for cell in row.children)
                yield Paragraph(cells, body_style(depth, tight=True))
        else:
            yield _grid(rows, self._width)
        yield Spacer(1, 8)


def _marker(parent: SyntaxTreeNode, item: SyntaxTreeNode, depth: int) -> str:
    if parent.type == "ordered_list":
        # The number as typed: an act's articles are not renumbered.
        return f"{item.info}{item.markup}"
    return "•" if depth % 2 else "–"


def _grid(rows: Nodes, width: float) -> Table:
    cells = [[_cell(cell) for cell in row.children] for row in rows]
    table = Table(
        cells, colWidths=_column_widths(rows, width), repeatRows=1, splitInRow=1, hAlign="LEFT"
    )
    table.setStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
            ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ]
    )
    return table


def _cell(cell: SyntaxTreeNode) -> Paragraph:
    markup = _markup_of(cell)
    alignment = _ALIGNMENTS.get(str(cell.attrs.get("style", "")), TA_LEFT)
    return Paragraph(f"<b>{markup}</b>" if cell.type == "th" else markup, cell_style(alignment))


def _column_widths(rows: Nodes, width: float) -> list[float]:
    """The narrow columns as wide as their longest cell, the wide ones share what is left."""
    columns = zip(*(row.children for row in rows), strict=True)
    widths = [max(_natural_width(cell) for cell in column) for column in columns]
    left = width
    by_width = sorted(range(len(widths)), key=widths.__getitem__)
    for done, index in enumerate(by_width):
        widths[index] = min(widths[index], left / (len(widths) - done))
        left -= widths[index]
    return widths


def _natural_width(cell: SyntaxTreeNode) -> float:
    text = "".join(child.content for child in cell.children)
    return float(stringWidth(text, BOLD_FONT, 8.4)) + 12


def _markup_of(block: SyntaxTreeNode) -> str:
    return "".join(_markup(inline.children) for inline in block.children)


def _markup(nodes: Nodes) -> str:
    scripts = _script_tags(nodes)
    return "".join(scripts.get(index) or _inline(node) for index, node in enumerate(nodes))


def _script_tags(nodes: Nodes) -> dict[int, str]:
    """Positions of the `<sup>` and `<sub>` that are opened and closed side by side."""
    found: dict[int, str] = {}
    opened: list[tuple[int, str]] = []
    for index, node in enumerate(nodes):
        match = _SCRIPT_TAG.fullmatch(node.content) if node.type == "html_inline" else None
        if match and not match["close"]:
            opened.append((index, match["name"].lower()))
        elif match and opened and opened[-1][1] == match["name"].lower():
            start, name = opened.pop()
            tag = "super" if name == "sup" else "sub"
            found |= {start: f"<{tag}>", index: f"</{tag}>"}
    return found


_WRAPPERS = {"strong": "b", "em": "i", "s": "strike"}


def _inline(node: SyntaxTreeNode) -> str:
    if node.type in _WRAPPERS:
        tag = _WRAPPERS[node.type]
        return f"<{tag}>{_markup(node.children)}</{tag}>"
    if node.type == "hardbreak" or (
        node.type == "html_inline" and _BREAK_TAG.fullmatch(node.content)
    ):
        return "<br/>"
    if node.type == "softbreak":
        return " "
    if node.type == "link":
        return _link(node)
    if node.type == "image":
        return escape(printable(f"[image non reprise : {node.content} ({node.attrs['src']})]"))
    return escape(_spaced(printable(node.content)))


def _spaced(text: str) -> str:
    """Keep French punctuation and thousands on the line of the word they belong to."""
    return _GLUED_SPACE.sub("\u00a0", text)


def _link(node: SyntaxTreeNode) -> str:
    label, address = _markup(node.children), str(node.attrs["href"])
    shown = escape(printable(address))
    return label if shown.removeprefix("mailto:") == label else f"{label} ({shown})"
