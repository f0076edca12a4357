import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import HTTPException, Request

from transmission.console.forms import FIELD, Posted, posted
from transmission.console.visitor import VISIT, ForbiddenError, Visit
from transmission.domain.people import Person

FORM = "application/x-www-form-urlencoded"


def sent(body: bytes, kind: str = FORM, read: Callable[[Posted], Any] = str) -> Any:
    scope: dict[str, Any] = {
        "type": "http",
        "headers": [(b"content-type", kind.encode())],
        VISIT: Visit(Person(1, "service des assemblées", ()), "le-jeton"),
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def reading() -> Any:
        async with posted(Request(scope, receive)) as form:
            return read(form)

    return asyncio.run(reading())


def typed(**fields: str) -> bytes:
    return urlencode(fields).encode()


def test_what_was_typed_is_read_without_the_spaces_around() -> None:
    body = typed(**{FIELD: "le-jeton", "motif": "  acte rapporté\x00 "})
    read = sent(body, read=lambda form: (form.text("motif"), form.text("absent")))
    assert read == ("acte rapporté", "")
    assert sent(body, read=lambda form: form.files("motif")) == []


@pytest.mark.parametrize("token", ["", "un-autre", "le-jeton-", "é"])
def test_a_form_without_the_token_of_the_visit_is_refused(token: str) -> None:
    with pytest.raises(ForbiddenError, match="Rien n'a été fait"):
        sent(typed(**{FIELD: token}))


def test_a_form_without_any_token_is_refused() -> None:
    with pytest.raises(ForbiddenError):
        sent(typed(motif="acte rapporté"))


def test_a_file_is_told_from_a_text() -> None:
    body = (
        f'--b\r\nContent-Disposition: form-data; name="{FIELD}"\r\n\r\nle-jeton\r\n'
        '--b\r\nContent-Disposition: form-data; name="document"; filename="a.pdf"\r\n\r\n%PDF\r\n'
        '--b\r\nContent-Disposition: form-data; name="annexe"; filename=""\r\n\r\n\r\n--b--\r\n'
    )
    names = sent(
        body.encode(),
        "multipart/form-data; boundary=b",
        lambda form: [[file.filename for file in form.files(at)] for at in ("document", "annexe")],
    )
    assert names == [["a.pdf"], []]


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_what_is_no_form_is_refused(kind: str) -> None:
    with pytest.raises(HTTPException) as refused:
        sent(b"{}", kind)
    assert refused.value.status_code == 400
