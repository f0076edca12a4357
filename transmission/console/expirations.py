"""What ends one day, in order: what will break then, and what to do before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from transmission.console.words import plural
from transmission.domain.access import Token, counting
from transmission.domain.collectivite import Collectivite
from transmission.signature.expiry import HeldFile, held_files
from transmission.store.queries.service_health import HeldClassification, OpenLink

URGENT, SOON = timedelta(days=7), timedelta(days=30)
CLASSIFICATION_LASTS = timedelta(days=365)
"""After which the classification held is worth asking for again: the ministry changes its own."""

_RELIEVED = (
    "Rien ne s'arrête : une autre clé de signature prend la suite.",
    "Retirez cette clé de la description quand elle aura expiré.",
)
_PURPOSES = {"password": "choisir un mot de passe", "enter": "entrer"}


@dataclass(frozen=True, slots=True)
class Expiration:
    """Something that ends at an aware instant, shown in a time zone. Words are French."""

    at: datetime
    what: str
    whose: str
    breaks: str
    remedy: str
    time_zone: str = "Europe/Paris"
    relieved: bool = False
    """Something else takes over, or has: nothing stops."""

    def standing(self, now: datetime) -> str:
        """How near it is: « alerte », « doute », or empty for what is far or stops nothing."""
        if self.relieved:
            return ""
        left = self.at - now
        return "alerte" if left <= URGENT else "doute" if left <= SOON else ""

    def is_over(self, now: datetime) -> bool:
        """Whether it ended."""
        return self.at <= now


def of_certificates(authorities: Sequence[Collectivite]) -> Iterator[Expiration]:
    """The certificates that this machine can read, one for each file and each use of it."""
    held, _ = held_files(authorities)
    files: dict[tuple[str, str, bool], list[HeldFile]] = {}
    for each in held:
        known = (each.what, each.path, each.is_relieved(each.validity.end))
        files.setdefault(known, []).append(each)
    for (what, _, relieved), same in files.items():
        breaks, remedy = _RELIEVED if relieved else _consequence(what)
        yield Expiration(
            same[0].validity.end,
            what,
            _whose([each.owner.nom for each in same]),
            breaks,
            remedy,
            same[0].owner.time_zone,
            relieved,
        )


def _consequence(what: str) -> tuple[str, str]:
    """What breaks at the end of a file, and what to do before."""
    trusted = what.startswith("Une autorité")
    return (
        "Plus rien n'est signé : les envois signés attendent."
        if what == "Le certificat de signature"
        else "La connexion est refusée : les envois et les accusés attendent.",
        "Demandez au TdT son nouveau certificat d'autorité, et remplacez le fichier."
        if trusted
        else "Demandez son renouvellement, puis remplacez le fichier sous le même nom.",
    )


def of_tokens(owner: Collectivite, every: Sequence[Token], now: datetime) -> Iterator[Expiration]:
    """The tokens of an authority that end."""
    for each in counting(every, now):
        if each.expires_at is not None:
            yield Expiration(
                each.expires_at,
                f"Le jeton « {each.name} »",
                owner.nom,
                "Ce logiciel est refusé : il ne remet et ne lit plus rien.",
                "Créez-en un autre, remettez-le au logiciel, puis révoquez celui-ci.",
                owner.time_zone,
            )


def of_classifications(held: Sequence[HeldClassification], now: datetime) -> Iterator[Expiration]:
    """Classifications that grow old, and authorities that have none."""
    for each in held:
        if each.version is None or each.received_at is None:
            yield Expiration(
                now,
                "La classification des actes n'a pas encore été reçue",
                each.nom,
                "Aucun acte ne peut être remis.",
                "Elle est demandée d'elle-même ; si cela dure, appelez le TdT.",
                each.time_zone,
            )
        else:
            yield Expiration(
                each.received_at + CLASSIFICATION_LASTS,
                f"La classification du {each.version:%d/%m/%Y}",
                each.nom,
                "Rien ne s'arrête ; mais si le ministère en a changé, des actes seront rejetés.",
                "Demandez-la de nouveau : « transmission authority classification ».",
                each.time_zone,
            )


def of_links(links: Sequence[OpenLink]) -> Iterator[Expiration]:
    """One-time links that nobody used."""
    for each in links:
        purpose = _PURPOSES.get(each.purpose, "entrer")
        yield Expiration(
            each.expires_at,
            f"Le lien à usage unique pour {purpose}",
            each.login,
            "Cette personne ne pourra plus s'en servir.",
            "Donnez-lui-en un autre si elle n'est pas venue.",
        )


def _whose(names: Sequence[str], shown: int = 2) -> str:
    every = list(dict.fromkeys(names))
    rest = len(every) - shown
    if rest <= 0:
        return " et ".join(every)
    return f"{', '.join(every[:shown])} et {plural(rest, 'autre', 'autres')}"
