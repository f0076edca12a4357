"""The certificate: issued once every formality is accomplished, refused with all the reasons."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select, update

from tests.support.bench import Bench
from tests.support.prefecture import Prefecture, acte_received, acte_refused
from transmission.domain.errors import NotFoundError, RefusedError
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.evenements import EventKind
from transmission.domain.lifecycle import Event
from transmission.domain.transmission import SERVICE, Author, Transmission
from transmission.pdf.errors import PdfError
from transmission.ports.certificat import CertificateFacts, Signatory
from transmission.services.certify import certify
from transmission.services.declare import declare
from transmission.services.publish import publish
from transmission.services.record_event import Told, record_event
from transmission.store.documents import DamagedDocumentError
from transmission.store.tables import journal
from transmission.store.tables import transmission as transmissions

MAYOR = Signatory("Le maire")
SECRETARY = Author("secrétariat général")
RECEIVED, ONLINE = date(2023, 3, 8), date(2023, 3, 9)
ADDRESS = "https://www.saint-exemple.example/acte.pdf"


@pytest.fixture
def received(bench: Bench, prefecture: Prefecture) -> Callable[..., Transmission]:
    """A new act, whose AR of 8 March 2023 has come as bytes."""

    def made(**changes: Any) -> Transmission:
        sent = bench.sent(**changes)
        prefecture.answers(sent, acte_received(sent.id_acte, RECEIVED))
        return bench.now_of(sent.id)

    return made


Received = Callable[..., Transmission]


def _certificate(bench: Bench, acte_id: int, signatory: Signatory = MAYOR) -> bytes:
    target = BytesIO()
    certify(bench.tools, acte_id, signatory, SECRETARY, target)
    return target.getvalue()


def _words(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    try:
        assert len(document) == 1
        return " ".join(document[0].get_textpage().get_text_range().split())
    finally:
        document.close()


def _refusal(bench: Bench, acte_id: int) -> list[str]:
    """Every reason, and proof that nothing was given nor told."""
    target, before = BytesIO(), _issues(bench)
    with pytest.raises(RefusedError) as refused:
        certify(bench.tools, acte_id, MAYOR, SECRETARY, target)
    assert target.getvalue() == b""
    assert _issues(bench) == before
    return [str(problem) for problem in refused.value.problems]


def _issues(bench: Bench) -> list[Any]:
    with bench.engine.connect() as connection:
        statement = select(journal).where(journal.c.event == "certified").order_by(journal.c.id)
        return list(connection.execute(statement))


def _publish(bench: Bench, acte_id: int, day: date = ONLINE) -> None:
    publish(bench.tools, acte_id, day, ADDRESS, SECRETARY)


def _tell(bench: Bench, acte_id: int, kind: EventKind, day: date) -> None:
    told = Told(kind=kind, received=day, preuve="registre des arrêtés")
    record_event(bench.tools, acte_id, told, Author("directrice", "pièce vue"))


def test_an_act_received_and_published_is_certified(bench: Bench, received: Received) -> None:
    sent = received()
    _publish(bench, sent.acte_id)
    with bench.tools.register() as unit:
        accuse = unit.accuse_reception(sent.id)
    assert accuse is not None
    words = _words(_certificate(bench, sent.acte_id, Signatory("La maire", "Nom Exemple")))
    for told in (
        "Commune de Saint-Exemple SIREN 123 456 782",
        "certifié exécutoire depuis le 9 mars 2023",
        f"Numéro {sent.id_acte.numero_interne}",
        "Reçu en préfecture le 8 mars 2023",
        f"Identifiant unique {sent.id_acte}",
        f"Adresse {ADDRESS}",
        accuse.sha256,
        "Mise en ligne 9 mars 2023",
        "EX-1",
        "Fait le 10 mars 2023 La maire Nom Exemple",
    ):
        assert told in words


def test_the_issue_enters_the_journal_with_its_author_and_the_digest_of_the_paper(
    bench: Bench, received: Received
) -> None:
    sent = received()
    _publish(bench, sent.acte_id)
    content = _certificate(bench, sent.acte_id)
    (issue,) = _issues(bench)
    assert (issue.acte_id, issue.transmission_id) == (sent.acte_id, sent.id)
    assert (issue.author, issue.target) == (SECRETARY.name, None)
    assert issue.details["sha256"] == hashlib.sha256(content).hexdigest()
    assert issue.details["octets"] == len(content)
    assert issue.details["date_executoire"] == "2023-03-09"
    assert issue.details["fonction"] == "Le maire"
    assert _certificate(bench, sent.acte_id) == content
    assert len(_issues(bench)) == 2


def test_all_that_is_missing_is_told_at_once(bench: Bench) -> None:
    sent = bench.sent()
    reasons = _refusal(bench, sent.acte_id)
    assert len(reasons) == 2
    assert "L'accusé de réception de la préfecture n'est pas arrivé." in reasons[0]
    assert "Aucune publicité" in reasons[1]


def test_a_received_act_that_is_not_public_is_not_certified(
    bench: Bench, received: Received
) -> None:
    (reason,) = _refusal(bench, received().acte_id)
    assert "Aucune publicité" in reason
    assert "« transmission publish »" in reason


def test_a_public_act_that_is_not_received_is_not_certified(bench: Bench) -> None:
    sent = bench.sent()
    _publish(bench, sent.acte_id)
    (reason,) = _refusal(bench, sent.acte_id)
    assert "n'est pas arrivé" in reason


def test_an_individual_act_waits_for_its_notification(bench: Bench, received: Received) -> None:
    sent = received(nature=NatureActe.INDIVIDUEL)
    publish(bench.tools, sent.acte_id, ONLINE, ADDRESS, Author("directrice", "texte"))
    (reason,) = _refusal(bench, sent.acte_id)
    assert "Aucune notification à l'intéressé" in reason
    _tell(bench, sent.acte_id, EventKind.NOTIFICATION, date(2023, 3, 10))
    words = _words(_certificate(bench, sent.acte_id))
    assert "certifié exécutoire depuis le 10 mars 2023" in words
    assert "Notification à l'intéressé 10 mars 2023" in words
    assert ADDRESS not in words


def test_an_act_posted_in_urgency_is_certified_before_it_is_on_line(
    bench: Bench, received: Received
) -> None:
    sent = received()
    _tell(bench, sent.acte_id, EventKind.AFFICHAGE_URGENCE, date(2023, 3, 8))
    words = _words(_certificate(bench, sent.acte_id))
    assert "certifié exécutoire depuis le 8 mars 2023" in words
    assert "Affichage en urgence 8 mars 2023" in words
    assert "EX-2" in words


def test_what_is_not_known_for_sure_is_printed(bench: Bench, received: Received) -> None:
    sent = received()
    _publish(bench, sent.acte_id)
    words = _words(_certificate(bench, sent.acte_id))
    # Nobody declared what this délibération does in law.
    assert "Réserves et points à vérifier" in words
    assert "On ne sait pas si l'acte est réglementaire, individuel ou d'espèce" in words


def test_a_day_still_to_come_is_told(bench: Bench, received: Received) -> None:
    sent = received()
    _publish(bench, sent.acte_id)
    bench.clock.instant -= timedelta(days=2)
    (reason,) = _refusal(bench, sent.acte_id)
    assert "ne sera exécutoire que le 09/03/2023, et nous sommes le 08/03/2023" in reason


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (EventKind.RETRAIT, "a été retiré"),
        (EventKind.ABROGATION, "a été abrogé"),
        (EventKind.JUGEMENT, "a été annulé par le juge"),
        (EventKind.SUSPENSION_PRONONCEE, "est suspendu"),
    ],
)
def test_an_act_that_lost_its_force_is_not_certified(
    bench: Bench, received: Received, kind: EventKind, told: str
) -> None:
    sent = received()
    _publish(bench, sent.acte_id)
    if kind is EventKind.SUSPENSION_PRONONCEE:
        _tell(bench, sent.acte_id, EventKind.DEFERE, date(2023, 3, 9))
    _tell(bench, sent.acte_id, kind, date(2023, 3, 10))
    reasons = _refusal(bench, sent.acte_id)
    assert any(told in reason for reason in reasons), reasons


def test_an_act_whose_transmission_is_cancelled_is_not_certified(
    bench: Bench, received: Received
) -> None:
    sent = received()
    now = bench.clock.now()
    with bench.tools.register() as unit:
        asked = unit.move(sent, Event.CANCEL_REQUESTED, SECRETARY, now)
        unit.commit()
    _publish(bench, sent.acte_id)
    words = _words(_certificate(bench, sent.acte_id))
    assert "L'annulation de la transmission a été demandée à la préfecture." in words
    with bench.tools.register() as unit:
        unit.move(asked, Event.AR_ANNULATION_RECEIVED, SERVICE, now)
        unit.commit()
    reasons = _refusal(bench, sent.acte_id)
    assert "La transmission a été annulée" in reasons[0]


def test_an_act_whose_receipt_is_contradicted_is_not_certified(
    bench: Bench, prefecture: Prefecture
) -> None:
    sent = bench.sent()
    prefecture.answers(sent, acte_refused(sent.id_acte))
    prefecture.answers(sent, acte_received(sent.id_acte, RECEIVED))
    _publish(bench, sent.acte_id)
    reasons = _refusal(bench, sent.acte_id)
    assert "Une anomalie de la préfecture contredit l'accusé de réception." in reasons[0]


def test_a_register_that_the_bytes_of_the_ar_contradict_is_not_believed(
    bench: Bench, received: Received
) -> None:
    sent = received()
    _publish(bench, sent.acte_id)
    with bench.engine.begin() as connection:
        connection.execute(update(transmissions).values(date_reception=date(2023, 3, 7)))
    (reason,) = _refusal(bench, sent.acte_id)
    assert "ne disent pas ce que dit le registre" in reason


def test_a_damaged_ar_certifies_nothing(bench: Bench, received: Received) -> None:
    sent = received()
    _publish(bench, sent.acte_id)
    with bench.tools.register() as unit:
        accuse = unit.accuse_reception(sent.id)
    assert accuse is not None
    bench.tools.documents.path(accuse).write_bytes(b"x" * accuse.size)
    with pytest.raises(DamagedDocumentError):
        _certificate(bench, sent.acte_id)
    assert _issues(bench) == []


def test_what_could_not_be_printed_is_not_said_to_have_been(
    bench: Bench, received: Received
) -> None:
    sent = received()
    _publish(bench, sent.acte_id)
    with pytest.raises(PdfError):
        _certificate(bench, sent.acte_id, Signatory("Le maire 中"))

    class Full(BytesIO):
        def write(self, _content: Any, /) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        certify(bench.tools, sent.acte_id, MAYOR, SECRETARY, Full())
    assert _issues(bench) == []


def test_an_act_that_need_not_be_transmitted_has_force_by_its_publicity(bench: Bench) -> None:
    sent = bench.sent()
    _publish(bench, sent.acte_id)
    given: list[CertificateFacts] = []

    class Kept:
        def certify(self, facts: CertificateFacts, target: Any) -> None:
            given.append(facts)
            target.write(b"%PDF")

    declare(bench.tools, sent.acte_id, {"categorie": "voirie_dispensee"}, SECRETARY)
    tools = replace(bench.tools, certifier=Kept())
    certify(tools, sent.acte_id, MAYOR, SECRETARY, BytesIO())
    (facts,) = given
    assert facts.reception is None
    assert facts.executoire == ONLINE


def test_an_unknown_act_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        _certificate(bench, 999)
