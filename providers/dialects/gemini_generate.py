"""generateContent, Google's wire format for Gemini. Pure.

The model stands in the address, not in the body. What goes out is written here; what comes back is read in
`gemini_stream` and `gemini_failures`.

Source: shared design page providers.md, sections 1.3, 1.9, 9.1 and A5.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from providers import wire
from providers.calls import Call, Effort, Image, JsonObject, LimitReading, Message, Reply, Tool
from providers.catalog import ModelCard, ProviderCard
from providers.dialects import gemini_failures, gemini_stream
from providers.dialects.documents import as_object, parse
from providers.errors import ProviderError
from providers.sse import Event
from providers.wire import Pace, WireReply, WireRequest

PATH: Final = "/v1/models/{model}:generateContent"

_JSON_ONLY: Final = "Write one JSON object, with no words around it, that is valid against this JSON schema:\n"

# "none" is absent: there is no such level, a model that can do without thoughts is told so by the body of its card.
_THINKING_LEVELS: Final[dict[Effort, str]] = {
    "minimal": "MINIMAL",
    "low": "LOW",
    "medium": "MEDIUM",
    "high": "HIGH",
    "xhigh": "HIGH",
    "max": "HIGH",
}
_CALLING_MODES: Final[dict[str, str]] = {"auto": "AUTO", "none": "NONE", "required": "ANY"}


class GeminiGenerate:
    """The dialect. Satisfies `wire.Dialect`."""

    def encode(self, call: Call, provider: ProviderCard, model: ModelCard) -> WireRequest:
        """Write the call. There is no field for the tenant's hash, and no header for the call's id."""
        turns = [
            _turn(message, call.messages[:place])
            for place, message in enumerate(call.messages)
            if message.role != "system"
        ]
        instructions = _instructions(call, provider, model)
        body: JsonObject = {}
        if instructions and turns and "system" in model.takes:
            body["systemInstruction"] = {"parts": instructions}
        elif instructions:
            turns.insert(0, ("user", instructions))
        body["contents"] = _contents(turns)
        body["generationConfig"] = _generation(call, provider, model)
        if call.tools:
            body["tools"] = [{"functionDeclarations": [_declaration(tool) for tool in call.tools]}]
            body["toolConfig"] = {"functionCallingConfig": {"mode": _calling_mode(call, model)}}
        if call.service_tier == "flex" and model.flex_percent < 100:
            body["serviceTier"] = "flex"
        for extra in (provider.extra_body, model.extra_body):
            body = _with(body, extra)
        return WireRequest(path=_path(call, provider, model), headers={}, body=body)

    def decode(self, reply: WireReply, call: Call) -> Reply:
        """Read a success that came whole. A blocked prompt and an error in a success's clothes come with 200 as well.

        Raises:
            ContentFiltered: the prompt was blocked, or the answer was.
            CutOff: the output limit ended the answer, or the model wants to be asked on.
            EmptyReply: no answer text; thoughts are none, and calls to tools are none that had not been offered.
            ProviderError: the body is an error object, or unusable (`BadReply`).
        """
        return gemini_stream.whole(reply, call)

    def decode_stream(self, reply: WireReply, call: Call) -> Reply:
        """Read a success that came in pieces.

        Raises:
            Interrupted: the stream ends before it says why the model stopped; `usage` is the last count or an estimate.
            ProviderError: as `decode`, and for an error in mid-stream, as an event or as bare JSON.
        """
        return gemini_stream.streamed(reply, call)

    def pace(self, event: Event) -> Pace:
        return gemini_stream.pace(event)

    def classify(self, reply: WireReply) -> ProviderError:
        return gemini_failures.classify(reply)

    def limits(self, headers: Mapping[str, str]) -> tuple[LimitReading, ...]:  # noqa: ARG002  the protocol's argument
        """Nothing: Google tells of its limits only in refusing."""
        return ()


def _path(call: Call, provider: ProviderCard, model: ModelCard) -> str:
    path = (provider.path or PATH).replace("{model}", model.id)
    return path.replace(":generateContent", ":streamGenerateContent?alt=sse") if call.stream else path


def _instructions(call: Call, provider: ProviderCard, model: ModelCard) -> list[JsonValue]:
    """The system texts, and the schema where the cards do not let it travel as one."""
    texts = [message.text for message in call.messages if message.role == "system"]
    if call.json_schema is not None and wire.json_output(provider, model) != "schema":
        texts.append(_JSON_ONLY + json.dumps(call.json_schema, ensure_ascii=False, separators=(",", ":")))
    return [{"text": text} for text in texts]


def _contents(turns: list[tuple[str, list[JsonValue]]]) -> list[JsonValue]:
    """Make one turn of neighbours with one role: the answers to parallel tool calls, above all, belong together."""
    joined: list[tuple[str, list[JsonValue]]] = []
    for role, parts in turns:
        if joined and joined[-1][0] == role:
            joined[-1] = (role, [*joined[-1][1], *parts])
        else:
            joined.append((role, parts))
    return [{"role": role, "parts": parts} for role, parts in joined]


def _turn(message: Message, earlier: tuple[Message, ...]) -> tuple[str, list[JsonValue]]:
    if message.role == "tool":
        return "user", [_function_response(message, earlier)]
    return "model" if message.role == "assistant" else "user", list(_parts(message))


def _parts(message: Message) -> Iterator[JsonObject]:
    # A turn must have a part, so an empty text stays where it is alone.
    if message.text or not (message.images or message.tool_calls):
        yield {"text": message.text}
    for image in message.images:
        yield _picture(image)
    for asked in message.tool_calls:
        yield {"functionCall": {"name": asked.name, "args": as_object(parse(asked.arguments.encode()))}}


def _picture(image: Image) -> JsonObject:
    if image.url:
        return {"fileData": {"fileUri": image.url, "mimeType": image.media_type}}
    return {"inlineData": {"mimeType": image.media_type, "data": image.base64}}


def _function_response(message: Message, earlier: tuple[Message, ...]) -> JsonObject:
    """A tool's answer, under the name of the function that the id stood for last. What is no object is the output."""
    # Ids are not sent: most calls come without one, and the id that we give them then is used again by the next turn.
    names = {asked.id: asked.name for turn in earlier for asked in turn.tool_calls}
    response = parse(message.text.encode())
    return {
        "functionResponse": {
            "name": names.get(message.tool_call_id, message.tool_call_id),
            "response": response if isinstance(response, dict) else {"output": message.text},
        }
    }


def _generation(call: Call, provider: ProviderCard, model: ModelCard) -> JsonObject:
    config: JsonObject = {"maxOutputTokens": call.max_output_tokens}
    if call.temperature is not None and "sampling" in model.takes:
        config["temperature"] = call.temperature
    if call.json_schema is not None and wire.json_output(provider, model) != "none":
        config["responseMimeType"] = "application/json"
    if call.json_schema is not None and wire.json_output(provider, model) == "schema":
        config["responseJsonSchema"] = call.json_schema
    effort = wire.effort(call, model)
    if effort and effort in _THINKING_LEVELS:
        config["thinkingConfig"] = {"thinkingLevel": _THINKING_LEVELS[effort]}
    return config


def _declaration(tool: Tool) -> JsonObject:
    return {"name": tool.name, "description": tool.description, "parametersJsonSchema": tool.parameters}


def _calling_mode(call: Call, model: ModelCard) -> str:
    """How far the model may choose. One that cannot be forced is left free."""
    forced = call.tool_choice == "required" and "forced_tools" not in model.takes
    return _CALLING_MODES["auto" if forced else call.tool_choice]


def _with(body: JsonObject, extra: JsonObject) -> JsonObject:
    """The body with a card's fields on top, which win; those of generationConfig join ours one by one, at any depth."""
    config = _deep(as_object(body.get("generationConfig")), as_object(extra.get("generationConfig")))
    return {**body, **extra, "generationConfig": config}


def _deep(ours: JsonObject, theirs: JsonObject) -> JsonObject:
    merged = dict(ours)
    for name, value in theirs.items():
        mine = ours.get(name)
        merged[name] = _deep(mine, value) if isinstance(mine, dict) and isinstance(value, dict) else value
    return merged
