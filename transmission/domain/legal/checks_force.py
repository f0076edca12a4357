"""Checks of what is done before an act has force: publicity, effect, execution, signature."""

from collections.abc import Iterator
from datetime import timedelta

from transmission.domain.french_dates import long_date
from transmission.domain.legal.check import Check, CheckSettings, dated
from transmission.domain.legal.checked import CheckedActe
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.executoire import contract_signature
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.sujets import ActeKind

PUBLIE_AVANT_RECEPTION = Check(
    "publie_avant_reception",
    "Acte publié ou notifié sans être reçu en préfecture",
    Severity.ATTENTION,
    "La première publicité, comparée à la date de l'accusé. Grave si l'acte n'est toujours pas "
    "reçu au bout des jours laissés à une formalité (formality_days) ; information si l'accusé "
    "est venu depuis.",
    "L'ordre des deux formalités est libre, mais l'acte n'a pas de force avant d'être reçu : ne "
    "l'exécutez pas jusque-là. « transmission status NUMERO » dit ce que sa transmission attend ; "
    "s'il n'est pas à transmettre, déclarez-le (« transmission declare NUMERO »).",
    ("EX-1",),
)
EFFET_AVANT_EXECUTOIRE = Check(
    "effet_avant_executoire",
    "Effet ou exécution avant que l'acte ait force",
    Severity.GRAVE,
    "La date d'effet que l'acte fixe, et l'exécution déclarée, comparées au jour où il devient "
    "exécutoire.",
    "Une date d'effet rétroactive est en principe illégale, et rien ne s'exécute avant ce jour. "
    "Suspendez ce qui peut l'être, corrigez la date par un nouvel acte s'il y a lieu ; si la loi, "
    "un jugement ou une régularisation de carrière le permet, prenez acte de l'alerte en le "
    "disant (« transmission check »). Une date mal saisie se corrige par « transmission declare "
    "NUMERO ».",
    ("EX-3", "EX-1"),
)
SIGNATURE_PREMATUREE = Check(
    "signature_prematuree",
    "Contrat signé avant que la délibération qui l'autorise soit reçue",
    Severity.GRAVE,
    "La date de signature d'un contrat, comparée à la réception de la délibération qui l'autorise "
    "; attention seulement si celle-ci était reçue, sans avoir encore force.",
    "Une transmission postérieure ne corrige pas ce défaut : voyez avec un juriste s'il faut "
    "signer de nouveau le contrat. Une date mal saisie se corrige par « transmission declare "
    "NUMERO ».",
    ("EX-5",),
)
_SINCE_RECEIVED = (
    "L'acte n'a de force que depuis sa réception. Vérifiez que rien n'a été exécuté avant (« "
    "transmission explain NUMERO »), puis prenez acte de l'alerte (« transmission check »)."
)
CHECKS = (PUBLIE_AVANT_RECEPTION, EFFET_AVANT_EXECUTOIRE, SIGNATURE_PREMATUREE)


def publie_avant_reception(acte: CheckedActe, settings: CheckSettings) -> Iterator[Finding]:
    """Made public before it was received, or while it is not: it has no force in between (EX-1).

    The day of the publicity itself is left to the AR. A tacit authorisation has force without it.
    """
    public, receipt = acte.made_public, acte.receipt
    if public is None or not acte.must_transmit or acte.reading.acte.tacite or not acte.stands:
        return
    if (receipt.received if receipt else acte.today) <= public.received:
        return
    if receipt is not None:
        told = f"reçu en préfecture le {long_date(receipt.received)} seulement"
    else:
        told = "toujours pas reçu en préfecture"
    yield acte.finding(
        PUBLIE_AVANT_RECEPTION,
        f"{_MADE_PUBLIC[public.kind]} le {long_date(public.received)}, {told}.",
        (
            *dated(
                (public.kind.label, public.received),
                ("Reçu en préfecture le", receipt.received if receipt else None),
            ),
            ("À transmettre", acte.reading.portee.raison),
        ),
        severity=_unreceived(acte, public, settings) if receipt is None else Severity.INFO,
        remedy=None if receipt is None else _SINCE_RECEIVED,
    )


def effet_avant_executoire(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """The act states an effect, or was executed, before the day on which it has force (EX-3)."""
    effect, executed = acte.reading.acte.date_effet, acte.date_execution
    force_from = acte.reading.day(DateName.EXECUTOIRE) or acte.today
    if effect is not None and effect < force_from:
        yield acte.finding(
            EFFET_AVANT_EXECUTOIRE,
            f"il fixe sa prise d'effet au {long_date(effect)}, {_force(acte)}.",
            (*dated(("Date d'effet", effect)), *acte.force_evidence()),
            part="effet",
        )
    if executed is not None and executed < force_from:
        yield acte.finding(
            EFFET_AVANT_EXECUTOIRE,
            f"il a été exécuté le {long_date(executed)}, {_force(acte)}.",
            (*dated(("Exécuté le", executed)), *acte.force_evidence()),
            part="execution",
            rule="EX-1",
        )


def signature_prematuree(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """A contract was signed before the préfet had the délibération that authorises it (EX-5).

    The date of the act stands for that of its signature where none is declared.
    """
    known = acte.reading.acte
    received, signed = known.date_deliberation_recue, known.date_signature or known.date_decision
    if known.kind is not ActeKind.CONTRAT or received is None:
        return
    executory = acte.date_deliberation_executoire
    found = contract_signature(signed, received, executory)
    if not found.unlawful and (executory is None or not found.imprudent):
        return
    late = (
        f"n'a été reçue que le {long_date(received)}"
        if found.unlawful or executory is None
        else f"n'a eu force que le {long_date(executory)}"
    )
    yield acte.finding(
        SIGNATURE_PREMATUREE,
        f"signé le {long_date(signed)}, alors que la délibération qui l'autorise {late}.",
        dated(
            ("Signature" if known.date_signature else "Date de l'acte", signed),
            ("Délibération reçue en préfecture le", received),
            ("Délibération exécutoire le", executory),
        ),
        severity=None if found.unlawful else Severity.ATTENTION,
    )


_MADE_PUBLIC = {
    EventKind.PUBLICATION: "publié",
    EventKind.NOTIFICATION: "notifié",
    EventKind.AFFICHAGE_URGENCE: "affiché en urgence",
}


def _unreceived(acte: CheckedActe, public: LegalEvent, settings: CheckSettings) -> Severity | None:
    late = acte.today > public.received + timedelta(days=settings.formality_days)
    return Severity.GRAVE if late else None


def _force(acte: CheckedActe) -> str:
    found = acte.reading.named(DateName.EXECUTOIRE)
    if found is not None and found.day is not None:
        return f"avant d'être exécutoire, le {long_date(found.day)}"
    return "sans que rien n'établisse qu'il soit exécutoire"
