"""Messages answers that are wrong in content rather than in transport, under the names of the other dialects. Pure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Final

from pydantic import JsonValue

from providers.emulator.anthropic_answers import Message, called
from providers.emulator.anthropic_messages import MessagesRequest
from providers.emulator.chat_answers import JsonObject
from providers.emulator.claude_models import MODELS, find
from providers.emulator.parcels import FaultArgs

_LONG_AGO: Final = date.min  # a stand-in may be one that is retired by now


def _empty(made: Message, _request: MessagesRequest, _args: FaultArgs) -> Message:
    """Everything was spent on thinking."""
    return replace(made, thought="", text=None, calls=(), tokens=replace(made.tokens, thinking=made.tokens.completion))


def _length(made: Message, _request: MessagesRequest, _args: FaultArgs) -> Message:
    text = (made.text or "")[: len(made.text or "") // 2]
    tokens = replace(made.tokens, completion=made.model_served.count(text) + made.tokens.thinking)
    return replace(made, text=text, stop_reason="max_tokens", tokens=tokens)


def _refusal(made: Message, _request: MessagesRequest, args: FaultArgs) -> Message:
    words = args.message or "This request is against our usage policy."
    details: JsonObject = {"type": "refusal", "category": "general", "explanation": words}
    tokens = replace(made.tokens, completion=1, thinking=0)
    return replace(made, thought=None, text=None, calls=(), stop_reason="refusal", stop_details=details, tokens=tokens)


def _pause(made: Message, _request: MessagesRequest, _args: FaultArgs) -> Message:
    """The turn is to be sent back, so that it goes on."""
    return replace(_length(made, _request, _args), stop_reason="pause_turn")


def _window(made: Message, request: MessagesRequest, args: FaultArgs) -> Message:
    return replace(_length(made, request, args), stop_reason="model_context_window_exceeded")


def _fenced(made: Message, _request: MessagesRequest, _args: FaultArgs) -> Message:
    return replace(made, text=f"Here is the analysis:\n```json\n{made.text}\n```\n")


def _other_schema(made: Message, _request: MessagesRequest, _args: FaultArgs) -> Message:
    return replace(made, text='{"answer":[1,"two",null]}')


def _other_model(made: Message, _request: MessagesRequest, args: FaultArgs) -> Message:
    """Served, and priced, as another model; `model` names it, otherwise the first other one stands in."""
    name = args.model or next(name for name in MODELS if name != made.model_served.id)
    found = find(name, _LONG_AGO) or made.model_served
    return replace(made, model_served=replace(found, id=name))


def _cached(made: Message, _request: MessagesRequest, args: FaultArgs) -> Message:
    """As if so much of the prompt had been remembered."""
    prompt = made.tokens.prompt
    read = int(prompt * args.cached_share)
    return replace(made, tokens=replace(made.tokens, fresh=prompt - read, read=read, written_5m=0, written_1h=0))


def _tool_call(made: Message, request: MessagesRequest, _args: FaultArgs) -> Message:
    """The model chooses to call the first tool, if it may."""
    offered = tuple(request.tools.schemas) if request.tools.allowed else ()
    return called(request, made, offered[0]) if offered else made


def _bare(made: Message, _request: MessagesRequest, _args: FaultArgs) -> Message:
    return replace(made, thought=None, text=None, calls=())


def _content_null(body: JsonObject, _args: FaultArgs) -> JsonObject:
    return body | {"content": None} if "content" in body else body


def _wrong_shape(_body: JsonObject, _args: FaultArgs) -> JsonObject:
    return {"object": "list", "data": [], "status": "ok"}


def _error_in_200(_body: JsonObject, args: FaultArgs) -> JsonObject:
    return {"type": "error", "error": {"type": "api_error", "message": args.message or "Internal server error"}}


def _usage(body: JsonObject, change: Callable[[JsonObject], JsonObject | None]) -> JsonObject:
    """Change the usage where there is one, in a whole body, in the first event or in the last but one."""
    inner, shown = body.get("message"), body.get("usage")
    if isinstance(inner, dict):
        return body | {"message": _usage(inner, change)}
    if not isinstance(shown, dict):
        return body
    changed = change(shown)
    rest: JsonObject = {name: value for name, value in body.items() if name != "usage"}
    return rest if changed is None else rest | {"usage": changed}


def _figures(**figures: JsonValue) -> Callable[[JsonObject, FaultArgs], JsonObject]:
    return lambda body, _args: _usage(body, lambda shown: shown | figures)


# What the model did: these change what is billed as well as what is shown.
OUTCOMES: Final[dict[str, Callable[[Message, MessagesRequest, FaultArgs], Message]]] = {
    "empty": _empty,
    "length": _length,
    "refusal": _refusal,
    "content_filter": _refusal,
    "pause_turn": _pause,
    "window_exceeded": _window,
    "fenced": _fenced,
    "other_schema": _other_schema,
    "other_model": _other_model,
    "cached": _cached,
    "tool_call": _tool_call,
    "choices_empty": _bare,
}
# What is written about it: the bill stays true.
BODIES: Final[dict[str, Callable[[JsonObject, FaultArgs], JsonObject]]] = {
    "choices_null": _content_null,
    "wrong_shape": _wrong_shape,
    "error_in_200": _error_in_200,
    "usage_missing": lambda body, _args: _usage(body, lambda _shown: None),
    "usage_negative": _figures(input_tokens=-1, output_tokens=-7),
    "usage_above_limit": _figures(output_tokens=10_000_000),
}
