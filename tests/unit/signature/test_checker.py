"""What holds, who signed it, and whether they can be trusted: three answers, never two."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from transmission.bootstrap import proof_checker
from transmission.ports.proof import SoundSignature, Trust, UnsoundError
from transmission.signature import checker
from transmission.signature.checker import EvidenceChecker
from transmission.signature.cms import sign_detached, to_pem
from transmission.signature.xades import sign_files

DIGEST = hashlib.sha256(b"acte").digest()
FILES = {"acte.pdf": DIGEST}
Check = Callable[[EvidenceChecker], SoundSignature]


@pytest.fixture(params=["cms", "pem", "xades"])
def check(
    request: pytest.FixtureRequest, signer: Callable[[str], Any], signed_at: datetime
) -> Check:
    """Checks a signature of ours in each of its forms."""
    identity = signer("p-256").identity
    cms = sign_detached(identity, DIGEST, signing_time=signed_at)
    xades = sign_files(identity, FILES, signing_time=signed_at)
    forms: dict[str, Check] = {
        "cms": lambda checker: checker.cms(cms, DIGEST),
        "pem": lambda checker: checker.cms(to_pem(cms).encode(), DIGEST),
        "xades": lambda checker: checker.xades(xades, FILES),
    }
    return forms[request.param]


def test_a_certificate_that_leads_to_a_root_that_was_given_is_trusted(
    check: Check, authority: Any, signer: Callable[[str], Any], signed_at: datetime
) -> None:
    found = check(EvidenceChecker([authority.root]))
    certificate = signer("p-256").identity.certificate
    assert found.trust is Trust.TRUSTED
    assert found.certificate == certificate.public_bytes(Encoding.DER)
    assert "Cachet électronique de la mairie" in found.signer
    assert found.signing_time == signed_at


def test_without_roots_trust_is_not_known(check: Check) -> None:
    found = check(EvidenceChecker([]))
    assert found.trust is Trust.UNKNOWN
    assert found.why


def test_another_root_does_not_make_it_trusted(check: Check, signer: Callable[[str], Any]) -> None:
    found = check(EvidenceChecker([signer("p-384").identity.certificate]))
    assert found.trust is Trust.UNTRUSTED


def test_the_certificate_is_judged_at_the_moment_of_the_signature(
    check: Check, monkeypatch: pytest.MonkeyPatch, signed_at: datetime
) -> None:
    asked: list[datetime] = []

    def judged(_c: Any, _i: Any, _r: Any, at: datetime, _v: Any) -> tuple[Trust, str]:
        asked.append(at)
        return Trust.TRUSTED, ""

    monkeypatch.setattr(checker, "judge", judged)
    check(EvidenceChecker([]))
    assert asked == [signed_at]


def test_a_signature_that_says_no_time_cannot_be_judged(
    signer: Callable[[str], Any],
    authority: Any,
    signed_at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cms = sign_detached(signer("p-256").identity, DIGEST, signing_time=signed_at)
    real = checker.__dict__["verify_detached"]
    monkeypatch.setattr(checker, "verify_detached", lambda *a: replace(real(*a), signing_time=None))
    found = EvidenceChecker([authority.root]).cms(cms, DIGEST)
    assert (found.trust, found.signing_time) == (Trust.UNKNOWN, None)
    assert "quand" in found.why


def test_what_does_not_hold_is_unsound(signer: Callable[[str], Any], signed_at: datetime) -> None:
    identity, other = signer("p-256").identity, bytes(32)
    cms = sign_detached(identity, DIGEST, signing_time=signed_at)
    xades = sign_files(identity, FILES, signing_time=signed_at)
    with pytest.raises(UnsoundError, match="n'est pas celle du document"):
        EvidenceChecker([]).cms(cms, other)
    with pytest.raises(UnsoundError, match=r"« acte\.pdf »"):
        EvidenceChecker([]).xades(xades, {"acte.pdf": other})
    with pytest.raises(UnsoundError):
        EvidenceChecker([]).time_stamp(cms, DIGEST)


def test_it_is_wired_without_settings_nor_database(
    authority: Any, signer: Callable[[str], Any], signed_at: datetime, tmp_path: Path
) -> None:
    cms = sign_detached(signer("p-256").identity, DIGEST, signing_time=signed_at)
    assert proof_checker(authority.file).cms(cms, DIGEST).trust is Trust.TRUSTED
    assert proof_checker(None).cms(cms, DIGEST).trust is Trust.UNKNOWN
    with pytest.raises(UnsoundError, match="absent"):
        proof_checker(tmp_path / "absent.pem")
