"""What was sent: names, message, archive, signatures and seal, against the register."""

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from json import dumps
from typing import Any
from zoneinfo import ZoneInfo

from transmission.audit.messages import UnreadableMessageError
from transmission.audit.store_files import Files
from transmission.audit.store_message import ROOTS, Told, read_told
from transmission.audit.store_names import (
    document_names,
    id_acte_of,
    is_archive_of,
    numero_of,
    read_enveloppe,
)
from transmission.audit.store_sealed import (
    Sending,
    review_archive,
    review_seal,
    review_signatures,
)
from transmission.domain.audits import Kind, Report
from transmission.ports.proof import ProofChecker

_ABOUT_NO_LETTER = ("1-1", "6-1")


def review_sending(report: Report, sending: Sending, files: Files, checker: ProofChecker) -> None:
    """Compare a transmission with its files and its first line of the journal."""
    row, place = sending.row, sending.place
    owner = sending.dossier.acte["collectivite_id"]
    where = place.of("collectivite_id")
    report.same(Kind.RATTACHEMENT, where, owner, row["collectivite_id"])
    _review_identifier(report, sending)
    _review_answer(report, sending, files)
    if sending.parcel is not None:
        _review_names(report, sending, sending.parcel)
        _review_parcel(report, sending, sending.parcel, files, checker)
        return
    for column in ("enveloppe", "archive_name"):
        if row[column] is not None:
            report.differs(Kind.JOURNAL, place.of(column), "rien avant la préparation", row[column])


def _review_identifier(report: Report, sending: Sending) -> None:
    acte, row = sending.dossier.acte, sending.row
    first = sending.lines[0]["details"] if sending.lines else {}
    # Sent again after a refusal, an act may bear another number on the wire.
    told = first.get("id_acte")
    numero = acte["numero_interne"] if told is None else numero_of(told)
    expected = id_acte_of(
        sending.dossier.owner["settings"]["departement"],
        sending.dossier.owner["siren"],
        acte["date_decision"],
        numero,
        acte["nature"],
    )
    report.same(Kind.IDENTIFIANT, sending.place.of("id_acte"), expected, row["id_acte"])
    code = first.get("message", "1-1")
    report.same(Kind.JOURNAL, sending.place.of("message"), code, row["message"])


def _review_answer(report: Report, sending: Sending, files: Files) -> None:
    row, place = sending.row, sending.place
    _review_given(report, sending)
    if row["message"] == "1-1":
        return
    for rank, piece in enumerate(sending.pieces, start=1):
        where = place.at("answer_piece", piece["id"])
        report.same(Kind.DEPOT, where.of("ordre"), rank, piece["ordre"])
        files.check(report, where, piece["sha256"], piece["size"])


def _review_given(report: Report, sending: Sending) -> None:
    """What only an act, or only an answer, is given with."""
    row, place = sending.row, sending.place
    is_acte = row["message"] == "1-1"
    first = sending.lines[0]["details"] if sending.lines else {}
    expected = None
    if sending.pieces and not is_acte:
        given = [[piece["sha256"], piece["code_type_pj"]] for piece in sending.pieces]
        expected = sha256(dumps([row["message"], given]).encode()).hexdigest()
    report.same(Kind.DEPOT, place.of("fingerprint"), expected, row["fingerprint"])
    letters = [letter["id"] for letter in sending.dossier.rows["courrier"]]
    allowed = [None] if row["message"] in _ABOUT_NO_LETTER else letters
    if row["courrier_id"] not in allowed:
        where = place.of("courrier_id")
        report.differs(Kind.RATTACHEMENT, where, f"un de {allowed}", row["courrier_id"])
    version = sending.dossier.acte["date_classification"]
    if not is_acte:
        report.same(Kind.JOURNAL, place.of("date_classification"), None, row["date_classification"])
    elif "fingerprint" in first and row["date_classification"] is not None:
        where = sending.dossier.place.of("date_classification")
        report.same(Kind.JOURNAL, where, row["date_classification"], version)


def _review_names(report: Report, sending: Sending, parcel: Mapping[str, Any]) -> None:
    row, place, owner = sending.row, sending.place, sending.dossier.owner
    name = read_enveloppe(row["enveloppe"] or "")
    prepared = [line for line in sending.lines if line["event"] == "prepared"]
    if name is None or not prepared:
        expected = "un nom d'enveloppe, et sa préparation au journal"
        report.differs(Kind.IDENTIFIANT, place.of("enveloppe"), expected, row["enveloppe"])
        return
    line = prepared[-1]
    day = _civil_day(line["at"], owner["settings"].get("time_zone", "Europe/Paris"))
    made = (owner["siren"], day.isoformat().replace("-", ""))
    report.same(Kind.IDENTIFIANT, place.of("enveloppe"), made, (name.siren, name.day))
    if not is_archive_of(row["archive_name"] or "", row["enveloppe"]):
        expected = f"une archive nommée d'après {row['enveloppe']}"
        found = row["archive_name"]
        report.differs(Kind.IDENTIFIANT, place.of("archive_name"), expected, found)
    details = line["details"]
    told = (details.get("archive"), details.get("sha256"), details.get("octets"))
    archive = parcel["archive"]
    own = (row["archive_name"], archive["sha256"], archive["size"])
    report.same(Kind.JOURNAL, place.of("archive_name, parcel"), told, own)
    sealed = {
        str(rank): made["file"]["sha256"]
        for rank, made in enumerate(parcel.get("documents") or [], start=1)
        if made and made["file"]
    }
    report.same(Kind.JOURNAL, place.of("parcel"), details.get("documents_scelles", {}), sealed)


def _review_parcel(
    report: Report,
    sending: Sending,
    parcel: Mapping[str, Any],
    files: Files,
    checker: ProofChecker,
) -> None:
    place = sending.place.of("parcel")
    for document in sending.sent_files():
        files.check(report, place, document["sha256"], document["size"])
    raw = files.read(report, place, **parcel["message"])
    if raw is not None:
        _review_message(report, sending, raw)
    if files.check(report, place, **parcel["archive"]):
        review_archive(report, sending, parcel, files)
    review_signatures(report, sending, parcel, checker)
    review_seal(report, sending, parcel, files, checker)


def _review_message(report: Report, sending: Sending, raw: bytes) -> None:
    place = sending.place.of("parcel")
    try:
        told = read_told(raw)
    except UnreadableMessageError as error:
        report.differs(Kind.MESSAGE, place, "un message lisible", error)
        return
    row = sending.row
    report.same(
        Kind.MESSAGE, sending.place.of("message"), told.message.root, ROOTS.get(row["message"])
    )
    names = document_names(row["id_acte"], row["message"], sending.pieces)
    report.same(Kind.MESSAGE, place.named(sending.name), list(told.message.files), names)
    signatures = tuple(each and "".join(each.split()) for each in sending.parcel["signatures"])  # type: ignore[index]
    report.same(Kind.SIGNATURE, place, told.signatures, signatures)
    if row["message"] == "1-1":
        _review_acte_told(report, sending, told)
    else:
        report.same(Kind.MESSAGE, sending.place.of("id_acte"), told.message.id_acte, row["id_acte"])
        _review_letter_named(report, sending, told)


def _review_acte_told(report: Report, sending: Sending, told: Told) -> None:
    acte, place = sending.dossier.acte, sending.dossier.place
    sent = told.message.acte
    if sent is None:
        report.differs(Kind.MESSAGE, place, "un acte", told.message.root)
        return
    numero = numero_of(sending.row["id_acte"])
    version = sending.row["date_classification"] or acte["date_classification"]
    matiere = ".".join(map(str, sent.matieres))
    compared: dict[str, tuple[Any, Any]] = {
        "numero_interne": (sent.numero, numero),
        "date_decision": (sent.date, acte["date_decision"]),
        "nature": (sent.nature, acte["nature"]),
        "matiere": (matiere, acte["matiere"]),
        "objet": (" ".join(sent.objet.split()), " ".join(acte["objet"].split())),
        "document_papier": (told.papier, acte["document_papier"]),
        "date_classification": (told.classification, str(version)),
    }
    for column, (expected, found) in compared.items():
        report.same(Kind.MESSAGE, place.of(column), expected, found)


def _review_letter_named(report: Report, sending: Sending, told: Told) -> None:
    letters = [
        letter
        for letter in sending.dossier.rows["courrier"]
        if letter["id"] == sending.row["courrier_id"]
    ]
    for letter in letters:
        place = sending.place.of("courrier_id")
        report.same(Kind.MESSAGE, place, told.date_courrier, str(letter["date_courrier"]))


def _civil_day(instant: datetime, time_zone: str) -> date:
    return instant.astimezone(ZoneInfo(time_zone)).date()
