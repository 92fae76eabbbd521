"""How a call is written as a Chat Completions request. Pure.

The vendors that copy the format differ in small things; these are data on the provider's and the model's card, so that
no vendor has a name here. What a model does not take is refused before a byte is sent, or left out where it was a wish.

Source: shared design page providers.md, sections 1.1, 1.4 to 1.7, 3.7 and 4.
"""

import hashlib
import json
import re
from typing import Final, Literal

from pydantic import JsonValue

from providers.calls import Call, Image, JsonObject, Message, Tool, ToolCall
from providers.catalog import ModelCard, ProviderCard
from providers.errors import Refused
from providers.wire import WireRequest, effort, json_output

PATH: Final = "/chat/completions"

# What a client request id may be written with; others are dropped in silence (section 1.7).
_NOT_IN_AN_ID: Final = re.compile(r"[^A-Za-z0-9._:-]")
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9_-]")
_NOT_IN_A_PATH: Final = re.compile(r"[^A-Za-z0-9._~-]")

_JSON_ONLY: Final = "Answer with one JSON object and nothing else. It must be valid against this JSON schema:\n"
_USER_FIELDS: Final = ("user", "user_id", "safety_identifier")
_CACHE_KEY_CHARACTERS: Final = 64  # what the vendor takes (section 1.1); the last 16 are the prefix's own
_CACHE_MARKERS: Final = 4  # as many as an upstream that wants markers takes (section 4)


def encode(call: Call, provider: ProviderCard, model: ModelCard) -> WireRequest:
    """Write the call.

    Raises:
        Refused: the call needs images or tools and the model takes none.
    """
    _check(call, model)
    body: JsonObject = {
        "model": model.id,
        "messages": _messages(call, provider, model),
        provider.max_tokens_field: call.max_output_tokens,
        **_response_format(call, json_output(provider, model)),
        **_tools(call, model),
        **_wishes(call, model),
        **_affinity(call, provider),
    }
    if call.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return WireRequest(
        path=_path(provider, model),
        headers={"x-client-request-id": _NOT_IN_AN_ID.sub("-", call.call_id)[:128]},
        body=merged(merged(body, provider.extra_body), model.extra_body),
    )


def merged(body: JsonObject, extra: JsonObject) -> JsonObject:
    """The body with the extra fields: objects grow together, all else is replaced."""
    result = dict(body)
    for name, value in extra.items():
        before = result.get(name)
        result[name] = merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return result


def _check(call: Call, model: ModelCard) -> None:
    pictured = [message for message in call.messages if message.images]
    if pictured and "images" not in model.takes:
        raise Refused(f"{model.target} takes no images")
    if any(message.role != "user" for message in pictured):
        raise Refused("only a user's turn can show images")
    tool_turns = any(message.role == "tool" or message.tool_calls for message in call.messages)
    if (call.tools or tool_turns) and "tools" not in model.takes:
        raise Refused(f"{model.target} takes no tools")
    if tool_turns and not call.tools:
        raise Refused("the conversation has turns of tools, but the call offers none")


def _path(provider: ProviderCard, model: ModelCard) -> str:
    if not provider.path:
        return PATH
    return provider.path.replace("{model}", _NOT_IN_A_PATH.sub(_percent_encoded, model.id))


def _percent_encoded(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found.group().encode())


def _messages(call: Call, provider: ProviderCard, model: ModelCard) -> list[JsonValue]:
    messages = list(call.messages)
    if call.json_schema is not None and json_output(provider, model) != "schema":
        # A server that takes `json_object` keeps its promise only if the prompt holds that very word (section 1.6).
        messages = _instructed(messages, _JSON_ONLY + _compact(call.json_schema))
    if "system" not in model.takes:
        messages = _folded(messages)
    marked = _marked(messages) if model.cache_min_tokens and not provider.cache_key else frozenset[int]()
    return [_turn(message, provider, marked=place in marked) for place, message in enumerate(messages)]


def _instructed(messages: list[Message], text: str) -> list[Message]:
    """With the text at the end of the system's; some servers take only one such turn, so that it gets no second."""
    if messages[:1] and messages[0].role == "system":
        return [messages[0].model_copy(update={"text": f"{messages[0].text}\n\n{text}"}), *messages[1:]]
    return [Message(role="system", text=text), *messages]


def _folded(messages: list[Message]) -> list[Message]:
    """With the system's text at the head of the first turn of the user."""
    system = [message.text for message in messages if message.role == "system"]
    turns = [message for message in messages if message.role != "system"]
    if not system:
        return turns
    first = next((place for place, turn in enumerate(turns) if turn.role == "user"), None)
    if first is None:
        return [Message(role="user", text="\n\n".join(system)), *turns]
    text = "\n\n".join([*system, turns[first].text])
    return [*turns[:first], turns[first].model_copy(update={"text": text}), *turns[first + 1 :]]


def _marked(messages: list[Message]) -> frozenset[int]:
    """The turns that end a prefix for the cache: the last ones, where there are more than are taken."""
    places = [place for place, message in enumerate(messages) if message.cached and message.text]
    return frozenset(places[-_CACHE_MARKERS:])


def _turn(message: Message, provider: ProviderCard, *, marked: bool) -> JsonObject:
    role = provider.system_role if message.role == "system" else message.role
    turn: JsonObject = {"role": role, "content": _content(message, marked=marked)}
    if message.role == "tool":
        turn["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        turn["content"] = turn["content"] or None
        turn["tool_calls"] = [_tool_call(call) for call in message.tool_calls]
    return turn


def _content(message: Message, *, marked: bool) -> JsonValue:
    if not (message.images or marked):
        return message.text
    text: JsonObject = {"type": "text", "text": message.text}
    if marked:
        text["cache_control"] = {"type": "ephemeral"}
    return [*([text] if message.text else []), *(_image(image) for image in message.images)]


def _image(image: Image) -> JsonObject:
    url = image.url or f"data:{image.media_type};base64,{image.base64}"
    return {"type": "image_url", "image_url": {"url": url}}


def _tool_call(call: ToolCall) -> JsonObject:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _response_format(call: Call, promised: Literal["schema", "object", "none"]) -> JsonObject:
    if call.json_schema is None or promised == "none":
        return {}
    if promised == "object":
        return {"response_format": {"type": "json_object"}}
    name = _NOT_IN_A_NAME.sub("_", call.schema_name)[:64] or "answer"
    schema: JsonObject = {"name": name, "strict": True, "schema": call.json_schema}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _tools(call: Call, model: ModelCard) -> JsonObject:
    if not call.tools:
        return {}
    forced = call.tool_choice == "required" and "forced_tools" not in model.takes
    return {"tools": [_tool(tool) for tool in call.tools], "tool_choice": "auto" if forced else call.tool_choice}


def _tool(tool: Tool) -> JsonObject:
    function: JsonObject = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _wishes(call: Call, model: ModelCard) -> JsonObject:
    """What is sent only to a model that takes it: nearly all current ones refuse a temperature (section 0)."""
    wishes: JsonObject = {}
    reasoning = effort(call, model)
    if reasoning:
        wishes["reasoning_effort"] = reasoning
    if call.temperature is not None and "sampling" in model.takes:
        wishes["temperature"] = call.temperature
    if call.service_tier == "flex" and model.flex_percent < 100:
        wishes["service_tier"] = "flex"
    return wishes


def _affinity(call: Call, provider: ProviderCard) -> JsonObject:
    """What keeps the calls of one tenant together, and of those the ones that begin alike."""
    fields: JsonObject = {}
    if call.user and provider.user_field in _USER_FIELDS:
        fields[provider.user_field] = call.user
    ends = [place for place, message in enumerate(call.messages) if message.cached]
    if call.user and provider.cache_key and ends:
        fields["prompt_cache_key"] = _cache_key(call.user, call.messages[: ends[-1] + 1])
    return fields


def _cache_key(user: str, prefix: tuple[Message, ...]) -> str:
    # The digest covers the user too: a long one is cut in what is readable of the key.
    told = json.dumps([user, *([message.role, message.text] for message in prefix)])
    digest = hashlib.sha256(told.encode()).hexdigest()[:16]
    return f"{user[: _CACHE_KEY_CHARACTERS - len(digest) - 1]}-{digest}"


def _compact(schema: JsonObject) -> str:
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
