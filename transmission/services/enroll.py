"""Register an authority: its settings are checked here, not at the first sending."""

import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from transmission.domain.collectivite import Collectivite, is_schema_email
from transmission.domain.errors import IdentifierError, Problem, RefusedError
from transmission.domain.identifiers import Departement, NomEnveloppe, Siren, outgoing_enveloppe
from transmission.domain.legal.options import legal_authority_of, legal_settings_of
from transmission.domain.signing_keys import SEAL_FORMATS, key_flaws
from transmission.domain.texte import normalise
from transmission.domain.windows import window_problems
from transmission.ports import TdtConfigurationError
from transmission.services.toolbox import Toolbox

PDF_SEALS = ("non", "b", "t")
CORNERS = ("top-right", "top-left", "bottom-right", "bottom-left")


def enroll(tools: Toolbox, collectivite: Collectivite) -> int:
    """Store a new authority and ask for its classification; its key in the register.

    Raises RefusedError, ConflictError.
    """
    _check(tools, collectivite)
    with tools.register() as unit:
        authority_id = unit.add_authority(collectivite, tools.clock.now())
        unit.ring("classify", authority_id)
        unit.commit()
    return authority_id


def replace(tools: Toolbox, collectivite: Collectivite) -> None:
    """Replace the settings of an authority, its SIREN excepted. Raises as :func:`enroll`.

    Where these change what the law makes of its acts, all are read again.
    """
    _check(tools, collectivite)
    with tools.register() as unit:
        before = unit.authority_by_siren(collectivite.siren)
        unit.replace_authority(collectivite)
        if _read_by_the_law(before.collectivite) != _read_by_the_law(collectivite):
            unit.mark_all_stale(before.id)
        unit.commit()


def _read_by_the_law(collectivite: Collectivite) -> tuple[object, ...]:
    return (
        legal_authority_of(collectivite),
        legal_settings_of(collectivite),
        collectivite.time_zone,
    )


def checked(fields: dict[str, Any]) -> Collectivite:
    """An authority from loose fields. Raises RefusedError, TypeError for unknown names."""
    problems: list[Problem] = []
    for name, kind in (("siren", Siren), ("departement", Departement)):
        try:
            fields[name] = kind(str(fields.get(name, "")))
        except IdentifierError as error:
            problems.append(Problem(name, f"{name}_valide", str(error), "Corrigez-le."))
    if problems:
        raise RefusedError(problems)
    return Collectivite(**fields)


def _check(tools: Toolbox, collectivite: Collectivite) -> None:
    problems = [
        *_identity_problems(collectivite),
        *_habit_problems(collectivite),
        *_signing_problems(collectivite),
        *_tdt_problems(tools, collectivite),
    ]
    if problems:
        raise RefusedError(problems)


def _identity_problems(collectivite: Collectivite) -> list[Problem]:
    problems = []
    if not 0 <= collectivite.arrondissement <= 9:
        problems.append(
            Problem(
                "arrondissement",
                "arrondissement_chiffre",
                f"{collectivite.arrondissement} n'est pas un code d'arrondissement.",
                "Donnez un seul chiffre.",
            )
        )
    if not re.fullmatch(r"[0-9]{2}", collectivite.nature):
        problems.append(
            Problem(
                "nature",
                "nature_collectivite",
                f"« {collectivite.nature} » n'est pas un code de nature de collectivité.",
                "Donnez deux chiffres (31 pour une commune).",
            )
        )
    problems += _referent_problems(collectivite)
    addresses = [*collectivite.adresses_retour]
    if collectivite.referent.email:
        addresses.append(collectivite.referent.email)
    problems += [
        Problem(
            "adresses_retour",
            "adresse_schema",
            f"Le schéma ACTES n'admet pas l'adresse {address}.",
            "Sans « + » ni accent, extension de deux à six lettres.",
        )
        for address in addresses
        if not is_schema_email(address)
    ]
    if not collectivite.adresses_retour:
        problems.append(
            Problem(
                "adresses_retour",
                "adresse_absente",
                "Il faut au moins une adresse de retour.",
                "Donnez celle du service des assemblées.",
            )
        )
    return problems


def _referent_problems(collectivite: Collectivite) -> list[Problem]:
    # It is in every envelope: a character that cannot travel would hold every act.
    referent = collectivite.referent
    return [
        Problem(
            "referent",
            "caracteres",
            f"« {text} » contient des caractères qui ne peuvent pas être transmis.",
            "Écrivez-le en toutes lettres, sans symbole.",
        )
        for text in (referent.nom, referent.telephone)
        if text and normalise(text).refused
    ]


def _habit_problems(collectivite: Collectivite) -> list[Problem]:
    problems = []
    if not _is_time_zone(collectivite.time_zone):
        problems.append(
            Problem(
                "time_zone",
                "fuseau",
                f"« {collectivite.time_zone} » n'est pas un fuseau horaire.",
                "Par exemple Europe/Paris, America/Cayenne, Indian/Reunion.",
            )
        )
    if collectivite.stamp_corner not in CORNERS:
        problems.append(
            Problem(
                "stamp_corner",
                "coin",
                f"« {collectivite.stamp_corner} » n'est pas un coin.",
                f"Choisissez parmi : {', '.join(CORNERS)}.",
            )
        )
    return problems + _pdf_seal_problems(collectivite)


def _pdf_seal_problems(collectivite: Collectivite) -> list[Problem]:
    if collectivite.seals_pdf not in PDF_SEALS:
        return [
            Problem(
                "seals_pdf",
                "sceau_pdf",
                f"« {collectivite.seals_pdf} » n'est pas un niveau de sceau.",
                "Choisissez non, b (PAdES-B-B) ou t (PAdES-B-T, avec horodatage).",
            )
        ]
    if collectivite.seals_pdf != "non" and not collectivite.all_signing_keys:
        return [
            Problem(
                "seals_pdf",
                "sceau_pdf",
                "Sceller les PDF demande une clé de signature.",
                'Ajoutez [signing_key], ou écrivez seals_pdf = "non".',
            )
        ]
    return []


def _signing_problems(collectivite: Collectivite) -> list[Problem]:
    problems = [
        Problem("signing_key", "cle_de_signature", f"Clé de signature : {flaw}.", "Corrigez-la.")
        for key in collectivite.all_signing_keys
        for flaw in key_flaws(key)
    ]
    if collectivite.seal_format not in SEAL_FORMATS:
        problems.append(
            Problem(
                "seal_format",
                "forme_du_cachet",
                f"« {collectivite.seal_format} » n'est pas une forme de cachet.",
                f"Choisissez parmi : {', '.join(SEAL_FORMATS)}.",
            )
        )
    return problems


def _tdt_problems(tools: Toolbox, collectivite: Collectivite) -> list[Problem]:
    problems, tdt = [], collectivite.tdt
    try:
        tools.tdts.capabilities(tdt)
    except TdtConfigurationError as error:
        remedy = "Corrigez la description de la collectivité."
        problems.append(Problem("tdt", "tdt_connu", str(error), remedy))
    problems += [
        Problem("tdt", "fenetres", fact, "Corrigez les fenêtres de transmission.")
        for fact in window_problems(tdt.windows)
    ]
    if not _names_its_archives(collectivite):
        problems.append(
            Problem(
                "tdt",
                "nom_archive",
                f"« {tdt.trigramme} » et « {tdt.application} » ne peuvent pas nommer une archive.",
                "trigramme : trois lettres (SLO) ; application : quatre capitales (EACT).",
            )
        )
    return problems


def _names_its_archives(collectivite: Collectivite) -> bool:
    # A name that cannot be read back would stop every reading of the register.
    tdt = collectivite.tdt
    enveloppe = outgoing_enveloppe(tdt.application, collectivite.siren, date.min, 1)
    try:
        return NomEnveloppe.parse(enveloppe.archive(tdt.trigramme)) == enveloppe
    except IdentifierError:
        return False


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder, such as « Europe »
        return False
    return True
