"""Writes a Chat Completions answer, whole or as a stream of chunks. Pure.

Source: shared design page providers.md, section 1.1 (response, stream) and appendices A1, A2.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from pydantic import JsonValue

from providers.emulator.bank import Tokens
from providers.emulator.draws import fraction
from providers.emulator.models import Model
from providers.emulator.openai_chat import ChatRequest
from providers.emulator.tokens import count
from providers.emulator.tool_use import ToolCall

# Hidden reasoning, as a share of the visible answer: rising with effort, as vendors describe it, otherwise invented.
REASONING_SHARE: Final[dict[str, float]] = {
    "none": 0.0,
    "minimal": 0.02,
    "low": 0.1,
    "medium": 0.3,
    "high": 0.8,
    "xhigh": 1.5,
    "max": 2.0,
}
_THOUGHTS: Final = "First look at who said what then weigh which of it is proven and keep only that".split()
CHUNK_CHARACTERS: Final = 24
DONE: Final = b"data: [DONE]\n\n"

JsonObject = dict[str, JsonValue]
Change = Callable[[JsonObject], JsonObject]


@dataclass(frozen=True)
class Outcome:
    """What the model did, before it is written down. `model_served` sets the price.

    `thoughts` is the reasoning that is shown, in the field `thought_field`; most vendors show none.
    """

    id: str
    created: int
    model_served: Model
    content: str | None
    finish: str
    tokens: Tokens
    service_tier: str
    refusal: str | None = None
    calls: tuple[ToolCall, ...] = ()
    thoughts: str = ""
    thought_field: str = ""


def outcome(
    request: ChatRequest, text: str, *, answer_id: str, created: int, calls: tuple[ToolCall, ...] = ()
) -> Outcome:
    """The answer within the request's output limit: reasoning is spent first, and the limit cuts in mid-word.

    With `calls` the text is not said, and the limit cuts the last call's arguments.
    """
    if calls:
        return _calling(request, calls, answer_id=answer_id, created=created)
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


def thinking(result: Outcome, field: str) -> Outcome:
    """The answer with its reasoning shown in that field; as many words as it had tokens of it."""
    words = (_THOUGHTS[place % len(_THOUGHTS)] for place in range(result.tokens.reasoning))
    return replace(result, thoughts=" ".join(words), thought_field=field)


def whole(result: Outcome) -> JsonObject:
    """The body of an answer that is not streamed."""
    message: JsonObject = {
        "role": "assistant",
        "content": result.content,
        "refusal": result.refusal,
        "annotations": [],
    }
    if result.calls:
        message["tool_calls"] = [_call(call) for call in result.calls]
    if result.thoughts:
        message[result.thought_field] = result.thoughts
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


def _calling(request: ChatRequest, calls: tuple[ToolCall, ...], *, answer_id: str, created: int) -> Outcome:
    *others, last = calls
    before = sum(count(call.arguments) for call in others)
    said = outcome(request, last.arguments, answer_id=answer_id, created=created)
    tokens = replace(said.tokens, completion=said.tokens.completion + before)
    finish = "tool_calls" if said.finish == "stop" else said.finish
    kept = (*others, replace(last, arguments=said.content or ""))
    return replace(said, content=None, finish=finish, tokens=tokens, calls=kept)


def _call(call: ToolCall) -> JsonObject:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


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
    spoken = field == "content" and not result.calls
    yield chunk({"role": "assistant", "content": "" if spoken else None, "refusal": None})
    for piece in _pieces(result.thoughts):
        yield chunk({result.thought_field: piece, "content": None})
    for place, piece in enumerate(_pieces(text or "")):
        yield chunk({field: piece}) | {"obfuscation": _obfuscation(result.id, place * CHUNK_CHARACTERS)}
    for place, call in enumerate(result.calls):
        yield from (chunk({"tool_calls": [fragment]}) for fragment in _fragments(place, call))
    yield chunk({}, result.finish)
    if include_usage:
        yield head | {"choices": [], "usage": usage(result.tokens)}


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + CHUNK_CHARACTERS] for start in range(0, len(text), CHUNK_CHARACTERS))


def _fragments(place: int, call: ToolCall) -> Iterator[JsonObject]:
    """The name first, then the arguments bit by bit; the index says which call they belong to."""
    named: JsonObject = {"name": call.name, "arguments": ""}
    yield {"index": place, "id": call.id, "type": "function", "function": named}
    for piece in _pieces(call.arguments):
        yield {"index": place, "function": {"arguments": piece}}


def _obfuscation(answer_id: str, start: int) -> str:
    """Noise of random length, which hides the lengths of tokens from eavesdroppers."""
    return "x" * (1 + int(fraction(answer_id, start) * 12))
