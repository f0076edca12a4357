"""A large file is sent whole, however often it is cut, and makes an act."""

import os
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.bench import Bench
from tests.support.cutting import Cut, CuttingFront
from transmission.client import Client, Depot, NoAnswerError, Patience, UnknownError


@pytest.fixture
def client(client_of: Callable[..., Client]) -> Client:
    """One that really waits: what was cut is kept a moment later."""
    return client_of(patience=Patience(connect=5, read=20, first=0.05), pause=time.sleep)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Three MiB of which no two are alike."""
    path = tmp_path / "grand é.bin"
    path.write_bytes(os.urandom(3 << 20))
    return path


def test_a_file_is_announced_sent_and_ended(client: Client, large: Path) -> None:
    told: list[tuple[int, int]] = []
    begun = client.begin_upload(large)
    assert (begun.recus, begun.octets) == (0, 3 << 20)
    sent = client.resume_upload(begun.id, large, progress=lambda *far: told.append(far))
    assert (sent.id, sent.recus) == (begun.id, 3 << 20)
    assert told[-1] == (3 << 20, 3 << 20)
    client.end_upload(sent.id)
    with pytest.raises(UnknownError):
        client.upload_state(sent.id)


def test_after_a_cut_only_what_is_missing_leaves_again(
    client: Client, large: Path, front: CuttingFront
) -> None:
    begun = client.begin_upload(large)
    client.close()
    front.plan += [Cut(request=2_500_000)]
    told: list[int] = []
    sent = client.resume_upload(begun.id, large, progress=lambda far, _all: told.append(far))
    assert sent.recus == 3 << 20
    restarted = max(after for before, after in pairwise(told) if after < before)
    assert restarted > 1 << 20


def test_a_line_that_always_moves_on_is_never_given_up(
    client: Client, large: Path, front: CuttingFront
) -> None:
    begun = client.begin_upload(large)
    client.close()
    front.plan += [Cut(request=400_000)] * 7
    assert client.resume_upload(begun.id, large).recus == 3 << 20
    assert not front.plan


def test_a_line_that_never_moves_on_is(client: Client, large: Path, front: CuttingFront) -> None:
    begun = client.begin_upload(large)
    client.close()
    front.plan += [Cut(request=600)] * 12
    with pytest.raises(NoAnswerError):
        client.resume_upload(begun.id, large)
    assert front.plan


def test_an_act_is_handed_over_by_its_uploads(
    client: Client, depot_of: Callable[..., Depot], bench: Bench
) -> None:
    depot = depot_of()
    document, annexe = (client.upload(piece.path) for piece in (depot.document, *depot.annexes))
    taken = client.deposit_uploads(depot, document.id, (annexe.id,), key="k-1")
    assert client.deposit(depot, key="k-1").acte.id == taken.acte.id
    names = [fichier.nom for fichier in client.acte(taken.acte.id).fichiers]
    assert names[:2] == ["délibération.pdf", "plan.pdf"]
