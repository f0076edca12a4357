"""PDFs signed by an elected official, with a chain made here; pyHanko signs, none of our code."""

import asyncio
import datetime as dt
import io
from functools import cache
from typing import Any

import pikepdf
from asn1crypto import keys
from asn1crypto import x509 as asn1  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

BEGIN, END = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
SIGNED = dt.datetime(2023, 3, 3, 9, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


class Town:
    """A root, a mayor who signs PDFs with pyHanko, and what the tests do to them."""

    def __init__(self) -> None:
        self.keys = {who: ec.generate_private_key(ec.SECP256R1()) for who in ("racine", "maire")}
        self.root = self.issue("racine", "racine", begin=BEGIN - 900 * DAY, end=END + 900 * DAY)
        self.mayor = self.issue("maire", "racine")

    def issue(
        self,
        who: str,
        issuer: str,
        begin: dt.datetime = BEGIN,
        end: dt.datetime = END,
        usage: str = "content_commitment",
    ) -> x509.Certificate:
        names = (
            *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
            *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
        )
        usages = dict.fromkeys(names, False)
        usages |= dict.fromkeys(
            ("key_cert_sign", "crl_sign") if who == "racine" else (usage,), True
        )
        return (
            x509.CertificateBuilder()
            .subject_name(self.name(who))
            .issuer_name(self.name(issuer))
            .public_key(self.keys[who].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(who == "racine", None), critical=True)
            .add_extension(x509.KeyUsage(**usages), critical=True)
            .sign(self.keys[issuer], hashes.SHA256())
        )

    @staticmethod
    def name(who: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Saint-Exemple, {who}")])

    def sign(
        self,
        pdf: bytes,
        certificate: x509.Certificate | None = None,
        *,
        field: str = "Maire",
        at: dt.datetime | None = SIGNED,
        **meta: Any,
    ) -> bytes:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.fields import SigSeedSubFilter
        from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

        form = SigSeedSubFilter.PADES
        metadata = PdfSignatureMetadata(field_name=field, subfilter=form, **meta)
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        signer = self.signer(certificate or self.mayor)
        session = PdfSigner(metadata, signer).init_signing_session(writer)
        session.system_time = at or SIGNED
        document = session.prepare_tbs_document(None, 20_000)
        output = io.BytesIO()
        prepared, _ = document.digest_tbs_document(output=output)
        cms = asyncio.run(
            signer.async_sign(prepared.document_digest, session.md_algorithm, use_pades=True)
        )
        document.cms_writer.send(cms)
        signed = output.getvalue()
        return signed if at else _without_time(signed)

    def own_key(self) -> bytes:
        """The key and the certificate of the mayor, in PEM, as an authority would keep them."""
        key = self.keys["maire"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return key + self.mayor.public_bytes(Encoding.PEM)

    def signer(self, certificate: x509.Certificate) -> Any:
        from pyhanko.sign.signers import SimpleSigner
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        key = _asn1_key(self.keys["maire"])
        own = asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
        return SimpleSigner(own, key, SimpleCertificateStore())  # type: ignore[no-untyped-call]


def _asn1_key(key: ec.EllipticCurvePrivateKey) -> Any:
    return keys.PrivateKeyInfo.load(
        key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    )


def _without_time(signed: bytes) -> bytes:
    """Breaks the signature too; only what is said of its time is looked at."""
    return signed.replace(b"/M (", b"/Z (")


@cache
def blank() -> bytes:
    """A page with a line."""
    target = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        page.Contents = pdf.make_stream(b"0 0 m 100 100 l S")
        pdf.save(target, compress_streams=False)
    return target.getvalue()
