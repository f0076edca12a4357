"""Checks of files: one file sent as two acts, a published file that changed or went away, a
signature that proves wrong."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from transmission.domain.french_dates import long_date
from transmission.domain.legal.check import Check, CheckSettings, Evidence, dated
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.publicite import publicity_until

MEME_FICHIER = Check(
    "meme_fichier",
    "Même fichier envoyé sous plusieurs numéros",
    Severity.ATTENTION,
    "Les actes d'une collectivité, envoyés et ni refusés ni annulés, dont le document principal a "
    "la même empreinte, et les numéros diffèrent.",
    "L'un des envois porte sans doute le mauvais document, ou est en double. Comparez-les avec le "
    "registre ; demandez l'annulation de celui qui est faux (« transmission cancel NUMERO »), puis "
    "remettez le bon document.",
    ("EL-6",),
)
FICHIER_PUBLIC_CHANGE = Check(
    "fichier_public_change",
    "Fichier publié qui n'est plus celui de l'acte",
    Severity.GRAVE,
    "L'empreinte de ce que répond l'adresse publique de l'acte, comparée à celle du fichier "
    "publié.",
    "Remettez à cette adresse le fichier publié, octet pour octet. Si l'acte a été remplacé à "
    "dessein, publiez-le de nouveau et enregistrez-le (« transmission publish NUMERO »).",
    ("PU-1",),
)
FICHIER_PUBLIC_ABSENT = Check(
    "fichier_public_absent",
    "Fichier publié introuvable",
    Severity.ATTENTION,
    "Les contrôles quotidiens de l'adresse publique de l'acte : plusieurs de suite "
    "(interruption_checks) n'ont rien trouvé. Grave pendant les deux mois de publicité.",
    "Ouvrez l'adresse depuis un autre poste, et remettez le fichier en ligne. Si l'adresse a "
    "changé, enregistrez la nouvelle (« transmission publish NUMERO »).",
    ("PU-4",),
)
SIGNATURE_INVALIDE = Check(
    "signature_invalide",
    "Signature invalide sur un PDF remis",
    Severity.ATTENTION,
    "Les signatures que portent les PDF remis, jugées à la préparation de l'envoi : altérées, ou "
    "faites avec un certificat expiré ou révoqué. Rien n'est dit quand on ne sait pas, ni d'un "
    "envoi refusé ou annulé.",
    "Lisez pourquoi (« transmission status NUMERO ») et faites vérifier le PDF par qui l'a signé. "
    "Si le mauvais fichier est parti, demandez l'annulation de l'envoi (« transmission cancel "
    "NUMERO ») et remettez le bon ; sinon, prenez acte de l'alerte (« transmission check »).",
    source="CRPA, art. L. 212-3 (à vérifier)",
)
CHECKS = (MEME_FICHIER, FICHIER_PUBLIC_CHANGE, FICHIER_PUBLIC_ABSENT, SIGNATURE_INVALIDE)


@dataclass(frozen=True, slots=True)
class SentFile:
    """The main document of an act that was sent, neither refused nor annulled since."""

    acte_id: int
    collectivite_id: int
    numero: str
    date_decision: date
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicLook:
    """What the last look at the public address of an act saw.

    ``found_sha256`` is None when nothing answered with a file, ``detail`` then says why (French).
    ``since_at`` (aware UTC) is the first of the looks in a row that saw the same, and ``looks`` how
    many they are.
    """

    acte_id: int
    collectivite_id: int
    numero: str
    date_mise_en_ligne: date
    address: str
    expected_sha256: str
    found_sha256: str | None
    since_at: datetime
    looks: int
    zone: tzinfo
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidlySigned:
    """A piece (1 is the act) whose signatures were found invalid; ``reasons`` say of each why."""

    acte_id: int
    collectivite_id: int
    numero: str
    ordre: int
    sha256: str
    reasons: tuple[str, ...]


def signature_invalide(piece: InvalidlySigned, _: CheckSettings) -> Iterator[Finding]:
    """A PDF that was handed over bears a signature that proves wrong."""
    if not piece.reasons:
        return
    which = "le document principal" if piece.ordre == 1 else f"l'annexe {piece.ordre - 1}"
    yield SIGNATURE_INVALIDE.found(
        f"acte:{piece.acte_id}:{piece.ordre}:{piece.sha256}",
        f"Acte {piece.numero} : {which} porte une signature invalide.",
        (
            *(("Signature", reason) for reason in piece.reasons),
            ("Empreinte du fichier (SHA-256)", piece.sha256),
        ),
        numero=piece.numero,
        acte_id=piece.acte_id,
        collectivite_id=piece.collectivite_id,
    )


def meme_fichier(sent: Iterable[SentFile], _: CheckSettings) -> Iterator[Finding]:
    """One file was sent as acts of different numbers (EL-6)."""
    same: dict[tuple[int, str], list[SentFile]] = {}
    for file in sent:
        same.setdefault((file.collectivite_id, file.sha256), []).append(file)
    for (collectivite_id, sha256), files in same.items():
        actes = {each.acte_id: each for each in sorted(files, key=_by_date)}
        numeros = list(dict.fromkeys(each.numero for each in actes.values()))
        if len(numeros) > 1:
            yield MEME_FICHIER.found(
                f"fichier:{sha256}",
                f"Actes {', '.join(numeros)} : le même fichier a été envoyé sous ces numéros.",
                (
                    *((each.numero, long_date(each.date_decision)) for each in actes.values()),
                    ("Empreinte du fichier (SHA-256)", sha256),
                ),
                numero=numeros[-1],
                collectivite_id=collectivite_id,
            )


def fichier_public_change(look: PublicLook, _: CheckSettings) -> Iterator[Finding]:
    """The public address answers with another file than the one published (PU-1)."""
    found = look.found_sha256
    if found is None or found == look.expected_sha256:
        return
    yield _about(
        look,
        FICHIER_PUBLIC_CHANGE,
        "son adresse publique répond un autre fichier que celui publié.",
        (("Empreinte trouvée (SHA-256)", found),),
    )


def fichier_public_absent(
    look: PublicLook, today: date, settings: CheckSettings
) -> Iterator[Finding]:
    """Several looks in a row found nothing at the public address (PU-4)."""
    if look.found_sha256 is not None or look.looks < settings.interruption_checks:
        return
    until = publicity_until(look.date_mise_en_ligne)
    yield _about(
        look,
        FICHIER_PUBLIC_ABSENT,
        "son adresse publique ne répond plus avec le fichier publié.",
        (
            *dated(("À garder public jusqu'au", until)),
            *((("Réponse", look.detail),) if look.detail else ()),
        ),
        Severity.GRAVE if today <= until else None,
    )


def _about(
    look: PublicLook,
    check: Check,
    said: str,
    evidence: Evidence,
    severity: Severity | None = None,
) -> Finding:
    since = look.since_at.astimezone(look.zone)
    return check.found(
        f"acte:{look.acte_id}",
        f"Acte {look.numero}, mis en ligne le {long_date(look.date_mise_en_ligne)} : {said}",
        (
            ("Adresse", look.address),
            ("Constaté depuis le", f"{since:%d/%m/%Y à %H:%M:%S (UTC%z)}"),
            ("Empreinte publiée (SHA-256)", look.expected_sha256),
            *evidence,
        ),
        severity=severity,
        numero=look.numero,
        acte_id=look.acte_id,
        collectivite_id=look.collectivite_id,
    )


def _by_date(file: SentFile) -> tuple[date, int]:
    return file.date_decision, file.acte_id
