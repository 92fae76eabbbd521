"""Bodies, answers and addresses that documents show, held to the OpenAPI document that the API gives out."""

import json
import re
from functools import cache
from typing import Any, Final

from jsonschema import Draft202012Validator
from pydantic import SecretStr

from api.app import build
from orchestrator.settings import Settings

# `GET /v1/jobs?batch_id=`, as prose has it; `.../pause` names the end of an address alone.
REQUEST: Final = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (\.\.\.)?(/[^\s?]*)(?:\?(\S*))?$")

ELIDED: Final[tuple[object, ...]] = ("...", [], {})  # what `...`, `[...]` and `{...}` are read as


@cache
def document() -> dict[str, Any]:
    """Nothing is connected to: an application does so when it begins to serve."""
    nowhere = Settings(
        database_url=SecretStr("postgresql://nobody@127.0.0.1:1/none"),
        redis_url=SecretStr("redis://127.0.0.1:1/0"),
        key_pepper=SecretStr("a pepper that nobody uses"),
    )
    found: dict[str, Any] = build(nowhere).openapi()
    return found


def operation(method: str, path: str) -> dict[str, Any] | None:
    """What the contract says of a request to this path; ids may stand in it, or names in braces."""
    for template, methods in document()["paths"].items():
        known = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(known, path) and method.lower() in methods:
            found: dict[str, Any] = methods[method.lower()]
            return found
    return None


def unknown_in(request: str) -> str | None:
    """What a request in prose names that the contract has not."""
    found = REQUEST.match(request)
    assert found, request
    method, elided, path, query = found.groups()
    if elided:
        ends = [one for one, methods in document()["paths"].items() if one.endswith(path) and method.lower() in methods]
        return None if ends else f"no {method} of the contract ends with {path}"
    known = operation(method, path)
    if known is None:
        return f"the contract has no {method} {path}"
    names = {one["name"] for one in known.get("parameters", ()) if one["in"] == "query"}
    asked = {one.partition("=")[0] for one in (query or "").split("&") if one}
    return f"{sorted(asked - names)} not among {sorted(names)}" if asked - names else None


def answer_schema(method: str, path: str, status: int) -> dict[str, Any] | None:
    """The schema of the JSON with which a request is answered; None if the contract has none."""
    known = operation(method, path) or {}
    content = known.get("responses", {}).get(str(status), {}).get("content", {})
    found: dict[str, Any] | None = content.get("application/json", {}).get("schema")
    return found


def violations(shown: object, schema: dict[str, Any]) -> list[str]:
    """Where the value is not as the schema has it."""
    whole = {**schema, "components": document()["components"]}
    return [f"{error.json_path}: {error.message[:300]}" for error in Draft202012Validator(whole).iter_errors(shown)]


def violations_of_part(shown: dict[str, Any], component: str) -> list[str]:
    """The same for some of a component's members, none of which may be unknown."""
    known = document()["components"]["schemas"].get(component, {}).get("properties", {})
    unknown = [f"{component} has no {name}" for name in shown if name not in known]
    judged = [name for name in shown if name in known and shown[name] not in ELIDED]
    return unknown + [f"{name}{told[1:]}" for name in judged for told in violations(shown[name], known[name])]


def elided(text: str) -> str:
    """JSON as documents abridge it, made JSON: `...` among others is left out, `...` as a value is a word, N is 1."""
    text = re.sub(r"(?<=:) N\b", " 1", text)
    text = re.sub(r",\s*\.\.\.(?=\s*[\]}])|(?<=[\[{])\s*\.\.\.(?=\s*[\]}])", "", text)
    return re.sub(r"(?<=:)\s*\.\.\.(?=\s*[,}])", ' "..."', text)


def members(text: str) -> dict[str, Any]:
    """The members that a fragment such as `"context": {...}` shows, or those of a whole object."""
    text = elided(text.strip())
    found: dict[str, Any] = json.loads(text if text.startswith("{") else f"{{{text}}}")
    return found


def components_with(shown: dict[str, Any]) -> list[str]:
    """The components that have all of these members."""
    return [
        name
        for name, one in document()["components"]["schemas"].items()
        if shown.keys() <= one.get("properties", {}).keys()
    ]
