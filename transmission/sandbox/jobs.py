"""What is done with files from outside by a process that may die of it: from files to JSON."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from io import BufferedRandom
from pathlib import Path
from typing import Any, TypeAlias

Job: TypeAlias = Callable[[Mapping[str, Any], list[BufferedRandom]], Any]
"""From arguments and open files to a JSON value. Raises TransmissionError."""


def examine(_arguments: Mapping[str, Any], files: list[BufferedRandom]) -> Any:
    """What a PDF is: the fields of an Examination."""
    from transmission.pdf.inspector import ContentInspector

    return asdict(ContentInspector().examine(files[0]))


def stamp(arguments: Mapping[str, Any], files: list[BufferedRandom]) -> Any:
    """A stamped copy of the first file in the second."""
    from transmission.pdf.stamper import TamponStamper
    from transmission.ports import StampFacts

    source, target = files
    online = arguments["date_mise_en_ligne"]
    facts = StampFacts(
        date_reception=date.fromisoformat(arguments["date_reception"]),
        tdt_name=arguments["tdt_name"],
        identifiant=arguments["identifiant"],
        date_mise_en_ligne=online and date.fromisoformat(online),
        corner=arguments["corner"],
    )
    TamponStamper().stamp(_path(source), target, facts)
    target.flush()


def text(_arguments: Mapping[str, Any], files: list[BufferedRandom]) -> Any:
    """The words of the first pages of a PDF."""
    from transmission.pdf.texts import PdfTexts

    return PdfTexts().text_of(_path(files[0]))


def scellement(_arguments: Mapping[str, Any], files: list[BufferedRandom]) -> Any:
    """The name of the verdict on the seal of a budget."""
    from transmission.actes.budget import verify_scellement

    return verify_scellement(files[0].read()).name


def signatures(arguments: Mapping[str, Any], files: list[BufferedRandom]) -> Any:
    """What the signatures of a PDF are worth, by roots in PEM."""
    from transmission.domain.pdf_signatures import PdfSignatures, dump_signatures
    from transmission.signature.signed_pdf import certificates_of, read_signatures

    roots = certificates_of(arguments["roots"].encode())
    if arguments["roots"] and not roots:
        return dump_signatures(PdfSignatures(unread="aucune racine de confiance n'est lisible"))
    now = datetime.fromisoformat(arguments["now"])
    return dump_signatures(read_signatures(files[0], roots, now))


def _path(file: BufferedRandom) -> Path:
    return Path(f"/proc/self/fd/{file.fileno()}")


JOBS: Mapping[str, Job] = {
    "examine": examine,
    "stamp": stamp,
    "text": text,
    "scellement": scellement,
    "signatures": signatures,
}
