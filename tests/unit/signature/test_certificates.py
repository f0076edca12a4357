from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from transmission.signature import der
from transmission.signature.certificates import issuer_serial, signer_identifier


def test_issuer_and_serial_are_those_of_the_certificate(signer: Any):
    certificate = signer("p-256").identity.certificate
    issuer, serial = certificate.issuer.public_bytes(), der.integer(certificate.serial_number)
    encoded = certificate.public_bytes(Encoding.DER)
    assert signer_identifier(encoded) == der.sequence(issuer, serial)
    names = der.sequence(der.tlv(der.CONTEXT_4, issuer))
    assert issuer_serial(encoded) == der.sequence(names, serial)


def test_a_name_the_library_cannot_parse_is_cut_out_as_it_stands(latin_1_certificate: bytes):
    with pytest.raises(ValueError, match="issuer"):
        _ = x509.load_der_x509_certificate(latin_1_certificate).issuer
    assert "Mairie de Lévis".encode("latin-1") in signer_identifier(latin_1_certificate)


def test_a_certificate_of_version_1_has_an_issuer_and_a_serial(
    signer: Any, openssl: Any, tmp_path: Path
):
    key, request, path = signer("p-256").key_file, tmp_path / "request", tmp_path / "v1.cer"
    openssl("req", "-new", "-key", key, "-subj", "/CN=Mairie", "-out", request)
    # fmt: off
    openssl("x509", "-req", "-in", request, "-signkey", key, "-set_serial", "9",
            "-outform", "DER", "-out", path)
    # fmt: on
    certificate = x509.load_der_x509_certificate(path.read_bytes())
    assert certificate.version is x509.Version.v1
    issuer = certificate.issuer.public_bytes()
    assert signer_identifier(path.read_bytes()) == der.sequence(issuer, der.integer(9))


@given(st.binary(max_size=100))
def test_what_is_no_certificate_is_refused(encoded: bytes):
    with pytest.raises(der.DerError):
        signer_identifier(encoded)
