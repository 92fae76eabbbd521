"""Google's embeddings, one or many in a request: unit vectors as a function of text, task and model. Pure.

Source: shared design page providers.md, sections 1.3 (addresses), 1.8 (models, prices, lengths) and 10.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from providers.emulator.chat_answers import JsonObject
from providers.emulator.embeddings import vector
from providers.emulator.gemini_prompt import read
from providers.emulator.gemini_refusals import invalid, too_long, unknown_model
from providers.emulator.gemini_shapes import shape, shapes
from providers.emulator.tokens import count

MAX_REQUESTS: Final = 100  # of one batch; general knowledge
DIMENSIONS: Final = 3_072  # general knowledge, for both models

_MILLION: Final = 1_000_000


@dataclass(frozen=True)
class Embedder:
    """A model. It charges for what it reads, per million tokens, and takes so many in one text."""

    id: str
    input_micro_usd: int
    max_tokens: int


EMBEDDERS: Final[dict[str, Embedder]] = {
    model.id: model
    for model in (Embedder("gemini-embedding-001", 150_000, 2_048), Embedder("gemini-embedding-2", 200_000, 8_192))
}


@dataclass(frozen=True)
class Wanted:
    """One vector that was asked for."""

    text: str
    task: str
    dimensions: int
    tokens: int


@dataclass(frozen=True)
class EmbedRequest:
    """A request that passed. `one`: it was not sent as a list, and is not answered as one. `stream` is for the log."""

    embedder: Embedder
    wanted: tuple[Wanted, ...]
    one: bool
    stream: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """What is read."""
        return tuple(wish.text for wish in self.wanted)

    @property
    def tokens(self) -> int:
        """What is billed."""
        return sum(wish.tokens for wish in self.wanted)

    @property
    def cost_micro_usd(self) -> int:
        """Rounded up once."""
        return -(-self.tokens * self.embedder.input_micro_usd // _MILLION)


def check(body: JsonObject, model_name: str, *, one: bool) -> EmbedRequest:
    """Accept a request.

    Raises:
        Refusal: 400 or 404.
    """
    embedder = EMBEDDERS.get(model_name)
    if embedder is None:
        raise unknown_model(model_name)
    rows = [shape(body, "embed", "request")] if one else _rows(body)
    return EmbedRequest(embedder, tuple(_wanted(row, embedder) for row in rows), one)


def whole(request: EmbedRequest, seed: int) -> JsonObject:
    """The body of the answer, in the order of the requests."""
    rows: list[JsonValue] = [
        {"values": list(vector(f"{wish.task} {wish.text}", request.embedder.id, wish.dimensions, seed))}
        for wish in request.wanted
    ]
    shown: JsonObject = {"embedding": rows[0]} if request.one else {"embeddings": rows}
    return shown | {"usageMetadata": {"promptTokenCount": request.tokens}}


def _rows(body: JsonObject) -> list[JsonObject]:
    rows = shapes(shape(body, "embedBatch", "request").get("requests"), "embed", "requests")
    if not 1 <= len(rows) <= MAX_REQUESTS:
        raise invalid(f"* BatchEmbedContentsRequest.requests: at least one and at most {MAX_REQUESTS} requests.")
    return rows


def _wanted(row: JsonObject, embedder: Embedder) -> Wanted:
    named = row.get("model")
    if named is not None and named not in (embedder.id, f"models/{embedder.id}"):
        raise invalid("* EmbedContentRequest.model: does not match the model of the address.")
    content = shape(row.get("content"), "content", "content")
    texts, _ = read({"contents": [content | {"role": "user"}]}) if content.get("parts") else ((), ())
    text = "\n".join(texts)
    if not text:
        raise invalid("* EmbedContentRequest.content: content is empty")
    tokens = count(text)
    if tokens > embedder.max_tokens:
        raise too_long(tokens, embedder.max_tokens)
    return Wanted(text, str(row.get("taskType") or ""), _dimensions(row.get("outputDimensionality")), tokens)


def _dimensions(value: JsonValue) -> int:
    if value is None:
        return DIMENSIONS
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= DIMENSIONS:
        raise invalid(f"* EmbedContentRequest.output_dimensionality: 1 to {DIMENSIONS}.")
    return value
