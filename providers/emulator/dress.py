"""What a vendor adds to an answer of the common dialect: fields, headers, and bytes before the first word. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from pydantic import JsonValue

from providers.emulator.bank import Tokens
from providers.emulator.models import Model

JsonObject: TypeAlias = dict[str, JsonValue]


@dataclass(frozen=True)
class Sale:
    """An answer as the till sees it."""

    request_id: str
    at: datetime
    model: Model
    tokens: Tokens
    cost_micro_usd: int


@dataclass(frozen=True)
class Dress:
    """`whole` and `chunk` change a body or one chunk of a stream; `last` joins the last chunk.

    `before_whole` and `before_stream` are sent first of all. `thought_field` is where reasoning is shown, if it is.
    `headers` go with every answer, `whole_headers` with one that is not streamed.
    """

    whole: Callable[[JsonObject, Sale], JsonObject] = lambda body, _sale: body
    chunk: Callable[[JsonObject, Sale], JsonObject] = lambda body, _sale: body
    last: Callable[[Sale], JsonObject] = lambda _sale: {}
    headers: Callable[[Sale], dict[str, str]] = lambda _sale: {}
    whole_headers: Callable[[Sale], dict[str, str]] = lambda _sale: {}
    before_whole: bytes = b""
    before_stream: tuple[bytes, ...] = ()
    thought_field: str = ""


PLAIN: Final = Dress()


def with_choices(body: JsonObject, change: Callable[[JsonObject], JsonObject]) -> JsonObject:
    """The body with each of its choices changed."""
    choices = body.get("choices")
    if not isinstance(choices, list):
        return body
    return body | {"choices": [change(choice) if isinstance(choice, dict) else choice for choice in choices]}


def with_usage(body: JsonObject, extra: JsonObject) -> JsonObject:
    """The body with more in its usage, where it has one."""
    usage = body.get("usage")
    return body | {"usage": usage | extra} if isinstance(usage, dict) else body
