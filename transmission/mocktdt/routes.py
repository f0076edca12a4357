"""Which script answers which path, and in which dialect it refuses (S²LOW API §1.2)."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from transmission.mocktdt.answers import (
    KO_SECURITY_LAYER,
    Answer,
    IdentificationError,
    NotActedError,
    PhpFatalError,
    RefusedError,
    TypologyMissingError,
    ko,
    ko_echo,
    ko_line,
    page,
    redirect,
)
from transmission.mocktdt.endpoints import (
    archiving,
    cancel,
    classification,
    close,
    confirm,
    create,
    documents,
    files,
    lists,
    ministere,
    reply,
    session,
    statistics,
    status,
)
from transmission.mocktdt.endpoints import submit as submit_envelope
from transmission.mocktdt.faults import BEFORE_ACTING
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.switches import Switches

_WEB_PAGE = "/modules/actes/index.php"
_STRANGERS_PAGE = "/connexion-status"
_FIVE, _SIX = 5, 6


class Family(Enum):
    """How a script refuses: KO block or 302 (F1), plain KO (F2), 302 (F3), in two dialects.

    The ministry's own door refuses by a 403.
    """

    RETURN = auto()
    FORCED_API = auto()
    ECHO = auto()
    DOWNLOAD = auto()
    REPLY = auto()
    MINISTRY = auto()


@dataclass(frozen=True, slots=True)
class Route:
    """A script. `deposit`: it looks at the faults by itself.

    `since`: first version that has it. `before`: first version without it.
    """

    script: Callable[[Platform, Request], Answer]
    family: Family = Family.RETURN
    deposit: bool = False
    since: int = 0
    before: int = 99


_ACTES = "/modules/actes/"
ROUTES: dict[str, Route] = {
    "/api/test-connexion.php": Route(session.test_connexion, Family.FORCED_API),
    "/api/info-connexion.php": Route(session.info_connexion),
    "/api/test-rgs.php": Route(session.test_rgs),
    "/api/get-nounce.php": Route(session.get_nounce),
    "/admin/users/api-list-login.php": Route(session.list_login),
    _ACTES + "actes_transac_submit.php": Route(submit_envelope.submit, deposit=True, before=_SIX),
    _ACTES + "actes_transac_create.php": Route(create.create, deposit=True),
    _ACTES + "actes_transac_cancel.php": Route(cancel.cancel),
    _ACTES + "actes_transac_get_status.php": Route(status.get_status, Family.ECHO),
    _ACTES + "actes_transac_get_ARActe.php": Route(status.get_ar_acte),
    _ACTES + "actes_classification_fetch.php": Route(classification.fetch),
    _ACTES + "actes_classification_request.php": Route(classification.ask),
    _ACTES + "actes_transac_get_files_list.php": Route(files.files_list, Family.ECHO),
    _ACTES + "actes_download_file.php": Route(files.download, Family.DOWNLOAD),
    _ACTES + "actes_transac_get_document.php": Route(documents.get_document, Family.ECHO),
    _ACTES + "actes_transac_reponse_create.php": Route(reply.reply, Family.REPLY),
    _ACTES + "actes_transac_close.php": Route(close.close),
    _ACTES + "actes_transac_get_tampon.php": Route(files.tampon, Family.ECHO),
    _ACTES + "actes_transac_get_env_serial.php": Route(session.env_serial, Family.ECHO),
    _ACTES + "actes_create_pdf.php": Route(files.bordereau, Family.DOWNLOAD),
    _ACTES + "actes_transac_post_confirm_api.php": Route(confirm.confirm_api),
    _ACTES + "actes_transac_post_confirm_api_multi.php": Route(confirm.confirm_multi),
    _ACTES + "actes_transac_post_confirm.php": Route(confirm.confirm, Family.DOWNLOAD),
    _ACTES + "api/list_document_prefecture.php": Route(documents.unread),
    _ACTES + "api/document_prefecture_mark_as_read.php": Route(documents.mark_as_read),
    _ACTES + "api/list_actes.php": Route(lists.list_actes),
    _ACTES + "api/number_actes.php": Route(lists.number_actes),
    _ACTES + "api/actes_status.php": Route(lists.actes_status),
    _ACTES + "api/actes_sae_status.php": Route(archiving.sae_status, since=_FIVE),
    _ACTES + "api/nb_actes_by_authorities_and_date.php": Route(statistics.nb_actes),
    _ACTES + "actes_transac_archiver.php": Route(archiving.archiver, Family.DOWNLOAD),
    _ACTES + "actes_transac_set_archive_url.php": Route(archiving.set_archive_url),
    "/ministere/depot": Route(ministere.deposit, Family.MINISTRY, deposit=True),
}
DEPOSITS = frozenset(path.rsplit("/", 1)[-1] for path, r in ROUTES.items() if r.deposit)
_PAGES = frozenset({"/", _WEB_PAGE, _STRANGERS_PAGE, "/login.php"})


def respond(platform: Platform, request: Request) -> Answer:
    """The answer of the platform, with the fault that must spoil it, if any."""
    route = ROUTES.get(request.path)
    if route is None or not route.since <= platform.settings.version < route.before:
        answer = page("S2LOW") if request.path in _PAGES else page("404 Not Found", 404)
        return replace(answer, fault=request.fault)
    if request.fault and request.fault.kind in BEFORE_ACTING and not route.deposit:
        return Answer(fault=request.fault)
    try:
        answer = _as_page(request, route, route.script(platform, request))
    except NotActedError as cut:
        return Answer(fault=cut.fault)
    except IdentificationError as refusal:
        answer = _stranger(platform, request, route, refusal)
    except RefusedError as refusal:
        answer = _refusal(platform.switches, request, route, refusal)
    except PhpFatalError:
        answer = page("500 Internal Server Error", 500)
    except Exception:  # noqa: BLE001 - a bug of the mock must be seen, not take it down
        platform.record.internal_errors.append(traceback.format_exc())
        answer = page("500 Internal Server Error", 500)
    return replace(answer, fault=answer.fault or request.fault)


def _as_page(request: Request, route: Route, answer: Answer) -> Answer:
    """Without `api=1`, an F1 success is a page too (S²LOW API §1.2)."""
    spoken = route.family in (Family.RETURN, Family.REPLY) and answer.body.startswith(b"OK\n")
    if not spoken or request.wants_api:
        return answer
    return replace(redirect(_WEB_PAGE), fault=answer.fault)


def _refusal(switches: Switches, request: Request, route: Route, refusal: RefusedError) -> Answer:
    text = str(refusal)
    match route.family:
        case Family.ECHO:
            return ko_echo(text, latin=switches.latin_texts)
        case Family.DOWNLOAD:
            return redirect(refusal.page)
        case Family.MINISTRY:
            return page("403 Forbidden", 403)
        case Family.FORCED_API:
            return ko(text)
        case Family.REPLY if request.query.get("api") == "1" and switches.reply_dialect:
            if isinstance(refusal, TypologyMissingError):
                return ko(text)
            return ko_line(text, latin=switches.latin_texts)
        case _:
            return ko(text) if request.wants_api else redirect(refusal.page)


def _stranger(
    platform: Platform, request: Request, route: Route, refusal: IdentificationError
) -> Answer:
    forced = route.family is Family.FORCED_API
    spoken_to = request.wants_api or "/api" in request.path or "nounce" in request.query
    if platform.switches.security_layer and spoken_to:
        return KO_SECURITY_LAYER
    spoken = forced or request.wants_api
    return ko(str(refusal)) if spoken else redirect(refusal.page)
