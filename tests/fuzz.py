"""Spoilt messages, containers and names against every reader, far beyond what the tests run.

    python -m tests.fuzz [--executions N] [--seed S] [--only TARGET] [--case INDEX]

The same seed makes the same cases on every machine. A failure tells its target and its case, to be
run again alone; the program then ends with 1.
"""

import argparse
import gzip
import io
import random
import sys
import tarfile
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from functools import cache, partial
from pathlib import Path

from tests.support.spoiling import shuffled, spoilt, torn
from transmission.actes.arrival import read_arrival
from transmission.actes.budget import verify_scellement
from transmission.actes.container import unpack
from transmission.actes.forms import UnreadableRetourError
from transmission.actes.messages import build_message, read_message
from transmission.actes.retours import read_retour
from transmission.actes.safe_xml import UnreadableXmlError
from transmission.actes.schema import InvalidMessageError
from transmission.domain.errors import IdentifierError
from transmission.domain.identifiers import IdActe, NomEnveloppe, NomFichier
from transmission.domain.messages import MESSAGES as KINDS
from transmission.domain.messages import kind_of
from transmission.domain.retours import Retour

MESSAGES = Path(__file__).parent / "unit" / "schemas" / "messages"
AUTHORITY = ("042", "123456782")
STEM = "042-123456782-20240215-2024_07B-DE"
NAMES = [
    STEM,
    "02A-123456782-20240229-A-AU",
    f"99_DE-{STEM}-1-1_1.pdf",
    f"{STEM}-2-1_16.PDF",
    "042-123456782----7-2_7.xml",
    "99_AR-042-123456782-20220106-AR-2022-02-AR-1-1_1.PDF",
    "EACT--123456782--20240216-1.xml",
    "ANO_EACT--123456782--20240216-1.xml",
    "EACT--SPREF0422-123456782-20240220-57.xml",
]
BUDGET = (
    b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<DocumentBudgetaire '
    b'xmlns="http://www.minefi.gouv.fr/cp/demat/docbudgetaire"><Scellement md5="0" sha1="0"/>'
    b'<Budget xmlns:b="urn:x" b:V="\xe9"><!-- x --><?p q?></Budget></DocumentBudgetaire>'
)
OF_MAILS = [
    *(b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"--", b"=", b"==", b";", b'"', b"\0", b"\t", b":"),
    *(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n", b"\r\n--x--\r\n", b"=?utf-8?b?"),
    *(b"Content-Type: message/rfc822\r\n\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n"),
    *(b"*0*=", b"*=utf-8''%", b"?=", b"name=", b"filename*1*=", b'boundary=""', b"charset=hex"),
]
OF_TARS = [bytes(512), b"\x00", b"0", b"7", b"\x80", b"\xff" * 12, b"../", b"ustar  \x00"]
OF_TARS += [b"L", b"x", b" path=", b"30 path=a.xml\n", b"99999999 ", b"GNU.sparse", b"5", b"1"]
OF_NAMES = ["-", "_", ".", "--", "/", "\\", "\0", "\n", "é", "٣", "00000000", "20240230", "1-1"]
OF_NAMES += ["02B", "ANO_", ".xml", ".XML", "SPREF0422", "999", "--7-2"]
EXPECTED = (UnreadableRetourError, UnreadableXmlError, IdentifierError)
"""What a reader may raise."""


@dataclass(frozen=True)
class Target:
    """A reader, and what makes its cases; it asserts what must hold of what it reads."""

    make: Callable[[random.Random], object]
    read: Callable[[object], None]


@cache
def _messages() -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted(MESSAGES.glob("*.xml"))}


def _message(chance: random.Random) -> bytes:
    return spoilt(chance.choice(list(_messages().values())), chance)


def _retour(chance: random.Random) -> bytes:
    codes = [kind.code or kind.root for kind in KINDS if issubclass(kind.type, Retour)]
    return spoilt(_messages()[chance.choice(codes)], chance)


def _classification(chance: random.Random) -> bytes:
    return spoilt(_messages()["7-2"], chance)


def _budget(chance: random.Random) -> bytes:
    return spoilt(BUDGET, chance)


def _files(chance: random.Random) -> dict[str, bytes]:
    messages = _messages()
    files = {f"{STEM}-1-2_5.xml": messages["1-2"], "logo préfecture.png": b"\x89PNG" * 20}
    files["enveloppe.xml"] = messages["EnveloppeMISILLCL"]
    for code in chance.choices(list(messages), k=2):
        files[f"{code}.xml"] = messages[code]
    files[f"{STEM}-2-1_3.pdf"] = b"%PDF-1.7" * 40
    for name in chance.sample(list(files), k=2):
        files[name] = spoilt(files[name], chance)
    return files


def _mail(chance: random.Random) -> bytes:
    mail = EmailMessage(policy=chance.choice((policy.SMTP, policy.default)))
    mail["Subject"] = "Accusé de réception"
    mail.set_content("<p>Bonjour</p>", subtype="html")
    for name, content in _files(chance).items():
        encoding = chance.choice(("base64", "quoted-printable"))
        mail.add_attachment(content, "application", "xml", filename=name, cte=encoding)
    # The library draws its boundaries from its own chance: those are made ours.
    mail.set_boundary("=_limite")
    return shuffled(mail.as_bytes(), OF_MAILS, chance)


def _archive(chance: random.Random) -> bytes:
    target = io.BytesIO()
    dialect = chance.choice((tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT))
    with tarfile.open(fileobj=target, mode="w", format=dialect) as tar:
        for name, content in _files(chance).items():
            longer = 0 if dialect == tarfile.USTAR_FORMAT else chance.choice((0, 0, 120))
            entry = tarfile.TarInfo("x" * longer + name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    raw = target.getvalue()
    if chance.random() < 0.5:
        raw = _summed(bytearray(shuffled(raw, OF_TARS, chance)))
    zipped = gzip.compress(raw, 1, mtime=0)
    return torn(zipped, chance) if chance.random() < 0.2 else zipped


def _summed(tar: bytearray) -> bytes:
    """The same with the sums of all its blocks made right, for most readers stop at a wrong one."""
    for start in range(0, len(tar) - 511, 512):
        if tar[start + 257 : start + 262] == b"ustar":
            tar[start + 148 : start + 156] = b" " * 8
            total = sum(tar[start : start + 512])
            tar[start + 148 : start + 156] = b"%06o\0 " % total
    return bytes(tar)


def _name(chance: random.Random) -> str:
    text = list(chance.choice(NAMES))
    for _ in range(chance.randint(0, 4)):
        start = chance.randrange(len(text) + 1)
        end = start + chance.choice((0, 0, 1, 3))
        text[start:end] = chance.choice((chance.choice(OF_NAMES), "", chr(chance.randrange(0x250))))
    return "".join(text)


def _read_message(raw: object) -> None:
    assert isinstance(raw, bytes)
    read = read_message(raw, emetteur=AUTHORITY)
    assert all(note.strip() for note in read.notes)
    try:
        rebuilt = build_message(read.message)
    except InvalidMessageError:
        return
    again = read_message(rebuilt, emetteur=AUTHORITY).message
    assert kind_of(again) is kind_of(read.message)


def _read_retour(raw: object) -> None:
    assert isinstance(raw, bytes)
    assert read_retour(raw).retour


def _read_seal(raw: object) -> None:
    assert isinstance(raw, bytes)
    assert verify_scellement(raw)


def _read_container(raw: object) -> None:
    assert isinstance(raw, bytes)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        (folder / "raw").write_bytes(raw)
        (folder / "files").mkdir()
        unpacked = unpack(folder / "raw", folder / "files")
        assert {path.parent for path in unpacked.files.values()} <= {folder / "files"}
        assert all(label.isprintable() for label in unpacked.files)
        assert all(note.isprintable() for note in unpacked.notes)
        arrival = read_arrival(unpacked.files)
        named = {document for found in arrival.messages for document in found.documents}
        assert named <= unpacked.files.keys()
        assert all((found.read is None) is bool(found.problem) for found in arrival.messages)


def _read_name(parse: Callable[[str], object], text: object) -> None:
    assert isinstance(text, str)
    read = parse(text)
    assert parse(str(read)) == read


TARGETS: Mapping[str, Target] = {
    "read_retour": Target(_retour, _read_retour),
    "read_message": Target(_message, _read_message),
    "classification": Target(_classification, _read_message),
    "verify_scellement": Target(_budget, _read_seal),
    "mail": Target(_mail, _read_container),
    "archive": Target(_archive, _read_container),
    "IdActe": Target(_name, partial(_read_name, IdActe.parse)),
    "NomFichier": Target(_name, partial(_read_name, NomFichier.parse)),
    "NomEnveloppe": Target(_name, partial(_read_name, NomEnveloppe.parse)),
}


@dataclass
class Tally:
    """What became of the cases of a target; ``slowest`` in seconds."""

    read: int = 0
    refused: int = 0
    failed: int = 0
    slowest: float = 0


def run(name: str, seed: int, cases: range) -> Tally:
    """Run these cases of a target, telling each failure."""
    target, tally = TARGETS[name], Tally()
    for index in cases:
        case = target.make(random.Random(f"{seed}:{name}:{index}"))
        start = time.perf_counter()
        try:
            target.read(case)
            tally.read += 1
        except EXPECTED:
            tally.refused += 1
        except Exception:  # noqa: BLE001
            tally.failed += 1
            print(f"{name}, case {index} of seed {seed}: {case!r:.300}", file=sys.stderr)
            traceback.print_exc()
        tally.slowest = max(tally.slowest, time.perf_counter() - start)
    return tally


def main() -> int:
    """Run the targets asked for; 1 when a case failed."""
    options = argparse.ArgumentParser(description="Spoilt bytes and names against every reader.")
    options.add_argument("--executions", type=int, default=20_000, help="cases of each target")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", choices=TARGETS, action="append")
    options.add_argument("--case", type=int, help="this case alone")
    asked = options.parse_args()
    cases = range(asked.executions) if asked.case is None else range(asked.case, asked.case + 1)
    failed = 0
    for name in asked.only or TARGETS:
        tally = run(name, asked.seed, cases)
        failed += tally.failed
        print(
            f"{name:18}{len(cases):10,} executions{tally.read:10,} read{tally.refused:10,} refused"
            f"{tally.failed:6,} failed   slowest {tally.slowest * 1000:5.0f} ms",
            flush=True,
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
