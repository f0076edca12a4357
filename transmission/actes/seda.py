"""The slip of a transfer to public archives: ``ArchiveTransfer`` of SEDA 2.1 (NF Z 44-022).

One unit of archives an act, described by what the register knows, with its dossier de preuve as its
one object. Written act after act, so that a transfer of any size takes little memory.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

from lxml import etree

from transmission.actes.safe_xml import UnreadableXmlError, parse
from transmission.domain.errors import TransmissionError

NAMESPACE = "fr:gouv:culture:archivesdefrance:seda:v2.1"
MANIFEST = "manifest.xml"
CONTENT = "content"
"""Folder of the objects in the package, as archives' systems expect it."""

_LISTS = (
    "ReplyCode",
    "MessageDigestAlgorithm",
    "MimeType",
    "Encoding",
    "FileFormat",
    "CompressionAlgorithm",
    "DataObjectVersion",
    "StorageRule",
    "AppraisalRule",
    "AccessRule",
    "DisseminationRule",
    "ReuseRule",
    "ClassificationRule",
    "AuthorizationReason",
    "Relationship",
)
_ACCEPTED = frozenset({"OK", "WARNING", "000"})


class ArchiveReplyError(TransmissionError):
    """What was given as the archives' answer is not one to this transfer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferHead:
    """Who transfers to whom: identifiers as both agreed on them; ``at`` is aware UTC.

    ``appraisal_rule`` is the archives' own name of the time of use, None when none was agreed.
    """

    identifier: str
    at: datetime
    comment: str
    agreement: str
    archival_agency: str
    transferring_agency: str
    originating_agency: str
    appraisal_rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferUnit:
    """An act and its dossier.

    ``name`` is that of the object in the package, ``sha512`` its digest in hexadecimal, ``size``
    its bytes.
    """

    acte_id: int
    id_acte: str
    title: str
    document_type: str
    name: str
    sha512: str
    size: int
    date_decision: date
    date_reception: date | None


@dataclass(frozen=True, slots=True)
class ArchiveReply:
    """What the archives answered: their code, whether it accepts, their words."""

    code: str
    accepted: bool
    comment: str


def write_manifest(target: BinaryIO, head: TransferHead, units: Iterable[TransferUnit]) -> None:
    """Write the slip, in UTF-8; ``units`` is gone through twice.

    Raises ValueError for a character that XML does not hold.
    """
    units = tuple(units)
    with etree.xmlfile(target, encoding="UTF-8") as xml:
        xml.write_declaration()
        with xml.element(_name("ArchiveTransfer"), nsmap={None: NAMESPACE}):
            _write_head(xml, head)
            with xml.element(_name("DataObjectPackage")):
                for unit in units:
                    xml.write(_object(unit))
                with xml.element(_name("DescriptiveMetadata")):
                    for unit in units:
                        xml.write(_unit(unit, head))
                xml.write(
                    _tree(
                        "ManagementMetadata",
                        _tree("OriginatingAgencyIdentifier", head.originating_agency),
                        _tree("SubmissionAgencyIdentifier", head.transferring_agency),
                    )
                )
            xml.write(_tree("ArchivalAgency", _tree("Identifier", head.archival_agency)))
            xml.write(_tree("TransferringAgency", _tree("Identifier", head.transferring_agency)))


def _write_head(xml: Any, head: TransferHead) -> None:
    xml.write(_tree("Comment", head.comment))
    xml.write(_tree("Date", head.at.isoformat(timespec="seconds")))
    xml.write(_tree("MessageIdentifier", head.identifier))
    xml.write(_tree("ArchivalAgreement", head.agreement))
    # None of these lists is used but by its common values.
    lists = [_tree(f"{name}CodeListVersion", f"{name}CodeListVersion0") for name in _LISTS]
    xml.write(_tree("CodeListVersions", *lists))


def _object(unit: TransferUnit) -> Any:
    digest = _tree("MessageDigest", unit.sha512)
    digest.set("algorithm", "SHA-512")
    binary = _tree(
        "BinaryDataObject",
        _tree("DataObjectVersion", "BinaryMaster_1"),
        _tree("Uri", f"{CONTENT}/{unit.name}"),
        digest,
        _tree("Size", str(unit.size)),
        _tree(
            "FormatIdentification",
            _tree("FormatLitteral", "Associated Signature Container Extended (ASiC-E)"),
            _tree("MimeType", "application/vnd.etsi.asic-e+zip"),
        ),
        _tree("FileInfo", _tree("Filename", unit.name)),
    )
    binary.set("id", f"BIN{unit.acte_id}")
    group = _tree("DataObjectGroup", binary)
    group.set("id", f"GRP{unit.acte_id}")
    return group


def _unit(unit: TransferUnit, head: TransferHead) -> Any:
    decided = unit.date_decision.isoformat()
    dates = [_tree("CreatedDate", decided)]
    if unit.date_reception is not None:
        dates.append(_tree("ReceivedDate", unit.date_reception.isoformat()))
    rule = [_tree("FinalAction", "Keep")]
    if head.appraisal_rule is not None:
        rule = [_tree("Rule", head.appraisal_rule), _tree("StartDate", decided), *rule]
    made = _tree(
        "ArchiveUnit",
        _tree("Management", _tree("AppraisalRule", *rule)),
        _tree(
            "Content",
            _tree("DescriptionLevel", "Item"),
            _tree("Title", unit.title),
            _tree("OriginatingAgencyArchiveUnitIdentifier", unit.id_acte),
            _tree("TransferringAgencyArchiveUnitIdentifier", f"{head.identifier}-{unit.acte_id}"),
            _tree("Description", f"Dossier de preuve de l'acte {unit.id_acte}"),
            _tree("DocumentType", unit.document_type),
            _tree("Language", "fra"),
            _tree("OriginatingAgency", _tree("Identifier", head.originating_agency)),
            *dates,
        ),
        _tree("DataObjectReference", _tree("DataObjectGroupReferenceId", f"GRP{unit.acte_id}")),
    )
    made.set("id", f"UA{unit.acte_id}")
    return made


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _tree(name: str, *content: Any) -> Any:
    made = etree.Element(_name(name), nsmap={None: NAMESPACE})
    for each in content:
        if isinstance(each, str):
            made.text = each
        else:
            made.append(each)
    return made


def read_reply(content: bytes, identifier: str) -> ArchiveReply:
    """The answer of the archives to a transfer (``ArchiveTransferReply``, SEDA 2.x).

    Raises ArchiveReplyError when it is something else, or about another transfer.
    """
    try:
        root = parse(content).root
    except UnreadableXmlError as error:
        raise ArchiveReplyError(
            "La réponse des archives n'est pas un message XML lisible. Déposez le fichier "
            "« ArchiveTransferReply » tel que les archives l'ont envoyé."
        ) from error
    name = etree.QName(root)
    if name.localname != "ArchiveTransferReply" or ":seda:v2." not in (name.namespace or ""):
        raise ArchiveReplyError(
            f"Ce message est un « {name.localname} », pas une réponse à un versement "
            "(ArchiveTransferReply). Demandez-la aux archives."
        )
    told = _text(root, "MessageRequestIdentifier")
    if told != identifier:
        raise ArchiveReplyError(
            f"Cette réponse est au versement « {told} », pas à « {identifier} ». Vérifiez le "
            "numéro du versement."
        )
    code = _text(root, "ReplyCode")
    return ArchiveReply(code, code.upper() in _ACCEPTED, _text(root, "Comment"))


def _text(root: Any, name: str) -> str:
    found = root.find(f"{{{etree.QName(root).namespace}}}{name}")
    return "" if found is None else (found.text or "").strip()
