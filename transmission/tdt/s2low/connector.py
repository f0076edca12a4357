"""S²LOW as a TdT: one act per parcel, ready-made (mode ``enveloppe``) or field by field."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from io import BytesIO

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
from transmission.ports import (
    Capabilities,
    Collected,
    Exchange,
    Parcel,
    ParcelDocument,
    Situation,
)
from transmission.tdt.http import FILE_MAX, TEXT_MAX, Answer, HttpsLink, NoAnswerError, NotSentError
from transmission.tdt.multipart import FilePart, Multipart
from transmission.tdt.s2low import CAPABILITIES, ENVELOPPE, wire
from transmission.tdt.s2low.errors import ERREUR, STATUTS, UndecidedError, statut_in_french

_ACTES = "/modules/actes/"
_TEST = "/api/test-connexion.php"
_SUBMIT = _ACTES + "actes_transac_submit.php"
_CREATE = _ACTES + "actes_transac_create.php"
_STATUS = _ACTES + "actes_transac_get_status.php"
_AR_ALONE = _ACTES + "actes_transac_get_ARActe.php"
_LIST = _ACTES + "api/list_actes.php"
_CLASSIFICATION_REQUEST = _ACTES + "actes_classification_request.php"
_CLASSIFICATION_FETCH = _ACTES + "actes_classification_fetch.php"

_OK, _NOT_FOUND, _TOO_LARGE = 200, 404, 413
_TYPE_ACTE = "1"
_ARCHIVE_MIME = "application/gzip"
_SIGNATURE_MIME = "application/octet-stream"
# In the order in which an act goes through them: one that moves while we look is met further on.
_STATUTS_OF_AN_ACTE = (17, 18, 1, 2, 3, 4, 0)
_LIST_PAGE = 500
_LIST_PAGES_MAX = 40


class S2lowConnector:
    """An account of an S²LOW platform; ``mode`` is ``enveloppe`` or ``champs``."""

    def __init__(self, link: HttpsLink, mode: str) -> None:
        self._link = link
        self._mode = mode
        self._is_known = False

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES[self._mode]

    def check(self) -> CannotTell | None:
        """None when the platform answers and knows the account (S²LOW API §4.1)."""
        try:
            body = self._ask(_TEST)
        except UndecidedError as error:
            return CannotTell(str(error))
        self._is_known = body.strip() == b"OK"
        if self._is_known:
            return None
        no = wire.refusal(body)
        words = f" : {no.text}" if no else ", et répond autre chose que OK au test de connexion"
        return CannotTell(f"le TdT ne reconnaît pas le compte{words}")

    def submit(self, parcel: Parcel) -> Exchange:
        """Post a parcel once (S²LOW API §4.8, §4.26); never raises for what the TdT does."""
        path, form = self._form(parcel)
        request = self._described(path, form) + (
            f"archive {parcel.archive_name}: {parcel.archive_size} bytes, "
            f"sha256 {parcel.archive_sha256}\n"
        )
        # After a rest or a failure, a small question goes first. A TdT that is closed, a
        # certificate that expired (which TLS 1.3 only tells after the request has left), a server
        # that drops idle connections would each cost a doubt; asked so, they cost a wait. In a
        # burst that goes well it is free.
        if not (self._is_known and self._link.is_warm) and (silence := self.check()):
            return Exchange(Unavailable(silence.reason), request + "not sent\n")
        exchange = self._posted(path, form, request, parcel)
        self._is_known = isinstance(exchange.outcome, Accepted | Duplicate | Refused)
        return exchange

    def find(self, parcel: Parcel) -> Finding:
        """Ask for a parcel by the name of its XML, then by number and date (S²LOW API §4.9).

        Absent is only said when both say so: get_status may also refuse for want of rights.
        """
        try:
            body = self._ask(_STATUS, {"unique_id": parcel.stem})
            statut = wire.parsed_statut(body)
            return self._located(parcel, statut)
        except UndecidedError as error:
            return CannotTell(str(error))

    def collect(self, reference: str) -> Collected | CannotTell:
        """Where a transaction stands, with the State's XML when there is one (§3.4, §4.9)."""
        try:
            body = self._ask(_STATUS, {"transaction": reference}, FILE_MAX)
            statut = wire.parsed_statut(body)
            if isinstance(statut, wire.Refusal):
                return CannotTell(f"le TdT ne dit rien de {reference} : {statut.text}")
            return self._situated(reference, statut, body)
        except UndecidedError as error:
            return CannotTell(str(error))

    def request_classification(self, held: date | None) -> Exchange:  # noqa: ARG002
        """Ask for the classification; the platform says itself which one it holds (§4.7)."""
        form = Multipart("transmission-classification", [("api", b"1")])
        request = self._described(_CLASSIFICATION_REQUEST, form)
        return self._posted(_CLASSIFICATION_REQUEST, form, request, None)

    def fetch_classification(self) -> bytes | CannotTell | None:
        """The last 7-2 that the platform holds, its final CR LF included (S²LOW API §4.6).

        A ``KO`` to an account which the platform knows is read as « none yet ».
        """
        try:
            body = self._ask(_CLASSIFICATION_FETCH, limit=FILE_MAX)
        except UndecidedError as error:
            return CannotTell(str(error))
        if wire.refusal(body):
            return self.check()
        if not wire.is_xml(body):
            return CannotTell("le TdT a donné autre chose qu'un fichier XML")
        return body

    # --- sending ---

    def _form(self, parcel: Parcel) -> tuple[str, Multipart]:
        if self._mode == ENVELOPPE:
            archive = FilePart(
                "enveloppe",
                parcel.archive_name,
                _ARCHIVE_MIME,
                parcel.archive_size,
                parcel.open_archive,
            )
            return _SUBMIT, Multipart(parcel.archive_sha256, [("api", b"1")], [archive])
        codes = [document.code_type_pj for document in parcel.documents]
        fields = wire.create_fields(parcel.acte, codes)
        return _CREATE, Multipart(parcel.archive_sha256, fields, list(_files(parcel.documents)))

    def _described(self, path: str, form: Multipart) -> str:
        files = "".join(f"file {each.filename}: {each.size} bytes\n" for each in form.files)
        return f"POST {self._link.url(path)}\nbody: {len(form)} bytes\n{files}"

    def _posted(self, path: str, form: Multipart, request: str, parcel: Parcel | None) -> Exchange:
        try:
            answer = self._link.post(path, form)
        except NotSentError as error:
            return Exchange(Unavailable(str(error)), request)
        except NoAnswerError as error:
            return Exchange(InDoubt(str(error)), request, error.received)
        return Exchange(self._outcome(answer, path, parcel), request, answer.raw)

    def _outcome(self, answer: Answer, path: str, parcel: Parcel | None) -> Outcome:
        if answer.status == _TOO_LARGE:
            # The web server's own limit: the platform never saw the request (S²LOW API §1.5).
            return Refused("l'envoi dépasse la taille que le TdT accepte")
        if answer.status == _NOT_FOUND:
            # No such script, so nobody to take it: the envelopes of version 6 (S²LOW API §4.26).
            return Unavailable(
                "cette version du TdT ne connaît pas ce mode d'envoi : demandez à l'administrateur "
                "de choisir l'autre mode du compte (« champs » au lieu de « enveloppe »)"
            )
        if answer.status != _OK:
            return InDoubt(f"le TdT a répondu par un code HTTP {answer.status}")
        parse = wire.submitted_reference if path == _SUBMIT else wire.created_reference
        try:
            said = parse(answer.body)
        except UndecidedError as error:
            return InDoubt(str(error))
        if isinstance(said, wire.Refusal):
            return self._refused(said, parcel)
        return Accepted(said)

    def _refused(self, no: wire.Refusal, parcel: Parcel | None) -> Outcome:
        if parcel is None:
            return Refused(no.text)
        match self.find(parcel):
            case Found(reference):
                return Duplicate(reference)
            case Absent():
                return Refused(no.text)
            case CannotTell(reason):
                return InDoubt(f"le TdT refuse ({no.text}) sans dire s'il l'avait déjà : {reason}")

    # --- asking ---

    def _ask(
        self, path: str, query: Mapping[str, str] | None = None, limit: int = TEXT_MAX
    ) -> bytes:
        # api=1 even where the script ignores it: a failure to identify then comes as a KO.
        try:
            answer = self._link.get(path, {**(query or {}), "api": "1"}, limit)
        except NoAnswerError as error:
            raise UndecidedError(str(error)) from error
        if answer.status != _OK:
            raise UndecidedError(f"le TdT a répondu par un code HTTP {answer.status}")
        return answer.body

    def _located(self, parcel: Parcel, statut: wire.Statut | wire.Refusal) -> Finding:
        known = statut.code if isinstance(statut, wire.Statut) else ERREUR
        # The dead last: an older one, refused, must not hide a living one.
        for code in dict.fromkeys((*_STATUTS_OF_AN_ACTE, known, ERREUR)):
            references = self._listed(code, parcel)
            if len(references) == 1:
                return Found(references.pop())
            if references:
                several = ", ".join(sorted(references))
                return CannotTell(f"le TdT a plusieurs transactions pour cet acte : {several}")
        if isinstance(statut, wire.Refusal):
            return Absent()
        words = statut_in_french(known)
        return CannotTell(f"le TdT connaît cet acte ({words}) mais ne le montre dans aucune liste")

    def _listed(self, code: int, parcel: Parcel) -> set[str]:
        id_acte = parcel.acte.id_acte
        wanted = (id_acte.numero_interne, id_acte.date_decision.isoformat(), _TYPE_ACTE)
        for page in self._pages(code):
            found = {
                each.reference for each in page if (each.number, each.day, each.kind) == wanted
            }
            if found:
                return found
        return set()

    def _pages(self, code: int) -> Iterator[tuple[wire.ListedActe, ...]]:
        offset = 0
        for _ in range(_LIST_PAGES_MAX):
            query = {"status_id": str(code), "offset": str(offset), "limit": str(_LIST_PAGE)}
            page = wire.parsed_list(self._ask(_LIST, query, FILE_MAX))
            if not page:
                return
            yield page
            offset += len(page)
        raise UndecidedError(f"le TdT a trop d'actes dans le {statut_in_french(code)}")

    def _situated(self, reference: str, statut: wire.Statut, body: bytes) -> Collected:
        words = statut_in_french(statut.code)
        if statut.code == ERREUR:
            message, text = wire.split_anomalie(statut.remainder)
            situation = Situation.ANSWERED if message else Situation.REFUSED_BY_TDT
            return Collected(situation, body, message, text or "le TdT n'a pas dit pourquoi")
        situation, _ = STATUTS.get(statut.code, (Situation.UNKNOWN, ""))
        if situation is not Situation.ANSWERED:
            return Collected(situation, body, None, words)
        if statut.remainder.strip():
            return Collected(situation, body, statut.remainder, words)
        return self._ar_alone(reference, body, words)

    def _ar_alone(self, reference: str, body: bytes, words: str) -> Collected:
        """The AR of an act that has moved on since: get_status no longer carries it (§4.10)."""
        message = self._ask(_AR_ALONE, {"id": reference}, FILE_MAX)
        if wire.is_xml(message):
            return Collected(Situation.ANSWERED, message, message, words)
        return Collected(Situation.UNKNOWN, body, None, f"{words}, mais aucun accusé n'est fourni")


def _files(documents: tuple[ParcelDocument, ...]) -> Iterator[FilePart]:
    main, *annexes = documents
    yield _file("acte_pdf_file", main)
    if main.signature is not None:
        yield _signature("acte_pdf_file_sign", main.signature)
    yield from (_file("acte_attachments[]", annexe) for annexe in annexes)
    if any(annexe.signature is not None for annexe in annexes):
        # Matched by rank: one part for each annex, empty where there is no signature, as a
        # browser does for a file that was not chosen.
        yield from (_signature("acte_attachments_sign[]", each.signature) for each in annexes)


def _file(name: str, document: ParcelDocument) -> FilePart:
    return FilePart(name, document.nom_fichier, document.mime, document.size, document.open)


def _signature(name: str, pem: str | None) -> FilePart:
    content = (pem or "").encode("ascii")
    filename = "signature.p7s" if pem is not None else ""
    return FilePart(name, filename, _SIGNATURE_MIME, len(content), partial(BytesIO, content))
