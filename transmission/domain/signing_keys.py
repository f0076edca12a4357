"""What the description of a signing key must say, whether it is in a file or in hardware."""

import re
from collections.abc import Iterator
from typing import Final

from transmission.domain.collectivite import SigningKey

SEAL_FORMATS: Final = ("cades", "xades")
"""Forms of the seal of an archive: CMS (EN 319 122-1), or XML (EN 319 132-1)."""

_OF_HARDWARE: Final = ("token", "key_label", "key_id", "pin_file")
_HEXADECIMAL: Final = re.compile(r"([0-9a-fA-F]{2})+")


def key_flaws(key: SigningKey) -> Iterator[str]:
    """What is missing from a description, or contradicts it: French, no final stop."""
    if (key.key_file is None) == (key.module_file is None):
        yield "donnez key_file (clé dans un fichier) ou module_file (clé dans un matériel)"
    elif key.module_file is None:
        given = [name for name in _OF_HARDWARE if getattr(key, name) is not None]
        if given:
            yield f"{', '.join(given)} ne vaut que pour une clé dans un matériel (module_file)"
    else:
        yield from _hardware_flaws(key)


def _hardware_flaws(key: SigningKey) -> Iterator[str]:
    if key.passphrase_file is not None:
        yield "une clé dans un matériel s'ouvre par pin_file et non par passphrase_file"
    for name in ("token", "pin_file"):
        if getattr(key, name) is None:
            yield f"il manque {name}"
    if key.key_label is None and key.key_id is None:
        yield "donnez key_label ou key_id, qui désigne la clé dans le jeton"
    if key.key_id is not None and not _HEXADECIMAL.fullmatch(key.key_id):
        yield "key_id s'écrit en hexadécimal, deux chiffres par octet"
