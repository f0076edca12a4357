"""The certificate of executory character: one sober page (CGCT L. 2131-1 I al. 2; EX-4)."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from typing import BinaryIO
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus.paragraph import Paragraph

from transmission.domain.french_dates import long_date
from transmission.pdf.errors import PdfError, UnprintableTextError
from transmission.pdf.tagged import ROW_HEADER, TaggedPage
from transmission.pdf.typography import BODY_FONT, BOLD_FONT, printable, register_fonts
from transmission.ports.certificat import CertificateFacts

_TITLE = "Certificat de caractère exécutoire"
_MARGIN = 57.0
_WIDTH = A4[0] - 2 * _MARGIN
_LABEL_WIDTH = 118.0
_SIZES = (9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5)
"""Points of the running text, tried from the largest: a page too full is set smaller."""
_SIGNATURE_ROOM = 92.0
_RULE_RISE = 4.0
_LONG_WORD = 48
_SIGNATURE_X = _MARGIN + _WIDTH / 2

_Rows = tuple[tuple[str, str], ...]


class OverfullCertificateError(PdfError):
    """The facts do not fit on one page that anybody could read."""


def write_certificate(facts: CertificateFacts, target: BinaryIO) -> None:
    """Write the certificate as a tagged PDF of one page; the same facts give the same bytes.

    Raises UnprintableTextError for a character that the font lacks, OverfullCertificateError.
    """
    register_fonts()
    for size in _SIZES:
        blocks = list(_Composition(size).blocks(facts))
        if sum(block.height for block in blocks) <= A4[1] - 2 * _MARGIN:
            _draw(blocks).write(
                target,
                title=f"{_TITLE} : acte {facts.numero}",
                author=facts.collectivite,
                subject=facts.objet,
            )
            return
    raise OverfullCertificateError(
        f"Le certificat de l'acte {facts.numero} ne tient pas sur une page lisible : ses textes "
        "sont trop longs. Raccourcissez la fonction, le nom ou l'adresse de publication."
    )


@dataclass(frozen=True, slots=True)
class _Cell:
    """A wrapped paragraph, where it starts, and its role in the structure."""

    role: str
    paragraph: Paragraph
    x: float
    height: float


@dataclass(frozen=True, slots=True)
class _Block:
    """Cells side by side. ``group`` is the element that holds several blocks, ``part`` its part of
    one block; ``room`` is left under it, a hairline above it when it is ``ruled``."""

    cells: tuple[_Cell, ...]
    above: float
    group: str = ""
    part: str = ""
    room: float = 0.0
    ruled: bool = False

    @property
    def text_height(self) -> float:
        return max(cell.height for cell in self.cells)

    @property
    def height(self) -> float:
        return self.above + self.text_height + self.room


@dataclass(frozen=True, slots=True)
class _Composition:
    """The page at one size of text."""

    size: float

    def blocks(self, facts: CertificateFacts) -> Iterator[_Block]:
        """Everything printed, from top to bottom."""
        yield self._block("P", facts.collectivite, scale=1.15, font=BOLD_FONT)
        yield self._block("P", f"SIREN {_siren(facts.siren)}", above=0.1)
        yield self._block("H1", _TITLE, scale=1.7, font=BOLD_FONT, above=2.2, centred=True)
        yield self._block(
            "P",
            f"L'acte désigné ci-dessous est certifié exécutoire depuis le "
            f"{long_date(facts.executoire)}.",
            scale=1.15,
            above=0.9,
            centred=True,
        )
        yield from self._section("Acte", _acte(facts))
        yield from self._section("Réception par le représentant de l'État", _reception(facts))
        yield from self._section("Publicité", _publicity(facts))
        yield from self._section("Caractère exécutoire", _executory(facts))
        if facts.reservations:
            yield self._heading("Réserves et points à vérifier")
            for reservation in facts.reservations:
                yield self._block("LBody", f"– {reservation}", above=0.3, group="L", part="LI")
        yield self._heading("Portée du certificat")
        yield self._block("P", _worth(facts), above=0.4, scale=0.9)
        yield from self._signature(facts)

    def _heading(self, text: str) -> _Block:
        return self._block("H2", text, font=BOLD_FONT, above=1.5, ruled=True)

    def _section(self, title: str, rows: _Rows) -> Iterator[_Block]:
        yield self._heading(title)
        for label, value in rows:
            cells = (
                self._cell("TH", label, _MARGIN, _LABEL_WIDTH - 8, grey=True),
                self._cell(
                    "TD",
                    value,
                    _MARGIN + _LABEL_WIDTH,
                    _WIDTH - _LABEL_WIDTH,
                    # A digest keeps to one line, and can be copied.
                    scale=0.85 if len(max(value.split(), key=len, default="")) > _LONG_WORD else 1,
                ),
            )
            yield _Block(cells, 0.35 * self.size, group="Table", part="TR")

    def _signature(self, facts: CertificateFacts) -> Iterator[_Block]:
        lines = [f"Fait le {long_date(facts.date_delivrance)}", facts.signatory.fonction]
        if facts.signatory.nom:
            lines.append(facts.signatory.nom)
        for rank, line in enumerate(lines):
            cell = self._cell("P", line, _SIGNATURE_X, _WIDTH / 2)
            yield _Block((cell,), self.size * (0.3 if rank else 2))
        label = self._cell("P", "Signature", _SIGNATURE_X, _WIDTH / 2, grey=True)
        yield _Block((label,), 0.8 * self.size, room=_SIGNATURE_ROOM)

    def _block(
        self,
        role: str,
        text: str,
        *,
        above: float = 0.0,
        scale: float = 1.0,
        font: str = BODY_FONT,
        centred: bool = False,
        group: str = "",
        part: str = "",
        ruled: bool = False,
    ) -> _Block:
        cell = self._cell(role, text, _MARGIN, _WIDTH, scale=scale, font=font, centred=centred)
        return _Block((cell,), above * self.size, group, part, ruled=ruled)

    def _cell(
        self,
        role: str,
        text: str,
        x: float,
        width: float,
        *,
        scale: float = 1.0,
        font: str = BODY_FONT,
        centred: bool = False,
        grey: bool = False,
    ) -> _Cell:
        style = ParagraphStyle(
            "certificat",
            fontName=font,
            fontSize=self.size * scale,
            leading=self.size * scale * 1.3,
            alignment=TA_CENTER if centred else TA_LEFT,
            textColor="#4a4a4a" if grey else "#000000",
        )
        paragraph = Paragraph(escape(_faithful(text)), style)
        # So that what is set smaller stands on the line of its neighbours.
        drop = max(0.0, self.size * (1 - scale))
        return _Cell(role, paragraph, x, paragraph.wrap(width, A4[1])[1] + drop)


def _acte(facts: CertificateFacts) -> _Rows:
    return (
        ("Nature", facts.nature),
        ("Numéro", facts.numero),
        ("Objet", facts.objet),
        ("Date de la décision", long_date(facts.date_decision)),
    )


def _reception(facts: CertificateFacts) -> _Rows:
    if facts.reception is None:
        return (("Reçu en préfecture le", "Sans objet : cet acte a force sans être transmis."),)
    return (
        ("Reçu en préfecture le", long_date(facts.reception.date_reception)),
        ("Identifiant unique", facts.reception.id_acte),
        ("Transmis par", facts.reception.tdt_name),
        ("SHA-256 de l'accusé de réception", facts.reception.sha256),
    )


def _publicity(facts: CertificateFacts) -> _Rows:
    rows = [(each.label, long_date(each.day)) for each in facts.publicity]
    if not rows:
        rows = [("Formalité", "Sans objet : cet acte a force sans publicité.")]
    elif facts.address:
        rows.append(("Adresse", facts.address))
    return tuple(rows)


def _executory(facts: CertificateFacts) -> _Rows:
    return (
        ("Exécutoire depuis le", long_date(facts.executoire)),
        ("Calcul", facts.explanation),
        ("Règle", f"{facts.rule} – {facts.titre}"),
        ("Fondement", facts.basis),
    )


def _worth(facts: CertificateFacts) -> str:
    text = (
        "Ce certificat est délivré par l'autorité exécutive sous sa responsabilité "
        f"({facts.certification_basis}). Il n'est pas une condition du caractère exécutoire, que "
        "la loi attache à l'accomplissement des formalités rappelées ci-dessus."
    )
    if facts.reception is None:
        return text
    return (
        f"{text} La date de réception est celle que porte l'accusé de réception, conservé tel que "
        "reçu ; son empreinte permet de le vérifier."
    )


def _siren(siren: str) -> str:
    return "\u00a0".join((siren[:3], siren[3:6], siren[6:]))


def _faithful(text: str) -> str:
    try:
        return printable(text)
    except UnprintableTextError as error:
        raise UnprintableTextError(
            f"Le certificat ne peut pas imprimer « {text} » : sa police n'a pas tous les "
            "caractères de ce texte. Corrigez-le, ou saisissez-le autrement."
        ) from error


def _draw(blocks: list[_Block]) -> TaggedPage:
    page, y = TaggedPage(), A4[1] - _MARGIN
    for role, group in groupby(blocks, key=lambda block: block.group):
        with _inside(page, role):
            for block in group:
                y -= block.above
                if block.ruled:
                    page.rule(_MARGIN, y + _RULE_RISE, _WIDTH)
                _draw_block(page, block, y)
                y -= block.text_height + block.room
    return page


def _draw_block(page: TaggedPage, block: _Block, top: float) -> None:
    with _inside(page, block.part):
        for cell in block.cells:
            attributes = ROW_HEADER if cell.role == "TH" else {}
            with page.element(cell.role, **attributes):
                page.text(cell.paragraph, cell.x, top - cell.height)


def _inside(page: TaggedPage, role: str) -> AbstractContextManager[None]:
    return page.element(role) if role else nullcontext()
