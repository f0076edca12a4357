"""The strict container: one spelling, every byte foretold or checked, damage placed."""

import io
import zipfile
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.audit import container
from transmission.audit.container import MIME, open_container
from transmission.audit.dossier_report import Findings

FILES = {"mimetype": MIME, "recu/01-a.pdf": b"%PDF-" + bytes(40), "META-INF/manifest.xml": b"<m/>"}


def bound(files=FILES, change=lambda entry: None, comment=b"", compression=zipfile.ZIP_STORED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        archive.comment = comment
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            entry.compress_type = compression
            change(entry)
            archive.writestr(entry, content)
    return target.getvalue()


def read(raw):
    findings = Findings()
    return open_container(io.BytesIO(raw), findings), findings.faults


def test_members_are_read_in_order_with_their_digests():
    opened, faults = read(bound())
    assert faults == []
    assert list(opened.members) == list(FILES)
    assert opened.read("recu/01-a.pdf") == FILES["recu/01-a.pdf"]
    assert opened.members["recu/01-a.pdf"].sha256 == sha256(FILES["recu/01-a.pdf"]).digest()


def test_any_bit_altered_anywhere_is_refused_and_placed():
    raw = bound()
    for offset in range(len(raw)):
        for bit in range(8):
            altered = bytearray(raw)
            altered[offset] ^= 1 << bit
            _opened, faults = read(bytes(altered))
            assert faults, (offset, bit)


def test_a_byte_of_a_header_is_placed_to_the_byte():
    raw = bytearray(bound())
    raw[11] ^= 1
    _opened, faults = read(bytes(raw))
    assert [(each.place, each.offset) for each in faults] == [("en-tête de mimetype", 11)]


def test_content_that_changed_names_its_member_and_its_place_in_the_file():
    raw = bound()
    start = raw.index(b"%PDF-")
    altered = bytearray(raw)
    altered[start + 7] ^= 1
    opened, faults = read(bytes(altered))
    assert [each.place for each in faults] == ["recu/01-a.pdf"]
    assert f"octets {start} à {start + 45}" in faults[0].said
    assert list(opened.members) == list(FILES)


@pytest.mark.parametrize(
    ("made", "place"),
    [
        (lambda: bound(comment=b"x"), "fin du conteneur"),
        (lambda: bound() + b"x", "fin du conteneur"),
        (lambda: b"x" + bound(), "en-tête de mimetype"),
        (lambda: bound()[:-1], "fin du conteneur"),
        (lambda: bound(compression=zipfile.ZIP_DEFLATED), "répertoire central"),
        (lambda: bound(change=lambda e: setattr(e, "extra", b"\xfe\xca\0\0")), "répertoire"),
        (lambda: bound(change=lambda e: setattr(e, "comment", b"x")), "répertoire central"),
        (lambda: bound(change=lambda e: setattr(e, "external_attr", 1)), "répertoire central"),
        (lambda: bound(change=lambda e: setattr(e, "create_system", 0)), "répertoire central"),
        (lambda: bound(change=lambda e: setattr(e, "date_time", (2026, 1, 1, 0, 0, 0))), "réper"),
        (lambda: bound(dict(reversed(FILES.items()))), "mimetype"),
        (lambda: bound(FILES | {"mimetype": MIME + b"\n"}), "mimetype"),
        (lambda: bound(FILES | {"../x": b""}), "../x"),
        (lambda: bound(FILES | {"/x": b""}), "/x"),
        (lambda: bound(FILES | {"a//x": b""}), "a//x"),
        (lambda: bound(FILES | {"a..b": b""}), "a..b"),
        (lambda: bound(FILES | {"a\\b": b""}), "a\\b"),
        (lambda: bound(FILES | {"é": b""}), "\\xc3\\xa9"),
        (lambda: bound(FILES | {"recu/01-A.pdf": b""}), "recu/01-A.pdf"),
        (lambda: bound(FILES | {"recu/": b""}), "recu/"),
        (lambda: bound({}), "fin du conteneur"),
    ],
)
def test_what_departs_from_the_one_spelling_is_refused(made, place):
    _opened, faults = read(made())
    assert any(str(each).startswith(place) for each in faults), list(map(str, faults))


def test_bytes_between_members_are_refused():
    raw = bound()
    at = raw.index(b"PK\3\4", 4)
    _opened, faults = read(raw[:at] + b"gap" + raw[at:])
    assert "en-tête de recu/01-a.pdf" in {each.place for each in faults}


def test_members_that_share_bytes_are_read_once():
    raw = bytearray(bound(FILES | {"z": b""}))
    # The last entry of the directory is sent back to the first member.
    at = raw.rindex(b"PK\1\2") + 42
    raw[at : at + 4] = bytes(4)
    opened, faults = read(bytes(raw))
    assert "z" not in opened.members
    assert any("déborde" in each.said for each in faults)


def test_far_places_are_read_as_zip64(monkeypatch):
    """The same as with members beyond 2 GiB, with lower limits on both sides."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 60)
    monkeypatch.setattr(container, "_NEAR", 60)
    raw = bound(FILES | {"recu/01-a.pdf": b"x", "z": b"y"})
    assert b"PK\x06\x06" in raw
    opened, faults = read(raw)
    assert faults == []
    assert opened.read("z") == b"y"
    for offset in range(raw.index(b"PK\1\2"), len(raw)):
        altered = bytearray(raw)
        altered[offset] ^= 4
        assert read(bytes(altered))[1], offset


def test_too_many_members_are_not_read(monkeypatch):
    monkeypatch.setattr(container, "MEMBERS_MAX", 2)
    opened, faults = read(bound())
    assert opened.members == {}
    assert faults


@given(st.binary(max_size=200), st.integers(0, 300), st.booleans())
def test_garbage_is_a_fault_and_no_error(noise, place, inside):
    raw = bound()
    altered = raw[:place] + noise + raw[place + len(noise) * inside :] if noise else b""
    if altered != raw:
        assert read(altered)[1]
