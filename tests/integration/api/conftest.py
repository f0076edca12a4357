"""The API over the services and a real register; the TdT answers what a test writes."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from tests.support.bench import Bench
from tests.support.prefecture import Prefecture, letter
from tests.support.scene import AUTHOR, SIREN, pdf
from tests.support.serving import serving
from transmission.api.app import create_app
from transmission.api.front import Front
from transmission.api.wiring import WiredApi
from transmission.domain.access import Access, AccessDeniedError, Scope
from transmission.domain.transmission import KeptCourrier
from transmission.ports.access import NewToken
from transmission.store.tables import acte

OURS = "tdt_ours"
THEIRS = "tdt_theirs"
SECOND_SIREN = "123456790"
ALL = frozenset(Scope)


class PlayedApi(WiredApi):
    """The real wiring, but for who holds a token."""

    known: dict[str, Access]
    failing: BaseException | None = None

    def authenticate(self, secret: str) -> Access:
        if self.failing is not None:
            raise self.failing
        if secret not in self.known:
            raise AccessDeniedError
        return self.known[secret]


@dataclass
class Desk:
    """What a test plays with: the bench, the container, the application and its address."""

    bench: Bench
    container: PlayedApi
    app: Any
    url: str
    folder: Path
    clients: list[httpx.Client] = field(default_factory=list)

    def client(self, secret: str | None = OURS) -> httpx.Client:
        headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        made = httpx.Client(base_url=self.url, headers=headers, timeout=30)
        self.clients.append(made)
        return made

    def count(self) -> int:
        with self.bench.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(acte)).scalar_one())

    def left(self) -> list[Path]:
        """Files that deposits left where they come in, and documents kept."""
        documents = (self.folder / "documents").rglob("*")
        return [*(self.folder / "incoming").rglob("*"), *(p for p in documents if p.is_file())]


def said(**changes: Any) -> dict[str, Any]:
    """What is said of an act that would be taken."""
    words = {
        "numero": "D2023_001",
        "date": "2023-03-02",
        "nature": "DE",
        "matiere": "7.5",
        "objet": "Subvention à l'école",
        **changes,
    }
    return {name: value for name, value in words.items() if value is not None}


def form(words: Any = None, *files: tuple[str, str, bytes]) -> list[tuple[str, Any]]:
    """A multipart form; a document and an annexe when no file is given."""
    content = words if isinstance(words, bytes) else json.dumps(words or said()).encode()
    given = files or (("document", "acte.pdf", pdf()), ("annexes", "plan.pdf", pdf("Plan")))
    return [
        ("acte", (None, content, "application/json")),
        *((part, (name, BytesIO(body), "application/pdf")) for part, name, body in given),
    ]


def access(bench: Bench, name: str, scopes: frozenset[Scope], *, theirs: bool = False) -> Access:
    """Who holds a token that the register knows."""
    owner, siren = (bench.second_id, SECOND_SIREN) if theirs else (bench.authority_id, SIREN)
    with bench.tools.register() as unit:
        new = NewToken(
            collectivite_id=owner, name=name, digest=name, scopes=scopes, expires_at=None
        )
        token_id = unit.add_token(new, AUTHOR, bench.clock.now())
        unit.commit()
    return Access(name, token_id, owner, siren, scopes)


@pytest.fixture
def words_of() -> Callable[..., dict[str, Any]]:
    return said


@pytest.fixture
def form_of() -> Callable[..., list[tuple[str, Any]]]:
    return form


@pytest.fixture
def desk(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    (tmp_path / "incoming").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "incoming"))
    bench.classified()
    container = PlayedApi(bench.engine, bench.tools, (), incoming=tmp_path / "incoming")
    container.known = {
        OURS: access(bench, "assemblees", ALL),
        THEIRS: access(bench, "voisins", ALL, theirs=True),
        "tdt_lecteur": access(bench, "lecteur", frozenset({Scope.READ})),
        "tdt_deposant": access(bench, "depot", frozenset({Scope.DEPOSIT})),
    }
    app = create_app(container)

    async def pages(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b"pages"})

    with serving(Front(app, pages)) as url:
        made = Desk(bench, container, app, url, tmp_path)
        yield made
        for client in made.clients:
            client.close()


@pytest.fixture
def client(desk: Desk) -> httpx.Client:
    return desk.client()


@pytest.fixture
def sent(client: httpx.Client) -> Callable[..., int]:
    """Sends a file in one go; the number of its upload."""

    def send(content: bytes, name: str = "acte.pdf", own: httpx.Client = client) -> int:
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(content)),
            "Upload-Metadata": f"filename {b64encode(name.encode()).decode()}",
            "Content-Type": "application/offset+octet-stream",
        }
        made = own.post("/api/v1/televersements", content=content, headers=headers)
        assert made.status_code == 201, made.text
        return int(made.headers["location"].rpartition("/")[2])

    return send


@pytest.fixture
def thread(desk: Desk) -> Callable[..., KeptCourrier]:
    """Opens a thread under a new act."""

    def opened(code: str = "3-1") -> KeptCourrier:
        made = desk.bench.acknowledged()
        Prefecture(desk.bench).sends(letter(code, made.id_acte), reference="812")
        return desk.bench.letters(made.acte_id)[-1]

    return opened
