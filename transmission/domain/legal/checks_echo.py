"""Checks of what an AR repeats of the act, and of the classification that the act was sent with."""

from collections.abc import Iterator

from transmission.domain.french_dates import long_date
from transmission.domain.legal.check import Check, CheckSettings, Evidence, dated
from transmission.domain.legal.checked import CheckedActe, Sending
from transmission.domain.legal.findings import Finding, Severity

ECHO_DIFFERENT = Check(
    "echo_different",
    "Accusé dont l'écho diffère de l'acte envoyé",
    Severity.ATTENTION,
    "Ce que l'accusé répète de l'acte, champ par champ, comparé à ce qui a été envoyé. Grave si "
    "la date, la nature, le numéro, l'acte ou ses annexes diffèrent : l'État a peut-être reçu "
    "autre chose.",
    "Lisez l'accusé tel que reçu (« transmission ar NUMERO ») à côté de l'acte. Si l'État a reçu "
    "autre chose, demandez à la préfecture ce qu'elle a, et au besoin l'annulation de la "
    "transmission (« transmission cancel NUMERO ») ; sinon, prenez acte de l'alerte (« "
    "transmission check »).",
    ("EL-3",),
)
ID_ACTE_DIFFERENT = Check(
    "id_acte_different",
    "Accusé qui porte un autre identifiant",
    Severity.GRAVE,
    "L'identifiant que porte chaque accusé, comparé à celui envoyé, sans égard aux capitales.",
    "Cet accusé est peut-être celui d'un autre acte. Lisez-le tel que reçu (« transmission ar "
    "NUMERO ») et demandez à la préfecture quel acte elle a reçu sous chaque identifiant ; "
    "jusque-là, ne tenez pas l'acte pour reçu.",
    ("EL-3",),
)
CLASSIFICATION_PERIMEE = Check(
    "classification_perimee",
    "Acte envoyé avec une classification périmée",
    Severity.ATTENTION,
    "La date de classification de chaque envoi, comparée à la plus récente que la collectivité "
    "avait ce jour-là. Information si l'accusé est reçu : l'État s'en est contenté.",
    "L'État peut refuser l'acte. Demandez la classification en vigueur (« transmission authority "
    "classification ») ; si l'acte est refusé, renvoyez-le (« transmission resend NUMERO »).",
    source="Spécification du protocole ACTES, classification (messages 7-1 à 7-3)",
)
CHECKS = (ECHO_DIFFERENT, ID_ACTE_DIFFERENT, CLASSIFICATION_PERIMEE)

_CHAMPS = {
    "numero_interne": "Numéro de l'acte",
    "date_decision": "Date de la décision",
    "nature": "Nature",
    "matiere": "Matière",
    "document": "Acte",
    "annexes": "Annexes",
    "nombre_annexes": "Nombre d'annexes",
    "objet": "Objet",
}
_LESSER = ("objet", "matiere")


def echo_different(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """The echo of an AR is not the act as sent (ACTES protocol §2.5)."""
    for sending in acte.standing:
        found = dict.fromkeys(each for accuse in sending.accuses for each in accuse.differences)
        if not found:
            continue
        champs = list(dict.fromkeys(_CHAMPS.get(each.champ, each.champ) for each in found))
        grave = any(each.champ not in _LESSER for each in found)
        pairs = [
            pair
            for each in found
            for pair in (
                (f"{_CHAMPS.get(each.champ, each.champ)}, envoyé", each.envoye),
                (f"{_CHAMPS.get(each.champ, each.champ)}, reçu", each.recu),
            )
        ]
        yield acte.finding(
            ECHO_DIFFERENT,
            f"l'accusé ne répète pas l'acte tel qu'envoyé ({', '.join(champs).lower()}).",
            (*pairs, *_digests(sending)),
            part=f"envoi:{sending.id}",
            severity=Severity.GRAVE if grave else None,
        )


def id_acte_different(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """An AR bears another identifier than the one sent (EL-3)."""
    for sending in acte.standing:
        others = [each for each in sending.accuses if not _same(each.id_acte, sending.id_acte)]
        if others:
            yield acte.finding(
                ID_ACTE_DIFFERENT,
                f"envoyé sous l'identifiant {sending.id_acte}, son accusé porte "
                f"{others[0].id_acte}.",
                (
                    ("Identifiant envoyé", sending.id_acte),
                    *(pair for accuse in others for pair in acte.proof(accuse)),
                ),
                part=f"envoi:{sending.id}",
            )


def classification_perimee(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """A newer classification was held on the day of the sending (ACTES protocol §5.4)."""
    for sending in acte.standing:
        used, newest = sending.date_classification, sending.newest_classification
        if used is None or newest is None or used >= newest:
            continue
        yield acte.finding(
            CLASSIFICATION_PERIMEE,
            f"envoyé avec la classification du {long_date(used)}, alors que celle du "
            f"{long_date(newest)} était connue.",
            dated(("Classification de l'envoi", used), ("La plus récente ce jour-là", newest)),
            part=f"envoi:{sending.id}",
            severity=Severity.INFO if sending.accuses else None,
        )


def _same(one: str, other: str) -> bool:
    return one.upper() == other.upper()


def _digests(sending: Sending) -> Evidence:
    return tuple(("Empreinte de l'accusé (SHA-256)", each.sha256) for each in sending.accuses)
