"""The archive that was sent, read by zlib alone: as written by us and by others, and hostile."""

import gzip
import io
import tarfile
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.actes.archive import ArchiveEntry, write_archive
from transmission.audit import dossier_archive
from transmission.audit.chain import ContractError
from transmission.audit.dossier_archive import read_sent_archive

FILES = {"EACT--1.xml": b"<e/>", "042-1-1_0.xml": b"<m/>" * 400, "99_DE-1.pdf": bytes(70_000)}


def ours(files=FILES):
    target = io.BytesIO()
    entries = [
        ArchiveEntry(name, len(content), lambda content=content: io.BytesIO(content))
        for name, content in files.items()
    ]
    write_archive(entries, target)
    return target.getvalue()


def theirs(change=lambda header: None, files=FILES, form=tarfile.USTAR_FORMAT):
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz", format=form) as archive:
        for name, content in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            change(header)
            archive.addfile(header, io.BytesIO(content))
    return target.getvalue()


def pieces(raw, size=1000):
    return (raw[at : at + size] for at in range(0, len(raw), size))


@pytest.mark.parametrize("made", [ours, theirs])
def test_files_are_found_with_their_digests(made):
    files = read_sent_archive(pieces(made()))
    assert [(each.name, each.sha256) for each in files] == [
        (name, sha256(content).digest()) for name, content in FILES.items()
    ]
    assert [each.content for each in files] == [FILES["EACT--1.xml"], FILES["042-1-1_0.xml"], None]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        ours()[:-1],
        ours() + b"x",
        ours() + gzip.compress(b""),
        gzip.compress(b"x" * 600),
        gzip.compress(gzip.decompress(ours()) + b"hidden"),
        theirs(lambda header: setattr(header, "type", tarfile.SYMTYPE)),
        theirs(lambda header: setattr(header, "name", "../" + header.name)),
        theirs(lambda header: setattr(header, "name", "a/" + header.name)),
        theirs(files={"A.xml": b"", "a.xml": b""}),
        theirs(files={"é.xml": b""}, form=tarfile.PAX_FORMAT),
    ],
)
def test_what_is_no_flat_archive_is_refused(raw):
    with pytest.raises(ContractError):
        read_sent_archive(pieces(raw))


def test_a_bomb_is_stopped(monkeypatch):
    monkeypatch.setattr(dossier_archive, "CONTENT_MAX", 1 << 20)
    with pytest.raises(ContractError, match="dépasse"):
        read_sent_archive(pieces(gzip.compress(bytes(5 << 20))))


@given(st.binary(min_size=1, max_size=8), st.integers(0, 2000))
def test_damage_is_refused_or_read_and_nothing_else(noise, place):
    raw = ours({"a.xml": b"<a/>" * 100})
    try:
        read_sent_archive(pieces(raw[:place] + noise + raw[place + len(noise) :]))
    except ContractError:
        return
