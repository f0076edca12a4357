"""The parts of the messages that are more than one word or a list of them.

Source: ACTES protocol §2.4, §2.5, §10 (quirks 5, 8 and 14).
"""

from dataclasses import dataclass

from lxml import etree

from transmission.actes.fields import attribute, child, child_text, integer, yes
from transmission.actes.forms import Child, Draft, Form, Presence, Reading, Text
from transmission.actes.schema import ACTES, XSI, local_name
from transmission.actes.words import (
    ARRONDISSEMENT,
    DEPARTEMENT,
    NATURAL,
    NOM_FICHIER,
    SIGNATURE,
)
from transmission.domain.acte import Acte, FichierSigne, Matiere
from transmission.domain.errors import IdentifierError
from transmission.domain.identifiers import (
    IDSGAR,
    IdActe,
    IDPref,
    IDSousPref,
    NatureActe,
    ServiceEtat,
)
from transmission.domain.retours import ActeRecu

_NAMED_FILE = Form(
    FichierSigne,
    Child("NomFichier", "nom_fichier", Text(NOM_FICHIER), Presence.ESSENTIAL),
    Child("Signature", "signature", Text(SIGNATURE), Presence.OPTIONAL),
)
_LEVELS_MAX = 5
_SERVICES: dict[str, type[ServiceEtat]] = {
    "IDSGAR": IDSGAR,
    "IDPref": IDPref,
    "IDSousPref": IDSousPref,
}


class Fichier:
    """A reference to a file of the archive; it says nothing when it gives no name."""

    def write(self, element: etree._Element, value: FichierSigne, draft: Draft) -> None:
        _NAMED_FILE.write(element, value, draft)

    def read(self, element: etree._Element, reading: Reading) -> FichierSigne | None:
        signature = child(element, "Signature")
        if signature is not None and len(signature):
            reading.notes.append("Signature : elle est faite de XML, seul son texte est gardé.")
        if child_text(element, "NomFichier") is None:
            return None
        return _NAMED_FILE.read(element, reading)


class CodesMatiere:
    """The levels of a subject. What is received may skip some: they are None."""

    attribute = "matieres"

    def write(self, element: etree._Element, value: tuple[int | None, ...], draft: Draft) -> None:
        if not 2 <= len(value) <= _LEVELS_MAX or None in value[:2]:
            draft.refuse("niveaux", "il faut deux à cinq niveaux.", "Choisissez une matière.")
        for level, code in enumerate(value, start=1):
            if code is not None:
                new = etree.SubElement(element, f"{{{ACTES}}}CodeMatiere{level}")
                new.set(f"{{{ACTES}}}CodeMatiere", NATURAL.written(code, draft))

    def read(self, element: etree._Element, reading: Reading) -> tuple[int | None, ...]:
        found = [child(element, f"CodeMatiere{level}") for level in range(1, _LEVELS_MAX + 1)]
        codes = [None if el is None else integer(attribute(el, "CodeMatiere")) for el in found]
        while codes and codes[-1] is None:
            codes.pop()
        if None in codes or not codes:
            skipped = [level for level, code in enumerate(codes or [None], 1) if code is None]
            reading.notes.append(
                f"Matière : niveau absent ou illisible ({', '.join(map(str, skipped))})."
            )
        return tuple(codes)


class DocumentPapier:
    """Whether paper follows: emitted as ``O`` or ``N``, received in many ways."""

    attribute = "document_papier"

    def write(self, element: etree._Element, value: object, draft: Draft) -> None:  # noqa: ARG002
        etree.SubElement(element, f"{{{ACTES}}}DocumentPapier").text = "O" if value else "N"

    def read(self, element: etree._Element, reading: Reading) -> bool:
        found, text = child(element, "DocumentPapier"), child_text(element, "DocumentPapier")
        if found is None:
            reading.notes.append("DocumentPapier est absent : lu comme non.")
        elif text is None:
            nil = found.get(f"{{{XSI}}}nil") in ("true", "1")
            reading.notes.append(f"DocumentPapier est {'nul' if nil else 'vide'} : lu comme non.")
        return yes(text)


@dataclass(frozen=True, slots=True)
class Echo:
    """The act as the State received it.

    An anomaly carries no IDActe: without the act's number, nothing says which act it refuses.
    """

    form: Form[ActeRecu]
    needs_number: bool = False

    @property
    def attribute(self) -> str:
        return "acte_recu"

    def write(self, element: etree._Element, value: ActeRecu, draft: Draft) -> None:
        self.form.write(etree.SubElement(element, f"{{{ACTES}}}ActeRecu"), value, draft)

    def read(self, element: etree._Element, reading: Reading) -> ActeRecu:
        recu = self.form.read(_act_like(element, reading), reading)
        if self.needs_number and recu.numero_interne is None:
            raise reading.refusal("il manque NumeroInterne.")
        return recu


class Emetteur:
    """The service of the State which sends: one of three."""

    attribute = "emetteur"

    def write(self, element: etree._Element, value: ServiceEtat | None, draft: Draft) -> None:
        if value is None:
            draft.refuse("obligatoire", "il manque le service émetteur.", "Nommez-le.")
            return
        holder = etree.SubElement(element, f"{{{ACTES}}}Emetteur")
        service = etree.SubElement(holder, f"{{{ACTES}}}{type(value).__name__}")
        departement = DEPARTEMENT.written(value.departement, draft)
        service.set(f"{{{ACTES}}}Departement", departement)
        if isinstance(value, IDSousPref):
            digit = ARRONDISSEMENT.written(value.arrondissement, draft)
            service.set(f"{{{ACTES}}}Arrondissement", digit)

    def read(self, element: etree._Element, reading: Reading) -> ServiceEtat | None:
        holder = child(element, "Emetteur")
        for found in () if holder is None else holder:
            name = local_name(found)
            departement = attribute(found, "Departement")
            arrondissement = integer(attribute(found, "Arrondissement"))
            if departement and name in ("IDSGAR", "IDPref"):
                return (IDSGAR if name == "IDSGAR" else IDPref)(departement)
            if departement and name == "IDSousPref" and arrondissement is not None:
                return IDSousPref(departement, arrondissement)
        reading.notes.append("Emetteur : aucun service de l'État n'est lisible.")
        return None


@dataclass(frozen=True, slots=True)
class DeclaredActe:
    """A 1-1: the same form as the echo, filled by us. It names neither département nor SIREN."""

    form: Form[ActeRecu]

    def write(self, element: etree._Element, value: Acte, draft: Draft) -> None:
        self.form.write(element, _declared(value), draft)

    def read(self, element: etree._Element, reading: Reading) -> Acte:
        if reading.emetteur is None:
            raise reading.refusal("ce message ne dit pas de quelle collectivité il vient.")
        try:
            return _acte(self.form.read(element, reading), *reading.emetteur, reading)
        except IdentifierError as error:
            raise reading.refusal(str(error)) from error


def _act_like(root: etree._Element, reading: Reading) -> etree._Element:
    """The first act-like child: test doubles write ``Acte``, or the echo twice (quirk 14)."""
    echoes = [form for form in root if form.tag in (f"{{{ACTES}}}ActeRecu", f"{{{ACTES}}}Acte")]
    if not echoes:
        reading.notes.append("L'écho de l'acte (ActeRecu) manque.")
        return etree.Element(f"{{{ACTES}}}ActeRecu")
    if len(echoes) > 1:
        reading.notes.append("L'écho de l'acte est donné plusieurs fois : le premier a été lu.")
    if local_name(echoes[0]) == "Acte":
        reading.notes.append("L'écho de l'acte est nommé Acte au lieu d'ActeRecu.")
    return echoes[0]


def _declared(acte: Acte) -> ActeRecu:
    return ActeRecu(
        numero_interne=acte.id_acte.numero_interne,
        date_decision=acte.id_acte.date_decision,
        code_nature=acte.id_acte.nature.code,
        matieres=acte.matiere.niveaux,
        objet=acte.objet,
        date_classification=acte.date_classification,
        document=acte.document,
        annexes=acte.annexes,
        nombre_annexes=len(acte.annexes),
        document_papier=acte.document_papier,
        precedent=acte.precedent,
    )


def _acte(recu: ActeRecu, departement: str, siren: str, reading: Reading) -> Acte:
    levels = tuple(level for level in recu.matieres if level is not None)
    if (
        recu.numero_interne is None
        or recu.date_decision is None
        or recu.code_nature is None
        or recu.objet is None
        or recu.date_classification is None
        or recu.document is None
        or len(levels) < len(recu.matieres)
    ):
        raise reading.refusal(" ".join(reading.notes))
    nature = NatureActe.parse(recu.code_nature)
    return Acte(
        id_acte=IdActe(departement, siren, recu.date_decision, recu.numero_interne, nature),
        matiere=Matiere(levels),
        objet=recu.objet,
        date_classification=recu.date_classification,
        document=recu.document,
        annexes=recu.annexes,
        document_papier=recu.document_papier,
        precedent=recu.precedent,
    )
