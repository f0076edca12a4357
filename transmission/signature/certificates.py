"""How a CMS signature points at its signer's certificate.

Issuer and serial are cut out of the certificate's own bytes, for a receiver compares bytes; and an
old accented name (T61String in Latin-1) is one that `cryptography` refuses to parse.
"""

from transmission.signature import der


def signer_identifier(certificate: bytes) -> bytes:
    """IssuerAndSerialNumber (RFC 5652 §10.2.4) of a DER certificate; raises DerError."""
    issuer, serial = _issuer_and_serial(certificate)
    return der.sequence(issuer, serial)


def issuer_serial(certificate: bytes) -> bytes:
    """IssuerSerial, the same two facts as ESS writes them (RFC 5035 §5.3); raises DerError."""
    issuer, serial = _issuer_and_serial(certificate)
    return der.sequence(der.sequence(der.tlv(der.CONTEXT_4, issuer)), serial)


def _issuer_and_serial(certificate: bytes) -> tuple[bytes, bytes]:
    to_be_signed = der.Reader(der.Reader(certificate).take(der.SEQUENCE).content)
    fields = der.Reader(to_be_signed.take(der.SEQUENCE).content)
    fields.take_if(der.CONTEXT_0)
    serial = fields.take(der.INTEGER)
    fields.take(der.SEQUENCE)
    issuer = fields.take(der.SEQUENCE)
    return issuer.encoded, serial.encoded
