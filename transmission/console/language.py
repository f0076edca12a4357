"""In which language the console speaks to whoever asks: French, unless they wish otherwise."""

from contextvars import ContextVar
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Scope

from transmission.domain.accounts import FRENCH, LANGUAGES

SPOKEN: ContextVar[str] = ContextVar("spoken", default=FRENCH)
"""The language of the page that is being made, a key of ``LANGUAGES``."""

_MOST = 500


def wished(scope: Scope) -> str:
    """What somebody who is not known wishes: by ``?langue=``, or as their browser says."""
    query: dict[str, list[str]] = parse_qs(scope["query_string"].decode("latin-1")[:_MOST])
    for asked in query.get("langue", ()):
        if asked in LANGUAGES:
            return asked
    return preferred(Headers(scope=scope).get("accept-language", ""))


def preferred(accepted: str) -> str:
    """The language that an ``Accept-Language`` ranks first among ours (RFC 9110 §12.5.4)."""
    best, rank = FRENCH, 0.0
    for each in accepted[:_MOST].split(","):
        name, _, weight = each.partition(";")
        code = name.strip().lower().partition("-")[0]
        worth = _weight(weight)
        if code in LANGUAGES and worth > rank:
            best, rank = code, worth
    return best


def _weight(text: str) -> float:
    name, _, value = text.replace(" ", "").partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name == "q" else 0.0
    except ValueError:
        return 0.0
