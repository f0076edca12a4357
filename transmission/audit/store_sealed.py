"""What was sealed: the archive that was sent, its members, the signatures and the seal over it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from transmission.audit.messages import UnreadableMessageError, read_message
from transmission.audit.store_archive import Member, UnreadableArchiveError, members_of
from transmission.audit.store_files import Files
from transmission.audit.store_names import document_names, message_name
from transmission.audit.store_rows import Dossier, Row
from transmission.domain.audits import Kind, Place, Report
from transmission.domain.errors import TransmissionError
from transmission.ports.proof import ProofChecker, UnsoundError


@dataclass(frozen=True, slots=True)
class Sending:
    """A transmission of an act, its lines of the journal, its files in the order of the message."""

    dossier: Dossier
    row: Row
    lines: Sequence[Row]
    pieces: Sequence[Row]

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.dossier.place.at("transmission", self.row["id"])

    @property
    def name(self) -> str:
        """Name of the file of its message."""
        return message_name(self.row["id_acte"], self.row["message"])

    @property
    def parcel(self) -> Mapping[str, Any] | None:
        """What preparation made of it, None before."""
        found: Mapping[str, Any] | None = self.row["parcel"]
        return found

    def sent_files(self) -> list[Mapping[str, Any]]:
        """Digest and size of each document as sent, which may be a sealed copy of the piece."""
        parcel = self.parcel or {}
        sealed = parcel.get("documents") or [None] * len(self.pieces)
        return [
            (made or {}).get("file") or piece
            for piece, made in zip(self.pieces, sealed, strict=False)
        ]


def sendings_of(dossier: Dossier) -> Iterator[Sending]:
    """The transmissions of an act, oldest first."""
    for row in dossier.rows["transmission"]:
        is_acte = row["message"] == "1-1"
        own = dossier.of("answer_piece", "transmission_id", row["id"])
        pieces = dossier.rows["piece"] if is_acte else own
        yield Sending(dossier, row, dossier.of("journal", "transmission_id", row["id"]), pieces)


def review_archive(
    report: Report, sending: Sending, parcel: Mapping[str, Any], files: Files
) -> None:
    """Compare the members of the archive with the message and the documents, one by one."""
    place = sending.place.of("parcel").named(sending.row["archive_name"])
    try:
        with files.open(**parcel["archive"]) as stream:
            members = members_of(stream)
    except (UnreadableArchiveError, TransmissionError) as error:
        report.differs(Kind.ARCHIVE, place, "une archive lisible", error)
        return
    except OSError as error:
        report.could_not_read(place, error)
        return
    names = [sending.name]
    names += document_names(sending.row["id_acte"], sending.row["message"], sending.pieces)
    documents = [parcel["message"], *sending.sent_files()]
    expected = [
        (name, file["size"], file["sha256"]) for name, file in zip(names, documents, strict=False)
    ]
    found = [(each.name, each.size, each.sha256) for each in members[1:]]
    report.same(Kind.ARCHIVE, place, expected, found)
    _review_enveloppe(report, sending, place, members)


def _review_enveloppe(
    report: Report, sending: Sending, place: Place, members: Sequence[Member]
) -> None:
    first = members[0] if members else Member("", 0, "", b"")
    expected = f"{sending.row['enveloppe']}.xml"
    if report.same(Kind.ARCHIVE, place, expected, first.name):
        try:
            named = read_message(first.content).files
        except UnreadableMessageError as error:
            report.differs(Kind.ARCHIVE, place, "une enveloppe lisible", error)
            return
        report.same(Kind.ARCHIVE, place, (sending.name,), named)


def review_signatures(
    report: Report, sending: Sending, parcel: Mapping[str, Any], checker: ProofChecker
) -> None:
    """Whether the signature of each document holds for its bytes as sent."""
    place = sending.place.of("parcel")
    signed = zip(parcel["signatures"], sending.sent_files(), strict=False)
    for signature, document in signed:
        if signature is not None:
            digest = bytes.fromhex(document["sha256"])
            check = partial(checker.cms, signature.encode(), digest)
            judge(report, Kind.SIGNATURE, place.named(document["sha256"]), check)


def review_seal(
    report: Report,
    sending: Sending,
    parcel: Mapping[str, Any],
    files: Files,
    checker: ProofChecker,
) -> None:
    """Whether the seal holds for the archive, in the form that was chosen."""
    if parcel["seal"] is None:
        return
    place = sending.place.of("parcel")
    seal = files.read(report, place, **parcel["seal"])
    if seal is None:
        return
    digest = bytes.fromhex(parcel["archive"]["sha256"])
    form = "xades" if seal.lstrip().startswith(b"<") else "cades"
    report.same(Kind.SIGNATURE, place, form, parcel.get("seal_format", "cades"))
    check = partial(checker.cms, seal, digest)
    if form == "xades":
        check = partial(checker.xades, seal, {sending.row["archive_name"]: digest})
    judge(report, Kind.SIGNATURE, place.named(parcel["seal"]["sha256"]), check)


def judge(report: Report, kind: Kind, place: Place, check: Any) -> Any:
    """What a check of cryptography gives; None, and told, when it proves nothing."""
    try:
        return check()
    except UnsoundError as error:
        report.differs(kind, place, "une signature qui vaut pour ces octets", error)
        return None
