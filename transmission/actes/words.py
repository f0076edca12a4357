"""The words of the ACTES vocabulary: how each datum is written, strictly, and read, tolerantly.

Source: ACTES protocol §1.4, §2.3, §4.2, §5.5, §5.6, §10.
"""

import re
from datetime import date

from transmission.actes.fields import civil_date, has_time_zone, integer
from transmission.actes.forms import Word
from transmission.domain.acte import OBJET_MAX
from transmission.domain.collectivite import is_schema_email
from transmission.domain.errors import TransmissionError
from transmission.domain.identifiers import (
    Departement,
    IdActe,
    NumeroInterne,
    Siren,
    is_plain_name,
)
from transmission.domain.texte import normalise

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(text: str, *, longest: int | None = None, may_be_blank: bool = False) -> str:
    written = text.strip()
    if not written and not may_be_blank:
        raise TransmissionError("ce texte est vide.")
    if refused := (normalise(text).refused or _NOT_XML.findall(text)):
        named = ", ".join(item if len(item) > 1 else f"U+{ord(item):04X}" for item in refused)
        raise TransmissionError(f"ce texte ne peut pas transmettre {named}.")
    if longest is not None and len(written) > longest:
        raise TransmissionError(
            f"ce texte est trop long : {len(written)} caractères, {longest} au plus."
        )
    return written


def _exact(text: str) -> str:
    if _NOT_XML.search(text):
        raise TransmissionError("ce texte contient des caractères que le XML interdit.")
    return text


def _matching(pattern: str, reason: str, text: str) -> str:
    if not re.fullmatch(pattern, text):
        raise TransmissionError(f"« {text} » {reason}")
    return text


def _read_date(text: str) -> date:
    found = civil_date(text)
    if found is None:
        raise TransmissionError(f"« {text} » n'est pas une date.")
    return found


def _read_integer(text: str) -> int:
    found = integer(text)
    if found is None:
        raise TransmissionError(f"« {text} » n'est pas un nombre.")
    return found


def _natural(number: int) -> str:
    return _matching(r"[0-9]{1,9}", "n'est pas un nombre entier positif.", str(number))


def _arrondissement(number: int) -> str:
    return _matching(r"[0-9]", "n'est pas un arrondissement.", str(number))


def _nature_of_authority(code: str) -> str:
    return _matching(r"[0-9]{2}", "n'est pas une nature de collectivité.", code)


def _nature_of_act_anomaly(code: str) -> str:
    return _matching(r"[0-9]{3}", "n'est pas une nature d'anomalie d'acte.", code)


def _nature_of_envelope_anomaly(code: str) -> str:
    return _matching(r"0*(?:[1-5]|100)", "n'est pas une nature d'anomalie d'enveloppe.", code)


def _file_name(name: str) -> str:
    if not is_plain_name(name):
        raise TransmissionError(f"« {name} » ne peut pas nommer un fichier de l'archive.")
    return name


def _email(address: str) -> str:
    if not is_schema_email(address):
        raise TransmissionError(f"« {address} » n'est pas une adresse que le schéma accepte.")
    return address


def _time_zone(text: str) -> str | None:
    if not has_time_zone(text):
        return None
    return f"le fuseau horaire de « {text} » est ignoré, sa date est gardée."


def _unusual_number(text: str) -> str | None:
    numero = IdActe.parse(text).numero_interne
    if re.fullmatch(r"[A-Z0-9_]+", numero):
        return None
    return f"le numéro « {numero} » n'a pas la forme que nous émettons ; il est gardé tel quel."


DATE: Word[date] = Word(
    date.isoformat, _read_date, "date", "Donnez un jour du calendrier.", notice=_time_zone
)
ID_ACTE: Word[IdActe] = Word(
    IdActe.emitted,
    IdActe.parse,
    "identifiant",
    "Donnez l'identifiant de l'acte transmis.",
    notice=_unusual_number,
)
NUMERO: Word[str] = Word(NumeroInterne, str, "numero", "Donnez un numéro tel que 2023_001.")
TEXT: Word[str] = Word(_text, str, "texte", "Écrivez-le avec un clavier français.")
OBJET: Word[str] = Word(
    lambda text: _text(text, longest=OBJET_MAX), str, "texte", "Résumez l'acte en une phrase."
)
LIBELLE: Word[str] = Word(
    lambda text: _text(text, may_be_blank=True), str, "texte", "Retirez ces caractères."
)
SIGNATURE: Word[str] = Word(_exact, str, "texte", "Donnez la signature en PEM.", exact=True)
NATURAL: Word[int] = Word(_natural, _read_integer, "nombre", "Donnez un nombre entier.")
ARRONDISSEMENT: Word[int] = Word(
    _arrondissement,
    _read_integer,
    "un_chiffre",
    "Donnez le chiffre de l'arrondissement dans le département.",
)
NATURE_COLLECTIVITE: Word[str] = Word(
    _nature_of_authority,
    str,
    "deux_chiffres",
    "Donnez les deux chiffres de la nomenclature (31 pour une commune).",
)
NATURE_ANOMALIE_ACTE: Word[str] = Word(
    _nature_of_act_anomaly, str, "nature", "Donnez trois chiffres, 999 pour un autre motif."
)
NATURE_ANOMALIE_ENVELOPPE: Word[str] = Word(
    _nature_of_envelope_anomaly, str, "nature", "Donnez 001 à 005, ou 100 pour un autre motif."
)
NOM_FICHIER: Word[str] = Word(
    _file_name, str, "nom", "Formez le nom selon le protocole, sans dossier ni espace."
)
EMAIL: Word[str] = Word(
    _email, str, "adresse", "Évitez le signe + et les terminaisons de plus de six lettres."
)
SIREN: Word[str] = Word(Siren, str, "siren", "Donnez les neuf chiffres du SIREN.")
DEPARTEMENT: Word[str] = Word(Departement, str, "departement", "Donnez-le sur trois caractères.")
