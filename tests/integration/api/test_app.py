"""Every route is described, and the description is true; what they let through: test_isolation."""

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest
from fastapi.routing import APIRoute

ACTES = "/api/v1/actes"


def _routes(app: Any) -> list[APIRoute]:
    found = [route for route in app.routes if isinstance(route, APIRoute)]
    assert found
    return found


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


def _examples(node: Any) -> list[Any]:
    found = [node["example"]] if "example" in node else []
    return found + [each["value"] for each in node.get("examples", {}).values()]


def _shown(node: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every example of the description, with its schema and its place."""
    if isinstance(node, dict):
        named = isinstance(node.get("examples", {}), dict)
        if "schema" in node and named:
            yield from ((place, node["schema"], each) for each in _examples(node))
        elif "type" in node and "example" in node and isinstance(node["type"], str):
            yield place, {k: v for k, v in node.items() if k != "example"}, node["example"]
        if isinstance(node.get("examples"), list):
            yield from ((place, node, each) for each in node["examples"])
        for name, value in node.items():
            if name not in ("example", "examples"):
                yield from _shown(value, f"{place}/{name}")
    elif isinstance(node, list):
        for rank, value in enumerate(node):
            yield from _shown(value, f"{place}/{rank}")


def test_every_example_is_what_its_schema_says(description: Any) -> None:
    looked = 0
    for place, schema, example in _shown(description):
        whole = {**schema, "components": description["components"]}
        validator = jsonschema_rs.validator_for(whole, validate_formats=True)
        faults = [fault.message for fault in validator.iter_errors(example)]
        assert not faults, (place, faults)
        looked += 1
    assert looked > 200


OURS = ("actes", "lots", "changements", "courriers", "constats", "seances", "televersements")


def test_every_operation_is_named_told_and_shown(description: Any) -> None:
    names = []
    for path, verbs in description["paths"].items():
        for verb, operation in verbs.items():
            names.append(operation["operationId"])
            if path.split("/")[3] not in OURS:
                continue
            place = f"{verb} {path}"
            assert operation["tags"], place
            assert operation["summary"], place
            assert (
                operation["description"].endswith((".", ")")) or len(operation["description"]) > 9
            )
            for status, told in operation["responses"].items():
                for kind, content in told.get("content", {}).items():
                    if "json" in kind:
                        assert _examples(content), (place, status)
            for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                if kind == "application/json":
                    assert _examples(content), place
    assert len(set(names)) == len(names)


def test_every_verb_of_every_route_is_described(desk: Any, description: Any) -> None:
    for route in _routes(desk.app):
        for method in route.methods:
            known = description["paths"][route.path]
            # A GET without its content is not told again.
            assert method.lower() in known or (method == "HEAD" and "get" in known), route.path


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
