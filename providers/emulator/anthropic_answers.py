"""Writes a Messages answer, whole or as a stream of events. Pure.

Source: shared design page providers.md, section 1.2 (response, stream) and appendix A4.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from providers.emulator.anthropic_messages import MessagesRequest
from providers.emulator.chat_answers import Change, JsonObject, dump
from providers.emulator.claude_models import BATCH_PERCENT, FAST_PERCENT, US_ONLY_PERCENT, Claude, ClaudeTokens
from providers.emulator.draws import digest
from providers.emulator.instances import fill
from providers.emulator.prompt_cache import LOOK_BACK, Prefix, PromptCache

# Hidden thinking as a share of the visible answer: rising with effort, otherwise invented.
THINKING_SHARE: Final[dict[str, float]] = {"low": 0.1, "medium": 0.3, "high": 0.8, "xhigh": 1.5, "max": 2.0}
CHUNK_CHARACTERS: Final = 24
HOUR_S: Final = 3600.0
THOUGHT: Final = "Weighing what was said before answering."

OVERLOADED: Final[JsonObject] = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


@dataclass(frozen=True)
class Message:
    """What the model did, before it is written down. `model_served` sets the price."""

    id: str
    model_served: Claude
    thought: str | None
    text: str | None
    calls: tuple[JsonObject, ...]
    stop_reason: str
    tokens: ClaudeTokens
    service_tier: str = "standard"
    stop_sequence: str | None = None
    stop_details: JsonObject | None = None
    speed: str | None = None
    geo: str | None = None

    @property
    def percents(self) -> tuple[int, ...]:
        """What multiplies the price."""
        rows = (
            (self.service_tier == "batch", BATCH_PERCENT),
            (self.speed == "fast", FAST_PERCENT),
            (self.geo == "us", US_ONLY_PERCENT),
        )
        return tuple(percent for holds, percent in rows if holds)

    @property
    def blocks(self) -> tuple[JsonObject, ...]:
        """The content: thoughts, text, calls."""
        found: list[JsonObject] = []
        if self.thought is not None:
            found.append({"type": "thinking", "thinking": self.thought, "signature": digest(self.id, "signature")})
        if self.text is not None:
            found.append({"type": "text", "text": self.text})
        return (*found, *self.calls)


def message(request: MessagesRequest, text: str, read: ClaudeTokens, *, message_id: str) -> Message:
    """The answer within its limits: thinking is spent first, and the limit cuts in mid-word."""
    made = Message(message_id, request.model, None, None, (), "end_turn", read, speed=request.speed, geo=request.geo)
    if request.max_tokens == 0:
        return replace(made, stop_reason="max_tokens")
    if request.tools.forced:
        return called(request, made, request.tools.forced[0])
    stop = min((each for each in request.stop_sequences if each in text), key=text.index, default=None)
    text = text if stop is None else text[: text.index(stop)]
    visible = request.model.count(text)
    thinking = math.ceil(visible * THINKING_SHARE[request.effort]) if request.thinking.on else 0
    left = request.model.window_tokens - request.prompt_tokens
    limit = min(request.max_tokens, left)
    if thinking + visible > limit:
        why = "max_tokens" if request.max_tokens <= left else "model_context_window_exceeded"
        made, stop = replace(made, stop_reason=why), None
        thinking = min(thinking, limit)
        text = text[: len(text) * (limit - thinking) // max(visible, 1)]
        visible = min(request.model.count(text), limit - thinking)
    return replace(
        made,
        thought=(THOUGHT if request.thinking.shown else "") if request.thinking.on else None,
        text=text or None,
        stop_reason="stop_sequence" if stop is not None else made.stop_reason,
        stop_sequence=stop,
        tokens=replace(read, completion=thinking + visible, thinking=thinking),
    )


def called(request: MessagesRequest, made: Message, name: str) -> Message:
    """The answer as a call of a tool, with arguments that fit its schema."""
    salt = digest(request.model.id, *request.texts, name)
    call: JsonObject = {
        "type": "tool_use",
        "id": f"toolu_{digest(made.id, name)}",
        "name": name,
        "input": fill(request.tools.schemas[name], None, salt),
    }
    spent = request.model.count(json.dumps(call["input"])) + request.model.count(name)
    tokens = replace(made.tokens, completion=spent, thinking=0)
    return replace(made, thought=None, text=None, calls=(call,), stop_reason="tool_use", tokens=tokens)


def read_prompt(
    request: MessagesRequest, cache: PromptCache, owner: str, at: datetime
) -> tuple[ClaudeTokens, tuple[Prefix, ...]]:
    """How the prompt is billed, and the prefixes to remember once the answer has begun."""
    mine, prefixes = (owner, request.model.id), request.prefixes()
    marks = [place for place, prefix in enumerate(prefixes) if prefix.ttl_s]
    near = {prefixes[place] for mark in marks for place in range(max(0, mark - LOOK_BACK), mark + 1)}
    read = behind = cache.longest(mine, tuple(near), at)
    written: dict[bool, int] = {False: 0, True: 0}
    kept: list[Prefix] = []
    for prefix in (prefixes[mark] for mark in marks):
        if prefix.tokens <= behind or prefix.tokens < request.model.cache_min_tokens:
            continue
        written[prefix.ttl_s == HOUR_S] += prefix.tokens - behind
        behind = prefix.tokens
        kept.append(prefix)
    tokens = ClaudeTokens(request.prompt_tokens - behind, 0, read, written[False], written[True])
    return tokens, tuple(kept)


def whole(made: Message) -> JsonObject:
    """The body of an answer that is not streamed."""
    details: JsonObject = {"stop_details": made.stop_details} if made.stop_details else {}
    end: JsonObject = {"stop_reason": made.stop_reason, "stop_sequence": made.stop_sequence}
    return _head(made) | {"content": list(made.blocks)} | end | details | {"usage": usage(made)}


def usage(made: Message) -> JsonObject:
    """The vendor's usage object; `input_tokens` leaves out what was read from or written to the cache."""
    tokens = made.tokens
    shown: JsonObject = {
        "input_tokens": tokens.fresh,
        "cache_creation_input_tokens": tokens.written_5m + tokens.written_1h,
        "cache_read_input_tokens": tokens.read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens.written_5m,
            "ephemeral_1h_input_tokens": tokens.written_1h,
        },
        "output_tokens": tokens.completion,
        "output_tokens_details": {"thinking_tokens": tokens.thinking},
        "service_tier": made.service_tier,
    }
    told: dict[str, str | None] = {"speed": made.speed, "inference_geo": made.geo}
    return shown | {name: value for name, value in told.items() if value is not None}


def events(made: Message, change: Change) -> Iterator[bytes]:
    """The stream, one event an element. `change` distorts every payload; one that became an error ends the stream."""
    for payload in _payloads(made):
        changed = change(payload)
        yield event(changed)
        if changed.get("type") == "error":
            return


def event(payload: JsonObject) -> bytes:
    """One server-sent event, named after its payload."""
    return f"event: {payload.get('type', 'message')}\ndata: ".encode() + dump(payload) + b"\n\n"


def _head(made: Message) -> JsonObject:
    return {"id": made.id, "type": "message", "role": "assistant", "model": made.model_served.id}


def _payloads(made: Message) -> Iterator[JsonObject]:
    begun = usage(replace(made, tokens=replace(made.tokens, completion=1, thinking=0)))
    opening = _head(made) | {"content": [], "stop_reason": None, "stop_sequence": None, "usage": begun}
    yield {"type": "message_start", "message": opening}
    for index, block in enumerate(made.blocks):
        yield {"type": "content_block_start", "index": index, "content_block": _blank(block)}
        if index == 0:
            yield {"type": "ping"}
        for delta in _deltas(block):
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    end: JsonObject = {"stop_reason": made.stop_reason, "stop_sequence": made.stop_sequence}
    details: JsonObject = {"stop_details": made.stop_details} if made.stop_details else {}
    yield {"type": "message_delta", "delta": end | details, "usage": usage(made)}
    yield {"type": "message_stop"}


def _blank(block: JsonObject) -> JsonObject:
    empty: JsonObject = {"thinking": "", "signature": "", "text": "", "input": {}}
    return block | {name: value for name, value in empty.items() if name in block}


def _deltas(block: JsonObject) -> Iterator[JsonObject]:
    if block["type"] == "thinking":
        yield from _pieces("thinking_delta", "thinking", str(block["thinking"]))
        yield {"type": "signature_delta", "signature": block["signature"]}
    elif block["type"] == "text":
        yield from _pieces("text_delta", "text", str(block["text"]))
    else:
        yield {"type": "input_json_delta", "partial_json": ""}
        yield from _pieces("input_json_delta", "partial_json", dump(block["input"]).decode())


def _pieces(kind: str, field: str, text: str) -> Iterator[JsonObject]:
    for start in range(0, len(text), CHUNK_CHARACTERS):
        yield {"type": kind, field: text[start : start + CHUNK_CHARACTERS]}
