"""Documents kept in any object store that speaks S3.

The key is the path that the same document has on disk: a folder of documents that is copied into a
bucket as it is can be read there.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from transmission.domain.transmission import StoredFile
from transmission.store.documents import BLOCK, DamagedDocumentError, DocumentsAwayError, damaged
from transmission.store.documents_distant import DistantDocumentStore

PART = 8 * BLOCK
"""Bytes sent at a time; S3 wants at least 5 MiB of every part but the last."""

_ABSENT = {"NoSuchKey", "404"}
_TAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "NotImplemented", "412", "409"}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where documents are, and as whom; without keys, those that the machine lends (a role)."""

    name: str
    prefix: str = ""
    endpoint: str | None = None
    region: str = "us-east-1"
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    ca_file: Path | None = None


class S3DocumentStore(DistantDocumentStore):
    """Content-addressed objects, put once."""

    def __init__(self, bucket: Bucket) -> None:
        self._client = _client(bucket)
        self._prefix = bucket.prefix
        self._bucket = bucket.name

    def forget(self, file: StoredFile) -> None:
        with _explained():
            self._client.delete_object(**self._place(file))

    def _keep(self, file: StoredFile, content: BinaryIO) -> None:
        with _explained():
            try:
                self._send(file, content, IfNoneMatch="*")
            except ClientError as error:
                if _code(error) not in _TAKEN:
                    raise
                if not self._is_whole(file):
                    content.seek(0)
                    self._send(file, content)

    def _blocks(self, file: StoredFile) -> Iterator[bytes]:
        with _explained(file):
            body = self._client.get_object(**self._place(file))["Body"]
            with closing(body):
                yield from body.iter_chunks(BLOCK)

    def _place(self, file: StoredFile) -> dict[str, str]:
        key = f"{self._prefix}{file.sha256[:2]}/{file.sha256}"
        return {"Bucket": self._bucket, "Key": key}

    def _is_whole(self, file: StoredFile) -> bool:
        try:
            self.open(file).close()
        except DamagedDocumentError:
            return False
        return True

    def _send(self, file: StoredFile, content: BinaryIO, **condition: str) -> None:
        if file.size <= PART:
            self._client.put_object(**self._place(file), Body=content.read(), **condition)
            return
        upload = self._place(file)
        upload["UploadId"] = self._client.create_multipart_upload(**upload)["UploadId"]
        try:
            parts = {"Parts": self._send_parts(upload, content)}
            self._client.complete_multipart_upload(**upload, MultipartUpload=parts, **condition)
        except BaseException:
            self._client.abort_multipart_upload(**upload)
            raise

    def _send_parts(self, upload: dict[str, str], content: BinaryIO) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = []
        while block := content.read(PART):
            number = len(parts) + 1
            sent = self._client.upload_part(**upload, PartNumber=number, Body=block)
            parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        return parts


def _client(bucket: Bucket) -> Any:
    session = boto3.session.Session(bucket.access_key, bucket.secret_key)
    return session.client(
        "s3",
        region_name=bucket.region,
        endpoint_url=bucket.endpoint,
        verify=str(bucket.ca_file) if bucket.ca_file else True,
        config=Config(
            connect_timeout=10,
            read_timeout=60,
            retries={"mode": "standard", "total_max_attempts": 4},
            # The store refuses a body that is not the one that was signed, whatever its maker;
            # the newer checksums of one maker are refused by others.
            s3={
                "payload_signing_enabled": True,
                "addressing_style": "path" if bucket.endpoint else "auto",
            },
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextmanager
def _explained(file: StoredFile | None = None) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if file is not None and _code(error) in _ABSENT:
            raise damaged(file, "il est introuvable") from error
        raise _away(_code(error)) from error
    except (BotoCoreError, HTTPClientError) as error:
        raise _away(type(error).__name__) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _away(reason: str) -> DocumentsAwayError:
    return DocumentsAwayError(
        f"Le dépôt des documents (S3) ne répond pas ou refuse l'accès : {reason}. Rien n'est "
        "perdu ; vérifiez son adresse, son certificat, le nom du dépôt et les clés d'accès."
    )
