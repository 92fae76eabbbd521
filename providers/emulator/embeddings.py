"""Answers `POST /embeddings`: unit vectors that are a function of the text and the model, billed by input tokens.

Source: shared design page providers.md, sections 1.1 and 1.8. The SDK asks for base64, little-endian 32-bit floats.
"""

import base64
import math
import struct
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from providers.emulator.bank import Tokens
from providers.emulator.chat_answers import JsonObject, dump
from providers.emulator.draws import bell, digest
from providers.emulator.models import Model
from providers.emulator.refusals import Reason, Refusal, unparsable
from providers.emulator.tokens import count

MAX_INPUTS: Final = 2_048
MAX_INPUT_TOKENS: Final = 8_191

_SEEDS: Final = 32  # draws a vector; the rest are turns of them, since thousands of draws would be slow


@dataclass(frozen=True)
class Embedder:
    """A model, and how long its vectors are."""

    model: Model
    dimensions: int


EMBEDDERS: Final[dict[str, Embedder]] = {
    name: Embedder(Model(name, price, price, 0, ("none",), cliff=None, window_tokens=MAX_INPUT_TOKENS), dimensions)
    for name, price, dimensions in (
        ("text-embedding-3-small", 20_000, 1_536),
        ("text-embedding-3-large", 130_000, 3_072),
    )
}


@dataclass(frozen=True)
class EmbeddingRequest:
    """A request that passed. `stream` and `texts` are for the log."""

    embedder: Embedder
    texts: tuple[str, ...]
    token_counts: tuple[int, ...]
    dimensions: int
    packed: bool
    stream: bool = False


@dataclass(frozen=True)
class Embedded:
    """What was used, for the log and the bank."""

    model_served: Model
    tokens: Tokens


def check(body: JsonObject | None) -> EmbeddingRequest:
    """Accept a request.

    Raises:
        Refusal: 400 or 404.
    """
    if body is None:
        raise Refusal(unparsable())
    name = body.get("model")
    embedder = EMBEDDERS.get(name.removeprefix("openai/")) if isinstance(name, str) else None
    if embedder is None:
        raise Refusal(Reason(404, f"The model `{name}` does not exist.", code="model_not_found"))
    texts, counts = _inputs(body.get("input"))
    wanted = body.get("dimensions")
    dimensions = embedder.dimensions if wanted is None else wanted
    if not isinstance(dimensions, int) or isinstance(dimensions, bool) or not 1 <= dimensions <= embedder.dimensions:
        raise _refuse(f"Invalid 'dimensions': 1 to {embedder.dimensions}.", "dimensions")
    form = body.get("encoding_format", "float")
    if form not in ("float", "base64"):
        raise _refuse("Invalid 'encoding_format': 'float' or 'base64'.", "encoding_format")
    return EmbeddingRequest(embedder, texts, counts, dimensions, packed=form == "base64")


def used(request: EmbeddingRequest) -> Embedded:
    """Tokens of all inputs; there is no output to bill."""
    return Embedded(request.embedder.model, Tokens(prompt=sum(request.token_counts), completion=0))


def whole(request: EmbeddingRequest, seed: int) -> JsonObject:
    """The body of the answer."""
    total = sum(request.token_counts)
    name = request.embedder.model.id
    data: list[JsonValue] = [
        {
            "object": "embedding",
            "index": place,
            "embedding": _written(vector(text, name, request.dimensions, seed), request),
        }
        for place, text in enumerate(request.texts)
    ]
    return {"object": "list", "data": data, "model": name, "usage": {"prompt_tokens": total, "total_tokens": total}}


def vector(text: str, model: str, dimensions: int, seed: int) -> list[float]:
    """A point on the unit sphere: the same for the same text, far from those of other texts."""
    salt = digest(seed, model, text)
    drawn = [bell(salt, place) for place in range(_SEEDS)]
    raw = [
        drawn[place % _SEEDS] * math.cos(1.0 + place * abs(drawn[place // _SEEDS % _SEEDS]))
        for place in range(dimensions)
    ]
    length = math.sqrt(sum(value * value for value in raw))
    return [value / length for value in raw]


def _written(values: list[float], request: EmbeddingRequest) -> JsonValue:
    if request.packed:
        return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
    return list(values)


def _inputs(value: JsonValue) -> tuple[tuple[str, ...], tuple[int, ...]]:
    rows = value if isinstance(value, list) and not _is_tokens(value) else [value]
    if not 1 <= len(rows) <= MAX_INPUTS:
        raise _refuse(f"Invalid 'input': 1 to {MAX_INPUTS} items.", "input")
    read = [_input(row) for row in rows]
    return tuple(text for text, _ in read), tuple(tokens for _, tokens in read)


def _input(row: JsonValue) -> tuple[str, int]:
    """A text, or the numbers of its tokens, which this vendor cannot tell from a text of its own."""
    if isinstance(row, str) and row:
        text, tokens = row, count(row)
    elif isinstance(row, list) and _is_tokens(row):
        text, tokens = dump(row).decode(), len(row)
    else:
        raise _refuse("'$.input' is invalid: expected a text, or an array of texts or of token numbers.", "input")
    if tokens > MAX_INPUT_TOKENS:
        raise Refusal(
            Reason(
                400,
                f"This model's maximum context length is {MAX_INPUT_TOKENS} tokens, however you requested "
                f"{tokens} tokens. Please reduce your prompt.",
                code="context_length_exceeded",
                param="input",
            )
        )
    return text, tokens


def _is_tokens(value: list[JsonValue]) -> bool:
    return bool(value) and all(isinstance(token, int) and not isinstance(token, bool) for token in value)


def _refuse(message: str, param: str) -> Refusal:
    return Refusal(Reason(400, message, code="invalid_value", param=param))
