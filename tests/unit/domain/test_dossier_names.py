"""Names of members: whatever a file was called, its member leads nowhere else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.dossier_names import extension_of, media_type, ranked

SAFE = re.compile(r"recu/\d{2,}-[A-Za-z0-9][A-Za-z0-9._-]{0,79}\.pdf")


@given(st.text(max_size=200), st.integers(1, 999))
def test_any_name_becomes_a_flat_ascii_one_of_bounded_length(given_name: str, rank: int) -> None:
    name = ranked("recu", rank, given_name, "pdf")
    assert SAFE.fullmatch(name)
    assert ".." not in name


@given(st.text(max_size=40), st.text(max_size=40))
def test_two_ranks_never_give_one_name_whatever_the_case(one: str, other: str) -> None:
    assert ranked("recu", 1, one, "pdf").lower() != ranked("recu", 2, other, "pdf").lower()


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("Délibération n° 12.pdf", "recu/03-Deliberation-n-12.pdf"),
        ("plan.PDF", "recu/03-plan.pdf"),
        ("../../etc/passwd", "recu/03-etc-passwd.pdf"),
        ("c:\\dossier\\a..b.pdf", "recu/03-c-dossier-a.b.pdf"),
        ("", "recu/03-fichier.pdf"),
        ("…", "recu/03-fichier.pdf"),
    ],
)
def test_a_name_keeps_what_can_be_read_of_it(name: str, member: str) -> None:
    assert ranked("recu", 3, name, "pdf") == member


def test_a_document_of_the_state_has_no_extension_that_could_run() -> None:
    assert extension_of("lettre.PDF") == "pdf"
    assert extension_of("lettre.exe") == extension_of("lettre") == "bin"


def test_types_are_told_by_what_ends_the_name() -> None:
    assert media_type("envoi/1/archive.tar.gz") == "application/gzip"
    assert media_type("journal/lignes.jsonl") == "text/plain"
    assert media_type("envoi/1/reponse-1.bin") == "application/octet-stream"
