"""Which publicity of an act counts, and until when it is kept (legal clock §9, §15.3).

What nobody declared is read on the safe side. A publication whose mode cannot be checked gives no
date, but an online one, which always counts for an act that is not individual. An act of a kind not
declared counts as public from its publication, provisionally; from the later of both when it was
also notified. Of several notifications the first gives force, the last ends the appeals.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from transmission.domain.french_dates import long_date
from transmission.domain.legal.dates import DateKind, LegalDate, unknown
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.publicite import (
    PUBLICITY_REFORM,
    is_public,
    publicity_mode,
    publicity_until,
)
from transmission.domain.legal.sujets import (
    ActeKind,
    Categorie,
    LegalActe,
    LegalAuthority,
    PublicityMode,
)

PLANS = (Categorie.PLU, Categorie.SCOT)
"""Regulations that the Géoportail de l'urbanisme makes public (UR-5)."""

KIND_NOT_DECLARED = (
    "On ne sait pas si l'acte est réglementaire, individuel ou d'espèce : une décision "
    "individuelle ne vaut qu'à compter de sa notification. Reste à déclarer."
)
_ONLINE = (None, PublicityMode.ELECTRONIQUE)
_TO_NOTIFY = (ActeKind.INDIVIDUEL, ActeKind.CONTRAT)
_Ignored = tuple[LegalEvent, str]


@dataclass(frozen=True, slots=True)
class Publicity:
    """The publicity of an act, whose ``kind`` is None when nothing tells it.

    ``by`` gives the day that counts; ``possible`` another event, which may count instead. ``doubt``
    is what nobody declared, or no rule tells, and this depends on (French). ``published`` is the
    first publication that counts as one, ``urgent`` the posting in urgency.
    """

    kind: ActeKind | None
    by: LegalEvent | None = None
    possible: LegalEvent | None = None
    doubt: str = ""
    published: LegalEvent | None = None
    urgent: LegalEvent | None = None
    ignored: tuple[_Ignored, ...] = ()

    @property
    def day(self) -> date | None:
        """The ``date_publicite`` of the act (PU-6)."""
        return self.by.received if self.by else None

    @property
    def why_none(self) -> str:
        """Why nothing makes the act public, in French."""
        if self.to_notify:
            return "aucune notification n'est connue"
        if self.possible is not None and self.possible.kind is EventKind.NOTIFICATION:
            return "l'acte est notifié, mais rien ne dit qu'il est individuel"
        if self.possible is not None:
            return f"rien ne dit que la publicité du {long_date(self.possible.received)} compte"
        for event, why in self.ignored:
            if event.kind is EventKind.PUBLICATION:
                return f"la publicité du {long_date(event.received)} ne compte pas, car {why}"
        return "aucune publication qui compte n'est connue"

    @property
    def if_possible(self) -> str:
        """On what ``possible`` counts, in French."""
        if self.possible is None:
            return ""
        if self.doubt != KIND_NOT_DECLARED:
            return f"si la publicité du {long_date(self.possible.received)} compte"
        if self.possible.kind is EventKind.NOTIFICATION:
            return "si l'acte est individuel, et n'est donc qu'à notifier"
        return "si l'acte n'est pas individuel, et n'est donc qu'à publier"

    @property
    def to_notify(self) -> bool:
        """Whether the act reaches its addressee by notification."""
        return self.kind in _TO_NOTIFY


def kind_of(acte: LegalActe) -> ActeKind | None:
    """The kind of an act: that of its category or document, declared, or told by its nature."""
    if acte.tacite or acte.stated_categorie is Categorie.AUTORISATION_URBANISME:
        return ActeKind.INDIVIDUEL
    if acte.categorie in PLANS:
        return ActeKind.REGLEMENTAIRE
    if acte.kind is not None:
        return acte.kind
    return ActeKind.BUDGET if acte.budget is not None else None


def publicity_of(
    acte: LegalActe, owner: LegalAuthority, events: tuple[LegalEvent, ...]
) -> Publicity:
    """Read the publicity of an act in its log, which is in order (PU-1 to PU-3, PU-6)."""
    kind = kind_of(acte)
    notified = [event for event in events if event.kind is EventKind.NOTIFICATION]
    if kind in _TO_NOTIFY:
        ignored = tuple(_not_notified(acte, kind, events))
        return Publicity(kind, next(iter(notified), None), ignored=ignored)
    found = _published(acte, owner, kind, events)
    if kind is None and notified:
        return _of_any_kind(found, notified[0])
    unasked = tuple((event, _NOT_INDIVIDUAL) for event in notified)
    return replace(found, ignored=(*found.ignored, *unasked))


def _published(
    acte: LegalActe,
    owner: LegalAuthority,
    kind: ActeKind | None,
    events: tuple[LegalEvent, ...],
) -> Publicity:
    """The first publication that counts, and an earlier one of which nothing says so."""
    published = [event for event in events if event.kind is EventKind.PUBLICATION]
    urgent = [event for event in events if event.kind is EventKind.AFFICHAGE_URGENCE]
    if acte.categorie in PLANS:
        return _plan(kind, published, urgent)
    read = [(event, _counts(owner, event)) for event in published]
    sure = next((event for event, counts in read if counts), None)
    unsure = next((event for event, counts in read if counts is None), None)
    if unsure is not None and sure is not None and sure.received <= unsure.received:
        unsure = None
    first = urgent[0] if urgent else None
    without = [(event, _why_not(event)) for event, counts in read if counts is False]
    later = [event for event, counts in read if counts is not False]
    repeated = [(each, _ALREADY) for each in (*later, *urgent) if each not in (sure, unsure, first)]
    early = sure if sure is not None and sure.received < PUBLICITY_REFORM else None
    doubtful = unsure or early
    doubt = _mode_doubt(doubtful) if doubtful else ""
    return Publicity(kind, sure, unsure, doubt, sure, first, (*without, *repeated))


def _of_any_kind(found: Publicity, notified: LegalEvent) -> Publicity:
    """The later of both events counts, the other may; a notification alone may, and gives none."""
    if found.by is None:
        return replace(found, possible=notified, doubt=KIND_NOT_DECLARED)
    first, last = sorted((found.by, notified), key=lambda event: event.received)
    return replace(found, by=last, possible=first, doubt=KIND_NOT_DECLARED)


def _plan(
    kind: ActeKind | None, published: list[LegalEvent], urgent: list[LegalEvent]
) -> Publicity:
    """On the Géoportail; without it, any online publication stands for it, in doubt (UR-5)."""
    on_gpu = [event for event in published if event.mode is PublicityMode.GPU]
    found = next((event for event in on_gpu or published if _is_online(event)), None)
    others = [event for event in (*published, *urgent) if event != found]
    ignored = tuple((event, _ALREADY if event in on_gpu else _ON_GPU) for event in others)
    doubt = _NOT_ON_GPU if found is not None and not on_gpu else ""
    return Publicity(kind, found, None, doubt, found, None, ignored)


def _is_online(event: LegalEvent) -> bool:
    return event.mode in (*_ONLINE, PublicityMode.GPU)


def _counts(owner: LegalAuthority, event: LegalEvent) -> bool | None:
    if event.mode is None or event.mode is PublicityMode.ELECTRONIQUE:
        return True
    return is_public(event.mode, publicity_mode(owner, event.received))


_ALREADY = "l'acte était déjà public, et la première mesure suffit (TP-1)"
_ON_GPU = "un plan se publie sur le Géoportail de l'urbanisme (UR-5)"
_NOT_ON_GPU = (
    "La date lue est celle de la mise en ligne : c'est la publication sur le Géoportail de "
    "l'urbanisme qui compte. Reste à déclarer."
)
_NOT_INDIVIDUAL = "l'acte n'est pas individuel : sa publication compte, non sa notification (PU-6)"
_TO_BE_NOTIFIED = "une décision individuelle se notifie (PU-6)"
_NOT_TO_PUBLISH = "l'affichage en urgence ne vaut que pour un acte à publier (EX-2)"


def _why_not(event: LegalEvent) -> str:
    if event.mode is PublicityMode.GPU:
        return "le Géoportail de l'urbanisme ne publie que les plans (UR-5)"
    return "la collectivité n'a pas déclaré avoir choisi ce mode de publicité (PU-2)"


def _mode_doubt(event: LegalEvent) -> str:
    mode = (event.mode or PublicityMode.ELECTRONIQUE).label
    head = f"{mode} du {long_date(event.received)} :"
    if event.received < PUBLICITY_REFORM:
        return f"{head} les règles d'avant le 1er juillet 2022 ne sont pas lues ici."
    return (
        f"{head} la population de la collectivité n'est pas connue, et rien ne dit si ce mode de "
        "publicité compte. Reste à déclarer."
    )


def _not_notified(
    acte: LegalActe, kind: ActeKind | None, events: tuple[LegalEvent, ...]
) -> Iterator[_Ignored]:
    """Publications of an act that is notified; a permit is posted, a contract made public."""
    permit = acte.tacite or acte.categorie is Categorie.AUTORISATION_URBANISME
    for event in events:
        posted = permit and event.mode is PublicityMode.AFFICHAGE
        if event.kind is EventKind.AFFICHAGE_URGENCE:
            yield event, _NOT_TO_PUBLISH
        elif event.kind is EventKind.PUBLICATION and kind is ActeKind.INDIVIDUEL and not posted:
            yield event, _TO_BE_NOTIFIED


def kept_until(publicity: Publicity) -> LegalDate | None:
    """Until when the publicity is kept at least; None for an act that is notified (PU-4)."""
    if publicity.to_notify:
        return None
    name, kind = DateName.PUBLICITE_MINIMUM.code, DateKind.LAST_DAY
    if publicity.published is None:
        possible = publicity.possible
        notified = possible is not None and possible.kind is EventKind.NOTIFICATION
        because = "aucune publication n'est connue" if notified else publicity.why_none
        return unknown(name, kind, "PU-4", because)
    start = publicity.published.received
    last = publicity_until(start)
    return LegalDate(
        name=name,
        kind=kind,
        rule="PU-4",
        day=last,
        explanation=(
            f"Acte publié le {long_date(start)} : il reste public deux mois au moins, jusqu'au "
            f"{long_date(last)} inclus. Mieux vaut ne jamais le retirer."
        ),
        inputs=(("Publication", start),),
    )
