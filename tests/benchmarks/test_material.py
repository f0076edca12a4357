import random
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.material import Load, make_load, pdf_of, sizes_of, standard_loads
from transmission.pdf.inspector import ContentInspector
from transmission.ports import Examination


@pytest.mark.parametrize("size", [2_000, 200_000, 660_000])
def test_a_made_pdf_is_sound_and_of_the_size_asked(size: int) -> None:
    made = pdf_of(size, random.Random(4))
    assert ContentInspector().examine(BytesIO(made)) == Examination("pdf", "un PDF")
    assert abs(len(made) - size) < 0.02 * size + 400


def test_the_same_seed_makes_the_same_acts(tmp_path: Path) -> None:
    load = Load("standard", 3, 20_000, is_random=True, annexed=0.5)
    made = [make_load(load, tmp_path / folder, "A", seed=4) for folder in ("one", "two")]
    contents = [[[path.read_bytes() for path in acte.files] for acte in actes] for actes in made]
    assert contents[0] == contents[1]
    assert [acte.numero for acte in made[0]] == ["A000001", "A000002", "A000003"]


def test_no_two_acts_hold_the_same_bytes(tmp_path: Path) -> None:
    actes = make_load(Load("fixed", 4, 5_000), tmp_path, "A", seed=4)
    contents = sorted(acte.files[0].read_bytes() for acte in actes)
    assert all(one != other for one, other in pairwise(contents))


def test_random_sizes_have_the_mean_and_the_annexes_of_the_load() -> None:
    load, chance = standard_loads(2000)[0], random.Random(4)
    drawn = [sizes_of(load, chance) for _ in range(load.count)]
    mean = sum(map(sum, drawn)) / len(drawn)
    assert 600_000 < mean < 720_000
    assert 150 < sum(len(sizes) == 2 for sizes in drawn) < 250


def test_every_count_follows_from_the_number_of_acts() -> None:
    assert [load.count for load in standard_loads(2000)] == [2000, 1000, 200]
    assert [load.count for load in standard_loads(200)] == [200, 100, 20]
