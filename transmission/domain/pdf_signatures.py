"""What the signatures in a PDF say, as found when it was prepared: three answers, never two."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from transmission.domain.coded import Coded


class SignatureAnswer(Coded):
    """What is known of a signature: code stored, label shown."""

    VALID = ("valide", "valide")
    INVALID = ("invalide", "invalide")
    UNKNOWN = ("inconnue", "on ne sait pas")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


class TimeSource(Coded):
    """Who says when a signature was made."""

    CLAIM = ("declaration", "déclarée par le signataire")
    STAMP = ("horodatage", "horodatée")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class PdfSignature:
    """One signature of a PDF.

    ``signer`` is the subject of its certificate (RFC 4514), ``issuer`` that of its issuer, None
    when it cannot be read; ``signed_at`` an aware UTC instant and ``time_source`` who says it;
    ``coverage`` and ``changes`` say in French what it covers and what came after; ``algorithms``
    names the digest and the key. ``why`` gives the reasons of the answer, and what could not be
    established (French sentences without a capital nor a final stop).
    """

    answer: SignatureAnswer
    signer: str | None = None
    issuer: str | None = None
    signed_at: datetime | None = None
    time_source: TimeSource | None = None
    coverage: str = ""
    changes: str = ""
    algorithms: str = ""
    why: tuple[str, ...] = ()

    @property
    def described(self) -> str:
        """The answer and its reasons, in one line."""
        who = self.signer or "signataire illisible"
        return f"{who} : {self.answer.label}" + "".join(f" ; {reason}" for reason in self.why)


@dataclass(frozen=True, slots=True)
class PdfSignatures:
    """The signatures of a PDF in their order, ``unread`` why they could not be read (French)."""

    signatures: tuple[PdfSignature, ...] = ()
    unread: str | None = None

    @property
    def answer(self) -> SignatureAnswer | None:
        """The worst of them, for none makes up for another; None when there is none."""
        answers = {signature.answer for signature in self.signatures}
        if self.unread is not None:
            answers.add(SignatureAnswer.UNKNOWN)
        order = (SignatureAnswer.INVALID, SignatureAnswer.UNKNOWN, SignatureAnswer.VALID)
        return next((answer for answer in order if answer in answers), None)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every signature in one line, and why some could not be read."""
        unread = (self.unread,) if self.unread else ()
        return (*(signature.described for signature in self.signatures), *unread)


@dataclass(frozen=True, slots=True)
class ReadSignatures:
    """What was found in a piece of a transmission (1 is the act), and when, aware UTC."""

    ordre: int
    sha256: str
    read_at: datetime
    found: PdfSignatures


def dump_signatures(found: PdfSignatures) -> dict[str, Any]:
    """As JSON."""
    return {
        "unread": found.unread,
        "signatures": [
            asdict(each)
            | {
                "answer": each.answer.code,
                "signed_at": each.signed_at.isoformat() if each.signed_at else None,
                "time_source": each.time_source.code if each.time_source else None,
                "why": list(each.why),
            }
            for each in found.signatures
        ],
    }


def load_signatures(dumped: dict[str, Any]) -> PdfSignatures:
    """The reverse of :func:`dump_signatures`."""
    return PdfSignatures(tuple(map(_load, dumped["signatures"])), dumped["unread"])


def _load(dumped: dict[str, Any]) -> PdfSignature:
    at, source = dumped["signed_at"], dumped["time_source"]
    parsed = {
        "answer": SignatureAnswer.of(dumped["answer"]),
        "signed_at": datetime.fromisoformat(at) if at else None,
        "time_source": TimeSource.of(source) if source else None,
        "why": tuple(dumped["why"]),
    }
    return PdfSignature(**{**dumped, **parsed})
