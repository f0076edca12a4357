"""Anchor the chains once a day (docs/evidence.md [A1] to [A4]): the row first, then the files,
then the time stamp when an authority gives one. What a crash left out, the next run does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

import structlog

from transmission.domain.chain import Part, array_of, header, tree_root
from transmission.domain.transmission import StoredFile
from transmission.ports import DocumentStore, UnitOfWork
from transmission.ports.chain import Anchor, AnchorFolderError, OtherAnchorError, OwnPart, Stretch
from transmission.ports.time_stamps import TimeStampKind
from transmission.services.bells import ring_new
from transmission.services.chain import link_journal
from transmission.services.time_stamps import ask
from transmission.services.toolbox import Toolbox

TASK = "anchor"
EVERYBODY = 0
"""Subject of the bell: an anchor is of all authorities."""

INTRUDERS_TOLD = 10

_logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class AnchorNames:
    """Names of the files of an anchor [A4]."""

    header: str
    parts: str
    token: str


def names_of(number: int) -> AnchorNames:
    """The files of an anchor."""
    stem = f"{number:06d}"
    return AnchorNames(f"{stem}.json", f"{stem}.parts.json", f"{stem}.tsr")


def ring_anchor(tools: Toolbox) -> None:
    """Ring for the anchor of the day and for files that are not written yet."""
    with tools.register() as unit:
        ring_new(unit, [(TASK, EVERYBODY)])
        unit.commit()


def anchor_journal(tools: Toolbox, subject: int = EVERYBODY) -> None:
    """Anchor what is linked, once a day of UTC, and write the files that are not written yet.

    Raises OtherAnchorError when a file is there with other bytes, AnchorFolderError.
    """
    tools.answer(TASK, subject)
    link_journal(tools)
    anchor_today(tools)
    _tell_intruders(tools)
    write_files(tools)


def anchor_today(tools: Toolbox) -> Anchor | None:
    """The anchor of the day; None when it was made already, or nothing was ever linked.

    Raises OtherAnchorError when the folder holds one of its number: the register was restored to
    an earlier day, or the folder is another's.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        unit.lock_chain()
        last = unit.last_anchor()
        if last and _day(now) <= last.day:
            return None
        number = last.number + 1 if last else 1
        _require_free(tools, number)
        parts = [_part(unit, each) for each in unit.stretches()]
        if not last and not parts:
            return None
        before = last.header if last else None
        content = header(now, number, before, [each.part for each in parts])
        made = Anchor(number, _day(now), now, content)
        unit.add_anchor(made, parts)
        _ask(tools, unit, made)
        unit.commit()
    return made


def write_files(tools: Toolbox) -> int:
    """Write the files of the anchors that are not there; how many were.

    Those of the last anchor are compared when they are. Raises OtherAnchorError once the others
    are written, AnchorFolderError.
    """
    held = tools.anchors.names()
    with tools.register() as unit:
        anchors = unit.anchors()
        tokens = _tokens(tools, unit, anchors)
    written, other = 0, None
    for each in anchors:
        wanted = names_of(each.number)
        due = {wanted.header, wanted.parts}
        if each.number in tokens:
            due.add(wanted.token)
        if due <= held and each is not anchors[-1]:
            continue
        try:
            written += _write(tools, each, tokens)
        except OtherAnchorError as error:
            _logger.critical("anchor file altered", anchor=each.number)
            other = error
    if other:
        raise other
    return written


def files_of(
    unit: UnitOfWork, documents: DocumentStore | None, anchor: Anchor, token: StoredFile | None
) -> Iterator[tuple[str, bytes]]:
    """The files of an anchor, as they are to be: the header last but for the token, which is left
    out without ``documents``."""
    names = names_of(anchor.number)
    yield names.parts, array_of(unit.parts_of(anchor.number))
    yield names.header, anchor.header
    if token and documents:
        yield names.token, documents.read(token)


def tokens_of(unit: UnitOfWork, anchors: Sequence[Anchor]) -> dict[int, StoredFile | None]:
    """By anchor that a time stamp was asked for, its token once it is obtained."""
    numbers = [each.number for each in anchors]
    known = unit.time_stamps(TimeStampKind.ANCHOR, numbers)
    return {each.subject_id: each.obtained.token if each.obtained else None for each in known}


def _tokens(tools: Toolbox, unit: UnitOfWork, anchors: Sequence[Anchor]) -> dict[int, StoredFile]:
    known = tokens_of(unit, anchors)
    # Anchors that are older than the authority of time.
    for each in anchors:
        if each.number not in known:
            _ask(tools, unit, each)
    unit.commit()
    return {number: token for number, token in known.items() if token}


def _write(tools: Toolbox, anchor: Anchor, tokens: Mapping[int, StoredFile]) -> int:
    with tools.register() as unit:
        files = list(files_of(unit, tools.documents, anchor, tokens.get(anchor.number)))
    return sum(tools.anchors.put(name, content) for name, content in files)


def _ask(tools: Toolbox, unit: UnitOfWork, anchor: Anchor) -> None:
    digest = sha256(anchor.header).hexdigest()
    ask(tools, unit, TimeStampKind.ANCHOR, anchor.number, None, digest)


def _part(unit: UnitOfWork, stretch: Stretch) -> OwnPart:
    root = tree_root(unit.links_between(stretch.authority_id, stretch.first, stretch.last))
    head = unit.heads([stretch.authority_id])[stretch.authority_id]
    part = Part(stretch.siren, stretch.first, stretch.last, head.link, root)
    return OwnPart(stretch.authority_id, part)


def _require_free(tools: Toolbox, number: int) -> None:
    try:
        held = tools.anchors.names()
    except AnchorFolderError as error:
        # The anchor is worth making all the same: its files are written when the folder is back.
        _logger.error("folder of anchors away", reason=str(error))  # noqa: TRY400
        return
    if names_of(number).header in held:
        raise OtherAnchorError(
            f"Le dossier des ancres ({tools.anchors.place}) contient déjà l'ancre {number}, que la "
            "base de données n'a pas : elle a été restaurée à un jour antérieur, ou ce dossier est "
            "celui d'une autre installation. Aucune ancre n'est faite. Mettez ce dossier de côté "
            "sans rien y changer (il est une preuve), et donnez-en un vide par "
            "TRANSMISSION_ANCHORS_DIR."
        )


def _tell_intruders(tools: Toolbox) -> None:
    with tools.register() as unit:
        found = unit.intruders(INTRUDERS_TOLD)
    if found:
        _logger.critical("lines added to the journal below what is linked", lines=list(found))


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
