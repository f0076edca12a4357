"""ClamAV's protocol: three answers, and none of them is an exception."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from tests.support.antivirus import NAME, VIRUS, PlayedClamd, clamd
from transmission.outbound.clamd import Clamd
from transmission.ports.scans import Scanned, Verdict


@pytest.fixture(params=["tcp", "unix"])
def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PlayedClamd]:
    with clamd(tmp_path / "clamd" if request.param == "unix" else None) as played:
        yield played


def scanner(daemon: PlayedClamd) -> Clamd:
    return Clamd(daemon.address, connect=2, wait=2)


def test_a_content_without_a_virus_is_clean_and_was_shown_whole(daemon: PlayedClamd) -> None:
    content = bytes(range(256)) * 1000
    file = BytesIO(content)
    file.seek(7)
    assert scanner(daemon).scan(file) == Scanned(Verdict.CLEAN)
    assert scanner(daemon).scan(BytesIO()) == Scanned(Verdict.CLEAN)
    assert daemon.shown == [content, b""]


def test_a_virus_is_found_by_its_name(daemon: PlayedClamd) -> None:
    content = b"." * 100_000 + VIRUS
    assert scanner(daemon).scan(BytesIO(content)) == Scanned(Verdict.FOUND, NAME)


def test_the_base_is_what_it_calls_itself(daemon: PlayedClamd) -> None:
    assert scanner(daemon).base() == daemon.version
    daemon.version = "UNKNOWN COMMAND"
    assert scanner(daemon).base() is None


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"stream: Can't allocate memory ERROR\0", "Can't allocate memory"),
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", "en entier"),
        (b"OK\0", "répond : OK"),
        (b"stream: OK", "raccroché"),
        (b"\xff\xfe\0", "répond"),
        (b"", "raccroché"),
        (b"x" * 10_000, "raccroché"),
    ],
)
def test_what_it_does_not_say_clearly_is_unknown(
    daemon: PlayedClamd, said: bytes, why: str
) -> None:
    daemon.instead = said
    seen = scanner(daemon).scan(BytesIO(b"content"))
    assert seen.verdict is Verdict.UNKNOWN
    assert why in seen.detail


def test_a_file_that_is_too_long_for_it_is_unknown_and_says_what_to_change(
    daemon: PlayedClamd,
) -> None:
    daemon.largest = 100_000
    seen = scanner(daemon).scan(BytesIO(b"." * 5_000_000))
    assert seen.verdict is Verdict.UNKNOWN
    # It may have hung up before its words were read.
    assert "StreamMaxLength" in seen.detail or "ne répond pas" in seen.detail


def test_a_daemon_that_is_away_knows_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for address in (f"tcp://127.0.0.1:{port}", f"unix://{tmp_path}/absent"):
        assert Clamd(address).base() is None
        seen = Clamd(address).scan(BytesIO(b"x"))
        assert seen.verdict is Verdict.UNKNOWN
        assert "ne répond pas" in seen.detail


def test_a_content_that_cannot_be_read_is_no_answer_of_the_antivirus(daemon: PlayedClamd) -> None:
    class Broken(BytesIO):
        def read(self, *_: object) -> bytes:
            raise OSError("the disk is broken")

    with pytest.raises(OSError, match="the disk is broken"):
        scanner(daemon).scan(Broken())


@pytest.mark.skipif(not shutil.which("clamd"), reason="ClamAV is not installed")
def test_the_real_daemon_finds_what_its_base_describes(tmp_path: Path) -> None:
    signature = b"a nother test file".hex()
    (tmp_path / "essai.ndb").write_text(f"Essai:0:*:{signature}\n")
    socket_path = tmp_path / "clamd.ctl"
    (tmp_path / "clamd.conf").write_text(
        f"LocalSocket {socket_path}\nForeground yes\nDatabaseDirectory {tmp_path}\n"
    )
    with subprocess.Popen(["clamd", "-c", tmp_path / "clamd.conf"]) as started:
        try:
            real = Clamd(f"unix://{socket_path}")
            deadline = time.monotonic() + 30
            while real.base() is None and time.monotonic() < deadline:
                time.sleep(0.1)
            assert (real.base() or "").startswith("ClamAV")
            assert real.scan(BytesIO(b"rien")).verdict is Verdict.CLEAN
            found = Scanned(Verdict.FOUND, "Essai.UNOFFICIAL")
            assert real.scan(BytesIO(b"a nother test file")) == found
        finally:
            started.terminate()
