"""What is made of a retour in quarantine, and of a finding."""

from datetime import date

from sqlalchemy import Connection

from transmission.console.actions.action import Action, Keys, row_id
from transmission.console.actions.reading import civil
from transmission.console.actions.sheet import Field, Sheet, Typed, reason_field, refuse
from transmission.console.compliance_page import PATH, check_label
from transmission.console.labels import quarantined_label
from transmission.domain.errors import Problem
from transmission.domain.people import Right
from transmission.domain.transmission import Author, RetourStatus
from transmission.services.attach import attach, set_aside
from transmission.services.check import acknowledge
from transmission.services.toolbox import Toolbox
from transmission.store.queries import RetourLine, find_actes
from transmission.store.queries.decided import dates_of_decision
from transmission.store.queries.findings import FindingLine, findings_by_number
from transmission.store.queries.retours import find_retour

_QUEUE = ("File d'attente", "/")
_QUARANTINE = ("Quarantaine", "/#quarantaine")


class _OfRetour(Action[RetourLine]):
    """A decision about a retour in quarantine."""

    right = Right.UNBLOCK

    def find(self, connection: Connection, keys: Keys) -> RetourLine | None:
        return find_retour(connection, row_id(keys["retour_id"]))

    def siren(self, about: RetourLine) -> str:
        return about.siren

    def closed(self, about: RetourLine) -> str:
        if about.status is RetourStatus.QUARANTINED:
            return ""
        return f"Ce retour n'est plus en quarantaine ({about.status.label})."


class Attach(_OfRetour):
    """Say of which act a retour is."""

    settled = frozenset({("retour", "rattachement")})

    def sheet(self, about: RetourLine, typed: Typed) -> Sheet:
        return Sheet(
            title=f"Rattacher le retour n° {about.id} à un acte",
            path=(_QUEUE, _QUARANTINE),
            about=_named(about),
            happens=(
                "Ce que dit le retour arrive à l'acte, si c'est permis ; sinon il est seulement "
                "gardé avec lui, et l'acte reste comme il est."
            ),
            undo="Non : lisez d'abord les octets reçus.",
            warns=(about.reason,) if about.reason else (),
            links=_bytes(about),
            confirm="Rattacher",
            is_grave=True,
            fields=(
                Field(
                    name="numero",
                    label="Numéro de l'acte dont il parle",
                    value=typed.text("numero"),
                    required=True,
                    most=40,
                ),
                Field(
                    name="date",
                    label="Date de la décision, si le numéro a servi deux fois",
                    kind="date",
                    is_optional=True,
                    value=typed.text("date"),
                ),
                Field(
                    name="courrier",
                    label="Courrier auquel répondait l'envoi",
                    value=typed.text("courrier"),
                    hint="Son n°, si le retour est l'accusé d'une réponse. Sinon laissez vide.",
                    most=18,
                ),
                reason_field(typed),
            ),
        )

    def run(self, tools: Toolbox, about: RetourLine, typed: Typed, author: Author) -> str:
        problems: list[Problem] = []
        decided = civil(typed, "date", problems, required=False)
        courrier = typed.number("courrier") or None
        if typed.text("courrier") and courrier is None:
            problems.append(
                Problem("courrier", "numero", "Ce n'est pas un n° de courrier.", "Corrigez-le.")
            )
        acte_id = self._acte(about, typed.line("numero"), decided, problems)
        refuse(problems)
        refusal = attach(tools, about.id, acte_id, author, courrier)
        return f"/actes/{acte_id}?fait={'rattache' if refusal is None else 'garde'}#retours"

    def done(self, about: RetourLine, typed: Typed, author: Author) -> str | None:
        del typed
        if about.acte_id is None or not _was_by(about, author):
            return None
        return f"/actes/{about.acte_id}?fait=deja#retours"

    def _acte(
        self, about: RetourLine, numero: str, decided: date | None, problems: list[Problem]
    ) -> int:
        """The one act of a number, in the authority of the retour; 0 with a problem."""
        with self.engine.connect() as connection:
            found = find_actes(connection, about.siren, numero) if numero else ()
            dates = dates_of_decision(connection, found)
        meant = [each for each in found if decided in (None, dates[each])]
        if len(meant) == 1:
            return meant[0]
        if not numero:
            told, remedy = "Il manque le numéro de l'acte.", "Donnez-le."
        elif not meant:
            told = f"{about.collectivite} n'a aucun acte {numero}" + (
                " de cette date." if found else "."
            )
            remedy = "Vérifiez le numéro et la date."
        else:
            told = f"Plusieurs actes portent le numéro {numero}."
            days = ", ".join(f"{dates[each]:%d/%m/%Y}" for each in meant)
            problems.append(Problem("date", "numero", told, f"Dites lequel par sa date : {days}."))
            return 0
        problems.append(Problem("numero", "numero", told, remedy))
        return 0


class SetAside(_OfRetour):
    """Say that a retour concerns no act."""

    settled = frozenset({("retour", "rattachement")})

    def sheet(self, about: RetourLine, typed: Typed) -> Sheet:
        return Sheet(
            title=f"Classer sans suite le retour n° {about.id}",
            path=(_QUEUE, _QUARANTINE),
            about=_named(about),
            happens="Le retour quitte la quarantaine ; ses octets sont conservés, et rien d'autre "
            "ne change.",
            undo="Non : lisez d'abord les octets reçus.",
            warns=(about.reason,) if about.reason else (),
            links=_bytes(about),
            confirm="Classer sans suite",
            is_grave=True,
            fields=(reason_field(typed),),
        )

    def run(self, tools: Toolbox, about: RetourLine, typed: Typed, author: Author) -> str:
        del typed
        set_aside(tools, about.id, author)
        return "/?fait=classe"

    def done(self, about: RetourLine, typed: Typed, author: Author) -> str | None:
        del typed
        aside = about.status is RetourStatus.SET_ASIDE
        return "/?fait=deja" if aside and _was_by(about, author) else None


class Acknowledge(Action[FindingLine]):
    """Take note of a finding."""

    right = Right.FOLLOW

    def find(self, connection: Connection, keys: Keys) -> FindingLine | None:
        number = row_id(keys["constat_id"])
        return findings_by_number(connection, [number]).get(number)

    def siren(self, about: FindingLine) -> str:
        return about.siren

    def closed(self, about: FindingLine) -> str:
        if about.closed_at is not None:
            return f"Ce constat est réglé ({about.closed_reason})."
        if about.acknowledged_at is not None:
            return f"{about.acknowledged_by} a déjà pris acte de ce constat."
        return ""

    def sheet(self, about: FindingLine, typed: Typed) -> Sheet:
        return Sheet(
            title="Prendre acte d'un constat",
            path=_way_to(about),
            about=f"{check_label(about.check)} : {about.message}",
            happens=(
                "Le registre dit qu'une personne a vu le constat, et pourquoi il peut rester. Il "
                "se fermera de lui-même quand sa cause aura disparu."
            ),
            undo="Non : la prise d'acte reste avec le constat.",
            confirm="En prendre acte",
            fields=(reason_field(typed),),
        )

    def run(self, tools: Toolbox, about: FindingLine, typed: Typed, author: Author) -> str:
        del typed
        acknowledge(tools, about.id, author)
        return self._told_at(about, "acquitte")

    def done(self, about: FindingLine, typed: Typed, author: Author) -> str | None:
        del typed
        seen = (about.acknowledged_by, about.acknowledged_reason)
        return self._told_at(about, "deja") if seen == (author.name, author.reason) else None

    def _told_at(self, about: FindingLine, code: str) -> str:
        if about.acte_id is None:
            return f"{PATH}?fait={code}#constat-{about.id}"
        return f"/actes/{about.acte_id}?fait={code}#constat-{about.id}"


def _named(about: RetourLine) -> str:
    kind = quarantined_label(about.kind, about.nom_fichier)
    return f"{kind}, {about.nom_fichier or about.source} ({about.collectivite})"


def _bytes(about: RetourLine) -> tuple[tuple[str, str], ...]:
    return (("Lire les octets reçus", f"/retours/{about.id}"),)


def _was_by(about: RetourLine, author: Author) -> bool:
    said = f"{author.name} : {author.reason}"
    return said in (about.reason or "")


def _way_to(about: FindingLine) -> tuple[tuple[str, str], ...]:
    way = ("Conformité", PATH)
    if about.acte_id is None or about.numero_interne is None:
        return (way,)
    return (way, (about.numero_interne, f"/actes/{about.acte_id}#constat-{about.id}"))
