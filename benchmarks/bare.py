"""The steps of an act with nothing around them: the measure of what a service costs.

Key, schemas, TLS and connections are made once. The three commits are those that no design can do
without: the act with the intent, the outcome, the AR. What is said to the TdT and to the register
goes one of the :data:`benchmarks.wires.WAYS`; all the rest is the same.
"""

import hashlib
import io
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from benchmarks.material import MadeActe
from benchmarks.wires import WAYS, Wire
from transmission.actes.archive import ArchiveEntry, write_archive
from transmission.actes.enveloppe import build_enveloppe_clmisill
from transmission.actes.messages import build_message
from transmission.actes.retours import read_retour
from transmission.domain.acte import Acte, FichierSigne, Matiere
from transmission.domain.collectivite import Collectivite
from transmission.domain.identifiers import (
    IdActe,
    NatureActe,
    NomFichier,
    NumeroInterne,
    outgoing_enveloppe,
)
from transmission.domain.messages import ACTE
from transmission.pdf.inspection import inspect_pdf
from transmission.signature.cms import sign_detached, to_pem
from transmission.signature.keys import KeySource, SigningIdentity, load_identity

_T = TypeVar("_T")

_ANSWERED = b"4"
_LOOKS = 50
TABLE = "CREATE TABLE bare (name text PRIMARY KEY, state text, kept jsonb)"
"""The whole register of a bare loop."""


@dataclass
class Bare:
    """What a loop makes once. ``spent`` are CPU seconds of this process by step."""

    owner: Collectivite
    identity: SigningIdentity
    wire: Wire
    register: psycopg.Connection
    day: date
    at: datetime
    spent: dict[str, float] = field(default_factory=dict)

    def step(self, name: str, work: Callable[[], _T]) -> _T:
        """Do one step and add what it used."""
        before = time.process_time()
        made = work()
        self.spent[name] = self.spent.get(name, 0.0) + time.process_time() - before
        return made

    def commit(self, statement: str, *values: object) -> None:
        """One durable write."""
        self.register.execute(statement, values)
        if not self.register.autocommit:
            self.register.commit()

    def id_acte(self, numero: str) -> IdActe:
        """The identifier of an act of the owner."""
        owner = self.owner
        number = NumeroInterne(numero)
        return IdActe(owner.departement, owner.siren, self.day, number, NatureActe.DELIBERATION)


def post_archive(bare: Bare, acte: MadeActe, number: int) -> str:
    """The steps of one act up to the reference that the TdT gives."""
    contents = bare.step("read", lambda: [path.read_bytes() for path in acte.files])
    digests = bare.step("hash", lambda: [hashlib.sha256(content) for content in contents])
    bare.step("pdf", lambda: [inspect_pdf(path) for path in acte.files])
    signed = bare.step("cms", lambda: [_cms(bare, digest.digest()) for digest in digests])
    id_acte = bare.id_acte(acte.numero)
    name = NomFichier.for_message(id_acte, ACTE)
    files = [
        FichierSigne(str(name.document("99_DE", rank, "pdf")), pem)
        for rank, pem in enumerate(signed, start=1)
    ]
    enveloppe = outgoing_enveloppe("EACT", bare.owner.siren, bare.at.date(), number)
    message, formulaire = bare.step("xml", lambda: _messages(bare, id_acte, str(name), files))
    parts = [(enveloppe.xml, formulaire), (str(name), message)]
    parts += [(file.nom_fichier, content) for file, content in zip(files, contents, strict=True)]
    archive = bare.step("archive", lambda: archive_of(parts))
    bare.step("seal", lambda: _cms(bare, hashlib.sha256(archive).digest()))
    kept = json.dumps({"archive": enveloppe.archive("SLO"), "signatures": signed})
    bare.step(
        "commits",
        lambda: bare.commit("INSERT INTO bare VALUES (%s, 'sending', %s)", str(id_acte), kept),
    )
    reference = bare.step("post", lambda: _post(bare, enveloppe.archive("SLO"), archive))
    sent = "UPDATE bare SET state = 'sent' WHERE name = %s"
    bare.step("commits", lambda: bare.commit(sent, str(id_acte)))
    return reference


def fetch_ar(bare: Bare, reference: str) -> str:
    """The steps of the answer: status, AR read, written; the identifier that it bears."""
    raw = bare.step("status", lambda: _answer(bare, reference))
    ar: Any = bare.step("ar", lambda: read_retour(raw).retour)
    bare.step(
        "commits",
        lambda: bare.commit(
            "UPDATE bare SET state = %s WHERE name = %s",
            ar.date_reception.isoformat(),
            str(ar.id_acte),
        ),
    )
    return str(ar.id_acte)


def bare_of(owner: Collectivite, libpq_url: str, at: datetime, way: str) -> Bare:
    """Everything that a loop makes once, for an authority that has a key; ``way`` of ``WAYS``."""
    assert owner.signing_key is not None
    chosen = WAYS[way]
    identity = load_identity(KeySource(Path(owner.signing_key.key_file)))
    register = psycopg.connect(libpq_url, autocommit=chosen.commits_itself)
    wire = chosen.wire(owner.tdt)
    return Bare(owner, identity, wire, register, at.date() - timedelta(days=1), at)


def message_of(id_acte: IdActe, files: Sequence[FichierSigne]) -> bytes:
    """The message of an act, the act first among its files."""
    acte = Acte(
        id_acte=id_acte,
        matiere=Matiere((7, 5)),
        objet="Subvention de 1 000 EUR à l'école",
        date_classification=date(2025, 1, 15),
        document=files[0],
        annexes=tuple(files[1:]),
        document_papier=False,
    )
    return build_message(acte)


def archive_of(parts: Sequence[tuple[str, bytes]]) -> bytes:
    """The archive of named contents."""
    target = io.BytesIO()
    write_archive([_entry(name, content) for name, content in parts], target)
    return target.getvalue()


def references(answer: bytes) -> list[str]:
    """What the TdT calls what was posted, act by act."""
    said, _, *given = answer.decode("iso-8859-1").split("\n")
    if said != "OK":
        raise RuntimeError(f"the mock refused an archive: {answer[:200]!r}")
    return [reference for reference in given if reference]


def _cms(bare: Bare, digest: bytes) -> str:
    return to_pem(sign_detached(bare.identity, digest, signing_time=bare.at))


def _messages(
    bare: Bare, id_acte: IdActe, name: str, files: Sequence[FichierSigne]
) -> tuple[bytes, bytes]:
    owner = bare.owner
    formulaire = build_enveloppe_clmisill(owner, [name], owner.adresses_retour)
    return message_of(id_acte, files), formulaire


def _entry(name: str, content: bytes) -> ArchiveEntry:
    return ArchiveEntry(name, len(content), lambda: io.BytesIO(content))


def _post(bare: Bare, name: str, archive: bytes) -> str:
    [reference] = references(bare.wire.submit(name, archive))
    return reference


def _answer(bare: Bare, reference: str) -> bytes:
    for _ in range(_LOOKS):
        answer = bare.wire.status(reference)
        _, status, rest = answer.split(b"\n", 2)
        if status.strip() == _ANSWERED:
            return rest
        time.sleep(0.1)
    raise RuntimeError(f"no answer for {reference}: {answer[:200]!r}")
