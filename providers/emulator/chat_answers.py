"""Writes a Chat Completions answer, whole or as a stream of chunks. Pure.

Source: shared design page providers.md, section 1.1 (response, stream) and appendices A1, A2.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from providers.emulator.bank import Tokens
from providers.emulator.draws import fraction
from providers.emulator.models import Model
from providers.emulator.openai_chat import ChatRequest
from providers.emulator.tokens import count

# Hidden reasoning, as a share of the visible answer: rising with effort, as vendors describe it, otherwise invented.
REASONING_SHARE: Final[dict[str, float]] = {"none": 0.0, "low": 0.1, "medium": 0.3, "high": 0.8, "xhigh": 1.5}
CHUNK_CHARACTERS: Final = 24
DONE: Final = b"data: [DONE]\n\n"

JsonObject = dict[str, JsonValue]
Change = Callable[[JsonObject], JsonObject]


@dataclass(frozen=True)
class Outcome:
    """What the model did, before it is written down. `model_served` sets the price."""

    id: str
    created: int
    model_served: Model
    content: str | None
    finish: str
    tokens: Tokens
    service_tier: str
    refusal: str | None = None


def outcome(request: ChatRequest, text: str, *, answer_id: str, created: int) -> Outcome:
    """The answer within the request's output limit: reasoning is spent first, and the limit cuts in mid-word."""
    visible = count(text)
    reasoning = math.ceil(visible * REASONING_SHARE[request.effort])
    most = request.model.max_output_tokens
    limit = min(request.max_tokens or most, most)
    cut = reasoning + visible > limit
    if cut:
        reasoning = min(reasoning, limit)
        text = text[: len(text) * (limit - reasoning) // visible]
        visible = min(count(text), limit - reasoning)
    return Outcome(
        id=answer_id,
        created=created,
        model_served=request.model,
        content=text,
        finish="length" if cut else "stop",
        tokens=Tokens(prompt=request.prompt_tokens, completion=visible + reasoning, reasoning=reasoning),
        service_tier=request.service_tier,
    )


def whole(result: Outcome) -> JsonObject:
    """The body of an answer that is not streamed."""
    message: JsonValue = {
        "role": "assistant",
        "content": result.content,
        "refusal": result.refusal,
        "annotations": [],
    }
    choice: JsonValue = {"index": 0, "message": message, "logprobs": None, "finish_reason": result.finish}
    return _head(result, "chat.completion") | {"choices": [choice], "usage": usage(result.tokens)}


def events(result: Outcome, *, include_usage: bool, extra: JsonObject, change: Change) -> Iterator[bytes]:
    """The stream, one server-sent event an element. `extra` joins the last chunk; `change` distorts every chunk.

    A chunk that a distortion turned into an error ends the stream, as it does at the vendor.
    """
    chunks = list(_chunks(result, include_usage=include_usage))
    chunks[-1] = chunks[-1] | extra
    for chunk in chunks:
        changed = change(chunk)
        yield event(changed)
        if "error" in changed:
            return
    yield DONE


def event(chunk: JsonObject) -> bytes:
    """One server-sent event."""
    return b"data: " + dump(chunk) + b"\n\n"


def dump(value: JsonValue) -> bytes:
    """JSON as it goes over the wire."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def usage(tokens: Tokens) -> JsonObject:
    """The vendor's usage object."""
    return {
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.completion,
        "total_tokens": tokens.prompt + tokens.completion,
        "prompt_tokens_details": {
            "cached_tokens": tokens.cached,
            "cache_write_tokens": tokens.cache_written,
            "audio_tokens": 0,
        },
        "completion_tokens_details": {
            "reasoning_tokens": tokens.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _head(result: Outcome, kind: str) -> JsonObject:
    return {
        "id": result.id,
        "object": kind,
        "created": result.created,
        "model": result.model_served.id,
        "service_tier": result.service_tier,
        "system_fingerprint": None,
    }


def _chunks(result: Outcome, *, include_usage: bool) -> Iterator[JsonObject]:
    head = _head(result, "chat.completion.chunk")
    tail: JsonObject = {"usage": None} if include_usage else {}

    def chunk(delta: JsonObject, finish: str | None = None) -> JsonObject:
        choice: JsonValue = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return head | {"choices": [choice]} | tail

    field, text = ("content", result.content) if result.refusal is None else ("refusal", result.refusal)
    yield chunk({"role": "assistant", "content": "" if field == "content" else None, "refusal": None})
    for start in range(0, len(text or ""), CHUNK_CHARACTERS):
        piece = (text or "")[start : start + CHUNK_CHARACTERS]
        yield chunk({field: piece}) | {"obfuscation": _obfuscation(result.id, start)}
    yield chunk({}, result.finish)
    if include_usage:
        yield head | {"choices": [], "usage": usage(result.tokens)}


def _obfuscation(answer_id: str, start: int) -> str:
    """Noise of random length, which hides the lengths of tokens from eavesdroppers."""
    return "x" * (1 + int(fraction(answer_id, start) * 12))
