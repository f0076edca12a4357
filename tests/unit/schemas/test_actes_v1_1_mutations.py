"""The schema against a second description of the messages, on thousands of spoilt documents.

The table below was written from the protocol (ACTES protocol §2.3 to §2.5), not from the schema.
Valid documents are spoilt in every way that one change can, and at random by several; the table
and the schema must give the same verdict on each.
"""

import copy
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest
from lxml import etree

ACTES = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216"
INSEE = "http://xml.insee.fr/schema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

Check = Callable[[str], bool]

# 1. Simple types (§2.3). XML collapses the spaces of what is not a string.


def _matches(pattern: str, *, collapse: bool = False) -> Check:
    compiled = re.compile(pattern)
    return lambda text: bool(compiled.fullmatch(" ".join(text.split()) if collapse else text))


def _is_date(text: str) -> bool:
    match = re.fullmatch(
        r"([0-9]{4})-([0-9]{2})-([0-9]{2})(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])?", text.strip()
    )
    try:
        return match is not None and bool(date(int(match[1]), int(match[2]), int(match[3])))
    except ValueError:
        return False


def _is_envelope_anomaly(text: str) -> bool:
    digits = re.fullmatch(r"\+?([0-9]+)", text.strip())
    return digits is not None and int(digits[1]) in {1, 2, 3, 4, 5, 100}


STRING: Check = lambda _text: True  # noqa: E731
INTEGER = _matches(r"[+-]?[0-9]+", collapse=True)
NATURAL = _matches(r"\+?[0-9]+|-0+", collapse=True)
DEPARTEMENT = _matches(r"[0|9][0-9][A|B0-9]")
ID_ACTE = _matches(r"[0|9][0-9][A|B0-9]-[0-9]{9}-[0-9]{8}-[a-zA-Z0-9_]{1,15}-[A-ZÀÉ]{2}")
LABEL = r"[a-zA-Z0-9\-]+"
EMAIL = _matches(rf"[_a-zA-Z0-9\-]+(\.[_a-zA-Z0-9\-]+)*@{LABEL}(\.{LABEL})*\.[a-zA-Z]{{2,6}}")
SIREN = _matches(r"[0-9]{9}", collapse=True)
DIGIT = _matches(r"[0-9]", collapse=True)
TWO_DIGITS = _matches(r"[0-9]{2}", collapse=True)
THREE_DIGITS = _matches(r"[0-9]{3}", collapse=True)

# 2. What an element may hold (§2.4, §2.5).


@dataclass
class Kind:
    """``model`` is a pattern over the names of the children, each followed by a space; an optional
    attribute has a name that starts with ``?``."""

    attributes: dict[str, Check] = field(default_factory=dict)
    model: str = ""
    children: dict[str, "Kind"] = field(default_factory=dict)
    text: Check | None = None
    nillable: bool = False
    anything: bool = False


def _kind(model: str = "", children: dict[str, Kind] | None = None, /, **attributes: Check) -> Kind:
    return Kind(attributes, model, children or {})


def _word(check: Check) -> Kind:
    return Kind(text=check)


CODE = _kind(CodeMatiere=INTEGER)
FICHIER = _kind(
    r"NomFichier (Signature )?", {"NomFichier": _word(STRING), "Signature": Kind(anything=True)}
)
DONNEES_ACTE = _kind(
    r"CodeMatiere1 CodeMatiere2 (CodeMatiere3 )?(CodeMatiere4 )?(CodeMatiere5 )?Objet "
    r"(PrecedentIdentifiantActe )?ClassificationDateVersion Document Annexes DocumentPapier ",
    {
        **{f"CodeMatiere{level}": CODE for level in range(1, 6)},
        "Objet": _word(lambda text: len(text) <= 500),
        "PrecedentIdentifiantActe": _kind(IDActe=ID_ACTE),
        "ClassificationDateVersion": _word(_is_date),
        "Document": FICHIER,
        "Annexes": _kind(r"(Annexe )*", {"Annexe": FICHIER}, Nombre=NATURAL),
        "DocumentPapier": Kind(text=STRING, nillable=True),
    },
    Date=_is_date,
    NumeroInterne=lambda text: len(text) <= 15,
    CodeNatureActe=INTEGER,
)
FORMULAIRES = _kind(r"(Formulaire )+", {"Formulaire": FICHIER})
REFERENT = _kind(
    r"(Nom )?(Telephone )?(Email )?",
    {"Nom": _word(STRING), "Telephone": _word(STRING), "Email": _word(EMAIL)},
)
AUTHORITY = _kind(
    r"Emetteur AdressesRetour FormulairesEnvoyes ",
    {
        "Emetteur": _kind(
            r"IDCL (Referent )?",
            {
                "IDCL": _kind(
                    SIREN=SIREN, Departement=DEPARTEMENT, Arrondissement=DIGIT, Nature=TWO_DIGITS
                ),
                "Referent": REFERENT,
            },
        ),
        "AdressesRetour": _kind(r"(Email )+", {"Email": _word(EMAIL)}),
        "FormulairesEnvoyes": FORMULAIRES,
    },
)
STATE = _kind(
    r"Emetteur FormulairesEnvoyes Destinataire ",
    {
        "Emetteur": _kind(
            r"(IDSGAR|IDPref|IDSousPref) (Referent )?",
            {
                "IDSGAR": _kind(Departement=DEPARTEMENT),
                "IDPref": _kind(Departement=DEPARTEMENT),
                "IDSousPref": _kind(Departement=DEPARTEMENT, Arrondissement=DIGIT),
                "Referent": REFERENT,
            },
        ),
        "FormulairesEnvoyes": FORMULAIRES,
        "Destinataire": _kind(SIREN=SIREN),
    },
)
ABOUT: dict[str, Check] = {"IDActe": ID_ACTE, "DateCourrierPref": _is_date}
LETTER = _kind(**ABOUT)
LETTER_WITH_DOCUMENT = _kind(r"Document ", {"Document": FICHIER}, **ABOUT)
ANSWER_RECEIVED = _kind(
    r"InfosCourrierPref ", {"InfosCourrierPref": LETTER}, DateReception=_is_date
)
EN_COURS = {"ClassificationDateVersionEnCours": _word(_is_date), "ActeRecu": DONNEES_ACTE}
TYPE_PJ = _kind(CodeTypePJ=STRING, Libelle=STRING)
MATIERE = {"CodeMatiere": INTEGER, "Libelle": STRING}
MATIERE_5 = _kind(**MATIERE)
MATIERE_4 = _kind(r"(Matiere5 )*", {"Matiere5": MATIERE_5}, **MATIERE)
MATIERE_3 = _kind(r"(Matiere4 )*", {"Matiere4": MATIERE_4}, **MATIERE)
MATIERE_2 = _kind(r"(Matiere3 )*", {"Matiere3": MATIERE_3}, **MATIERE)
MATIERE_1 = _kind(r"(Matiere2 )+", {"Matiere2": MATIERE_2}, **MATIERE)
NATURE = Kind(
    {"?CodeNatureActe": INTEGER, "Libelle": STRING, "TypeAbrege": lambda text: len(text) == 2},
    r"(TypePJNatureActe )+",
    {"TypePJNatureActe": TYPE_PJ},
)
DAY = {"DateClassification": _word(_is_date)}

ROOTS = {
    "Acte": DONNEES_ACTE,
    "ARActe": _kind(
        r"ActeRecu ClassificationDateVersionEnCours ",
        EN_COURS,
        IDActe=ID_ACTE,
        DateReception=_is_date,
    ),
    "AnomalieActe": _kind(
        r"Date Nature (Detail )?ActeRecu ClassificationDateVersionEnCours ",
        {"Date": _word(_is_date), "Nature": _word(THREE_DIGITS), "Detail": _word(STRING)}
        | EN_COURS,
    ),
    "CourrierSimple": LETTER_WITH_DOCUMENT,
    "ReponseCourrierSimple": LETTER_WITH_DOCUMENT,
    "DemandePieceComplementaire": _kind(
        r"DescriptionPieces Document ",
        {"DescriptionPieces": _word(STRING), "Document": FICHIER},
        **ABOUT,
    ),
    "ARDemandePieceComplementaire": LETTER,
    "RefusPieceComplementaire": LETTER_WITH_DOCUMENT,
    "PieceComplementaire": _kind(
        r"Documents ", {"Documents": _kind(r"(Document )+", {"Document": FICHIER})}, **ABOUT
    ),
    "ARPieceComplementaire": ANSWER_RECEIVED,
    "LettreObservations": _kind(
        r"Motif Document ", {"Motif": _word(STRING), "Document": FICHIER}, **ABOUT
    ),
    "ARLettreObservations": LETTER,
    "RejetLettreObservations": LETTER_WITH_DOCUMENT,
    "ReponseLettreObservations": LETTER_WITH_DOCUMENT,
    "ARReponseRejetLettreObservations": ANSWER_RECEIVED,
    "DefereTA": _kind(
        r"DateDepot NatureIllegalite PiecesJointes ",
        {
            "DateDepot": _word(_is_date),
            "NatureIllegalite": _word(STRING),
            "PiecesJointes": _kind(r"(PieceJointe )*", {"PieceJointe": FICHIER}),
        },
        IDActe=ID_ACTE,
    ),
    "Annulation": _kind(IDActe=ID_ACTE),
    "ARAnnulation": _kind(IDActe=ID_ACTE, DateReception=_is_date),
    "DemandeClassification": _kind(r"(DateClassification )?", DAY),
    "RetourClassification": _kind(
        r"DateClassification NaturesActes Matieres ",
        {
            "NaturesActes": _kind(r"(NatureActe )+", {"NatureActe": NATURE}),
            "Matieres": _kind(r"(Matiere1 )+", {"Matiere1": MATIERE_1}),
        }
        | DAY,
    ),
    "ReponseClassificationSansChangement": _kind(r"DateClassification ", DAY),
    "EnveloppeCLMISILL": AUTHORITY,
    "EnveloppeMISILLCL": STATE,
    "AnomalieEnveloppe": _kind(
        r"Date Nature (Detail )?EnveloppeRecue ",
        {
            "Date": _word(_is_date),
            "Nature": _word(_is_envelope_anomaly),
            "Detail": _word(STRING),
            "EnveloppeRecue": AUTHORITY,
        },
    ),
}
"""The 24 documents, by root."""


def _accepts(element: etree._Element, kind: Kind) -> bool:
    """The verdict of the table."""
    nil = element.get(f"{{{XSI}}}nil")
    if nil is not None and not kind.nillable:
        return False
    if kind.anything:
        return True
    if not _accepts_attributes(element, kind):
        return False
    if kind.text is not None:
        text = element.text or ""
        return len(element) == 0 and kind.text(text) and not (nil == "true" and text)
    return _accepts_children(element, kind)


def _accepts_attributes(element: etree._Element, kind: Kind) -> bool:
    wanted = {_qualified(name): check for name, check in kind.attributes.items()}
    given = {
        str(k): str(v) for k, v in element.attrib.items() if not str(k).startswith(f"{{{XSI}}}")
    }
    required = {_qualified(name) for name in kind.attributes if not name.startswith("?")}
    return required <= given.keys() and all(
        name in wanted and wanted[name](value) for name, value in given.items()
    )


def _accepts_children(element: etree._Element, kind: Kind) -> bool:
    texts = [element.text or "", *(child.tail or "" for child in element)]
    if any(text.strip() for text in texts):
        return False
    names = [etree.QName(child) for child in element]
    if any(name.namespace != ACTES for name in names):
        return False
    if not re.fullmatch(kind.model, "".join(f"{name.localname} " for name in names)):
        return False
    return all(_accepts(c, kind.children[n.localname]) for c, n in zip(element, names, strict=True))


def _qualified(name: str) -> str:
    bare = name.lstrip("?")
    return f"{{{INSEE if bare == 'SIREN' else ACTES}}}{bare}"


# 3. Ways to spoil a document.

VALUES = (
    "", " ", "x", "O", "A" * 15, "A" * 16, "é" * 500, "é" * 501, "AU", "AUT",
    "0", "1", " 2 ", "12", "01", "02", "002", "0100", "100", "999", "5", "-3", "+7", "1.0", "E2",
    "4", " 31 ", " 007 ",
    "2024-02-29", "2023-02-29", "2024-02-15Z", "2024-02-15+01:00", "2024-2-1", "15/02/2024",
    "20240215", "042", "02A", "|4|", "142", "42", "0422", "020",
    "123456782", " 123456782 ", "12345678", "12345678A", "123456789",
    "a@b.fr", "a.b_c-d@e-f.museum", "a+b@c.fr", "a@b.technology", "a@b.sevenab",
    "é@b.fr", " a@b.fr", "a@b",
    "042-123456782-20240215-a_b-DE", "02A-123456782-99999999-123456789012345-ÉÀ",
    "042-123456782-20240215-1234567890123456-DE", "042-123456782-20240215-a-b-DE",
    "042-123456782-20240215-A-de", "042-12345678-20240215-A-DE",
)  # fmt: skip
SOUS_PREF = '<actes:IDSousPref actes:Departement="042" actes:Arrondissement="2"/>'
PRECEDENT = 'actes:IDActe="042-123456782-20240215-2024_07B-DE"'
RICHER = [
    ("1-1", "</actes:NomFichier>", "</actes:NomFichier><actes:Signature>MII</actes:Signature>"),
    (
        "1-1",
        "</actes:Objet>",
        f"</actes:Objet><actes:PrecedentIdentifiantActe {PRECEDENT}/>",
    ),
    ("1-1", "<actes:Objet>", '<actes:CodeMatiere4 actes:CodeMatiere="4"/><actes:Objet>'),
    ("1-1", "<actes:Objet>", '<actes:CodeMatiere5 actes:CodeMatiere="4"/><actes:Objet>'),
    ("1-1", "Papier>N</actes:DocumentPapier>", "Papier/>"),
    ("EnveloppeMISILLCL", SOUS_PREF, '<actes:IDPref actes:Departement="042"/>'),
    ("EnveloppeMISILLCL", SOUS_PREF, '<actes:IDSGAR actes:Departement="042"/>'),
    ("EnveloppeMISILLCL", "</actes:Emetteur>", "<actes:Referent/></actes:Emetteur>"),
]
Mutation = Callable[[etree._Element], None]


def _mutations(root: etree._Element) -> Iterator[tuple[int, Mutation]]:
    """Everything that one change can do, as the place of an element and what happens to it."""
    for place, element in enumerate(root.iter()):
        if place > 0:
            for change in (_drop, _double, _to_front, _to_back, _swap, _rename, _leave_namespace):
                yield place, change
        for change in (_add_text, _add_child, _add_attribute, _add_plain_attribute, _nil):
            yield place, change
        for name in element.attrib:
            if not str(name).startswith(f"{{{XSI}}}"):
                yield from ((place, change) for change in _attribute_changes(str(name)))
        if len(element) == 0 and element.text:
            yield from ((place, _writes(value)) for value in VALUES)


def _attribute_changes(name: str) -> Iterator[Mutation]:
    local = etree.QName(name).localname
    yield lambda e: e.attrib.__delitem__(name)
    yield lambda e: e.set(local, e.attrib.pop(name))
    yield lambda e: e.set(f"{{{ACTES if INSEE in name else INSEE}}}{local}", e.attrib.pop(name))
    yield lambda e: e.set(f"{{{ACTES}}}Autre", e.attrib.pop(name))
    for value in VALUES:
        yield lambda e, value=value: e.set(name, value)  # type: ignore[misc]


def _writes(value: str) -> Mutation:
    def change(element: etree._Element) -> None:
        element.text = value

    return change


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    assert parent is not None
    return parent


def _drop(element: etree._Element) -> None:
    _parent(element).remove(element)


def _double(element: etree._Element) -> None:
    element.addnext(copy.deepcopy(element))


def _to_front(element: etree._Element) -> None:
    _parent(element).insert(0, element)


def _to_back(element: etree._Element) -> None:
    _parent(element).append(element)


def _swap(element: etree._Element) -> None:
    if (after := element.getnext()) is not None:
        after.addnext(element)


def _rename(element: etree._Element) -> None:
    element.tag = f"{{{ACTES}}}Inconnu"


def _leave_namespace(element: etree._Element) -> None:
    element.tag = f"{{urn:x}}{etree.QName(element).localname}"


def _add_text(element: etree._Element) -> None:
    element.text = f"{element.text or ''}x"


def _add_child(element: etree._Element) -> None:
    etree.SubElement(element, f"{{{ACTES}}}Inconnu")


def _add_attribute(element: etree._Element) -> None:
    element.set(f"{{{ACTES}}}Inconnu", "1")


def _add_plain_attribute(element: etree._Element) -> None:
    element.set("Date", "2024-02-15")


def _nil(element: etree._Element) -> None:
    element.set(f"{{{XSI}}}nil", "true")


# 4. Both verdicts.


def _both_agree(root: etree._Element, xsd: etree.XMLSchema) -> bool:
    """The common verdict; fails when the table and the schema differ."""
    table = _accepts(root, ROOTS[etree.QName(root).localname])
    schema = xsd.validate(root)
    assert schema == table, (
        f"schema {schema}, table {table}: {xsd.error_log}\n"
        f"{etree.tostring(root, encoding='unicode')}"
    )
    return table


def _documents(code: str, message: Callable[[str], bytes]) -> Iterator[etree._Element]:
    text = message(code).decode("iso-8859-1")
    texts = [text, *(text.replace(old, new) for name, old, new in RICHER if name == code)]
    assert len(set(texts)) == len(texts), "a richer document is like the plain one"
    for each in texts:
        yield etree.fromstring(each.encode("iso-8859-1"))


CODES = (
    "1-1", "1-2", "1-3", "2-1", "2-2", "3-1", "3-2", "3-3", "3-4", "3-5", "4-1", "4-2", "4-3",
    "4-4", "4-5", "5-1", "6-1", "6-2", "7-1", "7-2", "7-3",
    "EnveloppeCLMISILL", "EnveloppeMISILLCL", "AnomalieEnveloppe",
)  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_the_table_and_the_schema_agree_on_every_single_change(
    code: str, message: Callable[[str], bytes], xsd: etree.XMLSchema
) -> None:
    verdicts = []
    for root in _documents(code, message):
        assert _both_agree(root, xsd)
        for place, change in _mutations(root):
            spoilt = copy.deepcopy(root)
            change(list(spoilt.iter())[place])
            verdicts.append(_both_agree(spoilt, xsd))
    assert len(verdicts) > 50
    assert {True, False} == set(verdicts)


@pytest.mark.parametrize("code", CODES)
def test_the_table_and_the_schema_agree_on_several_changes_at_once(
    code: str, message: Callable[[str], bytes], xsd: etree.XMLSchema
) -> None:
    chance = random.Random(code)
    for root in _documents(code, message):
        for _ in range(100):
            spoilt = copy.deepcopy(root)
            for _ in range(chance.randint(2, 4)):
                place, change = chance.choice(list(_mutations(spoilt)))
                change(list(spoilt.iter())[place])
            _both_agree(spoilt, xsd)
