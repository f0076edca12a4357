"""What is said of an act in JSON, read strictly: what is unknown or of another type is refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from transmission.api.bodies import is_storable, json_object, shown_name
from transmission.domain.acceptance import Form
from transmission.domain.errors import Problem

TEXTS = ("numero", "date", "nature", "matiere", "objet")
_KEYS = (*TEXTS, "document_papier", "typologie", "annexes")
TEXT_MAX = 4000
"""Characters of a text."""

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
    itself when nothing is said of them. ``document`` and ``uploads`` are the uploads of the act
    itself and of its annexes, when it is handed over by these.
    """

    form: Form
    typologie: str | None
    annexes: tuple[str | None, ...] | None
    problems: tuple[Problem, ...]
    document: int | None = None
    uploads: tuple[int, ...] = ()


def read_words(content: bytes, what: str = "La partie « acte »") -> Words:
    """Read the part ``acte``. Raises RefusalError for what is not a JSON object at all."""
    return words_of(json_object(content, what))


def words_of(said: Mapping[str, Any], *, by_uploads: bool = False) -> Words:
    """Read what is said of an act, its files included when they are uploads."""
    known = (*_KEYS, "document") if by_uploads else _KEYS
    problems = [*unknown_names(said, known), *_texts(said), *_flags(said)]
    problems += _annexes(said, by_uploads=by_uploads)
    if by_uploads and not is_upload(said.get("document")):
        problems.append(bad_upload("document"))
    texts = {name: said.get(name, "") for name in TEXTS}
    form = Form(
        **{name: text if isinstance(text, str) else "" for name, text in texts.items()},
        document_papier=said.get("document_papier") is True,
    )
    typologie, document = said.get("typologie"), said.get("document")
    return Words(
        form,
        typologie if isinstance(typologie, str) else None,
        _typologies(said.get("annexes")),
        tuple(problems),
        document if is_upload(document) else None,
        tuple(_uploads(said.get("annexes"))) if by_uploads else (),
    )


def unknown_names(said: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Problem]:
    """A problem for each name that nobody reads."""
    for name in said:
        if name not in known:
            yield Problem(
                shown_name(name),
                "champ_inconnu",
                "Ce champ n'existe pas.",
                f"Champs : {', '.join(known)}.",
            )


def is_upload(value: Any) -> bool:
    """Whether a value can be the number of an upload."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def bad_upload(field: str) -> Problem:
    """What is said where the number of an upload is expected."""
    return Problem(
        field,
        "televersement",
        "Il faut ici le numéro d'un téléversement.",
        "Donnez l'« id » qu'a rendu POST /api/v1/televersements.",
    )


def _texts(said: Mapping[str, Any]) -> Iterator[Problem]:
    for name in TEXTS:
        value = said.get(name)
        remedy = f"Donnez un texte, par exemple « {_EXAMPLES[name]} »."
        if value is None:
            yield Problem(name, f"{name}_absent", "Ce champ manque.", remedy)
        elif not isinstance(value, str):
            yield Problem(name, "champ_type", "Ce champ doit être un texte.", remedy)
        elif not is_storable(value, TEXT_MAX):
            yield Problem(name, "champ_texte", "Ce texte est trop long ou illisible.", remedy)


def _flags(said: Mapping[str, Any]) -> Iterator[Problem]:
    if not isinstance(said.get("document_papier", False), bool):
        yield Problem(
            "document_papier", "champ_type", "Ce champ doit être true ou false.", "Corrigez-le."
        )
    if not _is_typologie(said.get("typologie")):
        yield _bad_typologie("typologie")


def _annexes(said: Mapping[str, Any], *, by_uploads: bool) -> Iterator[Problem]:
    given = said.get("annexes")
    if given is None:
        return
    if not isinstance(given, list):
        remedy = 'Donnez par exemple [{"typologie": "99_AU"}, {}].'
        yield Problem("annexes", "champ_type", "Ce champ doit être une liste.", remedy)
        return
    names = {"typologie", "televersement"} if by_uploads else {"typologie"}
    for rank, annexe in enumerate(given, start=1):
        known = isinstance(annexe, dict) and set(annexe) <= names
        if not known or not _is_typologie(annexe.get("typologie")):
            yield _bad_typologie(f"annexes[{rank}]")
        elif by_uploads and not is_upload(annexe.get("televersement")):
            yield bad_upload(f"annexes[{rank}]")


def _uploads(given: Any) -> Iterator[int]:
    for each in given if isinstance(given, list) else ():
        if isinstance(each, dict) and is_upload(each.get("televersement")):
            yield each["televersement"]


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
        isinstance(value, str) and 0 < len(value) <= 20 and is_storable(value, TEXT_MAX)
    )


def _bad_typologie(field: str) -> Problem:
    return Problem(
        field,
        "champ_type",
        "La typologie doit être un code de la classification.",
        "Donnez par exemple « 99_DE », ou rien pour la typologie habituelle.",
    )
