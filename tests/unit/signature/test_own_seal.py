"""The seal of the service itself: chosen, or made once for all who need it at the same time."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from transmission.domain.collectivite import SigningKey
from transmission.signature import own_seal
from transmission.signature.errors import KeyFileError
from transmission.signature.own_seal import OwnSeal
from transmission.signature.signers import SignerCache
from transmission.signature.xades import verify_files

DIGESTS = {"dossier.json": bytes(32)}


def test_a_key_of_its_own_is_made_at_the_first_need_and_kept(
    tmp_path: Path, signed_at: datetime
) -> None:
    folder = tmp_path / "home" / "seal"
    first = SignerCache(OwnSeal(folder)).own(signed_at).sign_files(DIGESTS, signed_at)
    again = SignerCache(OwnSeal(folder)).own(signed_at).sign_files(DIGESTS, signed_at)
    made, same = verify_files(first, DIGESTS), verify_files(again, DIGESTS)
    assert made.certificate == same.certificate
    assert "Cachet du service" in made.certificate.subject.rfc4514_string()


def test_what_is_made_is_readable_by_its_owner_alone(tmp_path: Path, signed_at: datetime) -> None:
    key = OwnSeal(tmp_path / "seal").key(signed_at)
    assert key.key_file is not None
    assert stat.S_IMODE(Path(key.key_file).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "seal").stat().st_mode) == 0o700
    assert [each.name for each in (tmp_path / "seal").iterdir()] == ["cachet.pem"]


def test_all_who_need_it_at_once_get_the_same(tmp_path: Path, signed_at: datetime) -> None:
    """Threads, where a thread stands for a process: nothing but the file is shared."""
    ready = Barrier(8)

    def made(_: int) -> bytes:
        ready.wait(timeout=60)
        key = OwnSeal(tmp_path / "seal").key(signed_at)
        return Path(str(key.key_file)).read_bytes()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(made, range(8)))) == 1
    assert len(list((tmp_path / "seal").iterdir())) == 1


def test_it_is_made_whole_or_not_at_all(tmp_path: Path, signed_at: datetime) -> None:
    """Another process that comes between finds nothing or everything: it never reads a half."""
    folder = tmp_path / "seal"
    first = OwnSeal(folder).key(signed_at)
    content = Path(str(first.key_file)).read_bytes()
    own_seal._make(folder / "cachet.pem", signed_at)
    assert Path(str(first.key_file)).read_bytes() == content
    assert len(list(folder.iterdir())) == 1


def test_a_key_that_was_chosen_is_used_and_none_is_made(
    tmp_path: Path, signed_at: datetime
) -> None:
    chosen = SigningKey(str(tmp_path / "chosen.p12"))
    assert OwnSeal(tmp_path / "seal", chosen).key(signed_at) == chosen
    assert not (tmp_path / "seal").exists()


def test_what_is_known_makes_nothing(tmp_path: Path, signed_at: datetime) -> None:
    seal = OwnSeal(tmp_path / "seal")
    assert seal.known() is None
    assert not (tmp_path / "seal").exists()
    assert seal.key(signed_at) == seal.known()
    chosen = SigningKey("chosen.p12")
    assert OwnSeal(tmp_path / "seal", chosen).known() == chosen


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, signed_at: datetime) -> None:
    (tmp_path / "seal").write_text("a file where the folder should be")
    with pytest.raises(KeyFileError, match="TRANSMISSION_SEAL_KEY"):
        OwnSeal(tmp_path / "seal").key(signed_at)


def test_it_serves_for_years(tmp_path: Path, signed_at: datetime) -> None:
    seals = SignerCache(OwnSeal(tmp_path))
    assert seals.own(signed_at)
    assert seals.own(signed_at + timedelta(days=3600))
