"""An authority described by people: a TOML file, options of the command line, or both."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from transmission.cli.toml_files import read_toml, toml_refused
from transmission.domain.collectivite import (
    Calendrier,
    Collectivite,
    Referent,
    SigningKey,
    TdtAccount,
)
from transmission.services.enroll import checked

_SECTIONS: Mapping[str, type] = {"tdt": TdtAccount, "referent": Referent, "signing_key": SigningKey}
_FRENCH = {
    str: "un texte entre guillemets",
    int: "un nombre entier",
    bool: "true ou false",
    list: "une liste de textes entre crochets",
    dict: "une section entre crochets",
}


def described(file: Path | None, options: Mapping[str, Any]) -> Collectivite:
    """The authority of a file, its settings overridden by options (``tdt__nom`` is in a section).

    Raises RefusedError naming every fault, OSError.
    """
    content: dict[str, Any] = read_toml(file) if file else {"tdt": {"connector": "s2low"}}
    for name, value in options.items():
        section, _, field = name.rpartition("__")
        place = content.setdefault(section, {}) if section else content
        if isinstance(place, dict):
            place[field] = list(value) if isinstance(value, tuple) else value
    faults = list(_faults(content, Collectivite, ""))
    if faults and file is None:
        raise toml_refused(Path("options"), faults, "Donnez-le, ou décrivez-la dans un FICHIER.")
    if faults and file is not None:
        raise toml_refused(file, faults)
    return checked(_built(content, file.parent if file else Path()))


def absent_files(collectivite: Collectivite) -> list[Path]:
    """Files that the settings name and that are not on this machine."""
    named = [
        getattr(section, field.name)
        for section in (collectivite.tdt, collectivite.signing_key)
        if section is not None
        for field in fields(section)
        if field.name.endswith("_file")
    ]
    return [Path(name) for name in named if name and not Path(name).is_file()]


def _faults(content: Mapping[str, Any], kind: type, prefix: str) -> Iterator[str]:
    known = {field.name: field for field in fields(kind)}
    hints = get_type_hints(kind)
    for name in content.keys() - known.keys():
        yield f"{prefix}{name} : ce nom est inconnu"
    for name, field in known.items():
        if name not in content:
            if _is_required(field, hints[name]):
                yield f"il manque {prefix}{name} ({_FRENCH[_expected(hints[name])]})"
        elif content[name] is not None:
            yield from _value_faults(content[name], hints[name], f"{prefix}{name}")


def _value_faults(value: Any, hint: Any, name: str) -> Iterator[str]:
    expected = _expected(hint)
    fits = type(value) is expected
    if not fits:
        yield f"{name} doit être {_FRENCH[expected]}"
    elif expected is dict:
        yield from _faults(value, _SECTIONS[name], f"{name}.")
    elif expected is list and not all(isinstance(item, str) for item in value):
        yield f"{name} doit être {_FRENCH[list]}"
    elif hint is Calendrier and value not in [known.value for known in Calendrier]:
        yield f"{name} : choisissez parmi {', '.join(known.value for known in Calendrier)}"


def _is_required(field: "Field[Any]", hint: Any) -> bool:
    # TOML has no way to write None: what may be None may be left out.
    has_default = field.default is not MISSING or field.default_factory is not MISSING
    return not has_default and not isinstance(hint, UnionType)


def _expected(hint: Any) -> type:
    """The type that TOML gives for a value of this kind."""
    if isinstance(hint, UnionType):
        hint = get_args(hint)[0]
    if get_origin(hint) is tuple:
        return list
    if hint in _SECTIONS.values():
        return dict
    return str if issubclass(hint, str | Enum) else hint


def _built(content: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    built = dict(content)
    for name, kind in _SECTIONS.items():
        if name in content:
            given = {field.name: None for field in fields(kind) if field.default is MISSING}
            given |= {k: _located(k, v, folder) for k, v in content[name].items()}
            built[name] = kind(**given)
    built["adresses_retour"] = tuple(content["adresses_retour"])
    built["calendrier"] = Calendrier(content.get("calendrier", "FR"))
    return built


def _located(name: str, value: Any, folder: Path) -> Any:
    # The processes of the service work in another folder than the person who typed this.
    return str((folder / value).absolute()) if name.endswith("_file") and value else value
