"""Hand over the acts of a batch, files with a manifest: each by itself, and once.

An act that is refused delays none of the others. What is nobody's fault (a register away, a full
disk, an authority without classification) stops the batch where it is: handed over again, it goes
on, for an act already taken in charge is found by its key.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from transmission.domain.batch_files import MANIFESTS, NamedFile, same_name
from transmission.domain.batch_report import BatchReport, Entry, Fate
from transmission.domain.errors import ConflictError, Problem, RefusedError, TransmissionError
from transmission.domain.manifest import Line, Manifest, read_manifest
from transmission.domain.sitting_list import (
    MAX_BYTES,
    OBJET_MAX,
    NumberOf,
    SittingActe,
    nature_of,
    one_line,
    read_numero,
)
from transmission.domain.texte import printable
from transmission.domain.transmission import Author
from transmission.ports import AuthorityRow
from transmission.services.accept import Deposit, accept, check
from transmission.services.accept import rehearse as rehearse_acte
from transmission.services.files import DepositedFile
from transmission.services.sitting import Imported, SittingFile, content_of, import_sitting
from transmission.services.toolbox import Toolbox


class NotReadyError(TransmissionError):
    """The authority cannot hand anything over yet, whatever the act."""


class BatchFiles(Protocol):
    """Where the files of a batch are, by the names that its manifest gives."""

    def manifest(self) -> bytes:
        """Of one too large, enough to see that it is. Raises RefusedError, OSError."""
        ...

    def opened(self, named: NamedFile, field: str) -> AbstractContextManager[DepositedFile]:
        """A file as it is at this moment. Raises RefusedError for what is none, OSError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Files to hand over: the name of the batch, who it is from and by whom.

    ``number_of`` reads the numbers that the authority prints; ``between`` is called before each
    act, and may raise to stop there.
    """

    nom: str
    files: BatchFiles
    owner: AuthorityRow
    author: Author
    number_of: NumberOf = lambda _: None
    between: Callable[[], None] = lambda: None


def hand_over(tools: Toolbox, batch: Batch) -> BatchReport:
    """Hand over every act of a batch and have its sitting checked; what became of each.

    Raises NotReadyError, OSError and whatever stops ``accept`` besides a fault of the act.
    """
    return _told(tools, batch, _handed)


def try_out(tools: Toolbox, batch: Batch) -> BatchReport:
    """What would become of a batch if it were handed over now; nothing is stored.

    Raises as :func:`hand_over`.
    """
    return _told(tools, batch, _tried)


def rehearse(tools: Toolbox, batch: Batch) -> BatchReport:
    """What became of a batch handed over before, as far as the register tells; nothing is stored.

    Raises as :func:`hand_over`.
    """
    return _told(tools, batch, _remembered)


_Fate = Callable[[Toolbox, Batch, Deposit], Entry]


def _told(tools: Toolbox, batch: Batch, fate_of: "_Fate") -> BatchReport:
    collectivite = batch.owner.collectivite
    entries: list[Entry] = []
    problems: list[Problem] = []
    manifest, imported = Manifest(()), None
    try:
        content = batch.files.manifest()
        manifest = read_manifest(content, batch.number_of)
    except RefusedError as error:
        problems += error.problems
    else:
        problems += manifest.problems
        digest = sha256(content).hexdigest()[:32]
        for line in manifest.lines:
            batch.between()
            entries.append(_entry(tools, batch, line, digest, fate_of))
        if manifest.date_seance and fate_of is _handed:
            imported = _sitting(tools, batch, manifest, problems)
    return BatchReport(
        lot=printable(batch.nom),
        siren=collectivite.siren,
        at=tools.clock.now(),
        time_zone=collectivite.time_zone,
        entries=tuple(entries),
        problems=tuple(problems),
        notes=(*manifest.notes, *(imported.notes if imported else ())),
        date_seance=manifest.date_seance,
        seance_actes=imported.actes if imported else None,
    )


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """The port ``BatchFiles`` over an open descriptor of a folder."""

    folder: int

    def manifest(self) -> bytes:
        return _manifest(self.folder)

    def opened(self, named: NamedFile, field: str) -> AbstractContextManager[DepositedFile]:
        return _opened(self.folder, named, field)


def _manifest(folder: int) -> bytes:
    found = [name for name in MANIFESTS if name in os.listdir(folder)]
    if len(found) != 1:
        both = "Le dossier a deux manifestes." if found else "Le dossier n'a pas de manifeste."
        remedy = f"Gardez-en un : {' ou '.join(MANIFESTS)}."
        raise RefusedError([Problem("manifeste", "manifeste", both, remedy)])
    with _opened(folder, NamedFile(found[0]), "manifeste") as opened:
        return opened.path.read_bytes() if _size(opened) <= MAX_BYTES else b"\0" * (MAX_BYTES + 1)


def _size(opened: DepositedFile) -> int:
    return opened.path.stat().st_size


@contextmanager
def _opened(folder: int, named: NamedFile, field: str) -> Iterator[DepositedFile]:
    """A file of the folder, held open: what its name becomes meanwhile is no matter.

    Raises RefusedError for what is no file of the folder, a link among others.
    """
    try:
        opened = _open(folder, named.nom)
    except OSError as error:
        raise RefusedError([_unreachable(named, field, error)]) from error
    try:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise RefusedError([_no_file(named, field, "n'est pas un fichier")])
        path = Path(f"/proc/self/fd/{opened}")
        yield DepositedFile(path, printable(named.nom), named.code_type_pj)
    finally:
        os.close(opened)


def _open(folder: int, nom: str) -> int:
    # Not blocking: a pipe would wait for somebody to write in it.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(nom, flags, dir_fd=folder)
    except FileNotFoundError:
        # Some systems write accents decomposed.
        alike = [each for each in os.listdir(folder) if same_name(each) == same_name(nom)]
        if len(alike) != 1:
            raise
        return os.open(alike[0], flags, dir_fd=folder)


def _unreachable(named: NamedFile, field: str, error: OSError) -> Problem:
    said = {
        errno.ENOENT: "n'est pas dans le dossier",
        errno.ELOOP: "est un lien, qui n'est pas suivi",
        errno.EACCES: "ne peut pas être lu : ce compte n'en a pas le droit",
        errno.EPERM: "ne peut pas être lu : ce compte n'en a pas le droit",
        errno.ENXIO: "n'est pas un fichier",
        errno.ENAMETOOLONG: "a un nom trop long",
    }.get(error.errno or 0)
    if said is None:
        raise error
    return _no_file(named, field, said)


def _no_file(named: NamedFile, field: str, said: str) -> Problem:
    remedy = "Mettez dans le dossier le fichier lui-même, sous ce nom."
    return Problem(field, "fichier_du_dossier", f"« {printable(named.nom)} » {said}.", remedy)


def _entry(tools: Toolbox, batch: Batch, line: Line, digest: str, fate_of: "_Fate") -> Entry:
    """What becomes of one line: its own problems, those of its files and those of the act, or it is
    handed over."""
    problems = list(line.problems)
    with ExitStack() as stack:
        files = _files(stack, batch.files, line, problems)
        deposit = Deposit(line.form, files, f"lot-{digest}-{line.form.numero}")
        try:
            if not problems:
                return _placed(line, fate_of(tools, batch, deposit))
            check(tools, batch.owner.collectivite.siren, deposit)
        except RefusedError as error:
            problems = _merged(problems, error)
        except ConflictError as error:
            problems.append(Problem("acte", "conflit", str(error), ""))
    numero = printable(line.form.numero)[:60]
    return Entry(line.where, numero, Fate.REFUSED, problems=tuple(problems))


def _files(
    stack: ExitStack, held: BatchFiles, line: Line, problems: list[Problem]
) -> tuple[DepositedFile, ...]:
    """The files of a line that can be opened; without the act itself, none."""
    named = [("document", line.document)] if line.document else []
    named += [(f"annexes[{rank}]", each) for rank, each in enumerate(line.annexes, start=1)]
    files = []
    for field, each in named:
        try:
            files.append(stack.enter_context(held.opened(each, field)))
        except RefusedError as error:
            problems += error.problems
    missing = line.document is None or any(p.field == "document" for p in problems)
    return () if missing else tuple(files)


def _merged(problems: list[Problem], error: RefusedError) -> list[Problem]:
    """All the problems, each field told once. Raises NotReadyError."""
    if any(each.field == "collectivite" for each in error.problems):
        raise NotReadyError(str(error)) from error
    told = {problem.field for problem in problems}
    return [*problems, *(each for each in error.problems if each.field not in told)]


def _placed(line: Line, entry: Entry) -> Entry:
    return Entry(line.where, entry.numero, entry.fate, entry.acte_id, entry.problems, entry.notes)


def _handed(tools: Toolbox, batch: Batch, deposit: Deposit) -> Entry:
    taken = accept(tools, batch.owner.collectivite.siren, deposit, batch.author)
    fate = Fate.REPEATED if taken.repeated else Fate.ACCEPTED
    return Entry("", taken.acte.numero_interne, fate, taken.acte_id, notes=taken.notes)


def _tried(tools: Toolbox, batch: Batch, deposit: Deposit) -> Entry:
    tried = rehearse_acte(tools, batch.owner.collectivite.siren, deposit)
    fate = Fate.ACCEPTED if tried.acte_id is None else Fate.REPEATED
    return Entry("", deposit.form.numero, fate, tried.acte_id, notes=tried.notes)


def _remembered(tools: Toolbox, batch: Batch, deposit: Deposit) -> Entry:
    checked = check(tools, batch.owner.collectivite.siren, deposit)
    with tools.register() as unit:
        found = unit.find_acte(
            batch.owner.id, checked.numero_interne, checked.nature, checked.date_decision
        )
    if found:
        return Entry("", checked.numero_interne, Fate.REPEATED, found[0])
    remedy = "Remettez le dossier dans arrivee."
    raise RefusedError([Problem("acte", "non_remis", "Il n'a pas été remis.", remedy)])


def _sitting(
    tools: Toolbox, batch: Batch, manifest: Manifest, problems: list[Problem]
) -> Imported | None:
    """Have every act that the manifest names expected of its sitting, the refused ones too."""
    actes = tuple(_expected(manifest.lines, batch.number_of))
    if not actes:
        return None
    given = SittingFile(
        content=content_of(actes),
        nom_fichier=f"{printable(batch.nom)}.json",
        date_seance=manifest.date_seance,
        adds=True,
    )
    try:
        return import_sitting(tools, batch.owner.id, given, batch.author, batch.number_of)
    except RefusedError as error:
        problems += error.problems
        return None


def _expected(lines: Sequence[Line], number_of: NumberOf) -> Iterator[SittingActe]:
    seen = set()
    for line in lines:
        numero = read_numero(one_line(line.form.numero), number_of)
        if numero is not None and numero not in seen:
            seen.add(numero)
            objet = one_line(line.form.objet)[:OBJET_MAX]
            yield SittingActe(numero, nature_of(line.form.nature), objet or None)
