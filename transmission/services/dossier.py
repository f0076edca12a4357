"""The dossier de preuve of an act: one sealed file that proves without us (docs/evidence.md [D1]).

It can be made at any moment: what is missing is told in it, and prevents nothing.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from transmission.domain.dossier import Hole, HoleKind, Member, Role
from transmission.domain.errors import TransmissionError
from transmission.domain.transmission import Author, StoredFile
from transmission.ports.dossiers import Container
from transmission.services.dossier_gather import Gathered, gather
from transmission.services.dossier_journal import Leaf
from transmission.services.dossier_members import leaves_of
from transmission.services.dossier_seal import seal, write_sealed
from transmission.services.dossier_told import deadlines, file_name
from transmission.services.toolbox import Toolbox

DOSSIER = "dossier de preuve"
"""What the log of accesses calls it."""

MADE = "dossier_made"
"""What the journal calls the making of a dossier."""

_SIGNED = (Role.SEAL, Role.SIGNATURE, Role.TIME_STAMP, Role.ANCHOR_TIME_STAMP)
_SMALL = 1 << 20

Progress = Callable[[int, int], None]
"""Told how many bytes are done, of how many."""


@dataclass(frozen=True, slots=True)
class MadeDossier:
    """A dossier that was written: the name to give it, what it lacks."""

    name: str
    holes: tuple[Hole, ...]


def make_dossier(
    tools: Toolbox,
    acte_id: int,
    author: Author,
    target: BinaryIO,
    progress: Progress = lambda _done, _total: None,
) -> MadeDossier:
    """Write the dossier of an act into ``target``, which can be sought, and its making into the
    journal.

    Sealed by the key of the authority, else by the service's own, then time stamped if an
    authority of time answers. Raises NotFoundError, SignatureError when nothing can seal, OSError
    when the store is away.
    """
    gathered = gather(tools, acte_id)
    with tools.binder.container(target) as container:
        making = _Making(tools, gathered, container, progress)
        making.write([*leaves_of(gathered)])
        making.write_certificates()
        making.write([*deadlines(gathered)])
        sealed = seal(tools, gathered, author, making.members, making.holes)
        write_sealed(tools, container, sealed)
    with tools.register() as unit:
        contents = hashlib.sha256(sealed.contents).hexdigest()
        unit.note(gathered.current, MADE, author, tools.clock.now(), {"sha256": contents})
        unit.commit()
    return MadeDossier(file_name(gathered), sealed.dossier.holes)


@dataclass(slots=True)
class _Making:
    """Writes leaves as members; remembers them, and what could not be written."""

    tools: Toolbox
    gathered: Gathered
    container: Container
    progress: Progress
    members: list[Member] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    signed: list[bytes] = field(default_factory=list)

    def write(self, leaves: Sequence[Leaf | Hole]) -> None:
        """Write them in their order."""
        total, done = sum(map(_size, leaves)), 0
        for each in leaves:
            if isinstance(each, Hole):
                self.holes.append(each)
            else:
                self._write(each)
                done += _size(each)
                self.progress(done, total)

    def write_certificates(self) -> None:
        """Write what signatures and tokens carry of certificates and revocation lists."""
        binder = self.tools.binder
        found = {
            name: pem for each in self.signed for name, pem in binder.certificates(each).items()
        }
        for name, pem in sorted(found.items()):
            self._write(Leaf(f"certificats/{name}.pem", Role.CERTIFICATE, pem))
        lists = {
            name: der for each in self.signed for name, der in binder.revocations(each).items()
        }
        for name, der in sorted(lists.items()):
            self._write(Leaf(f"revocations/{name}.crl", Role.REVOCATION, der))
        if found and not lists:
            told = "Aucune donnée de révocation des certificats n'était disponible."
            self.holes.append(Hole(HoleKind.NO_REVOCATION, told, "revocations"))

    def _write(self, leaf: Leaf) -> None:
        content = leaf.content
        if isinstance(content, bytes):
            self._add(leaf, content)
            return
        virus = self.gathered.infected.get(content.sha256)
        if virus is not None:
            self._leave_out(leaf, content, f"un virus y est reconnu ({virus}).")
            return
        try:
            if content.size > _SMALL:
                self._copy(leaf, content)
            else:
                self._add(leaf, self.tools.documents.read(content))
        except OSError:
            # The store is away: no document is in question.
            raise
        except TransmissionError as error:
            self._leave_out(leaf, content, self._disposed() or str(error))

    def _leave_out(self, leaf: Leaf, file: StoredFile, because: str) -> None:
        told = f"{leaf.role.label} (empreinte {file.sha256}) : {because}"
        self.holes.append(Hole(HoleKind.UNREADABLE_FILE, told, leaf.name))

    def _disposed(self) -> str | None:
        disposal = self.gathered.disposal
        if disposal is None:
            return None
        return (
            f"éliminé par décision du {disposal.at:%d/%m/%Y} ({disposal.ground.label}) ; le "
            f"certificat d'élimination a pour empreinte {disposal.certificate.sha256}."
        )

    def _add(self, leaf: Leaf, content: bytes) -> None:
        self.container.add_bytes(leaf.name, content)
        sha256 = hashlib.sha256(content).hexdigest()
        self.members.append(Member(leaf.name, len(content), sha256, leaf.role, leaf.about))
        if leaf.role in _SIGNED:
            self.signed.append(content)

    def _copy(self, leaf: Leaf, file: StoredFile) -> None:
        # Its digest is checked before a single byte is written: a member is whole or not there.
        path = self.tools.documents.path(file)
        with path.open("rb") as content:
            self.container.add(leaf.name, content, file.size)
        self.members.append(Member(leaf.name, file.size, file.sha256, leaf.role, leaf.about))


def _size(leaf: Leaf | Hole) -> int:
    if isinstance(leaf, Hole):
        return 0
    return len(leaf.content) if isinstance(leaf.content, bytes) else leaf.content.size
