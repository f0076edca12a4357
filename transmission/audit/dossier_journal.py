"""The journal of a dossier: lines, links, proofs of inclusion, headers, tokens ([J], [A])."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

from transmission.audit import chain
from transmission.audit.chain import ContractError, Header, Line, Part
from transmission.audit.dossier_case import Case
from transmission.audit.dossier_fields import Fields, read_digest, read_json
from transmission.audit.dossier_report import Vouching

_SKEW = timedelta(minutes=10)
"""By how much the clocks of several machines may disagree."""
LINES, PROOFS = "journal/lignes.jsonl", "journal/preuves.json"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The way from a link to the header of an anchor [A5]."""

    anchor: int
    part: Part
    path: tuple[bytes, ...]
    rank: int
    part_path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """Where a line is in the chain of its authority."""

    place: int
    link: bytes
    before: bytes
    proof: Inclusion | None


def check_journal(case: Case) -> list[Line]:
    """The lines that could be read; all that does not lead from them to the anchors is a fault."""
    raw, proofs = case.witness.read(LINES), case.witness.read(PROOFS)
    headers = _headers(case)
    if raw is None or proofs is None:
        return []
    lines = [line for line in _lines(case, raw) if line is not None]
    _check_lines(case, lines)
    links = _links(case, proofs)
    count = raw.count(b"\n")
    if links is not None and len(links) != count:
        case.findings.fault(PROOFS, f"{len(links)} preuves pour {count} lignes.")
    elif links is not None and len(links) == len(lines):
        _check_links(case, lines, links, headers)
    return lines


def _lines(case: Case, raw: bytes) -> Iterator[Line | None]:
    """Each line, or None where it is not what [J1] says."""
    if not raw.endswith(b"\n"):
        case.findings.fault(LINES, "la dernière ligne n'est pas terminée.", len(raw))
    at = 0
    for rank, each in enumerate(raw.split(b"\n")[:-1], 1):
        try:
            yield chain.read_line(each)
        except ContractError as error:
            case.findings.fault(LINES, f"ligne {rank} : {error}.", at)
            yield None
        at += len(each) + 1


def _check_lines(case: Case, lines: list[Line]) -> None:
    """Lines are of one act of one authority, in the order of their numbers."""
    for rank, line in enumerate(lines, 1):
        if line.siren != case.contents.siren:
            case.findings.fault(LINES, f"ligne {rank} : elle est d'une autre collectivité.")
        if line.acte is None or line.acte != lines[0].acte:
            case.findings.fault(LINES, f"ligne {rank} : elle est d'un autre acte.")
    for rank, (before, after) in enumerate(pairwise(lines), 2):
        if before.id >= after.id:
            case.findings.fault(LINES, f"ligne {rank} : elle n'est pas à sa place.")


def _links(case: Case, raw: bytes) -> list[Linked | None] | None:
    problems: list[str] = []
    try:
        items = Fields({"preuves": read_json(raw)}, "", problems).array("preuves")
        links = [_linked(each, f"{path}.", problems) for each, path in items]
    except ContractError as error:
        problems.append(str(error))
    for problem in problems:
        case.findings.fault(PROOFS, f"{problem}.")
    return None if problems else links


def _linked(value: Any, path: str, problems: list[str]) -> Linked | None:
    if value == dict.fromkeys(("place", "link", "before", "proof")):
        return None
    fields = Fields(value, path, problems)
    linked = Linked(
        place=fields.number("place"),
        link=fields.digest("link"),
        before=fields.digest("before"),
        proof=fields.maybe(
            "proof", lambda key: _inclusion(fields.value(key), f"{path}proof.", problems)
        ),
    )
    fields.end()
    return linked


def _inclusion(value: Any, path: str, problems: list[str]) -> Inclusion | None:
    fields = Fields(value, path, problems)
    part = fields.value("part")
    anchor, rank = fields.number("anchor"), fields.number("rank")
    paths = [
        tuple(read_digest(each) for each, _path in fields.array(key))
        for key in ("path", "part_path")
    ]
    fields.end()
    try:
        read = chain.read_part(chain.canonical(part))
    except (ValueError, TypeError) as error:
        raise ContractError(f"{path}part est illisible") from error
    return Inclusion(anchor, read, paths[0], rank, paths[1])


def _check_links(
    case: Case, lines: list[Line], links: list[Linked | None], headers: dict[int, Header]
) -> None:
    before: Linked | None = None
    used: set[int] = set()
    for rank, (line, linked) in enumerate(zip(lines, links, strict=True), 1):
        if linked is None:
            unlinked = ("not_linked", "intruder_line")
            _require_told(case, unlinked, f"ligne {rank} : elle n'est pas chaînée")
            continue
        for said in _link_faults(line, linked, before):
            case.findings.fault(PROOFS, f"ligne {rank} : {said}.")
        if linked.proof is None:
            _require_told(case, ("not_anchored",), f"ligne {rank} : elle n'est pas ancrée")
        else:
            used.add(linked.proof.anchor)
            for said in _proof_faults(line, linked, linked.proof, headers):
                case.findings.fault(PROOFS, f"ligne {rank} : {said}.")
        before = linked
    for number in sorted(headers.keys() - used):
        case.findings.fault(_header_name(number), "aucune preuve ne mène à cette ancre.")


def _require_told(case: Case, kinds: tuple[str, ...], said: str) -> None:
    if not any(map(case.contents.tells, kinds)):
        case.findings.fault(PROOFS, f"{said}, et le dossier ne le dit pas.")


def _link_faults(line: Line, linked: Linked, before: Linked | None) -> Iterator[str]:
    if chain.link_of(linked.before, linked.place, line.digest) != linked.link:
        yield "le maillon n'est pas celui de cette ligne à cette place"
    if linked.place < 1 or (linked.place == 1) != (linked.before == chain.ZEROS):
        yield "sa place et le maillon qui la précède ne vont pas ensemble"
    if before is None:
        return
    if linked.place <= before.place:
        yield "sa place dans la chaîne n'est pas après celle de la ligne précédente"
    if linked.place == before.place + 1 and linked.before != before.link:
        yield "elle ne suit pas la ligne précédente"


def _proof_faults(
    line: Line, linked: Linked, proof: Inclusion, headers: dict[int, Header]
) -> Iterator[str]:
    part, header = proof.part, headers.get(proof.anchor)
    if part.siren != line.siren:
        yield "sa preuve est d'une autre collectivité"
    if linked.place == part.last and part.head != linked.link:
        yield "la part ne finit pas par son maillon"
    if header is None:
        yield f"l'ancre {proof.anchor} n'est pas dans le dossier, ou n'est pas lisible"
        return
    if header.at < line.at - _SKEW:
        yield "elle est plus récente que son ancre"
    try:
        rank = linked.place - part.first
        if chain.root_by_path(linked.link, rank, part.size, proof.path) != part.root:
            yield "sa preuve ne mène pas à la racine de la part"
        found = chain.root_by_path(part.raw, proof.rank, header.parts, proof.part_path)
        if found != header.root:
            yield "sa preuve ne mène pas à la racine de l'ancre"
    except ContractError as error:
        yield str(error)


def _headers(case: Case) -> dict[int, Header]:
    """The headers, each with its token; they follow one another where they are consecutive."""
    headers: dict[int, Header] = {}
    for member in case.contents.of_role("anchor"):
        raw = case.witness.read(member.name)
        if raw is None:
            continue
        try:
            header = chain.read_header(raw)
        except ContractError as error:
            case.findings.fault(member.name, f"{error}.")
            continue
        if header.number != member.about.anchor:
            case.findings.fault(member.name, f"c'est l'ancre {header.number}.")
        headers[header.number] = header
        _check_token(case, header)
    for before, after in pairwise(sorted(headers.values(), key=lambda each: each.number)):
        follows = after.previous == sha256(before.raw).digest()
        if (after.number == before.number + 1 and not follows) or after.at < before.at:
            said = f"elle ne suit pas l'ancre {before.number}."
            case.findings.fault(_header_name(after.number), said)
    return headers


def _check_token(case: Case, header: Header) -> None:
    name = _header_name(header.number).replace(".json", ".tsr")
    if name in {each.name for each in case.contents.of_role("anchor_time_stamp")}:
        over = _header_name(header.number)
        sound = case.witness.stamped(Vouching.ANCHOR, name, over, header.digest)
        if sound is not None and sound.at < header.at - _SKEW:
            case.findings.hole(name, "il précède l'ancre qu'il horodate : une horloge se trompait.")
    elif not case.contents.tells("anchor_time_stamp"):
        case.findings.fault(name, "cet horodatage manque, et le dossier ne le dit pas.")


def _header_name(number: int) -> str:
    return f"ancres/{number:06d}.json"
