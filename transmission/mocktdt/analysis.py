"""What the platform finds wrong after it has said OK: the act then ends in −1 (S²LOW API §3.3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from transmission.mocktdt import names
from transmission.mocktdt.archive import Member
from transmission.mocktdt.classification import Classification
from transmission.mocktdt.parcel import Acte, Message, Parcel

BUDGET = 5
# Detected type → extension that the platform gives (ACTES protocol §3.7).
MAIN_TYPES = {"application/pdf": "pdf", "text/xml": "xml"}
ANNEX_TYPES = MAIN_TYPES | {"image/jpeg": "jpg", "image/png": "png"}
_PDF_ONLY = {"application/pdf": "pdf"}


def detected_type(head: bytes) -> str:
    """The MIME type that the first bytes betray, `application/octet-stream` when none."""
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<?xml"):
        return "text/xml"
    return "application/octet-stream"


def faults_of(
    parcel: Parcel, members: Mapping[str, Member], classification: Classification
) -> tuple[str, ...]:
    """Every cause for which the platform would not send this parcel to the ministry."""
    analysis = _Analysis(parcel, members, classification)
    return (*analysis.of_messages(), *analysis.of_surplus())


def envelope_faults(
    parcel: Parcel, members: Mapping[str, Member], classification: Classification
) -> tuple[str, ...]:
    """What makes the ministry reject a whole envelope."""
    analysis = _Analysis(parcel, members, classification)
    replies = (message for message in parcel.messages if message.acte is None)
    of_replies = (fault for message in replies for fault in analysis.of_files(message))
    of_forms = (fault for message in parcel.messages for fault in analysis.of_form(message))
    return (*of_forms, *of_replies, *analysis.of_surplus())


def acte_faults(
    parcel: Parcel, members: Mapping[str, Member], classification: Classification, message: Message
) -> tuple[str, ...]:
    """What makes the ministry signal an anomaly on one act of an envelope."""
    return tuple(_Analysis(parcel, members, classification).of_files(message))


@dataclass(frozen=True, slots=True)
class _Analysis:
    parcel: Parcel
    members: Mapping[str, Member]
    classification: Classification

    def of_messages(self) -> Iterator[str]:
        for message in self.parcel.messages:
            yield from self.of_form(message)
            yield from self.of_files(message)

    def of_form(self, message: Message) -> Iterator[str]:
        name = message.file_name
        if message.violation:
            yield f"{name} : non conforme au schéma ({message.violation})"
        parts = names.file_name(name)
        if parts is None or parts.message != message.code:
            yield f"{name} : nom de fichier incorrect pour un message {message.code}"

    def of_files(self, message: Message) -> Iterator[str]:
        if message.acte is not None:
            yield from self._of_acte(message.file_name, message.acte)
        for name in message.documents:
            yield from self._of_reply(name, message.code)

    def of_surplus(self) -> Iterator[str]:
        named = {self.parcel.envelope_name}
        for message in self.parcel.messages:
            named.add(message.file_name)
            named.update(message.files)
        for name in self.members.keys() - named:
            yield f"{name} : fichier présent dans l'archive et cité nulle part"

    def _of_acte(self, name: str, acte: Acte) -> Iterator[str]:
        if acte.nombre != str(len(acte.annexes)):
            yield f"{name} : {acte.nombre} annexes annoncées, {len(acte.annexes)} citées"
        budget = acte.nature == BUDGET and acte.classification.startswith("7.1")
        yield from self._of_file(acte.document, acte, MAIN_TYPES if budget else _PDF_ONLY)
        main_is_xml = acte.document.lower().endswith(".xml")
        for annexe in acte.annexes:
            yield from self._of_file(annexe, acte, _PDF_ONLY if main_is_xml else ANNEX_TYPES)

    def _of_file(self, name: str, acte: Acte, types: Mapping[str, str]) -> Iterator[str]:
        parts = names.file_name(name)
        expected = (self.parcel.idcl.siren, acte.number, "1-1")
        if parts is None or (parts.siren, parts.number, parts.message) != expected:
            yield f"{name} : nom de fichier incorrect pour l'acte {acte.number}"
            return
        if parts.typology not in self.classification.typologies(acte.nature):
            label = names.NATURES[acte.nature].label
            yield f"{name} : typologie {parts.typology or 'absente'} non autorisée ({label})"
        yield from self._of_content(name, parts.extension, types)

    def _of_reply(self, name: str, code: str) -> Iterator[str]:
        parts = names.file_name(name)
        if parts is None or (parts.siren, parts.message) != (self.parcel.idcl.siren, code):
            yield f"{name} : nom de fichier incorrect pour un message {code}"
            return
        yield from self._of_content(name, parts.extension, ANNEX_TYPES)

    def _of_content(self, name: str, extension: str, types: Mapping[str, str]) -> Iterator[str]:
        member = self.members.get(name)
        if member is None:
            yield f"{name} : fichier absent de l'archive"
        elif types.get(detected_type(member.head)) != extension:
            yield f"{name} : type de fichier non autorisé ({detected_type(member.head)})"
        elif extension == "pdf" and b"%%EOF" not in member.tail:
            yield f"{name} : PDF corrompu"
