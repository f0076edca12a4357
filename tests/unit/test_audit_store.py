"""What the auditor knows by itself agrees with the work, by two ways that share nothing."""

import gzip
import io
import tarfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transmission.audit.messages import UnreadableMessageError
from transmission.audit.store_archive import UnreadableArchiveError, members_of
from transmission.audit.store_message import ROOTS, read_told
from transmission.audit.store_names import id_acte_of, numero_of, read_enveloppe
from transmission.audit.store_states import review_state
from transmission.domain.audits import Place, Report
from transmission.domain.identifiers import IdActe, NomEnveloppe
from transmission.domain.lifecycle import TABLE, Event, State
from transmission.domain.messages import MESSAGES


def _line(number: int, event: str, source: str | None, target: str) -> dict[str, Any]:
    return {"id": number, "event": event, "source": source, "target": target, "at": number}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", State)
def test_our_arrows_are_those_of_the_lifecycle(event: Event, state: State) -> None:
    for target in State:
        report = Report()
        lines = [
            _line(1, "accepted", None, "accepted"),
            _line(2, "?", "accepted", state.code),
            _line(3, event.code, state.code, target.code),
        ]
        sent = {"state": target.code, "state_since": 3}
        review_state(report, Place(), sent, lines)
        wrong = [each.place.row for each in report.differences]
        assert (3 in wrong) is (TABLE[event][state] is not target)


def test_a_transmission_without_a_line_has_no_state() -> None:
    report = Report()
    review_state(report, Place(), {"state": "accepted", "state_since": 1}, [])
    assert len(report.differences) == 1


def test_the_roots_are_those_of_the_protocol() -> None:
    known = {kind.code: kind.root for kind in MESSAGES if kind.code is not None}
    assert {code: root for code, root in ROOTS.items() if known[code] != root} == {}


def test_names_are_made_as_the_service_makes_them() -> None:
    text = "02A-123456782-20230302-D2023_001-AR"
    read = IdActe.parse(text)
    made = id_acte_of(
        read.departement, read.siren, read.date_decision, read.numero_interne, read.nature.code
    )
    assert (made, numero_of(text)) == (text, "D2023_001")
    name = read_enveloppe("EACT--123456782--20230302-12")
    assert name is not None
    assert name.number == NomEnveloppe.parse("EACT--123456782--20230302-12").numero
    assert read_enveloppe("EACT--123456782--20230302-") is None


def _archive(*members: tarfile.TarInfo) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return target.getvalue()


def test_an_archive_that_is_not_of_plain_files_is_not_read() -> None:
    link = tarfile.TarInfo("lien")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(UnreadableArchiveError, match="lien"):
        members_of(io.BytesIO(_archive(link)))


@settings(max_examples=40)
@given(st.binary(max_size=300), st.booleans())
def test_garbage_is_no_archive_and_no_message(content: bytes, zipped: bool) -> None:
    raw = gzip.compress(content) if zipped else content
    with pytest.raises(UnreadableArchiveError):
        members_of(io.BytesIO(raw))
    with pytest.raises(UnreadableMessageError):
        read_told(raw)
