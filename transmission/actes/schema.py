"""The ACTES schema, compiled once: is a message what the ministry's schema allows?

Source: ACTES protocol §1.2, §2.2 to §2.5.
"""

import re
from functools import cache
from importlib.resources import as_file, files
from threading import Lock

from lxml import etree

from transmission.domain.errors import Problem, RefusedError
from transmission.domain.messages import MESSAGES

ACTES = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216"
INSEE = "http://xml.insee.fr/schema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

DOCUMENT_ROOTS = frozenset(f"{{{ACTES}}}{kind.root}" for kind in MESSAGES)
"""The 21 messages and 3 envelopes. The schema also declares fragments (``IDPref``…) that it would
take alone; they are no documents."""

_REASONS = {
    "SCHEMAV_ELEMENT_CONTENT": ("contenu", "un élément manque, est de trop ou mal placé"),
    "SCHEMAV_CVC_COMPLEX_TYPE_4": ("attribut_manquant", "un attribut obligatoire manque"),
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": ("attribut_inconnu", "un attribut n'est pas prévu ici"),
    "SCHEMAV_CVC_TYPE_3_1_1": ("attribut_inconnu", "un attribut n'est pas prévu ici"),
    "SCHEMAV_CVC_ELT_3_2_1": ("contenu", "cet élément est déclaré nul et doit rester vide"),
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": ("contenu", "cet élément doit rester vide"),
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": ("contenu", "du texte est écrit entre les éléments"),
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": ("type", "la valeur n'est pas du type attendu"),
    "SCHEMAV_CVC_PATTERN_VALID": ("forme", "la valeur n'a pas la forme attendue"),
    "SCHEMAV_CVC_MAXLENGTH_VALID": ("longueur", "la valeur est trop longue"),
    "SCHEMAV_CVC_LENGTH_VALID": ("longueur", "la valeur n'a pas la longueur attendue"),
    "SCHEMAV_CVC_ENUMERATION_VALID": ("liste", "la valeur n'est pas dans la liste permise"),
}
_OTHER_REASON = ("schema", "le schéma n'est pas respecté")
_NAMESPACE = re.compile(r"\{[^}]*\}")
_LOCK = Lock()


class InvalidMessageError(RefusedError):
    """A message does not obey the ACTES schema, or a rule that we add when building."""


def validate(root: etree._Element) -> list[Problem]:
    """All the reasons why a document is not a valid ACTES message; empty when it is one.

    ``field`` is the name of the element at fault, ``rule`` a stable code of ours.
    """
    if root.tag not in DOCUMENT_ROOTS:
        return [_not_a_message(root)]
    with _LOCK:
        # The error log belongs to the shared schema: it must be read before anyone else validates.
        schema = _schema()
        if schema.validate(root):
            return []
        return [_problem(entry) for entry in schema.error_log]


def require_valid(root: etree._Element) -> None:
    """Raise InvalidMessageError, with all the reasons, unless the document is valid."""
    problems = validate(root)
    if problems:
        raise InvalidMessageError(problems)


def local_name(element: etree._Element) -> str:
    """Name of an element without its namespace."""
    return etree.QName(element).localname


@cache
def _schema() -> etree.XMLSchema:
    with as_file(files("schemas.actes.v1_1")) as folder:
        return etree.XMLSchema(file=str(folder / "actesv1_1.xsd"))


def _not_a_message(root: etree._Element) -> Problem:
    return Problem(
        local_name(root),
        "racine",
        "ce document n'est pas un message du protocole ACTES.",
        "Vérifiez que le bon fichier a été donné.",
    )


def _problem(entry: etree._LogEntry) -> Problem:
    rule, reason = _REASONS.get(entry.type_name, _OTHER_REASON)
    detail = _NAMESPACE.sub("", entry.message)
    place, _, rest = detail.removeprefix("Element ").partition(": ")
    return Problem(
        place.replace("'", "").replace(", attribute ", "/@"),
        rule,
        f"{reason} (ligne {entry.line}).",
        f"Détail technique : {rest[:300]}",
    )
