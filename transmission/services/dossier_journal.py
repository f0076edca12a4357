"""The journal of an act in its dossier de preuve: lines, proofs, anchors (evidence.md [D1])."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from transmission.domain.chain import Inclusion
from transmission.domain.dossier import Hole, HoleKind, Role
from transmission.domain.transmission import StoredFile
from transmission.services.chain import ActeProofs, ProvenLine

LINES = "journal/lignes.jsonl"
PROOFS = "journal/preuves.json"

About = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A member to be: kept in the store, or made from the register."""

    name: str
    role: Role
    content: StoredFile | bytes
    about: About = field(default_factory=dict)


def journal_leaves(proofs: ActeProofs) -> Iterator[Leaf | Hole]:
    """The journal of an act, what proves it, and what is not proven yet."""
    lines = proofs.lines
    yield Leaf(LINES, Role.JOURNAL, b"".join(line.content + b"\n" for line in lines))
    told = json.dumps([_proof(line) for line in lines], indent=1).encode() + b"\n"
    yield Leaf(PROOFS, Role.PROOFS, told, {"of": LINES})
    yield from _unproven(lines)
    for anchor in proofs.anchors:
        about = {"anchor": anchor.number}
        name = f"ancres/{anchor.number:06d}.json"
        yield Leaf(name, Role.ANCHOR, anchor.header, about)
        if anchor.token is not None:
            token = f"ancres/{anchor.number:06d}.tsr"
            yield Leaf(token, Role.ANCHOR_TIME_STAMP, anchor.token, {**about, "of": name})
        else:
            missing = f"L'ancre n° {anchor.number} du journal n'est pas encore horodatée."
            yield Hole(HoleKind.ANCHOR_TIME_STAMP, missing, name)


def _proof(line: ProvenLine) -> dict[str, Any]:
    if line.linked is None:
        return {"place": None, "link": None, "before": None, "proof": None}
    return {
        "place": line.linked.place,
        "link": line.linked.link.hex(),
        "before": line.linked.before.hex(),
        "proof": line.inclusion and _inclusion(line.inclusion),
    }


def _inclusion(proof: Inclusion) -> dict[str, Any]:
    return {
        "anchor": proof.anchor,
        "part": json.loads(proof.part),
        "path": [each.hex() for each in proof.link_path],
        "rank": proof.part_rank,
        "part_path": [each.hex() for each in proof.part_path],
    }


def _unproven(lines: Sequence[ProvenLine]) -> Iterator[Hole]:
    intruders = [line.id for line in lines if line.intruder]
    unlinked = sum(line.linked is None and not line.intruder for line in lines)
    pending = sum(line.linked is not None and line.inclusion is None for line in lines)
    if intruders:
        numbers = ", ".join(map(str, intruders))
        told = f"Lignes du journal apparues après coup, hors de la chaîne : n° {numbers}."
        yield Hole(HoleKind.INTRUDER_LINE, told, LINES)
    if unlinked:
        told = f"Lignes du journal pas encore chaînées : {unlinked} sur {len(lines)}."
        yield Hole(HoleKind.NOT_LINKED, told, PROOFS)
    if pending:
        told = f"Lignes chaînées et pas encore ancrées : {pending} sur {len(lines)}."
        yield Hole(HoleKind.NOT_ANCHORED, told, PROOFS)
