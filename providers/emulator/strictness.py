"""The vendor's rules for a strict JSON schema. Pure.

Source: shared design page providers.md, sections 9.1 and 10 (every property required, no further ones, named limits).
"""

import re
from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

MAX_DEPTH: Final = 10
MAX_PROPERTIES: Final = 5_000
MAX_ENUM_VALUES: Final = 1_000

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FORBIDDEN: Final = ("allOf", "oneOf", "not", "if", "then", "else", "patternProperties", "dependentRequired")
_HOLDS_SCHEMAS: Final = ("properties", "$defs", "definitions")

Path = tuple[str, ...]


def is_name(name: str) -> bool:
    """Whether a schema may be called so."""
    return _NAME.fullmatch(name) is not None


def complaint(schema: JsonValue) -> str | None:
    """The first reason to refuse the schema, in the vendor's words, or None when it is fine."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return "schema must be a JSON Schema of 'type: \"object\"'."
    if (total := sum(1 for _ in _property_names(schema))) > MAX_PROPERTIES:
        return f"Expected at most {MAX_PROPERTIES} object properties in total, but got {total}."
    return next(_complaints(schema, schema, (), 0), None)


def _complaints(schema: JsonValue, root: dict[str, JsonValue], path: Path, depth: int) -> Iterator[str]:
    if not isinstance(schema, dict):
        yield f"In context={path}, a schema must be an object."
    elif depth > MAX_DEPTH:
        yield f"{depth} levels of nesting exceeds limit of {MAX_DEPTH}."
    else:
        yield from _inner_complaints(schema, root, path, depth)


def _inner_complaints(
    schema: dict[str, JsonValue], root: dict[str, JsonValue], path: Path, depth: int
) -> Iterator[str]:
    yield from (f"In context={path}, '{word}' is not permitted." for word in _FORBIDDEN if word in schema)
    yield from _own_complaints(schema, root, path)
    for step, child in _children(schema):
        deeper = depth + 1 if step[0] in ("properties", "items") else depth
        yield from _complaints(child, root, path + step, deeper)


def _own_complaints(schema: dict[str, JsonValue], root: dict[str, JsonValue], path: Path) -> Iterator[str]:
    reference = schema.get("$ref")
    if reference is not None and resolve(reference, root) is None:
        yield f"In context={path}, reference to component '{reference}' which was not found in the schema."
    if not {"type", "$ref", "anyOf", "enum", "const"} & schema.keys():
        yield f"In context={path}, schema must have a 'type' key."
    values = schema.get("enum")
    if isinstance(values, list) and len(values) > MAX_ENUM_VALUES:
        yield f"In context={path}, enum has more than {MAX_ENUM_VALUES} values."
    if schema.get("type") == "array" and "items" not in schema:
        yield f"In context={path}, array schema missing items."
    if schema.get("type") == "object":
        yield from _object_complaints(schema, path)


def _object_complaints(schema: dict[str, JsonValue], path: Path) -> Iterator[str]:
    if schema.get("additionalProperties") is not False:
        yield f"In context={path}, 'additionalProperties' is required to be supplied and to be false."
    properties = schema.get("properties")
    names = set(properties) if isinstance(properties, dict) else set()
    required = schema.get("required")
    listed = {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()
    if missing := sorted(names - listed):
        yield (
            f"In context={path}, 'required' is required to be supplied and to be an array including every key in "
            f"properties. Missing '{missing[0]}'."
        )
    if extra := sorted(listed - names):
        yield f"In context={path}, Extra required key '{extra[0]}' supplied."


def _children(schema: dict[str, JsonValue]) -> Iterator[tuple[Path, JsonValue]]:
    for holder in _HOLDS_SCHEMAS:
        held = schema.get(holder)
        if isinstance(held, dict):
            yield from (((holder, name), child) for name, child in held.items())
    if "items" in schema:
        yield ("items",), schema["items"]
    options = schema.get("anyOf")
    if isinstance(options, list):
        yield from ((("anyOf", str(place)), option) for place, option in enumerate(options))


def _property_names(schema: JsonValue) -> Iterator[str]:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for _, child in _children(schema):
            yield from _property_names(child)


def resolve(reference: JsonValue, root: dict[str, JsonValue]) -> JsonValue:
    """The schema that `#/a/b` names inside the root, or None."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    place: JsonValue = root
    for step in reference.removeprefix("#").split("/")[1:]:
        if not isinstance(place, dict) or step not in place:
            return None
        place = place[step]
    return place
