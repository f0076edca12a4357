"""What may be done to many at once: the same decisions as one by one, each by itself."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from sqlalchemy import Connection

from transmission.console.actions.sendings import (
    CANCELLATION,
    UNDO_CANCELLATION,
    UNDO_WITHDRAWAL,
    WITHDRAWAL,
)
from transmission.console.compliance_page import check_label
from transmission.console.words import plural
from transmission.domain.decisions import Decision, is_unsent
from transmission.domain.lifecycle import Event
from transmission.domain.messages import ACTE, label_of
from transmission.domain.people import Right
from transmission.domain.transmission import Author
from transmission.services.check import acknowledge
from transmission.services.decide_many import decide, why_closed
from transmission.services.toolbox import Toolbox
from transmission.store.queries import ActeLine
from transmission.store.queries.decided import was_decided
from transmission.store.queries.findings import FindingLine, findings_by_number
from transmission.store.queries.queue import newest_sendings, sendings


@dataclass(frozen=True, slots=True)
class Item:
    """One of many: what it is, and why nothing can be done to it, empty when it can.

    ``seen`` changes when it moves. ``acte_id`` is None for what is about no act.
    """

    id: int
    acte_id: int | None
    siren: str
    name: str
    about: str
    url: str
    seen: str
    why: str = ""
    line: ActeLine | FindingLine | None = None

    @property
    def mark(self) -> str:
        """The item as a form gives it back."""
        return f"{self.id}.{self.seen}"


class Many(ABC):
    """One decision about many. ``unit`` are the words for one of them and for several."""

    code: ClassVar[str]
    right: ClassVar[Right]
    title: ClassVar[str]
    confirm: ClassVar[str]
    done: ClassVar[tuple[str, str]]
    is_grave: ClassVar[bool] = False
    undone_by: ClassVar[str] = ""
    undo_label: ClassVar[str] = ""
    renumbers: ClassVar[bool] = False
    unit: ClassVar[tuple[str, str]] = ("envoi", "envois")
    back: ClassVar[str] = "/"

    @abstractmethod
    def items(self, connection: Connection, ids: Collection[int]) -> Sequence[Item]:
        """Those that exist, in the order of ``ids``."""

    @abstractmethod
    def told(self, items: Sequence[Item]) -> Sequence[tuple[str, str]]:
        """What will happen to them, and whether it can be undone: pairs of sentences."""

    @abstractmethod
    def run(self, tools: Toolbox, item: Item, author: Author, *, renumber: bool) -> int:
        """Do it to one; the number by which to undo it. Raises TransmissionError."""

    @abstractmethod
    def was_done(self, connection: Connection, item: Item, author: Author, since: int) -> bool:
        """Whether it was done by the same person for the same reason since a row of the journal."""


class _OfSendings(Many):
    decision: ClassVar[Decision]
    events: ClassVar[tuple[Event, ...]]

    def items(self, connection: Connection, ids: Collection[int]) -> Sequence[Item]:
        found = sendings(connection, ids)
        newest = newest_sendings(connection, {line.acte_id for line in found.values()})
        return [
            self._item(found[each], newest[found[each].acte_id]) for each in ids if each in found
        ]

    def run(self, tools: Toolbox, item: Item, author: Author, *, renumber: bool) -> int:
        return decide(tools, self.decision, _line(item), author, renumber=renumber).id

    def was_done(self, connection: Connection, item: Item, author: Author, since: int) -> bool:
        codes = [event.code for event in self.events]
        assert item.acte_id is not None  # noqa: S101 - a sending is about an act
        return was_decided(connection, item.acte_id, since, codes, author, {}, item.id)

    def _item(self, line: ActeLine, newest: int) -> Item:
        what = "" if line.message == ACTE else f"{label_of(line.message)}, "
        item = Item(
            id=line.transmission_id,
            acte_id=line.acte_id,
            siren=line.siren,
            name=line.numero_interne,
            about=f"{what}{line.objet} ({line.collectivite})",
            url=f"/actes/{line.acte_id}",
            seen=f"{line.state_since.timestamp():.6f}".replace(".", "-"),
            line=line,
        )
        return replace(item, why=why_closed(self.decision, line, newest))


class ReleaseMany(_OfSendings):
    """Let held sendings go on."""

    code = Decision.RELEASE.code
    right = Decision.RELEASE.right
    title = "Relancer des envois"
    confirm = "Relancer"
    done = ("envoi relancé", "envois relancés")
    decision = Decision.RELEASE
    events = (Event.RELEASED_TO_PREPARE, Event.RELEASED_TO_SUBMIT, Event.AR_UPHELD)

    def told(self, items: Sequence[Item]) -> Sequence[tuple[str, str]]:
        upheld = [item for item in items if _line(item).date_reception is not None]
        told = []
        if len(upheld) < len(items):
            count = plural(len(items) - len(upheld), "envoi reprend", "envois reprennent")
            told.append(
                (
                    (
                        f"{count} là où chacun s'était arrêté : préparation de l'enveloppe, ou "
                        "envoi des mêmes octets."
                    ),
                    (
                        "Seulement tant qu'un envoi n'est pas reparti, c'est-à-dire pendant "
                        "quelques secondes."
                    ),
                )
            )
        if upheld:
            count = plural(
                len(upheld), "accusé contredit est tenu", "accusés contredits sont tenus"
            )
            told.append((f"{count} pour vrai ; rien n'est renvoyé.", "Non."))
        return told


class AbandonMany(_OfSendings):
    """End held sendings for good."""

    code = Decision.ABANDON.code
    right = Decision.ABANDON.right
    title = "Abandonner des envois"
    confirm = "Abandonner"
    done = ("envoi abandonné", "envois abandonnés")
    is_grave = True
    undone_by = Decision.RESEND.code
    undo_label = "Renvoyer les actes de ces envois"
    decision = Decision.ABANDON
    events = (Event.ABANDONED,)

    def told(self, items: Sequence[Item]) -> Sequence[tuple[str, str]]:
        actes = sum(_line(item).message == ACTE for item in items)
        told = []
        if actes:
            count = plural(actes, "envoi d'acte est clos", "envois d'actes sont clos")
            told.append(
                (
                    f"{count} : rien ne part plus.",
                    "Ces envois ne reprendront pas, mais les actes pourront être renvoyés.",
                )
            )
        if actes < len(items):
            count = plural(
                len(items) - actes, "autre message est clos", "autres messages sont clos"
            )
            told.append(
                (
                    f"{count} : réponses, accusés ou demandes d'annulation.",
                    "Non ; une réponse ou une annulation pourra être donnée de nouveau.",
                )
            )
        return told


class CancelMany(_OfSendings):
    """Withdraw acts, or ask the State to cancel them."""

    code = Decision.CANCEL.code
    right = Decision.CANCEL.right
    title = "Annuler des actes"
    confirm = "Annuler ces actes"
    done = (
        "acte retiré, ou dont l'annulation est demandée",
        "actes retirés, ou dont l'annulation est demandée",
    )
    is_grave = True
    undone_by = Decision.RESEND.code
    undo_label = "Renvoyer ceux qui ont été retirés avant tout envoi"
    unit = ("acte", "actes")
    decision = Decision.CANCEL
    events = (Event.WITHDRAWN, Event.CANCEL_REQUESTED)

    def told(self, items: Sequence[Item]) -> Sequence[tuple[str, str]]:
        unsent = sum(is_unsent(_line(item)) for item in items)
        told = []
        if unsent:
            count = plural(unsent, "acte n'est pas parti", "actes ne sont pas partis")
            told.append((f"{count}. {WITHDRAWAL}", UNDO_WITHDRAWAL))
        if unsent < len(items):
            count = plural(len(items) - unsent, "acte est reçu", "actes sont reçus")
            told.append((f"{count}. {CANCELLATION}", UNDO_CANCELLATION))
        return told


class ResendMany(_OfSendings):
    """Send refused or withdrawn acts again."""

    code = Decision.RESEND.code
    right = Decision.RESEND.right
    title = "Renvoyer des actes"
    confirm = "Renvoyer"
    done = ("acte renvoyé", "actes renvoyés")
    undone_by = Decision.CANCEL.code
    undo_label = "Retirer ceux qui ne sont pas encore partis"
    renumbers = True
    unit = ("acte", "actes")
    decision = Decision.RESEND
    events = ()

    def told(self, items: Sequence[Item]) -> Sequence[tuple[str, str]]:
        count = plural(len(items), "acte est renvoyé", "actes sont renvoyés")
        return (
            (
                (
                    f"{count} avec la classification en vigueur ; fichiers et objets restent ceux "
                    "qui ont été remis."
                ),
                "Oui, tant qu'un envoi n'est pas parti : l'acte pourra être retiré.",
            ),
        )

    def was_done(self, connection: Connection, item: Item, author: Author, since: int) -> bool:
        assert item.acte_id is not None  # noqa: S101 - a sending is about an act
        opened = {"message": ACTE}
        return was_decided(connection, item.acte_id, since, ["accepted"], author, opened)


class AcknowledgeMany(Many):
    """Take note of findings."""

    code = "acquitter"
    right = Right.FOLLOW
    title = "Prendre acte de constats"
    confirm = "En prendre acte"
    done = ("constat dont vous avez pris acte", "constats dont vous avez pris acte")
    unit = ("constat", "constats")
    back = "/conformite"

    def items(self, connection: Connection, ids: Collection[int]) -> Sequence[Item]:
        found = findings_by_number(connection, ids)
        return [_finding(found[each]) for each in ids if each in found]

    def told(self, items: Sequence[Item]) -> Sequence[tuple[str, str]]:
        count = plural(len(items), "constat", "constats")
        return (
            (
                (
                    f"Le registre dit qu'une personne a vu {count}, et pourquoi ils peuvent "
                    "rester. Chacun se ferme de lui-même quand sa cause a disparu."
                ),
                "Non : la prise d'acte reste avec le constat.",
            ),
        )

    def run(self, tools: Toolbox, item: Item, author: Author, *, renumber: bool) -> int:
        del renumber
        return acknowledge(tools, item.id, author).id

    def was_done(self, connection: Connection, item: Item, author: Author, since: int) -> bool:
        del since
        line = findings_by_number(connection, [item.id])[item.id]
        return (line.acknowledged_by, line.acknowledged_reason) == (author.name, author.reason)


KINDS: Mapping[str, Many] = {
    each.code: each
    for each in (ReleaseMany(), AbandonMany(), CancelMany(), ResendMany(), AcknowledgeMany())
}
"""Everything that may be done to many, by its code."""


def _line(item: Item) -> ActeLine:
    if not isinstance(item.line, ActeLine):
        raise TypeError("made by items()")
    return item.line


def _finding(line: FindingLine) -> Item:
    item = Item(
        id=line.id,
        acte_id=line.acte_id,
        siren=line.siren,
        name=f"Constat n° {line.id}",
        about=f"{check_label(line.check)} : {line.message}",
        url=f"/conformite#constat-{line.id}",
        seen="0",
        line=line,
    )
    if line.closed_at is not None:
        return replace(item, why="Ce constat est réglé.")
    if line.acknowledged_at is not None:
        return replace(item, why=f"{line.acknowledged_by} en a déjà pris acte.")
    return item
