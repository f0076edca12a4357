"""What is asked of a platform: calls that change nothing there, or only what was asked."""

from collections.abc import Iterator, Mapping

from transmission.tdt.http import FILE_MAX, TEXT_MAX, Answer, HttpsLink, NoAnswerError, Target
from transmission.tdt.s2low import wire
from transmission.tdt.s2low.errors import UndecidedError, statut_in_french

ACTES = "/modules/actes/"
GET_STATUS = ACTES + "actes_transac_get_status.php"
_LIST = ACTES + "api/list_actes.php"

_OK = 200
_LIST_PAGE = 500
_LIST_PAGES_MAX = 40


class Questions:
    """The questions of one account. Each raises UndecidedError for what is no clear answer."""

    def __init__(self, link: HttpsLink) -> None:
        self._link = link

    def url(self, path: str) -> str:
        """Full address of a script."""
        return self._link.url(path)

    def ask(
        self, path: str, query: Mapping[str, str] | None = None, limit: int = TEXT_MAX
    ) -> bytes:
        """The body of a 200."""
        answer = self.answer(path, query, limit)
        if answer.status != _OK:
            raise _wrong_code(answer)
        return answer.body

    def answer(
        self, path: str, query: Mapping[str, str] | None = None, limit: int = TEXT_MAX
    ) -> Answer:
        """An answer whatever its code, redirections among them."""
        try:
            return self._link.get(path, _spoken(query), limit)
        except NoAnswerError as error:
            raise UndecidedError(str(error)) from error

    def save(self, path: str, query: Mapping[str, str], target: Target, limit: int) -> None:
        """Write the body of a 200, at most ``limit`` bytes, into ``target``.

        Raises what ``target`` raises too.
        """
        try:
            answer = self._link.download(path, _spoken(query), target, limit)
        except NoAnswerError as error:
            raise UndecidedError(str(error)) from error
        if answer.status != _OK:
            raise _wrong_code(answer)

    def pages(self, code: int) -> Iterator[tuple[wire.ListedActe, ...]]:
        """What is in a status now, newest first, page by page (S²LOW API §4.20)."""
        offset = 0
        for _ in range(_LIST_PAGES_MAX):
            query = {"status_id": str(code), "offset": str(offset), "limit": str(_LIST_PAGE)}
            page = wire.parsed_list(self.ask(_LIST, query, FILE_MAX))
            if not page:
                return
            yield page
            offset += len(page)
        raise UndecidedError(f"le TdT a trop d'actes dans le {statut_in_french(code)}")


def _spoken(query: Mapping[str, str] | None) -> dict[str, str]:
    # api=1 even where the script ignores it: a failure to identify then comes as a KO.
    return {**(query or {}), "api": "1"}


def _wrong_code(answer: Answer) -> UndecidedError:
    return UndecidedError(f"le TdT a répondu par un code HTTP {answer.status}")
