"""The journal of an act in its dossier: what is proven, what is not yet, what never will be."""

import json

from transmission.domain.chain import NO_LINK, Inclusion
from transmission.domain.dossier import Hole, HoleKind
from transmission.domain.transmission import StoredFile
from transmission.ports.chain import Linked
from transmission.services.chain import ActeProofs, ProvenLine, ProvingAnchor
from transmission.services.dossier_journal import LINES, PROOFS, Leaf, journal_leaves

LINK = Linked(1, 7, b"\x01" * 32, NO_LINK)
PROOF = Inclusion(12, b'{"first":1,"last":7}', (b"\x02" * 32,), 3, (b"\x03" * 32,))


def _line(
    number: int, linked: Linked | None, proof: Inclusion | None, *, intruder: bool = False
) -> ProvenLine:
    return ProvenLine(number, b'{"id":%d}' % number, linked, proof, intruder)


def _given(
    *lines: ProvenLine, token: StoredFile | None = None
) -> tuple[dict[str, Leaf], list[Hole]]:
    proofs = ActeProofs(lines, (ProvingAnchor(12, b"header", token),))
    found = list(journal_leaves(proofs))
    return (
        {each.name: each for each in found if isinstance(each, Leaf)},
        [each for each in found if isinstance(each, Hole)],
    )


def test_lines_are_given_as_they_are_and_each_has_its_proof() -> None:
    leaves, _ = _given(_line(1, LINK, PROOF), _line(2, None, None))
    assert leaves[LINES].content == b'{"id":1}\n{"id":2}\n'
    content = leaves[PROOFS].content
    assert isinstance(content, bytes)
    proven, unproven = json.loads(content)
    assert proven == {
        "place": 7,
        "link": "01" * 32,
        "before": "00" * 32,
        "proof": {
            "anchor": 12,
            "part": {"first": 1, "last": 7},
            "path": ["02" * 32],
            "rank": 3,
            "part_path": ["03" * 32],
        },
    }
    assert unproven == {"place": None, "link": None, "before": None, "proof": None}


def test_a_line_not_linked_yet_or_not_anchored_yet_is_counted() -> None:
    _, holes = _given(_line(1, LINK, PROOF), _line(2, LINK, None), _line(3, None, None))
    kinds = {hole.kind: hole.message for hole in holes}
    assert kinds[HoleKind.NOT_LINKED].endswith("1 sur 3.")
    assert kinds[HoleKind.NOT_ANCHORED].endswith("1 sur 3.")


def test_a_line_put_there_by_a_hand_is_named() -> None:
    _, holes = _given(_line(1, LINK, PROOF), _line(5, None, None, intruder=True))
    (hole,) = [each for each in holes if each.kind is HoleKind.INTRUDER_LINE]
    assert "n° 5" in hole.message
    assert HoleKind.NOT_LINKED not in [each.kind for each in holes]


def test_an_anchor_has_its_header_and_its_token_or_says_that_it_has_none() -> None:
    leaves, holes = _given(_line(1, LINK, PROOF))
    assert leaves["ancres/000012.json"].content == b"header"
    assert [hole.kind for hole in holes] == [HoleKind.ANCHOR_TIME_STAMP]
    token = StoredFile("ab" * 32, 5)
    leaves, holes = _given(_line(1, LINK, PROOF), token=token)
    assert leaves["ancres/000012.tsr"].content is token
    assert leaves["ancres/000012.tsr"].about == {"anchor": 12, "of": "ancres/000012.json"}
    assert not holes
