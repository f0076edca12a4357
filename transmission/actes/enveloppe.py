"""The envelope from an authority to the State, made from what is known of the authority.

Source: ACTES protocol §2.4, §3.1.
"""

from collections.abc import Sequence

from transmission.actes.messages import build_message
from transmission.domain.acte import FichierSigne
from transmission.domain.collectivite import Collectivite
from transmission.domain.enveloppes import EnveloppeCLMISILL


def build_enveloppe_clmisill(
    collectivite: Collectivite, formulaires: Sequence[str], adresses_retour: Sequence[str]
) -> bytes:
    """``EnveloppeCLMISILL`` as it is put in the archive: ISO-8859-1 bytes, valid.

    ``formulaires`` are the names of the business messages, in the order of the archive;
    ``adresses_retour`` the mail addresses where the State answers, written once each.
    Raises InvalidMessageError with all the reasons at once.
    """
    return build_message(
        EnveloppeCLMISILL(
            siren=collectivite.siren,
            departement=collectivite.departement,
            arrondissement=collectivite.arrondissement,
            nature=collectivite.nature,
            adresses_retour=tuple(dict.fromkeys(adresses_retour)),
            formulaires=tuple(FichierSigne(name) for name in formulaires),
            referent=collectivite.referent,
        )
    )
