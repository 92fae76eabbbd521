"""Bodies are read under a cap as they stream in, and only strict JSON is taken."""

import json
from typing import Annotated, Any, Final, Never, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from api.problems import MalformedJson, TooLarge, UnsupportedMediaType

MAX_BODY_BYTES: Final = 5 * 1024 * 1024
MAX_DEPTH: Final = 32  # the contract nests six deep

Model = TypeVar("Model", bound=BaseModel)


async def json_bytes(request: Request) -> bytes:
    """The whole body.

    Raises:
        UnsupportedMediaType: it is not declared as JSON, or is compressed (a bomb has a thousandfold way in).
        TooLarge: it passes the cap, by its own word or as it arrives.
    """
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared != "application/json" or request.headers.get("content-encoding"):
        raise UnsupportedMediaType("Send application/json in UTF-8 without a content encoding.")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:18]) > MAX_BODY_BYTES:
        raise _too_large()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _too_large()
    return bytes(body)


JsonBytes = Annotated[bytes, Depends(json_bytes)]


def parse(body: bytes, model: type[Model]) -> Model:
    """Read a body into a model, strictly.

    Raises:
        MalformedJson: it is no JSON, is too deep, or names a key twice.
        pydantic.ValidationError: its fields do not fit.
    """
    try:
        document = from_json(body, allow_inf_nan=False)
        json.loads(body, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedJson(_told(error)) from None
    if _deeper_than(document, MAX_DEPTH):
        raise MalformedJson(f"The JSON is nested deeper than {MAX_DEPTH} levels.")
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        if any(problem["type"] == "json_invalid" for problem in error.errors()):
            raise MalformedJson("The body is not valid JSON.") from None
        raise


def _too_large() -> TooLarge:
    return TooLarge(f"A body may have at most {MAX_BODY_BYTES} bytes.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return whole


def _refuse_constant(word: str) -> Never:
    raise ValueError(f"{word} is not JSON")


def _told(error: Exception) -> str:
    """Where and what, without quoting the body: parsers name the place, not the content."""
    if isinstance(error, RecursionError):
        return "The JSON is nested too deep."
    return f"The body is not valid JSON: {str(error)[:200]}."


def _deeper_than(document: object, levels: int) -> bool:
    layer = [document]
    for _ in range(levels):
        layer = [child for node in layer if isinstance(node, (dict, list)) for child in _children(node)]
        if not layer:
            return False
    return any(isinstance(node, (dict, list)) for node in layer)


def _children(node: dict[str, object] | list[object]) -> list[object]:
    return list(node.values()) if isinstance(node, dict) else node
