"""Documents in S3: a real server, behind TLS, and what it sees of us."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.s3 import raw_client
from transmission.domain.transmission import StoredFile
from transmission.mocktdt.pki import CertificateAuthority
from transmission.store.documents import (
    DamagedDocumentError,
    DiskDocumentStore,
    DocumentsAwayError,
)
from transmission.store.documents_s3 import PART, Bucket, S3DocumentStore

MISSING = StoredFile("0" * 64, 4)


def test_a_server_whose_authority_is_not_the_one_named_is_sent_nothing(
    bucket: Bucket, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(CertificateAuthority().pem)
    store = S3DocumentStore(replace(bucket, ca_file=other))
    with pytest.raises(DocumentsAwayError, match="SSLError") as refused:
        store.put_bytes(b"acte")
    assert bucket.secret_key
    assert bucket.secret_key not in f"{refused.value}{store!r}{bucket!r}"


def test_a_bucket_that_is_not_there_is_not_a_lost_document(bucket: Bucket) -> None:
    store = S3DocumentStore(replace(bucket, name="absent"))
    for use in (store.read, store.open, store.path):
        with pytest.raises(DocumentsAwayError, match="NoSuchBucket"):
            use(MISSING)
    with pytest.raises(DocumentsAwayError, match="NoSuchBucket"):
        store.put_bytes(b"acte")


def test_a_server_that_is_away_is_an_error_of_the_system(bucket: Bucket) -> None:
    store = S3DocumentStore(replace(bucket, endpoint="https://127.0.0.1:1"))
    with pytest.raises(OSError, match="Rien n'est perdu"):
        store.read(MISSING)


def test_a_folder_of_documents_copied_as_it_is_into_a_bucket_is_read_there(
    bucket: Bucket, tmp_path: Path
) -> None:
    kept = DiskDocumentStore(tmp_path / "documents").put_bytes(b"acte")
    for path in (tmp_path / "documents").rglob("*"):
        if path.is_file():
            key = f"{bucket.prefix}{path.relative_to(tmp_path / 'documents')}"
            raw_client(bucket).put_object(Bucket=bucket.name, Key=key, Body=path.read_bytes())
    assert S3DocumentStore(bucket).read(kept) == b"acte"


def test_without_a_prefix_documents_are_at_the_top_of_the_bucket(bucket: Bucket) -> None:
    kept = S3DocumentStore(replace(bucket, prefix="")).put_bytes(b"au sommet")
    key = f"{kept.sha256[:2]}/{kept.sha256}"
    assert raw_client(bucket).head_object(Bucket=bucket.name, Key=key)["ContentLength"] == 9


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Every call to S3, in order."""
    from botocore.client import BaseClient

    seen: list[tuple[str, dict[str, Any]]] = []
    real = BaseClient._make_api_call

    def call(self: Any, name: str, arguments: dict[str, Any]) -> Any:
        seen.append((name, arguments))
        return real(self, name, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return seen


@pytest.mark.parametrize(
    ("size", "last"), [(10, "PutObject"), (PART + 1, "CompleteMultipartUpload")]
)
def test_what_is_already_there_and_whole_is_checked_and_not_replaced(
    bucket: Bucket, calls: list[tuple[str, dict[str, Any]]], size: int, last: str
) -> None:
    store, content = S3DocumentStore(bucket), os.urandom(size)
    store.put_bytes(content)
    assert (calls[-1][0], calls[-1][1]["IfNoneMatch"]) == (last, "*")
    calls.clear()
    store.put_bytes(content)
    names = [name for name, _ in calls]
    assert names[-1] == "GetObject"
    assert names.count(last) == 1


def test_a_large_document_goes_in_parts_and_one_that_fails_leaves_no_part(
    bucket: Bucket, calls: list[tuple[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, content = S3DocumentStore(bucket), os.urandom(2 * PART + 1)
    real = store._client.upload_part

    def refusing(**arguments: Any) -> Any:
        if arguments["PartNumber"] == 3:
            raise ClientError({"Error": {"Code": "SlowDown"}}, "UploadPart")
        return real(**arguments)

    monkeypatch.setattr(store._client, "upload_part", refusing)
    with pytest.raises(DocumentsAwayError, match="SlowDown"):
        store.put_bytes(content)
    uploads = raw_client(bucket).list_multipart_uploads(Bucket=bucket.name)
    assert uploads.get("Uploads", []) == []
    monkeypatch.undo()
    assert store.read(store.put_bytes(content)) == content


def test_a_store_that_knows_no_condition_is_written_to_without_one(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = S3DocumentStore(bucket)
    real = store._client.put_object

    def old(**arguments: Any) -> Any:
        if "IfNoneMatch" in arguments:
            raise ClientError({"Error": {"Code": "NotImplemented"}}, "PutObject")
        return real(**arguments)

    monkeypatch.setattr(store._client, "put_object", old)
    assert store.read(store.put_bytes(b"acte")) == b"acte"


def test_an_answer_cut_in_the_middle_is_not_a_damaged_document(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import IncompleteReadError
    from botocore.response import StreamingBody

    store = S3DocumentStore(bucket)
    kept = store.put_bytes(b"acte")

    def cut(_body: Any, _size: int) -> Any:
        yield b"ac"
        raise IncompleteReadError(actual_bytes=2, expected_bytes=4)

    monkeypatch.setattr(StreamingBody, "iter_chunks", cut)
    with pytest.raises(DocumentsAwayError, match="IncompleteRead"):
        store.read(kept)
    assert not issubclass(DocumentsAwayError, DamagedDocumentError)
