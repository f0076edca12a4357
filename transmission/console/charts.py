"""Charts drawn on the server, as SVG that asks nothing of a strict Content-Security-Policy.

Shapes have presentation attributes and classes of the console's stylesheet, no style and no
script of their own. Their figures are told in words to those who do not see them, and what colour
tells is told by a pattern too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

HATCHING = "hachures"
"""Id of the pattern that the page must define."""

_TOP, _BOTTOM, _GAP = 17, 18, 6
_LEAST = 1.5


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what is written under it and above it, what fills it, its height.

    ``height`` is a share, from 0 to 1, of the highest one that the chart can show.
    """

    mark: str
    figure: str
    height: float
    is_hatched: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of a chart in units of its own; the stylesheet says how large it is shown."""

    width: int
    height: int

    @property
    def ground(self) -> int:
        """Where columns stand, from the top."""
        return self.height - _BOTTOM


PANEL = Frame(280, 104)
POSTER = Frame(360, 190)


def columns(
    key: str, title: str, description: str, drawn: Sequence[Column], frame: Frame = PANEL
) -> Markup:
    """A chart of columns on one ground line. ``key`` is the beginning of its ids in the page."""
    shapes = [shape for rank, one in enumerate(drawn) for shape in _column(one, rank, drawn, frame)]
    return Markup(
        '<svg class="graphe" viewBox="0 0 {width} {height}" role="img"'
        ' aria-labelledby="{key}-titre {key}-texte" focusable="false">'
        '<title id="{key}-titre">{title}</title><desc id="{key}-texte">{description}</desc>'
        '{shapes}<path class="sol" d="M0 {ground}H{width}"/></svg>'
    ).format(
        width=frame.width,
        height=frame.height,
        key=key,
        title=title,
        description=description,
        shapes=Markup().join(shapes),
        ground=frame.ground,
    )


def _column(one: Column, rank: int, drawn: Sequence[Column], frame: Frame) -> Iterator[Markup]:
    pitch = frame.width / len(drawn)
    middle = round(pitch * (rank + 0.5), 1)
    height = _height(one, frame)
    top = round(frame.ground - height, 1)
    if height:
        fill = f"url(#{HATCHING})" if one.is_hatched else "currentColor"
        left, width = round(middle - pitch / 2 + _GAP / 2, 1), round(pitch - _GAP, 1)
        yield Markup('<rect class="barre" x="{}" y="{}" width="{}" height="{}" fill="{}"/>').format(
            left, top, width, height, fill
        )
    text = Markup('<text class="{}" x="{}" y="{}" text-anchor="middle">{}</text>')
    yield text.format("valeur", middle, round(top - 4, 1), one.figure)
    yield text.format("repere", middle, frame.height - 4, one.mark)


def _height(one: Column, frame: Frame) -> float:
    if not one.height:
        return 0
    # What is there is seen, however little it is.
    return max(_LEAST, round(min(one.height, 1) * (frame.ground - _TOP), 1))
