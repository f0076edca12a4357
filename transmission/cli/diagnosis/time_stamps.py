"""Time stamps: whether somebody gives them, what is missing, what is odd."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from transmission.cli.diagnosis.findings import Finding, Subject, fine, warning, wrong
from transmission.console.words import duration
from transmission.domain.pulses import STAMPS_AGE
from transmission.ports.proof import UnsoundError
from transmission.ports.time_stamps import KnownTimeStamp
from transmission.signature.time_stamp import read_roots
from transmission.store.queries import Waiting


def time_stamps(
    addresses: Sequence[str],
    roots_file: Path | None,
    missing: Waiting,
    odd: KnownTimeStamp | None,
    now: datetime,
) -> Iterator[Finding]:
    """What the settings name, what is ``missing``, and the latest whose instant is ``odd``."""
    if roots_file is not None:
        try:
            read_roots(roots_file)
        except UnsoundError as error:
            yield wrong(Subject.TIME_STAMPS, f"TRANSMISSION_TSA_ROOTS_FILE : {error}.")
    since = missing.oldest_since
    if since is not None and (not addresses or now - since > STAMPS_AGE):
        yield warning(Subject.TIME_STAMPS, _told(addresses, missing.count, now - since))
    elif addresses:
        yield fine(Subject.TIME_STAMPS, "Tout ce qui doit être horodaté l'est, ou le sera bientôt.")
    else:
        yield fine(Subject.TIME_STAMPS, "Rien n'est horodaté : aucune autorité n'est réglée.")
    if odd is not None and odd.obtained is not None:
        yield warning(
            Subject.TIME_STAMPS,
            f"Horodatage ({odd.kind.label} n° {odd.subject_id}) : {odd.obtained.oddity}",
        )


def _told(addresses: Sequence[str], count: int, age: timedelta) -> str:
    told = (
        f"Horodatages demandés et pas encore obtenus : {count}, le premier depuis {duration(age)}."
    )
    if not addresses:
        return f"{told} Donnez TRANSMISSION_TSA_URLS et TRANSMISSION_TSA_ROOTS_FILE."
    return (
        f"{told} Ils le seront dès qu'une autorité répondra ; « transmission timestamps » dit "
        "pourquoi elle ne répond pas."
    )
