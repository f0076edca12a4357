"""Does a certificate lead to a root that was given, at the moment of its use? Never any network."""

from collections.abc import Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from transmission.ports.proof import Trust

if TYPE_CHECKING:
    from pyhanko_certvalidator import ValidationContext
    from pyhanko_certvalidator.errors import PathValidationError
    from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy

Result = TypeVar("Result")
_ANY_AGE: Final = timedelta(days=365_000)


class Standing(Enum):
    """Where a certificate stood at a moment, and what that is worth."""

    SOUND = ("sound", Trust.TRUSTED)
    NO_ROOTS = ("no roots", Trust.UNKNOWN)
    NO_PATH = ("no path", Trust.UNTRUSTED)
    EXPIRED = ("expired", Trust.UNTRUSTED)
    NOT_YET_VALID = ("not yet valid", Trust.UNTRUSTED)
    REVOKED = ("revoked", Trust.UNTRUSTED)
    UNFIT = ("unfit", Trust.UNTRUSTED)

    def __init__(self, code: str, trust: Trust) -> None:
        self.code = code
        self.trust = trust


@dataclass(frozen=True, slots=True)
class Judgement:
    """A standing and, in French, what could not be established; empty when all of it was."""

    standing: Standing
    why: str = ""


def judge(
    certificate: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
    revocations: Sequence[bytes] = (),
) -> tuple[Trust, str]:
    """Same as `assess`, in the words of the port: the trust, and what could not be established."""
    judgement = assess(certificate, intermediates, roots, at, revocations)
    return judgement.standing.trust, judgement.why


def assess(
    certificate: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
    revocations: Sequence[bytes] = (),
) -> Judgement:
    """Judge a certificate by the rules of RFC 5280 §6, at an aware instant; never raises.

    :param intermediates: certificates that may stand between it and a root, in any order; what
        they are worth is judged too. A root counts only while it is itself valid.
    :param revocations: CRL and OCSP responses (DER), of that time or later. What they say was
        revoked before the moment is refused; without one that speaks of each certificate of the
        path, the certificate is trusted and `why` says that revocation is not known.
    """
    if not roots:
        return Judgement(Standing.NO_ROOTS, "aucune racine de confiance n'est configurée")
    try:
        if flaw := _out_of_time(certificate, at):
            return flaw
        return _finished(_assess(_Case.of(certificate, intermediates, roots, at, revocations)))
    except (ValueError, TypeError, KeyError, x509.InvalidVersion) as error:
        return Judgement(Standing.UNFIT, f"le certificat ou sa chaîne est illisible ({error})")


def _finished(work: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine that waits for nothing returns, with a running event loop or without one.

    The libraries are written to fetch; here they have all that they need.
    """
    try:
        work.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    work.close()
    raise RuntimeError("the coroutine waits for something")


@dataclass(frozen=True, slots=True)
class _Case:
    """What is judged, in the types of the library (asn1crypto certificates, lists, answers)."""

    certificate: Any
    others: list[Any]
    roots: list[Any]
    at: datetime
    lists: list[Any]
    answers: list[Any]

    @classmethod
    def of(
        cls,
        certificate: x509.Certificate,
        intermediates: Sequence[x509.Certificate],
        roots: Sequence[x509.Certificate],
        at: datetime,
        revocations: Sequence[bytes],
    ) -> "_Case":
        valid = [each for each in roots if _covers(each, at)]
        lists, answers = _read_revocations(revocations)
        return cls(
            _convert(certificate),
            [_convert(each) for each in intermediates],
            [_convert(each) for each in valid],
            at,
            lists,
            answers,
        )

    def context(self, policy: "CertRevTrustPolicy") -> "ValidationContext":
        from pyhanko_certvalidator import ValidationContext

        return ValidationContext(
            trust_roots=self.roots,
            other_certs=self.others,
            moment=self.at,
            crls=self.lists,
            ocsps=self.answers,
            revinfo_policy=policy,
            time_tolerance=timedelta(0),
        )


def _out_of_time(certificate: x509.Certificate, at: datetime) -> Judgement | None:
    """Looked at apart: the library does not, where the certificate is itself a root."""
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at > end:
        return Judgement(Standing.EXPIRED, f"il avait expiré le {_moment(end)}")
    if at < begin:
        return Judgement(Standing.NOT_YET_VALID, f"il ne valait qu'à partir du {_moment(begin)}")
    return None


async def _assess(case: _Case) -> Judgement:
    from pyhanko_certvalidator import CertificateValidator, errors
    from pyhanko_certvalidator.policy_decl import NO_REVOCATION, CertRevTrustPolicy

    context = case.context(CertRevTrustPolicy(NO_REVOCATION))
    validator = CertificateValidator(case.certificate, validation_context=context)
    try:
        path = await validator.async_validate_path()
    except errors.PathValidationError as error:
        return _refused(error)
    except (errors.PathBuildingError, errors.InvalidCertificateError):
        return Judgement(
            Standing.NO_PATH, "il ne mène à aucune racine de confiance valable à cette date"
        )
    return await _judge_revocation(case, list(path.iter_certs(include_root=False)))


def _refused(error: "PathValidationError") -> Judgement:
    from pyhanko_certvalidator import errors

    whose = "un certificat au-dessus de lui"
    if isinstance(error, errors.ExpiredError):
        return Judgement(Standing.EXPIRED, f"{whose} avait expiré le {_moment(error.expired_dt)}")
    if isinstance(error, errors.NotYetValidError):
        begin = _moment(error.valid_from)
        return Judgement(Standing.NOT_YET_VALID, f"{whose} ne valait qu'à partir du {begin}")
    return Judgement(Standing.UNFIT, f"sa chaîne n'est pas conforme ({error.failure_msg})")


async def _judge_revocation(case: _Case, path: Sequence[Any]) -> Judgement:
    unknown = False
    for certificate in path:
        above = certificate is not path[-1]
        for policy in _policies():
            revoked, known = await _revocation(case, certificate, policy)
            if revoked is not None:
                whose = "un certificat au-dessus de lui" if above else "il"
                return Judgement(Standing.REVOKED, f"{whose} avait été révoqué le {revoked}")
        unknown = unknown or not known
    if unknown:
        return Judgement(Standing.SOUND, "on ne sait pas s'il était révoqué à cette date")
    return Judgement(Standing.SOUND)


def _policies() -> Iterator["CertRevTrustPolicy"]:
    """What a list of any age says was revoked stays so; only one still current tells of the rest.

    One certificate at a time: the library stops at the first of the path it knows nothing of.
    """
    from pyhanko_certvalidator import policy_decl

    rule = policy_decl.RevocationCheckingPolicy(
        ee_certificate_rule=policy_decl.RevocationCheckingRule.CRL_OR_OCSP_REQUIRED,
        intermediate_ca_cert_rule=policy_decl.RevocationCheckingRule.NO_CHECK,
    )
    yield policy_decl.CertRevTrustPolicy(
        rule,
        freshness=_ANY_AGE,
        freshness_req_type=policy_decl.FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
        retroactive_revinfo=True,
    )
    yield policy_decl.CertRevTrustPolicy(rule, retroactive_revinfo=True)


async def _revocation(
    case: _Case, certificate: Any, policy: "CertRevTrustPolicy"
) -> tuple[str | None, bool]:
    from pyhanko_certvalidator import CertificateValidator, errors

    if not case.lists and not case.answers:
        return None, False
    context = case.context(policy)
    try:
        await CertificateValidator(certificate, validation_context=context).async_validate_path()
    except errors.RevokedError as error:
        return _moment(error.revocation_dt), True
    except (errors.ValidationError, errors.PathBuildingError):
        return None, False
    return None, True


def _covers(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _convert(certificate: x509.Certificate) -> Any:
    from asn1crypto import x509 as asn1  # type: ignore[import-untyped]

    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))


def _read_revocations(revocations: Sequence[bytes]) -> tuple[list[Any], list[Any]]:
    """Lists and answers apart; what is neither is passed over: it tells nothing."""
    from asn1crypto import crl, ocsp

    kinds = ((crl.CertificateList, "signature_algorithm"), (ocsp.OCSPResponse, "response_status"))
    found: tuple[list[Any], list[Any]] = ([], [])
    for encoded in revocations:
        for (kind, field), these in zip(kinds, found, strict=True):
            with suppress(ValueError, TypeError, KeyError):
                parsed = kind.load(encoded, strict=True)
                parsed[field].native  # noqa: B018  (lazy: another kind shows only when looked into)
                these.append(parsed)
                break
    return found


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d/%m/%Y à %H:%M:%S} UTC"
