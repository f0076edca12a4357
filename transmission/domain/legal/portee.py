"""Scope: which acts must be transmitted to the préfet (legal clock TR-1 to TR-6).

What the law does not clearly leave out is to be transmitted, « à confirmer » where a fact misses.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum

from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.settings import PRUDENT, LegalSettings, MarketThresholdDate
from transmission.domain.legal.seuil import reaches_threshold
from transmission.domain.legal.sujets import (
    ActeKind,
    AuthorityKind,
    Categorie,
    LegalActe,
    LegalAuthority,
)

REFORM = date(2022, 7, 1)
"""First day of the lists applied here (ordonnance n° 2021-1310)."""


class Soumission(Enum):
    """Whether an act is subject to transmission."""

    OUI = ("oui", "À transmettre")
    OUI_A_CONFIRMER = ("oui_a_confirmer", "À transmettre (à confirmer)")
    NON = ("non", "Pas à transmettre")
    SANS_OBJET = ("sans_objet", "Hors du contrôle de légalité")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Portee:
    """The answer, the rule that gives it, and why, in French."""

    soumission: Soumission
    rule: str
    raison: str
    warnings: tuple[str, ...] = ()

    @property
    def must_transmit(self) -> bool:
        """Whether the préfet must receive the act (EX-1)."""
        return self.soumission in (Soumission.OUI, Soumission.OUI_A_CONFIRMER)

    @property
    def to_confirm(self) -> bool:
        """Whether a person still has to state a fact."""
        return self.soumission is Soumission.OUI_A_CONFIRMER


@dataclass(frozen=True, slots=True)
class _Liste:
    """What one list of the law takes and leaves; ``deliberations_out`` only for délibérations."""

    rule: str
    article: str
    listed: frozenset[Categorie]
    out: frozenset[Categorie]
    deliberations_out: frozenset[Categorie]


_EVERYWHERE = frozenset(
    {
        Categorie.NON_TITULAIRE,
        Categorie.EMPRUNT,
        Categorie.MARCHE_PARTENARIAT,
        Categorie.DSP,
        Categorie.CONCESSION,
        Categorie.REQUISITION,
        Categorie.SOCIETE_LOCALE,
    }
)
_COMMUNES = _Liste(
    "TR-1",
    "l'article L. 2131-2 du CGCT",
    _EVERYWHERE
    | {Categorie.POLICE, Categorie.SANCTION_VOIE_PUBLIQUE, Categorie.AUTORISATION_URBANISME},
    frozenset({Categorie.CIRCULATION, Categorie.BUVETTE, Categorie.RENFORT}),
    frozenset({Categorie.VOIRIE_DISPENSEE, Categorie.GESTION_AGENTS_DISPENSEE}),
)
_DEPARTEMENTS = _Liste(
    "TR-2",
    "l'article L. 3131-2 du CGCT",
    _EVERYWHERE | {Categorie.POLICE},
    frozenset({Categorie.CIRCULATION, Categorie.RENFORT}),
    frozenset({Categorie.VOIRIE_DISPENSEE, Categorie.GESTION_AGENTS_DISPENSEE}),
)
_REGIONS = _Liste(
    "TR-3",
    "l'article L. 4141-2 du CGCT",
    _EVERYWHERE,
    frozenset({Categorie.RENFORT}),
    frozenset({Categorie.GESTION_AGENTS_DISPENSEE}),
)
_INTERCOMMUNAL = replace(
    _COMMUNES, rule="TR-4", article="les articles L. 5211-3 et L. 2131-2 du CGCT"
)
_LISTES = {
    AuthorityKind.COMMUNE: _COMMUNES,
    AuthorityKind.ETABLISSEMENT_COMMUNAL: replace(
        _COMMUNES, article="les articles L. 2131-12 et L. 2131-2 du CGCT"
    ),
    AuthorityKind.DEPARTEMENT: _DEPARTEMENTS,
    AuthorityKind.REGION: _REGIONS,
    AuthorityKind.EPCI_FISCALITE_PROPRE: _INTERCOMMUNAL,
    AuthorityKind.SYNDICAT_COMMUNES: _INTERCOMMUNAL,
    AuthorityKind.SYNDICAT_MIXTE_FERME: replace(
        _INTERCOMMUNAL, article="les articles L. 5711-1, L. 5211-3 et L. 2131-2 du CGCT"
    ),
    AuthorityKind.SYNDICAT_MIXTE_OUVERT: replace(
        _DEPARTEMENTS, rule="TR-4", article="les articles L. 5721-4 et L. 3131-2 du CGCT"
    ),
}
_OUTSIDE = (Categorie.AU_NOM_DE_L_ETAT, Categorie.DROIT_PRIVE)
_READ_IN_2015 = (Categorie.REQUISITION, Categorie.SOCIETE_LOCALE)
_TRAFFIC_MATIERES = ((6, 1), (6, 2), (8, 3))
_NO_THRESHOLD = "La date de la consultation, ou le seuil d'une des deux dates, n'est pas connu."
_DATES_DIFFER = "Consultation et signature n'ont pas le même seuil : une seule date l'atteint."


def must_transmit(
    owner: LegalAuthority, acte: LegalActe, settings: LegalSettings = PRUDENT
) -> Portee:
    """Whether an act of this authority is subject to transmission.

    Source: CGCT L. 2131-2, L. 3131-2, L. 4141-2, L. 5211-3, L. 5711-1, L. 5721-4 (TR-1 to TR-4),
    L. 2131-3 and L. 2131-4 (TR-5), D. 2131-5-1 (TR-6).
    """
    if acte.categorie in _OUTSIDE and not _is_of_the_assembly(acte):
        return Portee(
            Soumission.SANS_OBJET,
            "TR-5",
            "Les actes pris au nom de l'État et les actes de droit privé ne relèvent pas du "
            "contrôle de légalité (CGCT L. 2131-4, L. 3131-5, L. 4141-5).",
        )
    liste = _LISTES.get(owner.kind)
    if liste is None:
        return _to_confirm("TR-1", "On ne sait pas quelle liste s'applique à cette autorité.")
    portee = _read(liste, acte, settings)
    return replace(portee, warnings=(*portee.warnings, *_warnings(acte)))


def _read(liste: _Liste, acte: LegalActe, settings: LegalSettings) -> Portee:
    if acte.stated_categorie is None and acte.matiere.niveaux[:2] == (6, 5):
        return _to_confirm("TR-5", "La matière 6.5 est celle des actes pris au nom de l'État .")
    if _is_of_the_assembly(acte):
        return _deliberation(liste, acte)
    if acte.categorie is Categorie.MARCHE:
        return _marche(acte, settings)
    if acte.categorie in liste.out:
        return _no(
            liste.rule, f"{acte.categorie.label} : pas à transmettre d'après {liste.article}."
        )
    if acte.categorie in liste.listed:
        return _yes(liste.rule, f"{acte.categorie.label} : à transmettre d'après {liste.article}.")
    return _by_kind(liste, acte)


def _is_of_the_assembly(acte: LegalActe) -> bool:
    """A contract signed by delegation is still a contract: its approval is another act."""
    voted = acte.nature in (NatureActe.DELIBERATION, NatureActe.BUDGET)
    return voted or (acte.par_delegation and acte.kind is not ActeKind.CONTRAT)


def _deliberation(liste: _Liste, acte: LegalActe) -> Portee:
    if acte.categorie in _OUTSIDE:
        return _to_confirm("TR-5", f"Décision de l'assemblée dite « {acte.categorie.label} ».")
    if acte.categorie in liste.deliberations_out:
        return _no(
            liste.rule, f"{acte.categorie.label} : pas à transmettre d'après {liste.article}."
        )
    voirie = Categorie.VOIRIE_DISPENSEE in liste.deliberations_out
    if voirie and acte.categorie is None and acte.matiere.niveaux[:2] == (8, 3):
        return _to_confirm(
            liste.rule,
            f"Ne se transmet pas, d'après {liste.article} : {Categorie.VOIRIE_DISPENSEE.label}.",
        )
    yes = _yes(
        liste.rule,
        f"Décision de l'assemblée, ou de sa délégation : à transmettre d'après {liste.article}.",
    )
    if acte.categorie is None and acte.matiere.niveaux[0] == 4:
        spared = Categorie.GESTION_AGENTS_DISPENSEE.label
        return replace(yes, warnings=(f"Ne se transmet pas, d'après {liste.article} : {spared}.",))
    return yes


def _by_kind(liste: _Liste, acte: LegalActe) -> Portee:
    if acte.categorie is Categorie.NOMINATION_FONCTIONNAIRE:
        return _to_confirm(
            liste.rule, f"Nomination d'un fonctionnaire : le texte est ambigu ({liste.article})."
        )
    traffic_is_out = Categorie.CIRCULATION in liste.out
    if acte.categorie is None and traffic_is_out and acte.matiere.niveaux[:2] in _TRAFFIC_MATIERES:
        return _to_confirm(
            liste.rule, "Un acte de police se transmet, sauf circulation et stationnement."
        )
    if acte.kind is ActeKind.REGLEMENTAIRE:
        return _yes(liste.rule, f"Acte réglementaire : à transmettre d'après {liste.article}.")
    if acte.categorie is Categorie.ORDINAIRE and acte.kind is not None:
        return _no("TR-5", f"{acte.kind.label} : {liste.article} ne nomme pas cet acte.")
    if acte.categorie is None and acte.matiere.niveaux[0] == 4:
        return _to_confirm(
            liste.rule,
            "Agents : se transmettent la nomination, le recrutement et le licenciement des non "
            "titulaires, sauf accroissement temporaire ou saisonnier d'activité.",
        )
    return _to_confirm(liste.rule, f"Rien ne dit si la liste nomme cet acte ({liste.article}).")


def _marche(acte: LegalActe, settings: LegalSettings) -> Portee:
    alone, lots = acte.marche.montant_ht, acte.marche.total_lots_ht
    portee = _by_threshold(alone, acte, settings)
    if lots is None or portee.soumission is Soumission.OUI:
        return portee
    together = _by_threshold(max(lots, alone or lots), acte, settings)
    if together.soumission is Soumission.NON:
        return together
    return _to_confirm("TR-6", "Le total des lots atteint le seuil, ou peut l'atteindre.")


def _by_threshold(amount: Decimal | None, acte: LegalActe, settings: LegalSettings) -> Portee:
    if amount is None:
        return _to_confirm("TR-6", "Le montant hors taxe du marché n'est pas connu.")
    signed = acte.marche.date_signature or acte.date_signature or acte.date_decision
    answers = (
        reaches_threshold(amount, acte.marche.date_consultation),
        reaches_threshold(amount, signed),
    )
    if answers == (False, False):
        return _no("TR-6", "Marché sous le seuil ; ce qui l'approuve, en revanche, se transmet.")
    by_consultation = settings.market_threshold_date is MarketThresholdDate.CONSULTATION
    chosen, other = answers if by_consultation else answers[::-1]
    if not chosen:
        return _to_confirm("TR-6", _NO_THRESHOLD if None in answers else _DATES_DIFFER)
    yes = _yes("TR-6", "Marché qui atteint le seuil de l'article D. 2131-5-1 du CGCT.")
    return replace(yes, warnings=(_DATES_DIFFER,)) if other is False else yes


def _warnings(acte: LegalActe) -> tuple[str, ...]:
    found = []
    if acte.date_decision < REFORM:
        found.append("Acte d'avant le 1er juillet 2022 : la liste lue est celle d'après.")
    if acte.categorie in _READ_IN_2015:
        found.append("Cette ligne de la liste a été lue dans sa version de 2015.")
    if acte.tacite:
        found.append("Autorisation tacite : exécutoire sans attendre la transmission.")
    if acte.stated_categorie is None and acte.categorie is not None:
        found.append(f"Catégorie déduite de la matière {acte.matiere} : {acte.categorie.label}.")
    return tuple(found)


def _yes(rule: str, raison: str) -> Portee:
    return Portee(Soumission.OUI, rule, _sentence(raison))


def _no(rule: str, raison: str) -> Portee:
    return Portee(Soumission.NON, rule, _sentence(raison))


def _to_confirm(rule: str, raison: str) -> Portee:
    text = (
        f"{_sentence(raison)} En attendant qu'une personne le confirme, l'acte est à transmettre."
    )
    return Portee(Soumission.OUI_A_CONFIRMER, rule, text)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
