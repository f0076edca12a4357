import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.pdf.page_geometry import Corner, VisibleArea, placement_matrix

origins = st.floats(-5000, 5000)
lengths = st.floats(1, 15000)


@st.composite
def areas(draw: st.DrawFn) -> VisibleArea:
    left, bottom = draw(origins), draw(origins)
    box = (left, bottom, left + draw(lengths), bottom + draw(lengths))
    rotation = draw(st.sampled_from([0, 90, 180, 270]))
    return VisibleArea(box, rotation, draw(st.floats(0.1, 75)))


@given(
    areas(),
    st.tuples(st.floats(10, 3000), st.floats(10, 200)),
    st.sampled_from(Corner),
    st.floats(0, 500),
)
def test_the_box_always_lies_inside_the_visible_area(
    area: VisibleArea, size: tuple[float, float], corner: Corner, margin: float
) -> None:
    a, b, c, d, e, f = placement_matrix(area, size, corner, margin)
    left, bottom, right, top = area.box
    for x in (0, size[0]):
        for y in (0, size[1]):
            assert left - 0.01 <= a * x + c * y + e <= right + 0.01
            assert bottom - 0.01 <= b * x + d * y + f <= top + 0.01


@given(areas(), st.sampled_from(Corner))
def test_the_box_is_neither_mirrored_nor_enlarged(area: VisibleArea, corner: Corner) -> None:
    a, b, c, d, _, _ = placement_matrix(area, (200, 60), corner, 14)
    assert 0 < a * d - b * c <= (1 / area.unit) ** 2 * 1.0001


@pytest.mark.parametrize(
    ("rotation", "matrix"),
    [
        (0, (1, 0, 0, 1, 381, 772)),
        (90, (0, 1, -1, 0, 70, 628)),
        (180, (-1, 0, 0, -1, 214, 70)),
        (270, (0, -1, 1, 0, 525, 214)),
    ],
)
def test_the_matrices_of_an_a4_page(rotation: int, matrix: tuple[float, ...]) -> None:
    area = VisibleArea((0, 0, 595, 842), rotation, 1)
    placed = placement_matrix(area, (200, 56), Corner.TOP_RIGHT, 14)
    assert placed == pytest.approx(matrix)
