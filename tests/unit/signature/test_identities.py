"""The identity that the settings name, wherever its key is."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from transmission.domain.collectivite import SigningKey
from transmission.signature.errors import KeyFileError
from transmission.signature.identities import identity_of, place_of, written_at


def test_a_key_in_a_file_is_read_from_its_files(signer: Callable[[str], Any]) -> None:
    made = signer("p-256")
    key = SigningKey(str(made.key_file), str(made.certificate_file))
    assert identity_of(key).certificate == made.identity.certificate
    assert place_of(key) == str(made.key_file)


def test_a_key_that_is_nowhere_is_refused() -> None:
    with pytest.raises(KeyFileError, match="module_file"):
        identity_of(SigningKey())


def test_a_key_in_hardware_is_told_by_its_token_and_never_by_its_pin() -> None:
    key = SigningKey(module_file="/m.so", token="mairie", key_id="0a", pin_file="/pin")
    assert place_of(key) == "/m.so (jeton mairie, clé 0a)"


def test_any_file_of_a_key_that_is_written_again_shows(tmp_path: Path) -> None:
    names = ("key_file", "certificate_file", "passphrase_file", "pin_file")
    paths = {name: tmp_path / name for name in names}
    for path in paths.values():
        path.write_bytes(b"")
        os.utime(path, (1, 1))
    key = SigningKey(**{name: str(path) for name, path in paths.items()})
    seen = {written_at(key)}
    for path in paths.values():
        os.utime(path, (2, 2))
        seen.add(written_at(key))
    paths["pin_file"].unlink()
    seen.add(written_at(key))
    assert len(seen) == 6
