import asyncio
import datetime as dt
import os
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from transmission.ports.proof import Trust
from transmission.signature.trust import Standing, assess, judge

BEGIN, END = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2028, 1, 1, tzinfo=dt.UTC)
SIGNED = dt.datetime(2026, 3, 10, 9, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


class Chain:
    """A root, an intermediate and one signer, with the keys to list what was revoked."""

    def __init__(self) -> None:
        self.keys = {who: ec.generate_private_key(ec.SECP256R1()) for who in "risx"}
        self.root = self.issue("r", "r", begin=BEGIN - 900 * DAY, end=END + 900 * DAY)
        self.intermediate = self.issue("i", "r", begin=BEGIN - 90 * DAY, end=END + 90 * DAY)
        self.signer = self.issue("s", "i")

    def issue(
        self,
        who: str,
        issuer: str,
        begin: dt.datetime = BEGIN,
        end: dt.datetime = END,
    ) -> x509.Certificate:
        url = x509.UniformResourceIdentifier("http://127.0.0.1:9/ocsp")
        method = AuthorityInformationAccessOID.OCSP
        return (
            x509.CertificateBuilder()
            .subject_name(self.name(who))
            .issuer_name(self.name(issuer))
            .public_key(self.keys[who].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(who != "s", None), critical=True)
            .add_extension(
                x509.AuthorityInformationAccess([x509.AccessDescription(method, url)]), False
            )
            .sign(self.keys[issuer], hashes.SHA256())
        )

    @staticmethod
    def name(who: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Essai {who}")])

    def crl(
        self, issuer: str, *revoked: tuple[x509.Certificate, dt.datetime], issued: dt.datetime
    ) -> bytes:
        builder = x509.CertificateRevocationListBuilder(self.name(issuer), issued, issued + 7 * DAY)
        for certificate, at in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder(certificate.serial_number, at).build()
            )
        return builder.sign(self.keys[issuer], hashes.SHA256()).public_bytes(Encoding.DER)

    def judge(
        self, at: dt.datetime = SIGNED, revocations: Sequence[bytes] = ()
    ) -> tuple[Trust, str]:
        return judge(self.signer, [self.intermediate], [self.root], at, revocations)


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain()


def test_a_certificate_that_leads_to_a_root_is_trusted_and_revocation_is_said_unknown(
    chain: Chain,
) -> None:
    assert chain.judge() == (Trust.TRUSTED, "on ne sait pas s'il était révoqué à cette date")


def test_without_any_root_nobody_can_say(chain: Chain) -> None:
    trust, why = judge(chain.signer, [chain.intermediate], [], SIGNED)
    assert trust is Trust.UNKNOWN
    assert "aucune racine" in why


@pytest.mark.parametrize(
    ("at", "standing", "words"),
    [
        (BEGIN, Standing.SOUND, "révoqué"),
        (BEGIN - dt.timedelta(seconds=1), Standing.NOT_YET_VALID, "01/01/2026 à 00:00:00 UTC"),
        (END, Standing.SOUND, "révoqué"),
        (END + dt.timedelta(seconds=1), Standing.EXPIRED, "01/01/2028 à 00:00:00 UTC"),
        (END + 2000 * DAY, Standing.EXPIRED, "01/01/2028 à 00:00:00 UTC"),
    ],
)
def test_the_moment_decides_bounds_included(
    chain: Chain, at: dt.datetime, standing: Standing, words: str
) -> None:
    judgement = assess(chain.signer, [chain.intermediate], [chain.root], at)
    assert judgement.standing is standing
    assert words in judgement.why


def test_an_issuer_that_had_expired_is_named_as_such(chain: Chain) -> None:
    ended = chain.issue("i", "r", begin=BEGIN - 90 * DAY, end=BEGIN)
    trust, why = judge(chain.signer, [ended], [chain.root], SIGNED)
    assert trust is Trust.UNTRUSTED
    assert why.startswith("un certificat au-dessus de lui avait expiré")


def test_a_missing_link_another_root_and_a_forged_link_lead_nowhere(chain: Chain) -> None:
    stranger = Chain()
    for others, roots in (
        ([], [chain.root]),
        ([chain.intermediate], [stranger.root]),
        ([stranger.intermediate], [stranger.root]),
    ):
        assert judge(chain.signer, others, roots, SIGNED)[0] is Trust.UNTRUSTED


def test_a_self_signed_certificate_is_trusted_only_as_a_root(chain: Chain) -> None:
    alone = chain.issue("s", "s")
    assert assess(alone, [], [chain.root], SIGNED).standing is Standing.NO_PATH
    assert judge(alone, [], [alone], SIGNED)[0] is Trust.TRUSTED
    assert judge(alone, [], [alone], END + DAY)[0] is Trust.UNTRUSTED


def test_a_root_that_has_ended_vouches_for_nobody(chain: Chain) -> None:
    ended = chain.issue("r", "r", begin=BEGIN - 900 * DAY, end=SIGNED - DAY)
    judgement = assess(chain.signer, [chain.intermediate], [ended], SIGNED)
    assert judgement.standing is Standing.NO_PATH
    assert "aucune racine de confiance valable à cette date" in judgement.why


def test_a_signer_that_is_no_authority_issues_nothing(chain: Chain) -> None:
    issued = chain.issue("x", "s")
    judgement = assess(issued, [chain.signer, chain.intermediate], [chain.root], SIGNED)
    assert judgement.standing.trust is Trust.UNTRUSTED


def test_a_certificate_signed_over_sha_1_is_refused(chain: Chain) -> None:
    weak = _with_sha_1(chain)
    judgement = assess(weak, [chain.intermediate], [chain.root], SIGNED)
    assert judgement.standing is Standing.UNFIT


@cache
def _with_sha_1(chain: Chain) -> x509.Certificate:
    """`cryptography` no longer signs over SHA-1, openssl's own library under it still does."""
    from asn1crypto import x509 as asn1  # type: ignore[import-untyped]
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    body = asn1.Certificate.load(chain.signer.public_bytes(Encoding.DER))
    body["signature_algorithm"] = {"algorithm": "sha1_ecdsa"}
    body["tbs_certificate"]["signature"] = {"algorithm": "sha1_ecdsa"}
    digest = hashes.Hash(hashes.SHA1())
    digest.update(body["tbs_certificate"].dump(force=True))
    body["signature_value"] = chain.keys["i"].sign(
        digest.finalize(), ec.ECDSA(Prehashed(hashes.SHA1()))
    )
    return x509.load_der_x509_certificate(body.dump(force=True))


def test_lists_that_clear_every_certificate_leave_nothing_to_say(chain: Chain) -> None:
    after = SIGNED + DAY
    lists = [chain.crl("i", issued=after), chain.crl("r", issued=after)]
    assert chain.judge(revocations=lists) == (Trust.TRUSTED, "")
    for some in (lists[:1], lists[1:]):
        assert chain.judge(revocations=some)[1] != ""


@pytest.mark.parametrize("issued", [SIGNED - 60 * DAY, SIGNED - DAY, SIGNED + 300 * DAY])
def test_what_was_revoked_before_the_moment_is_refused_by_a_list_of_any_age(
    chain: Chain, issued: dt.datetime
) -> None:
    revoked = SIGNED - 61 * DAY
    lists = [chain.crl("i", (chain.signer, revoked), issued=issued)]
    trust, why = chain.judge(revocations=lists)
    assert trust is Trust.UNTRUSTED
    assert f"il avait été révoqué le {revoked:%d/%m/%Y à %H:%M:%S} UTC" in why


def test_what_was_revoked_after_the_moment_stays_good(chain: Chain) -> None:
    later = SIGNED + DAY
    lists = [chain.crl("i", (chain.signer, later), issued=later), chain.crl("r", issued=later)]
    assert chain.judge(revocations=lists) == (Trust.TRUSTED, "")
    assert chain.judge(at=later + DAY, revocations=lists)[0] is Trust.UNTRUSTED


def test_a_revoked_issuer_refuses_what_it_issued(chain: Chain) -> None:
    lists = [chain.crl("r", (chain.intermediate, BEGIN), issued=SIGNED)]
    trust, why = chain.judge(revocations=lists)
    assert trust is Trust.UNTRUSTED
    assert why.startswith("un certificat au-dessus de lui")


def test_an_old_list_that_clears_tells_nothing_of_today(chain: Chain) -> None:
    old = [chain.crl(who, issued=SIGNED - 30 * DAY) for who in "ir"]
    trust, why = chain.judge(revocations=old)
    assert trust is Trust.TRUSTED
    assert why


def test_a_list_that_someone_else_signed_tells_nothing(chain: Chain) -> None:
    forged = Chain().crl("i", (chain.signer, BEGIN), issued=SIGNED)
    assert chain.judge(revocations=[forged])[0] is Trust.TRUSTED


def test_an_answer_of_the_authority_counts_as_a_list_does(chain: Chain) -> None:
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=chain.signer,
        issuer=chain.intermediate,
        algorithm=hashes.SHA256(),
        cert_status=ocsp.OCSPCertStatus.REVOKED,
        this_update=SIGNED,
        next_update=SIGNED + DAY,
        revocation_time=SIGNED - DAY,
        revocation_reason=x509.ReasonFlags.key_compromise,
    )
    answer = (
        builder.responder_id(ocsp.OCSPResponderEncoding.HASH, chain.intermediate)
        .certificates([chain.intermediate])
        .sign(chain.keys["i"], hashes.SHA256())
        .public_bytes(Encoding.DER)
    )
    assert chain.judge(revocations=[answer])[0] is Trust.UNTRUSTED
    assert chain.judge(at=SIGNED - 2 * DAY, revocations=[answer])[0] is Trust.TRUSTED


def test_it_is_judged_under_a_running_event_loop_too(chain: Chain) -> None:
    async def judged() -> tuple[Trust, str]:
        return chain.judge(revocations=[chain.crl("i", issued=SIGNED)])

    assert asyncio.run(judged())[0] is Trust.TRUSTED


@given(garbage=st.binary(max_size=40))
@settings(max_examples=20)
def test_garbage_among_the_lists_is_passed_over(chain: Chain, garbage: bytes) -> None:
    assert chain.judge(revocations=[garbage])[0] is Trust.TRUSTED


def test_nothing_is_fetched(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_named: Any) -> Callable[..., None]:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.socket", refuse)
    assert chain.judge(revocations=[os.urandom(8)])[0] is Trust.TRUSTED
