"""From the number printed on the act to the number declared in the message."""

import re
import string
from collections.abc import Iterator

from transmission.domain.collectivite import Collectivite
from transmission.domain.errors import TransmissionError

__all__ = ["NumeroTemplateError", "apply_numero_template", "from_printed"]

_FIELDS = ("year", "month", "seq", "number")
_WIDTH = re.compile(r"0([1-9])d")
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_MONTH = r"(?P<month>0[1-9]|1[0-2])"
# The legal number has 15 characters at most, so no longer run of digits can be a sequence.
_SEQ = r"(?P<seq>\d{1,15})"
_PREFIX = r"(?:[A-Za-z]{1,8}[ ._/-]?)?"
_SHAPES = (
    re.compile(rf"{_PREFIX}{_YEAR}{_MONTH}(?:0[1-9]|[12]\d|3[01])[ ._/-]{_SEQ}", re.ASCII),
    re.compile(rf"{_PREFIX}{_YEAR}[ ._/-]{_MONTH}[ ._/-]{_SEQ}", re.ASCII),
    re.compile(rf"{_PREFIX}{_YEAR}[ ._/-]{_SEQ}", re.ASCII),
    re.compile(rf"{_PREFIX}{_SEQ}[ ._/-]{_YEAR}", re.ASCII),
)


class NumeroTemplateError(TransmissionError):
    """The template is not one we accept, or the printed number does not fit it."""


def apply_numero_template(template: str, numero_imprime: str) -> str:
    """Build a numéro interne: `D{year}{seq:05d}10` makes `D20230009710` from `2023.00097`.

    Fields are {year}, {month}, {seq} (whole numbers, with an optional width such as `:05d` that
    the value must not exceed) and {number} (as printed, without format). The result is not checked
    against the rules of the numéro interne (ACTES protocol §4.2): its type does that.
    Raises `NumeroTemplateError`, in French, for any other field or format and for a number that
    does not hold what the template asks for.
    """
    parts = _parts_of(numero_imprime)
    return "".join(_rendered(template, parts))


def from_printed(printed: str, collectivite: Collectivite) -> str | None:
    """The numéro interne that the authority's template makes of a printed number.

    None without a template, or when the number does not fit it.
    """
    if collectivite.numero_template is None:
        return None
    try:
        return apply_numero_template(collectivite.numero_template, printed)
    except NumeroTemplateError:
        return None


def _rendered(template: str, parts: dict[str, str]) -> Iterator[str]:
    for literal, field, spec in _parsed(template):
        yield literal
        if field is not None:
            yield _formatted(field, spec, parts)


def _parsed(template: str) -> list[tuple[str, str | None, str]]:
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as error:
        raise NumeroTemplateError(
            f"Le modèle de numéro « {template} » est mal formé : vérifiez ses accolades."
        ) from error
    for _, field, _, conversion in parsed:
        if conversion or (field is not None and field not in _FIELDS):
            raise NumeroTemplateError(
                f"Le modèle de numéro « {template} » contient un champ inconnu. "
                "Champs permis : {year}, {month}, {seq}, {number}."
            )
    return [(literal, field, spec or "") for literal, field, spec, _ in parsed]


def _formatted(field: str, spec: str, parts: dict[str, str]) -> str:
    if field not in parts:
        raise NumeroTemplateError(
            f"Le numéro « {parts['number']} » ne contient pas de quoi remplir {{{field}}}. "
            "Corrigez le numéro de l'acte ou le modèle."
        )
    if field == "number":
        if spec:
            raise NumeroTemplateError("Le champ {number} du modèle n'accepte pas de format.")
        return parts[field]
    return _padded(int(parts[field]), field, spec)


def _padded(value: int, field: str, spec: str) -> str:
    if spec in ("", "d"):
        return str(value)
    match = _WIDTH.fullmatch(spec)
    if not match:
        raise NumeroTemplateError(
            f"Le format « {spec} » du champ {{{field}}} n'est pas permis : "
            "écrivez par exemple {seq:05d}."
        )
    width = int(match[1])
    if len(str(value)) > width:
        raise NumeroTemplateError(
            f"La valeur {value} ne tient pas dans les {width} chiffres de {{{field}:{spec}}}. "
            "Corrigez le numéro de l'acte ou le modèle."
        )
    return str(value).zfill(width)


def _parts_of(numero_imprime: str) -> dict[str, str]:
    number = numero_imprime.strip()
    for shape in _SHAPES:
        match = shape.fullmatch(number)
        if match:
            return {"number": number, **match.groupdict()}
    return {"number": number}
