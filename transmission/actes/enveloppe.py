"""The envelope from an authority to the State: who sends, and which messages are inside.

Source: ACTES protocol §2.4, §3.1, §5.5, §5.6.
"""

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from transmission.actes.messages import append, append_fichier, new_root, serialised, transmissible
from transmission.actes.schema import ACTES, INSEE, InvalidMessageError
from transmission.domain.acte import FichierSigne
from transmission.domain.collectivite import Collectivite, Referent, is_schema_email
from transmission.domain.errors import IdentifierError, Problem
from transmission.domain.identifiers import NomFichier


def build_enveloppe_clmisill(
    collectivite: Collectivite, formulaires: Sequence[str], adresses_retour: Sequence[str]
) -> bytes:
    """``EnveloppeCLMISILL`` as it is put in the archive: ISO-8859-1 bytes, valid.

    ``formulaires`` are the names of the business messages, in the order of the archive;
    ``adresses_retour`` the mail addresses where the State answers, written once each.
    Raises InvalidMessageError with all the reasons at once.
    """
    addresses = tuple(dict.fromkeys(adresses_retour))
    problems = [
        *_identity_problems(collectivite),
        *_address_problems(collectivite.referent, addresses),
        *_formulaire_problems(collectivite, formulaires),
    ]
    if problems:
        raise InvalidMessageError(problems)
    root = new_root("EnveloppeCLMISILL")
    _append_emetteur(root, collectivite)
    retour = append(root, "AdressesRetour")
    for address in addresses:
        append(retour, "Email", address)
    envoyes = append(root, "FormulairesEnvoyes")
    for name in formulaires:
        append_fichier(envoyes, "Formulaire", FichierSigne(name))
    return serialised(root)


def _append_emetteur(root: etree._Element, collectivite: Collectivite) -> None:
    emetteur = append(root, "Emetteur")
    id_cl = append(emetteur, "IDCL")
    id_cl.set(f"{{{INSEE}}}SIREN", collectivite.siren)
    id_cl.set(f"{{{ACTES}}}Departement", collectivite.departement)
    id_cl.set(f"{{{ACTES}}}Arrondissement", str(collectivite.arrondissement))
    id_cl.set(f"{{{ACTES}}}Nature", collectivite.nature)
    _append_referent(emetteur, collectivite.referent)


def _append_referent(emetteur: etree._Element, referent: Referent) -> None:
    filled = {
        name: text
        for name, text in (
            ("Nom", referent.nom),
            ("Telephone", referent.telephone),
            ("Email", referent.email),
        )
        if text
    }
    if not filled:
        return
    element = append(emetteur, "Referent")
    for name, text in filled.items():
        append(element, name, transmissible(f"referent.{name.lower()}", text))


def _identity_problems(collectivite: Collectivite) -> Iterator[Problem]:
    if not 0 <= collectivite.arrondissement <= 9:
        yield Problem(
            "arrondissement",
            "un_chiffre",
            f"{collectivite.arrondissement} n'est pas un arrondissement.",
            "Donnez le chiffre de l'arrondissement dans le département.",
        )
    if not re.fullmatch(r"[0-9]{2}", collectivite.nature):
        yield Problem(
            "nature",
            "deux_chiffres",
            f"« {collectivite.nature} » n'est pas une nature de collectivité.",
            "Donnez les deux chiffres de la nomenclature (31 pour une commune).",
        )


def _address_problems(referent: Referent, addresses: Sequence[str]) -> Iterator[Problem]:
    if not addresses:
        yield Problem(
            "adresses_retour",
            "obligatoire",
            "aucune adresse de retour.",
            "Donnez au moins l'adresse du tiers de télétransmission.",
        )
    named = [("adresses_retour", address) for address in addresses]
    if referent.email:
        named.append(("referent.email", referent.email))
    for field, address in named:
        if not is_schema_email(address):
            yield Problem(
                field,
                "adresse",
                f"« {address} » n'est pas une adresse que le schéma accepte.",
                "Évitez le signe + et les terminaisons de plus de six lettres.",
            )


def _formulaire_problems(
    collectivite: Collectivite, formulaires: Sequence[str]
) -> Iterator[Problem]:
    if not formulaires or len(set(formulaires)) != len(formulaires):
        yield Problem(
            "formulaires",
            "liste",
            "il faut au moins un message, et chacun une seule fois.",
            "Recomposez l'enveloppe.",
        )
    for name in formulaires:
        if not _names_a_message_of(collectivite, name):
            yield Problem(
                "formulaires",
                "nom",
                f"« {name} » ne nomme pas un message de {collectivite.nom}.",
                "Le nom porte le département et le SIREN de la collectivité, et finit par .xml.",
            )


def _names_a_message_of(collectivite: Collectivite, name: str) -> bool:
    try:
        parsed = NomFichier.parse(name)
    except IdentifierError:
        return False
    sender = (collectivite.departement, collectivite.siren)
    return (
        parsed.typologie is None
        and parsed.extension == "xml"
        and (parsed.departement, parsed.siren) == sender
    )
