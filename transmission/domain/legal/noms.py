"""Names of the dates of the clock: stable codes, and the French words shown for them."""

from enum import Enum


class DateName(Enum):
    """Code kept, label shown."""

    VOTE_BUDGET = ("vote_budget", "Vote du budget ou du compte")
    TRANSMISSION = ("transmission", "Transmission à la préfecture")
    NOTIFICATION_PREFET = ("notification_prefet", "Information du préfet sur la notification")
    LISTE_DELIBERATIONS = ("liste_deliberations", "Mise en ligne de la liste des délibérations")
    EXECUTOIRE = ("executoire", "Caractère exécutoire")
    PREND_EFFET = ("prend_effet", "Prise d'effet")
    DEFERE = ("defere", "Dernier jour du déféré")
    REFUS_TACITE_PIECES = ("refus_tacite_pieces", "Refus implicite des pièces")
    REJET_TACITE_LETTRE = ("rejet_tacite_lettre", "Rejet implicite de la lettre d'observations")
    DEMANDE_ACTE = ("demande_acte", "Dernier jour du préfet pour demander l'acte")
    SUSPENSION_AUTOMATIQUE = ("suspension_automatique", "Demande qui suspend par elle-même")
    REPRISE = ("reprise", "Fin de la suspension automatique")
    ORDONNANCE_ATTENDUE = ("ordonnance_attendue", "Ordonnance attendue du juge")
    SAISINE_CRC = ("saisine_crc", "Saisine de la chambre régionale des comptes")
    TIERS = ("tiers", "Dernier jour du recours des tiers")
    PUBLICITE_MINIMUM = ("publicite_minimum", "Publicité à maintenir au moins jusqu'au")
    RETRAIT = ("retrait", "Dernier jour du retrait par son auteur")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


LABELS = {name.code: name.label for name in DateName}
"""Code → French words."""
