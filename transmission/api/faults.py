"""What is wrong with a parameter or a body, as the models say it, told in French."""

from collections.abc import Iterable, Mapping
from typing import Any

from transmission.api.bodies import shown_name
from transmission.domain.errors import Problem

_SAID = {
    "missing": ("absent", "Ce champ manque.", "Donnez-le."),
    "extra_forbidden": ("inconnu", "Ce nom n'existe pas ici.", "Voyez la description de l'API."),
    "bool_parsing": ("booleen", "Ce n'est ni vrai ni faux.", "Écrivez true ou false."),
    "bool_type": ("booleen", "Ce n'est ni vrai ni faux.", "Écrivez true ou false."),
    "int_parsing": ("nombre", "Ce n'est pas un nombre entier.", "Écrivez des chiffres."),
    "int_type": ("nombre", "Ce n'est pas un nombre entier.", "Écrivez des chiffres."),
    "string_type": ("texte", "Ce n'est pas un texte.", "Écrivez-le entre guillemets."),
    "string_unicode": ("texte", "Ce texte est illisible.", "Écrivez-le en UTF-8."),
    "list_type": ("liste", "Ce n'est pas une liste.", "Écrivez-la entre crochets."),
}
_DATE = ("date", "Ce n'est pas un jour.", "Écrivez AAAA-MM-JJ.")
_BOUNDS = {
    "string_too_long": ("longueur", "Ce texte est trop long.", "{max_length} caractères au plus."),
    "string_too_short": (
        "longueur",
        "Ce texte est trop court.",
        "{min_length} caractère au moins.",
    ),
    "too_short": ("longueur", "Cette liste est trop courte.", "{min_length} au moins."),
    "too_long": ("longueur", "Cette liste est trop longue.", "{max_length} au plus."),
    "greater_than_equal": ("borne", "Ce nombre est trop petit.", "Au moins {ge}."),
    "less_than_equal": ("borne", "Ce nombre est trop grand.", "Au plus {le}."),
    "literal_error": ("choix", "Cette valeur n'existe pas.", "Valeurs : {expected}."),
    "string_pattern_mismatch": (
        "forme",
        "Cette valeur n'a pas la forme attendue.",
        "Voyez la description de l'API.",
    ),
}


def problems_of(faults: Iterable[Mapping[str, Any]], skip: int = 0) -> list[Problem]:
    """The faults that a model found, without the first ``skip`` steps of each place."""
    return [_problem(fault, skip) for fault in faults]


def _problem(fault: Mapping[str, Any], skip: int) -> Problem:
    place = ".".join(str(step) for step in fault["loc"][skip:])
    code, message, remedy = _said(str(fault["type"]))
    bounds = {name: str(value).replace(" or ", " ou ") for name, value in _context(fault).items()}
    return Problem(shown_name(place), code, message, remedy.format(**bounds))


def _context(fault: Mapping[str, Any]) -> Mapping[str, Any]:
    context: Mapping[str, Any] = fault.get("ctx", {})
    return context


def _said(kind: str) -> tuple[str, str, str]:
    if kind.startswith("date"):
        return _DATE
    return (
        _SAID.get(kind)
        or _BOUNDS.get(kind)
        or ("valeur", "Cette valeur n'est pas permise ici.", "Voyez la description de l'API.")
    )
