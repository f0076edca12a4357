"""The seal of a budget document: has its XML changed since the software that made it sealed it?

The seal is no signature: whoever changes the document may seal it again. Its digests are those of
the document without the seal, in canonical XML 1.0, inclusive, without comments.
Source: ACTES protocol §3.7.
"""

import hashlib
from enum import Enum

from lxml import etree

from transmission.actes import safe_xml

BUDGET_MAX = 32 * 1024 * 1024
"""Bytes of the longest budget document opened: the accounts of a city of 100,000 people have 4 MB,
and memory grows to 45 times the size of the most hostile document."""

_NAMESPACE = "http://www.minefi.gouv.fr/cp/demat/docbudgetaire"


class NotABudgetError(safe_xml.UnreadableXmlError):
    """The XML can be read, and is no ``DocumentBudgetaire``."""


class Scellement(Enum):
    """What the seal says."""

    CONFORME = "Scellé, et inchangé depuis."
    ALTERE = "Scellé, mais modifié depuis : exportez-le à nouveau du logiciel budgétaire."
    ABSENT = "Jamais scellé : scellez-le dans le logiciel budgétaire avant de le transmettre."


def verify_scellement(raw: bytes) -> Scellement:
    """Recompute the digests of a ``DocumentBudgetaire`` and compare, whatever the case.

    Raises NotABudgetError for another document, UnreadableXmlError for what cannot be read, and
    nothing else.
    """
    root = safe_xml.parse_exactly(raw, max_bytes=BUDGET_MAX)
    if root.tag != f"{{{_NAMESPACE}}}DocumentBudgetaire":
        raise NotABudgetError(
            "Le fichier n'est pas un document budgétaire (élément DocumentBudgetaire)."
        )
    seal = root.find(f"{{{_NAMESPACE}}}Scellement")
    if seal is None:
        return Scellement.ABSENT
    claimed = tuple((seal.get(name) or "").strip().lower() for name in ("md5", "sha1"))
    # lxml removes with an element the text that follows it, which is what the sealer does.
    root.remove(seal)
    return Scellement.CONFORME if claimed == _digests(root) else Scellement.ALTERE


class _Digests:
    """A file to write to, of which only the digests are kept."""

    def __init__(self) -> None:
        self.md5 = hashlib.md5(usedforsecurity=False)
        self.sha1 = hashlib.sha1(usedforsecurity=False)

    def write(self, piece: bytes) -> int:
        self.md5.update(piece)
        self.sha1.update(piece)
        return len(piece)


def _digests(root: etree._Element) -> tuple[str, str]:
    found = _Digests()
    try:
        root.getroottree().write_c14n(found, exclusive=False, with_comments=False)
    except etree.C14NError as error:
        reason = "Le document ne peut pas être mis sous forme canonique."
        raise safe_xml.UnreadableXmlError(reason) from error
    return found.md5.hexdigest(), found.sha1.hexdigest()
