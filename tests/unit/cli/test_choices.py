"""Codes to type and what they mean, in the width of a terminal."""

from transmission.cli.choices import codes, listed
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.sujets import Categorie


def test_a_code_is_chosen_among_those_of_the_members() -> None:
    assert list(codes(Categorie).choices) == [kind.code for kind in Categorie]


def test_every_member_is_listed_with_its_label_in_the_width_of_a_terminal() -> None:
    for kinds in (Categorie, EventKind):
        told = listed("Catégories", kinds)
        lines = told.splitlines()
        assert lines[:2] == ["\b", "Catégories :"]
        assert max(map(len, lines)) <= 78
        words = " ".join(told.split())
        assert all(f"{kind.code} {kind.label}" in words for kind in kinds)
