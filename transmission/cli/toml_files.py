"""TOML written by people: read with French refusals, numbers kept as they were typed."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from transmission.domain.errors import Problem, RefusedError

_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


def read_toml(path: Path) -> dict[str, Any]:
    """Content of a TOML file, decimal numbers as text. Raises RefusedError, OSError."""
    try:
        # A matière written 7.10 is not 7.1: decimals are codes here, never quantities.
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"), parse_float=str)
    except UnicodeDecodeError as error:
        raise toml_refused(
            path, ["le fichier n'est pas en UTF-8 : enregistrez-le ainsi"]
        ) from error
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        where = f"ligne {place[1]}, colonne {place[2]}" if place else "à la fin du fichier"
        raise toml_refused(path, [f"ce n'est pas du TOML ({where})"]) from error


def toml_refused(
    path: Path, faults: Iterable[str], remedy: str = "Corrigez ce fichier."
) -> RefusedError:
    """The refusal of a TOML file, or of what stands for it, fault by fault."""
    return RefusedError(
        [Problem(path.name, "fichier_toml", f"{fault}.", remedy) for fault in faults]
    )
