"""Time stamps: who gives them, what is missing since when, what instant is odd."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support import tsa
from transmission.cli.diagnosis.findings import Finding, Grade
from transmission.cli.diagnosis.time_stamps import time_stamps
from transmission.domain.transmission import StoredFile
from transmission.ports.time_stamps import KnownTimeStamp, ObtainedTimeStamp, TimeStampKind
from transmission.store.queries import Waiting

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
NONE = Waiting(0)
THERE = ("https://horodatage.example.org/",)


def _since(**age: float) -> Waiting:
    return Waiting(3, NOW - timedelta(**age))


def _said(
    addresses: tuple[str, ...] = THERE,
    missing: Waiting = NONE,
    roots: Path | None = None,
    odd: KnownTimeStamp | None = None,
) -> list[Finding]:
    return list(time_stamps(addresses, roots, missing, odd, NOW))


def test_nothing_is_wrong_with_an_authority_that_keeps_up_nor_without_any() -> None:
    assert [each.grade for each in _said()] == [Grade.FINE]
    assert [each.grade for each in _said(missing=_since(minutes=59))] == [Grade.FINE]
    (without,) = _said(())
    assert without.grade is Grade.FINE
    assert "Rien n'est horodaté" in without.said


def test_a_hole_of_more_than_an_hour_is_told_with_its_age() -> None:
    (told,) = _said(missing=_since(hours=5))
    assert told.grade is Grade.WARNING
    assert "3, le premier depuis 5\u00a0h" in told.said
    assert "transmission timestamps" in told.said


def test_a_hole_that_nobody_will_fill_is_told_at_once() -> None:
    (told,) = _said((), _since(minutes=1))
    assert told.grade is Grade.WARNING
    assert "Donnez TRANSMISSION_TSA_URLS" in told.said


def test_roots_that_cannot_be_read_are_wrong(tmp_path: Path) -> None:
    roots = tmp_path / "roots.pem"
    told, _ = _said(roots=roots)
    assert told.grade is Grade.WRONG
    assert str(roots) in told.said
    roots.write_bytes(tsa.pem(tsa.root()))
    assert [each.grade for each in _said(roots=roots)] == [Grade.FINE]


def test_an_odd_instant_is_told() -> None:
    obtained = ObtainedTimeStamp(StoredFile("0" * 64, 9), NOW, NOW, "CN=x", "En avance.")
    known = KnownTimeStamp(TimeStampKind.AR, 12, "0" * 64, NOW, 1, None, obtained)
    _, told = _said(odd=known)
    assert told.grade is Grade.WARNING
    assert told.said == "Horodatage (accusé de réception n° 12) : En avance."
