"""The form of every message: its attributes and elements in order, and what is essential in it.

To be read beside ACTES protocol §2.4 and §2.5; the keys are the types of the table of messages.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from transmission.actes.classification import ClassificationPart
from transmission.actes.forms import Attribute, Child, Children, Form, Node, Part, Presence, Text
from transmission.actes.parts import (
    CodesMatiere,
    DeclaredActe,
    DocumentPapier,
    Echo,
    Emetteur,
    Fichier,
)
from transmission.actes.words import (
    ARRONDISSEMENT,
    DATE,
    DEPARTEMENT,
    EMAIL,
    ID_ACTE,
    NATURAL,
    NATURE_ANOMALIE_ACTE,
    NATURE_ANOMALIE_ENVELOPPE,
    NATURE_COLLECTIVITE,
    NUMERO,
    OBJET,
    SIREN,
    TEXT,
)
from transmission.domain.acte import Acte, DemandeClassification
from transmission.domain.collectivite import Referent
from transmission.domain.courriers import (
    Annulation,
    ARAnnulation,
    ARDemandePieceComplementaire,
    ARLettreObservations,
    ARPieceComplementaire,
    ARReponseRejetLettreObservations,
    CourrierSimple,
    DefereTA,
    DemandePieceComplementaire,
    LettreObservations,
    PieceComplementaire,
    RefusPieceComplementaire,
    RejetLettreObservations,
    ReponseCourrierSimple,
    ReponseLettreObservations,
)
from transmission.domain.enveloppes import EnveloppeCLMISILL, EnveloppeMISILLCL, EnveloppeRecue
from transmission.domain.errors import IdentifierError, Problem
from transmission.domain.identifiers import NomFichier
from transmission.domain.retours import (
    AccuseReception,
    ActeRecu,
    AnomalieActe,
    AnomalieEnveloppe,
    ReponseClassificationSansChangement,
    RetourClassification,
)

_ESSENTIAL, _EXPECTED, _OPTIONAL = Presence.ESSENTIAL, Presence.EXPECTED, Presence.OPTIONAL


def _formulaire_problems(enveloppe: EnveloppeCLMISILL) -> Iterator[Problem]:
    names = [formulaire.nom_fichier for formulaire in enveloppe.formulaires]
    if len(set(names)) != len(names):
        yield Problem(
            "formulaires",
            "liste",
            "un message est nommé deux fois.",
            "Recomposez l'enveloppe.",
        )
    for name in names:
        if not _names_a_message_of(enveloppe, name):
            yield Problem(
                "formulaires",
                "nom",
                f"« {name} » ne nomme pas un message de la collectivité {enveloppe.siren}.",
                "Le nom porte le département et le SIREN de la collectivité, et finit par .xml.",
            )


def _names_a_message_of(enveloppe: EnveloppeCLMISILL, name: str) -> bool:
    try:
        parsed = NomFichier.parse(name)
    except IdentifierError:
        return False
    sender = (enveloppe.departement, enveloppe.siren)
    return (
        parsed.typologie is None
        and parsed.extension == "xml"
        and (parsed.departement, parsed.siren) == sender
    )


def _authority(presence: Presence) -> tuple[Part, ...]:
    """``DonneesEnveloppeCLMISILL``, in the envelope itself or in its echo."""
    return (
        Attribute("Emetteur/IDCL/@insee:SIREN", "siren", SIREN, presence),
        Attribute("Emetteur/IDCL/@Departement", "departement", DEPARTEMENT, presence),
        Attribute("Emetteur/IDCL/@Arrondissement", "arrondissement", ARRONDISSEMENT, presence),
        Attribute("Emetteur/IDCL/@Nature", "nature", NATURE_COLLECTIVITE, presence),
        _REFERENT,
        Children("AdressesRetour/Email", "adresses_retour", Text(EMAIL)),
        Children("FormulairesEnvoyes/Formulaire", "formulaires", Fichier(), presence),
    )


_DOCUMENT = Child("Document", "document", Fichier(), _ESSENTIAL)
_RECEPTION = Attribute("@DateReception", "date_reception", DATE, _ESSENTIAL)
_ACTE = Attribute("@IDActe", "id_acte", ID_ACTE, _ESSENTIAL)
_COURRIER = (_ACTE, Attribute("@DateCourrierPref", "date_courrier_pref", DATE, _ESSENTIAL))
_COURRIER_ECHOED = (
    _RECEPTION,
    Attribute("InfosCourrierPref/@IDActe", "id_acte", ID_ACTE, _ESSENTIAL),
    Attribute("InfosCourrierPref/@DateCourrierPref", "date_courrier_pref", DATE, _ESSENTIAL),
)
_REFERENT = Child(
    "Emetteur/Referent",
    "referent",
    Form(
        Referent,
        Child("Nom", "nom", Text(TEXT), _OPTIONAL),
        Child("Telephone", "telephone", Text(TEXT), _OPTIONAL),
        Child("Email", "email", Text(EMAIL), _OPTIONAL),
    ),
    _OPTIONAL,
    Referent(),
)
_ANOMALIE = Child("Date", "date_anomalie", Text(DATE))
_DETAIL = Child("Detail", "detail", Text(TEXT), _OPTIONAL, "")
_EN_COURS = Child("ClassificationDateVersionEnCours", "date_classification_en_cours", Text(DATE))
_DONNEES_ACTE = Form(
    ActeRecu,
    Attribute("@Date", "date_decision", DATE),
    Attribute("@NumeroInterne", "numero_interne", NUMERO),
    Attribute("@CodeNatureActe", "code_nature", NATURAL),
    CodesMatiere(),
    Child("Objet", "objet", Text(OBJET)),
    Attribute("PrecedentIdentifiantActe/@IDActe", "precedent", ID_ACTE, _OPTIONAL),
    Child("ClassificationDateVersion", "date_classification", Text(DATE)),
    Child("Document", "document", Fichier()),
    Attribute("Annexes/@Nombre", "nombre_annexes", NATURAL),
    Children("Annexes/Annexe", "annexes", Fichier(), _OPTIONAL),
    DocumentPapier(),
)

FORMS: Mapping[type[Any], Node[Any]] = {
    Acte: DeclaredActe(_DONNEES_ACTE),
    AccuseReception: Form(AccuseReception, _ACTE, _RECEPTION, Echo(_DONNEES_ACTE), _EN_COURS),
    AnomalieActe: Form(
        AnomalieActe,
        _ANOMALIE,
        Child("Nature", "nature", Text(NATURE_ANOMALIE_ACTE), _EXPECTED, ""),
        _DETAIL,
        Echo(_DONNEES_ACTE, needs_number=True),
        _EN_COURS,
    ),
    CourrierSimple: Form(CourrierSimple, *_COURRIER, _DOCUMENT),
    ReponseCourrierSimple: Form(ReponseCourrierSimple, *_COURRIER, _DOCUMENT),
    DemandePieceComplementaire: Form(
        DemandePieceComplementaire,
        *_COURRIER,
        Child("DescriptionPieces", "description_pieces", Text(TEXT), _EXPECTED, ""),
        _DOCUMENT,
    ),
    ARDemandePieceComplementaire: Form(ARDemandePieceComplementaire, *_COURRIER),
    RefusPieceComplementaire: Form(RefusPieceComplementaire, *_COURRIER, _DOCUMENT),
    PieceComplementaire: Form(
        PieceComplementaire,
        *_COURRIER,
        Children("Documents/Document", "documents", Fichier(), _ESSENTIAL),
    ),
    ARPieceComplementaire: Form(ARPieceComplementaire, *_COURRIER_ECHOED),
    LettreObservations: Form(
        LettreObservations,
        *_COURRIER,
        Child("Motif", "motif", Text(TEXT), _EXPECTED, ""),
        _DOCUMENT,
    ),
    ARLettreObservations: Form(ARLettreObservations, *_COURRIER),
    RejetLettreObservations: Form(RejetLettreObservations, *_COURRIER, _DOCUMENT),
    ReponseLettreObservations: Form(ReponseLettreObservations, *_COURRIER, _DOCUMENT),
    ARReponseRejetLettreObservations: Form(ARReponseRejetLettreObservations, *_COURRIER_ECHOED),
    DefereTA: Form(
        DefereTA,
        _ACTE,
        Child("DateDepot", "date_depot", Text(DATE), _ESSENTIAL),
        Child("NatureIllegalite", "nature_illegalite", Text(TEXT), _EXPECTED, ""),
        Children("PiecesJointes/PieceJointe", "pieces_jointes", Fichier(), _OPTIONAL),
    ),
    Annulation: Form(Annulation, _ACTE),
    ARAnnulation: Form(ARAnnulation, _ACTE, _RECEPTION),
    DemandeClassification: Form(
        DemandeClassification,
        Child("DateClassification", "date_classification", Text(DATE), _OPTIONAL),
    ),
    RetourClassification: Form(RetourClassification, ClassificationPart()),
    ReponseClassificationSansChangement: Form(
        ReponseClassificationSansChangement,
        Child("DateClassification", "date_classification", Text(DATE), _ESSENTIAL),
    ),
    EnveloppeCLMISILL: Form(EnveloppeCLMISILL, *_authority(_ESSENTIAL), rules=_formulaire_problems),
    EnveloppeMISILLCL: Form(
        EnveloppeMISILLCL,
        Emetteur(),
        _REFERENT,
        Children("FormulairesEnvoyes/Formulaire", "formulaires", Fichier(), _ESSENTIAL),
        Attribute("Destinataire/@insee:SIREN", "destinataire", SIREN, _ESSENTIAL),
    ),
    AnomalieEnveloppe: Form(
        AnomalieEnveloppe,
        _ANOMALIE,
        Child("Nature", "nature", Text(NATURE_ANOMALIE_ENVELOPPE), _EXPECTED, ""),
        _DETAIL,
        Child(
            "EnveloppeRecue",
            "enveloppe_recue",
            Form(EnveloppeRecue, *_authority(_EXPECTED)),
            _EXPECTED,
            EnveloppeRecue(None, None, None, None, (), ()),
        ),
    ),
}
