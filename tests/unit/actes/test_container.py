import gzip
import io
import tarfile
import tracemalloc
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import transmission.actes.container as container
from transmission.actes.arrival import read_arrival
from transmission.actes.container import Unpacked, unpack
from transmission.actes.forms import UnreadableRetourError
from transmission.actes.shelf import FILES_MAX
from transmission.domain.retours import AccuseReception, AnomalieEnveloppe

Message = Callable[[str], bytes]
Opened = Callable[[bytes], Unpacked]

LISTED = "042-123456782-20240215-2024_07B-DE-1-2_5.xml"
ENVELOPE = "EACT--SPREF0422-123456782-20240220-57.xml"


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A container opened from its bytes, in a folder of its own."""

    def take(raw: bytes) -> Unpacked:
        folder = tmp_path_factory.mktemp("container")
        (folder / "raw").write_bytes(raw)
        (folder / "files").mkdir()
        return unpack(folder / "raw", folder / "files")

    return take


def _tar(*members: tarfile.TarInfo | tuple[str, bytes], **options: Any) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz", **options) as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member, io.BytesIO(bytes(member.size)))
            else:
                entry = tarfile.TarInfo(member[0])
                entry.size = len(member[1])
                tar.addfile(entry, io.BytesIO(member[1]))
    return target.getvalue()


def _member(name: str = "a.xml", **changes: Any) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    for key, value in changes.items():
        setattr(member, key, value)
    return member


def _mail(*attached: tuple[str, bytes]) -> bytes:
    mail = EmailMessage(policy=policy.SMTP)
    mail["Subject"] = "Accusé de réception"
    mail.set_content("<p>Un acte a été reçu.</p>", subtype="html")
    for name, content in attached:
        mail.add_attachment(content, "application", "octet-stream", filename=name)
    return mail.as_bytes()


def _contents(unpacked: Unpacked) -> dict[str, bytes]:
    return {label: path.read_bytes() for label, path in unpacked.files.items()}


@pytest.mark.parametrize("pack", [_tar, _mail])
def test_the_container_is_told_by_its_content_and_read_to_the_acknowledgement(
    pack: Callable[..., bytes], opened: Opened, message: Message
) -> None:
    files = {
        "logo préfecture 1.png": b"\x89PNG",
        LISTED: message("1-2"),
        ENVELOPE: message("EnveloppeMISILLCL"),
    }
    unpacked = opened(pack(*files.items()))
    assert _contents(unpacked) == files
    assert unpacked.notes == ()
    (found,) = read_arrival(unpacked.files).messages
    assert found.nom_fichier == LISTED
    assert found.read is not None
    assert isinstance(found.read.retour, AccuseReception)


@pytest.mark.parametrize("pack", [_tar, _mail])
def test_the_anomaly_of_an_envelope_comes_alone(
    pack: Callable[..., bytes], opened: Opened, message: Message
) -> None:
    name = "ANO_EACT--123456782--20240216-1.xml"
    arrival = read_arrival(opened(pack((name, message("AnomalieEnveloppe")))).files)
    assert arrival.enveloppe is None
    assert arrival.messages[0].read is not None
    assert isinstance(arrival.messages[0].read.retour, AnomalieEnveloppe)


def test_a_mail_without_a_message_is_left_to_a_clerk(opened: Opened) -> None:
    unpacked = opened(_mail(("logo.png", b"\x89PNG")))
    with pytest.raises(UnreadableRetourError, match="comme un courrier ordinaire"):
        read_arrival(unpacked.files)


@pytest.mark.parametrize("dialect", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_usual_dialect_of_tar_is_read(dialect: int, opened: Opened) -> None:
    files = {"a.xml": b"<a/>", "pièce 2.pdf": b"%PDF" * 300}
    if dialect != tarfile.USTAR_FORMAT:
        files["x" * 120 + "é" * 40 + ".pdf"] = b"%PDF"
    folder = _member("./dossier/", type=tarfile.DIRTYPE)
    unpacked = opened(_tar(folder, *((f"./{n}", raw) for n, raw in files.items()), format=dialect))
    assert _contents(unpacked) == files
    assert unpacked.notes == ()


def test_names_that_are_not_utf_8_are_shown_as_they_can(opened: Opened) -> None:
    raw = _tar(("délib.pdf", b"x"), format=tarfile.GNU_FORMAT, encoding="latin-1")
    assert _contents(opened(raw)) == {"d�lib.pdf": b"x"}


@pytest.mark.parametrize("name", ["../../a.xml", "/etc/a.xml", "b/../a.xml", "..\\a.xml"])
def test_a_traversal_is_only_a_label(name: str, opened: Opened) -> None:
    unpacked = opened(_tar((name, b"x")))
    assert _contents(unpacked) == {"a.xml": b"x"}
    assert {path.name for path in unpacked.files.values()} == {"0001"}
    assert len(unpacked.notes) == 1


@pytest.mark.parametrize("second", [b"x", b"y"])
def test_the_same_name_twice_is_one_file_or_neither(second: bytes, opened: Opened) -> None:
    found = _contents(opened(_tar(("a.xml", b"x"), ("a.xml", second))))
    assert found == ({"a.xml": b"x"} if second == b"x" else {"a.xml (1)": b"x", "a.xml (2)": b"y"})


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(_tar(_member(type=kind, linkname="b")), id=f"type {kind!r}")
        for kind in (
            *(tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE),
            *(tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE, b"Z"),
        )
    ]
    + [
        pytest.param(_tar(("a", b"x" * 9000))[:-20], id="cut short"),
        pytest.param(_tar(("a", b"x")) + b"trailing", id="bytes after the end"),
        pytest.param(gzip.compress(b"From: a@b.test\n\nbonjour"), id="gzip of a mail"),
        pytest.param(_tar(_member(type=tarfile.GNUTYPE_LONGNAME, size=70_000)), id="huge name"),
        pytest.param(_tar(_member(type=tarfile.XHDTYPE, size=70_000)), id="huge header"),
        pytest.param(_tar(_member(type=tarfile.XHDTYPE, size=70)), id="header of zeros"),
        pytest.param(_tar(_member("a"), pax_headers={"x": "é" * 70_000}), id="huge global header"),
        pytest.param(b"\x1f\x8b", id="gzip magic alone"),
        pytest.param(b"PK\x03\x04", id="zip"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_a_hostile_or_broken_container_is_refused(raw: bytes, opened: Opened) -> None:
    with pytest.raises(UnreadableRetourError):
        opened(raw)


@pytest.mark.parametrize(
    "record", [b"11 path=abc", b"0 a=b\n", b"99 a=b\n", b"x a=b\n", b"6a=b\n", b"15 size=999999\n"]
)
def test_a_broken_extended_header_is_refused(record: bytes, opened: Opened) -> None:
    header = _member(type=tarfile.XHDTYPE, size=len(record)).tobuf()
    whole = header + record + bytes(-len(record) % 512) + _member("a").tobuf() + bytes(1024)
    if record.startswith(b"11"):
        assert list(opened(gzip.compress(whole)).files) == ["abc"]
        return
    with pytest.raises(UnreadableRetourError):
        opened(gzip.compress(whole))


def test_a_bomb_is_stopped(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "CONTENT_MAX", 10_000_000)
    with pytest.raises(UnreadableRetourError, match="se déplie"):
        opened(_tar(_member(size=20_000_000)))


def test_too_many_files_or_headers_are_refused(opened: Opened) -> None:
    with pytest.raises(UnreadableRetourError, match=f"Plus de {FILES_MAX} fichiers"):
        opened(_tar(*(_member(f"{n}") for n in range(FILES_MAX + 1))))
    with pytest.raises(UnreadableRetourError, match="3000 en-têtes"):
        opened(_tar(*[_member("d", type=tarfile.DIRTYPE)] * 3001))


def test_what_came_too_large_is_not_opened(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "RAW_MAX", 100)
    with pytest.raises(UnreadableRetourError, match="n'a pas été ouvert"):
        opened(_mail(("a.xml", b"<a/>")))


def test_memory_stays_flat_for_a_large_archive(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.write_bytes(_tar(_member(size=60_000_000), _member("b", size=60_000_000)))
    (tmp_path / "files").mkdir()
    tracemalloc.start()
    try:
        unpack(raw, tmp_path / "files")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**20


@given(raw=st.binary(max_size=600), zipped=st.booleans())
@example(raw=b"", zipped=True)
def test_any_bytes_are_opened_or_refused(raw: bytes, zipped: bool, opened: Opened) -> None:
    try:
        unpacked = opened(gzip.compress(raw) if zipped else raw)
    except UnreadableRetourError:
        return
    assert all(path.is_file() for path in unpacked.files.values())


@given(data=st.data())
def test_any_spoilt_mail_is_opened_or_refused(data: st.DataObject, opened: Opened) -> None:
    raw = bytearray(_mail(("délib.pdf", b"%PDF" * 20), ("a.xml", b"<a/>")))
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(raw)))
        end = start + data.draw(st.integers(0, 30))
        raw[start:end] = data.draw(
            st.sampled_from([b"", b"\r\n", b"--", b"=?utf-8?B?", b";", b'"', b"*0*=", b"\0"])
            | st.binary(max_size=4)
        )
    try:
        opened(bytes(raw))
    except UnreadableRetourError:
        return
