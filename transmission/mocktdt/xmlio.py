"""XML from outside and to outside: parsed without a DTD, validated with our XSDs."""

from functools import cache
from importlib import resources
from threading import Lock
from xml.sax.saxutils import escape

from lxml import etree

ACTES = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216"
INSEE = "http://xml.insee.fr/schema"
NAMESPACES = {"actes": ACTES, "insee": INSEE}

_IN_ATTRIBUTE = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}

# A schema keeps the errors of its last validation: reading them needs the lock too.
_validation = Lock()


class UnreadableXmlError(ValueError):
    """Not well-formed XML, or XML with a document type."""


def parse(content: bytes) -> etree._Element:
    """The root element. Raises UnreadableXmlError."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableXmlError(str(error)) from None
    if root.getroottree().docinfo.doctype:
        raise UnreadableXmlError("document type refused")
    return root


def violation(root: etree._Element) -> str | None:
    """The first way in which a document departs from the ACTES schema, or None."""
    with _validation:
        schema = _schema()
        if schema.validate(root):
            return None
        return str(schema.error_log[0].message)


def local_name(root: etree._Element) -> str:
    """`ARActe` for an element of the ACTES vocabulary, empty text for any other."""
    name = etree.QName(root)
    return name.localname if name.namespace == ACTES else ""


def first(root: etree._Element, path: str) -> str:
    """The text that an XPath of the ACTES vocabulary selects first; empty when it selects none."""
    return next(iter(every(root, path)), "")


def every(root: etree._Element, path: str) -> list[str]:
    """All the texts that an XPath of the ACTES vocabulary selects."""
    found = _compiled(path)(root)
    items = found if isinstance(found, list) else []
    return [(i.text or "") if isinstance(i, etree._Element) else str(i) for i in items]


def text(value: str) -> str:
    """`value` as element content."""
    return escape(value)


def attribute(name: str, value: str) -> str:
    """` name="value"`, always between double quotes: clients search for that exact form."""
    return f' {name}="{escape(value, _IN_ATTRIBUTE)}"'


@cache
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=NAMESPACES)


@cache
def _schema() -> etree.XMLSchema:
    folder = resources.files("schemas.actes.v1_1")
    with resources.as_file(folder) as directory:
        return etree.XMLSchema(etree.parse(str(directory / "actesv1_1.xsd")))
