import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.actes.forms import UnreadableRetourError
from transmission.actes.shelf import FILES_MAX, LABEL_MAX, Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with closing(Shelf(tmp_path)) as made:
        yield made


def _put(shelf: Shelf, name: str | None, content: bytes = b"x") -> Path:
    file = shelf.open(name)
    file.write(content)
    shelf.keep(file)
    return file.path


def test_a_file_is_written_under_a_name_made_here(shelf: Shelf, tmp_path: Path) -> None:
    path = _put(shelf, "acte.pdf", b"%PDF")
    assert path == tmp_path / "0001"
    assert shelf.files() == {"acte.pdf": path}
    assert path.read_bytes() == b"%PDF"
    assert shelf.notes == []


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/cron.d/x", "x"),
        ("C:\\a.xml", "a.xml"),
        ("..", "sans nom 1"),
        ("dossier/", "sans nom 1"),
        (" ", "sans nom 1"),
        ("a\nb\r\0.pdf", "a b \ufffd.pdf"),
        ("acte\u202efdp.exe", "acte\ufffdfdp.exe"),
        ("\udcff.pdf", "\ufffd.pdf"),
        ("é" * 300 + ".pdf", "é" * 127 + "…" + "é" * 123 + ".pdf"),
    ],
)
def test_a_name_is_only_a_printable_label(name: str, label: str, shelf: Shelf) -> None:
    path = _put(shelf, name)
    assert shelf.files() == {label: path}
    assert len(shelf.notes) == 1
    assert f"« {label} »" in shelf.notes[0]
    shelf.notes[0].encode("utf-8")


@pytest.mark.parametrize("name", ["-rf.pdf", ".caché", "délibération n° 7.pdf", "😀.pdf"])
def test_an_odd_name_that_can_be_shown_is_kept(name: str, shelf: Shelf) -> None:
    path = _put(shelf, name)
    assert (shelf.files(), shelf.notes) == ({name: path}, [])


def test_a_file_without_a_name_is_called_by_its_rank(shelf: Shelf) -> None:
    paths = [_put(shelf, None), _put(shelf, None)]
    assert shelf.files() == dict(zip(("sans nom 1", "sans nom 2"), paths, strict=True))


def test_the_same_file_twice_is_one(shelf: Shelf, tmp_path: Path) -> None:
    first = _put(shelf, "a.pdf", b"one")
    _put(shelf, "a.pdf", b"one")
    assert shelf.files() == {"a.pdf": first}
    assert list(tmp_path.iterdir()) == [first]


def test_two_different_files_of_one_name_both_lose_it(shelf: Shelf) -> None:
    other = _put(shelf, "a.pdf (1)", b"another")
    paths = [_put(shelf, "a.pdf", content) for content in (b"one", b"two", b"one")]
    assert shelf.files() == {
        "a.pdf (1)": other, "a.pdf (2)": paths[0], "a.pdf (3)": paths[1]
    }  # fmt: skip
    assert shelf.notes == ["2 fichiers différents portent le nom « a.pdf »."]


def test_what_is_discarded_leaves_nothing(shelf: Shelf, tmp_path: Path) -> None:
    shelf.discard(shelf.open("a.pdf"))
    assert shelf.files() == {}
    assert list(tmp_path.iterdir()) == []


def test_one_file_too_many_is_refused(shelf: Shelf) -> None:
    for rank in range(FILES_MAX):
        _put(shelf, f"{rank}")
    with pytest.raises(UnreadableRetourError, match="Plus de 1000 fichiers"):
        shelf.open("one more")
    assert len(shelf.files()) == FILES_MAX


@given(names=st.lists(st.text(max_size=400), max_size=8))
def test_any_names_are_labels_and_no_file_is_lost(
    names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("shelf")
    with closing(Shelf(folder)) as shelf:
        for rank, name in enumerate(names):
            _put(shelf, name, b"%d" % rank)
        files = shelf.files()
    assert {path.parent for path in files.values()} <= {folder}
    contents = {hashlib.sha256(path.read_bytes()).digest() for path in files.values()}
    assert len(contents) == len(files) == len(names)
    for label in files:
        assert label.isprintable()
        assert len(label) <= LABEL_MAX + 10
        assert not set(label) & set("/\\")
