"""The members of a dossier: their names, order, sizes and digests, and the manifest [D1], [D2]."""

import base64
import binascii
import re
from collections.abc import Sequence
from hashlib import sha256

from transmission.audit.container import MIME, MIMETYPE
from transmission.audit.dossier_case import Case
from transmission.audit.dossier_contents import CONTENTS, ListedMember

MANIFEST, SIGNATURES, TIME_STAMP = (
    "META-INF/manifest.xml",
    "META-INF/signatures.xml",
    "META-INF/horodatage.tsr",
)
_NAMES = {
    "received_file": r"(?:recu|envoi/(?P<transmission>\d+)/recu)[/-](?P<piece>\d\d+)-.+",
    "archive": r"envoi/(?P<transmission>\d+)/archive\.tar\.gz",
    "message": r"envoi/(?P<transmission>\d+)/message\.xml",
    "seal": r"envoi/(?P<transmission>\d+)/sceau\.(?:p7s|xml)",
    "signature": r"envoi/(?P<transmission>\d+)/signature-(?P<piece>\d\d+)\.p7s",
    "sent_document": r"envoi/(?P<transmission>\d+)/document-(?P<piece>\d\d+)\.\w+",
    "request": r"envoi/(?P<transmission>\d+)/requete-(?P<attempt>\d+)\.txt",
    "response": r"envoi/(?P<transmission>\d+)/reponse-(?P<attempt>\d+)\.bin",
    "retour": r"retours/\d\d+-.+",
    "retour_document": r"retours/\d\d+-.+",
    "time_stamp": r"horodatages/\d\d+-.+\.tsr",
    "journal": r"journal/lignes\.jsonl",
    "proofs": r"journal/preuves\.json",
    "anchor": r"ancres/(?P<anchor>\d{6})\.json",
    "anchor_time_stamp": r"ancres/(?P<anchor>\d{6})\.tsr",
    "certificate": r"certificats/[0-9a-f]{64}\.pem",
    "revocation": r"revocations/[0-9a-f]{64}\.\w+",
    "deadlines": r"echeances\.json",
    "deadlines_text": r"echeances\.txt",
    "summary": r"synthese\.pdf",
}
_ALONE = ("journal", "proofs", "deadlines", "deadlines_text", "summary")
_TYPES = {
    "pdf": "application/pdf",
    "xml": "application/xml",
    "json": "application/json",
    "jsonl": "text/plain",
    "txt": "text/plain",
    "p7s": "application/pkcs7-signature",
    "pem": "application/x-pem-file",
    "crl": "application/pkix-crl",
    "tsr": "application/vnd.etsi.timestamp-token",
    "gz": "application/gzip",
    "jpg": "image/jpeg",
    "png": "image/png",
}
_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)-----END CERTIFICATE-----\n")


def check_layout(case: Case) -> None:
    """Every member is the one that ``dossier.json`` lists, in its place, and none is left."""
    _check_order(case)
    for member in case.contents.members:
        _check_listed(case, member)
        _check_name(case, member)
    for role in _ALONE:
        if not case.contents.of_role(role) and not case.contents.tells("unreadable_file"):
            case.findings.fault(CONTENTS, f"aucun membre n'a le rôle « {role} ».")
    for member in case.contents.of_role("certificate", "revocation"):
        _check_named_by_digest(case, member)
    _check_manifest(case)


def manifest_of(names: Sequence[str]) -> bytes:
    """The ODF manifest of members, in their order."""
    inside = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>'
        for name, kind in [("/", MIME.decode()), *((name, _type(name)) for name in names)]
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest xmlns:manifest="{_MANIFEST}"'
        f' manifest:version="1.2">{inside}</manifest:manifest>'
    ).encode()


def _type(name: str) -> str:
    return _TYPES.get(name.rpartition(".")[2], "application/octet-stream")


def _check_order(case: Case) -> None:
    found = list(case.witness.container.members)
    listed = [each.name for each in case.contents.members]
    foretold = [MIMETYPE, *listed, CONTENTS, MANIFEST, SIGNATURES, TIME_STAMP]
    if TIME_STAMP not in found and case.contents.tells("no_dossier_time_stamp"):
        foretold.remove(TIME_STAMP)
    for name in sorted(set(foretold) - set(found)):
        case.findings.fault(name, "ce membre manque.")
    for name in sorted(set(found) - set(foretold)):
        case.findings.fault(name, f"{CONTENTS} ne connaît pas ce membre.")
    if set(found) == set(foretold) and found != foretold:
        pairs = zip(found, foretold, strict=True)
        moved = next(one for one, other in pairs if one != other)
        case.findings.fault(moved, "ce membre n'est pas à sa place parmi les autres.")


def _check_listed(case: Case, member: ListedMember) -> None:
    found = case.witness.container.members.get(member.name)
    if found and (found.size, found.sha256) != (member.size, member.sha256):
        case.findings.fault(
            member.name,
            f"son contenu n'est pas celui que dit {CONTENTS} : {found.size} octets d'empreinte "
            f"{found.sha256.hex()}, au lieu de {member.size} d'empreinte {member.sha256.hex()}.",
        )


def _check_name(case: Case, member: ListedMember) -> None:
    match = re.fullmatch(_NAMES.get(member.role, "(?!)"), member.name, re.ASCII)
    if match is None:
        said = f"ce nom n'est pas celui d'un membre de rôle « {member.role[:40]} »."
        case.findings.fault(member.name, said)
        return
    for key, digits in match.groupdict().items():
        if digits is not None and getattr(member.about, key) != int(digits):
            case.findings.fault(member.name, f"{CONTENTS} lui donne un autre « {key} ».")


def _check_named_by_digest(case: Case, member: ListedMember) -> None:
    raw = case.witness.read(member.name)
    if raw is None:
        return
    encoded = _der(raw) if member.role == "certificate" else raw
    stem = member.name.rpartition("/")[2].partition(".")[0]
    if encoded is None or sha256(encoded).hexdigest() != stem:
        case.findings.fault(member.name, "son nom n'est pas l'empreinte de ce qu'il contient.")


def _der(pem: bytes) -> bytes | None:
    match = _PEM.fullmatch(pem)
    try:
        return base64.b64decode(match[1].replace(b"\n", b""), validate=True) if match else None
    except binascii.Error:
        return None


def _check_manifest(case: Case) -> None:
    found = case.witness.read(MANIFEST)
    if found is None:
        return
    foretold = manifest_of([*(each.name for each in case.contents.members), CONTENTS])
    if found != foretold:
        pairs = enumerate(zip(found, foretold, strict=False))
        different = (at for at, (one, other) in pairs if one != other)
        where = next(different, min(len(found), len(foretold)))
        case.findings.fault(MANIFEST, "le manifeste n'est pas celui de ces membres.", where)
