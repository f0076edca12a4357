"""Print the installed distributions that the project does not need to run, one a line.

There is one lock file, tools of development included, so that what runs is what was tested; the
image takes them out again. pip is left for the end: it is what takes the others out.
"""

import sys
from importlib.metadata import distribution, distributions

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

_KEPT = "pip"

_EXTRAS = frozenset({"s3", "pkcs11"})
"""What an image must also do, whoever installs it: documents may be in an object store, keys in a
hardware module."""

_Wanted = tuple[NormalizedName, frozenset[str]]
"""A name and the extras asked of it."""


def needed(name: str) -> set[NormalizedName]:
    """Names of a distribution and of all that it requires on this machine."""
    seen: set[_Wanted] = set()
    left: list[_Wanted] = [(canonicalize_name(name), _EXTRAS)]
    while left:
        wanted = left.pop()
        if wanted not in seen:
            seen.add(wanted)
            left += _required(*wanted)
    return {each for each, _ in seen}


def unneeded(root: str) -> list[NormalizedName]:
    """Names of what is installed and ``root`` does not need, pip apart."""
    installed = {canonicalize_name(each.name) for each in distributions()}
    return sorted(installed - needed(root) - {_KEPT})


def _required(name: NormalizedName, extras: frozenset[str]) -> list[_Wanted]:
    requirements = map(Requirement, distribution(name).requires or ())
    return [
        (canonicalize_name(each.name), frozenset(each.extras))
        for each in requirements
        if each.marker is None
        or any(each.marker.evaluate({"extra": extra}) for extra in extras or {""})
    ]


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}\n" for name in unneeded("transmission"))
