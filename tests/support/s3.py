"""An S3 server in a process of its own, behind TLS, whose authority nobody else trusts."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transmission.embedded.addresses import free_port
from transmission.embedded.processes import spawn, wait_until
from transmission.mocktdt.pki import CertificateAuthority
from transmission.store.documents_s3 import Bucket, S3DocumentStore

_START_SECONDS = 60
_KEYS = {"access_key": "agent", "secret_key": "s3same"}


@contextmanager
def s3_server(folder: Path) -> Iterator[Bucket]:
    """The address of an empty bucket, for as long as the server runs."""
    authority = CertificateAuthority()
    identity = authority.server(("127.0.0.1",))
    files = {"ca": authority.pem, "certificate": identity.certificate, "key": identity.key}
    for name, content in files.items():
        (folder / f"{name}.pem").write_bytes(content)
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    command += ["-c", str(folder / "certificate.pem"), "-k", str(folder / "key.pem")]
    server = spawn(command, name="s3", log=folder / "s3.log")
    try:
        wait_until(lambda: not server.running or _answers(port), _START_SECONDS)
        bucket = Bucket(
            "actes", endpoint=f"https://127.0.0.1:{port}", ca_file=folder / "ca.pem", **_KEYS
        )
        raw_client(bucket).create_bucket(Bucket="actes")
        yield bucket
    finally:
        server.stop()


def raw_client(bucket: Bucket) -> Any:
    """The library's own client, for what the store never does."""
    return S3DocumentStore(bucket)._client


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
