"""Whom and what the legal clock reads: the authority and the act, cut down to what a rule asks.

A fact that nobody has stated is None. The rules then say « à confirmer », or give no date.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum

from transmission.domain.acte import Matiere
from transmission.domain.collectivite import Calendrier
from transmission.domain.collectivite import PublicityMode as PublicityMode
from transmission.domain.identifiers import NatureActe


class _Labelled(Enum):
    """Code kept, label shown."""

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


class AuthorityKind(_Labelled):
    """Which set of rules an authority follows (legal clock TR-1 to TR-4)."""

    COMMUNE = ("commune", "Commune")
    ETABLISSEMENT_COMMUNAL = ("etablissement_communal", "Établissement public communal")
    DEPARTEMENT = ("departement", "Département")
    REGION = ("region", "Région")
    EPCI_FISCALITE_PROPRE = ("epci_fiscalite_propre", "EPCI à fiscalité propre")
    SYNDICAT_COMMUNES = ("syndicat_communes", "Syndicat de communes")
    SYNDICAT_MIXTE_FERME = ("syndicat_mixte_ferme", "Syndicat mixte fermé")
    SYNDICAT_MIXTE_OUVERT = ("syndicat_mixte_ouvert", "Syndicat mixte ouvert")
    INCONNUE = ("inconnue", "Autre personne publique")

    @classmethod
    def of_nature(cls, code: str) -> "AuthorityKind":
        """Kind behind a two-digit nature of the register (ACTES protocol §5.5).

        41 holds both the syndicats de communes and the syndicats mixtes fermés, which follow the
        same rules (CGCT L. 5711-1). INCONNUE for a code whose rules were not read: the register
        has none for the métropoles, and schools, hospitals and companies have rules of their own.
        """
        return _KINDS.get(code, cls.INCONNUE)


_KINDS = {
    "11": AuthorityKind.REGION,
    "21": AuthorityKind.DEPARTEMENT,
    "31": AuthorityKind.COMMUNE,
    "33": AuthorityKind.ETABLISSEMENT_COMMUNAL,
    "41": AuthorityKind.SYNDICAT_COMMUNES,
    "42": AuthorityKind.SYNDICAT_MIXTE_OUVERT,
    "44": AuthorityKind.EPCI_FISCALITE_PROPRE,
    "45": AuthorityKind.EPCI_FISCALITE_PROPRE,
    "46": AuthorityKind.EPCI_FISCALITE_PROPRE,
}


@dataclass(frozen=True, slots=True)
class LegalAuthority:
    """An authority as the rules see it.

    ``calendrier`` is that of the administrative court. ``publicity`` lists the modes chosen by
    délibération, each with the day from which the choice has force; ``telematics_from`` is the
    first day of the convention with the préfet, None without one; ``date_commune_nouvelle`` the
    publication of the order that made the commune by merging smaller ones (PU-2).
    """

    kind: AuthorityKind
    population: int | None = None
    departement: str | None = None
    calendrier: Calendrier = Calendrier.NATIONAL
    publicity: tuple[tuple[date, PublicityMode], ...] = ()
    telematics_from: date | None = None
    date_commune_nouvelle: date | None = None


class ActeKind(_Labelled):
    """What an act does in law, whatever its nature on the wire (CGCT L. 2131-1)."""

    REGLEMENTAIRE = ("reglementaire", "Acte réglementaire")
    INDIVIDUEL = ("individuel", "Décision individuelle")
    ESPECE = ("espece", "Décision ni réglementaire ni individuelle")
    CONTRAT = ("contrat", "Contrat")
    BUDGET = ("budget", "Document budgétaire")


_KIND_OF_NATURE = {
    NatureActe.REGLEMENTAIRE: ActeKind.REGLEMENTAIRE,
    NatureActe.INDIVIDUEL: ActeKind.INDIVIDUEL,
    NatureActe.CONTRAT: ActeKind.CONTRAT,
    NatureActe.BUDGET: ActeKind.BUDGET,
}


class Categorie(_Labelled):
    """What the law names, and neither the nature nor the matière tells for sure."""

    ORDINAIRE = ("ordinaire", "aucune des catégories que la loi nomme")
    VOIRIE_DISPENSEE = (
        "voirie_dispensee",
        "voirie : droits, stationnement, classement, alignement, ouverture, largeur",
    )
    GESTION_AGENTS_DISPENSEE = (
        "gestion_agents_dispensee",
        "taux de promotion, centre de gestion et ses missions facultatives",
    )
    POLICE = ("police", "police, hors circulation et stationnement")
    CIRCULATION = ("circulation", "police de la circulation ou du stationnement")
    SANCTION_VOIE_PUBLIQUE = ("sanction_voie_publique", "sanction de l'article L. 2212-2-1 du CGCT")
    BUVETTE = ("buvette", "débit de boissons temporaire d'une association")
    NON_TITULAIRE = (
        "non_titulaire",
        "nomination, recrutement ou licenciement d'un agent non titulaire",
    )
    RENFORT = ("renfort", "agent recruté pour un accroissement temporaire ou saisonnier d'activité")
    NOMINATION_FONCTIONNAIRE = ("nomination_fonctionnaire", "nomination d'un fonctionnaire")
    EMPRUNT = ("emprunt", "convention d'emprunt")
    MARCHE = ("marche", "marché ou accord-cadre")
    MARCHE_PARTENARIAT = ("marche_partenariat", "marché de partenariat")
    DSP = ("dsp", "délégation de service public")
    CONCESSION = ("concession", "autre contrat de concession, ou concession d'aménagement")
    AUTORISATION_URBANISME = (
        "autorisation_urbanisme",
        "permis, autre autorisation d'urbanisme ou certificat d'urbanisme",
    )
    PLU = ("plu", "plan local d'urbanisme")
    SCOT = ("scot", "schéma de cohérence territoriale")
    REQUISITION = ("requisition", "réquisition du comptable public")
    SOCIETE_LOCALE = (
        "societe_locale",
        "prérogative de puissance publique d'une société d'économie mixte locale",
    )
    AU_NOM_DE_L_ETAT = ("au_nom_de_l_etat", "acte pris au nom de l'État")
    DROIT_PRIVE = ("droit_prive", "acte de droit privé")


_CATEGORIE_OF_MATIERE: dict[tuple[NatureActe, int, int], Categorie] = {
    (NatureActe.CONTRAT, 1, 1): Categorie.MARCHE,
    (NatureActe.CONTRAT, 1, 2): Categorie.DSP,
    (NatureActe.INDIVIDUEL, 2, 2): Categorie.AUTORISATION_URBANISME,
    (NatureActe.CONTRAT, 7, 3): Categorie.EMPRUNT,
}


@dataclass(frozen=True, slots=True)
class Marche:
    """Value and dates of a marché; for an avenant, those of the contract that it amends (TR-6).

    Euros without tax. ``total_lots_ht`` is the sum of all the lots of the consultation.
    """

    montant_ht: Decimal | None = None
    total_lots_ht: Decimal | None = None
    date_consultation: date | None = None
    date_signature: date | None = None


class BudgetKind(_Labelled):
    """Which budgetary document has a date of its own (legal clock DT-3 to DT-5)."""

    PRIMITIF = ("primitif", "Budget primitif")
    COMPTE = ("compte", "Compte administratif ou compte financier unique")
    FIN_EXERCICE = ("fin_exercice", "Ajustement de fin d'exercice")
    AUTRE = ("autre", "Autre document budgétaire")


@dataclass(frozen=True, slots=True)
class BudgetDocument:
    """``exercice`` is the year of the budget or of the accounts; ``renouvellement`` says whether
    the assembly is renewed that year, None when nobody said."""

    kind: BudgetKind
    exercice: int
    renouvellement: bool | None = None


@dataclass(frozen=True, slots=True)
class LegalActe:
    """An act as the rules see it. Civil dates, in the time zone of the authority.

    ``stated_kind`` and ``stated_categorie`` are what a person declared, None otherwise;
    ``par_delegation`` says that the executive decided for the assembly (CGCT L. 2122-22);
    ``date_effet`` is the day the act itself fixes; ``date_deliberation_recue`` the receipt of the
    délibération that authorises a contract (EX-5); ``tacite`` an urban authorisation born of
    silence (UR-2); ``sous_scot`` whether an approved SCoT covers a PLU (UR-5).
    """

    nature: NatureActe
    matiere: Matiere
    date_decision: date
    date_signature: date | None = None
    stated_kind: ActeKind | None = None
    stated_categorie: Categorie | None = None
    par_delegation: bool = False
    marche: Marche = field(default_factory=Marche)
    budget: BudgetDocument | None = None
    date_effet: date | None = None
    date_deliberation_recue: date | None = None
    creates_rights: bool | None = None
    tacite: bool = False
    sous_scot: bool | None = None

    @property
    def kind(self) -> ActeKind | None:
        """What was declared, or what the nature implies: a délibération implies nothing."""
        return self.stated_kind or _KIND_OF_NATURE.get(self.nature)

    @property
    def categorie(self) -> Categorie | None:
        """What was declared, or what the nature and the national matière (two levels) imply."""
        return self.stated_categorie or _CATEGORIE_OF_MATIERE.get(
            (self.nature, self.matiere.niveaux[0], self.matiere.niveaux[1])
        )

    @property
    def urban_decision(self) -> date | None:
        """Day of a decision declared to be an urban authorisation, None for any other (UR-4).

        The matière alone is no proof: the rule would shorten the time of third parties.
        """
        urban = self.stated_categorie is Categorie.AUTORISATION_URBANISME
        return self.date_decision if urban else None
