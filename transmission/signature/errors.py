"""What can go wrong with a key, a certificate or a signature; every message is for an operator."""

from transmission.domain.errors import TransmissionError


class SignatureError(TransmissionError):
    """Root of this package's refusals."""


class KeyFileError(SignatureError):
    """A key or certificate file is missing, damaged, or holds something else."""


class PassphraseError(SignatureError):
    """The passphrase is missing, superfluous or refused; its value is in no message."""


class UnsupportedKeyError(SignatureError):
    """The key is sound but too weak, or of a kind that receivers do not accept."""


class KeyMismatchError(SignatureError):
    """No certificate at hand was issued for the private key."""


class CertificateExpiredError(SignatureError):
    """The certificate had ended at the moment of the signature."""


class CertificateNotYetValidError(SignatureError):
    """The certificate had not begun at the moment of the signature."""


class NoUsableKeyError(SignatureError):
    """Several keys were named and none can sign; the message says why of each."""


class HardwareKeyError(SignatureError):
    """The hardware that holds a key is absent, refuses or failed; its PIN is in no message."""


class HardwareAwayError(HardwareKeyError, OSError):
    """The hardware does not answer, and may later: a fault of a machine, tried again."""


class InvalidSignatureError(SignatureError):
    """A detached signature proves nothing about the document; the message names what is wrong."""
