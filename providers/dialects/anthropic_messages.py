"""Messages, the wire format of Anthropic. Pure.

Blocks are picked by their type, never by their place: thinking may come first, and new types come without notice.

Source: shared design page providers.md, sections 1.2, 1.9, 2.5 and 4.
"""

import json
import re
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from pydantic import JsonValue

from providers import pricing, waits
from providers.calls import Call, Finish, JsonObject, LimitReading, Reply, ToolCall, Usage
from providers.catalog import ModelCard, ProviderCard
from providers.dialects import anthropic_failures, anthropic_requests, anthropic_stream
from providers.dialects.anthropic_failures import request_id
from providers.dialects.documents import as_object, clean, parse
from providers.errors import BadReply, ContentFiltered, CutOff, EmptyReply, Interrupted, ProviderError
from providers.sse import Event
from providers.wire import Pace, WireReply, WireRequest

_Limited: TypeAlias = Literal["requests", "tokens", "input_tokens", "output_tokens"]

_FINISHES: Final[dict[str, Finish]] = {
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "tool_use": Finish.TOOL_CALLS,
    "refusal": Finish.CONTENT_FILTER,
}
_LIMITS: Final[dict[str, _Limited]] = {
    "requests": "requests",
    "tokens": "tokens",
    "input-tokens": "input_tokens",
    "output-tokens": "output_tokens",
}
_WHOLE: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
# How a body begins that is no stream: JSON, or a gateway's page.
_NO_STREAM: Final = (b"{", b"[", b"<")


class AnthropicMessages:
    """The dialect. Satisfies `wire.Dialect`."""

    def encode(self, call: Call, provider: ProviderCard, model: ModelCard) -> WireRequest:
        return anthropic_requests.encode(call, provider, model)

    def decode(self, reply: WireReply, call: Call) -> Reply:
        """Read a success that came whole.

        Raises:
            ContentFiltered: the model refused. Billed.
            CutOff: the output limit, or the end of the context window, ended the answer.
            EmptyReply: no answer text; thoughts are none, and tool calls only where tools were offered.
            BadReply: the model paused its turn, or the body is unreadable.
            ProviderError: the body is an error.
        """
        document = as_object(parse(reply.body))
        if document.get("error") or not isinstance(document.get("content"), list):
            error = anthropic_failures.classify(reply)
            raise _bill(error, document, call) if document.get("usage") else error
        return _read(document, reply, call)

    def decode_stream(self, reply: WireReply, call: Call) -> Reply:
        """Read a success that came as a stream. A server that does not stream may answer whole: that is read as well.

        Raises:
            Interrupted: there is no end of the message. `usage` is what the start said of the input, with the output
                estimated.
            ProviderError: as `decode`. An error event is named by its type, as the status is 200; once the message had
                begun it may be billed, and says what for.
        """
        told = anthropic_stream.fold(reply.body)
        if told.error is not None:
            error = anthropic_failures.classify(reply.model_copy(update={"body": told.error}))
            if told.begun:
                error.may_be_billed = True
                _bill(error, told.message, call)
            raise error
        if told.ended:
            return _read(told.message, reply, call)
        if not told.begun and told.stray.lstrip()[:1] in _NO_STREAM:
            return self.decode(reply, call)
        broken = Interrupted("the stream ended before the answer did", status=reply.status)
        broken.request_id = request_id(reply)
        raise _bill(broken, told.message, call)

    def pace(self, event: Event) -> Pace:
        return anthropic_stream.pace(event)

    def classify(self, reply: WireReply) -> ProviderError:
        return anthropic_failures.classify(reply)

    def limits(self, headers: Mapping[str, str]) -> tuple[LimitReading, ...]:
        return _limits(headers)


def _read(message: JsonObject, reply: WireReply, call: Call) -> Reply:
    text, tool_calls = _text(message), _tool_calls(message)
    failure = _failure(message, text, tool_calls, call)
    if failure is not None:
        failure.status, failure.request_id = reply.status, request_id(reply)
        raise _bill(failure, message, call)
    return Reply(
        text=text,
        finish=_FINISHES.get(clean(message.get("stop_reason")), Finish.STOP),
        model_served=clean(message.get("model")),
        usage=_usage(message, call),
        request_id=request_id(reply),
        tool_calls=tool_calls,
        tier_served=clean(as_object(message.get("usage")).get("service_tier")),
        limits=_limits(reply.headers),
    )


def _failure(message: JsonObject, text: str, tool_calls: tuple[ToolCall, ...], call: Call) -> ProviderError | None:
    """What makes an answer unusable, if anything does."""
    reason = clean(message.get("stop_reason"))
    finish = _FINISHES.get(reason)
    if finish is Finish.CONTENT_FILTER:
        details = as_object(message.get("stop_details"))
        explanation = clean(details.get("explanation")) or clean(details.get("category")) or "no explanation"
        return ContentFiltered(f"the model refused the content: {explanation}")
    if reason == "pause_turn":
        # Comes of the vendor's own server tools alone, which we never offer; there is no turn to go on with.
        return BadReply("the model paused in the middle of its turn (pause_turn)")
    if finish is Finish.LENGTH and (text.strip() or tool_calls):
        return CutOff(f"the output limit ended the answer ({reason})")
    if not text.strip() and not (tool_calls and call.tools):
        return EmptyReply(f"no answer text (finish: {reason or 'none'})")
    return None


def _bill(error: ProviderError, message: JsonObject, call: Call) -> ProviderError:
    """Write onto a failure what it costs, and whom."""
    error.usage, error.model_served = _usage(message, call), clean(message.get("model"))
    return error


def _blocks(message: JsonObject, kind: str) -> list[JsonObject]:
    content = message.get("content")
    blocks = [as_object(block) for block in content] if isinstance(content, list) else []
    return [block for block in blocks if block.get("type") == kind]


def _text(message: JsonObject) -> str:
    return "".join(clean(block.get("text")) for block in _blocks(message, "text"))


def _tool_calls(message: JsonObject) -> tuple[ToolCall, ...]:
    return tuple(
        ToolCall(id=clean(block.get("id")), name=clean(block.get("name")), arguments=_arguments(block.get("input")))
        for block in _blocks(message, "tool_use")
        if clean(block.get("name"))
    )


def _arguments(value: JsonValue) -> str:
    """The input of a tool as JSON text; text that is none already is what a stream broke off in."""
    if isinstance(value, str):
        return clean(value)
    return clean(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _usage(message: JsonObject, call: Call) -> Usage:
    """The tokens as told; each side of which nothing is told is estimated."""
    told = as_object(message.get("usage"))
    fresh, cached, written = _count(told, "input_tokens"), _count(told, "cache_read_input_tokens"), _cache_writes(told)
    output = _count(told, "output_tokens")
    reasoning = min(output, _count(as_object(told.get("output_tokens_details")), "thinking_tokens"))
    guessed_input = 0 if fresh + cached + written else sum(pricing.estimate_tokens(one.text) for one in call.messages)
    guessed_output = 0 if output else _estimated_output(message)
    return Usage(
        input_tokens=fresh + guessed_input,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=output - reasoning + guessed_output,
        reasoning_tokens=reasoning,
        estimated=bool(guessed_input or guessed_output) or told.get("output_tokens") is None,
    )


def _cache_writes(told: JsonObject) -> int:
    """All that was written to the cache, for five minutes or an hour; we ask for five minutes alone."""
    parts = as_object(told.get("cache_creation"))
    return _count(told, "cache_creation_input_tokens") or sum(
        _count(parts, name) for name in ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
    )


def _estimated_output(message: JsonObject) -> int:
    """About how many tokens the model wrote: thoughts and tool calls are billed like the answer."""
    thoughts = (clean(block.get("thinking")) for block in _blocks(message, "thinking"))
    arguments = (one.arguments for one in _tool_calls(message))
    return sum(pricing.estimate_tokens(words) for words in (_text(message), *thoughts, *arguments))


def _count(fields: JsonObject, name: str) -> int:
    """A token count; 0 for null, for what is no whole number, and for what no model could have read."""
    value = fields.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1_000_000_000 else 0


def _limits(headers: Mapping[str, str]) -> tuple[LimitReading, ...]:
    readings = (_reading(name, headers) for name in _LIMITS)
    return tuple(reading for reading in readings if reading is not None)


def _reading(name: str, headers: Mapping[str, str]) -> LimitReading | None:
    limit, remaining = (
        int(text) if _WHOLE.fullmatch(text := headers.get(f"anthropic-ratelimit-{name}-{field}", "").strip()) else None
        for field in ("limit", "remaining")
    )
    if not limit and remaining is None:
        return None
    reset_s = waits.until_s(headers.get(f"anthropic-ratelimit-{name}-reset", ""), headers)
    # The Date header has whole seconds, so that a limit that is whole again may seem to have been so for a moment.
    sane = None if reset_s is None or reset_s > waits.MAX_WAIT_S else max(0.0, reset_s)
    return LimitReading(of=_LIMITS[name], limit=limit or None, remaining=remaining, reset_s=sane)
