"""Reminders as they are told: one e-mail for several, one event for each to a program.

A subject line never holds words of an act, whose object may name a person: it says how many limits
of which kind, and by which day. The object is in the body, below what a preview shows.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from itertools import groupby
from typing import Any

from transmission.domain.french_dates import long_date
from transmission.domain.legal.rappels import Limit, Reminder, is_duty
from transmission.domain.legal.rappels_conseils import CONSEILS, Conseil
from transmission.domain.mails import Digest, html_page
from transmission.domain.texte import printable

EVENT_TYPE = "fr.transmission.echeance.rappel"
SHOWN = 20
"""Acts named under one limit; beyond, their number."""

_KINDS_IN_SUBJECT = 2
_OBJET_MAX = 160
_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_WHY_TOLD = (
    "Chaque échéance est rappelée une fois à chacun des délais choisis par la collectivité, et de "
    "nouveau si sa date change."
)


@dataclass(frozen=True, slots=True)
class Teller:
    """Whose limits are told, on which civil day, with what address of the console before paths.

    ``console`` is None when nobody said under which address people reach it.
    """

    nom: str
    siren: str
    today: date
    console: str | None = None

    def digest(self, reminders: Sequence[Reminder]) -> Digest:
        """All of them in one e-mail; ``reminders`` is in the order of ``due_reminders``."""
        sections = tuple(_sections(reminders))
        head = f"{printable(self.nom)} (SIREN {self.siren}) : rappels du {long_date(self.today)}"
        return Digest(_subject(reminders), self._text(head, sections), self._html(head, sections))

    def event(self, reminder: Reminder, at: datetime) -> dict[str, Any]:
        """One of them as a CloudEvent 1.0 (JSON); ``at`` is an aware instant.

        Its id is the key of the reminder under its authority. The object of the act is not in it.
        """
        limit = reminder.limit
        return {
            "specversion": "1.0",
            "id": f"{self.siren}:{reminder.key}",
            "source": f"/collectivites/{self.siren}",
            "type": EVENT_TYPE,
            "subject": limit.numero,
            "time": at.isoformat(),
            "datacontenttype": "application/json",
            "data": {
                "siren": self.siren,
                "acte": {
                    "id": limit.acte_id,
                    "numero_interne": limit.numero,
                    "date_decision": limit.date_decision.isoformat(),
                    "nature": limit.nature.code,
                },
                "echeance": limit.name.code,
                "libelle": limit.name.label,
                "date": limit.day.isoformat(),
                "regle": limit.rule,
                "provisoire": limit.provisional,
                "a_verifier": limit.to_verify,
                "a_faire": is_duty(limit.name),
                "jours_restants": reminder.left,
            },
        }

    def _text(self, head: str, sections: Sequence["_Section"]) -> str:
        parts = [head]
        for duty, group in groupby(sections, key=lambda each: each.is_duty):
            parts.append(_GROUPS[duty].upper())
            parts += [self._section_text(each) for each in group]
        return "\n\n".join([*parts, _WHY_TOLD]) + "\n"

    def _section_text(self, section: "_Section") -> str:
        lines = [
            section.heading,
            *(f"- {_named(each)}{self._at(each, ' ')}" for each in section.shown),
            *section.beyond,
            f"Pour : {section.conseil.qui}.",
            section.conseil.why,
            section.conseil.todo,
            section.source,
        ]
        return "\n".join(lines)

    def _html(self, head: str, sections: Sequence["_Section"]) -> str:
        parts = [f"<h1>{escape(head)}</h1>"]
        for duty, group in groupby(sections, key=lambda each: each.is_duty):
            parts.append(f"<h2>{_GROUPS[duty]}</h2>")
            parts += [self._section_html(each) for each in group]
        body = "\n".join([*parts, f"<p>{_WHY_TOLD}</p>"])
        return html_page(head, body)

    def _section_html(self, section: "_Section") -> str:
        items = [f"<li>{self._linked(each)}</li>" for each in section.shown]
        items += [f"<li>{line}</li>" for line in section.beyond]
        conseil = section.conseil
        paragraphs = [
            f"Pour : {conseil.qui}.", f"{conseil.why} {conseil.todo}", section.source
        ]  # fmt: skip
        return "\n".join(
            [
                f"<h3>{escape(section.heading)}</h3>",
                "<ul>",
                *items,
                "</ul>",
                *(f"<p>{escape(each)}</p>" for each in paragraphs),
            ]
        )

    def _at(self, limit: Limit, before: str) -> str:
        return f"{before}{self.console}/actes/{limit.acte_id}" if self.console else ""

    def _linked(self, limit: Limit) -> str:
        named = escape(_named(limit))
        address = self._at(limit, "")
        return f'<a href="{escape(address)}">{named}</a>' if address else named


@dataclass(frozen=True, slots=True)
class _Section:
    """One limit of one day, for all the acts that have it."""

    left: int
    limits: tuple[Limit, ...]

    @property
    def is_duty(self) -> bool:
        return is_duty(self.limits[0].name)

    @property
    def conseil(self) -> Conseil:
        return CONSEILS[self.limits[0].name]

    @property
    def heading(self) -> str:
        day = self.limits[0].day
        weekday = _WEEKDAYS[day.weekday()].capitalize()
        return f"{weekday} {long_date(day)} ({_distance(self.left)}) : {self.conseil.title}"

    @property
    def shown(self) -> tuple[Limit, ...]:
        return self.limits[:SHOWN]

    @property
    def beyond(self) -> tuple[str, ...]:
        rest = len(self.limits) - SHOWN
        return () if rest <= 0 else (f"et {rest} autre{'s' * (rest > 1)}, dans la console",)

    @property
    def source(self) -> str:
        limit = self.limits[0]
        doubt = " Cette règle est à vérifier." if limit.to_verify else ""
        return f"Règle : {limit.basis}.{doubt}"


_GROUPS = {True: "À faire", False: "Pour information"}


def _sections(reminders: Sequence[Reminder]) -> Iterator[_Section]:
    for _, group in groupby(reminders, key=lambda r: (r.limit.name, r.limit.day, r.limit.rule)):
        together = tuple(group)
        yield _Section(together[0].left, tuple(each.limit for each in together))


def _subject(reminders: Sequence[Reminder]) -> str:
    last = max(each.limit.day for each in reminders)
    counted = Counter(each.limit.name for each in reminders)
    kinds = [f"{count} {CONSEILS[name].kinds[count > 1]}" for name, count in counted.items()]
    if len(kinds) > _KINDS_IN_SUBJECT:
        kinds = [f"{len(reminders)} échéances légales"]
    return f"Rappel : {' et '.join(kinds)} d'ici au {long_date(last)}"


def _distance(left: int) -> str:
    return ("aujourd'hui", "demain")[left] if left < 2 else f"dans {left} jours"


def _named(limit: Limit) -> str:
    objet = printable(limit.objet)
    if len(objet) > _OBJET_MAX:
        objet = f"{objet[: _OBJET_MAX - 1]}…"
    doubt = " [date provisoire : un nouvel élément peut la déplacer]" if limit.provisional else ""
    return f"acte {limit.numero} du {long_date(limit.date_decision)}, « {objet} »{doubt}"
