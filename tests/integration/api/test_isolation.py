"""One authority sees nothing of another: every route, every kind of id, every token.

The routes are those of the application, so that a new one fails here until it has a case.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, insert, select

from tests.support.scene import AUTHOR, pdf
from tests.support.serving import serving
from transmission.api.app import OPENAPI, create_app
from transmission.api.rates import Rates
from transmission.api.wiring import WiredApi
from transmission.domain.access import Scope
from transmission.domain.identifiers import NumeroInterne
from transmission.domain.sitting_list import SittingActe
from transmission.domain.transmission import Author
from transmission.services.sitting import SittingFile, content_of, import_sitting
from transmission.services.tokens import create_token, revoke_token
from transmission.store.sealing import KeyFileSealer
from transmission.store.tables import courrier, metadata, retour

ACTES = "/api/v1/actes"
ACTE = f"{ACTES}/{{acte_id}}"
UPLOADS = "/api/v1/televersements"
WEBHOOKS = "/api/v1/webhooks"
WEBHOOK = f"{WEBHOOKS}/{{webhook_id}}"
ALL = frozenset(Scope)
DECIDED = date(2023, 3, 2)
WORDS = ("D2023_001", "Subvention", "Commune de Saint-Exemple", "123456782")
"""What is known of the acts of the other authority."""

FREE_HEADERS = {"date", "ratelimit"}


@dataclass(frozen=True)
class Ids:
    """Values of a parameter of an address: one that is another's, ours, and nobody's."""

    foreign: str
    own: str
    unknown: str


@dataclass
class World:
    """Two authorities with as much of everything; ``tokens`` are those of the second."""

    bench: Any
    client: httpx.Client
    routes: list[tuple[str, str]]
    ids: dict[str, Ids] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    first: str = ""

    def ask(self, secret: str, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {secret}", **options.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **options)

    def counts(self) -> dict[str, int]:
        """Rows of every table."""
        with self.bench.engine.connect() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }


def _deposit(numero: str = "D2023_100", text: str = "Acte") -> dict[str, Any]:
    words = (
        f'{{"numero": "{numero}", "date": "2023-03-02", "nature": "DE", "matiere": "7.5",'
        ' "objet": "Autre"}'
    )
    parts = {"acte": (None, words, "application/json"), "document": ("a.pdf", pdf(text))}
    return {"files": parts}


_WITH_REASON = {"json": {"motif": "essai"}}
_TUS = {"Tus-Resumable": "1.0.0"}
_BLOCK: dict[str, Any] = {
    "headers": {**_TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"},
    "content": b"12345",
}
REQUESTS: dict[tuple[str, str], dict[str, Any]] = {
    ("HEAD", f"{UPLOADS}/{{upload_id}}"): {"headers": _TUS},
    ("DELETE", f"{UPLOADS}/{{upload_id}}"): {"headers": _TUS},
    ("PATCH", f"{UPLOADS}/{{upload_id}}"): _BLOCK,
    ("POST", f"{UPLOADS}/{{upload_id}}"): {
        **_BLOCK, "headers": {**_BLOCK["headers"], "X-HTTP-Method-Override": "PATCH"}
    },
    ("POST", f"{ACTE}/annulation"): _WITH_REASON,
    ("POST", f"{ACTE}/renvoi"): _WITH_REASON,
    ("POST", f"{ACTE}/publication"): {
        "json": {"date": "2023-03-10", "adresse": "https://saint-exemple.example/acte"}
    },
    ("POST", f"{ACTE}/publication/retrait"): _WITH_REASON,
    ("POST", "/api/v1/courriers/{courrier_id}/reponse"): {
        "files": {"reponse": (None, b"{}", "application/json"), "documents": ("a.pdf", pdf())}
    },
    ("PATCH", WEBHOOK): {"json": {"nom": "autre"}},
    ("POST", f"{WEBHOOK}/rotation"): {"json": {}},
    ("POST", f"{WEBHOOK}/essai"): {},
    ("POST", f"{WEBHOOK}/envois/{{envoi_id}}/renvoi"): {},
    ("POST", f"{WEBHOOK}/renvois"): {"json": {"depuis": "2023-03-01"}},
}  # fmt: skip
"""What besides the address makes a request that would be taken, for those that change something."""

WITHOUT_ID = {
    (method, path)
    for path, methods in (
        (ACTES, "GET HEAD POST"),
        ("/api/v1/changements", "GET HEAD"),
        ("/api/v1/courriers", "GET HEAD"),
        ("/api/v1/constats", "GET HEAD"),
        ("/api/v1/lots", "POST"),
        (WEBHOOKS, "GET POST"),
        (UPLOADS, "OPTIONS POST"),
    )
    for method in methods.split()
}
"""Routes whose address has no id: what they list and take is judged below."""


@pytest.fixture
def bench(bench: Any, tmp_path: Path) -> Any:
    bench.tools = replace(bench.tools, sealer=KeyFileSealer(tmp_path / "secrets.key", make=True))
    return bench


@pytest.fixture
def world(desk: Any) -> Iterator[World]:
    bench = desk.bench
    app = create_app(
        WiredApi(bench.engine, bench.tools, (), Rates("999999/second", "99999/second"))
    )
    routes = [
        (method, route.path)
        for route in app.routes
        for method in sorted(route.methods)
        if route.path != OPENAPI
    ]
    with serving(app) as url, httpx.Client(base_url=url, timeout=30) as client:
        made = World(bench, client, routes)
        _classified(bench)
        _tokens(made)
        _ids(made)
        yield made


def _classified(bench: Any) -> None:
    with bench.tools.register() as unit:
        version, file = unit.classification_file(bench.authority_id)
        unit.add_classification(bench.second_id, version, file, bench.clock.now())
        unit.commit()


def _tokens(world: World) -> None:
    tools, theirs, drawn = world.bench.tools, world.bench.second_id, iter(range(1, 99))

    def made(owner: int, name: str, scopes: Any, expires: Any = None) -> str:
        return create_token(
            tools, owner, name, scopes, expires, AUTHOR,
            randomness=lambda count: bytes([next(drawn)] * count),
        )  # fmt: skip

    world.tokens["expiré"] = made(theirs, "expire", ALL, world.bench.clock.instant.date())
    world.bench.clock.advance(3 * 86_400)
    world.tokens["révoqué"] = made(theirs, "revoque", ALL)
    revoke_token(tools, theirs, "revoque", Author("essai", "essai"))
    world.tokens["inconnu"] = "tdt_" + "A" * 43
    world.tokens["vivant"] = made(theirs, "vivant", ALL)
    for scope in Scope:
        world.tokens[scope.word] = made(theirs, scope.word, {scope})
    world.first = made(world.bench.authority_id, "premier", ALL)


def _ids(world: World) -> None:
    bench, own_secret = world.bench, world.tokens["vivant"]
    ours = bench.acknowledged(contents=(b"%PDF-1.4 premier",))
    own = bench.acte(authority_id=bench.second_id, contents=(b"%PDF-1.4 second",))
    world.ids["acte_id"] = Ids(str(ours.acte_id), str(own.acte_id), "999999")
    digests = [_digest(world, world.first, ours), _digest(world, own_secret, own)]
    world.ids["sha256"] = Ids(*digests, "0" * 64)
    letters = [_letter(bench, bench.authority_id, ours.acte_id),
               _letter(bench, bench.second_id, own.acte_id)]  # fmt: skip
    world.ids["courrier_id"] = Ids(*letters, "999999")
    for owner, day in ((bench.authority_id, date(2023, 3, 5)), (bench.second_id, DECIDED)):
        content = content_of([SittingActe(NumeroInterne(f"D{day:%d}"))])
        given = SittingFile(content=content, nom_fichier="seance.json", date_seance=day)
        import_sitting(bench.tools, owner, given, AUTHOR)
    world.ids["date_seance"] = Ids("2023-03-05", "2023-03-02", "2022-01-01")
    hooks = [_webhook(world, secret) for secret in (world.first, own_secret)]
    for rank, name in enumerate(("webhook_id", "envoi_id")):
        world.ids[name] = Ids(hooks[0][rank], hooks[1][rank], "999999")
    world.ids["upload_id"] = Ids(_upload(world, world.first), _upload(world, own_secret), "999999")


def _digest(world: World, secret: str, sent: Any) -> str:
    found = world.ask(secret, "GET", f"{ACTES}/{sent.acte_id}").json()["fichiers"]
    return str(found[0]["sha256"])


def _letter(bench: Any, owner: int, acte_id: int) -> str:
    kept = asdict(bench.tools.documents.put_bytes(f"<lettre>{acte_id}</lettre>".encode()))
    at = bench.clock.instant
    with bench.engine.begin() as connection:
        came = connection.execute(
            insert(retour)
            .values(
                collectivite_id=owner, acte_id=acte_id, source=f"inbox:{acte_id}", received_at=at,
                status="applied", kind="3-1", **kept,
            )
            .returning(retour.c.id)
        ).scalar_one()  # fmt: skip
        values = {
            "collectivite_id": owner, "acte_id": acte_id, "message": "3-1", "retour_id": came,
            "texte": f"Lettre {owner}", "date_courrier": date(2023, 3, 10), "received_at": at,
            "fingerprint": str(came),
        }  # fmt: skip
        made = connection.execute(insert(courrier).values(values).returning(courrier.c.id))
        return str(made.scalar_one())


def _webhook(world: World, secret: str) -> tuple[str, str]:
    """A subscription, and something that it was told."""
    said = {"nom": "agenda", "url": "http://127.0.0.1:9/"}
    made = world.ask(secret, "POST", WEBHOOKS, json=said).json()
    told = world.ask(secret, "POST", f"{made['lien']}/essai")
    assert told.status_code < 300, told.text
    sent = world.ask(secret, "GET", f"{made['lien']}/envois").json()["envois"]
    return str(made["id"]), str(sent[0]["id"])


def _upload(world: World, secret: str) -> str:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "10"}
    made = world.ask(secret, "POST", UPLOADS, headers=headers)
    assert made.status_code == 201, made.text
    return str(made.headers["location"].rpartition("/")[2])


def _parameters(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _seen(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    headers = sorted((k, v) for k, v in answer.headers.items() if k not in FREE_HEADERS)
    return answer.status_code, headers, answer.content


def test_every_route_has_its_case(world: World) -> None:
    for method, path in world.routes:
        names = _parameters(path)
        missing = [name for name in names if name not in world.ids]
        assert not missing, f"{path}: say in _ids() what {missing} of another authority is"
        if not names:
            assert (method, path) in WITHOUT_ID, f"{method} {path}: judge what it lists or takes"
        elif method not in ("GET", "HEAD", "DELETE"):
            assert (method, path) in REQUESTS, f"{method} {path}: say in REQUESTS what it takes"
    assert set(world.routes) >= WITHOUT_ID | set(REQUESTS)


def test_what_is_anothers_answers_as_what_does_not_exist(world: World) -> None:
    before = world.counts()
    looked = 0
    for method, path in world.routes:
        names = _parameters(path)
        request = REQUESTS.get((method, path), {})
        for kinds in product(("foreign", "own", "unknown"), repeat=len(names)):
            if "foreign" not in kinds:
                continue
            answers = [
                world.ask(
                    world.tokens["vivant"],
                    method,
                    path.format(
                        **{
                            name: getattr(world.ids[name], kind.replace("foreign", stands))
                            for name, kind in zip(names, kinds, strict=True)
                        }
                    ),
                    **request,
                )
                for stands in ("foreign", "unknown")
            ]
            looked += 1
            assert answers[0].status_code == 404, (method, path, kinds, answers[0].text)
            assert _seen(answers[0]) == _seen(answers[1]), (method, path, kinds)
    assert looked > 10
    assert world.counts() == before


def test_what_is_ones_own_is_found(world: World) -> None:
    # Or everything above would be found nowhere.
    for method, path in world.routes:
        if method not in ("GET", "HEAD") or not _parameters(path):
            continue
        own = {name: world.ids[name].own for name in _parameters(path)}
        request = REQUESTS.get((method, path), {})
        answer = world.ask(world.tokens["vivant"], method, path.format(**own), **request)
        assert answer.status_code in (200, 409), (method, path, answer.text)


@pytest.mark.parametrize("token", ["expiré", "révoqué", "inconnu"])
def test_a_token_that_is_not_in_service_is_told_nothing_else(world: World, token: str) -> None:
    before = world.counts()
    refusal = _seen(world.ask("tdt_rien", "GET", ACTES))
    assert refusal[0] == 401
    for method, path in world.routes:
        for kind in ("foreign", "own", "unknown"):
            values = {name: getattr(world.ids[name], kind) for name in _parameters(path)}
            request = REQUESTS.get((method, path), {})
            answer = world.ask(world.tokens[token], method, path.format(**values), **request)
            if method == "HEAD":
                assert answer.status_code == 401
            else:
                assert _seen(answer) == refusal, (method, path, kind)
    assert world.counts() == before


def test_every_route_asks_for_a_scope(world: World) -> None:
    for method, path in world.routes:
        address = path.format(**{name: world.ids[name].unknown for name in _parameters(path)})
        request = REQUESTS.get((method, path), {})
        statuses = [
            world.ask(world.tokens[scope.word], method, address, **request).status_code
            for scope in Scope
        ]
        assert 403 in statuses, (method, path, statuses)


def test_no_route_is_open_without_a_token_but_the_description(world: World) -> None:
    for method, path in world.routes:
        address = path.format(**{name: world.ids[name].own for name in _parameters(path)})
        assert world.client.request(method, address).status_code == 401, (method, path)
    assert world.client.get(OPENAPI).status_code == 200


@pytest.mark.parametrize("scope", Scope, ids=lambda scope: scope.word)
def test_a_token_without_the_scope_learns_of_no_id(world: World, scope: Scope) -> None:
    refused = 0
    for method, path in world.routes:
        request = REQUESTS.get((method, path), {})
        answers = []
        for kind in ("foreign", "own", "unknown"):
            values = {name: getattr(world.ids[name], kind) for name in _parameters(path)}
            secret = world.tokens[scope.word]
            answers.append(_seen(world.ask(secret, method, path.format(**values), **request)))
        if 403 in {answer[0] for answer in answers}:
            refused += 1
            assert answers[0] == answers[1] == answers[2], (method, path)
    assert refused


LISTS = (
    ACTES,
    f"{ACTES}?etat=accepted,acknowledged",
    f"{ACTES}?depuis=2023-01-01",
    f"{ACTES}?numero=D2023_001",
    "/api/v1/changements",
    "/api/v1/changements?apres=0",
    "/api/v1/courriers",
    "/api/v1/constats",
    WEBHOOKS,
)


@pytest.mark.parametrize("path", LISTS)
def test_no_list_says_anything_of_another(world: World, path: str) -> None:
    answer = world.ask(world.tokens["vivant"], "GET", path)
    assert answer.status_code == 200
    assert not [word for word in WORDS[:1] + WORDS[2:] if word in answer.text]
    for name in ("acte_id", "sha256"):
        assert f'"{world.ids[name].foreign}"' not in answer.text
        assert f"actes/{world.ids[name].foreign}" not in answer.text
        assert f"fichiers/{world.ids[name].foreign}" not in answer.text


@pytest.mark.parametrize("path", LISTS)
def test_no_list_moves_when_another_works(world: World, path: str) -> None:
    before = world.ask(world.tokens["vivant"], "GET", path)
    world.bench.acknowledged()
    assert world.ask(world.first, "POST", ACTES, **_deposit()).status_code == 201
    assert _seen(world.ask(world.tokens["vivant"], "GET", path)) == _seen(before)


def test_a_cursor_of_another_leads_to_ones_own_acts(world: World) -> None:
    ours = world.ids["acte_id"].foreign
    for path in (f"{ACTES}?curseur={ours}", f"/api/v1/changements?apres={ours}"):
        answer = world.ask(world.tokens["vivant"], "GET", path)
        assert answer.status_code == 200
        assert f"/{ours}" not in answer.text


def test_a_file_is_found_through_the_acts_that_have_it_alone(world: World) -> None:
    own, other = world.tokens["vivant"], world.ids["acte_id"].own
    addresses = []
    for secret in (world.first, own):
        taken = world.ask(secret, "POST", ACTES, **_deposit("D2023_200", "La même"))
        assert taken.status_code == 201, taken.text
        addresses.append(taken.headers["location"])
    digest = world.ask(own, "GET", addresses[1]).json()["fichiers"][0]["sha256"]
    assert digest in world.ask(world.first, "GET", addresses[0]).text
    statuses = [
        world.ask(own, "GET", f"{address}/fichiers/{digest}").status_code
        for address in (*addresses, f"{ACTES}/{other}")
    ]
    assert statuses == [404, 200, 404]


def test_a_key_and_a_number_of_another_are_free(world: World) -> None:
    headers = {"Idempotency-Key": "cle-1"}
    ours = world.ask(world.first, "POST", ACTES, headers=headers, **_deposit())
    assert ours.status_code == 201
    theirs = world.ask(
        world.tokens["vivant"], "POST", ACTES, headers=headers, **_deposit(text="Autre")
    )
    assert theirs.status_code == 201, theirs.text
    assert theirs.json()["acte"]["lien"] != ours.headers["location"]
    assert theirs.json()["deja_remis"] is False
