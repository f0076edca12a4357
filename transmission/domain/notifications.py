"""What people are told by e-mail: which kinds of events, at which pace, in which words.

A subject line says what happened and how many times. It never holds words of an act, whose object
may name a person: the object is in the body.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import groupby

from transmission.domain.cloud_events import EventType
from transmission.domain.coded import Coded
from transmission.domain.mails import Digest, html_page
from transmission.domain.texte import printable

SHOWN = 30
"""Mentions of one kind in an e-mail; beyond, their number."""

_OBJET_MAX = 160


class Kind(Coded):
    """What a person may ask to be told: code kept, label, singular and plural of a subject line."""

    COURRIER = ("courrier", "Courriers de la préfecture", "courrier de la préfecture",
                "courriers de la préfecture")  # fmt: skip
    ANOMALIE = ("anomalie", "Anomalies et refus", "anomalie", "anomalies")
    INCERTAIN = ("incertain", "Envois incertains", "envoi incertain", "envois incertains")
    BLOQUE = ("bloque", "Envois en attente d'un opérateur", "envoi en attente d'un opérateur",
              "envois en attente d'un opérateur")  # fmt: skip
    CERTIFICAT = ("certificat", "Certificats, jetons et clés qui expirent", "expiration proche",
                  "expirations proches")  # fmt: skip
    ECHEANCE = ("echeance", "Échéances légales", "échéance légale", "échéances légales")
    AR = ("ar", "Accusés de réception", "accusé de réception", "accusés de réception")

    def __init__(self, code: str, label: str, singular: str, plural: str) -> None:
        self.code = code
        self.label = label
        self.singular = singular
        self.plural = plural

    def counted(self, count: int) -> str:
        """``2 accusés de réception``."""
        return f"{count} {self.plural if count > 1 else self.singular}"


class Pace(Coded):
    """How soon: code kept, label shown."""

    AT_ONCE = ("aussitot", "aussitôt")
    DAILY = ("quotidien", "une fois par jour")
    NEVER = ("jamais", "jamais")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


_T = EventType
KINDS: dict[EventType, Kind] = {
    _T.ACTE_RECU: Kind.AR,
    _T.ACTE_ANNULE: Kind.AR,
    _T.REPONSE_RECUE: Kind.AR,
    _T.ACTE_ANOMALIE: Kind.ANOMALIE,
    _T.ACTE_ANNULATION_REFUSEE: Kind.ANOMALIE,
    _T.REPONSE_ANOMALIE: Kind.ANOMALIE,
    _T.COURRIER_RECU: Kind.COURRIER,
    _T.ACTE_EN_ATTENTE: Kind.BLOQUE,
    _T.ANNULATION_EN_ATTENTE: Kind.BLOQUE,
    _T.REPONSE_EN_ATTENTE: Kind.BLOQUE,
    _T.ACTE_INCERTAIN: Kind.INCERTAIN,
    _T.ANNULATION_INCERTAINE: Kind.INCERTAIN,
    _T.REPONSE_INCERTAINE: Kind.INCERTAIN,
}
"""What an event of the journal is to people; the others are told to programs alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One thing to tell: ``what`` is a sentence without its full stop; the rest is the act, if any.

    ``key`` names it for ever in its authority. ``todo`` is what the reader may do, or nothing.
    """

    key: str
    kind: Kind
    at: datetime
    what: str
    todo: str = ""
    acte_id: int | None = None
    numero: str | None = None
    objet: str | None = None

    @property
    def line(self) -> str:
        """What happened, to which act."""
        if self.numero is None:
            return printable(self.what)
        objet = printable(self.objet or "")
        if len(objet) > _OBJET_MAX:
            objet = f"{objet[: _OBJET_MAX - 1]}…"
        named = f"acte {self.numero}" + (f", « {objet} »" if objet else "")
        return f"{printable(self.what)} : {named}"


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail to one person about one authority; ``console`` is its address, None if unknown."""

    nom: str
    siren: str
    console: str | None = None

    def write(self, mentions: Sequence[Mention]) -> Digest:
        """The e-mail of one mention or more, the gravest kinds first, each oldest first."""
        order = tuple(Kind)
        ordered = sorted(mentions, key=lambda each: (order.index(each.kind), each.at, each.key))
        groups = [(kind, list(group)) for kind, group in groupby(ordered, lambda m: m.kind)]
        return Digest(self._subject(ordered), self._text(groups), self._html(groups))

    def _subject(self, mentions: Sequence[Mention]) -> str:
        counted = Counter(each.kind for each in mentions)
        told = [kind.counted(count) for kind, count in counted.items()]
        return f"Télétransmission : {', '.join(told)}"

    def _head(self) -> str:
        return f"{printable(self.nom)} (SIREN {self.siren})"

    def _text(self, groups: "_Groups") -> str:
        parts = [self._head()]
        for kind, group in groups:
            lines = [kind.label.upper()]
            for mention in group[:SHOWN]:
                lines.append(f"- {mention.line}")
                lines += [f"  {each}" for each in (mention.todo, self._address(mention)) if each]
            parts.append("\n".join([*lines, *_beyond(group)]))
        return "\n\n".join([*parts, *self._choices()]) + "\n"

    def _html(self, groups: "_Groups") -> str:
        parts = [f"<h1>{escape(self._head())}</h1>"]
        for kind, group in groups:
            items = "\n".join(f"<li>{self._item(each)}</li>" for each in group[:SHOWN])
            parts.append(f"<h2>{escape(kind.label)}</h2>\n<ul>\n{items}\n</ul>")
            parts += [f"<p>{escape(line)}</p>" for line in _beyond(group)]
        parts += [f"<p>{escape(line)}</p>" for line in self._choices()]
        body = "\n".join(parts)
        return html_page(self._head(), body)

    def _item(self, mention: Mention) -> str:
        address = self._address(mention)
        line = escape(mention.line)
        named = f'<a href="{escape(address)}">{line}</a>' if address else line
        return f"{named}<br>{escape(mention.todo)}" if mention.todo else named

    def _address(self, mention: Mention) -> str:
        if self.console is None or mention.acte_id is None:
            return ""
        return f"{self.console}/actes/{mention.acte_id}"

    def _choices(self) -> Iterator[str]:
        yield "Vous choisissez ce qui vous est annoncé, et quand, sur la page de votre compte."
        if self.console:
            yield f"{self.console}/compte"


_Groups = Sequence[tuple[Kind, Sequence[Mention]]]


def _beyond(group: Sequence[Mention]) -> list[str]:
    rest = len(group) - SHOWN
    return [] if rest <= 0 else [f"et {rest} de plus, dans la console"]
