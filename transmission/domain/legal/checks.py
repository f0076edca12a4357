"""The compliance checks: the table of all of them, and those of one act run together.

Each check is the function of its name, in the module of its family.
"""

from collections.abc import Callable, Iterator
from itertools import chain

from transmission.domain.legal import (
    checks_accuse,
    checks_controle,
    checks_delai,
    checks_echo,
    checks_fichier,
    checks_force,
    checks_publicite,
    checks_seance,
    checks_serie,
    checks_service,
)
from transmission.domain.legal.check import DEFAULTS, Check, CheckSettings
from transmission.domain.legal.checked import CheckedActe
from transmission.domain.legal.checks_serie import Numbering
from transmission.domain.legal.findings import Finding, in_order

FAMILIES = (
    checks_delai,
    checks_accuse,
    checks_echo,
    checks_force,
    checks_publicite,
    checks_controle,
    checks_seance,
    checks_serie,
    checks_fichier,
    checks_service,
)
"""Modules of the checks, in the order in which their page tells them."""

CHECKS: dict[str, Check] = {check.code: check for family in FAMILIES for check in family.CHECKS}
"""Every check, by its code."""

_OF_AN_ACTE: tuple[Callable[[CheckedActe, CheckSettings], Iterator[Finding]], ...] = (
    checks_delai.reception_tardive,
    checks_delai.transmission_en_retard,
    checks_delai.budget_en_retard,
    checks_delai.accuse_absent,
    checks_delai.retrait_tardif,
    checks_accuse.accuse_avant_decision,
    checks_accuse.accuse_avant_envoi,
    checks_accuse.accuse_futur,
    checks_accuse.accuse_loin_des_horloges,
    checks_accuse.accuses_contradictoires,
    checks_echo.echo_different,
    checks_echo.id_acte_different,
    checks_echo.classification_perimee,
    checks_force.publie_avant_reception,
    checks_force.effet_avant_executoire,
    checks_force.signature_prematuree,
    checks_publicite.publicite_manquante,
    checks_publicite.publication_invalide,
    checks_publicite.publicite_interrompue,
    checks_controle.defere_tardif,
    checks_controle.pieces_sans_reponse,
    checks_controle.lettre_sans_reponse,
)

ACTE_CHECKS = frozenset(check.__name__ for check in _OF_AN_ACTE) | {
    checks_fichier.FICHIER_PUBLIC_CHANGE.code,
    checks_fichier.FICHIER_PUBLIC_ABSENT.code,
}
"""Codes of the checks that look at one act as it stands, and may then find nothing any more."""


def check_acte(acte: CheckedActe, settings: CheckSettings = DEFAULTS) -> tuple[Finding, ...]:
    """All that is found about one act, the gravest first; no two of one (check, key)."""
    return in_order(chain.from_iterable(check(acte, settings) for check in _OF_AN_ACTE))


def check_numbering(
    numbering: Numbering, settings: CheckSettings = DEFAULTS
) -> tuple[Finding, ...]:
    """All that is found about the numbers of one nature in one year, the gravest first."""
    return in_order(
        chain(
            checks_serie.numero_manquant(numbering, settings),
            checks_serie.numero_double(numbering, settings),
            checks_serie.serie_non_reconnue(numbering, settings),
        )
    )
