"""A dossier de preuve read without what made it: no register, no network, no setting [D3]."""

from collections.abc import Callable
from typing import BinaryIO

from transmission.audit.chain import Line
from transmission.audit.container import MIMETYPE, Container, open_container
from transmission.audit.dossier_case import Case, Witness
from transmission.audit.dossier_contents import CONTENTS, Contents, read_contents
from transmission.audit.dossier_deadlines import check_deadlines
from transmission.audit.dossier_journal import check_journal
from transmission.audit.dossier_layout import SIGNATURES, TIME_STAMP, check_layout
from transmission.audit.dossier_report import Findings, Report, Told, Vouching
from transmission.audit.dossier_retours import check_retours
from transmission.audit.dossier_sendings import check_sendings
from transmission.audit.dossier_story import check_story
from transmission.ports.proof import ProofChecker

_NOT_LACKING = frozenset({"sealed_by_service", "no_revocation"})
"""Kinds of holes that [D3] does not ask to be filled."""


def verify_dossier(
    file: BinaryIO, checker: ProofChecker, read: Callable[[int], None] = lambda _bytes: None
) -> Report:
    """All that differs from the contract and all that lacks, each with its place.

    ``file`` can be sought and is read in pieces, ``read`` being told how many bytes were.
    Raises OSError alone: bytes that are no dossier are an altered one.
    """
    findings = Findings()
    container = open_container(file, findings, read)
    witness = Witness(container, checker, findings, [])
    contents, lines = None, []
    if container.members:
        _check_seal(witness)
        raw = witness.read(CONTENTS)
        contents = read_contents(raw, findings) if raw is not None else None
    if contents is not None:
        lines = _check_contents(Case(witness, contents))
    return Report(
        acte=_told(contents) if contents else None,
        faults=tuple(findings.faults),
        holes=tuple(findings.holes),
        notices=_notices(contents),
        vouched=tuple(witness.vouched),
        members=len(container.members),
        lines=len(lines),
    )


def _check_seal(witness: Witness) -> None:
    """Everything is under the signature but the names that the container itself foretells."""
    digests = _signed_digests(witness.container)
    witness.signed(
        Vouching.DOSSIER,
        SIGNATURES,
        "tous les membres",
        lambda raw: witness.checker.xades(raw, digests),
    )
    digest = witness.digest(SIGNATURES)
    if digest is not None and TIME_STAMP in witness.container.members:
        witness.stamped(Vouching.DOSSIER_TIME, TIME_STAMP, SIGNATURES, digest)


def _signed_digests(container: Container) -> dict[str, bytes]:
    return {
        name: member.sha256
        for name, member in container.members.items()
        if name != MIMETYPE and not name.startswith("META-INF/")
    }


def _check_contents(case: Case) -> list[Line]:
    check_layout(case)
    check_sendings(case)
    check_retours(case)
    lines = check_journal(case)
    check_story(case, lines)
    check_deadlines(case)
    for hole in case.contents.holes:
        if hole.kind not in _NOT_LACKING:
            case.findings.hole(hole.of or hole.kind, hole.message)
    return lines


def _told(contents: Contents) -> Told:
    reception = contents.reception
    day = reception.date_reception if reception else None
    return Told(contents.id_acte, contents.collectivite, contents.objet, day)


def _notices(contents: Contents | None) -> tuple[str, ...]:
    holes = contents.holes if contents else ()
    return tuple(each.message for each in holes if each.kind in _NOT_LACKING)
