"""S²LOW as a TdT: acts ready-made (mode ``enveloppe``) or field by field, answers, letters."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import BinaryIO, TypeVar

from transmission.domain.outcomes import (
    Absent,
    Accepted,
    CannotTell,
    Duplicate,
    Finding,
    Found,
    InDoubt,
    Outcome,
    Refused,
    Unavailable,
)
from transmission.ports import Capabilities, Collected, Exchange, InboxItem, Parcel
from transmission.tdt.http import FILE_MAX, Answer, HttpsLink, NoAnswerError, NotSentError
from transmission.tdt.s2low import CAPABILITIES, collecting, finding, inbox, wire
from transmission.tdt.s2low.errors import UndecidedError
from transmission.tdt.s2low.postings import (
    Posting,
    UnsendableError,
    classification_request,
    posting,
)
from transmission.tdt.s2low.questions import ACTES, Questions

_TEST = "/api/test-connexion.php"
_CLASSIFICATION_FETCH = ACTES + "actes_classification_fetch.php"

_OK, _NOT_FOUND, _TOO_LARGE = 200, 404, 413

_T = TypeVar("_T")


class S2lowConnector:
    """An account of an S²LOW platform; ``mode`` is ``enveloppe`` or ``champs``."""

    def __init__(self, link: HttpsLink, mode: str) -> None:
        self._link = link
        self._questions = Questions(link)
        self._mode = mode
        self._is_known = False

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES[self._mode]

    @property
    def told_at(self) -> datetime | None:
        return self._link.told_at

    def check(self) -> CannotTell | None:
        """None when the platform answers and knows the account (S²LOW API §4.1)."""
        try:
            body = self._questions.ask(_TEST)
        except UndecidedError as error:
            return CannotTell(str(error))
        self._is_known = body.strip() == b"OK"
        if self._is_known:
            return None
        no = wire.refusal(body)
        words = f" : {no.text}" if no else ", et répond autre chose que OK au test de connexion"
        return CannotTell(f"le TdT ne reconnaît pas le compte{words}")

    # --- sending ---

    def submit(self, parcel: Parcel) -> Exchange:
        """Post a message once (S²LOW API §4.8, §4.15, §4.17, §4.26).

        Never raises for what the TdT does. What it has no call for is refused here, unsent.
        """
        try:
            chosen = posting(parcel, self._mode)
        except UnsendableError as error:
            return Exchange(Refused(str(error)), f"message {parcel.stem}\nnot sent\n")
        request = self._described(chosen) + (
            f"archive {parcel.archive_name}: {parcel.archive_size} bytes, "
            f"sha256 {parcel.archive_sha256}\n"
        )
        # After a rest or a failure, a small question goes first. A TdT that is closed, a
        # certificate that expired (which TLS 1.3 only tells after the request has left), a server
        # that drops idle connections would each cost a doubt; asked so, they cost a wait. In a
        # burst that goes well it is free.
        if not (self._is_known and self._link.is_warm) and (silence := self.check()):
            return Exchange(Unavailable(silence.reason), request + "not sent\n")
        exchange = self._posted(chosen, request, partial(self._refused, parcel), parcel.is_late)
        self._is_known = isinstance(exchange.outcome, Accepted | Duplicate | Refused)
        return exchange

    def request_classification(self, parcel: Parcel) -> Exchange:  # noqa: ARG002
        """Ask for the classification; the platform writes the 7-1 itself (S²LOW API §4.7)."""
        chosen = classification_request()
        return self._posted(chosen, self._described(chosen), lambda no: Refused(no.text))

    def _described(self, chosen: Posting) -> str:
        about = f"id {chosen.about}\n" if chosen.about else ""
        files = "".join(f"file {each.filename}: {each.size} bytes\n" for each in chosen.form.files)
        address = self._link.url(chosen.path)
        return f"POST {address}\nbody: {len(chosen.form)} bytes\n{about}{files}"

    def _posted(
        self,
        chosen: Posting,
        request: str,
        refused: Callable[[wire.Refusal], Outcome],
        is_late: Callable[[], bool] | None = None,
    ) -> Exchange:
        try:
            answer = self._link.post(chosen.path, chosen.form, is_late)
        except NotSentError as error:
            return Exchange(Unavailable(str(error)), request)
        except NoAnswerError as error:
            return Exchange(InDoubt(str(error)), request, error.received)
        said = _said(chosen, answer)
        outcome = refused(said) if isinstance(said, wire.Refusal) else said
        return Exchange(outcome, request, answer.raw)

    def _refused(self, parcel: Parcel, no: wire.Refusal) -> Outcome:
        match self.find(parcel):
            case Found(reference):
                return Duplicate(reference)
            case Absent():
                return Refused(no.text)
            case CannotTell(reason):
                return InDoubt(f"le TdT refuse ({no.text}) sans dire s'il l'avait déjà : {reason}")

    # --- asking ---

    def find(self, parcel: Parcel) -> Finding:
        """Whether the platform has an act (§4.9, §4.20), an answer or a cancellation (§4.16)."""
        return _or_cannot_tell(lambda: finding.find(self._questions, parcel))

    def collect(self, reference: str) -> Collected | CannotTell:
        """Where a transaction stands, with the State's XML when there is one (§3.4, §4.9)."""
        return _or_cannot_tell(lambda: collecting.collected(self._questions, reference))

    def waiting(self) -> Mapping[str, Collected] | CannotTell:
        """Acts, answers and cancellations in the statuses which wait (S²LOW API §4.20)."""
        return _or_cannot_tell(lambda: collecting.waiting(self._questions))

    def inbox(self) -> Sequence[InboxItem] | CannotTell:
        """Letters of the préfecture which are not marked as read (S²LOW API §4.18)."""
        return _or_cannot_tell(lambda: inbox.items(self._questions))

    def fetch(self, item: InboxItem, target: BinaryIO) -> CannotTell | None:
        """Write the tar.gz of a letter, at most 200 MB, block by block (§4.13, §4.16).

        Raises OSError when ``target`` refuses.
        """
        return _or_cannot_tell(lambda: inbox.fetch(self._questions, item, target))

    def confirm(self, item: InboxItem) -> CannotTell | None:
        """Mark a letter as read (S²LOW API §4.19)."""
        return _or_cannot_tell(lambda: inbox.confirm(self._questions, item))

    def fetch_classification(self) -> bytes | CannotTell | None:
        """The last 7-2 that the platform holds, its final CR LF included (S²LOW API §4.6).

        A ``KO`` to an account which the platform knows is read as « none yet ».
        """
        try:
            body = self._questions.ask(_CLASSIFICATION_FETCH, limit=FILE_MAX)
        except UndecidedError as error:
            return CannotTell(str(error))
        if wire.refusal(body):
            return self.check()
        if not wire.is_xml(body):
            return CannotTell("le TdT a donné autre chose qu'un fichier XML")
        return body


def _said(chosen: Posting, answer: Answer) -> Outcome | wire.Refusal:
    if answer.status == _TOO_LARGE:
        # The web server's own limit: the platform never saw the request (S²LOW API §1.5).
        return Refused("l'envoi dépasse la taille que le TdT accepte")
    if answer.status == _NOT_FOUND:
        # No such script, so nobody to take it: the envelopes of version 6 (S²LOW API §4.26).
        return Unavailable(chosen.absent)
    if answer.status != _OK:
        return InDoubt(f"le TdT a répondu par un code HTTP {answer.status}")
    try:
        said = chosen.reads(answer.body)
    except UndecidedError as error:
        return InDoubt(str(error))
    return said if isinstance(said, wire.Refusal) else Accepted(said)


def _or_cannot_tell(ask: Callable[[], _T]) -> _T | CannotTell:
    try:
        return ask()
    except UndecidedError as error:
        return CannotTell(str(error))
