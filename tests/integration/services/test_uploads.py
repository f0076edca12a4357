"""Files in pieces: what the wire cannot show. The rest: tests/integration/api/test_uploads.py."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.bench import Bench
from tests.support.scene import AUTHOR, SIREN
from transmission.domain.access import Access, Scope
from transmission.domain.errors import NotFoundError
from transmission.domain.uploads import LASTS, REMEMBERED, OffsetError
from transmission.ports.access import NewToken
from transmission.services import uploads
from transmission.services.uploads import (
    IncompleteError,
    begin_upload,
    continue_upload,
    end_upload,
    find_upload,
    forget_uploads,
    read_upload,
    settle_uploads,
)

CONTENT = b"0123456789"


@pytest.fixture
def access(bench: Bench) -> Access:
    scopes = frozenset({Scope.DEPOSIT})
    with bench.tools.register() as unit:
        new = NewToken(
            collectivite_id=bench.authority_id, name="a", digest="a", scopes=scopes,
            expires_at=None,
        )  # fmt: skip
        token_id = unit.add_token(new, AUTHOR, bench.clock.now())
        unit.commit()
    return Access("a", token_id, bench.authority_id, SIREN, scopes)


def sent(bench: Bench, access: Access, content: bytes = CONTENT) -> Any:
    begun = begin_upload(bench.tools, access, len(CONTENT), "acte.pdf", "")
    return continue_upload(bench.tools, access, begun.id, 0, [content])


def test_bytes_are_added_all_together_or_not_at_all(bench: Bench, access: Access) -> None:
    begun = begin_upload(bench.tools, access, 5, "acte.pdf", "")
    with pytest.raises(OffsetError) as refused:
        continue_upload(bench.tools, access, begun.id, 0, [b"abc", b"def"])
    assert refused.value.received == 0
    whole = continue_upload(bench.tools, access, begun.id, 0, [b"abc", b"de"])
    assert whole.is_whole


def test_what_is_not_whole_does_not_serve(bench: Bench, access: Access, tmp_path: Path) -> None:
    half = sent(bench, access, CONTENT[:4])
    with pytest.raises(IncompleteError) as refused:
        read_upload(bench.tools, half, tmp_path / "x")
    assert refused.value.received == 4
    assert not (tmp_path / "x").exists()


def test_one_that_served_is_read_from_the_documents(
    bench: Bench, access: Access, tmp_path: Path
) -> None:
    before = sent(bench, access)
    file = bench.tools.documents.put_bytes(CONTENT)
    settle_uploads(bench.tools, [(before.id, file)])
    # Whoever looked before it served, and whoever looks after.
    for rank, upload in enumerate((before, find_upload(bench.tools, access, before.id))):
        assert read_upload(bench.tools, upload, tmp_path / str(rank)) == file
        assert (tmp_path / str(rank)).read_bytes() == CONTENT
    end_upload(bench.tools, access, before.id)
    with pytest.raises(NotFoundError):
        read_upload(bench.tools, before, tmp_path / "gone")


def test_one_that_served_may_be_named_for_a_month(bench: Bench, access: Access) -> None:
    upload = sent(bench, access)
    file = bench.tools.documents.put_bytes(CONTENT)
    assert file.sha256 == hashlib.sha256(CONTENT).hexdigest()
    settle_uploads(bench.tools, [(upload.id, file)])
    bench.clock.instant += REMEMBERED - timedelta(seconds=1)
    assert forget_uploads(bench.tools) == 0
    bench.clock.instant += timedelta(seconds=1)
    with pytest.raises(NotFoundError):
        find_upload(bench.tools, access, upload.id)
    assert forget_uploads(bench.tools) == 1


def test_however_many_are_over_all_are_removed(
    bench: Bench, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_BATCH", 2)
    for _ in range(5):
        sent(bench, access)
    bench.clock.instant += LASTS
    assert forget_uploads(bench.tools) == 5
