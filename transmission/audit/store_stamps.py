"""Time stamps, against what they date: its digest, the token, the instant that was kept."""

from collections.abc import Mapping
from functools import partial

from sqlalchemy import Connection

from transmission.audit.store_files import Files
from transmission.audit.store_rows import Dossier, Row, rows
from transmission.audit.store_sealed import judge
from transmission.domain.audits import Kind, Place, Report
from transmission.ports.proof import ProofChecker

_OF_SUBJECTS = (
    "SELECT * FROM time_stamp WHERE (kind = 'seal' AND subject_id = ANY(:sent)) "
    "OR (kind = 'ar' AND subject_id = ANY(:received)) ORDER BY id"
)
_OF_ANCHOR = "SELECT * FROM time_stamp WHERE kind = 'anchor' AND subject_id = :number ORDER BY id"


def review_stamps(
    report: Report,
    connection: Connection,
    dossier: Dossier,
    files: Files,
    checker: ProofChecker,
) -> None:
    """Compare the time stamps of an act's seals and receipts with these."""
    sent = {row["id"]: row for row in dossier.rows["transmission"]}
    received = {row["id"]: row for row in dossier.rows["retour"]}
    found = rows(connection, _OF_SUBJECTS, sent=list(sent), received=list(received))
    for stamp in found:
        place = dossier.place.at("time_stamp", stamp["id"])
        owner = dossier.acte["collectivite_id"]
        where = place.of("collectivite_id")
        report.same(Kind.RATTACHEMENT, where, owner, stamp["collectivite_id"])
        if stamp["kind"] == "ar":
            expected = {received[stamp["subject_id"]]["sha256"]}
        else:
            expected = _sealed(dossier, sent[stamp["subject_id"]])
        if stamp["sha256"] not in expected:
            told = ", ".join(sorted(expected))
            report.differs(Kind.HORODATAGE, place.of("sha256"), told, stamp["sha256"])
        review_token(report, place, stamp, files, checker)


def anchor_stamps(connection: Connection, number: int) -> list[Row]:
    """The time stamps asked for an anchor."""
    return list(rows(connection, _OF_ANCHOR, number=number))


def review_token(
    report: Report, place: Place, stamp: Row, files: Files, checker: ProofChecker
) -> bytes | None:
    """Compare the token of a time stamp with its row; its bytes when there are some to trust."""
    whole = stamp["token_sha256"] is not None
    report.same(Kind.HORODATAGE, place.of("token_sha256"), stamp["at"] is not None, whole)
    if not whole:
        return None
    token = files.read(report, place, stamp["token_sha256"], stamp["token_size"])
    if token is None:
        return None
    check = partial(checker.time_stamp, token, bytes.fromhex(stamp["sha256"]))
    sound = judge(report, Kind.HORODATAGE, place.of("token_sha256"), check)
    if sound is not None:
        told, own = (sound.at, sound.tsa), (stamp["at"], stamp["tsa"])
        report.same(Kind.HORODATAGE, place.of("at, tsa"), told, own)
    return token


def _sealed(dossier: Dossier, sent: Row) -> set[str]:
    """What a time stamp of a sending may be over: its seal, or its archive; now, or before it was
    prepared again."""
    parcel: Mapping[str, Mapping[str, str]] = sent["parcel"] or {}
    sealed = parcel.get("seal") or parcel.get("archive")
    lines = dossier.of("journal", "transmission_id", sent["id"])
    before = [line["details"].get("sha256") for line in lines if line["event"] == "prepared"]
    return {each for each in (sealed and sealed["sha256"], *before[:-1]) if each}
