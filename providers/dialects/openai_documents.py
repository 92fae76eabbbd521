"""What a Chat Completions document is made of: choices, tool calls, the failure inside a success. Pure.

Source: shared design page providers.md, sections 1.1 and 7.3.
"""

import json

from pydantic import JsonValue

from providers.calls import JsonObject, ToolCall
from providers.dialects.documents import as_object, as_objects, clean, text


def written(content: JsonValue) -> str:
    """What the model wrote, as it stands. Content is a string, or parts of which those of type text count."""
    if isinstance(content, list):
        return "".join(text(part.get("text")) for part in as_objects(content) if part.get("type") == "text")
    return text(content)


def first_choice(document: JsonObject) -> JsonObject:
    """The one choice there is, as we never ask for more; nothing where it is missing, as in a chunk with the usage."""
    choices = document.get("choices")
    return as_object(choices[0]) if isinstance(choices, list) and choices else {}


def error_in(document: JsonObject) -> JsonObject | None:
    """What tells of a failure inside a success: the document around its choices, or a choice; None if neither."""
    if document.get("error"):
        return {name: value for name, value in document.items() if name != "choices"}
    choice = first_choice(document)
    return {"error": choice["error"]} if choice.get("error") else None


def tool_calls(message: JsonObject) -> tuple[ToolCall, ...]:
    """The calls that name a function. Some servers leave out the id, and the answer to a call needs one."""
    calls = ((call, as_object(call.get("function"))) for call in as_objects(message.get("tool_calls")))
    return tuple(
        ToolCall(id=clean(call.get("id")) or f"call_{place}", name=name, arguments=clean(arguments(function)))
        for place, (call, function) in enumerate(calls)
        if (name := clean(function.get("name")))
    )


def arguments(function: JsonObject) -> str:
    """JSON text, or a fragment of it. Some servers of one's own send the object itself."""
    value = function.get("arguments")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else text(value)
