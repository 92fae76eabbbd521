"""Reads JSON that strangers wrote: what is missing, null or of another kind is nothing, and no document fails. Pure.

Source: shared design page providers.md, sections 1.1 and 7.3.
"""

import json

from pydantic import JsonValue

from providers.calls import JsonObject, ToolCall


def parse(body: bytes) -> JsonValue:
    """Read JSON, whatever the content type says and however much white space comes first; None if it is none."""
    try:
        document: JsonValue = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    return document


def as_object(value: JsonValue) -> JsonObject:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_objects(value: JsonValue) -> list[JsonObject]:
    """The objects of a list; none if it is no list."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def clean(value: JsonValue) -> str:
    """A string that can be stored: no NUL, no lone surrogates; "" for anything that is not a string."""
    return text(value).replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def text(value: JsonValue) -> str:
    """A string as it stands; "" for anything else."""
    return value if isinstance(value, str) else ""


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
