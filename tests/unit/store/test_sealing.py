"""Secrets under seal: opened by the keys of the file, and by nothing else."""

import base64
import stat
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.ports.webhooks import SealError
from transmission.store.sealing import KEY_BYTES, KeyFileSealer, make_key_file, read_keys

SECRET, ABOUT = b"whsec_c2VjcmV0", "webhook:1"


def _key(fill: int) -> str:
    return base64.b64encode(bytes([fill]) * KEY_BYTES).decode()


def _sealer(path: Path, *keys: str) -> KeyFileSealer:
    path.write_text("# clés\n\n" + "\n".join(keys) + "\n")
    return KeyFileSealer(path)


def test_what_is_sealed_opens_and_shows_nothing(tmp_path: Path) -> None:
    sealer = _sealer(tmp_path / "k", _key(1))
    sealed = sealer.seal(SECRET, ABOUT)
    assert sealer.open(sealed, ABOUT) == SECRET
    assert SECRET not in sealed
    assert sealer.seal(SECRET, ABOUT) != sealed


def test_a_new_key_seals_and_the_others_still_open(tmp_path: Path) -> None:
    path = tmp_path / "k"
    before = _sealer(path, _key(1)).seal(SECRET, ABOUT)
    both = _sealer(path, _key(2), _key(1))
    after = both.seal(SECRET, ABOUT)
    assert both.open(before, ABOUT) == both.open(after, ABOUT) == SECRET
    alone = _sealer(path, _key(2))
    assert alone.open(after, ABOUT) == SECRET
    with pytest.raises(SealError, match="Aucune clé"):
        alone.open(before, ABOUT)


def test_a_secret_opens_for_what_it_was_sealed_for_alone(tmp_path: Path) -> None:
    sealer = _sealer(tmp_path / "k", _key(1))
    with pytest.raises(SealError):
        sealer.open(sealer.seal(SECRET, ABOUT), "webhook:2")


@given(st.data())
def test_any_change_of_what_was_sealed_is_seen(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    sealer = _sealer(tmp_path_factory.getbasetemp() / "k", _key(1))
    sealed = bytearray(sealer.seal(SECRET, ABOUT))
    where = data.draw(st.integers(0, len(sealed) - 1))
    sealed[where] ^= data.draw(st.integers(1, 255))
    for wrong in (bytes(sealed), bytes(sealed[:where]), b""):
        with pytest.raises(SealError):
            sealer.open(wrong, ABOUT)


@pytest.mark.parametrize(
    "content", ["", "# rien\n", "AAAA\n", f"{_key(1)}\nAAAA\n", "é", f"{_key(1)} {_key(2)}\n"]
)
def test_a_file_that_holds_anything_but_keys_is_refused_and_not_shown(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "k"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SealError) as refused:
        read_keys(path)
    assert str(path) in str(refused.value)
    assert _key(1) not in str(refused.value)
    assert "AAAA" not in str(refused.value)


def test_a_file_is_made_by_the_first_seal_when_it_may_be_and_by_no_reading(tmp_path: Path) -> None:
    path = tmp_path / "secrets.key"
    with pytest.raises(SealError, match="TRANSMISSION_SECRETS_KEY_FILE"):
        KeyFileSealer(path).seal(SECRET, ABOUT)
    making = KeyFileSealer(path, make=True)
    with pytest.raises(SealError):
        making.open(b"x", ABOUT)
    sealed = making.seal(SECRET, ABOUT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeyFileSealer(path).open(sealed, ABOUT) == SECRET
    assert [each.name for each in tmp_path.iterdir()] == ["secrets.key"]


def test_two_processes_that_make_the_file_have_one_key(tmp_path: Path) -> None:
    path, start = tmp_path / "k", Barrier(4)

    def make() -> None:
        start.wait()
        make_key_file(path)

    threads = [Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_keys(path)) == 1
    assert len(list(tmp_path.iterdir())) == 1
