"""Object identifiers of what we write and read, each as an encoded element (RFC 5652, RFC 5035, RFC
3161)."""

from typing import Final

from transmission.signature import der

DATA: Final = der.oid("1.2.840.113549.1.7.1")
SIGNED_DATA: Final = der.oid("1.2.840.113549.1.7.2")

CONTENT_TYPE: Final = der.oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST: Final = der.oid("1.2.840.113549.1.9.4")
SIGNING_TIME: Final = der.oid("1.2.840.113549.1.9.5")
SIGNING_CERTIFICATE: Final = der.oid("1.2.840.113549.1.9.16.2.12")
SIGNING_CERTIFICATE_V2: Final = der.oid("1.2.840.113549.1.9.16.2.47")

TST_INFO: Final = der.oid("1.2.840.113549.1.9.16.1.4")
