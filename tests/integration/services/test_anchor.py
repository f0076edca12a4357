"""An anchor a day, its row and then its files, once, whatever is killed and whoever runs."""

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.bench import Bench
from transmission.domain.chain import Part, header, tree_root
from transmission.domain.transmission import StoredFile
from transmission.ports.chain import AnchorFolderError, OtherAnchorError
from transmission.ports.time_stamps import ObtainedTimeStamp, TimeStampKind
from transmission.services import anchor as anchoring
from transmission.services.anchor import anchor_journal, ring_anchor
from transmission.store.tables_chain import anchor, anchor_part, journal_link

DAY = 86_400


@pytest.fixture
def folder(bench: Bench) -> Path:
    return Path(bench.tools.anchors.place)


def _rows(bench: Bench, table: Any) -> list[Any]:
    with bench.engine.connect() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


def _links(bench: Bench, authority_id: int, first: int, last: int) -> list[bytes]:
    owned = [row for row in _rows(bench, journal_link) if row.collectivite_id == authority_id]
    return [row.link for row in owned if first <= row.place <= last]


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _parts(folder: Path, number: int) -> list[Part]:
    read = json.loads((folder / f"{number:06d}.parts.json").read_bytes())
    return [
        Part(
            each["siren"], each["first"], each["last"],
            bytes.fromhex(each["head"]), bytes.fromhex(each["root"]),
        )
        for each in read
    ]  # fmt: skip


def test_nothing_is_anchored_before_something_is_linked(bench: Bench, folder: Path) -> None:
    anchor_journal(bench.tools)
    assert not folder.exists()
    assert _rows(bench, anchor) == []


def test_an_anchor_covers_what_each_authority_did_since_the_one_before(
    bench: Bench, folder: Path
) -> None:
    bench.sent()
    bench.sent(authority_id=bench.second_id)
    begun = bench.clock.now()
    anchor_journal(bench.tools)
    reached = len(_links(bench, bench.authority_id, 1, 99))
    bench.clock.advance(DAY)
    bench.sent()
    anchor_journal(bench.tools)
    assert _names(folder) == [
        "000001.json", "000001.parts.json", "000002.json", "000002.parts.json",
    ]  # fmt: skip
    first, second = _parts(folder, 1), _parts(folder, 2)
    assert [each.siren for each in first] == ["123456782", "123456790"]
    assert [(each.siren, each.first) for each in second] == [("123456782", reached + 1)]
    for part in (*first[:1], *second):
        links = _links(bench, bench.authority_id, part.first, part.last)
        assert (part.head, part.root) == (links[-1], tree_root(links))
    written = (folder / "000001.json").read_bytes()
    assert written == header(begun, 1, None, first)
    assert (folder / "000002.json").read_bytes() == header(bench.clock.now(), 2, written, second)
    rows = _rows(bench, anchor_part)
    assert [(row.anchor, row.rank) for row in rows] == [(1, 0), (1, 1), (2, 0)]
    assert [row.content for row in rows] == [each.canonical() for each in (*first, *second)]


def test_a_day_of_utc_has_one_anchor_though_nothing_happened(bench: Bench, folder: Path) -> None:
    bench.acte()
    bench.clock.instant = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)
    anchor_journal(bench.tools)
    bench.acte()
    anchor_journal(bench.tools)
    assert [row.number for row in _rows(bench, anchor)] == [1]
    bench.clock.advance(61)
    anchor_journal(bench.tools)
    bench.clock.advance(DAY)
    anchor_journal(bench.tools)
    # A clock set back makes no anchor before the last.
    bench.clock.advance(-2 * DAY)
    anchor_journal(bench.tools)
    days = [(row.number, row.day.day) for row in _rows(bench, anchor)]
    assert days == [(1, 2), (2, 3), (3, 4)]
    assert (folder / "000003.parts.json").read_bytes() == b"[]"
    assert json.loads((folder / "000003.json").read_bytes())["root"] == sha256().hexdigest()


def test_several_at_once_make_one_anchor(bench: Bench, folder: Path) -> None:
    bench.sent()
    failed: list[Exception] = []

    def run() -> None:
        try:
            anchor_journal(bench.tools)
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(_rows(bench, anchor)) == 1
    assert len(_names(folder)) == 2


def test_what_a_crash_left_unwritten_is_written_by_the_next_run(
    bench: Bench, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.sent()

    def dies(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(anchoring, "write_files", dies)
        with pytest.raises(KeyboardInterrupt):
            anchor_journal(bench.tools)
    assert not folder.exists()
    bench.clock.advance(DAY)
    anchor_journal(bench.tools)
    assert len(_names(folder)) == 4
    (folder / "000001.json").unlink()
    anchor_journal(bench.tools)
    assert (folder / "000001.json").read_bytes() == _rows(bench, anchor)[0].header


def test_a_folder_that_is_away_delays_the_files_and_not_the_anchor(
    bench: Bench, folder: Path
) -> None:
    bench.sent()
    folder.write_bytes(b"")
    with pytest.raises(AnchorFolderError):
        anchor_journal(bench.tools)
    assert len(_rows(bench, anchor)) == 1
    folder.unlink()
    anchor_journal(bench.tools)
    assert len(_names(folder)) == 2


def test_a_file_with_other_bytes_is_an_alarm_and_is_left_as_it_is(
    bench: Bench, folder: Path
) -> None:
    bench.sent()
    anchor_journal(bench.tools)
    altered = folder / "000001.parts.json"
    altered.chmod(0o644)
    altered.write_bytes(b"[]")
    with pytest.raises(OtherAnchorError, match=r"000001\.parts\.json"):
        anchor_journal(bench.tools)
    assert altered.read_bytes() == b"[]"


def test_an_anchor_whose_number_the_folder_has_already_is_not_made(
    bench: Bench, folder: Path
) -> None:
    bench.sent()
    folder.mkdir()
    (folder / "000001.json").write_bytes(b"{}")
    with pytest.raises(OtherAnchorError, match="restaurée"):
        anchor_journal(bench.tools)
    assert _rows(bench, anchor) == []
    assert _names(folder) == ["000001.json"]


class _Tsa:
    """An authority of time is configured; nobody asks it here."""

    def stamp(self, digest: bytes) -> Any:
        raise AssertionError(digest)


def test_a_time_stamp_is_asked_for_and_written_once_obtained(bench: Bench, folder: Path) -> None:
    bench.sent()
    anchor_journal(bench.tools)
    bench.clock.advance(DAY)
    # Configured late: the anchors before it are stamped too.
    bench.tools = replace(bench.tools, time_stamper=_Tsa())
    anchor_journal(bench.tools)
    now = bench.clock.now()
    with bench.tools.register() as unit:
        asked = unit.time_stamps(TimeStampKind.ANCHOR, [1, 2])
        headers = [each.header for each in unit.anchors()]
        assert {each.sha256 for each in asked} == {sha256(each).hexdigest() for each in headers}
        (wanted, *_) = unit.claim_time_stamps(now, now, 1)
        file = bench.tools.documents.put_bytes(b"token")
        unit.keep_time_stamp(wanted.id, ObtainedTimeStamp(file, now, now, "TSA", None))
        unit.commit()
    assert isinstance(file, StoredFile)
    anchor_journal(bench.tools)
    name = f"{wanted.subject_id:06d}.tsr"
    assert (folder / name).read_bytes() == b"token"
    assert [each for each in _names(folder) if each.endswith(".tsr")] == [name]


def test_the_bell_of_the_anchor_is_rung_once(bench: Bench, folder: Path) -> None:
    ring_anchor(bench.tools)
    ring_anchor(bench.tools)
    assert bench.bells() == [("anchor", 0)]
    bench.acte()
    bench.run("anchor")
    assert (folder / "000001.json").exists()
