"""Contents that left by a decision: missing is then no difference, if the decision is sound.

A row alone proves nothing, for whoever removes a file may add one: the journal of the act must name
a certificate, and the certificate the content.
"""

import json
from typing import Any

from sqlalchemy import Connection

from transmission.audit.store_rows import rows
from transmission.domain.errors import TransmissionError
from transmission.domain.transmission import StoredFile
from transmission.ports import DocumentStore

_DECIDED = (
    "SELECT certificate_sha256, certificate_size FROM disposed_content "
    "JOIN disposal ON disposal.id = disposal_id WHERE sha256 = :sha256 "
    "AND state IN ('removing', 'removed') AND EXISTS (SELECT FROM journal "
    "WHERE journal.acte_id = disposal.acte_id AND event = 'files_disposed' "
    "AND details->>'sha256' = certificate_sha256)"
)


def is_disposed(connection: Connection, documents: DocumentStore, sha256: str) -> bool:
    """Whether a decision that can be proved let a content go."""
    return any(
        sha256 in _named(documents, StoredFile(row["certificate_sha256"], row["certificate_size"]))
        for row in rows(connection, _DECIDED, sha256=sha256)
    )


def _named(documents: DocumentStore, certificate: StoredFile) -> set[str]:
    try:
        said: Any = json.loads(documents.read(certificate))
        return {str(each["sha256"]) for each in said["fichiers"]}
    except (OSError, TransmissionError, ValueError, KeyError, TypeError):
        return set()
