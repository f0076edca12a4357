"""Options of an authority for the legal clock: as people write them, as they are kept, as read.

One shape serves the file of the authority and the register: two sections, ``droit`` and
``rappels`` (legal clock §14).
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import date
from enum import Enum
from functools import lru_cache, partial
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from transmission.domain import typed
from transmission.domain.collectivite import Collectivite, LegalOptions, PublicityMode, Webhook
from transmission.domain.legal.settings import PROFILES, LegalSettings
from transmission.domain.legal.sujets import AuthorityKind, LegalAuthority
from transmission.domain.mail_addresses import is_mail_address
from transmission.domain.typed import Fault, Typed

SECTIONS = ("droit", "rappels")
_MOST_DAYS = 60
_DAYS = f"doit être une liste de nombres de jours, de 0 à {_MOST_DAYS}"
_MAILS = "doit être une liste d'adresses de courriel"
_URL = "doit être une adresse https://, ou http:// de cette machine"
_CHOSEN = [mode for mode in PublicityMode if mode is not PublicityMode.GPU]
_HERE = ("127.0.0.1", "::1", "localhost")


def read_options(content: Mapping[str, Any]) -> tuple[LegalOptions, list[Fault]]:
    """The options of both sections, with every fault; a section that is absent has its defaults."""
    given = Typed({name: content.get(name) for name in SECTIONS if name in content})
    droit, rappels = given.section("droit"), given.section("rappels")
    options = _reminded(rappels, _read(droit))
    given.absorb(droit)
    given.absorb(rappels)
    return options, given.faults


def dump_options(options: LegalOptions) -> dict[str, Any]:
    """The reverse of :func:`read_options`, as JSON; what is not said is left out."""
    droit = {
        "population": options.population,
        "publicite": [
            {"date": day.isoformat(), "mode": mode.code} for day, mode in options.publicity
        ],
        "teletransmission_depuis": _iso(options.telematics_from),
        "date_commune_nouvelle": _iso(options.date_commune_nouvelle),
        "profil": options.profile,
        "reglages": dict(options.settings),
    }
    rappels = {
        "jours": list(options.rappels_jours),
        "courriels": list(options.rappels_courriels),
        "webhooks": [
            {"url": each.url, "secret_file": each.secret_file} for each in options.rappels_webhooks
        ],
    }
    said = {name: value for name, value in droit.items() if value not in (None, [], {})}
    return {"droit": said, "rappels": rappels}


def legal_settings_of(collectivite: Collectivite) -> LegalSettings:
    """How an authority reads the contested points: its profile, then its own settings."""
    return _settings_of(collectivite.droit)


# Asked for each act of an authority.
@lru_cache(maxsize=64)
def _settings_of(options: LegalOptions) -> LegalSettings:
    kinds = get_type_hints(LegalSettings)
    chosen = {name: _value(kinds[name], text) for name, text in options.settings}
    return replace(PROFILES[options.profile], **chosen)


def legal_authority_of(collectivite: Collectivite) -> LegalAuthority:
    """An authority, cut down to what the rules read."""
    options = collectivite.droit
    return LegalAuthority(
        AuthorityKind.of_nature(collectivite.nature),
        population=options.population,
        departement=collectivite.departement,
        calendrier=collectivite.calendrier,
        publicity=options.publicity,
        telematics_from=options.telematics_from,
        date_commune_nouvelle=options.date_commune_nouvelle,
    )


def _read(droit: Typed) -> LegalOptions:
    return LegalOptions(
        population=droit.take("population", typed.count, typed.COUNT),
        publicity=tuple(_publicity(droit)),
        telematics_from=droit.take("teletransmission_depuis", typed.day, typed.DAY),
        date_commune_nouvelle=droit.take("date_commune_nouvelle", typed.day, typed.DAY),
        profile=_profile(droit),
        settings=tuple(sorted(_settings(droit))),
    )


def _publicity(droit: Typed) -> Iterator[tuple[date, PublicityMode]]:
    for each in droit.sections("publicite"):
        each.require("date", "mode")
        day = each.take("date", typed.day, typed.DAY)
        mode = each.choose("mode", _CHOSEN)
        if day is not None and mode is not None:
            yield day, mode
        droit.absorb(each)


def _profile(droit: Typed) -> str:
    profile = droit.take("profil", typed.text, typed.TEXT) or "prudent"
    if profile not in PROFILES:
        droit.fault("profil", f": choisissez parmi {', '.join(PROFILES)}")
        return "prudent"
    return profile


def _settings(droit: Typed) -> Iterator[tuple[str, str]]:
    given = droit.section("reglages")
    kinds = get_type_hints(LegalSettings)
    for name in (field.name for field in fields(LegalSettings)):
        value = given.take(name, partial(_text, kinds[name]), _asked(kinds[name]))
        if value is not None:
            yield name, value
    droit.absorb(given)


def _text(kind: Any, value: Any) -> str:
    if kind is bool:
        return "oui" if typed.mark(value) else "non"
    return str(kind(value).value)


def _value(kind: Any, text: str) -> Any:
    return typed.mark(text) if kind is bool else kind(text)


def _asked(kind: type[Enum] | type[bool]) -> str:
    if issubclass(kind, Enum):
        return f": choisissez parmi {', '.join(str(each.value) for each in kind)}"
    return "doit être true ou false"


def _reminded(rappels: Typed, options: LegalOptions) -> LegalOptions:
    days = rappels.take("jours", _day_counts, _DAYS)
    return replace(
        options,
        rappels_jours=options.rappels_jours if days is None else days,
        rappels_courriels=rappels.take("courriels", _mails, _MAILS) or (),
        rappels_webhooks=tuple(_webhooks(rappels)),
    )


def _webhooks(rappels: Typed) -> Iterator[Webhook]:
    for each in rappels.sections("webhooks"):
        each.require("url", "secret_file")
        url = each.take("url", _url, _URL)
        secret = each.take("secret_file", typed.text, typed.TEXT)
        if url is not None and secret is not None:
            yield Webhook(url, secret)
        rappels.absorb(each)


def _day_counts(value: Any) -> tuple[int, ...]:
    days = {typed.count(each) for each in typed.many(value)}
    if any(day > _MOST_DAYS for day in days):
        raise ValueError
    return tuple(sorted(days, reverse=True))


def _mails(value: Any) -> tuple[str, ...]:
    mails = [typed.text(each) for each in typed.many(value)]
    if not all(map(is_mail_address, mails)):
        raise ValueError
    return tuple(dict.fromkeys(mails))


def _url(value: Any) -> str:
    parts = urlsplit(typed.text(value))
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    if not safe or not parts.hostname or not value.isprintable() or " " in value:
        raise ValueError
    return str(value)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
