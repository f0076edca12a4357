"""An authority described by people: a TOML file, options of the command line, or both."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from transmission.cli.toml_files import read_toml, toml_refused
from transmission.domain.collectivite import Calendrier, Collectivite, LegalOptions
from transmission.domain.legal.options import SECTIONS, read_options
from transmission.services.enroll import checked

_FRENCH = {
    str: "un texte entre guillemets",
    int: "un nombre entier",
    bool: "true ou false",
    list: "une liste de textes entre crochets",
    dict: "une section entre crochets",
}
_SECTIONS_IN_FRENCH = "une suite de sections entre doubles crochets"


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
    told = {name: content.pop(name) for name in SECTIONS if name in content}
    legal, wrong = read_options(told)
    faults = [*_faults(content, Collectivite, ""), *map(str, wrong)]
    if faults and file is None:
        raise toml_refused(Path("options"), faults, "Donnez-le, ou décrivez-la dans un FICHIER.")
    if faults and file is not None:
        raise toml_refused(file, faults)
    folder = file.parent if file else Path()
    return checked(_built(content, Collectivite, folder) | {"droit": _placed(legal, folder)})


def absent_files(collectivite: Collectivite) -> list[Path]:
    """Files that the settings name and that are not on this machine."""
    tdt = collectivite.tdt
    keys, hooks = collectivite.all_signing_keys, collectivite.droit.rappels_webhooks
    sections = (tdt, tdt.mailbox, *keys, *hooks)
    named = [
        getattr(section, field.name)
        for section in sections
        if section is not None
        for field in fields(section)
        if field.name.endswith("_file")
    ]
    return [Path(name) for name in named if name and not Path(name).is_file()]


def _faults(content: Mapping[str, Any], kind: type, prefix: str) -> Iterator[str]:
    known = {field.name: field for field in fields(kind) if field.type is not LegalOptions}
    hints = get_type_hints(kind)
    for name in content.keys() - known.keys():
        yield f"{prefix}{name} : ce nom est inconnu"
    for name, field in known.items():
        if name not in content:
            if _is_required(field, hints[name]):
                yield f"il manque {prefix}{name} ({_in_french(hints[name])})"
        elif content[name] is not None:
            yield from _value_faults(content[name], hints[name], f"{prefix}{name}")


def _value_faults(value: Any, hint: Any, name: str) -> Iterator[str]:
    kind = _kind(hint)
    if type(value) is not _expected(hint):
        yield f"{name} doit être {_in_french(hint)}"
    elif isinstance(value, dict):
        yield from _faults(value, kind, f"{name}.")
    elif isinstance(value, list) and is_dataclass(kind):
        for rank, item in enumerate(value, 1):
            yield from _value_faults(item, kind, f"{name}[{rank}]")
    elif isinstance(value, list) and not all(isinstance(item, str) for item in value):
        yield f"{name} doit être {_in_french(hint)}"
    elif hint is Calendrier and value not in [known.value for known in Calendrier]:
        yield f"{name} : choisissez parmi {', '.join(known.value for known in Calendrier)}"


def _is_required(field: "Field[Any]", hint: Any) -> bool:
    # TOML has no way to write None: what may be None may be left out.
    has_default = field.default is not MISSING or field.default_factory is not MISSING
    return not has_default and not isinstance(hint, UnionType)


def _kind(hint: Any) -> Any:
    """The type of a value, or of each item of a list."""
    if isinstance(hint, UnionType) or get_origin(hint) is tuple:
        return get_args(hint)[0]
    return hint


def _expected(hint: Any) -> type:
    """The type that TOML gives for a value of this kind."""
    if get_origin(hint) is tuple:
        return list
    kind = _kind(hint)
    if is_dataclass(kind):
        return dict
    return str if issubclass(kind, str | Enum) else kind


def _in_french(hint: Any) -> str:
    if get_origin(hint) is tuple and is_dataclass(_kind(hint)):
        return _SECTIONS_IN_FRENCH
    return _FRENCH[_expected(hint)]


def _built(content: Mapping[str, Any], kind: type, folder: Path) -> dict[str, Any]:
    """What a ``kind`` is made of: its sections made, its files located from ``folder``."""
    hints = get_type_hints(kind)
    absent = {
        field.name: None
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }
    given = {name: _made(value, hints[name], folder) for name, value in content.items()}
    return absent | {name: _located(name, value, folder) for name, value in given.items()}


def _made(value: Any, hint: Any, folder: Path) -> Any:
    kind = _kind(hint)
    if isinstance(value, dict):
        return kind(**_built(value, kind, folder))
    if isinstance(value, list):
        return tuple(_made(item, kind, folder) for item in value)
    return kind(value) if kind is Calendrier else value


def _placed(options: LegalOptions, folder: Path) -> LegalOptions:
    """The options of the legal clock, their files located."""
    webhooks = [
        replace(each, secret_file=_located("secret_file", each.secret_file, folder))
        for each in options.rappels_webhooks
    ]
    return replace(options, rappels_webhooks=tuple(webhooks))


def _located(name: str, value: Any, folder: Path) -> Any:
    # The processes of the service work in another folder than the person who typed this.
    return str((folder / value).absolute()) if name.endswith("_file") and value else value
