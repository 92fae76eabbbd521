"""Bodies are read under a cap as they stream in, and only strict JSON is taken."""

import asyncio
import json
from typing import Annotated, Any, Final, Never, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from api.problems import BodyTooSlow, MalformedJson, TooLarge, UnsupportedMediaType
from orchestrator.errors import InvalidRequest

MAX_BODY_BYTES: Final = 5 * 1024 * 1024
BODY_WITHIN_S: Final = 30.0  # 5 MB at 1.4 Mbit/s
MAX_DEPTH: Final = 32  # the contract nests six deep
MAX_KEYS_OF_OBJECT: Final = 1_000  # the contract has objects of fifty
MAX_KEYS: Final = 120_000  # the longest transcript has 100,000
MAX_PROBLEMS: Final = 10_000  # a list of more costs half a kilobyte each, and nobody reads it

Model = TypeVar("Model", bound=BaseModel)


async def json_bytes(request: Request) -> bytes:
    """The whole body.

    Raises:
        UnsupportedMediaType: it is not declared as JSON in UTF-8, or is compressed (a bomb has a thousandfold way in).
        TooLarge: it passes the cap, by its own word or as it arrives.
        BodyTooSlow: it had not come within its time.
    """
    if not _is_json(request.headers.get("content-type", "")) or request.headers.get("content-encoding"):
        raise UnsupportedMediaType("Send application/json in UTF-8 without a content encoding.")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:18]) > MAX_BODY_BYTES:
        raise _too_large()
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            return await _whole(request)
    except TimeoutError:
        raise BodyTooSlow(f"A body must have come within {BODY_WITHIN_S:g} seconds.") from None


JsonBytes = Annotated[bytes, Depends(json_bytes)]


def parse(body: bytes, model: type[Model]) -> Model:
    """Read a body into a model, strictly.

    Raises:
        MalformedJson: it is no JSON, is too deep, names a key twice, or has more keys than any body needs.
        pydantic.ValidationError: its fields do not fit.
        InvalidRequest: so many of them do not fit that they are not listed.
    """
    try:
        is_too_deep = _deeper_than(from_json(body, allow_inf_nan=False), MAX_DEPTH)
        json.loads(body, object_pairs_hook=_Keys().of, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedJson(_told(error)) from None
    if is_too_deep:
        raise MalformedJson(f"The JSON is nested deeper than {MAX_DEPTH} levels.")
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        if error.error_count() > MAX_PROBLEMS:
            raise InvalidRequest(f"{error.error_count():,} fields do not fit.") from None
        if any(problem["type"] == "json_invalid" for problem in error.errors()):
            raise MalformedJson("The body is not valid JSON.") from None
        raise


async def _whole(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _too_large()
    return bytes(body)


def _is_json(declared: str) -> bool:
    kind, _, parameters = declared.partition(";")
    named = dict(one.strip().lower().partition("=")[::2] for one in parameters.split(";") if one.strip())
    return kind.strip().lower() == "application/json" and named.get("charset", "utf-8").strip('"') in {"utf-8", "utf8"}


def _too_large() -> TooLarge:
    return TooLarge(f"A body may have at most {MAX_BODY_BYTES} bytes.")


class _Keys:
    """Looks at the keys of each object of a document as it is read."""

    def __init__(self) -> None:
        self._count = 0

    def of(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """The object. Raises ValueError."""
        self._count += len(pairs)
        if len(pairs) > MAX_KEYS_OF_OBJECT or self._count > MAX_KEYS:
            raise ValueError(f"it has more than {MAX_KEYS_OF_OBJECT:,} keys in one object, or {MAX_KEYS:,} in all")
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
