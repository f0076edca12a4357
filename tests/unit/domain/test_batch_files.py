"""A file of a batch is named, never reached."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.batch_files import name_fault


@pytest.mark.parametrize(
    "nom",
    [
        "../acte.pdf",
        "/etc/passwd",
        "..",
        ".",
        ".pret",
        "a\\b.pdf",
        "a\0.pdf",
        "a\n.pdf",
        "\u202efdp.exe",
        "\ud800.pdf",
        "x" * 256,
        "é" * 128,
        "actes.csv",
        "rapport-de-remise.txt",
    ],
)
def test_a_name_that_is_not_of_a_file_of_the_folder_is_refused(nom: str) -> None:
    assert name_fault(nom)


@pytest.mark.parametrize(
    "nom", ["acte.pdf", "Délibération n° 3 – école.pdf", "a\u202fb.pdf", "a:b"]
)
def test_a_plain_name_is_taken(nom: str) -> None:
    assert name_fault(nom) is None


@given(st.text())
def test_a_name_that_is_taken_never_leaves_its_folder(nom: str) -> None:
    if nom and name_fault(nom) is None:
        assert not {"/", "\\", "\0"} & set(nom)
        assert nom not in (".", "..")
        assert len(nom.encode()) <= 255
