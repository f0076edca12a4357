"""Envelopes of the State: from the préfecture in charge of an authority (ACTES protocol §3.2)."""

from collections.abc import Iterable
from datetime import date

from transmission.mocktdt import xmlio
from transmission.mocktdt.accounts import Authority
from transmission.mocktdt.templating import fill


def service_of(authority: Authority) -> str:
    """`PREF042` for arrondissement 1, `SPREF0422` for any other."""
    if _is_chief(authority):
        return f"PREF{authority.departement}"
    return f"SPREF{authority.departement}{authority.arrondissement}"


def service_label(authority: Authority) -> str:
    """The same, for people."""
    where = f"département {authority.departement}"
    if _is_chief(authority):
        return f"Préfecture, {where}"
    return f"Sous-préfecture, {where}, arrondissement {authority.arrondissement}"


def envelope_stem(quadrigram: str, authority: Authority, day: date, number: int) -> str:
    """`EACT--SPREF0422-123456782-20260316-57`."""
    return f"{quadrigram}--{service_of(authority)}-{authority.siren}-{day:%Y%m%d}-{number}"


def envelope_xml(authority: Authority, message_names: Iterable[str]) -> bytes:
    """An EnveloppeMISILLCL that lists these messages, in ISO-8859-1."""
    departement = xmlio.attribute("actes:Departement", authority.departement)
    arrondissement = xmlio.attribute("actes:Arrondissement", authority.arrondissement)
    return fill(
        "enveloppe_etat.xml",
        service=f"<actes:IDPref{departement}/>"
        if _is_chief(authority)
        else f"<actes:IDSousPref{departement}{arrondissement}/>",
        forms="\n        ".join(map(_form, message_names)),
        siren=authority.siren,
    ).encode("iso-8859-1")


def _is_chief(authority: Authority) -> bool:
    return authority.arrondissement == "1"


def _form(name: str) -> str:
    return (
        f"<actes:Formulaire><actes:NomFichier>{xmlio.text(name)}</actes:NomFichier>"
        "</actes:Formulaire>"
    )
