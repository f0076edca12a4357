"""The addresses of the register's pages: within its pages, and whole."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from transmission.store.queries.registre import Place, Sifted


@dataclass(frozen=True, slots=True)
class Links:
    """``base`` is written before every path: empty, or a path within a site, or a whole address."""

    base: str = ""

    @classmethod
    def within(cls, public_url: str | None) -> "Links":
        """Those of a page, whose browser knows the rest; a site may keep the register in a path."""
        return cls(urlsplit(public_url or "").path.rstrip("/"))

    def home(self) -> str:
        """The authorities."""
        return f"{self.base}/"

    def liste(self, siren: str, sifted: Sifted | None = None, after: Place | None = None) -> str:
        """The acts of an authority."""
        words, year = (sifted.text, sifted.year) if sifted else ("", None)
        return f"{self.base}/{siren}/{_query(q=words, annee=year, apres=after)}"

    def acte(self, siren: str, copy_id: int) -> str:
        """One act."""
        return f"{self.base}/{siren}/actes/{copy_id}"

    def pdf(self, siren: str, copy_id: int) -> str:
        """Its file."""
        return f"{self.acte(siren, copy_id)}.pdf"

    def feed(self, siren: str, before: int | None = None) -> str:
        """The Atom feed of an authority, or what it had before a publication."""
        return f"{self.base}/{siren}/atom.xml{_query(avant=before)}"

    def asset(self, name: str, version: str) -> str:
        """A file of the register's own."""
        return f"{self.base}/statique/{name}?v={version}"


def _query(**asked: object) -> str:
    said = {name: str(value) for name, value in asked.items() if value}
    return f"?{urlencode(said)}" if said else ""
