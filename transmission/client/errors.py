"""What a call may come to besides its answer. Texts are French and may be shown to a person; none
ever holds the token."""

from dataclasses import dataclass


class ClientError(Exception):
    """A call that did not give what was asked."""


class AddressError(ClientError):
    """The address of the service, its token or its certificates cannot be used."""


class NoAnswerError(ClientError):
    """No whole answer came. ``may_be_done``: the service may have done what was asked."""

    def __init__(self, said: str, *, may_be_done: bool) -> None:
        super().__init__(said)
        self.may_be_done = may_be_done


class UnreadableAnswerError(ClientError):
    """The answer is not one of this service, or of a version that this client does not know."""


class DamagedFileError(ClientError):
    """What was received of a file is not what its digest says."""


@dataclass(frozen=True, slots=True)
class Probleme:
    """One reason of a refusal: the field, the stable code of the rule, the fault, what to do."""

    champ: str
    code: str
    message: str
    remede: str

    def __str__(self) -> str:
        return f"{self.champ} : {self.message} {self.remede}".rstrip()


class RefusedByServiceError(ClientError):
    """The service said no (RFC 9457). ``code`` is stable; ``str`` tells everything to a person."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        problemes: tuple[Probleme, ...] = (),
        differences: tuple[str, ...] = (),
        acte: str | None = None,
    ) -> None:
        told = detail or title
        super().__init__("\n".join([told, *(str(probleme) for probleme in problemes)]))
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.problemes = problemes
        self.differences = differences
        self.acte = acte


class BadRequestError(RefusedByServiceError):
    """400, 405, 413, 415, 416: the request itself is not one that the service reads."""


class TokenRefusedError(RefusedByServiceError):
    """401: unknown, expired or revoked token."""


class ScopeError(RefusedByServiceError):
    """403: the token does not allow that."""


class UnknownError(RefusedByServiceError):
    """404: nothing of the authority is at that address."""


class ConflictError(RefusedByServiceError):
    """409: handed over before with another content, or not possible in the present state."""


class NotYetError(ConflictError):
    """409 ``pas_encore``: what was asked for does not exist yet."""


class InvalidError(RefusedByServiceError):
    """422: ``problemes`` has everything that is to be mended, at once."""


class OverloadedError(RefusedByServiceError):
    """429 or 503: to be asked again later, which was done as long as patience allowed.

    ``retry_after`` is what the service asked to wait, in seconds; 0 when it did not say.
    """

    retry_after = 0.0


class ServiceFailedError(RefusedByServiceError):
    """500 and the like: the service met an error of its own."""


_BY_STATUS: dict[int, type[RefusedByServiceError]] = {
    401: TokenRefusedError,
    403: ScopeError,
    404: UnknownError,
    409: ConflictError,
    422: InvalidError,
    429: OverloadedError,
    503: OverloadedError,
}


def kind_of(status: int, code: str) -> type[RefusedByServiceError]:
    """The class of a refusal, by its status and code."""
    if status == 409 and code == "pas_encore":
        return NotYetError
    usual = ServiceFailedError if status >= 500 else BadRequestError
    return _BY_STATUS.get(status, usual)
