"""The page `/docs`: every route with what it takes and answers, written from the OpenAPI document.

Self-contained; see `pages.py` for what a page may hold. FastAPI's own page fetches its script from a public network,
which a service behind a wall cannot reach and an operator did not ask for.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from markupsafe import Markup, escape

from api import pages, problems

METHODS: Final = ("get", "post", "put", "patch", "delete")
_REF: Final = "#/components/schemas/"
_CODE: Final = re.compile(r"`([^`]+)`")

Part = Mapping[str, Any]


class Field(NamedTuple):
    """A parameter or a field of a body. `place` of a parameter: path, query or header."""

    name: str
    kind: str
    required: bool
    about: Markup
    place: str = ""


class Answer(NamedTuple):
    """`codes`: of the problems that come with this status."""

    status: str
    about: Markup
    codes: tuple[str, ...]
    example: Markup | None


class Operation(NamedTuple):
    """A route. `fields` and `example` are of its body; `keyed`: it takes a key."""

    anchor: str
    method: str
    path: str
    summary: str
    about: tuple[Markup, ...]
    keyed: bool
    parameters: tuple[Field, ...]
    fields: tuple[Field, ...]
    example: Markup | None
    answers: tuple[Answer, ...]


def render(document: Part) -> str:
    """Write the page of an OpenAPI 3.1 document as `contract.py` completes it."""
    groups: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                tag = next(iter(item[method].get("tags", ())), "others")
                groups.setdefault(tag, []).append(_operation(document, method, path, item[method]))
    return pages.template("docs.html.j2").render(info=document["info"], groups=groups)


def _operation(document: Part, method: str, path: str, said: Part) -> Operation:
    body = _content(said.get("requestBody", {}))
    schema = _resolved(document, body.get("schema", {}))
    return Operation(
        anchor=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said.get("summary", ""),
        about=tuple(_prose(paragraph) for paragraph in said.get("description", "").split("\n\n") if paragraph),
        keyed=bool(said.get("security")),
        parameters=tuple(_parameter(document, one) for one in said.get("parameters", ())),
        fields=tuple(_fields(document, schema)),
        example=_example(body, schema),
        answers=tuple(_answer(document, status, one) for status, one in sorted(said["responses"].items())),
    )


def _parameter(document: Part, said: Part) -> Field:
    return Field(
        name=said["name"],
        kind=_kind(document, said.get("schema", {})),
        required=said.get("required", False),
        about=_prose(said.get("description", "")),
        place=said["in"],
    )


def _fields(document: Part, schema: Part) -> Iterator[Field]:
    for name, said in schema.get("properties", {}).items():
        yield Field(
            name=name,
            kind=_kind(document, said),
            required=name in schema.get("required", ()),
            about=_prose(said.get("description", "")),
        )


def _answer(document: Part, status: str, said: Part) -> Answer:
    refusals = said.get("content", {}).get(problems.MEDIA_TYPE, {}).get("examples", {})
    shown = {} if refusals else _content(said)
    return Answer(
        status=status,
        about=_prose(said.get("description", "")),
        codes=tuple(sorted(refusals)),
        example=_example(shown, _resolved(document, shown.get("schema", {}))),
    )


def _content(said: Part) -> Part:
    """What there is of the first media type."""
    found: Part = next(iter(said.get("content", {}).values()), {})
    return found


def _example(content: Part, schema: Part) -> Markup | None:
    several = [one.get("value") for one in content.get("examples", {}).values()]
    found = next((one for one in (content.get("example"), *several, *schema.get("examples", ())) if one), None)
    if found is None:
        return None
    return escape(found if isinstance(found, str) else json.dumps(found, indent=2, ensure_ascii=False))


def _resolved(document: Part, schema: Part) -> Part:
    if "$ref" not in schema:
        return schema
    found: Part = document["components"]["schemas"][schema["$ref"].removeprefix(_REF)]
    return found


def _kind(document: Part, schema: Part) -> str:
    """A type in a few words: `integer`, `array of Item`, `"a" or "b"`, `string or null`."""
    if "$ref" in schema:
        inner = _resolved(document, schema)
        name = str(schema["$ref"]).removeprefix(_REF)
        return _kind(document, inner) if "enum" in inner else name
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(_kind(document, one) for one in choices))
    if "enum" in schema or "const" in schema:
        return " or ".join(json.dumps(one) for one in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"array of {_kind(document, schema.get('items', {}))}"
    return str(schema.get("type", "anything"))


def _prose(text: str) -> Markup:
    """Plain text; what stands between backticks is code."""
    parts = _CODE.split(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )
