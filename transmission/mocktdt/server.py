"""HTTPS with a mandatory client certificate, HTTP/1.1 and keep-alive, on the standard library."""

import logging
import re
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

from transmission.mocktdt.accounts import fingerprint
from transmission.mocktdt.answers import Answer, page, redirect
from transmission.mocktdt.body import Body, BodyCutError, BodyTooLargeError
from transmission.mocktdt.faults import BEFORE_READING, Fault, FaultKind
from transmission.mocktdt.incoming import Request, opened
from transmission.mocktdt.listening import StoppableServer, cut
from transmission.mocktdt.pki import CertificateAuthority
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.record import Call
from transmission.mocktdt.routes import ROUTES, respond

_LOG = logging.getLogger("mock-tdt")
_IDLE_SECONDS = 75
_HANDSHAKE_SECONDS = 10
_CUT_MID_BODY_BYTES = 4_096
_FORWARDED = "org.s2low.forward-x509-identification"
_COOKIE = re.compile(r"(?:^|;)\s*PHPSESSID=([A-Za-z0-9,-]{1,128})(?:;|$)")


class CutError(Exception):
    """The connection is to be dropped as it is."""


class _Headers(HTTPMessage):
    """The headers of a request, parsed without a body."""

    def get_content_type(self) -> str:
        # Told that a multipart follows, the parser of the standard library compiles an expression
        # for its boundary, a new one with every request.
        return "text/plain"


class TdtServer(StoppableServer):
    """The platform's port. One thread a connection."""

    def __init__(
        self, address: tuple[str, int], platform: Platform, context: ssl.SSLContext
    ) -> None:
        self.platform = platform
        self.stopping = Event()
        self._context = context
        super().__init__(address, TdtHandler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(_HANDSHAKE_SECONDS)
        try:
            secured = self._context.wrap_socket(
                request, server_side=True, do_handshake_on_connect=False
            )
            self.track(secured)
            secured.do_handshake()
        except OSError as error:
            self.platform.record.refused_handshakes += 1
            _LOG.info("handshake refused: %s", error)
            return
        with suppress(OSError):
            super().finish_request(secured, client_address)


class TdtHandler(BaseHTTPRequestHandler):
    """One connection. Every answer is written in one piece, or spoiled on purpose."""

    server: TdtServer
    connection: ssl.SSLSocket
    MessageClass = _Headers
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self._certificate = fingerprint(self.connection.getpeercert(binary_form=True) or b"")
        self._continue_expected = False
        self._new_session = ""

    def handle_expect_100(self) -> bool:
        """Wait: some scenarios cut before the body is asked for."""
        self._continue_expected = True
        return True

    def do_GET(self) -> None:
        """Serve one call; scripts do not look at the verb (S²LOW API §1.1)."""
        platform = self.server.platform
        request = opened(
            self.command, self.path, self._certificate, platform.clock.now(), platform.spool
        )
        request.authorization = self.headers.get("Authorization", "")
        request.forwarded = self.headers.get(_FORWARDED, "").strip()
        request.latin = platform.switches.latin_forms
        request.session = self._open_session()
        holders = platform.accounts.holding(self._certificate)
        call = Call(
            at=request.at.isoformat(),
            method=request.method,
            path=request.path if request.path in ROUTES else "/(inconnu)",
            siren=holders[0].siren if holders else "",
        )
        request.fault = platform.faults.take(request.path, call.siren)
        call.fault = request.fault.kind if request.fault else ""
        # Noted first and completed on the way: a client may ask the oracle as soon as it has its
        # answer.
        platform.record.called(call)
        try:
            self._serve(request, call)
        except BodyTooLargeError:
            self.close_connection = True
            self._send(page("413 Request Entity Too Large", 413))
        except (CutError, BodyCutError):
            self._drop()

    do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = do_GET  # noqa: N815

    def version_string(self) -> str:
        """What the Server header says."""
        return "Apache"

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - name of the base class
        _LOG.debug(format, *args)

    def _serve(self, request: Request, call: Call) -> None:
        try:
            self._read_body(request)
            call.complete = True
            answer = respond(self.server.platform, request)
        finally:
            call.request_bytes = request.body_size
            request.spool.clear()
        call.fault = answer.fault.kind if answer.fault else ""
        answer = self._spoiled(answer)
        call.status, call.answer_bytes = answer.status, answer.size
        self._send(answer)

    def _open_session(self) -> str:
        """The cookie of the caller, or a new one to give with the answer: PHP opens a session."""
        if found := _COOKIE.search(self.headers.get("Cookie", "")):
            self._new_session = ""
            return found[1]
        self._new_session = self.server.platform.temper.session()
        return self._new_session

    def _read_body(self, request: Request) -> None:
        fault = request.fault
        if fault and fault.kind is FaultKind.CUT_BEFORE_BODY:
            raise CutError
        body = self._body()
        if self._continue_expected:
            self._continue_expected = False
            self.send_response_only(100)
            self.end_headers()
            self.wfile.flush()
        if fault and fault.kind in BEFORE_READING:
            body.read(min(_CUT_MID_BODY_BYTES, int(self.headers.get("Content-Length", 0)) // 2))
            request.body_size = body.size
            raise CutError
        request.read_body(body, self.headers.get("Content-Type", ""))

    def _body(self) -> Body:
        limit = self.server.platform.settings.limits.request_body
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return Body(self.rfile, None, limit)
        length = self.headers.get("Content-Length", "0").strip()
        if not length.isdecimal():
            raise BodyCutError
        return Body(self.rfile, int(length), limit)

    def _spoiled(self, answer: Answer) -> Answer:
        """The answer after its fault; raises CutError for the faults that leave none."""
        platform = self.server.platform
        self.server.stopping.wait(platform.temper.pause())
        match answer.fault:
            case None | Fault(FaultKind.CUT_MID_ANSWER):
                return answer
            case Fault(FaultKind.SLOW, seconds):
                self.server.stopping.wait(seconds)
                return answer
            case Fault(FaultKind.ERROR_500 | FaultKind.ERROR_500_BEFORE):
                return page("500 Internal Server Error", 500)
            case Fault(FaultKind.REDIRECT):
                return redirect("/connexion-status")
            case _:
                raise CutError

    def _send(self, answer: Answer) -> None:
        temper = self.server.platform.temper
        pieces = iter((answer.body,)) if answer.chunks is None else answer.chunks
        chunked = temper.hides_length() and self.request_version == "HTTP/1.1"
        self.send_response(answer.status)
        if self._new_session:
            self.send_header("Set-Cookie", f"PHPSESSID={self._new_session}; path=/")
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Type", answer.content_type)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(answer.size))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if answer.fault and answer.fault.kind is FaultKind.CUT_MID_ANSWER:
            self.wfile.write(next(pieces, b"")[: answer.size // 2])
            self.wfile.flush()
            raise CutError
        if self.command != "HEAD":
            self.wfile.writelines(_framed(pieces) if chunked else pieces)
        self.wfile.flush()
        if temper.closes_after_answer():
            self._drop()

    def _drop(self) -> None:
        self.close_connection = True
        cut(self.connection)


def tls_context(authority: CertificateAuthority, names: tuple[str, ...]) -> ssl.SSLContext:
    """A context that refuses whoever has no certificate of this run.

    TLS 1.2 at most, as S²LOW since 5.0.2: a missing certificate then fails in the handshake.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority.pem.decode("ascii"))
    identity = authority.server(names)
    # The ssl module only loads keys from files: this one lives for an instant.
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(identity.certificate + identity.key)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def _framed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        if piece:
            yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"
