"""The golden cases of the legal clock (§16), worked out by hand: the table, and a row as read.

A row is an id, an operation, what goes in, the calendar and settings that are not the prudent ones
(between brackets), and what comes out. Events are ``KIND:received`` or ``KIND:received/sent``.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.periods import MonthEnd
from transmission.domain.legal.settings import PRUDENT, LegalSettings, Timeliness

GOLDEN = """\
G01 defere recu=2026-01-12 -> last_day=2026-03-13
G02 defere recu=2025-12-31 -> last_day=2026-03-02
G03 defere recu=2023-12-31 -> last_day=2024-03-01
G04 defere recu=2023-12-30 -> last_day=2024-03-01
G05 defere recu=2026-02-28 -> last_day=2026-04-29
G06 defere recu=2024-02-29 -> last_day=2024-04-30
G07 defere recu=2026-06-30 -> last_day=2026-08-31
G08 defere recu=2026-08-31 -> last_day=2026-11-02
G09 defere recu=2026-07-31 -> last_day=2026-10-01
G10 defere recu=2026-05-13 -> last_day=2026-07-15
G11 defere recu=2025-06-14 -> last_day=2025-08-18
G12 defere recu=2026-02-05 -> last_day=2026-04-07
G13 defere recu=2026-03-13 -> last_day=2026-05-15
G14 defere recu=2026-03-24 -> last_day=2026-05-26
G15 defere recu=2025-03-07 -> last_day=2025-05-09
G16 defere recu=2026-09-10 -> last_day=2026-11-12
G17 defere recu=2027-08-31 -> last_day=2027-11-02
G18 defere recu=2025-10-24 -> last_day=2025-12-26
G19 defere recu=2025-10-24 [cal=FR-AM] -> last_day=2025-12-29
G20 defere recu=2026-10-31 -> last_day=2027-01-04
G21 defere recu=2026-11-30 -> last_day=2027-02-01
G22 defere recu=2027-12-31 -> last_day=2028-03-01
G23 defere recu=2026-02-02 -> last_day=2026-04-03
G24 defere recu=2026-02-02 [cal=FR-AM-T] -> last_day=2026-04-07
G25 defere recu=2028-03-21 [cal=FR-972] -> last_day=2028-05-23
G26 defere recu=2026-04-09 [cal=FR-973] -> last_day=2026-06-11
G27 defere recu=2027-10-19 [cal=FR-974] -> last_day=2027-12-21
G28 defere recu=2026-02-28 [month_end_rule=day_after] -> last_day=2026-05-04
G29 defere recu=2007-05-15 ev=LO:2007-06-12 -> tacit=2007-08-12 last_day=2007-10-15
G30 defere recu=2026-01-15 ev=LO:2026-03-10 -> tacit=2026-05-10 last_day=2026-07-13
G31 defere recu=2026-01-15 ev=LO:2026-03-10,RJ:2026-04-02 -> last_day=2026-06-03
G32 defere recu=2026-01-15 ev=LO:2026-03-17 -> last_day=2026-03-16
G33 defere recu=2026-01-15 ev=LO:2026-03-18/2026-03-16 -> tacit=2026-05-18 last_day=2026-07-20
G34 defere recu=2026-01-15 ev=LO:2026-03-18/2026-03-16 [gracieux_timeliness=receipt]
    -> last_day=2026-03-16
G35 defere recu=2026-02-02 ev=LO:2026-03-02,RJ:2026-06-15 -> last_day=2026-08-17
G36 defere recu=2026-02-02 ev=LO:2026-03-02,RJ:2026-07-06 -> last_day=2026-07-03
G37 defere recu=2026-02-02 ev=LO:2026-03-02,RJ:2026-03-20,LO:2026-05-11 -> last_day=2026-05-21
G38 defere recu=2026-03-02 ev=DP:2026-04-20,PC:2026-05-11 -> last_day=2026-07-13
G39 defere recu=2026-03-02 ev=DP:2026-04-20,RP:2026-05-04 -> last_day=2026-07-06
G40 defere recu=2026-03-02 ev=DP:2026-04-20 -> tacit_pieces=2026-06-20 last_day=2026-08-21
G41 defere recu=2026-03-02 ev=DP:2026-04-20,PC:2026-05-11,LO:2026-07-01
    -> tacit=2026-09-01 last_day=2026-11-02
G42 defere recu=2026-03-02 ev=DP:2026-05-05 -> last_day=2026-05-04
G43 defere recu=2026-03-02 ev=CS:2026-04-01 -> last_day=2026-05-04
G44 defere recu=2026-10-30 ev=LO:2026-12-29 -> tacit=2027-02-28 last_day=2027-04-29
G45 defere recu=2027-11-15 ev=LO:2027-12-30 -> tacit=2028-02-29 last_day=2028-05-02
G46 defere recu=2026-03-02 ev=DP:2026-04-20,PC:2026-07-15 -> last_day=2026-09-16
G47 defere recu=2026-03-02 ev=DP:2026-04-20,PC:2026-07-15 [late_pieces_restart=False]
    -> last_day=2026-08-21
G48 defere recu=2026-01-15 ev=LO:2026-02-20,DP:2026-03-09,PC:2026-03-30 -> last_day=2026-06-22
G49 defere recu=2026-01-15 ev=LO:2026-03-10,RA:2026-04-02 -> last_day=2026-07-13
G50 tiers publication=2026-03-31 -> last_day=2026-06-01
G51 tiers publication=2026-03-02 ev=RG:2026-05-06/2026-05-04 -> last_day=2026-09-07
G52 tiers publication=2026-03-02 distance=1 -> last_day=2026-06-03
G53 tiers publication=2026-03-02 ev=DF:2026-04-15,RJ:2026-05-20 -> last_day=2026-07-21
G54 tiers publication=2026-03-02 ev=DF:2026-04-15 -> last_day=2026-08-17
G55 executoire soumis=oui affichage_urgence=2026-06-05 recu=2026-06-05 publication=2026-06-09
    -> executoire=2026-06-05 tiers=2026-08-10
G56 executoire soumis=oui publication=2026-03-16 recu=2026-03-12
    -> executoire=2026-03-16 defere=2026-05-13 tiers=2026-05-18
G57 executoire soumis=non publication=2026-05-04 -> executoire=2026-05-04 tiers=2026-07-06
G58 executoire soumis=oui publication=2026-05-06 recu=2026-05-12
    -> executoire=2026-05-12 defere=2026-07-13 tiers=2026-07-07
G59 executoire soumis=oui publication=2026-06-15 recu=2026-06-15 effet=2026-07-01
    -> executoire=2026-06-15 prend_effet=2026-07-01
G60 executoire soumis=oui publication=2026-03-16 recu=2026-03-12 effet=2026-03-01
    -> executoire=2026-03-16 prend_effet=2026-03-16 alerte=retroactivite
G61 transmission signature=2026-04-30 -> due=2026-05-15 due_safe=2026-05-15
G62 transmission signature=2026-12-17 -> due=2027-01-01 due_safe=2026-12-31
G63 transmission signature=2026-02-10 -> due=2026-02-25 due_safe=2026-02-25
G64 budget doc=BP annee=2027 renouvellement=non
    -> vote=2027-04-15 vote_safe=2027-04-14 transmission=2027-04-30
G65 budget doc=BP annee=2026 renouvellement=oui
    -> vote=2026-04-30 vote_safe=2026-04-29 transmission=2026-05-15
G66 budget doc=CFU annee=2026 -> vote=2027-06-30 transmission=2027-07-15
G67 budget doc=DM21 annee=2026 -> vote=2027-01-21 transmission=2027-01-26 paiements=2027-01-31
G68 crc recu=2027-04-12 saisine=2027-05-10 communication=2027-06-07 nouvelle=2027-07-05
    recu_crc=2027-07-08 -> saisine_max=2027-05-12 propositions=2027-06-09 delib_max=2027-07-07
    envoi_max=2027-07-13 avis=2027-07-23
G69 suspension recu=2026-09-07 demande=2026-09-17
    -> auto=oui reprise_litterale=2026-10-07 reprise_prudente=2026-10-17
G70 suspension recu=2026-09-07 demande=2026-09-18
    -> auto=oui reprise_litterale=2026-10-07 reprise_prudente=2026-10-18
G71 suspension recu=2026-09-07 demande=2026-09-18 [suspension_10d_franc=False] -> auto=non
G72 suspension recu=2026-10-21 demande=2026-11-02
    -> auto=oui reprise_litterale=2026-11-21 reprise_prudente=2026-12-02
G73 non_transmissible executoire=2026-02-10 demande=2026-04-08 communication=2026-04-20
    -> recevable=oui last_day=2026-06-22
G74 non_transmissible executoire=2026-02-10 demande=2026-04-14
    -> recevable=non demande_max=2026-04-13
G75 provoque_nt saisine=2026-03-20 -> last_day=2026-05-21
G76 plu scot=non recu=2026-03-05 gpu=2026-03-09 -> executoire=2026-04-06
G77 plu scot=non recu=2026-01-30 gpu=2026-02-10 -> executoire=2026-03-01
G78 plu scot=non recu=2026-03-05 gpu=2026-04-20 -> executoire=2026-04-20
G79 plu scot=oui recu=2026-03-05 gpu=2026-03-09 -> executoire=2026-03-09
G80 urba_tiers decision=2026-02-10 affichage=2026-02-16 ev=RG:2026-03-10
    -> rg_max=2026-03-17 last_day=2026-04-17
G81 urba_tiers decision=2025-11-20 affichage=2025-11-24 ev=RG:2026-01-20 -> last_day=2026-05-21
G82 urba_tiers decision=2026-03-31 affichage=2026-03-31 -> rg_max=2026-05-04 last_day=2026-06-01
G83 defere recu=2026-02-12 urba_decision=2026-02-10 ev=LO:2026-04-01 -> last_day=2026-08-03
G84 defere recu=2026-02-12 urba_decision=2026-02-10 ev=LO:2026-04-01 [urba_lo_extends=False]
    -> last_day=2026-04-13
G85 jours_francs depart=2026-04-13 jours=15 -> last_day=2026-04-29
G86 urba_tacite acquis=2026-03-10 dossier=2026-03-20 -> executoire=2026-03-10 defere=2026-05-21
G87 retrait signature=2026-02-28 mois=4 -> last_day=2026-06-28 due_safe=2026-06-26
G88 retrait signature=2025-10-31 mois=4 -> last_day=2026-02-28 due_safe=2026-02-27
G89 retrait signature=2025-11-30 mois=3 -> last_day=2026-02-28 due_safe=2026-02-27
G90 publicite seance=2026-03-10 pv_arrete=2026-04-14 publication=2026-12-31
    -> liste=2026-03-17 pv=2026-04-21 min_until=2027-02-28
G91 jours_francs depart=2023-02-20 jours=15 -> last_day=2023-03-08
G92 mois_francs depart=2018-05-15 mois=1 -> last_day=2018-06-18
G93 annulation recu=2026-03-02 publication=2026-03-05 annule=2026-03-10 nouveau_recu=2026-03-12
    -> executoire=2026-03-12 defere=2026-05-13
G94 tacite recu=2026-02-02 mois=3 -> date=2026-05-02
""".replace("\n    ", " ").splitlines()
_ROW = re.compile(r"(G\d\d) (\w+) ([^\[]+?)(?: \[(.+)\])? -> (.+)")

KINDS = {
    "LO": EventKind.LETTRE_OBSERVATIONS,
    "DP": EventKind.DEMANDE_PIECES,
    "PC": EventKind.PIECES,
    "RP": EventKind.REFUS_PIECES,
    "CS": EventKind.COURRIER_SIMPLE,
    "RA": EventKind.REPONSE_ATTENTE,
    "RG": EventKind.RECOURS_GRACIEUX,
    "DF": EventKind.DEMANDE_AU_PREFET,
}
ENUMS: dict[str, Callable[[str], Any]] = {
    "month_end_rule": MonthEnd,
    "gracieux_timeliness": Timeliness,
}


class Row:
    """The inputs of a case, by name, and what they are read with."""

    def __init__(self, op: str, inputs: str, read_with: str) -> None:
        self.op = op
        self.texts = pairs(inputs)
        chosen = pairs(read_with)
        self.calendrier = Calendrier(chosen.pop("cal", "FR"))
        self.settings: LegalSettings = replace(
            PRUDENT,
            **{name: ENUMS.get(name, "True".__eq__)(value) for name, value in chosen.items()},
        )

    def day(self, name: str) -> date | None:
        return date.fromisoformat(self.texts[name]) if name in self.texts else None

    def known(self, name: str) -> date:
        return date.fromisoformat(self.texts[name])

    def number(self, name: str) -> int:
        return int(self.texts.get(name, "0"))

    def yes(self, name: str) -> bool:
        return self.texts.get(name) == "oui"

    @property
    def events(self) -> tuple[LegalEvent, ...]:
        texts = self.texts.get("ev", "")
        return tuple(self._event(text) for text in texts.split(",") if text)

    def _event(self, text: str) -> LegalEvent:
        name, days = text.split(":")
        received, _, sent = days.partition("/")
        answer = EventKind.REPONSE_LETTRE if self.op == "defere" else EventKind.REPONSE_TIERS
        return LegalEvent.at(
            KINDS.get(name, answer),
            date.fromisoformat(received),
            date.fromisoformat(sent) if sent else None,
        )


def pairs(text: str) -> dict[str, str]:
    """Names and values of ``name=value`` pairs."""
    return dict(each.split("=", 1) for each in text.split())


def parts(row: str) -> tuple[str, ...]:
    """Id, operation, inputs, what it is read with, and what comes out."""
    found = _ROW.fullmatch(row)
    assert found, row
    return tuple(found.groups(default=""))


def text(value: Any) -> Any:
    """A value as a row writes it."""
    return value.isoformat() if isinstance(value, date) else value
