"""The port ``Certifier``."""

from typing import BinaryIO

from transmission.ports.certificat import CertificateFacts


class PdfCertifier:
    """Prints the certificate of executory character."""

    def certify(self, facts: CertificateFacts, target: BinaryIO) -> None:
        """Write a PDF of one page. Raises UnprintableTextError, OverfullCertificateError."""
        # Here, so that the many commands which print nothing do not pay for the typesetting.
        from transmission.pdf.certificat import write_certificate

        write_certificate(facts, target)
