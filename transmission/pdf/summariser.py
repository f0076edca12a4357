"""The port ``Summariser``."""

from typing import BinaryIO

from transmission.ports.dossiers import SummaryFacts


class PdfSummariser:
    """Prints the summary of a dossier de preuve."""

    def summarise(self, facts: SummaryFacts, target: BinaryIO) -> None:
        """Write a PDF; the same facts give the same bytes. Raises PdfError."""
        # Here, so that the many commands which print nothing do not pay for the typesetting.
        from transmission.pdf.synthese import write_summary

        write_summary(facts, target)
