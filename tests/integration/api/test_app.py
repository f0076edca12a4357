"""Every route: described, guarded, and closed to another authority."""

from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

ACTES = "/api/v1/actes"


def _routes(app: Any) -> list[APIRoute]:
    found = [route for route in app.routes if isinstance(route, APIRoute)]
    assert found
    return found


def _address(route: APIRoute, acte_id: int, sha256: str) -> str:
    # A parameter that is not known here fails: whoever adds it says what another's would be.
    return route.path.format(acte_id=acte_id, sha256=sha256)


def test_nothing_of_another_authority_is_found_on_any_route(desk: Any, form_of: Any) -> None:
    sent = desk.bench.acknowledged()
    ours, theirs = desk.client(), desk.client("tdt_theirs")
    sha256 = ours.get(f"{ACTES}/{sent.acte_id}").json()["fichiers"][0]["sha256"]
    own = desk.bench.acte(authority_id=desk.bench.second_id, contents=(b"%PDF-1.4 autre",))
    looked = 0
    for route in _routes(desk.app):
        address = _address(route, sent.acte_id, sha256)
        for method in route.methods - {"POST"}:
            answer = theirs.request(method, address)
            unknown = theirs.request(method, _address(route, 999_999, sha256))
            if "{" in route.path:
                looked += 1
                assert answer.status_code == 404, (method, route.path)
                assert answer.content == unknown.content
                # Nor through an act of theirs.
                if "{sha256}" in route.path:
                    through = theirs.request(method, _address(route, own.acte_id, sha256))
                    assert through.status_code == 404
            else:
                assert answer.status_code == 200
                assert "D2023_001" not in answer.text
                assert sha256 not in answer.text
    assert looked == 8


def test_no_route_is_open_without_a_token_but_the_description(desk: Any) -> None:
    nobody = desk.client(None)
    for route in desk.app.routes:
        path = route.path.format(acte_id=1, sha256="0" * 64)
        for method in route.methods:
            status = nobody.request(method, path).status_code
            assert status == (200 if path == "/api/v1/openapi.json" else 401), (method, path)


def test_every_route_asks_for_a_scope(desk: Any) -> None:
    desk.container.known["tdt_rien"] = type(desk.container.known["tdt_ours"])(
        "rien", 9, desk.bench.authority_id, "123456782", frozenset()
    )
    nothing = desk.client("tdt_rien")
    for route in _routes(desk.app):
        for method in route.methods:
            answer = nothing.request(method, _address(route, 1, "0" * 64))
            assert answer.status_code == 403, (method, route.path)


@pytest.fixture
def description(desk: Any) -> Any:
    return desk.client(None).get("/api/v1/openapi.json").json()


def test_the_description_has_every_route_and_the_token(desk: Any, description: Any) -> None:
    assert set(description["paths"]) == {route.path for route in _routes(desk.app)}
    assert description["security"] == [{"jeton": []}]
    assert description["components"]["securitySchemes"]["jeton"]["scheme"] == "bearer"


def test_the_example_of_the_description_would_be_taken(
    desk: Any, client: httpx.Client, description: Any, form_of: Any
) -> None:
    content = description["paths"][ACTES]["post"]["requestBody"]["content"]
    words = content["multipart/form-data"]["schema"]["properties"]["acte"]["example"]
    answer = client.post(ACTES, params={"dry_run": 1}, files=form_of(words))
    assert answer.status_code == 200, answer.text


def test_every_reference_of_the_description_leads_somewhere(description: Any) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [each for value in node.values() for each in references(value)]
        return [e for value in node for e in references(value)] if isinstance(node, list) else []

    found = references(description)
    assert found
    for reference in found:
        node = description
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_there_is_no_page_of_documentation(client: httpx.Client) -> None:
    for path in ("/api/docs", "/api/redoc", "/api/v1/docs"):
        assert client.get(path).status_code == 404
