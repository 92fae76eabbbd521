"""Writes a call as a Messages request. Pure.

Source: shared design page providers.md, sections 0 (findings 3 and 4), 1.2, 4, 9.1 and A4.
"""

import json
import re
from typing import Final

from pydantic import JsonValue

from providers.calls import Call, Effort, Image, JsonObject, Message
from providers.catalog import ModelCard, ProviderCard
from providers.dialects.documents import as_object, parse
from providers.wire import WireRequest, effort, json_output

PATH: Final = "/v1/messages"
MAX_CACHE_MARKERS: Final = 4  # the vendor's own limit; a fifth is refused
MAX_TEMPERATURE: Final = 1.0  # the scale ends here; ours goes on to 2

# The last version with sampling parameters; the next refuses a request that holds one.
_VERSION_WITH_SAMPLING: Final = "2023-06-01"
# "none" is no effort of this wire: where a model can do without thinking, the extra fields of its card say so.
_EFFORTS: Final[frozenset[Effort]] = frozenset(("low", "medium", "high", "xhigh", "max"))
_NOT_IN_AN_ID: Final = re.compile(r"[^A-Za-z0-9_-]")
_JSON_ONLY: Final = "Reply with a single JSON object and no other text. It has to be valid against this JSON schema:\n"


def encode(call: Call, provider: ProviderCard, model: ModelCard) -> WireRequest:
    """Write the call. The version travels as data, in the headers of the provider's card."""
    system, turns = _prompt(call, provider, model)
    body: JsonObject = {"model": model.id, "max_tokens": call.max_output_tokens, "messages": turns}
    if system:
        body["system"] = system
    if call.tools:
        body["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": tool.parameters} for tool in call.tools
        ]
        body["tool_choice"] = {"type": _tool_choice(call, model)}
    if output := _output(call, provider, model):
        body["output_config"] = output
    if call.temperature is not None and _takes_sampling(provider, model):
        body["temperature"] = min(call.temperature, MAX_TEMPERATURE)
    if call.user and provider.user_field == "metadata.user_id":
        body["metadata"] = {"user_id": call.user}
    if call.stream:
        body["stream"] = True
    path = (provider.path or PATH).replace("{model}", model.id)
    return WireRequest(path=path, headers={}, body=_merged(body, provider.extra_body, model.extra_body))


def _prompt(call: Call, provider: ProviderCard, model: ModelCard) -> tuple[list[JsonValue], list[JsonValue]]:
    """The system blocks and the turns. Turns of one role in a row become one, as the roles have to alternate."""
    system: list[JsonValue] = []
    turns: list[tuple[str, list[JsonValue]]] = []
    marked: list[JsonObject] = []
    # In the order in which the cache reads them: a system text goes to the front, wherever it was said.
    for message in sorted(call.messages, key=lambda one: one.role != "system"):
        blocks = _blocks(message)
        role = "user" if message.role == "tool" else message.role
        if role == "system":
            system += blocks
        elif turns and turns[-1][0] == role:
            turns[-1][1].extend(blocks)
        elif blocks:
            turns.append((role, [*blocks]))
        if message.cached and blocks:
            marked.append(blocks[-1])
    if model.cache_min_tokens:
        for block in marked[-MAX_CACHE_MARKERS:]:
            block["cache_control"] = {"type": "ephemeral"}
    if call.json_schema is not None and json_output(provider, model) != "schema":
        system.append(_text(_JSON_ONLY + json.dumps(call.json_schema, ensure_ascii=False, separators=(",", ":"))))
    return system, [{"role": role, "content": content} for role, content in turns]


def _blocks(message: Message) -> list[JsonObject]:
    if message.role == "tool":
        result: JsonObject = {"type": "tool_result", "tool_use_id": _id(message.tool_call_id)}
        if shown := _shown(message):
            result["content"] = [*shown]
        return [result]
    uses: list[JsonObject] = [
        {"type": "tool_use", "id": _id(tool.id), "name": tool.name, "input": as_object(parse(tool.arguments.encode()))}
        for tool in message.tool_calls
    ]
    return [*_shown(message), *uses]


def _shown(message: Message) -> list[JsonObject]:
    """Pictures before the words about them, which is how they are understood best. Blank text is refused: left out."""
    words = [_text(message.text)] if message.text.strip() else []
    return [*(_image(image) for image in message.images), *words]


def _text(text: str) -> JsonObject:
    return {"type": "text", "text": text}


def _image(image: Image) -> JsonObject:
    if image.url:
        return {"type": "image", "source": {"type": "url", "url": image.url}}
    return {"type": "image", "source": {"type": "base64", "media_type": image.media_type, "data": image.base64}}


def _id(tool_call_id: str) -> str:
    """An id that this wire takes: after a failover it may be another vendor's, with signs that are refused here."""
    return _NOT_IN_AN_ID.sub("_", tool_call_id)


def _tool_choice(call: Call, model: ModelCard) -> str:
    """Models that cannot be forced refuse the request; they are left to choose (section 1.2, thinking rules)."""
    if call.tool_choice == "required":
        return "any" if "forced_tools" in model.takes else "auto"
    return call.tool_choice


def _output(call: Call, provider: ProviderCard, model: ModelCard) -> JsonObject:
    output: JsonObject = {}
    wished = effort(call, model)
    if wished in _EFFORTS:
        output["effort"] = wished
    if call.json_schema is not None and json_output(provider, model) == "schema":
        output["format"] = {"type": "json_schema", "schema": call.json_schema}
    return output


def _takes_sampling(provider: ProviderCard, model: ModelCard) -> bool:
    return "sampling" in model.takes and provider.headers.get("anthropic-version") == _VERSION_WITH_SAMPLING


def _merged(*layers: JsonObject) -> JsonObject:
    """One body of several, the later ones win. Of `output_config` each layer may set another field."""
    body: JsonObject = {}
    for layer in layers:
        output = as_object(body.get("output_config")) | as_object(layer.get("output_config"))
        body |= layer
        if output:
            body["output_config"] = output
    return body
