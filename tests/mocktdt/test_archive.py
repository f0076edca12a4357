"""Reading what a stranger packed."""

import gzip
import io
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.mocktdt.archive import HostileArchiveError, member_chunks, read_archive


def _pack(path: Path, *entries: tuple[tarfile.TarInfo, bytes], **options: object) -> Path:
    with tarfile.open(path, "w:gz", **options) as tar:
        for entry, content in entries:
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path


def _entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


def test_members_are_read_in_order_with_digests_and_edges(tmp_path):
    big = b"%PDF-" + b"x" * 200_000 + b"%%EOF"
    path = _pack(tmp_path / "a", (_entry("b.xml"), b"<a/>"), (_entry("a.pdf"), big))
    members = read_archive(path)
    assert list(members) == ["b.xml", "a.pdf"]
    assert members["b.xml"].xml == b"<a/>"
    assert (members["a.pdf"].xml, members["a.pdf"].size) == (None, len(big))
    assert members["a.pdf"].head.startswith(b"%PDF-")
    assert members["a.pdf"].tail.endswith(b"%%EOF")
    assert b"".join(member_chunks(path, "a.pdf")) == big


@pytest.mark.parametrize(
    "entry",
    [
        _entry("/etc/passwd"),
        _entry("../up.xml"),
        _entry("folder/file.xml"),
        _entry("./file.xml"),
        _entry("a\\b.xml"),
        _entry("-rf.xml"),
        _entry(".hidden"),
        _entry("nul\x01.xml"),
        _entry("é.xml"),
        _entry("a" * 300),
        _entry("link.xml", tarfile.SYMTYPE, "/etc/passwd"),
        _entry("hard.xml", tarfile.LNKTYPE, "b.xml"),
        _entry("folder", tarfile.DIRTYPE),
        _entry("fifo", tarfile.FIFOTYPE),
        _entry("device", tarfile.CHRTYPE),
        _entry("block", tarfile.BLKTYPE),
    ],
    ids=lambda entry: repr(entry.name[:20]),
)
def test_entries_that_are_not_plain_flat_files_are_refused(tmp_path, entry):
    path = _pack(tmp_path / "a", (_entry("b.xml"), b"<a/>"), (entry, b""))
    with pytest.raises(HostileArchiveError):
        read_archive(path)


def test_the_same_name_twice_is_refused(tmp_path):
    path = _pack(tmp_path / "a", (_entry("b.xml"), b"1"), (_entry("b.xml"), b"2"))
    with pytest.raises(HostileArchiveError, match="deux fois"):
        read_archive(path)


def test_an_empty_archive_is_refused(tmp_path):
    with pytest.raises(HostileArchiveError, match="vide"):
        read_archive(_pack(tmp_path / "a"))


def test_too_many_files_are_refused(tmp_path):
    path = _pack(tmp_path / "a", *((_entry(f"f{n}"), b"") for n in range(1_001)))
    with pytest.raises(HostileArchiveError, match="plus de"):
        read_archive(path)


def test_a_bomb_is_stopped_before_it_is_unpacked(tmp_path):
    entry = _entry("bomb.pdf")
    entry.size = 600 * 1024 * 1024
    path = tmp_path / "a"
    with gzip.open(path, "wb") as packed:
        packed.write(entry.tobuf())
        packed.write(bytes(1_000_000))
    with pytest.raises(HostileArchiveError):
        read_archive(path)


def test_nothing_is_read_for_a_negative_size(tmp_path):
    entry = _entry("b.pdf")
    entry.size = -1
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(entry.tobuf(tarfile.GNU_FORMAT) + b"x" * 2_000))
    assert read_archive(path)["b.pdf"].head == b""


def test_a_forged_long_name_header_is_not_read_into_memory(tmp_path):
    entry = _entry("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    entry.size = 400 * 1024 * 1024
    path = tmp_path / "a"
    with gzip.open(path, "wb") as packed:
        packed.write(entry.tobuf(tarfile.GNU_FORMAT))
        packed.write(bytes(4_000_000))
    with pytest.raises(HostileArchiveError, match="en-tête démesuré"):
        read_archive(path)


@pytest.mark.parametrize("format_", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_usual_tar_dialect_is_read(tmp_path, format_):
    entry = _entry("a" * 60 + ".xml")
    entry.mtime = 1_700_000_000.25 if format_ == tarfile.PAX_FORMAT else 1_700_000_000
    assert read_archive(_pack(tmp_path / "a", (entry, b"<a/>"), format=format_))


def test_an_archive_in_several_gzip_members_is_read(tmp_path):
    big = bytes(range(256)) * 1_000
    plain = gzip.decompress(_pack(tmp_path / "a", (_entry("b.pdf"), big)).read_bytes())
    members = (gzip.compress(plain[:300]), gzip.compress(plain[300:]))
    (tmp_path / "a").write_bytes(bytes(20).join(members))
    assert b"".join(member_chunks(tmp_path / "a", "b.pdf")) == big


def test_what_follows_a_gzip_member_and_is_none_is_refused(tmp_path):
    plain = gzip.decompress(_pack(tmp_path / "a", (_entry("b.xml"), b"<a/>")).read_bytes())
    (tmp_path / "a").write_bytes(gzip.compress(plain[:300]) + b"noise")
    with pytest.raises(HostileArchiveError, match="BadGzipFile"):
        read_archive(tmp_path / "a")


def test_a_member_that_is_not_there_cannot_be_had(tmp_path):
    path = _pack(tmp_path / "a", (_entry("b.xml"), b"<a/>"))
    with pytest.raises(HostileArchiveError, match=r"c\.xml"):
        list(member_chunks(path, "c.xml"))


def test_the_edges_of_a_file_are_whole_wherever_its_pieces_are_cut(tmp_path):
    content = bytes(range(256)) * 1_024
    for size in range(63_000, 66_000, 512):
        before = _entry("a.pdf"), bytes(size)
        path = _pack(tmp_path / "a", before, (_entry("b.pdf"), content), compresslevel=0)
        member = read_archive(path)["b.pdf"]
        assert (member.head, member.tail) == (content[:1_024], content[-1_024:])


def test_a_whole_gzip_around_a_truncated_tar_is_refused(tmp_path):
    plain = gzip.decompress(_pack(tmp_path / "a", (_entry("b.pdf"), bytes(5_000))).read_bytes())
    (tmp_path / "a").write_bytes(gzip.compress(plain[:2_000]))
    with pytest.raises(HostileArchiveError, match="ReadError"):
        read_archive(tmp_path / "a")


def test_a_truncated_archive_is_refused(tmp_path):
    path = _pack(tmp_path / "a", (_entry("b.pdf"), bytes(range(256)) * 400))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(HostileArchiveError):
        read_archive(path)


@given(st.binary(max_size=400), st.integers(min_value=0, max_value=60))
def test_any_bytes_are_read_or_refused_but_never_crash(noise, at):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.addfile(_entry("b.xml"), io.BytesIO(b""))
    content = buffer.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        for hostile in (noise, gzip.compress(content[:at] + noise + content[at + len(noise) :])):
            path = Path(folder) / "a"
            path.write_bytes(hostile)
            with suppress(HostileArchiveError):
                assert read_archive(path)
