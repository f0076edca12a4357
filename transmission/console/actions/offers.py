"""Which actions a page offers, and where they lead: only those that the state and the rights allow.

The page of an action asks again: what moved meanwhile is told there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from transmission.console import threads
from transmission.domain.decisions import Decision, Standing, is_unsent, open_decisions
from transmission.domain.legal.entered import Recorded
from transmission.domain.people import Person, Right
from transmission.domain.transmission import RetourStatus, Transmission
from transmission.store.queries import ActeLine, ActeStory, RetourLine, Thread
from transmission.store.queries.findings import FindingLine


@dataclass(frozen=True, slots=True)
class Offer:
    """A link to the page of an action; ``about`` is said to those who do not see what is around."""

    label: str
    url: str
    about: str = ""
    is_first: bool = False


def of_sending(story: ActeStory, sent: Transmission, person: Person) -> tuple[Offer, ...]:
    """What may be decided of a sending of an act."""
    siren = story.collectivite.siren
    numero = story.acte.numero_interne
    return tuple(
        Offer(label(decision, sent), _address(decision, sent), numero, decision in _FIRST)
        for decision in open_decisions(sent)
        if person.may(decision.right, siren)
    )


def of_thread(story: ActeStory, thread: Thread, person: Person) -> tuple[Offer, ...]:
    """How a letter may be answered, or what may be decided of an answer that is held."""
    if thread.answer is not None:
        held = of_sending(story, thread.answer, person)
        if held:
            return held
    if not person.may(Right.FOLLOW, story.collectivite.siren):
        return ()
    letter = thread.letter
    title = threads.title(letter)
    return tuple(
        Offer(
            threads.way(code, thread),
            f"/actes/{letter.acte_id}/courriers/{letter.id}/repondre/{code}",
            title,
            rank == 0,
        )
        for rank, code in enumerate(threads.ways(thread, story.latest.state))
    )


def of_acte(story: ActeStory, person: Person, *, is_online: bool) -> tuple[Offer, ...]:
    """What may be told of an act, whatever its state."""
    if not person.may(Right.FOLLOW, story.collectivite.siren):
        return ()
    here, numero = f"/actes/{story.acte_id}", story.acte.numero_interne
    offers = [Offer("Mettre en ligne", f"{here}/publier", numero)]
    if is_online:
        offers.append(Offer("Retirer de la mise en ligne", f"{here}/depublier", numero))
    return (
        *offers,
        Offer("Déclarer un fait", f"{here}/declarer", numero),
        Offer("Saisir un événement", f"{here}/evenements", numero),
        Offer("Certificat de caractère exécutoire", f"{here}/certificat", numero),
    )


def of_entry(recorded: Recorded, person: Person, siren: str) -> tuple[Offer, ...]:
    """How what a person entered is taken back."""
    if recorded.retracted is not None or not person.may(Right.FOLLOW, siren):
        return ()
    number = recorded.id
    address = f"/actes/{recorded.acte_id}/evenements/{number}/retirer"
    return (Offer("Retirer cette saisie", address, f"saisie n° {number}"),)


def of_list(lines: Sequence[ActeLine], person: Person) -> tuple[Decision, ...]:
    """What may be decided at once of some sendings of a list: of one of them at least."""
    allowed = {
        decision
        for line in lines
        for decision in open_decisions(line)
        if person.may(decision.right, line.siren)
    }
    return tuple(decision for decision in Decision if decision in allowed)


def labelled(decisions: Sequence[Decision]) -> tuple[tuple[str, str], ...]:
    """Code and button of some decisions."""
    return tuple((decision.code, decision.label) for decision in decisions)


def of_findings(lines: Sequence[FindingLine], person: Person) -> bool:
    """Whether a person may take note of one of some findings at least."""
    return any(of_finding(line, person) for line in lines)


def of_finding(line: FindingLine, person: Person) -> tuple[Offer, ...]:
    """How a person takes note of a finding."""
    if line.acknowledged_at is not None or line.closed_at is not None:
        return ()
    if not person.may(Right.FOLLOW, line.siren):
        return ()
    number = f"constat n° {line.id}"
    return (Offer("En prendre acte", f"/constats/{line.id}/acquitter", number),)


def of_retour(line: RetourLine, person: Person) -> tuple[Offer, ...]:
    """What may be made of a retour in quarantine."""
    if line.status is not RetourStatus.QUARANTINED or not person.may(Right.UNBLOCK, line.siren):
        return ()
    here, number = f"/retours/{line.id}", f"retour n° {line.id}"
    return (
        Offer("Rattacher à un acte", f"{here}/rattacher", number, is_first=True),
        Offer("Classer sans suite", f"{here}/classer", number),
    )


def label(decision: Decision, sent: Standing) -> str:
    """What is pressed; it says which of two things a decision is here."""
    if decision is Decision.RELEASE and sent.date_reception is not None:
        return "Confirmer l'accusé"
    if decision is Decision.CANCEL:
        return "Retirer l'acte" if is_unsent(sent) else "Demander l'annulation"
    return decision.label


_FIRST = (Decision.RELEASE, Decision.RESEND)


def _address(decision: Decision, sent: Transmission) -> str:
    here = f"/actes/{sent.acte_id}"
    if decision in (Decision.RELEASE, Decision.ABANDON):
        return f"{here}/envois/{sent.id}/{decision.code}"
    return f"{here}/{decision.code}"
