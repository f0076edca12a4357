"""What the ministry writes. Every message says in a comment that it is fictitious."""

from datetime import date

from transmission.mocktdt import xmlio
from transmission.mocktdt.parcel import Acte
from transmission.mocktdt.templating import fill

_INDENT = "\n        "


def ar_acte(acte: Acte, id_acte: str, date_reception: date, classification: date) -> bytes:
    """An ARActe (1-2): the echo of the act, re-serialised, in ISO-8859-1."""
    return _latin(
        fill(
            "ar_acte.xml",
            date_reception=date_reception.isoformat(),
            id_acte=id_acte,
            attributes=_attributes(acte),
            acte=_echo(acte),
            classification=classification.isoformat(),
        )
    )


def anomalie_acte(acte: Acte, day: date, nature: str, detail: str, classification: date) -> bytes:
    """An AnomalieActe (1-3), in ISO-8859-1."""
    return _latin(
        fill(
            "anomalie_acte.xml",
            day=day.isoformat(),
            nature=xmlio.text(nature),
            detail=xmlio.text(detail),
            attributes=_attributes(acte),
            acte=_echo(acte),
            classification=classification.isoformat(),
        )
    )


def anomalie_enveloppe(
    envelope: bytes, day: date, nature: str, detail: str, encoding: str = "utf-8"
) -> bytes:
    """An AnomalieEnveloppe, as S²LOW keeps it: UTF-8 bytes under an ISO-8859-1 declaration.

    The lie is the real platform's (S²LOW API §1.4); a mail is written in the declared encoding.
    `envelope`: the XML of the refused envelope.
    """
    return fill(
        "anomalie_enveloppe.xml",
        day=day.isoformat(),
        nature=xmlio.text(nature),
        detail=xmlio.text(detail),
        envelope=_INDENT.join(_envelope_recue(envelope)),
    ).encode(encoding, "xmlcharrefreplace")


def ar_annulation(id_acte: str, date_reception: date) -> bytes:
    """An ARAnnulation (6-2)."""
    return _latin(
        fill("ar_annulation.xml", id_acte=id_acte, date_reception=date_reception.isoformat())
    )


def sans_changement(day: date) -> bytes:
    """A ReponseClassificationSansChangement (7-3)."""
    return _latin(fill("sans_changement.xml", date=day.isoformat()))


def _attributes(acte: Acte) -> str:
    return (
        xmlio.attribute("actes:CodeNatureActe", str(acte.nature))
        + xmlio.attribute("actes:Date", acte.day.isoformat())
        + xmlio.attribute("actes:NumeroInterne", acte.number)
    )


def _echo(acte: Acte) -> str:
    lines = [
        f"<actes:CodeMatiere{level}{xmlio.attribute('actes:CodeMatiere', code)}/>"
        for level, code in acte.matieres
    ]
    lines.append(_element("Objet", acte.objet))
    if acte.precedent:
        precedent = xmlio.attribute("actes:IDActe", acte.precedent)
        lines.append(f"<actes:PrecedentIdentifiantActe{precedent}/>")
    lines.append(_element("ClassificationDateVersion", acte.classification_date))
    lines.append(f"<actes:Document>{_element('NomFichier', acte.document)}</actes:Document>")
    lines.append(_annexes(acte))
    return _INDENT.join(lines)


def _annexes(acte: Acte) -> str:
    number = xmlio.attribute("actes:Nombre", str(len(acte.annexes)))
    if not acte.annexes:
        return f"<actes:Annexes{number}/>"
    items = (
        f"    <actes:Annexe>{_element('NomFichier', name)}</actes:Annexe>" for name in acte.annexes
    )
    return _INDENT.join((f"<actes:Annexes{number}>", *items, "</actes:Annexes>"))


def _envelope_recue(envelope: bytes) -> list[str]:
    root = xmlio.parse(envelope)
    idcl = "".join(
        xmlio.attribute(name, xmlio.first(root, f"actes:Emetteur/actes:IDCL/@{name}"))
        for name in ("insee:SIREN", "actes:Departement", "actes:Arrondissement", "actes:Nature")
    )
    emails = xmlio.every(root, "actes:AdressesRetour/actes:Email")
    forms = xmlio.every(root, "actes:FormulairesEnvoyes/actes:Formulaire/actes:NomFichier")
    return [
        f"<actes:Emetteur><actes:IDCL{idcl}/></actes:Emetteur>",
        "<actes:AdressesRetour>",
        *(f"    {_element('Email', email)}" for email in emails),
        "</actes:AdressesRetour>",
        "<actes:FormulairesEnvoyes>",
        *(
            f"    <actes:Formulaire>{_element('NomFichier', name)}</actes:Formulaire>"
            for name in forms
        ),
        "</actes:FormulairesEnvoyes>",
    ]


def _element(name: str, content: str) -> str:
    return f"<actes:{name}>{xmlio.text(content)}</actes:{name}>"


def _latin(content: str) -> bytes:
    return content.encode("iso-8859-1", "xmlcharrefreplace")
