"""What a reader sees of a page, and where to draw a box that stands upright in a corner of it."""

from dataclasses import dataclass
from enum import Enum

import pikepdf
from pikepdf import Array

# Readers fall back on US Letter when a page states no usable size.
_FALLBACK_BOX = (0.0, 0.0, 612.0, 792.0)
_SMALL_PAGE_MARGIN = 0.05

Box = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]


class Corner(Enum):
    """A corner of the page as it is displayed."""

    TOP_RIGHT = "top-right"
    TOP_LEFT = "top-left"
    BOTTOM_RIGHT = "bottom-right"
    BOTTOM_LEFT = "bottom-left"


@dataclass(frozen=True, slots=True)
class VisibleArea:
    """The displayed part of a page in its own units, before the clockwise `rotation` in degrees.

    `unit` is the length of one unit in points (`/UserUnit`).
    """

    box: Box
    rotation: int
    unit: float

    @property
    def displayed_size(self) -> tuple[float, float]:
        """Width and height as the reader sees them, in the page's units."""
        width, height = self.box[2] - self.box[0], self.box[3] - self.box[1]
        return (height, width) if self.rotation in (90, 270) else (width, height)


def visible_area(page: pikepdf.Page) -> VisibleArea:
    """Read a page on which `opened_pdf` has already laid the attributes that it inherits."""
    media = media_box(page)
    crop = _box(page.obj.get("/CropBox")) or media
    box = _intersection(media, crop) or media
    return VisibleArea(box, _rotation(page.obj.get("/Rotate")), _unit(page.obj.get("/UserUnit")))


def media_box(page: pikepdf.Page) -> Box:
    """The sheet of a page, corners in order; the size that readers assume where it has none."""
    return _box(page.obj.get("/MediaBox")) or _FALLBACK_BOX


def placement_matrix(
    area: VisibleArea, size: tuple[float, float], corner: Corner, margin: float
) -> Matrix:
    """Matrix that draws a box of `size` points upright in a corner, `margin` points from the edges.

    On a page too small for it the box is scaled down and the margin with it: it never sticks out.
    """
    width, height = area.displayed_size
    edge = min(margin / area.unit, _SMALL_PAGE_MARGIN * min(width, height))
    scale = min(1 / area.unit, (width - 2 * edge) / size[0], (height - 2 * edge) / size[1])
    at_right = corner in (Corner.TOP_RIGHT, Corner.BOTTOM_RIGHT)
    at_top = corner in (Corner.TOP_RIGHT, Corner.TOP_LEFT)
    x = width - edge - scale * size[0] if at_right else edge
    y = height - edge - scale * size[1] if at_top else edge
    return _from_display(area, scale, x, y)


def _from_display(area: VisibleArea, scale: float, x: float, y: float) -> Matrix:
    """Undo the rotation: displayed (x, y) from the lower left to the page's own axes."""
    left, bottom, right, top = area.box
    match area.rotation:
        case 90:
            return (0, scale, -scale, 0, right - y, bottom + x)
        case 180:
            return (-scale, 0, 0, -scale, right - x, top - y)
        case 270:
            return (0, -scale, scale, 0, left + y, top - x)
        case _:
            return (scale, 0, 0, scale, left + x, bottom + y)


def _box(value: object) -> Box | None:
    if not isinstance(value, Array) or len(value) != 4:
        return None
    corners = [_number(item) for item in value]
    if None in corners:
        return None
    x0, y0, x1, y1 = (number or 0.0 for number in corners)
    box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    return box if box[2] - box[0] >= 1 and box[3] - box[1] >= 1 else None


def _intersection(one: Box, other: Box) -> Box | None:
    left, bottom = max(one[0], other[0]), max(one[1], other[1])
    right, top = min(one[2], other[2]), min(one[3], other[3])
    return (left, bottom, right, top) if right - left >= 1 and top - bottom >= 1 else None


def _number(value: object) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _rotation(value: object) -> int:
    degrees = int(_number(value) or 0) % 360
    return degrees if degrees in (90, 180, 270) else 0


def _unit(value: object) -> float:
    unit = _number(value) or 1.0
    return unit if unit > 0 else 1.0
