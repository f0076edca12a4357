"""The State's mails: an HTML body, loose files, a logo that nothing names (ACTES protocol §8)."""

import html
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from importlib import resources

from transmission.mocktdt import names, state, xmlio
from transmission.mocktdt.accounts import Authority
from transmission.mocktdt.clock import PARIS, civil_day
from transmission.mocktdt.retours import Retour
from transmission.mocktdt.temper import Temper
from transmission.mocktdt.templating import fill

SENDER = "actes-fictif@interieur.example"
_TYPES = {"xml": ("application", "xml"), "png": ("image", "png"), "pdf": ("application", "pdf")}
_OBJET_LIMIT = 100
_LABELS = {
    "1-2": "Accusé de réception d'un acte",
    "1-3": "Anomalie sur un acte",
    "2-1": "Courrier simple",
    "3-1": "Demande de pièces complémentaires",
    "3-5": "Accusé de réception de pièces complémentaires ou d'un refus",
    "4-1": "Lettre d'observations",
    "4-5": "Accusé de réception d'une réponse à une lettre d'observations",
    "5-1": "Déféré au tribunal administratif",
    "6-2": "Accusé de réception d'une annulation",
    "7-2": "Classification en vigueur",
    "7-3": "Classification inchangée",
    "": "Anomalie sur une enveloppe",
}

Attachments = Sequence[tuple[str, bytes]]


def retour_mail(
    retours: Sequence[Retour], authority: Authority, temper: Temper, quadrigram: str
) -> EmailMessage:
    """One mail of one envelope of the State that carries `retours`, all for `authority`.

    An AnomalieEnveloppe is given alone, and has no envelope.
    """
    messages = [(retour.name, retour.xml) for retour in retours]
    documents = [document for retour in retours for document in retour.documents]
    first = retours[0]
    if first.code:
        day, number = civil_day(first.at), temper.sequence()
        stem = state.envelope_stem(quadrigram, authority, day, number)
        xml = state.envelope_xml(authority, (name for name, _ in messages))
        messages.insert(0, (f"{stem}.xml", xml))
    body = fill("mail.html", facts="\n".join(_facts(retour, authority) for retour in retours))
    attachments = temper.shuffled([*messages, *documents, ("logo.png", _logo())])
    label = _LABELS[first.code] if len(retours) == 1 else f"{len(retours)} retours"
    mail = _with_files(body, attachments, wrapped=temper.wraps())
    return _addressed(mail, f"[FICTIF] ACTES : {label} ({first.name})", first)


def paper_mail(retour: Retour, authority: Authority) -> EmailMessage:
    """What follows the AR of an act whose other documents come by post: no XML at all."""
    body = fill("mail_papier.html", facts=_facts(retour, authority))
    mail = _with_files(body, [("logo.png", _logo())], wrapped=False)
    return _addressed(mail, f"[FICTIF] ACTES : documents papier attendus ({retour.name})", retour)


def _with_files(body: str, attachments: Attachments, *, wrapped: bool) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    latin = body.encode("iso-8859-1", "xmlcharrefreplace").decode("iso-8859-1")
    mail.set_content(latin, subtype="html", charset="iso-8859-1")
    for name, content in attachments:
        extension = name.rpartition(".")[2]
        maintype, subtype = _TYPES.get(extension, ("application", "octet-stream"))
        mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return _wrapped(mail) if wrapped else mail


def _wrapped(mail: EmailMessage) -> EmailMessage:
    del mail["MIME-Version"]
    outer = EmailMessage(policy=SMTP)
    outer.set_content("Ce message est en HTML.")
    outer.make_alternative()
    outer.attach(mail)
    return outer


def _addressed(mail: EmailMessage, subject: str, retour: Retour) -> EmailMessage:
    envelope = xmlio.parse(retour.envelope.xml)
    mail["From"] = SENDER
    mail["To"] = ", ".join(xmlio.every(envelope, "actes:AdressesRetour/actes:Email"))
    mail["Date"] = format_datetime(retour.at)
    mail["Subject"] = subject
    return mail


def _facts(retour: Retour, authority: Authority) -> str:
    facts = {
        "Service destinataire": state.service_label(authority),
        "Nature de la transaction": _LABELS[retour.code],
        "Date d'émission": f"{retour.at.astimezone(PARIS):%d/%m/%Y %H:%M:%S (GMT%z)}",
        "Nombre de pièces jointes": str(len(retour.documents)),
        "Émetteur": authority.name,
        "SIREN": authority.siren,
        **_facts_of_acte(retour),
    }
    rows = (
        f"<tr><th>{html.escape(k)}</th><td>{html.escape(v)}</td></tr>" for k, v in facts.items()
    )
    return f"<table>{''.join(rows)}</table>"


def _facts_of_acte(retour: Retour) -> dict[str, str]:
    acte = retour.about.about if retour.about else None
    if retour.about is None or acte is None:
        return {"Enveloppe": retour.envelope.xml_name}
    return {
        "Numéro de l'acte": acte.number,
        "Objet": acte.objet[:_OBJET_LIMIT],
        "Nature de l'acte": names.NATURES[acte.nature].label,
        "Matière": acte.classification,
        "Identifiant": retour.about.message.id_acte,
    }


@cache
def _logo() -> bytes:
    return (resources.files(__package__) / "templates" / "logo.png").read_bytes()
