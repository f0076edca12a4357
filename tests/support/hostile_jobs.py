"""Jobs for the process that reads files, each as unpleasant as a file may be."""

import ctypes
import os
import resource
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from transmission.domain.errors import TransmissionError

Given = Mapping[str, Any]
Files = list[BinaryIO]


class WrongFileError(TransmissionError):
    """What a job says of a file."""


def refuses(_given: Given, _files: Files) -> None:
    raise WrongFileError("ce fichier ne va pas")


def breaks(_given: Given, _files: Files) -> None:
    raise ZeroDivisionError("secret")


def eats(_given: Given, _files: Files) -> int:
    return len(bytearray(4 * 1024**3))


def aborts(_given: Given, _files: Files) -> None:
    os.abort()


def reads_nowhere(_given: Given, _files: Files) -> None:
    ctypes.string_at(0)


def turns(_given: Given, _files: Files) -> None:
    while True:
        pass


def sleeps(_given: Given, _files: Files) -> None:
    time.sleep(60)


def recurses(given: Given, files: Files) -> None:
    recurses(given, files)


def answers_at_length(_given: Given, _files: Files) -> str:
    return "x" * (65 * 1024**2)


def tells(given: Given, files: Files) -> Any:
    return {"arguments": dict(given), "files": [file.read().decode() for file in files]}


def process(_given: Given, _files: Files) -> int:
    return os.getpid()


def surroundings(_given: Given, _files: Files) -> Any:
    return {
        "names": sorted(os.environ),
        "open": sorted(int(each.name) for each in Path("/proc/self/fd").iterdir()),
        "core": resource.getrlimit(resource.RLIMIT_CORE),
    }


JOBS: Mapping[str, Callable[[Given, Files], Any]] = {
    job.__name__: job
    for job in (
        refuses, breaks, eats, aborts, reads_nowhere, turns, sleeps, recurses, answers_at_length,
        tells, process, surroundings,
    )
}  # fmt: skip
