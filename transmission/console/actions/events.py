"""Enter what happened to an act and no message told; take an entry back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from transmission.console.actions.action import ActeAction, ActeSubject, Deed, Keys, row_id, since
from transmission.console.actions.reading import civil
from transmission.console.actions.sheet import Field, Sheet, Typed, reason_field, refuse
from transmission.console.labels import message_label
from transmission.console.threads import title
from transmission.console.whatif import KINDS
from transmission.console.words import day
from transmission.domain.errors import Problem
from transmission.domain.legal.entered import ENTERED, Recorded
from transmission.domain.legal.sujets import PublicityMode
from transmission.domain.people import Right
from transmission.domain.transmission import Author
from transmission.services.record_event import Told, events_entered, record_event, retract_event
from transmission.services.toolbox import Toolbox

_KINDS = {kind.code: kind for kind in ENTERED}
_MODES = {mode.code: mode for mode in PublicityMode}
_GROUPS = tuple(
    (who, tuple((kind.code, kind.label) for kind in those if kind in ENTERED))
    for who, those in KINDS
)
_NOBODY = ("", "(sans objet)")


class EnterEvent(ActeAction):
    """Enter an event; the page lists those that were entered."""

    right = Right.FOLLOW
    done_code = "evenement"

    def sheet(self, about: ActeSubject, typed: Typed) -> Sheet:
        return Sheet(
            title="Saisir un événement",
            path=about.path,
            about=about.name,
            happens=(
                "L'événement entre dans la chronologie de l'acte, et l'horloge légale la relit "
                "aussitôt. Un accusé de réception ne se saisit pas : il se lit dans le message de "
                "l'État."
            ),
            undo="Oui : une saisie se retire, avec un motif ; elle reste au journal.",
            confirm="Enregistrer l'événement",
            template="action_evenements.html",
            extra=self.entries(about),
            siren=about.story.collectivite.siren,
            time_zone=about.story.collectivite.time_zone,
            fields=(since(about), *_fields(about, typed), reason_field(typed)),
        )

    def entries(self, about: ActeSubject) -> list[Recorded]:
        """What people entered about the act, newest first."""
        with self.container.tools.register() as unit:
            return list(reversed(events_entered(unit, about.story.acte_id)))

    def run(self, tools: Toolbox, about: ActeSubject, typed: Typed, author: Author) -> str:
        problems: list[Problem] = []
        received = civil(typed, "recu", problems, required=False)
        sent = civil(typed, "envoye", problems, required=False)
        kind = _KINDS.get(typed.text("evenement"))
        if kind is None:
            problems.append(
                Problem("evenement", "evenement", "Aucun événement n'est choisi.", "Choisissez-le.")
            )
        refuse(problems)
        assert kind  # noqa: S101 - refused otherwise
        remedies = typed.text("voies_de_recours")
        told = Told(
            kind=kind,
            received=received,
            sent=sent,
            complete=not typed.is_ticked("partiel"),
            mode=_MODES.get(typed.text("mode")),
            remedies=remedies == "oui" if remedies else None,
            preuve=typed.line("preuve") or None,
            courrier_id=typed.number("courrier") or None,
            transmission_id=typed.number("reponse") or None,
        )
        record_event(tools, about.story.acte_id, told, author)
        return self.told_at(about, typed)

    def told_at(self, about: ActeSubject, typed: Typed) -> str:
        del typed
        return f"{about.url}?fait={self.done_code}#chronologie"

    def deed(self, about: ActeSubject, typed: Typed) -> Deed:
        # The service refuses the very same entry, so the code of its kind is enough.
        del about
        return Deed(["event_recorded"], {"evenement": typed.text("evenement")})


@dataclass(frozen=True, slots=True)
class EntrySubject(ActeSubject):
    """What a person entered about an act."""

    recorded: Recorded


class Retract(ActeAction):
    """Take an entry back."""

    right = Right.FOLLOW
    done_code = "saisie_retiree"

    def find(self, connection: Connection, keys: Keys) -> EntrySubject | None:
        found = super().find(connection, keys)
        if found is None:
            return None
        with self.container.tools.register() as unit:
            entered = events_entered(unit, found.story.acte_id)
        number = row_id(keys["saisie"])
        recorded = next((each for each in entered if each.id == number), None)
        return EntrySubject(found.story, found.newest, recorded) if recorded else None

    def closed(self, about: ActeSubject) -> str:
        return "Cette saisie est déjà retirée." if _recorded(about).retracted else ""

    def sheet(self, about: ActeSubject, typed: Typed) -> Sheet:
        recorded = _recorded(about)
        happened = recorded.entry.event
        return Sheet(
            title=f"Retirer la saisie n° {recorded.id}",
            path=(*about.path, ("Événements saisis", f"{about.url}/evenements")),
            about=about.name,
            happens=(
                f"« {happened.kind.label} », le {day(happened.received)}, ne compte plus. "
                "L'horloge légale relit l'acte sans elle ; la saisie reste au journal."
            ),
            undo="Oui : l'événement peut être saisi de nouveau.",
            confirm="Retirer la saisie",
            fields=(since(about), reason_field(typed)),
        )

    def run(self, tools: Toolbox, about: ActeSubject, typed: Typed, author: Author) -> str:
        retract_event(tools, about.story.acte_id, _recorded(about).id, author)
        return self.told_at(about, typed)

    def told_at(self, about: ActeSubject, typed: Typed) -> str:
        del typed
        return f"{about.url}?fait={self.done_code}#chronologie"

    def deed(self, about: ActeSubject, typed: Typed) -> Deed:
        del typed
        return Deed(["event_retracted"], {"saisie": _recorded(about).id})


def _recorded(about: ActeSubject) -> Recorded:
    if not isinstance(about, EntrySubject):
        raise TypeError("found by find()")
    return about.recorded


def _choice(
    typed: Typed, name: str, label: str, hint: str, options: Iterable[tuple[str, str]]
) -> Field:
    return Field(
        name=name,
        label=label,
        kind="choice",
        value=typed.text(name),
        hint=hint,
        choices=(("", (_NOBODY, *options)),),
    )


def _fields(about: ActeSubject, typed: Typed) -> Iterator[Field]:
    """The fields of an event, in the order in which it is told."""
    yield Field(
        name="evenement",
        label="Événement",
        kind="choice",
        value=typed.text("evenement"),
        required=True,
        choices=(("", (("", "(choisissez)"),)), *_GROUPS),
    )
    yield Field(
        name="recu",
        label="Reçu, ou fait, le",
        kind="date",
        value=typed.text("recu"),
        hint="Le jour où il est parvenu à son destinataire. Un courrier a ses propres dates.",
    )
    yield Field(
        name="envoye",
        label="Parti le, si ce n'est pas le même jour",
        kind="date",
        is_optional=True,
        value=typed.text("envoye"),
    )
    modes = ((mode.code, mode.label) for mode in PublicityMode)
    yield _choice(typed, "mode", "Mode de publication", "Pour une publication seulement.", modes)
    yield _choice(
        typed,
        "voies_de_recours",
        "Dit comment faire un recours",
        "Pour une notification seulement.",
        (("oui", "oui"), ("non", "non")),
    )
    yield Field(
        name="partiel",
        label="Une partie seulement des pièces demandées",
        kind="box",
        value=typed.text("partiel"),
    )
    yield from _of_messages(about, typed)
    yield Field(
        name="preuve",
        label="Ce qui le montre",
        value=typed.text("preuve"),
        hint="Recommandé, certificat d'affichage, jugement… Facultatif.",
        most=200,
    )


def _of_messages(about: ActeSubject, typed: Typed) -> Iterator[Field]:
    letters = [(str(each.letter.id), title(each.letter)) for each in about.story.threads]
    answers = [
        (str(answer.sent.id), f"{message_label(answer.sent.message)} (n° {answer.sent.id})")
        for each in about.story.threads
        for answer in each.answers
    ]
    if letters:
        hint = "Si l'événement dit ce qu'est, en droit, un courrier déjà reçu."
        yield _choice(typed, "courrier", "Ce courrier", hint, letters)
    if answers:
        hint = "Si l'événement dit ce qu'est, en droit, une réponse déjà envoyée."
        yield _choice(typed, "reponse", "Cette réponse", hint, answers)
