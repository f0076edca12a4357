"""What came from the State, read again from its bytes: receipts, letters, what they are about."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from transmission.audit.messages import UnreadableMessageError, same_identifier
from transmission.audit.store_files import Files
from transmission.audit.store_message import ROOTS, Told, read_told
from transmission.audit.store_rows import Dossier, Row
from transmission.domain.audits import Kind, Place, Report

_OVER = ("applied", "duplicate")
_RECEIPTS = {"1-1": "1-2", "3-3": "3-5", "3-4": "3-5", "4-3": "4-5", "4-4": "4-5", "6-1": "6-2"}

_ENVELOPPE = "enveloppe de l'État"
_STATUSES = ("stored", "applied", "duplicate", "quarantined", "attached", "set_aside")


def review_bytes(
    report: Report,
    place: Place,
    retour: Row,
    pieces: Sequence[Row],
    arrival: Row | None,
    files: Files,
) -> Told | None:
    """Compare a retour with its bytes and with the line that tells that it came.

    What it says when it is a message that can be read, else None.
    """
    where = place.at("retour", retour["id"])
    for rank, piece in enumerate(pieces, start=1):
        report.same(
            Kind.RETOUR, where.at("retour_piece", piece["id"], "ordre"), rank, piece["ordre"]
        )
        files.check(report, where.at("retour_piece", piece["id"]), piece["sha256"], piece["size"])
    _review_arrival(report, where, retour, arrival)
    if retour["kind"] != "1-2":
        # Only the AR of an act repeats what was sent.
        report.same(Kind.RETOUR, where.of("differences"), 0, len(retour["differences"]))
    if retour["status"] not in _STATUSES:
        report.differs(Kind.RETOUR, where.of("status"), ", ".join(_STATUSES), retour["status"])
    if retour["container"]:
        if retour["status"] == "applied":
            report.same(Kind.RETOUR, where.of("kind"), _ENVELOPPE, retour["kind"])
        files.check(report, where, retour["sha256"], retour["size"])
        return None
    raw = files.read(report, where, retour["sha256"], retour["size"])
    if raw is None or retour["status"] not in _OVER or retour["kind"] not in ROOTS:
        return None
    return _read(report, where, retour, pieces, raw)


def review_retours(
    report: Report, dossier: Dossier, arrivals: Mapping[int, Row], files: Files
) -> None:
    """Compare everything that came about an act, and the dates that were read from it."""
    told: dict[int, Told] = {}
    for retour in dossier.rows["retour"]:
        place = dossier.place.at("retour", retour["id"])
        pieces = dossier.of("retour_piece", "retour_id", retour["id"])
        said = review_bytes(report, place, retour, pieces, arrivals.get(retour["id"]), files)
        if said is not None:
            told[retour["id"]] = said
            _review_act_meant(report, place, dossier, retour, said)
        _review_owner(report, place, dossier, retour)
    for sent in dossier.rows["transmission"]:
        _review_receipt(report, dossier, sent, told)
    for letter in dossier.rows["courrier"]:
        _review_letter(report, dossier, letter, told)


def _read(
    report: Report, place: Place, retour: Row, pieces: Sequence[Row], raw: bytes
) -> Told | None:
    try:
        told = read_told(raw)
    except UnreadableMessageError as error:
        report.differs(Kind.RETOUR, place, "un message lisible", error)
        return None
    root = told.message.root
    report.same(Kind.RETOUR, place.of("kind"), root, ROOTS[retour["kind"]])
    date = told.message.date_reception
    report.same(Kind.DATE, place.of("date_reception"), date, retour["date_reception"])
    for piece in pieces:
        if piece["nom_fichier"] not in told.message.files:
            where = place.at("retour_piece", piece["id"], "nom_fichier")
            names = ", ".join(told.message.files)
            report.differs(Kind.RETOUR, where, names, piece["nom_fichier"])
    return told


def _review_arrival(report: Report, place: Place, retour: Row, line: Row | None) -> None:
    if line is None:
        report.differs(Kind.JOURNAL, place.of("received_at"), "une ligne au journal", "aucune")
        return
    details = line["details"]
    told = (line["collectivite_id"], line["at"], details.get("source"), details.get("sha256"))
    own = (retour["collectivite_id"], retour["received_at"], retour["source"], retour["sha256"])
    columns = "collectivite_id, received_at, source, sha256"
    report.same(Kind.JOURNAL, place.of(columns), told, own)
    kind, _, rest = retour["source"].partition(":")
    if kind == "tdt":
        named = (rest.rpartition(":")[0], None, False)
        own_name = (str(retour["reference"]), retour["nom_fichier"], retour["container"])
        report.same(Kind.JOURNAL, place.of("reference, nom_fichier, container"), named, own_name)
    if kind == "retour":
        parent = (rest.partition(":")[0], rest.partition(":")[2], False)
        own_parent = (str(retour["parent_id"]), retour["nom_fichier"], retour["container"])
        where = place.of("parent_id, nom_fichier, container")
        report.same(Kind.JOURNAL, where, parent, own_parent)
    elif retour["parent_id"] is not None:
        report.differs(Kind.JOURNAL, place.of("parent_id"), None, retour["parent_id"])
    if kind == "inbox":
        own_empty = (retour["container"], retour["nom_fichier"], retour["date_reception"])
        where = place.of("container, nom_fichier, date_reception")
        report.same(Kind.JOURNAL, where, (True, None, None), own_empty)
        if retour["reference"] not in (None, rest):
            report.differs(Kind.JOURNAL, place.of("reference"), rest, retour["reference"])


def _review_act_meant(
    report: Report, place: Place, dossier: Dossier, retour: Row, told: Told
) -> None:
    known = {sent["id_acte"] for sent in dossier.rows["transmission"]}
    named = told.message.id_acte
    by_hand = (retour["reason"] or "").startswith("Rattaché")
    if named and not by_hand and not any(same_identifier(named, each) for each in known):
        report.differs(Kind.RATTACHEMENT, place.of("acte_id"), named, ", ".join(sorted(known)))


def _review_owner(report: Report, place: Place, dossier: Dossier, retour: Row) -> None:
    expected = (dossier.acte["id"], dossier.acte["collectivite_id"])
    found = (retour["acte_id"], retour["collectivite_id"])
    report.same(Kind.RATTACHEMENT, place.of("acte_id, collectivite_id"), expected, found)
    own = {sent["id"] for sent in dossier.rows["transmission"]}
    if retour["transmission_id"] is not None and retour["transmission_id"] not in own:
        found_id = retour["transmission_id"]
        where = place.of("transmission_id")
        report.differs(Kind.RATTACHEMENT, where, "un envoi de cet acte", found_id)


def _review_receipt(report: Report, dossier: Dossier, sent: Row, told: Mapping[int, Told]) -> None:
    place = dossier.place.at("transmission", sent["id"], "date_reception")
    lines = dossier.of("journal", "transmission_id", sent["id"])
    dates = [each["details"]["date_reception"] for each in lines if _dates(each)]
    date = sent["date_reception"]
    report.same(Kind.DATE, place, dates[-1] if dates else None, date and str(date))
    retour = told.get(sent["retour_id"] or 0)
    if date is None:
        return
    known = [each for each in dossier.rows["retour"] if each["id"] == sent["retour_id"]]
    if not known:
        report.differs(Kind.DATE, place.of("retour_id"), "un accusé", sent["retour_id"])
    for each in known:
        _review_settled(report, dossier, each, _RECEIPTS.get(sent["message"]))
        differences = [line["details"].get("differences") for line in lines if _dates(line)]
        where = dossier.place.at("retour", each["id"], "differences")
        found = len(each["differences"]) if sent["message"] == "1-1" else None
        report.same(Kind.JOURNAL, where, differences[-1] if differences else None, found)
    if retour is None:
        return
    report.same(Kind.DATE, place, retour.message.date_reception, date)
    root = ROOTS.get(_RECEIPTS.get(sent["message"], ""))
    report.same(Kind.DATE, place.of("retour_id"), root, retour.message.root)


def _review_settled(report: Report, dossier: Dossier, retour: Row, kind: str | None) -> None:
    where = dossier.place.at("retour", retour["id"], "status, kind")
    report.same(Kind.RETOUR, where, ("applied", kind), (retour["status"], retour["kind"]))


def _dates(line: Row) -> bool:
    return line["event"] == "ar_received" and "date_reception" in line["details"]


def _review_letter(report: Report, dossier: Dossier, letter: Row, told: Mapping[int, Told]) -> None:
    place = dossier.place.at("courrier", letter["id"])
    owner = dossier.acte["collectivite_id"]
    report.same(Kind.RATTACHEMENT, place.of("collectivite_id"), owner, letter["collectivite_id"])
    _review_letter_line(report, dossier, place, letter)
    retours = [each for each in dossier.rows["retour"] if each["id"] == letter["retour_id"]]
    for retour in retours:
        _review_settled(report, dossier, retour, letter["message"])
        own = (letter["reference"], letter["received_at"])
        expected = (retour["reference"], retour["received_at"])
        report.same(Kind.RETOUR, place.of("reference, received_at"), expected, own)
        pieces = dossier.of("retour_piece", "retour_id", retour["id"])
        digests = [retour["sha256"], *(piece["sha256"] for piece in pieces)]
        fingerprint = sha256("\n".join(digests).encode()).hexdigest()
        report.same(Kind.RETOUR, place.of("fingerprint"), fingerprint, letter["fingerprint"])
    if said := told.get(letter["retour_id"]):
        compared: dict[str, tuple[Any, Any]] = {
            "message": (said.message.root, ROOTS.get(letter["message"])),
            "date_courrier": (said.date_courrier, str(letter["date_courrier"])),
            "texte": (said.texte, " ".join(letter["texte"].split())),
        }
        for column, (expected_text, found) in compared.items():
            report.same(Kind.RETOUR, place.of(column), expected_text, found)


def _review_letter_line(report: Report, dossier: Dossier, place: Place, letter: Row) -> None:
    lines = [
        (line["details"].get("message"), line["details"].get("date"))
        for line in dossier.rows["journal"]
        if line["event"] == "courrier_received" and line["details"].get("courrier") == letter["id"]
    ]
    told = [(letter["message"], str(letter["date_courrier"]))]
    report.same(Kind.JOURNAL, place.of("message, date_courrier"), lines, told)
