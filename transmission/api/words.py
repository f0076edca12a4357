"""The JSON part of a deposit, read strictly: what is unknown or of another type is refused."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transmission.api.problems import malformed
from transmission.domain.acceptance import Form
from transmission.domain.errors import Problem

TEXTS = ("numero", "date", "nature", "matiere", "objet")
_KEYS = (*TEXTS, "document_papier", "typologie", "annexes")
_TEXT_MAX = 4000
_EXAMPLES = {
    "numero": "2023_001",
    "date": "2023-03-02",
    "nature": "DE",
    "matiere": "7.5",
    "objet": "Subvention à l'école",
}


@dataclass(frozen=True, slots=True)
class Words:
    """What was said of an act and its files; ``problems`` are all that is wrong with its form.

    ``annexes`` are the typologies of the annexes in order, None for the usual one, and is None
    itself when nothing is said of them.
    """

    form: Form
    typologie: str | None
    annexes: tuple[str | None, ...] | None
    problems: tuple[Problem, ...]


def read_words(content: bytes) -> Words:
    """Read the part ``acte``. Raises RefusalError for what is not a JSON object at all."""
    said = _object(content)
    problems = [*_unknown(said), *_texts(said), *_flags(said), *_annexes(said)]
    texts = {name: said.get(name, "") for name in TEXTS}
    form = Form(
        **{name: text if isinstance(text, str) else "" for name, text in texts.items()},
        document_papier=said.get("document_papier") is True,
    )
    typologie = said.get("typologie")
    return Words(
        form,
        typologie if isinstance(typologie, str) else None,
        _typologies(said.get("annexes")),
        tuple(problems),
    )


def _object(content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content.decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise malformed("La partie « acte » n'est pas en UTF-8.") from None
    except (ValueError, RecursionError):
        raise malformed("La partie « acte » n'est pas un objet JSON lisible.") from None
    if not isinstance(said, dict):
        raise malformed("La partie « acte » doit être un objet JSON.")
    return said


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        # Readers differ on which of two equal names counts: nobody may guess for an act.
        raise malformed("La partie « acte » donne deux fois le même nom.")
    return found


def _unknown(said: Mapping[str, Any]) -> Iterator[Problem]:
    for name in said:
        if name not in _KEYS:
            shown = name[:60].encode("utf-8", "replace").decode()
            yield Problem(
                shown, "champ_inconnu", "Ce champ n'existe pas.", f"Champs : {', '.join(_KEYS)}."
            )


def _texts(said: Mapping[str, Any]) -> Iterator[Problem]:
    for name in TEXTS:
        value = said.get(name)
        remedy = f"Donnez un texte, par exemple « {_EXAMPLES[name]} »."
        if value is None:
            yield Problem(name, f"{name}_absent", "Ce champ manque.", remedy)
        elif not isinstance(value, str):
            yield Problem(name, "champ_type", "Ce champ doit être un texte.", remedy)
        elif not _is_storable(value):
            yield Problem(name, "champ_texte", "Ce texte est trop long ou illisible.", remedy)


def _flags(said: Mapping[str, Any]) -> Iterator[Problem]:
    if not isinstance(said.get("document_papier", False), bool):
        yield Problem(
            "document_papier", "champ_type", "Ce champ doit être true ou false.", "Corrigez-le."
        )
    if not _is_typologie(said.get("typologie")):
        yield _bad_typologie("typologie")


def _annexes(said: Mapping[str, Any]) -> Iterator[Problem]:
    given = said.get("annexes")
    if given is None:
        return
    if not isinstance(given, list):
        remedy = 'Donnez par exemple [{"typologie": "99_AU"}, {}].'
        yield Problem("annexes", "champ_type", "Ce champ doit être une liste.", remedy)
        return
    for rank, annexe in enumerate(given, start=1):
        known = isinstance(annexe, dict) and set(annexe) <= {"typologie"}
        if not known or not _is_typologie(annexe.get("typologie")):
            yield _bad_typologie(f"annexes[{rank}]")


def _typologies(given: Any) -> tuple[str | None, ...] | None:
    if not isinstance(given, list):
        return None
    return tuple(
        each["typologie"]
        if isinstance(each, dict) and isinstance(each.get("typologie"), str)
        else None
        for each in given
    )


def _is_typologie(value: Any) -> bool:
    return value is None or (
        isinstance(value, str) and 0 < len(value) <= 20 and _is_storable(value)
    )


def _is_storable(text: str) -> bool:
    # A lone surrogate is no character: neither PostgreSQL nor UTF-8 can hold it.
    return len(text) <= _TEXT_MAX and not any("\ud800" <= c <= "\udfff" for c in text)


def _bad_typologie(field: str) -> Problem:
    return Problem(
        field,
        "champ_type",
        "La typologie doit être un code de la classification.",
        "Donnez par exemple « 99_DE », ou rien pour la typologie habituelle.",
    )
