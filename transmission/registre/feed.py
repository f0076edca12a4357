"""The Atom feed of an authority's acts on line (RFC 4287), in pages (RFC 5005 §3)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from lxml import etree

from transmission.domain.french_dates import long_date
from transmission.domain.texte import printable
from transmission.registre.links import Links
from transmission.store.queries.registre import PublishedActe, Publisher

MEDIA_TYPE = "application/atom+xml"
ATOM = "http://www.w3.org/2005/Atom"
METALINK = "urn:ietf:params:xml:ns:metalink"
"""Its ``hash`` element says the digest of a file (RFC 5854 §4.2.4)."""

# Names stay when the register changes address: they are made of what never changes.
_NAMES = UUID("6f1f5a3c-2f0e-5d0e-9a43-6d1d4f1b2c77")


def feed_of(
    publisher: Publisher,
    actes: Sequence[PublishedActe],
    links: Links,
    before: int | None,
    following: int | None,
) -> bytes:
    """A page of the feed, the last published first.

    ``links`` are whole addresses; ``before`` and ``following`` are the publications before which
    this page and the next begin, None for the first page, and when there is no other.
    """
    feed = etree.Element(_atom("feed"), nsmap={None: ATOM, "m": METALINK})
    siren = publisher.siren
    _text(feed, "id", _name(siren))
    _text(feed, "title", f"Actes de {publisher.nom}")
    _text(feed, "updated", _instant(max((each.at for each in actes), default=publisher.since)))
    author = etree.SubElement(feed, _atom("author"))
    _text(author, "name", publisher.nom)
    _link(feed, "self", links.feed(siren, before), MEDIA_TYPE)
    _link(feed, "alternate", links.liste(siren), "text/html")
    _link(feed, "first", links.feed(siren), MEDIA_TYPE)
    if following is not None:
        _link(feed, "next", links.feed(siren, following), MEDIA_TYPE)
    for each in actes:
        _entry(feed, each, links)
    return etree.tostring(feed, xml_declaration=True, encoding="utf-8")


def _entry(feed: etree._Element, published: PublishedActe, links: Links) -> None:
    siren = published.publisher.siren
    entry = etree.SubElement(feed, _atom("entry"))
    _text(entry, "id", _name(f"{siren}/{published.id}/{published.file.sha256}"))
    _text(entry, "title", f"{_titled(published)} : {published.objet}")
    _text(entry, "updated", _instant(published.at))
    _text(entry, "summary", _summary(published))
    nature = published.nature
    etree.SubElement(entry, _atom("category"), term=nature.abrege, label=nature.label)
    _link(entry, "alternate", links.acte(siren, published.id), "text/html")
    file = _link(entry, "enclosure", links.pdf(siren, published.id), "application/pdf")
    file.set("length", str(published.file.size))
    file.set("title", published.nom_fichier)
    digest = etree.SubElement(entry, f"{{{METALINK}}}hash", type="sha-256")
    digest.text = published.file.sha256


def _titled(published: PublishedActe) -> str:
    return f"{published.nature.label} {published.numero_interne}"


def _summary(published: PublishedActe) -> str:
    said = [f"Décision du {long_date(published.date_decision)}."]
    if published.date_reception is not None:
        said.append(
            f"Reçu en préfecture le {long_date(published.date_reception)}, sous l'identifiant "
            f"{published.id_acte}."
        )
    said.append(f"Mis en ligne le {long_date(published.date_mise_en_ligne)}.")
    said.append(f"Empreinte SHA-256 du fichier : {published.file.sha256}.")
    return " ".join(said)


def _link(parent: etree._Element, rel: str, href: str, media_type: str) -> etree._Element:
    return etree.SubElement(parent, _atom("link"), rel=rel, href=href, type=media_type)


def _text(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, _atom(name)).text = printable(text)


def _atom(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _name(what: str) -> str:
    return uuid5(_NAMES, what).urn


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
