"""The préfecture's side: a letter comes in an envelope of the State, which the platform keeps."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from transmission.mocktdt.accounts import Authority
from transmission.mocktdt.analysis import ANNEX_TYPES, detected_type
from transmission.mocktdt.building import write_archive
from transmission.mocktdt.letters import Letter
from transmission.mocktdt.pages import pdf_of
from transmission.mocktdt.parcel import Message
from transmission.mocktdt.registry import Registry
from transmission.mocktdt.scenarios import Scenario
from transmission.mocktdt.settings import Settings
from transmission.mocktdt.state import envelope_stem, envelope_xml
from transmission.mocktdt.temper import Temper
from transmission.mocktdt.transactions import KIND_LABELS, Kind, StoredFile, Transaction

# The State numbers as it pleases, documents before their message (ACTES protocol §3.4).
_FIRST_DOCUMENT, _ROOM_PER_LETTER = 16, 100


class Prefecture:
    """Writes letters. Callers hold the platform's lock."""

    def __init__(self, settings: Settings, spool: Path, registry: Registry, temper: Temper) -> None:
        self._settings = settings
        self._spool = spool
        self._registry = registry
        self._temper = temper

    def write(
        self,
        act: Transaction,
        authority: Authority,
        letter: Letter,
        today: date,
        documents: Sequence[bytes] | None = None,
    ) -> Transaction:
        """The transaction of a letter about `act`, without any step yet.

        `documents`: contents of its files; one page of the mock's own when None.
        """
        contents = [_page(letter, act)] if documents is None else documents
        stem = f"{act.message.id_acte}-{letter.kind.code}"
        first = _FIRST_DOCUMENT + _ROOM_PER_LETTER * len(self._registry.letters_about(act))
        files = {f"{stem}_{first + n}.{_extension(c)}": c for n, c in enumerate(contents)}
        message = Message(
            f"{stem}_{first + len(files)}.xml", letter.kind.code, None, id_acte=act.message.id_acte
        )
        members = {message.file_name: letter.message(message.id_acte, tuple(files)), **files}
        return self._open(act, authority, letter, message, today, members)

    def _open(
        self,
        act: Transaction,
        authority: Authority,
        letter: Letter,
        message: Message,
        today: date,
        members: dict[str, bytes],
    ) -> Transaction:
        stem = envelope_stem(self._settings.quadrigram, authority, today, self._temper.sequence())
        xml = envelope_xml(authority, (message.file_name,))
        envelope = self._registry.open_envelope(
            authority.siren,
            f"{stem}.xml",
            xml,
            archive_name=f"{self._settings.trigram}-{stem}.tar.gz",
            direct=act.envelope.direct,
        )
        envelope.archive = self._spool / f"{envelope.id}.tar.gz"
        write_archive(envelope.archive, ((f"{stem}.xml", xml), *members.items()))
        transaction = self._registry.open_transaction(envelope, message, Scenario(), target=act)
        transaction.letter = letter
        self._registry.attach(transaction, (_stored(n, c) for n, c in members.items()))
        return transaction


def _page(letter: Letter, act: Transaction) -> bytes:
    return pdf_of(
        (
            "COURRIER FICTIF produit par mock-tdt, sans valeur",
            f"{KIND_LABELS[Kind(letter.kind.code[0])]} du {letter.day:%d/%m/%Y}",
            f"Acte : {act.message.id_acte}",
            letter.text,
        )
    )


def _extension(content: bytes) -> str:
    return ANNEX_TYPES.get(detected_type(content), "bin")


def _stored(name: str, content: bytes) -> StoredFile:
    return StoredFile(name, "", detected_type(content), len(content), "", "")
