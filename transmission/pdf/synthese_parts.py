"""What the summary of a dossier says, part by part: labels and values, heads and bodies."""

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from transmission.domain.dossier import Role
from transmission.domain.french_dates import long_date
from transmission.domain.legal.dates import LegalDate
from transmission.domain.legal.noms import LABELS
from transmission.domain.messages import retour_label
from transmission.domain.transmission import SERVICE
from transmission.ports.dossiers import SummaryFacts

_ARTICLE = re.compile(r"\b([LRD])\. (?=\d)")
_Rows = Iterator[tuple[str, str]]
_XADES = (
    "xmlsec1 --verify --id-attr:Id SignedProperties --trusted-pem racine.pem "
    "META-INF/signatures.xml"
)
_CMS = "openssl cms -verify -binary -purpose any -CAfile racine.pem -out /dev/null"
_TIME_STAMP = (
    "openssl ts -verify -token_in -in HORODATAGE.tsr -data FICHIER -CAfile racine.pem "
    "-untrusted certificats.pem"
)
_SEALERS = {
    "collectivite": "La collectivité, par sa clé de signature",
    "service": "Le service de télétransmission, par sa propre clé",
}
_OUTCOMES = {
    "Accepted": "acceptée",
    "Duplicate": "déjà reçue par le tiers de télétransmission",
    "Refused": "refusée",
    "Unavailable": "rien n'est parti",
    "InDoubt": "issue inconnue",
}


def acte_rows(facts: SummaryFacts) -> _Rows:
    """What the act is, who handed it over and when."""
    acte = facts.dossier.acte
    yield "Nature", acte.nature_label
    yield "Numéro", acte.numero_interne
    yield "Objet", acte.objet
    yield "Matière", acte.matiere
    yield "Date de la décision", long_date(acte.date_decision)
    yield "Identifiant unique", acte.id_acte
    yield "Prise en charge", f"{_moment(facts, acte.accepted_at)}, de : {acte.accepted_by}"
    made = facts.dossier
    yield "Dossier établi", f"{_moment(facts, made.made_at)}, par : {_author(made.made_by)}"
    yield "Scellé par", _SEALERS[made.sealed_by]
    yield "Heures", f"Celles de la collectivité ({facts.time_zone}), sauf mention contraire."


def reception_rows(facts: SummaryFacts) -> _Rows:
    """The day of receipt and what it was read from."""
    reception = facts.dossier.reception
    if reception is None:
        yield "Reçu en préfecture le", "Pas de date de réception à ce jour."
        return
    yield "Reçu en préfecture le", long_date(reception.date_reception)
    yield "Lu dans", reception.retour or "un accusé de réception qui n'a pas pu être versé"
    found = next((each for each in facts.dossier.members if each.name == reception.retour), None)
    if found is not None:
        yield "Empreinte SHA-256", found.sha256
    yield (
        "Portée",
        "La date est celle que porte l'accusé de réception ; aucune horloge ne la donne.",
    )


def sendings(facts: SummaryFacts) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each sending: its title, and what became of it."""
    for sent in facts.dossier.transmissions:
        rows = [
            ("État", f"{sent.state_label} ({_moment(facts, sent.state_since)})"),
            ("Identifiant", sent.id_acte),
        ]
        if sent.archive_name:
            rows.append(("Archive", sent.archive_name))
        if sent.reference:
            rows.append(("Référence du tiers", sent.reference))
        for each in sent.attempts:
            came = _OUTCOMES.get(each.outcome or "", "issue pas encore connue")
            rows.append((f"Tentative {each.number}", f"{_moment(facts, each.started_at)} : {came}"))
        signed = _count(_has(facts, Role.SIGNATURE, sent.rank))
        sealed = "" if _has(facts, Role.SEAL, sent.rank) else "non "
        rows.append(("Signatures", f"{signed}, archive {sealed}scellée"))
        yield f"Envoi {sent.rank} : {sent.label}", rows


def holes_told(facts: SummaryFacts) -> _Rows:
    """What is missing, one line a hole."""
    if not facts.dossier.holes:
        yield "Rien ne manque.", ""
    for hole in facts.dossier.holes:
        yield f"– {hole.message}", ""


def events(facts: SummaryFacts) -> _Rows:
    """The journal of the act."""
    for event in facts.events:
        reason = f" Motif : {event.reason}" if event.reason else ""
        about = f"Envoi {event.sending} : " if event.sending else ""
        yield _moment(facts, event.at), f"{about}{event.label} ({_author(event.author)}).{reason}"


def dates(facts: SummaryFacts) -> _Rows:
    """The dates of the legal clock, each with its reason and its article."""
    reading = facts.reading
    if reading is None:
        return
    acte, control = reading.acte_state.label.lower(), reading.control_state.label.lower()
    yield f"Lu le {long_date(reading.today)} : acte {acte} ; contrôle : {control}.", ""
    for each in reading.dates:
        basis = _ARTICLE.sub("\\1.\u00a0", each.basis)
        yield _date_head(each), f"{each.explanation} {each.titre} ({each.rule}) : {basis}."


def stamps_told(facts: SummaryFacts) -> _Rows:
    """The time stamps: over what, at what instant, from whom."""
    if not facts.stamps:
        yield "Aucun.", ""
    for stamp in facts.stamps:
        yield f"{stamp.of} : {stamp.at:%d/%m/%Y à %H:%M:%S} UTC", f"Donné par {stamp.tsa}"


def members_told(facts: SummaryFacts) -> _Rows:
    """Each member: its name, what it is, its digest."""
    for member in facts.dossier.members:
        size = f"{member.size:,}".replace(",", "\u00a0")
        label = member.role.label
        if member.role is Role.RETOUR:
            label = retour_label(member.about.get("kind")).capitalize()
        yield label, f"{member.name} ({size}\u00a0octets) {member.sha256}"


def how_to_verify(facts: SummaryFacts) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What to type, with our program and without it."""
    name, folder = facts.file_name, f"envoi/{facts.dossier.transmissions[0].rank}"
    seal = f"{_CMS} -inform DER -in {folder}/sceau.p7s -content {folder}/archive.tar.gz"
    signature = f"{_CMS} -inform PEM -in {folder}/signature-01.p7s -content DOCUMENT"
    yield "Avec le programme, sans réseau ni base de données :", (f"transmission verify {name}",)
    yield (
        "Sans lui : ouvrir le dossier, qui est une archive ZIP, et s'y placer :",
        (f"unzip -d dossier {name} && cd dossier", "cat certificats/*.pem > certificats.pem"),
    )
    yield "La signature de tous les fichiers (XAdES, ETSI EN 319 132) :", (_XADES,)
    yield "Le sceau d'un envoi et la signature d'un document (CMS) :", (seal, signature)
    yield "Un horodatage (RFC 3161) :", (_TIME_STAMP,)


JOURNAL_TOLD = (
    "Chaque ligne de journal/lignes.jsonl mène, par journal/preuves.json, à l'en-tête horodaté "
    "d'une ancre (dossier ancres). La règle de calcul est publiée avec le programme "
    "(docs/evidence.md). Le fichier racine.pem est celui des autorités auxquelles le lecteur se "
    "fie ; un certificat expiré depuis se juge à la date de l'horodatage."
)


def _date_head(date: LegalDate) -> str:
    day = long_date(date.day) if date.day else "date inconnue"
    provisional = " (provisoire)" if date.provisional else ""
    return f"{LABELS.get(date.name, date.titre)} : {day}{provisional}"


def _has(facts: SummaryFacts, role: Role, rank: int) -> int:
    """How many members of a sending have a role."""
    return sum(
        member.role is role and member.about.get("transmission") == rank
        for member in facts.dossier.members
    )


def _count(signed: int) -> str:
    if not signed:
        return "aucun document signé"
    return f"{signed} document{'s' if signed > 1 else ''} signé{'s' if signed > 1 else ''}"


def _author(name: str) -> str:
    return "le service" if name == SERVICE.name else name


def _moment(facts: SummaryFacts, at: datetime) -> str:
    there = at.astimezone(ZoneInfo(facts.time_zone))
    return f"{there:%d/%m/%Y à %H:%M:%S}"
