"""An act as taken in charge and as published, against its files and its journal."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from transmission.audit.store_files import Files
from transmission.audit.store_rows import Dossier, Row
from transmission.domain.audits import Kind, Place, Report


def review_acte(report: Report, dossier: Dossier, files: Files) -> None:
    """Compare an act with what was handed over: its files, its fingerprint, its first line."""
    place, acte = dossier.place, dossier.acte
    lines = dossier.rows["journal"]
    fingerprint = fingerprint_of(acte, dossier.rows["piece"])
    report.same(Kind.DEPOT, place.of("fingerprint"), fingerprint, acte["fingerprint"])
    _review_beginning(report, place, acte, lines)
    for line in lines:
        where = place.at("journal", line["id"], "collectivite_id")
        owner = acte["collectivite_id"]
        report.same(Kind.RATTACHEMENT, where, owner, line["collectivite_id"])
    for rank, piece in enumerate(dossier.rows["piece"], start=1):
        where = place.at("piece", piece["id"])
        report.same(Kind.DEPOT, where.of("ordre"), rank, piece["ordre"])
        if piece["extension"] not in _EXTENSIONS:
            known = ", ".join(_EXTENSIONS)
            report.differs(Kind.DEPOT, where.of("extension"), known, piece["extension"])
        files.check(report, where, piece["sha256"], piece["size"])
    for key in dossier.rows["idempotency"]:
        where = place.at("idempotency", None, "fingerprint, at")
        given = (acte["collectivite_id"], acte["fingerprint"], acte["accepted_at"])
        own = (key["collectivite_id"], key["fingerprint"], key["at"])
        report.same(Kind.DEPOT, where, given, own)


def fingerprint_of(acte: Row, pieces: Sequence[Row]) -> str:
    """The digest of all that the caller gave."""
    content = {
        "numero": acte["numero_interne"],
        "date": acte["date_decision"].isoformat(),
        "nature": acte["nature"],
        "matiere": acte["matiere"],
        "objet": acte["objet"],
        "document_papier": acte["document_papier"],
        "pieces": [[piece["sha256"], piece["code_type_pj"]] for piece in pieces],
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def review_publications(report: Report, dossier: Dossier, files: Files) -> None:
    """Compare what is on line, and what was, with the journal and with the copies kept."""
    place, acte = dossier.place, dossier.acte
    told = [line for line in dossier.rows["journal"] if line["event"] in _PUBLICATION]
    published = [line for line in told if line["event"] == "published"]
    last = published[-1]["details"] if published else {}
    on_line = last.get("adresse") if told and told[-1] is published[-1] else None
    day = acte["date_mise_en_ligne"]
    expected = last.get("date_mise_en_ligne")
    report.same(Kind.PUBLICATION, place.of("date_mise_en_ligne"), expected, day and str(day))
    address = acte["adresse_publication"]
    report.same(Kind.PUBLICATION, place.of("adresse_publication"), on_line, address)
    copies = dossier.rows["published_copy"]
    for line in published:
        if not any(_is_told_by(copy, line) for copy in copies):
            where = place.at("published_copy", None)
            report.differs(Kind.PUBLICATION, where, f"la publication du {line['at']}", "aucune")
    for copy in copies:
        where = place.at("published_copy", copy["id"])
        owner = where.of("collectivite_id")
        report.same(Kind.RATTACHEMENT, owner, acte["collectivite_id"], copy["collectivite_id"])
        _review_copy(report, where, copy, told)
        if copy["nom_fichier"] is not None:
            _review_served(report, where, dossier, copy)
        if copy["nom_fichier"] is not None and copy["sha256"] is not None:
            files.check(report, where, copy["sha256"], copy["size"])


_EXTENSIONS = ("pdf", "xml", "jpg", "png")
"""Kinds of documents that the ministry reads (ACTES protocol §3.7)."""

_PUBLICATION = ("published", "unpublished")


def _review_beginning(report: Report, place: Place, acte: Row, lines: Sequence[Row]) -> None:
    if not lines:
        report.differs(Kind.JOURNAL, place, "une première ligne au journal", "aucune")
        return
    first = lines[0]
    told = (first["event"], first["target"])
    report.same(Kind.JOURNAL, place.at("journal", first["id"]), ("accepted", "accepted"), told)
    written = first["details"].get("fingerprint")
    report.same(Kind.DEPOT, place.of("fingerprint"), written, acte["fingerprint"])
    report.same(Kind.JOURNAL, place.of("accepted_at"), first["at"], acte["accepted_at"])
    report.same(Kind.JOURNAL, place.of("accepted_by"), first["author"], acte["accepted_by"])


def _review_copy(report: Report, place: Place, copy: Row, told: Sequence[Row]) -> None:
    line = _beginning_of(copy, told)
    if line is None:
        report.differs(Kind.PUBLICATION, place.of("at"), "une ligne au journal", _instant(copy))
        return
    details = line["details"]
    own = (str(copy["date_mise_en_ligne"]), copy["author"])
    expected = (details.get("date_mise_en_ligne"), line["author"])
    report.same(Kind.PUBLICATION, place.of("date_mise_en_ligne, author"), expected, own)
    if copy["nom_fichier"] is not None:
        served: tuple[Any, ...] = (details.get("publication"), details.get("sha256"))
        report.same(Kind.PUBLICATION, place.of("sha256"), served, (copy["id"], copy["sha256"]))
    else:
        report.same(Kind.PUBLICATION, place.of("address"), details.get("adresse"), copy["address"])
    after = [each for each in told if each["id"] > line["id"] and each["at"] >= copy["at"]]
    _review_end(report, place, copy, after)


def _is_told_by(copy: Row, line: Row) -> bool:
    """Whether a line may tell of a publication: that of its number, or of its day and address."""
    details = line["details"]
    if "publication" in details:
        return bool(details["publication"] == copy["id"])
    own = (str(copy["date_mise_en_ligne"]), copy["address"])
    return own == (details.get("date_mise_en_ligne"), details.get("adresse"))


def _beginning_of(copy: Row, told: Sequence[Row]) -> Row | None:
    """The line that tells of a publication: at its instant, by its number or its address."""
    begun = [each for each in told if each["at"] == copy["at"] and each["event"] == "published"]
    own = [
        line
        for line in begun
        if line["details"].get("publication") == copy["id"]
        or ("publication" not in line["details"] and line["details"]["adresse"] == copy["address"])
    ]
    return next(iter(own or begun), None)


def _review_served(report: Report, place: Place, dossier: Dossier, copy: Row) -> None:
    main = dossier.rows["piece"][:1]
    names = {
        f"{piece['code_type_pj']}-{sent['id_acte'].rpartition('-')[0]}.pdf"
        for piece in main
        for sent in dossier.rows["transmission"]
    }
    if copy["nom_fichier"] not in names:
        expected = ", ".join(sorted(names))
        report.differs(Kind.PUBLICATION, place.of("nom_fichier"), expected, copy["nom_fichier"])
    report.same(Kind.PUBLICATION, place.of("address"), None, copy["address"])


def _review_end(report: Report, place: Place, copy: Row, after: Sequence[Row]) -> None:
    ended = [each for each in after if each["event"] == "unpublished"]
    if copy["withdrawn_at"] is None:
        mine = [each["at"] for each in ended if each["details"].get("publication") == copy["id"]]
        report.same(Kind.PUBLICATION, place.of("withdrawn_at"), [], mine)
    elif copy["withdrawn_at"] not in {each["at"] for each in after}:
        found = copy["withdrawn_at"]
        report.differs(Kind.PUBLICATION, place.of("withdrawn_at"), "une ligne au journal", found)


def _instant(copy: Row) -> str:
    at: datetime = copy["at"]
    return at.astimezone(UTC).isoformat()
