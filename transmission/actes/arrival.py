"""What the State mails: an envelope, its business messages and their documents, as loose files.

All the files are gathered before any is understood, for their order means nothing. Files are found
by the names that the envelope and the messages write, never by numbering; names are only compared,
they never become paths.
Source: ACTES protocol §3.1, §3.4, §7.3, §8, §10 (quirks 11, 17, 18, 20, 21, 23).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transmission.actes.forms import UnreadableRetourError
from transmission.actes.messages import open_message, read_message
from transmission.actes.retours import read_retour
from transmission.actes.safe_xml import MESSAGE_MAX
from transmission.actes.shelf import FILES_MAX
from transmission.domain.acte import FichierSigne
from transmission.domain.courriers import (
    CourrierSimple,
    DefereTA,
    DemandePieceComplementaire,
    LettreObservations,
)
from transmission.domain.enveloppes import EnveloppeMISILLCL
from transmission.domain.retours import ReadRetour, Retour

_HEAD = 1024
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""Byte order marks, spaces, and the other half of characters in UTF-16."""


@dataclass(frozen=True, slots=True)
class ArrivedMessage:
    """A business message that the envelope lists, or that came without being listed.

    ``nom_fichier`` is the name of the given file that holds it; of none, when the envelope lists
    what did not come. ``read`` is None when it cannot be read, for the (French) reason in
    ``problem``. ``documents`` are names of given files, in the order of the message; ``missing``
    those that were not given.
    """

    nom_fichier: str
    read: ReadRetour | None
    problem: str | None
    documents: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """Everything that came together. ``enveloppe`` is None when none came, as with the anomaly of
    one; ``notes`` say in French what was tolerated or left aside."""

    enveloppe: EnveloppeMISILLCL | None
    messages: tuple[ArrivedMessage, ...]
    notes: tuple[str, ...]


def read_arrival(files: Mapping[str, Path]) -> Arrival:
    """Understand loose files, given by the names that they came under.

    Only what looks like XML, of MESSAGE_MAX bytes at most, is read into memory, one file after
    the other; documents are only named. One unreadable message does not hide the others, and a
    message that no envelope lists is read all the same. Raises UnreadableRetourError: for an
    unreadable envelope, for several, or when nothing here comes from the State; OSError when a
    file cannot be opened.
    """
    desk = _Desk(files)
    kinds = {name: kind for name in files if (kind := _kind(desk, name))}
    enveloppe = _enveloppe(desk, [n for n, kind in kinds.items() if kind is EnveloppeMISILLCL])
    listed = [formulaire.nom_fichier for formulaire in enveloppe.formulaires] if enveloppe else []
    if len(listed) > FILES_MAX:
        raise UnreadableRetourError(f"L'enveloppe annonce plus de {FILES_MAX} messages.")
    found = [_message(desk, name) for name in listed]
    for name, kind in kinds.items():
        if issubclass(kind, Retour) and not desk.has_given(name):
            desk.notes.append(f"« {name} » n'est annoncé par aucune enveloppe : lu quand même.")
            found.append(_message(desk, name))
    if not found:
        raise UnreadableRetourError(
            "Cet envoi ne contient aucun message de l'État que le protocole connaisse : lisez-le "
            "comme un courrier ordinaire (la préfecture y demande peut-être des documents papier)."
        )
    # An envelope may list a file twice, or under two cases: it is one message.
    messages = {message.nom_fichier: message for message in found}
    return Arrival(enveloppe, tuple(messages.values()), (*desk.notes, *desk.left_aside()))


class _Desk:
    """The files, what was noted about them, and which ones were asked for."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files
        self._sizes = {name: path.stat().st_size for name, path in files.items()}
        self._taken: set[str] = set()
        self._near: dict[str, list[str]] = {}
        for name in files:
            self._near.setdefault(name.casefold(), []).append(name)
        self.notes = [f"« {name} » est vide." for name, size in self._sizes.items() if not size]

    def take(self, wanted: str) -> str | None:
        """The name of the file meant: the same name, or the only one that differs by case."""
        if wanted in self._files:
            found = wanted
        else:
            near = self._near.get(wanted.casefold(), [])
            if len(near) != 1:
                return None
            found = near[0]
            self.notes.append(f"« {wanted} » a été reconnu dans « {found} ».")
        self._taken.add(found)
        return found if self._sizes[found] else None

    def looks_like_a_message(self, name: str) -> bool:
        """Whether a file is worth reading, by its first bytes."""
        with self._files[name].open("rb") as stream:
            return stream.read(_HEAD).lstrip(_BEFORE_XML).startswith(b"<")

    def content(self, name: str) -> bytes:
        """Bytes of a message. Raises UnreadableRetourError when it is too large for one."""
        if self._sizes[name] > MESSAGE_MAX:
            raise UnreadableRetourError(
                f"« {name} » fait {self._sizes[name]} octets, plus que les {MESSAGE_MAX} permis à "
                "un message : il n'a pas été ouvert."
            )
        return self._files[name].read_bytes()

    def has_given(self, name: str) -> bool:
        return name in self._taken

    def left_aside(self) -> Iterator[str]:
        for name in self._files:
            if not self.has_given(name):
                yield f"« {name} » n'est nommé par aucun message : il est laissé de côté."


def _kind(desk: _Desk, name: str) -> type[Any] | None:
    if not desk.looks_like_a_message(name):
        return None
    try:
        return open_message(desk.content(name))[1].type
    except UnreadableRetourError:
        return None


def _enveloppe(desk: _Desk, names: list[str]) -> EnveloppeMISILLCL | None:
    if len(names) > 1:
        raise UnreadableRetourError(f"Plusieurs enveloppes sont arrivées : {', '.join(names)}.")
    for name in names:
        desk.take(name)
        read = read_message(desk.content(name))
        if isinstance(read.message, EnveloppeMISILLCL):
            desk.notes.extend(f"Enveloppe : {note}" for note in read.notes)
            return read.message
    return None


def _message(desk: _Desk, wanted: str) -> ArrivedMessage:
    name = desk.take(wanted)
    if name is None:
        problem = f"« {wanted} », que l'enveloppe annonce, n'est pas parmi les fichiers reçus."
        return ArrivedMessage(wanted, None, problem, (), ())
    try:
        read = read_retour(desk.content(name))
    except UnreadableRetourError as error:
        return ArrivedMessage(name, None, str(error), (), ())
    named = [(fichier.nom_fichier, desk.take(fichier.nom_fichier)) for fichier in _own(read.retour)]
    documents = tuple(found for _, found in named if found is not None)
    missing = tuple(asked for asked, found in named if found is None)
    return ArrivedMessage(name, read, None, documents, missing)


def _own(retour: Retour) -> tuple[FichierSigne, ...]:
    """The documents that come with a message; an echo names those of the act, which do not."""
    match retour:
        case CourrierSimple() | DemandePieceComplementaire() | LettreObservations():
            return (retour.document,)
        case DefereTA():
            return retour.pieces_jointes
        case _:
            return ()
