"""How a CMS signature points at its signer's certificate.

Issuer and serial are cut out of the certificate's own bytes, for a receiver compares bytes; and an
old accented name (T61String in Latin-1) is one that `cryptography` refuses to parse.
"""

from cryptography import x509

from transmission.signature import der
from transmission.signature.signed_data import read_identifier


def signer_identifier(certificate: bytes) -> bytes:
    """IssuerAndSerialNumber (RFC 5652 §10.2.4) of a DER certificate; raises DerError."""
    issuer, serial = _issuer_and_serial(certificate)
    return der.sequence(issuer, serial)


def issuer_serial(certificate: bytes) -> bytes:
    """IssuerSerial, the same two facts as ESS writes them (RFC 5035 §5.3); raises DerError."""
    issuer, serial = _issuer_and_serial(certificate)
    return der.sequence(der.sequence(der.tlv(der.CONTEXT_4, issuer)), serial)


def read_certificate(encoded: bytes) -> x509.Certificate:
    """A DER certificate, whose serial number is positive: the library only warns of others.

    Raises ValueError (DerError among others), x509.InvalidVersion.
    """
    read_identifier(der.read_one(signer_identifier(encoded), der.SEQUENCE))
    return x509.load_der_x509_certificate(encoded)


def _issuer_and_serial(certificate: bytes) -> tuple[bytes, bytes]:
    to_be_signed = der.Reader(der.Reader(certificate).take(der.SEQUENCE).content)
    fields = der.Reader(to_be_signed.take(der.SEQUENCE).content)
    fields.take_if(der.CONTEXT_0)
    serial = fields.take(der.INTEGER)
    fields.take(der.SEQUENCE)
    issuer = fields.take(der.SEQUENCE)
    return issuer.encoded, serial.encoded
