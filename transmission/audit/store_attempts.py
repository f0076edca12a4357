"""Every attempt to send, against the journal: neither says what the other does not."""

from collections.abc import Sequence
from hashlib import sha256

from transmission.audit.store_files import Files
from transmission.audit.store_rows import Row
from transmission.audit.store_sealed import Sending
from transmission.domain.audits import Kind, Place, Report

_STARTED = "submission_started"


def review_attempts(report: Report, sending: Sending, files: Files) -> None:
    """Compare the attempts of a transmission with the lines that tell of them, one by one."""
    place, row = sending.place, sending.row
    attempts = sending.dossier.of("attempt", "transmission_id", row["id"])
    told = [line["details"].get("tentative") for line in sending.lines if _begins(line)]
    numbers = [attempt["number"] for attempt in attempts]
    report.same(Kind.TENTATIVE, place.at("attempt", None, "number"), told, numbers)
    report.same(Kind.TENTATIVE, place.of("attempts"), len(told), row["attempts"])
    for attempt in attempts:
        _review_attempt(report, sending, attempt, files)
    _review_reference(report, sending)


def _review_attempt(report: Report, sending: Sending, attempt: Row, files: Files) -> None:
    place = sending.place.at("attempt", attempt["id"])
    about = _lines_of(sending.lines, attempt["number"])
    if not about:
        return
    prepared, started, *after = about
    report.same(Kind.TENTATIVE, place.of("started_at"), started["at"], attempt["started_at"])
    details = prepared["details"]
    sealed = (details.get("archive"), details.get("sha256"))
    own = (attempt["archive_name"], attempt["archive_sha256"])
    report.same(Kind.TENTATIVE, place.of("archive_name, archive_sha256"), sealed, own)
    _review_connector(report, place, attempt, started)
    _review_end(report, place, attempt, after)
    if attempt["response_sha256"] is not None:
        files.check(report, place, attempt["response_sha256"], attempt["response_size"])


def _review_connector(report: Report, place: Place, attempt: Row, started: Row) -> None:
    # Lines written by a version that did not tell it say nothing of it.
    told = started["details"].get("connecteur", attempt["connector"])
    report.same(Kind.TENTATIVE, place.of("connector"), told, attempt["connector"])


def _review_exchange(report: Report, place: Place, attempt: Row, details: Row) -> None:
    if "requete" not in details:
        return
    digest = sha256((attempt["request"] or "").encode()).hexdigest()
    own = (digest, attempt["response_sha256"])
    where = place.of("request, response_sha256")
    report.same(Kind.TENTATIVE, where, (details["requete"], details.get("reponse")), own)


def _review_end(report: Report, place: Place, attempt: Row, after: Sequence[Row]) -> None:
    told = [line for line in after if "issue" in line["details"]]
    if not told:
        # Cut before its end, or ended once another attempt had begun: no line tells of it.
        return
    line, details = told[0], told[0]["details"]
    expected = (line["at"], details["issue"], details.get("detail"))
    found = (attempt["finished_at"], attempt["outcome"], attempt["detail"])
    where = place.of("finished_at, outcome, detail")
    report.same(Kind.TENTATIVE, where, expected, found)
    _review_exchange(report, place, attempt, details)


def _review_reference(report: Report, sending: Sending) -> None:
    place, reference = sending.place.of("reference"), sending.row["reference"]
    given = [
        line["details"].get("reference") or _after(line["details"].get("detail"), "référence ")
        for line in sending.lines
        if line["event"] in ("submission_accepted", "found_at_tdt")
    ]
    report.same(Kind.TENTATIVE, place, given[-1] if given else None, reference)


def _lines_of(lines: Sequence[Row], number: int) -> list[Row]:
    """The preparation, the start of that attempt, and what was told until the next one began."""
    starts = [rank for rank, line in enumerate(lines) if _begins(line)]
    mine = [rank for rank in starts if lines[rank]["details"].get("tentative") == number]
    if not mine:
        return []
    prepared = [line for line in lines[: mine[0]] if line["event"] == "prepared"]
    end = min((rank for rank in starts if rank > mine[0]), default=len(lines))
    return [*prepared[-1:], *lines[mine[0] : end]] if prepared else []


def _begins(line: Row) -> bool:
    return bool(line["event"] == _STARTED)


def _after(text: str | None, prefix: str) -> str | None:
    return text.removeprefix(prefix) if text and text.startswith(prefix) else None
