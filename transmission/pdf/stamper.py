"""The port ``Stamper``."""

from pathlib import Path
from typing import BinaryIO

from transmission.pdf.stamp import Corner, Placement, Tampon, stamp_pdf
from transmission.ports import StampFacts


class TamponStamper:
    """Prints the stamp of the founding document."""

    def stamp(self, source: Path, target: BinaryIO, facts: StampFacts) -> None:
        """Write a stamped copy. Raises PdfError."""
        tampon = Tampon(
            date_reception=facts.date_reception,
            tdt_name=facts.tdt_name,
            identifiant=facts.identifiant,
            date_mise_en_ligne=facts.date_mise_en_ligne,
            marque=None,
        )
        stamp_pdf(source, target, tampon, Placement(corner=Corner(facts.corner)))
