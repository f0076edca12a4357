"""The certificate of executory character: every formality accomplished, or no certificate."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import BinaryIO

from transmission.actes.retours import UnreadableRetourError, read_retour
from transmission.clock import civil_day
from transmission.domain.collectivite import Collectivite
from transmission.domain.errors import NotFoundError, Problem, RefusedError
from transmission.domain.legal.dates import LegalDate
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.horloge_publicite import Publicity, publicity_of
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import ActeState, Reading
from transmission.domain.legal.rules import RULES, Confidence
from transmission.domain.legal.sujets import PublicityMode
from transmission.domain.lifecycle import State
from transmission.domain.publication import PublishedCopy
from transmission.domain.retours import AccuseReception
from transmission.domain.transmission import AdoptedActe, Author, StoredFile, Transmission
from transmission.ports import UnitOfWork
from transmission.ports.certificat import CertificateFacts, Formality, Reception, Signatory
from transmission.services.publish import acte_address
from transmission.services.toolbox import Toolbox

ISSUED = "certified"
"""Event of the journal; its details hold the digest of the PDF."""

_CERTIFICATION = RULES["EX-4"]
_ONLINE = (None, PublicityMode.ELECTRONIQUE)
_ENDED = {
    ActeState.SUSPENDU: "est suspendu",
    ActeState.RETIRE: "a été retiré",
    ActeState.ABROGE: "a été abrogé",
    ActeState.ANNULE_JUGE: "a été annulé par le juge",
}
_NO_ACCUSE = Problem(
    "accuse_reception",
    "EX-1",
    "L'accusé de réception de la préfecture n'est pas arrivé.",
    "Attendez-le, ou cherchez ce qui retient la transmission.",
)
_CONTRADICTED = Problem(
    "accuse_reception",
    "EX-1",
    "Une anomalie de la préfecture contredit l'accusé de réception.",
    "Demandez à la préfecture ce qu'elle a reçu, puis débloquez ou renvoyez l'acte.",
)
_OTHER_ACCUSE = Problem(
    "accuse_reception",
    "EX-1",
    "Les octets conservés de l'accusé de réception ne disent pas ce que dit le registre.",
    "Ne certifiez rien, et faites vérifier l'installation.",
)
_CANCELLED = Problem(
    "transmission",
    "EL-6",
    "La transmission a été annulée : l'acte n'est plus reçu en préfecture.",
    "Transmettez-le de nouveau, s'il doit avoir force.",
)
_NO_PUBLICITY = Problem(
    "publicite",
    "EX-1",
    "Aucune publicité (mise en ligne, affichage, publication) n'est enregistrée.",
    "Publiez l'acte, et enregistrez-le (« transmission publish », « transmission event »).",
)
_NO_NOTIFICATION = Problem(
    "publicite",
    "EX-1",
    "Aucune notification à l'intéressé n'est enregistrée.",
    "Notifiez l'acte, et enregistrez-le (« transmission event »).",
)


@dataclass(frozen=True, slots=True)
class _Subject:
    """The act as the register and the clock see it in one transaction."""

    acte: AdoptedActe
    owner: Collectivite
    sent: Transmission
    accuse: StoredFile | None
    online: PublishedCopy | None
    reading: Reading

    @property
    def executory(self) -> LegalDate | None:
        return self.reading.named(DateName.EXECUTOIRE)

    @property
    def publicity(self) -> Publicity:
        return publicity_of(self.reading.acte, self.reading.owner, self.reading.events)


def certify(
    tools: Toolbox, acte_id: int, signatory: Signatory, author: Author, out: BinaryIO
) -> tuple[str, ...]:
    """Write the certificate (PDF) of an act into ``out``, and its issue into the journal.

    Gives the reservations that it bears: French sentences, for whoever is about to have it signed.

    Nothing is certified before the day on which the act has force, nor once it has lost it. The
    receipt is read again from the bytes of the AR. Source: CGCT L. 2131-1 I al. 2, L. 4141-1 I;
    EX-4. Raises RefusedError with all that is missing at once, NotFoundError,
    DamagedDocumentError, PdfError.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        subject = _subject(unit, acte_id, tools)
        problems = list(_problems(subject))
        if problems:
            raise RefusedError(problems)
        facts = _facts(tools, subject, signatory)
        printed = BytesIO()
        tools.certifier.certify(facts, printed)
        content = printed.getvalue()
        # Before the journal: what could not be given is not said to have been.
        out.write(content)
        unit.note(subject.sent, ISSUED, author, now, _details(facts, content))
        unit.commit()
    return facts.reservations


def _subject(unit: UnitOfWork, acte_id: int, tools: Toolbox) -> _Subject:
    # First, for it makes whoever publishes or withdraws the act wait.
    online = unit.current_copy(acte_id)
    acte, sent = unit.acte(acte_id), unit.current_transmission(acte_id)
    owner = unit.authority(acte.collectivite_id).collectivite
    cases = unit.legal_cases([acte_id])
    if not cases:
        raise NotFoundError(f"Aucun acte n° {acte_id} n'est enregistré.")
    reading = cases[0].read(civil_day(tools.clock.now(), owner.time_zone))
    return _Subject(acte, owner, sent, unit.accuse_reception(sent.id), online, reading)


def _problems(subject: _Subject) -> Iterator[Problem]:
    reading, executory = subject.reading, subject.executory
    known = executory.day if executory is not None else None
    found = [*_of_receipt(subject)]
    if executory is not None and known is None:
        found += _of_publicity(subject.publicity)
    if reading.acte_state in _ENDED:
        found.append(_ended(reading.acte_state))
    if known is None and not found:
        found.append(_unknown(reading, executory))
    yield from found
    if known is not None and known > reading.today:
        yield _not_yet(known, reading.today)


def _of_receipt(subject: _Subject) -> Iterator[Problem]:
    reading, sent = subject.reading, subject.sent
    if sent.state is State.CANCELLED or reading.acte_state is ActeState.TRANSMISSION_ANNULEE:
        yield _CANCELLED
    elif subject.accuse is None:
        if reading.portee.must_transmit and not reading.acte.tacite:
            yield _NO_ACCUSE
    elif sent.state in (State.HELD, State.REJECTED):
        yield _CONTRADICTED


def _of_publicity(publicity: Publicity) -> Iterator[Problem]:
    if publicity.by is not None or publicity.urgent is not None:
        return
    if publicity.possible is not None:
        yield Problem(
            "publicite",
            "PU-6",
            publicity.doubt,
            "Rien ne dit avant cela que l'acte est public.",
        )
    else:
        yield _NO_NOTIFICATION if publicity.to_notify else _NO_PUBLICITY


def _ended(state: ActeState) -> Problem:
    return Problem(
        "acte",
        "EX-1",
        f"L'acte {_ENDED[state]} : il n'est pas exécutoire.",
        "Aucun certificat ne peut être délivré tant qu'il en est ainsi.",
    )


def _unknown(reading: Reading, executory: LegalDate | None) -> Problem:
    because = reading.portee.raison if executory is None else f"{executory.unknown}."
    return Problem(
        "executoire",
        reading.portee.rule if executory is None else executory.rule,
        f"Le jour depuis lequel l'acte est exécutoire n'est pas connu : {because}",
        "Complétez ce que le service sait de l'acte.",
    )


def _not_yet(day: date, today: date) -> Problem:
    return Problem(
        "executoire",
        "EX-4",
        f"L'acte ne sera exécutoire que le {day:%d/%m/%Y}, et nous sommes le {today:%d/%m/%Y}.",
        "Revenez ce jour-là.",
    )


def _facts(tools: Toolbox, subject: _Subject, signatory: Signatory) -> CertificateFacts:
    acte, owner, executory = subject.acte, subject.owner, subject.executory
    if executory is None or executory.day is None:
        raise AssertionError("problems were to say so")
    public = _accomplished(subject.publicity)
    return CertificateFacts(
        collectivite=owner.nom,
        siren=owner.siren,
        nature=acte.nature.label,
        numero=acte.numero_interne,
        objet=acte.objet,
        date_decision=acte.date_decision,
        reception=_reception(tools, subject),
        publicity=tuple(Formality(_label(event), event.received) for event in public),
        address=_address(tools, subject) if any(map(_is_online, public)) else None,
        executoire=executory.day,
        rule=executory.rule,
        titre=executory.titre,
        basis=executory.basis,
        explanation=executory.explanation,
        reservations=tuple(_reservations(subject, executory)),
        certification_basis=_CERTIFICATION.basis,
        signatory=signatory,
        date_delivrance=subject.reading.today,
    )


def _reception(tools: Toolbox, subject: _Subject) -> Reception | None:
    """The receipt, from the bytes of the AR and from nowhere else. Raises RefusedError."""
    file, sent = subject.accuse, subject.sent
    if file is None:
        return None
    try:
        retour = read_retour(tools.documents.read(file)).retour
    except UnreadableRetourError:
        retour = None
    if (
        not isinstance(retour, AccuseReception)
        or retour.date_reception != sent.date_reception
        or not retour.id_acte.same_act(sent.id_acte)
    ):
        raise RefusedError([_OTHER_ACCUSE])
    tdt_name = subject.owner.tdt.nom
    return Reception(str(retour.id_acte), retour.date_reception, file.sha256, tdt_name)


def _accomplished(publicity: Publicity) -> list[LegalEvent]:
    """What made the act public: the posting in urgency, and what counts as its publicity."""
    found = [event for event in (publicity.urgent, publicity.by) if event is not None]
    return sorted(found, key=lambda event: event.received)


def _label(event: LegalEvent) -> str:
    if event.kind is EventKind.PUBLICATION:
        return (event.mode or PublicityMode.ELECTRONIQUE).label
    return event.kind.label


def _is_online(event: LegalEvent) -> bool:
    return event.kind is EventKind.PUBLICATION and event.mode in _ONLINE


def _address(tools: Toolbox, subject: _Subject) -> str | None:
    online = subject.online
    if online is None:
        return None
    if online.is_served and tools.registre_url is not None:
        return acte_address(tools.registre_url, subject.owner.siren, online.id)
    return online.address


def _reservations(subject: _Subject, executory: LegalDate) -> Iterator[str]:
    """What a reader must know before relying on the date; French sentences."""
    yield from executory.warnings
    if executory.alternative is not None:
        other = executory.alternative
        yield f"Point contesté : ce serait le {other.day:%d/%m/%Y}, {other.why}."
    if executory.confidence is not Confidence.V:
        yield f"Règle {executory.rule} : {executory.confidence.label}."
    if subject.reading.portee.to_confirm:
        yield subject.reading.portee.raison
    if subject.sent.state is State.CANCELLING:
        yield "L'annulation de la transmission a été demandée à la préfecture."


def _details(facts: CertificateFacts, content: bytes) -> dict[str, str | int | None]:
    return {
        "date_executoire": facts.executoire.isoformat(),
        "regle": facts.rule,
        "fonction": facts.signatory.fonction,
        "nom": facts.signatory.nom,
        "sha256": hashlib.sha256(content).hexdigest(),
        "octets": len(content),
    }
