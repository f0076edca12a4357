"""What was sent: each archive holds its message and its documents, sealed and signed [D3]."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from transmission.audit.chain import ContractError
from transmission.audit.dossier_archive import ArchivedFile, read_sent_archive
from transmission.audit.dossier_case import Case
from transmission.audit.dossier_contents import ACTE, CONTENTS, Contents, ListedMember, SentOnce
from transmission.audit.dossier_report import Vouching
from transmission.audit.messages import (
    ToldMessage,
    UnreadableMessageError,
    identifier_of,
    read_message,
    same_identifier,
)
from transmission.ports.proof import SoundSignature


@dataclass(frozen=True, slots=True)
class _Sent:
    """A transmission and the members about it."""

    case: Case
    sending: SentOnce

    @property
    def folder(self) -> str:
        return f"envoi/{self.sending.rank}"

    @property
    def archive(self) -> str:
        return f"{self.folder}/archive.tar.gz"

    def of_role(self, role: str) -> list[ListedMember]:
        rank = self.sending.rank
        members = self.case.contents.of_role(role)
        return [each for each in members if each.about.transmission == rank]

    def received(self) -> list[ListedMember]:
        """The documents as they were received: those of the act itself are told once, whatever the
        number of its sendings."""
        if self.sending.message != ACTE:
            return self.of_role("received_file")
        members = self.case.contents.of_role("received_file")
        return [each for each in members if each.about.transmission is None]

    def document(self, piece: int | None) -> str | None:
        """The member whose bytes were sent at a rank: the sealed copy, else the file received."""
        members = [*self.of_role("sent_document"), *self.received()]
        return next((each.name for each in members if each.about.piece == piece), None)

    def copy_of(self, received: ListedMember) -> str | None:
        """The sealed copy that was sent in the place of a document."""
        copies = self.of_role("sent_document")
        return next((each.name for each in copies if each.about.of == received.name), None)

    def fault(self, name: str, said: str) -> None:
        self.case.findings.fault(name, said)


def check_sendings(case: Case) -> None:
    """Each transmission that has an archive."""
    for sending in case.contents.transmissions:
        sent = _Sent(case, sending)
        if sending.archive_name is not None:
            _check_sent(sent)
        elif sending.archives:
            sent.fault(CONTENTS, f"la transmission {sending.rank} est partie sans archive.")


def _check_sent(sent: _Sent) -> None:
    message = _message(sent)
    digest = sent.case.witness.digest(sent.archive)
    if digest is None:
        _require_told(sent, "unreadable_file", sent.archive)
    else:
        is_replaced = sent.case.contents.tells("replaced_archive", sent.archive)
        if any(each != digest for each in sent.sending.archives) and not is_replaced:
            sent.fault(sent.archive, f"ce n'est pas l'archive qui est partie, selon {CONTENTS}.")
        _check_archive(sent, message)
        _check_seal(sent, digest)
    for signature in sent.of_role("signature"):
        _check_signature(sent, signature)
    _require_signatures(sent, len(message.files) if message else 0)


def _require_signatures(sent: _Sent, documents: int) -> None:
    signed = {each.about.piece for each in sent.of_role("signature")}
    for rank in set(range(1, documents + 1)) - signed:
        document = sent.document(rank)
        if document and not sent.case.contents.tells("no_signature", document):
            sent.fault(document, "sa signature manque, et le dossier ne le dit pas.")


def _require_told(sent: _Sent, kind: str, name: str) -> None:
    if not sent.case.contents.tells(kind, name):
        sent.fault(name, "ce membre manque, et le dossier ne le dit pas.")


def _message(sent: _Sent) -> ToldMessage | None:
    """The message, which must be about the act."""
    name = f"{sent.folder}/message.xml"
    if sent.case.witness.digest(name) is None:
        _require_told(sent, "unreadable_file", name)
        return None
    raw = sent.case.witness.read(name)
    try:
        message = read_message(raw or b"")
    except UnreadableMessageError as error:
        sent.fault(name, str(error))
        return None
    for said in _message_faults(sent, message):
        sent.fault(name, said)
    return message


def _message_faults(sent: _Sent, message: ToldMessage) -> Iterator[str]:
    sending, contents = sent.sending, sent.case.contents
    if sending.message != ACTE:
        if not same_identifier(message.id_acte, sending.id_acte):
            yield f"il nomme l'acte {message.id_acte} au lieu de {sending.id_acte}."
        return
    acte = message.acte
    made = identifier_of(sending.id_acte[:3], contents.siren, acte) if acte else None
    if not same_identifier(made, sending.id_acte):
        yield f"l'acte qu'il décrit est {made}, au lieu de {sending.id_acte}."
    elif sending.id_acte == contents.id_acte and _told(message) != _listed(contents):
        yield f"nature, matière, date ou objet n'y sont pas ceux de {CONTENTS}."


def _told(message: ToldMessage) -> tuple[object, ...]:
    acte = message.acte
    if acte is None:
        return ()
    matiere = ".".join(map(str, acte.matieres))
    return acte.nature, matiere, acte.date, acte.objet.split()


def _listed(contents: Contents) -> tuple[object, ...]:
    # Not its number: one sent again may bear another, that its identifier tells.
    told = contents.nature, contents.matiere, contents.date_decision
    return *told, contents.objet.split()


def _check_archive(sent: _Sent, message: ToldMessage | None) -> None:
    try:
        files = read_sent_archive(sent.case.witness.container.chunks(sent.archive))
    except ContractError as error:
        sent.fault(sent.archive, f"{error}.")
        return
    left = {each.name: each for each in files}
    named = _envelope(sent, left)
    for name in named:
        _check_entry(sent, left, name, f"{sent.folder}/message.xml")
    for rank, name in enumerate(message.files if message else (), 1):
        _check_entry(sent, left, name, sent.document(rank))
    if message is not None:
        _require_no_more(sent, len(message.files))
        for name in left:
            sent.fault(sent.archive, f"« {name} » est dans l'archive sans que rien ne le nomme.")


def _require_no_more(sent: _Sent, count: int) -> None:
    """What was received is what was sent: each document once, and none besides."""
    for member in sent.received():
        if sent.document(member.about.piece) not in (member.name, sent.copy_of(member)):
            sent.fault(member.name, "un autre membre a le même rang parmi les documents.")
        if not 1 <= (member.about.piece or 0) <= count:
            sent.fault(member.name, "ce document n'est dans aucune archive envoyée.")


def _envelope(sent: _Sent, left: dict[str, ArchivedFile]) -> tuple[str, ...]:
    """The messages that the envelope names: exactly one."""
    enveloppe = sent.sending.enveloppe or ""
    found = left.pop(enveloppe, None) or left.pop(f"{enveloppe}.xml", None)
    try:
        told = read_message(found.content or b"") if found else None
    except UnreadableMessageError:
        told = None
    if told is None or len(told.files) != 1:
        sent.fault(sent.archive, f"l'enveloppe « {enveloppe} » n'y est pas, ou est illisible.")
        return ()
    departement = sent.sending.id_acte[:3]
    if (told.departement, told.siren) != (departement, sent.case.contents.siren):
        sent.fault(sent.archive, "l'enveloppe est d'une autre collectivité.")
    return told.files


def _check_entry(sent: _Sent, left: dict[str, ArchivedFile], name: str, member: str | None) -> None:
    """A file of the archive must be a member of the dossier, byte for byte."""
    found, digest = left.pop(name, None), sent.case.witness.digest(member)
    if found is None:
        sent.fault(sent.archive, f"« {name} » n'est pas dans l'archive.")
    elif digest is None:
        if not sent.case.contents.tells("unreadable_file"):
            sent.fault(sent.archive, f"« {name} » n'est pas parmi les membres du dossier.")
    elif found.sha256 != digest:
        sent.fault(sent.archive, f"« {name} » n'y est pas identique à « {member} ».")


def _check_seal(sent: _Sent, digest: bytes) -> None:
    seals = sent.of_role("seal")
    if not seals and not sent.case.contents.tells("no_seal"):
        sent.fault(sent.archive, "elle n'a pas de sceau, et le dossier ne le dit pas.")
    for seal in seals:
        check = partial(_seal_of, sent, digest, is_xades=seal.name.endswith(".xml"))
        sent.case.witness.signed(Vouching.SEAL, seal.name, sent.archive, check)


def _seal_of(sent: _Sent, digest: bytes, raw: bytes, *, is_xades: bool) -> SoundSignature:
    checker = sent.case.witness.checker
    if is_xades:
        return checker.xades(raw, {sent.sending.archive_name or "": digest})
    return checker.cms(raw, digest)


def _check_signature(sent: _Sent, signature: ListedMember) -> None:
    document = sent.document(signature.about.piece)
    if signature.about.of in sent.case.contents.lost():
        return
    if document is None or signature.about.of not in (None, document):
        sent.fault(signature.name, "le document qu'elle signe n'est pas dans le dossier.")
        return
    digest = sent.case.witness.digest(document)
    if digest is None:
        return
    sent.case.witness.signed(
        Vouching.SIGNATURE,
        signature.name,
        document,
        lambda raw: sent.case.witness.checker.cms(raw, digest),
    )
