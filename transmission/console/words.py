"""How the pages write instants, durations, sizes and foreign text, in French."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from transmission.domain.french_dates import long_date

_SPACE = "\u00a0"
_PARIS = "Europe/Paris"
_STEPS = (
    (timedelta(days=2), timedelta(days=1), "jours"),
    (timedelta(hours=2), timedelta(hours=1), "h"),
    (timedelta(minutes=1), timedelta(minutes=1), "min"),
)
_KEPT_CONTROLS = "\n\t"
_NAME_MAX = 120
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]')


def day(value: date) -> str:
    """A civil date: ``1er mars 2023``."""
    return long_date(value).replace(" ", _SPACE)


def month(value: date) -> str:
    """The month of a civil date: ``mars 2023``."""
    return long_date(value.replace(day=1)).partition(" ")[2].replace(" ", _SPACE)


def moment(at: datetime, time_zone: str) -> str:
    """An instant at the authority's wall clock: ``10 mars 2023 à 14 h 05``.

    The place is named when it is not the Paris clock.
    """
    local = at.astimezone(ZoneInfo(time_zone))
    place = "" if time_zone == _PARIS else f" (heure de {_place(time_zone)})"
    return f"{day(local.date())} à{_SPACE}{local.hour}{_SPACE}h{_SPACE}{local.minute:02d}{place}"


def distance(at: datetime, now: datetime) -> str:
    """How far an instant is: ``il y a 3 jours``, ``dans 5 min``, ``à l'instant``."""
    if abs(at - now) < timedelta(minutes=1):
        return "à l'instant" if at <= now else f"dans moins d'1{_SPACE}min"
    return f"il y a {duration(now - at)}" if at < now else f"dans {duration(at - now)}"


def duration(length: timedelta) -> str:
    """A duration in its largest unit, rounded down: ``3 jours``, ``5 h``, ``12 min``."""
    for least, unit, name in _STEPS:
        if length >= least:
            return f"{length // unit}{_SPACE}{name}"
    return f"moins d'1{_SPACE}min"


def size(count: int) -> str:
    """A size in bytes: ``812 octets``, ``14 ko``, ``2,3 Mo``, ``81,7 Go`` (powers of ten)."""
    if count < 1000:
        return f"{count}{_SPACE}{'octets' if count > 1 else 'octet'}"
    if count < 1_000_000:
        return f"{count // 1000}{_SPACE}ko"
    unit, name = (1_000_000, "Mo") if count < 1_000_000_000 else (1_000_000_000, "Go")
    return f"{count / unit:.1f}{_SPACE}{name}".replace(".", ",")


def number(count: int) -> str:
    """A number with the French thousands separator: ``1 000``."""
    return f"{count:,}".replace(",", "\u202f")


def plural(count: int, singular: str, several: str) -> str:
    """``1 acte``, ``12 actes``; zero is singular in French."""
    return f"{number(count)}{_SPACE}{several if count > 1 else singular}"


def percent(part: int, whole: int) -> str:
    """A share in whole percents, never told as nothing or as all when it is not: ``< 1 %``."""
    if not whole:
        return "–"
    nearest = (200 * part + whole) // (2 * whole)
    if nearest == 0 < part:
        return f"<{_SPACE}1{_SPACE}%"
    if nearest == 100 and part < whole:
        return f">{_SPACE}99{_SPACE}%"
    return f"{nearest}{_SPACE}%"


def shortened(text: str, limit: int) -> str:
    """At most ``limit`` characters, cut between words where possible."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    return f"{kept.rpartition(' ')[0] or kept}…"


def safe_name(name: str, extension: str) -> str:
    """A file name that no system takes for a path, a command or another type than it is.

    ``extension`` is known from the content: whatever the name says, it ends with it.
    """
    kept = "".join(c for c in name if unicodedata.category(c)[0] not in "CZ" or c == " ")
    stem = _FORBIDDEN.sub("_", kept).strip()
    if stem.lower().endswith(f".{extension}"):
        stem = stem[: -len(extension) - 1]
    return f"{stem.strip(' .')[:_NAME_MAX].rstrip(' .') or 'document'}.{extension}"


def visible(text: str) -> str:
    """Text from outside with what could disguise it spelt out: controls, direction marks."""
    return "".join(f"⟨U+{ord(c):04X}⟩" if _is_hidden(c) else c for c in text)


def _is_hidden(character: str) -> bool:
    # Cc controls, Cf direction and joining marks, Co private use, Cs lone surrogates.
    category = unicodedata.category(character)
    return category in ("Cc", "Cf", "Co", "Cs") and character not in _KEPT_CONTROLS


def _place(time_zone: str) -> str:
    return time_zone.rpartition("/")[2].replace("_", " ")
