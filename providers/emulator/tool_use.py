"""Function tools: which the caller offers, which it insists on, and what a call looks like. Pure.

Source: shared design page providers.md, section 1.1 (tools, tool_choice, parallel_tool_calls).
"""

import re
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from providers.emulator.refusals import Reason, Refusal
from providers.emulator.strictness import complaint, is_name

MAX_TOOLS: Final = 128


@dataclass(frozen=True)
class Tool:
    """A function and the schema of its arguments."""

    name: str
    parameters: dict[str, JsonValue]


@dataclass(frozen=True)
class ToolCall:
    """The model's wish to call a function; `arguments` is JSON in a string."""

    id: str
    name: str
    arguments: str


def demanded(body: dict[str, JsonValue]) -> tuple[Tool, ...]:
    """The tools that the answer calls; none when it is text.

    Where the model is free to choose, it calls a tool that the last turn, if it is the user's, names by its very name:
    so a test can have it either way, and a result that comes back is not answered with the same call for ever.

    Raises:
        Refusal: 400, tools or choice are not as they should be.
    """
    offered = body.get("tools")
    if offered is not None and (not isinstance(offered, list) or len(offered) > MAX_TOOLS):
        raise _refuse(f"Invalid 'tools': expected an array of at most {MAX_TOOLS}.", "tools")
    tools = tuple(_tool(value, f"tools[{place}]") for place, value in enumerate(offered or ()))
    called = _chosen(body, tools)
    return called if body.get("parallel_tool_calls") is True else called[:1]


def _chosen(body: dict[str, JsonValue], tools: tuple[Tool, ...]) -> tuple[Tool, ...]:
    choice = body.get("tool_choice")
    if choice == "none":
        return ()
    if choice is None or choice == "auto":
        return _named_by_user(body.get("messages"), tools)
    if not tools:
        raise _refuse("'tool_choice' is only allowed when 'tools' are specified.", "tool_choice")
    if choice == "required":
        return tools
    function = choice.get("function") if isinstance(choice, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    named = next((tool for tool in tools if tool.name == name), None)
    if named is None:
        raise _refuse(f"Tool choice '{name}' not found in 'tools' parameter.", "tool_choice")
    return (named,)


def _named_by_user(messages: JsonValue, tools: tuple[Tool, ...]) -> tuple[Tool, ...]:
    last = messages[-1] if isinstance(messages, list) and messages else None
    if not isinstance(last, dict) or last.get("role") != "user":
        return ()
    content = last.get("content")
    parts = content if isinstance(content, list) else [{"text": content}]
    said = "\n".join(str(part.get("text")) for part in parts if isinstance(part, dict))
    return tuple(tool for tool in tools if re.search(rf"(?<![\w-]){re.escape(tool.name)}(?![\w-])", said))


def _tool(value: JsonValue, where: str) -> Tool:
    function = value.get("function") if isinstance(value, dict) and value.get("type") == "function" else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(name, str) or not is_name(name):
        raise _refuse(f"Missing or invalid '{where}.function.name'.", f"{where}.function.name")
    parameters = function.get("parameters", {})
    reason = complaint(parameters) if function.get("strict") is True else None
    if reason or not isinstance(parameters, dict):
        raise Refusal(
            Reason(
                400,
                f"Invalid schema for function '{name}': {reason or 'schema must be an object.'}",
                code="invalid_function_parameters",
                param=f"{where}.function.parameters",
            )
        )
    return Tool(name, {"type": "object", **parameters})


def _refuse(message: str, param: str) -> Refusal:
    return Refusal(Reason(400, message, code="invalid_value", param=param))
