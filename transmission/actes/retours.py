"""Messages that the State sends, read with tolerance: the root decides, every leniency is noted.

Reads 1-2, 1-3, the anomaly of an envelope, 7-2 and 7-3. What is essential must be there and
readable, or the message is refused and its bytes wait for a person; the rest may be missing.
Source: ACTES protocol §2.4, §2.5, §6, §10.
"""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from lxml import etree

from transmission.actes import safe_xml
from transmission.actes.classification import read_classification
from transmission.actes.fields import (
    attribute,
    child,
    child_text,
    children,
    civil_date,
    has_time_zone,
    integer,
    siren,
    yes,
)
from transmission.actes.schema import ACTES, XSI, local_name, validate
from transmission.domain.errors import IdentifierError, TransmissionError
from transmission.domain.identifiers import IdActe
from transmission.domain.retours import (
    AccuseReception,
    ActeRecu,
    AnomalieActe,
    AnomalieEnveloppe,
    ReadRetour,
    ReponseClassificationSansChangement,
    Retour,
    RetourClassification,
)

_T = TypeVar("_T")
_SCHEMA_NOTES_MAX = 10
_REMEDY = "Le fichier est conservé tel quel ; un opérateur doit l'examiner."


class UnreadableRetourError(TransmissionError):
    """Bytes are not a retour that we know, or an essential datum is missing or impossible."""


def read_retour(raw: bytes) -> ReadRetour:
    """Read one business message sent by the State, from its bytes as received.

    Dates are civil dates as written, a time zone being dropped and noted. Raises
    UnreadableRetourError, and nothing else.
    """
    try:
        parsed = safe_xml.parse(raw)
    except safe_xml.UnreadableXmlError as error:
        raise UnreadableRetourError(f"{error} {_REMEDY}") from error
    read = _READERS.get(str(parsed.root.tag))
    if read is None:
        raise UnreadableRetourError(
            f"« {local_name(parsed.root)} » n'est pas un message de retour reconnu "
            f"(1-2, 1-3, 7-2, 7-3 ou anomalie d'enveloppe). {_REMEDY}"
        )
    notes = [*parsed.notes, *_schema_notes(parsed.root)]
    retour = read(parsed.root, notes)
    return ReadRetour(retour, tuple(notes))


def _read_accuse_reception(root: etree._Element, notes: list[str]) -> AccuseReception:
    text = _essential(attribute(root, "IDActe"), "IDActe", root)
    try:
        id_acte = IdActe.parse(text)
    except IdentifierError as error:
        raise UnreadableRetourError(f"{error} {_REMEDY}") from error
    return AccuseReception(
        id_acte,
        _essential_date(attribute(root, "DateReception"), "DateReception", root, notes),
        _acte_recu(root, notes),
        _date(child_text(root, _EN_COURS), _EN_COURS, notes),
    )


def _read_anomalie_acte(root: etree._Element, notes: list[str]) -> AnomalieActe:
    acte_recu = _acte_recu(root, notes)
    # A 1-3 carries no IDActe: without this number nothing says which act it refuses.
    _essential(acte_recu.numero_interne, "NumeroInterne", root)
    return AnomalieActe(
        _date(child_text(root, "Date"), "Date", notes),
        _noted(child_text(root, "Nature"), "Nature", notes) or "",
        child_text(root, "Detail") or "",
        acte_recu,
        _date(child_text(root, _EN_COURS), _EN_COURS, notes),
    )


def _read_anomalie_enveloppe(root: etree._Element, notes: list[str]) -> AnomalieEnveloppe:
    id_cl = root.find(f"{{{ACTES}}}EnveloppeRecue/{{{ACTES}}}Emetteur/{{{ACTES}}}IDCL")
    formulaires = root.findall(
        f"{{{ACTES}}}EnveloppeRecue/{{{ACTES}}}FormulairesEnvoyes/{{{ACTES}}}Formulaire"
    )
    fichiers = tuple(name for f in formulaires if (name := child_text(f, "NomFichier")))
    if not fichiers:
        notes.append("L'enveloppe refusée ne nomme aucun message.")
    return AnomalieEnveloppe(
        _date(child_text(root, "Date"), "Date", notes),
        _noted(child_text(root, "Nature"), "Nature", notes) or "",
        child_text(root, "Detail") or "",
        _noted(None if id_cl is None else siren(id_cl), "SIREN", notes),
        fichiers,
    )


def _read_classification(root: etree._Element, notes: list[str]) -> RetourClassification:
    day = _essential_date(child_text(root, "DateClassification"), "DateClassification", root, notes)
    classification = read_classification(root, day, notes)
    # A 7-2 replaces everything held: one without natures or subjects would erase them all.
    _essential(classification.types_pj or None, "NaturesActes", root)
    _essential(
        [path for path in classification.matieres if len(path) > 1] or None, "Matieres", root
    )
    return RetourClassification(classification)


def _read_sans_changement(
    root: etree._Element, notes: list[str]
) -> ReponseClassificationSansChangement:
    text = child_text(root, "DateClassification")
    return ReponseClassificationSansChangement(
        _essential_date(text, "DateClassification", root, notes)
    )


_EN_COURS = "ClassificationDateVersionEnCours"
_READERS: dict[str, Callable[[etree._Element, list[str]], Retour]] = {
    f"{{{ACTES}}}ARActe": _read_accuse_reception,
    f"{{{ACTES}}}AnomalieActe": _read_anomalie_acte,
    f"{{{ACTES}}}AnomalieEnveloppe": _read_anomalie_enveloppe,
    f"{{{ACTES}}}RetourClassification": _read_classification,
    f"{{{ACTES}}}ReponseClassificationSansChangement": _read_sans_changement,
}


def _acte_recu(root: etree._Element, notes: list[str]) -> ActeRecu:
    form = _echo(root, notes)
    annexes = child(form, "Annexes")
    return ActeRecu(
        numero_interne=_noted(attribute(form, "NumeroInterne"), "NumeroInterne", notes),
        date_decision=_date(attribute(form, "Date"), "Date", notes),
        code_nature=integer(_noted(attribute(form, "CodeNatureActe"), "CodeNatureActe", notes)),
        matieres=_matieres(form, notes),
        objet=_noted(child_text(form, "Objet"), "Objet", notes),
        date_classification=_date(
            child_text(form, "ClassificationDateVersion"), "ClassificationDateVersion", notes
        ),
        document=_noted(child_text(child(form, "Document"), "NomFichier"), "Document", notes),
        annexes=_annexes(annexes, notes),
        nombre_annexes=None if annexes is None else integer(attribute(annexes, "Nombre")),
        document_papier=_document_papier(form, notes),
    )


def _echo(root: etree._Element, notes: list[str]) -> etree._Element:
    """The first act-like child: test doubles write ``Acte``, or the echo twice (quirk 14)."""
    echoes = [form for form in root if form.tag in (f"{{{ACTES}}}ActeRecu", f"{{{ACTES}}}Acte")]
    if not echoes:
        notes.append("L'écho de l'acte (ActeRecu) manque.")
        return etree.Element(f"{{{ACTES}}}ActeRecu")
    if len(echoes) > 1:
        notes.append("L'écho de l'acte est donné plusieurs fois : le premier a été lu.")
    if local_name(echoes[0]) == "Acte":
        notes.append("L'écho de l'acte est nommé Acte au lieu d'ActeRecu.")
    return echoes[0]


def _matieres(form: etree._Element, notes: list[str]) -> tuple[int | None, ...]:
    found = [child(form, f"CodeMatiere{level}") for level in range(1, 6)]
    codes = [None if el is None else integer(attribute(el, "CodeMatiere")) for el in found]
    while codes and codes[-1] is None:
        codes.pop()
    if None in codes or not codes:
        skipped = [level for level, code in enumerate(codes or [None], 1) if code is None]
        notes.append(f"Matière : niveau absent ou illisible ({', '.join(map(str, skipped))}).")
    return tuple(codes)


def _annexes(element: etree._Element | None, notes: list[str]) -> tuple[str, ...]:
    annexes = [] if element is None else children(element, "Annexe")
    names = [_noted(child_text(annexe, "NomFichier"), "Annexe", notes) for annexe in annexes]
    return tuple(name for name in names if name)


def _document_papier(form: etree._Element, notes: list[str]) -> bool:
    element, text = child(form, "DocumentPapier"), child_text(form, "DocumentPapier")
    if element is None:
        notes.append("DocumentPapier est absent : lu comme non.")
    elif text is None:
        nil = element.get(f"{{{XSI}}}nil") in ("true", "1")
        notes.append(f"DocumentPapier est {'nul' if nil else 'vide'} : lu comme non.")
    return yes(text)


def _date(text: str | None, name: str, notes: list[str]) -> date | None:
    found = civil_date(text)
    if found is None:
        notes.append(f"{name} : date {'absente' if text is None else f'illisible (« {text} »)'}.")
    if has_time_zone(text):
        notes.append(f"{name} : le fuseau horaire de « {text} » est ignoré, sa date est gardée.")
    return found


def _essential_date(text: str | None, name: str, root: etree._Element, notes: list[str]) -> date:
    written = _essential(text, name, root)
    found = _date(written, name, notes)
    if found is None:
        raise UnreadableRetourError(
            f"{local_name(root)} : « {written} » n'est pas une date ({name}). {_REMEDY}"
        )
    return found


def _essential(value: _T | None, name: str, root: etree._Element) -> _T:
    if value is None:
        raise UnreadableRetourError(f"{local_name(root)} : il manque {name}. {_REMEDY}")
    return value


def _noted(text: str | None, name: str, notes: list[str]) -> str | None:
    if text is None:
        notes.append(f"{name} est absent.")
    return text


def _schema_notes(root: etree._Element) -> list[str]:
    problems = validate(root)
    notes = [f"Hors schéma, {p.field} : {p.message}" for p in problems[:_SCHEMA_NOTES_MAX]]
    if len(problems) > _SCHEMA_NOTES_MAX:
        notes.append(f"Hors schéma : {len(problems) - _SCHEMA_NOTES_MAX} autres écarts.")
    return notes
