"""Let a sending go on, give it up, take an act back, send it again."""

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Connection

from transmission.console.actions.action import (
    ActeAction,
    ActeSubject,
    Deed,
    Keys,
    MovedError,
    row_id,
    since,
)
from transmission.console.actions.sheet import Field, Sheet, Typed, reason_field
from transmission.console.words import day
from transmission.domain.decisions import Decision, is_open, is_unsent, refusal
from transmission.domain.lifecycle import Event
from transmission.domain.messages import ACTE, ANNULATION, label_of
from transmission.domain.transmission import Author, Transmission
from transmission.domain.waiting import reason
from transmission.services.cancel import cancel
from transmission.services.release import abandon, release
from transmission.services.resend import required_numero, resend
from transmission.services.toolbox import Toolbox

SEEN = "envoi_vu"
"""Hidden field: the sending and the state which the person decided upon."""

NUMERO = "numero"


@dataclass(frozen=True, slots=True)
class SendingSubject(ActeSubject):
    """A sending about an act."""

    sent: Transmission

    @property
    def is_acte(self) -> bool:
        """Whether it is that of the act itself."""
        return self.sent.message == ACTE

    @property
    def what(self) -> str:
        """The sending in a few words: « de l'acte », « du message « … » »."""
        return "de l'acte" if self.is_acte else f"du message « {label_of(self.sent.message)} »"


class _Decides(ActeAction):
    """A decision about a sending, by the table of the domain."""

    decision: ClassVar[Decision]
    events: ClassVar[tuple[Event, ...]]

    def find(self, connection: Connection, keys: Keys) -> SendingSubject | None:
        found = super().find(connection, keys)
        if found is None:
            return None
        wanted = row_id(keys["envoi_id"]) if "envoi_id" in keys else found.story.latest.id
        sent = next((each for each in found.story.transmissions if each.id == wanted), None)
        return SendingSubject(found.story, found.newest, sent) if sent else None

    def closed(self, about: ActeSubject) -> str:
        sent = _sent(about)
        return "" if is_open(self.decision, sent) else refusal(self.decision, sent)

    def deed(self, about: ActeSubject, typed: Typed) -> Deed:
        del typed
        return Deed([event.code for event in self.events], {}, _sent(about).id)

    def hidden(self, about: ActeSubject) -> tuple[Field, ...]:
        """What the person had before their eyes."""
        return (since(about), Field(name=SEEN, kind="hidden", value=_seen(_sent(about))))

    def require_unmoved(self, about: ActeSubject, typed: Typed) -> None:
        """Raises MovedError when the sending moved since the form was shown."""
        sent = _sent(about)
        if typed.text(SEEN) != _seen(sent):
            raise MovedError(
                f"L'envoi a changé depuis que cette page a été ouverte : il est maintenant « "
                f"{sent.state.label} ». Rien n'a été fait. Relisez ce qui suit, puis confirmez."
            )


class Release(_Decides):
    """Let a held sending go on."""

    right = Decision.RELEASE.right
    decision = Decision.RELEASE
    done_code = "relance"
    events = (Event.RELEASED_TO_PREPARE, Event.RELEASED_TO_SUBMIT, Event.AR_UPHELD)

    def sheet(self, about: ActeSubject, typed: Typed) -> Sheet:
        sent = _sent(about)
        title = f"Relancer l'envoi {_subject(about).what}"
        happens, undo, warns = _after_release(about, sent)
        return Sheet(
            title=title,
            path=about.path,
            about=about.name,
            quote=reason(sent.state, sent.waiting_for, sent.message),
            happens=happens,
            undo=undo,
            warns=warns,
            confirm="Confirmer l'accusé" if sent.date_reception else "Relancer l'envoi",
            fields=(*self.hidden(about), reason_field(typed)),
        )

    def run(self, tools: Toolbox, about: ActeSubject, typed: Typed, author: Author) -> str:
        self.require_unmoved(about, typed)
        release(tools, about.story.acte_id, author, transmission_id=_sent(about).id)
        return self.told_at(about, typed)


class Abandon(_Decides):
    """End a held sending for good."""

    right = Decision.ABANDON.right
    decision = Decision.ABANDON
    done_code = "abandonne"
    events = (Event.ABANDONED,)

    def sheet(self, about: ActeSubject, typed: Typed) -> Sheet:
        subject, sent = _subject(about), _sent(about)
        return Sheet(
            title=f"Abandonner l'envoi {subject.what}",
            path=about.path,
            about=about.name,
            happens=_after_abandon(subject),
            undo=_undo_abandon(subject),
            warns=_maybe_there(about, sent),
            confirm="Abandonner l'envoi",
            is_grave=True,
            fields=(*self.hidden(about), reason_field(typed)),
        )

    def run(self, tools: Toolbox, about: ActeSubject, typed: Typed, author: Author) -> str:
        self.require_unmoved(about, typed)
        abandon(tools, about.story.acte_id, author, transmission_id=_sent(about).id)
        return self.told_at(about, typed)


class Cancel(_Decides):
    """Withdraw an act, or ask the State to cancel its transmission."""

    right = Decision.CANCEL.right
    decision = Decision.CANCEL
    done_code = "annule"
    events = (Event.WITHDRAWN, Event.CANCEL_REQUESTED)

    def sheet(self, about: ActeSubject, typed: Typed) -> Sheet:
        unsent = is_unsent(_sent(about))
        return Sheet(
            title="Retirer l'acte" if unsent else "Demander l'annulation de la transmission",
            path=about.path,
            about=about.name,
            happens=WITHDRAWAL if unsent else CANCELLATION,
            undo=UNDO_WITHDRAWAL if unsent else UNDO_CANCELLATION,
            confirm="Retirer l'acte" if unsent else "Demander l'annulation",
            is_grave=True,
            fields=(*self.hidden(about), reason_field(typed)),
        )

    def run(self, tools: Toolbox, about: ActeSubject, typed: Typed, author: Author) -> str:
        self.require_unmoved(about, typed)
        cancel(tools, about.story.acte_id, author)
        return self.told_at(about, typed)

    def told_at(self, about: ActeSubject, typed: Typed) -> str:
        del typed
        was_received = _sent(about).date_reception is not None
        return f"{about.url}?fait={'annule' if was_received else 'retire'}"


class Resend(_Decides):
    """Send a refused or withdrawn act again."""

    right = Decision.RESEND.right
    rehearses = False
    decision = Decision.RESEND
    done_code = "renvoye"
    events = ()
    settled = frozenset({("etat", "renvoi_permis")})

    def sheet(self, about: ActeSubject, typed: Typed) -> Sheet:
        story = about.story
        used = story.latest.id_acte.numero_interne
        required = required_numero(self.container.tools, story.acte_id)
        tdt = story.collectivite.tdt.nom
        must = (
            f"{tdt} refuse qu'un numéro serve deux fois, même après un rejet : {used} a déjà servi."
        )
        return Sheet(
            title="Corriger et renvoyer l'acte",
            path=about.path,
            about=about.name,
            happens=(
                "Une nouvelle transmission de l'acte est préparée avec la classification en "
                f"vigueur, puis envoyée à {tdt}. Les fichiers et l'objet restent ceux qui ont été "
                "remis."
            ),
            undo="Oui, tant que l'envoi n'est pas parti : vous pourrez retirer l'acte.",
            warns=(must,) if required else (),
            confirm="Renvoyer l'acte",
            fields=(
                *self.hidden(about),
                Field(
                    name=NUMERO,
                    label="Numéro sous lequel l'envoyer",
                    value=typed.text(NUMERO, required or ""),
                    hint=(
                        f"Un numéro libre est proposé. L'acte garde son numéro, "
                        f"{story.acte.numero_interne}, et se retrouve par l'un comme par l'autre."
                        if required
                        else f"Laissez vide pour garder {used}. L'acte se retrouve ensuite par "
                        "l'un comme par l'autre."
                    ),
                    most=15,
                ),
                reason_field(typed),
            ),
        )

    def run(self, tools: Toolbox, about: ActeSubject, typed: Typed, author: Author) -> str:
        self.require_unmoved(about, typed)
        resend(tools, about.story.acte_id, author, typed.line(NUMERO).upper() or None)
        return self.told_at(about, typed)

    def deed(self, about: ActeSubject, typed: Typed) -> Deed:
        del about, typed
        return Deed(["accepted"], {"message": ACTE})


WITHDRAWAL = "L'acte est retiré avant tout envoi : rien n'en parvient à la préfecture."
UNDO_WITHDRAWAL = "Oui : vous pourrez le renvoyer, sous le même numéro."
CANCELLATION = (
    "Le service demande à l'État d'annuler la transmission. L'acte n'est annulé qu'à l'accusé "
    "d'annulation de la préfecture, et son numéro ne pourra plus servir."
)
UNDO_CANCELLATION = (
    "Non. Une annulation demandée à l'État ne se retire pas ; pour avoir force, l'acte devra être "
    "remis de nouveau, sous un autre numéro."
)


def _sent(about: ActeSubject) -> Transmission:
    return _subject(about).sent


def _subject(about: ActeSubject) -> SendingSubject:
    if not isinstance(about, SendingSubject):
        raise TypeError("found by find()")
    return about


def _seen(sent: Transmission) -> str:
    return f"{sent.id} {sent.state.code} {sent.state_since.isoformat()}"


def _after_release(about: ActeSubject, sent: Transmission) -> tuple[str, str, tuple[str, ...]]:
    """What releasing does, whether it can be undone, and what to look at first."""
    tdt = about.story.collectivite.tdt.nom
    if sent.date_reception is not None:
        dated = day(sent.date_reception)
        return (
            (
                f"L'accusé de réception daté du {dated} est tenu pour vrai : l'acte redevient "
                "« Accusé de réception reçu ». Rien n'est renvoyé."
            ),
            "Non, sinon en demandant à l'État d'annuler la transmission.",
            (),
        )
    happens = (
        f"L'envoi reprend avec la même enveloppe, octet pour octet, chez {tdt}."
        if sent.parcel is not None
        else f"L'enveloppe est préparée de nouveau, puis envoyée à {tdt}."
    )
    undo = (
        "Seulement tant qu'il n'est pas reparti, c'est-à-dire pendant quelques secondes, en le "
        "retirant."
        if sent.message == ACTE
        else "Non : le message part dans les secondes qui suivent."
    )
    return happens, undo, _maybe_there(about, sent)


def _maybe_there(about: ActeSubject, sent: Transmission) -> tuple[str, ...]:
    if not sent.attempts or sent.date_reception is not None:
        return ()
    return (
        (
            f"Cet envoi a déjà été tenté. Vérifiez d'abord chez {about.story.collectivite.tdt.nom} "
            "qu'il n'y est pas : la préfecture pourrait le recevoir deux fois."
        ),
    )


def _after_abandon(subject: SendingSubject) -> str:
    if subject.is_acte:
        return "Cet envoi est clos : l'acte devient « Rejetée (anomalie) », et rien ne part plus."
    if subject.sent.message == ANNULATION:
        return "La demande d'annulation est close : l'acte garde son accusé de réception."
    return "Cet envoi est clos : la préfecture ne recevra pas ce message."


def _undo_abandon(subject: SendingSubject) -> str:
    if subject.is_acte:
        return (
            "Cet envoi-ci ne reprendra pas, mais l'acte pourra être renvoyé (« Corriger et "
            "renvoyer »)."
        )
    if subject.sent.message == ANNULATION:
        return "Cet envoi-ci ne reprendra pas, mais l'annulation pourra être demandée de nouveau."
    if subject.sent.courrier_id is not None and subject.sent.message not in ("3-2", "4-2"):
        return "Cet envoi-ci ne reprendra pas, mais une autre réponse pourra être donnée."
    return "Non."
