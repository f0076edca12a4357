import gzip
import hashlib
import io
import shutil
import subprocess
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import transmission.actes.archive as archive_module
from transmission.actes.archive import (
    ArchiveEntry,
    ArchiveEntryError,
    ArchiveTooLargeError,
    HostileArchiveError,
    SealedEntry,
    read_archive,
    sealed_entries,
    write_archive,
)

Entry = Callable[[str, bytes], ArchiveEntry]
Noise = Callable[[int], bytes]

NAMES = [
    "EACT--123456782--20240216-1.xml",
    "042-123456782-20240215-2024_07B-DE-1-1_0.xml",
    "99_DE-042-123456782-20240215-2024_07B-DE-1-1_1.pdf",
    "21_RP-042-123456782-20240215-2024_07B-DE-1-1_2.pdf",
]
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True)
contents = st.dictionaries(names, st.binary(max_size=3000), max_size=5).filter(
    lambda found: len({name.casefold() for name in found}) == len(found)
)


def _packed(entries: list[ArchiveEntry]) -> bytes:
    target = io.BytesIO()
    write_archive(entries, target)
    return target.getvalue()


def _read(raw: bytes, **limits: int) -> dict[str, bytes]:
    return {
        entry.name: b"".join(entry.content) for entry in read_archive(io.BytesIO(raw), **limits)
    }


def _foreign(*members: tarfile.TarInfo, mode: Any = "w:gz", **options: Any) -> bytes:
    """An archive made by the standard library, each member filled to its size."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode, **options) as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(bytes(member.size)))
    return target.getvalue()


def _member(name: str = "a.xml", **changes: Any) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    for key, value in changes.items():
        setattr(member, key, value)
    return member


@pytest.fixture
def envelope(entry: Entry, noise: Noise) -> list[ArchiveEntry]:
    texts = [b"<a/>" * 300, b"<b/>" * 900, noise(200_000), noise(300) * 200]
    return [entry(name, raw) for name, raw in zip(NAMES, texts, strict=True)]


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(archive_module, "ARCHIVE_MAX", 50_000)
    return 50_000


def test_two_runs_give_the_same_bytes(envelope: list[ArchiveEntry]) -> None:
    assert _packed(envelope) == _packed(envelope)


def test_what_is_packed_is_what_is_found_again(envelope: list[ArchiveEntry]) -> None:
    assert sealed_entries(io.BytesIO(_packed(envelope))) == tuple(
        SealedEntry(source.name, source.size, hashlib.sha256(source.open().read()).hexdigest())
        for source in envelope
    )


def test_the_archive_is_anonymous_and_dateless(envelope: list[ArchiveEntry]) -> None:
    raw = _packed(envelope)
    assert raw[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        for member in tar:
            assert (member.mtime, member.uid, member.gid, member.mode) == (0, 0, 0, 0o644)
            assert (member.uname, member.gname, member.type) == ("", "", tarfile.REGTYPE)
            assert not member.pax_headers


@pytest.mark.skipif(shutil.which("tar") is None, reason="no tar program here")
def test_gzip_and_tar_read_it_without_a_word(envelope: list[ArchiveEntry], tmp_path: Path) -> None:
    path = tmp_path / "archive.tar.gz"
    path.write_bytes(_packed(envelope))
    test = subprocess.run(["gzip", "-t", path], capture_output=True, text=True, check=False)
    listing = subprocess.run(["tar", "tzf", path], capture_output=True, text=True, check=False)
    assert (test.returncode, test.stdout, test.stderr) == (0, "", "")
    assert (listing.returncode, listing.stdout.split(), listing.stderr) == (0, NAMES, "")


@given(contents=contents)
def test_any_files_come_back(contents: dict[str, bytes], entry: Entry) -> None:
    raw = _packed([entry(name, content) for name, content in contents.items()])
    assert _read(raw) == contents
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        found = {m.name: _content(tar.extractfile(m)) for m in tar}
    assert found == contents
    assert list(found) == list(contents)


def _content(stream: IO[bytes] | None) -> bytes:
    assert stream is not None
    return stream.read()


def test_noise_is_stored_and_text_is_compressed(entry: Entry, noise: Noise) -> None:
    stored = _packed([entry("a.pdf", noise(200_000))])
    assert 200_000 < len(stored) < 202_000
    assert noise(200_000)[1000:2000] in stored
    assert len(_packed([entry("a.xml", b"<acte/>" * 50_000)])) < 5_000


def test_an_archive_of_exactly_the_limit_passes(
    entry: Entry, noise: Noise, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = _packed([entry("a.pdf", noise(49_152))])
    monkeypatch.setattr(archive_module, "ARCHIVE_MAX", len(raw))
    assert _packed([entry("a.pdf", noise(49_152))]) == raw
    monkeypatch.setattr(archive_module, "ARCHIVE_MAX", len(raw) - 1)
    with pytest.raises(ArchiveTooLargeError):
        _packed([entry("a.pdf", noise(49_152))])


def test_an_archive_beyond_the_limit_stops_before_it(
    entry: Entry, noise: Noise, limit: int
) -> None:
    target = io.BytesIO()
    with pytest.raises(ArchiveTooLargeError, match="Allégez"):
        write_archive([entry("a.pdf", noise(limit * 4))], target)
    assert len(target.getvalue()) <= limit


def test_the_limit_is_on_the_finished_archive(entry: Entry, limit: int) -> None:
    assert len(_packed([entry("a.xml", b"<acte/>" * limit)])) < limit


@pytest.mark.parametrize(
    "name",
    ["", "../a.xml", "a/b.xml", "/a.xml", ".a", "-a.xml", "é.pdf", "a b.pdf", "a\n", "x" * 101],
)
def test_a_name_that_is_not_plain_is_refused(name: str, entry: Entry) -> None:
    with pytest.raises(ArchiveEntryError, match="ne peut pas nommer"):
        _packed([entry(name, b"")])


def test_a_name_of_100_characters_fits(entry: Entry) -> None:
    raw = _packed([entry("x" * 100, b"1")])
    assert _read(raw) == {"x" * 100: b"1"}


def test_the_same_name_twice_is_refused_whatever_its_case(entry: Entry) -> None:
    with pytest.raises(ArchiveEntryError, match="deux fois"):
        _packed([entry("a.PDF", b"1"), entry("A.pdf", b"2")])


@pytest.mark.parametrize("announced", [2, 4])
def test_a_file_that_changed_size_is_refused(announced: int) -> None:
    with pytest.raises(ArchiveEntryError, match="fait 3 octets"):
        _packed([ArchiveEntry("a.pdf", announced, lambda: io.BytesIO(b"abc"))])


def test_files_are_closed_after_packing(entry: Entry) -> None:
    stream = io.BytesIO(b"abc")
    _packed([ArchiveEntry("a.pdf", 3, lambda: stream)])
    assert stream.closed


def test_memory_stays_flat_for_a_large_file(tmp_path: Path, noise: Noise) -> None:
    source, target = tmp_path / "source.pdf", tmp_path / "archive.tar.gz"
    block = noise(1024 * 1024)
    with source.open("wb") as out:
        for _ in range(32):
            out.write(block)
    tracemalloc.start()
    try:
        with target.open("wb") as out:
            write_archive([ArchiveEntry("a.pdf", 32 * 2**20, lambda: source.open("rb"))], out)
        with target.open("rb") as packed:
            sealed_entries(packed)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**20


def test_files_that_are_not_read_are_passed_over(envelope: list[ArchiveEntry]) -> None:
    raw = _packed(envelope)
    assert [entry.name for entry in read_archive(io.BytesIO(raw))] == NAMES
    sizes = []
    for entry in read_archive(io.BytesIO(raw)):
        next(entry.content)
        sizes.append(entry.size)
    assert sizes == [entry.size for entry in envelope]


def test_a_flat_archive_of_another_tool_is_read() -> None:
    for tar_format in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT):
        raw = _foreign(_member("a.xml", size=3), _member("b.pdf", size=700), format=tar_format)
        assert _read(raw) == {"a.xml": bytes(3), "b.pdf": bytes(700)}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(_foreign(_member("../a.xml")), id="traversal"),
        pytest.param(_foreign(_member("/etc/passwd")), id="absolute path"),
        pytest.param(_foreign(_member("a/b.xml")), id="folder in the name"),
        pytest.param(_foreign(_member("a\\b.xml")), id="foreign folder in the name"),
        pytest.param(_foreign(_member("..")), id="parent"),
        pytest.param(_foreign(_member(".hidden")), id="hidden file"),
        pytest.param(_foreign(_member("a", type=tarfile.DIRTYPE)), id="folder"),
        pytest.param(
            _foreign(_member("a", type=tarfile.SYMTYPE, linkname="b")), id="symbolic link"
        ),
        pytest.param(_foreign(_member("a", type=tarfile.LNKTYPE, linkname="b")), id="hard link"),
        pytest.param(_foreign(_member("a", type=tarfile.CHRTYPE)), id="device"),
        pytest.param(_foreign(_member("a", type=tarfile.BLKTYPE)), id="block device"),
        pytest.param(_foreign(_member("a", type=tarfile.FIFOTYPE)), id="pipe"),
        pytest.param(_foreign(_member("a", type=tarfile.GNUTYPE_SPARSE)), id="sparse file"),
        pytest.param(_foreign(_member("x" * 200)), id="long name"),
        pytest.param(_foreign(_member("é.xml")), id="extended header"),
        pytest.param(_foreign(_member("a"), pax_headers={"comment": "x" * 9}), id="global header"),
        pytest.param(_foreign(_member("a"), _member("a")), id="same name twice"),
        pytest.param(_foreign(_member("a"), _member("A")), id="same name in another case"),
        pytest.param(_foreign(_member("a"), mode="w"), id="not compressed"),
        pytest.param(_foreign(_member("a"), mode="w:bz2"), id="another compression"),
        pytest.param(b"", id="nothing"),
        pytest.param(gzip.compress(b""), id="gzip of nothing"),
        pytest.param(gzip.compress(b"")[:10] + b"\xff" * 50, id="no such block"),
        pytest.param(gzip.compress(b"x" * 512), id="no header"),
        pytest.param(gzip.compress(b"x" * 100), id="half a header"),
        pytest.param(_foreign(_member("a", size=9000))[:-20], id="cut short"),
        pytest.param(_foreign(_member("a")) + b"trailing", id="bytes after the end"),
        pytest.param(_foreign(_member("a")) + gzip.compress(b"more"), id="a second member"),
        pytest.param(gzip.compress(_member("a").tobuf()), id="no end marker"),
        pytest.param(gzip.compress(_member("a", size=99).tobuf() + bytes(50)), id="cut content"),
    ],
)
def test_a_hostile_or_broken_archive_is_refused(raw: bytes) -> None:
    with pytest.raises(HostileArchiveError):
        _read(raw)


def test_a_negative_size_is_refused() -> None:
    header = bytearray(_member("a").tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 12
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    with pytest.raises(HostileArchiveError):
        _read(gzip.compress(bytes(header) + bytes(1024)))


def test_a_bomb_is_stopped_at_the_limit() -> None:
    raw = _foreign(_member("a", size=50_000_000))
    assert len(raw) < 100_000
    with pytest.raises(HostileArchiveError, match="se déplie"):
        _read(raw, max_content=10_000_000)


def test_a_bomb_after_the_end_is_stopped_too() -> None:
    raw = gzip.compress(_member("a").tobuf() + bytes(30_000_000))
    with pytest.raises(HostileArchiveError, match="se déplie"):
        _read(raw, max_content=10_000_000)


def test_an_archive_that_never_ends_is_stopped() -> None:
    raw = _foreign(_member("a")) + gzip.compress(b"") * 1000
    with pytest.raises(HostileArchiveError, match="plus grosse"):
        _read(raw, max_bytes=5000)


def test_too_many_files_are_refused() -> None:
    raw = _foreign(*(_member(f"a{n}") for n in range(4)))
    assert len(_read(raw, max_entries=4)) == 4
    with pytest.raises(HostileArchiveError, match="plus de 3 fichiers"):
        _read(raw, max_entries=3)


def test_a_damaged_byte_is_seen(envelope: list[ArchiveEntry]) -> None:
    raw = _packed(envelope)
    damaged = bytearray(raw)
    damaged[len(raw) // 2] ^= 1
    with pytest.raises(HostileArchiveError):
        sealed_entries(io.BytesIO(bytes(damaged)))
    assert [entry.name for entry in sealed_entries(io.BytesIO(raw))] == NAMES


@given(raw=st.binary(max_size=400), flat=st.booleans())
def test_no_bytes_raise_anything_else(raw: bytes, flat: bool) -> None:
    try:
        _read(gzip.compress(raw) if flat else raw, max_content=10_000_000)
    except HostileArchiveError:
        return


@given(data=st.data())
def test_no_spoilt_tar_raises_anything_else(data: st.DataObject) -> None:
    tar = bytearray(gzip.decompress(_foreign(_member("a", size=3), _member("b.xml", size=600))))
    for _ in range(data.draw(st.integers(1, 6))):
        tar[data.draw(st.integers(0, 2048))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        tar[148:156] = b" " * 8
        tar[148:156] = f"{sum(tar[:512]):06o}\0 ".encode()
    try:
        _read(gzip.compress(bytes(tar)), max_content=10_000_000)
    except HostileArchiveError:
        return
