"""A look at a published file, as anybody would have it; what is seen is proof to be kept."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from transmission.outbound.addresses import Reach
from transmission.outbound.http import Line, NoAnswerError, Timeouts, asked, checked
from transmission.outbound.trust import UnusableFileError, trusting
from transmission.ports.outbound import PUBLISHED_MAX, Answered, Unavailable

if TYPE_CHECKING:
    from transmission.outbound.wire import Answer

REDIRECTS_MAX = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_MIB = 1 << 20


class HttpFetcher:
    """The port ``PublicFetcher``.

    Only public addresses are reached, at each redirect too, unless ``allow_private``. ``limit`` is
    in bytes; ``ca_file`` holds the only authorities trusted, those of the machine when absent.
    """

    def __init__(
        self,
        *,
        limit: int = PUBLISHED_MAX,
        allow_private: bool = False,
        ca_file: Path | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
    ) -> None:
        self._limit = limit
        self._reach = Reach.ANYWHERE if allow_private else Reach.PUBLIC
        self._ca_file = ca_file
        self._timeouts = timeouts

    def fetch(self, address: str, at: datetime) -> Answered | Unavailable:
        """GET an address, following at most five redirects, https once it is https."""
        try:
            line = Line(trusting(self._ca_file), self._reach, self._timeouts)
            return self._followed(address, at, line)
        except (NoAnswerError, UnusableFileError) as error:
            return Unavailable(str(error))

    def _followed(self, address: str, at: datetime, line: Line) -> Answered:
        current = checked(address)
        for _ in range(REDIRECTS_MAX + 1):
            with asked("GET", current, {}, None, line) as answer:
                target = _target(current, answer)
                if target is None:
                    return self._read(address, current, answer, at)
            current = target
        raise NoAnswerError(f"l'adresse mène à plus de {REDIRECTS_MAX} redirections")

    def _read(self, address: str, current: str, answer: "Answer", at: datetime) -> Answered:
        encoding = answer.header("Content-Encoding") or "identity"
        if encoding.strip().lower() != "identity":
            raise NoAnswerError(
                f"le serveur a compressé sa réponse ({encoding}) alors qu'il lui était demandé de "
                "ne pas le faire : l'empreinte du fichier ne peut pas être vérifiée"
            )
        digest, size = hashlib.sha256(), 0
        for block in answer.blocks():
            digest.update(block)
            size += len(block)
            if size > self._limit:
                raise NoAnswerError(
                    f"le fichier dépasse {self._limit / _MIB:g} Mio : sa lecture a été arrêtée"
                )
        return Answered(
            address=address,
            final_address=current,
            status=answer.status,
            sha256=digest.hexdigest(),
            size=size,
            content_type=answer.header("Content-Type"),
            date=answer.header("Date"),
            certificate_sha256=answer.certificate_sha256,
            fetched_at=at,
        )


def _target(current: str, answer: "Answer") -> str | None:
    """Where an answer sends, None when it is not a redirect. Raises NoAnswerError."""
    location = answer.header("Location")
    if answer.status not in _REDIRECTS or location is None:
        return None
    # Servers write it in UTF-8, and the library reads headers in ISO-8859-1.
    written = location.encode("iso-8859-1", "replace").decode("utf-8", "replace")
    try:
        target = checked(urljoin(current, written))
    except ValueError as error:
        raise NoAnswerError("l'adresse mène à une adresse mal formée") from error
    if urlsplit(current).scheme == "https" != urlsplit(target).scheme:
        raise NoAnswerError(
            f"l'adresse mène de https à une adresse qui n'est pas protégée ({target})"
        )
    return target
